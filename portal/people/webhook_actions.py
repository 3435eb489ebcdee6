"""Telling the agency's own system that something happened: due work of `portal tick`."""

import hmac
import json
import time
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request

import structlog
from flask import current_app
from sqlalchemy import delete, select

from portal.config import Settings
from portal.db import begin_write, db
from portal.people.notice_models import WebhookCall
from portal.people.outward import ask

BATCH = 50
TIMEOUT = 5  # seconds that the other system gets for one answer
PATIENCE = 15.0  # seconds of one tick, after which the rest waits for the next one
MOST_TRIES = 10

log = structlog.get_logger()


def signature(secret: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over `moment.body`, in hexadecimal, as `sha256=…`."""
    return f"sha256={hmac.digest(secret.encode(), f'{moment}.'.encode() + body, 'sha256').hex()}"


def call_due(now: datetime) -> int:
    """Tell what is due, each committed by itself; ends early where nobody answers."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.webhook_url is None:
        return _forget_all()
    started, told = time.monotonic(), 0
    for key in _due(now):
        if time.monotonic() - started > PATIENCE:
            break
        answered = _call(key, settings, now)
        if answered is None:
            break
        told += answered
    return told


def _due(now: datetime) -> list[tuple[int, int]]:
    rows = db.session.execute(
        select(WebhookCall.agency_id, WebhookCall.id)
        .where(WebhookCall.due_at <= now)
        .order_by(WebhookCall.due_at, WebhookCall.id)
        .limit(BATCH)
    ).all()
    db.session.rollback()
    return [(agency_id, call_id) for agency_id, call_id in rows]


def _call(key: tuple[int, int], settings: Settings, now: datetime) -> bool | None:
    """Whether it was taken; None where nobody answered: then others wait too."""
    call = db.session.get_one(WebhookCall, key)
    request = as_request(call, settings, now)
    db.session.rollback()  # no transaction stays open while the other system thinks
    try:
        ask(request, TIMEOUT)
    except HTTPError as error:  # every answer but 2xx, redirects too
        _postpone(key, now, error.code)
        error.close()
        return False
    except (OSError, HTTPException) as error:  # nobody there, or something that speaks no HTTP
        _postpone(key, now, type(error).__name__)
        return None
    begin_write()
    db.session.execute(
        delete(WebhookCall).where(WebhookCall.agency_id == key[0], WebhookCall.id == key[1])
    )
    db.session.commit()
    return True


def as_request(call: WebhookCall, settings: Settings, now: datetime) -> Request:
    """JSON with `kind` and `link` only; signed, and with the same id when it is sent again."""
    body = json.dumps({"kind": call.kind, "link": f"{settings.public_url}{call.path}"}).encode()
    moment = str(int(now.timestamp()))
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    headers = {
        "Content-Type": "application/json",
        "X-Suara-Loket-Delivery": f"{call.agency_id}.{call.id}",
        "X-Suara-Loket-Timestamp": moment,
        "X-Suara-Loket-Signature": signature(secret, moment, body),
    }
    return Request(str(settings.webhook_url), body, headers)  # noqa: S310  see config


def _postpone(key: tuple[int, int], now: datetime, error: object) -> None:
    """Again after 2, 4, 8 … minutes; given up after ten tries."""
    begin_write()
    call = db.session.get_one(WebhookCall, key)
    call.tries += 1
    call.due_at = now + timedelta(minutes=2**call.tries)
    log.warning("webhook_postponed", call=key[1], error=error, tries=call.tries)
    if call.tries >= MOST_TRIES:
        db.session.delete(call)
    db.session.commit()


def _forget_all() -> int:
    """The agency has no such system any more."""
    if db.session.scalar(select(WebhookCall.id).limit(1)) is None:
        return 0
    begin_write()
    db.session.execute(delete(WebhookCall))
    db.session.commit()
    return 0
