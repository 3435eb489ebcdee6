"""What `portal serve` tells gunicorn. Read as a file: nothing here may load the portal, which a
master with a single worker never needs."""

import gc
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

GARBAGE = 5_000  # new objects before the collector looks; Python's own 700 are a page or two
SETTLED = 100  # full looks for garbage until every kind of page has been opened

worker_class = "gthread"
timeout = 60
graceful_timeout = 30
keepalive = 5
accesslog = None  # addresses of visitors are never kept
loglevel = "warning"
proc_name = "portal"
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108  heartbeats in memory, not on a busy disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def when_ready(server: Any) -> None:
    """What the first visits make, such as templates and statements, is made once and shared."""
    if not server.cfg.preload_app:
        return
    application = server.app.wsgi()
    visitor = application.test_client()
    for path in ("/healthz", "/", "/n/22222222"):
        visitor.get(path)
    with application.app_context():
        # No connection may be shared by the processes forked later.
        application.extensions["sqlalchemy"].engine.dispose()


def pre_fork(server: Any, worker: Any) -> None:
    """What exists now stays shared between the processes instead of being copied."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """What the application is made of is never garbage; a request leaves little that is."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    gc.callbacks.append(_settle)


def _settle(phase: str, told: dict[str, int]) -> None:
    """While templates and statements are kept as pages are opened for the first time, what
    outlives a full look for garbage is not looked at again: with 170,000 objects each look makes
    somebody wait 140 ms. Not for ever, as a request that was answered just then may be among it.
    """
    if phase == "stop" and told["generation"] == 2:
        gc.freeze()
        if gc.get_stats()[2]["collections"] >= SETTLED:
            gc.callbacks.remove(_settle)


def child_exit(server: Any, worker: Any) -> None:
    """A process that has ended takes its figures of the moment along."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess  # noqa: PLC0415

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """The loop of `portal tick` that was begun beside the server ends with it."""
    if "PORTAL_TICK_PROCESS" in os.environ:
        with suppress(ProcessLookupError):
            os.kill(int(os.environ["PORTAL_TICK_PROCESS"]), signal.SIGTERM)
