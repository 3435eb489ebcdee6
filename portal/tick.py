"""Due work, one worker at a time: an expiring lease row, the same on both databases."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import CursorResult, String, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime, begin_write, db

log = structlog.get_logger()

# Longer than any one job; a killed worker's lease ends by itself after this.
LEASE = timedelta(minutes=10)


class Lease(Base):
    """Who does the due work now, and until when."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Job:
    """A piece of due work: finds by itself in the data what is to be done; says how much."""

    name: str
    run: Callable[[datetime], int]


def run_due(jobs: Sequence[Job], now: datetime) -> dict[str, int] | None:
    """Run every job once; None when another worker is at it."""
    holder = secrets.token_hex(16)
    if not _take("tick", holder, now):
        return None
    try:
        return {job.name: _run(job, now, holder) for job in jobs}
    finally:
        _give_back("tick", holder)


def _run(job: Job, now: datetime, holder: str) -> int:
    started = time.monotonic()
    done = job.run(now)
    db.session.rollback()
    seconds = time.monotonic() - started
    _prolong("tick", holder, now + timedelta(seconds=seconds))
    if done:
        log.info("job_done", job=job.name, done=done, seconds=round(seconds, 2))
    return done


def _take(name: str, holder: str, now: datetime) -> bool:
    begin_write()
    taken = db.session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.expires_at < now)
        .values(holder=holder, expires_at=now + LEASE)
    )
    if isinstance(taken, CursorResult) and taken.rowcount == 1:
        db.session.commit()
        return True
    try:
        db.session.execute(insert(Lease).values(name=name, holder=holder, expires_at=now + LEASE))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def _prolong(name: str, holder: str, now: datetime) -> None:
    begin_write()
    db.session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder)
        .values(expires_at=now + LEASE)
    )
    db.session.commit()


def _give_back(name: str, holder: str) -> None:
    """End the lease at once, so that the next worker need not wait for its end."""
    db.session.rollback()
    begin_write()
    db.session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder)
        .values(expires_at=datetime(2000, 1, 1).astimezone())
    )
    db.session.commit()
