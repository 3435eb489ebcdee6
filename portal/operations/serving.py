"""`portal serve`: the web server, gunicorn's threads on Linux and waitress on Windows."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from flask import Flask

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.observe import readiness

if sys.platform == "win32":
    import waitress

GUNICORN = Path(__file__).with_name("gunicorn_conf.py")


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
    app = create_app(settings)
    _refuse_if_not_ready(app)
    if with_tick:
        _start_tick()
    if sys.platform == "win32":
        waitress.serve(app, host=host, port=port, threads=settings.threads)
    else:
        _become_gunicorn(settings, f"{host}:{port}")


def _refuse_if_not_ready(app: Flask) -> None:
    with app.app_context():
        trouble = {name: state for name, state in readiness().items() if state != "ok"}
        db.engine.dispose()
    trouble.pop("disk", None)  # little disk is no reason to serve nobody
    if trouble:
        text = "; ".join(f"{name} {state}" for name, state in trouble.items())
        raise click.ClickException(f"cannot serve: {text}")


def _start_tick() -> None:
    child = subprocess.Popen(  # noqa: S603  this very program; it ends when this process has ended
        [sys.executable, "-m", "portal.cli", "tick", "--loop", "--with-parent", str(os.getpid())]
    )
    os.environ["PORTAL_TICK_PROCESS"] = str(child.pid)  # for gunicorn, which ends it at once


def _become_gunicorn(settings: Settings, bind: str) -> None:
    """A fresh process in place of this one.

    One worker makes the application itself, and its master stays as small as gunicorn is;
    several share one that the master has made before them.
    """
    options = [
        f"--config=file:{GUNICORN}",
        f"--bind={bind}",
        f"--workers={settings.workers}",
        f"--threads={settings.threads}",
    ]
    if settings.workers > 1:
        options.append("--preload")
        # Several processes add up their figures in a folder, which the library must know first.
        figures = tempfile.mkdtemp(prefix="portal-metrics-")
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", figures)
    sys.stdout.flush()
    # One heap for all threads, of which one works at a time: 9 MiB less in each process.
    os.environ.setdefault("MALLOC_ARENA_MAX", "1")
    program = [sys.executable, "-m", "gunicorn", *options, "portal:create_app()"]
    os.execv(sys.executable, program)  # noqa: S606
