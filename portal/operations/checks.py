"""What `portal doctor` looks at: each check says what it found, and what to do about it."""

import json
import os
import smtplib
import stat
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import func, or_, select, text

from portal import clock
from portal.config import Settings
from portal.db import db
from portal.observe import readiness
from portal.operations.actions import HEARTBEAT
from portal.operations.partitions import coming_periods, partition_of
from portal.people.models import Account, AuditEvent, OutboxMessage, RoleGrant
from portal.tick import Lease

OK, WARNING, FAILURE = "ok", "warning", "FAILURE"
SECONDS = 10
LONGEST_CLOCK_ERROR = timedelta(seconds=5)
LONGEST_WAIT_FOR_MAIL = timedelta(minutes=15)
TRIES_UNTIL_THEN = 4  # of mail that is refused: after 2, 4 and 8 minutes
OLDEST_POSTGRESQL = 140000


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    state: str
    text: str


Check = Callable[[Settings], list[Finding]]


def environment(settings: Settings) -> list[Finding]:
    if settings.production:
        return [Finding(OK, "production, with safe settings")]
    return [Finding(WARNING, "PORTAL_ENVIRONMENT is development: for trials only")]


def ready(settings: Settings) -> list[Finding]:
    """The database answers, is migrated, and has room."""
    return [
        Finding(OK if state == "ok" else FAILURE, f"{name}: {state}")
        for name, state in readiness().items()
    ]


def durability(settings: Settings) -> list[Finding]:
    """Nothing acknowledged may be lost when the power goes."""
    if db.engine.dialect.name == "sqlite":
        return _sqlite_durability()
    return _postgresql_durability()


def _sqlite_durability() -> list[Finding]:
    with db.engine.connect() as connection:
        journal = connection.execute(text("PRAGMA journal_mode")).scalar()
        synchronous = connection.execute(text("PRAGMA synchronous")).scalar()
    safe = journal == "wal" and synchronous == 2
    path = Path(str(db.engine.url.database))
    findings = [
        Finding(OK if safe else FAILURE, f"SQLite: journal {journal}, synchronous {synchronous}")
    ]
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o007:
        findings.append(Finding(WARNING, f"everyone may read {path}: chmod o= {path}"))
    return findings


def _postgresql_durability() -> list[Finding]:
    with db.engine.connect() as connection:
        show = {
            name: connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("fsync", "full_page_writes", "synchronous_commit", "server_version_num")
        }
        checksums = connection.execute(text("SHOW data_checksums")).scalar()
    findings = [
        Finding(FAILURE, f"PostgreSQL: {name} is off: the last ratings can be lost")
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if show[name] == "off"
    ]
    if int(str(show["server_version_num"])) < OLDEST_POSTGRESQL:
        findings.append(Finding(FAILURE, "PostgreSQL is older than 14"))
    if checksums != "on":
        findings.append(Finding(WARNING, "PostgreSQL: no data checksums (pg_checksums --enable)"))
    return findings or [Finding(OK, "PostgreSQL: commits are durable, pages have checksums")]


def partitions(settings: Settings) -> list[Finding]:
    if db.engine.dialect.name != "postgresql":
        return []
    wanted = {partition_of(period) for period in coming_periods(clock.now())}
    with db.engine.connect() as connection:
        query = text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
        missing = wanted - set(connection.execute(query).scalars())
        stray = connection.execute(text("SELECT count(*) FROM rating_pdefault")).scalar()
    findings = []
    if missing:
        findings.append(Finding(WARNING, f"partitions missing: {', '.join(sorted(missing))}"))
    if stray:
        findings.append(Finding(FAILURE, f"{stray} ratings lie outside all partitions"))
    return findings or [Finding(OK, "partitions are there ahead of time")]


def clocks(settings: Settings) -> list[Finding]:
    """Attribution hangs on the time: a wrong clock names the wrong person."""
    now = clock.now()
    newest = db.session.scalar(select(func.max(AuditEvent.at)))
    if newest is not None and newest > now + LONGEST_CLOCK_ERROR:
        return [Finding(FAILURE, f"the clock says {now:%F %T}, but something happened later")]
    if db.engine.dialect.name == "postgresql":
        theirs: datetime | None = db.session.scalar(select(func.clock_timestamp()))
        if theirs is not None and abs(theirs - clock.now()) > LONGEST_CLOCK_ERROR:
            return [Finding(FAILURE, f"the database's clock says {theirs:%F %T}, ours {now:%F %T}")]
    return [Finding(OK, f"clock: {now:%F %T} UTC")]


def mail(settings: Settings) -> list[Finding]:
    if settings.mail_backend == "file":
        return [Finding(WARNING, f"mail is only written to {settings.mail_directory}")]
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS) as server:
            if settings.smtp_starttls:
                server.starttls()
            if settings.smtp_user and settings.smtp_password:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        server_name = f"{settings.smtp_host}:{settings.smtp_port}"
        return [Finding(FAILURE, f"mail server {server_name} does not serve us: {error}")]
    return [Finding(OK, "the mail server answers")]


def due_work(settings: Settings) -> list[Finding]:
    now = clock.now()
    promise = db.session.get(Lease, HEARTBEAT)
    if promise is None:
        return [Finding(FAILURE, "portal tick has never run: start its timer")]
    findings = []
    if promise.expires_at < now:
        findings.append(
            Finding(FAILURE, f"portal tick has not run to its end since {promise.expires_at:%F %T}")
        )
    waiting = db.session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None))
        .where(
            or_(
                OutboxMessage.due_at < now - LONGEST_WAIT_FOR_MAIL,
                OutboxMessage.tries >= TRIES_UNTIL_THEN,
            )
        )
    )
    if waiting:
        findings.append(Finding(WARNING, f"{waiting} mails wait for more than 15 minutes"))
    return findings or [Finding(OK, "due work is done every minute")]


def administrators(settings: Settings) -> list[Finding]:
    found = db.session.scalar(
        select(func.count())
        .select_from(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role == "administrator", RoleGrant.ended_at.is_(None), Account.active)
    )
    if found:
        return [Finding(OK, f"{found} administrators")]
    return [Finding(FAILURE, "nobody is administrator: run portal create-account")]


def public_address(settings: Settings) -> list[Finding]:
    """The address printed on paper leads here, over TLS when in production."""
    address = f"{settings.public_url}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310  http(s) only
            health = json.load(answer)
    except (OSError, ValueError) as error:
        return [Finding(FAILURE, f"{address} does not lead to this portal: {error}")]
    if health != {"status": "ok"}:
        return [Finding(FAILURE, f"{address} leads to something else")]
    return [Finding(OK, f"{settings.public_url} leads here")]


def settings_in_force() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


ALWAYS: tuple[Check, ...] = (environment, ready)
# These ask the database, so they make sense only when it is ready.
WITH_DATABASE: tuple[Check, ...] = (durability, partitions, clocks, due_work, administrators)
AROUND: tuple[Check, ...] = (mail,)
