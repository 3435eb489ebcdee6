"""Logs, metrics and health: what operators see. No address of a citizen is ever kept."""

import hmac
import logging
import os
import shutil
import sys
import time
from functools import cache
from pathlib import Path

import structlog
from flask import Flask, Response, abort, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from sqlalchemy.exc import SQLAlchemyError

from portal.access import public
from portal.config import Settings
from portal.db import MIGRATIONS, db

REQUESTS = Counter("portal_requests_total", "Answers given", ["rule", "method", "status"])
SECONDS = Histogram(
    "portal_request_seconds",
    "Time to answer",
    ["rule"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
MIB = 1024 * 1024
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})

log = structlog.get_logger()


def configure_logs(settings: Settings) -> None:
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelName(settings.log_level)
        ),
        # To stderr: what a command answers stands alone on stdout.
        logger_factory=lambda *_names: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask, settings: Settings) -> None:
    configure_logs(settings)
    app.logger.disabled = True  # an error is logged once, by portal.errors, without addresses
    app.before_request(_start_watch)
    app.after_request(_count)
    app.add_url_rule("/healthz", "healthz", public(healthz))
    app.add_url_rule("/readyz", "readyz", public(readyz))
    app.add_url_rule("/metrics", "metrics", public(metrics))


def _start_watch() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    found, method = request.url_rule, request.method
    rule = found.rule if found else "none"
    method = method if method in METHODS else "other"  # anybody can invent some
    answers, seconds = _meters(rule, method, response.status_code)
    answers.inc()
    seconds.observe(time.perf_counter() - g.started)
    return response


@cache
def _meters(rule: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(rule, method, status), SECONDS.labels(rule)


def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


def readyz() -> ResponseReturnValue:
    """Database reachable, migrated, and room on the disk; 503 with what is wrong otherwise."""
    checks = readiness()
    ready = all(value == "ok" for value in checks.values())
    return jsonify(status="ok" if ready else "trouble", **checks), 200 if ready else 503


def readiness() -> dict[str, str]:
    return {"database": _database(), "migrations": _migrations(), "disk": _disk()}


def _database() -> str:
    try:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except SQLAlchemyError:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    head = (MIGRATIONS / "HEAD").read_text(encoding="ascii").strip()
    try:
        with db.engine.connect() as connection:
            current = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except SQLAlchemyError:
        current = None
    return "ok" if current == head else f"at {current}, want {head}: run portal upgrade"


def _disk() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    database = settings.sqlalchemy_url.database
    local = settings.sqlalchemy_url.get_backend_name() == "sqlite" and database
    folder = Path(str(database)).parent if local else Path.cwd()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free // MIB
    return "ok" if free >= settings.least_free_disk else f"{free} MiB free"


def metrics() -> ResponseReturnValue:
    """Prometheus figures, for allowed addresses or with the token; nobody else learns of it."""
    settings: Settings = current_app.config["SETTINGS"]
    if not _may_read_metrics(settings):
        abort(404)
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(settings: Settings) -> bool:
    if settings.metrics_token is not None:
        given = request.headers.get("Authorization", "").encode()
        wanted = f"Bearer {settings.metrics_token.get_secret_value()}".encode()
        return hmac.compare_digest(given, wanted)
    return request.remote_addr in settings.metrics_allowed
