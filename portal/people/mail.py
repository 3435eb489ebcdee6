"""Sending what waits in the outbox: due work of `portal tick`."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

import structlog
from flask import current_app
from sqlalchemy import select

from portal.config import Settings
from portal.db import db
from portal.people import whatsapp
from portal.people.actions import MOST_TRIES, mark_sent, postpone
from portal.people.models import OutboxMessage
from portal.sealing import unseal

BATCH = 200  # mails of one tick: well within its lease
TIMEOUT = 20  # seconds that the mail server gets for an answer

log = structlog.get_logger()

Deliver = Callable[[EmailMessage], None]


def send_due(now: datetime) -> int:
    """Send the mails that are due, each committed by itself: a kill resends at most one."""
    settings: Settings = current_app.config["SETTINGS"]
    due = _due(now)
    if not due:
        return 0
    sent = 0
    try:
        with _way_out(settings) as deliver:
            for key in due:
                sent += _send(key, deliver, settings, now)
    except OSError as error:  # no mail server: nothing was tried, the next tick begins again
        log.error("mail_server_trouble", error=type(error).__name__)
    return sent


def _due(now: datetime) -> list[tuple[int, int]]:
    rows = db.session.execute(
        select(OutboxMessage.agency_id, OutboxMessage.id)
        .where(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.due_at <= now,
            OutboxMessage.tries < MOST_TRIES,
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(BATCH)
    )
    return list(rows)


def _send(key: tuple[int, int], deliver: Deliver, settings: Settings, now: datetime) -> int:
    message = db.session.get_one(OutboxMessage, key)
    try:
        mail = as_mail(message, settings)
        text = message.body
        db.session.rollback()  # no transaction stays open while the mail server thinks
        if whatsapp.is_number(mail["To"]):
            whatsapp.hand_over(mail["To"], text, f"{key[0]}.{key[1]}", settings)
        else:
            deliver(mail)
    except (OSError, ValueError) as error:  # also refused addresses, a lost connection
        log.warning("mail_postponed", message=key[1], error=type(error).__name__)
        postpone(message, now)
        if isinstance(error, smtplib.SMTPServerDisconnected):
            raise
        return 0
    mark_sent(message, now)
    return 1


def as_mail(message: OutboxMessage, settings: Settings) -> EmailMessage:
    """The mail as it travels; its id comes from the outbox, so a repeated one is recognised."""
    mail = EmailMessage()
    mail["From"] = settings.mail_sender
    mail["To"] = unseal(message.recipient) if message.sealed else message.recipient
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(message.created_at)
    domain = parseaddr(settings.mail_sender)[1].partition("@")[2] or "localhost"
    mail["Message-ID"] = f"<{message.agency_id}.{message.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    return mail


@contextmanager
def _way_out(settings: Settings) -> Iterator[Deliver]:
    if settings.mail_backend == "file":
        settings.mail_directory.mkdir(parents=True, exist_ok=True)
        yield lambda mail: _write(mail, settings.mail_directory)
        return
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user and settings.smtp_password:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield lambda mail: _hand_over(mail, server)


def _hand_over(mail: EmailMessage, server: smtplib.SMTP) -> None:
    server.send_message(mail)


def _write(mail: EmailMessage, folder: Path) -> None:
    """A file named by the outbox alone: no address and no subject gets into its name."""
    name = mail["Message-ID"].strip("<>").partition("@")[0]
    path = folder / f"{name}.eml"
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(mail.as_bytes())
    unfinished.replace(path)
