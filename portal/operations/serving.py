"""`portal serve`: the web server, gunicorn's threads on Linux and waitress on Windows."""

import atexit
import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from flask import Flask
from prometheus_client import multiprocess

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.observe import readiness

if sys.platform == "win32":
    import waitress
else:
    from gunicorn.app.base import BaseApplication


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--with-tick", is_flag=True, help="Run `portal tick --loop` beside it.")
def serve(host: str, port: int, with_tick: bool) -> None:
    """Serve the portal over HTTP; put a proxy with TLS in front of it.

    Processes and threads are PORTAL_WORKERS and PORTAL_THREADS. Addresses of visitors are
    not logged.
    """
    run_server(host, port, with_tick=with_tick)


def run_server(host: str, port: int, *, with_tick: bool = False) -> None:
    """Serve until stopped; does not return on Linux."""
    settings = Settings()
    if settings.workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        _restart_with_shared_figures()
    app = create_app(settings)
    _refuse_if_not_ready(app)
    if with_tick:
        _start_tick()
    if sys.platform == "win32":
        waitress.serve(app, host=host, port=port, threads=settings.threads)
    else:
        _Gunicorn(app, settings, f"{host}:{port}").run()


def _restart_with_shared_figures() -> None:
    """Several processes add up their figures in a folder, which the library must know first."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="portal-metrics-")
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  ourselves again


def _refuse_if_not_ready(app: Flask) -> None:
    with app.app_context():
        trouble = {name: state for name, state in readiness().items() if state != "ok"}
        db.engine.dispose()  # no connection may be shared by the processes forked later
    trouble.pop("disk", None)  # little disk is no reason to serve nobody
    if trouble:
        text = "; ".join(f"{name} {state}" for name, state in trouble.items())
        raise click.ClickException(f"cannot serve: {text}")


def _start_tick() -> None:
    child = subprocess.Popen(  # noqa: S603  this very program
        [sys.executable, "-m", "portal.cli", "tick", "--loop", "--with-parent", str(os.getpid())]
    )
    owner = os.getpid()

    def stop() -> None:
        if os.getpid() == owner:  # gunicorn's workers inherit this function
            child.terminate()

    atexit.register(stop)


if sys.platform != "win32":

    class _Gunicorn(BaseApplication):  # type: ignore[misc]
        """Gunicorn holding an application that was made before the processes are forked."""

        def __init__(self, app: Flask, settings: Settings, bind: str) -> None:
            self.application = app
            self.settings = settings
            self.bind = bind
            super().__init__()

        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": self.bind,
                "workers": self.settings.workers,
                "worker_class": "gthread",
                "threads": self.settings.threads,
                "preload_app": True,
                "timeout": 60,
                "graceful_timeout": 30,
                "keepalive": 5,
                "accesslog": None,  # addresses of visitors are never kept
                "loglevel": "warning",
                "proc_name": "portal",
                "control_socket_disable": True,
                "pre_fork": _before_fork,
                "child_exit": _after_child,
            }
            if Path("/dev/shm").is_dir():  # noqa: S108  heartbeats in memory, not on a busy disk
                options["worker_tmp_dir"] = "/dev/shm"  # noqa: S108
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return self.application


def _before_fork(server: Any, worker: Any) -> None:
    """What exists now stays shared between the processes instead of being copied."""
    gc.collect()
    gc.freeze()


def _after_child(server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
