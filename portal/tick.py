"""Due work, one worker at a time: an expiring lease row, the same on both databases."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine, String, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from portal import clock
from portal.db import Base, begin_write, db

log = structlog.get_logger()

# The lease runs on real time, whatever trial clock a process has, and is renewed while its
# worker lives. A killed worker's lease is taken over at once on the same machine, and after
# this time by others.
LEASE = timedelta(seconds=60)
RENEWAL = 15.0  # seconds
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Lease(Base):
    """Who does the due work now, and until when."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime]


@dataclass(frozen=True)
class Job:
    """A piece of due work: finds by itself in the data what is to be done; says how much."""

    name: str
    run: Callable[[datetime], int]


def run_due(jobs: Sequence[Job], now: datetime, *, patience: float = 0) -> dict[str, int] | None:
    """Run every job once; None when another worker is at it, for longer than `patience` seconds."""
    holder = f"{_machine()}/{os.getpid()}/{secrets.token_hex(3)}"
    deadline = time.monotonic() + patience
    while not _take("tick", holder):
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.5)
    ended = threading.Event()
    renewal = threading.Thread(target=_renew, args=(db.engine, "tick", holder, ended), daemon=True)
    renewal.start()
    try:
        return {job.name: _run(job, now) for job in jobs}
    finally:
        ended.set()
        renewal.join()
        _give_back("tick", holder)


def _run(job: Job, now: datetime) -> int:
    started = time.monotonic()
    done = job.run(now)
    db.session.rollback()
    if done:
        seconds = round(time.monotonic() - started, 2)
        log.info("job_done", job=job.name, done=done, seconds=seconds)
    return done


def _machine() -> str:
    return socket.gethostname()[:14]


def _take(name: str, holder: str) -> bool:
    now = clock.real_now()
    begin_write()
    lease = db.session.get(Lease, name, with_for_update=True)
    if lease is not None and lease.expires_at > now and _lives(lease.holder):
        db.session.rollback()
        return False
    try:
        if lease is None:
            db.session.add(Lease(name=name, holder=holder, expires_at=now + LEASE))
        else:
            lease.holder, lease.expires_at = holder, now + LEASE
        db.session.commit()
    except IntegrityError:  # two came at the very first tick; the other one is at it
        db.session.rollback()
        return False
    return True


def _lives(holder: str) -> bool:
    """Whether the holder may still be at work: known to be dead only on this machine."""
    machine, _slash, rest = holder.partition("/")
    pid = rest.partition("/")[0]
    if machine != _machine() or not pid.isdecimal():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _renew(engine: Engine, name: str, holder: str, ended: threading.Event) -> None:
    """Keep the lease while its worker computes; should this fail, the lease simply ends."""
    mine = (Lease.name == name, Lease.holder == holder)
    while not ended.wait(RENEWAL):
        until = clock.real_now() + LEASE
        with engine.execution_options(begin="write").begin() as connection:
            connection.execute(update(Lease).where(*mine).values(expires_at=until))


def _give_back(name: str, holder: str) -> None:
    """End the lease at once, so that the next worker need not wait for its end."""
    begin_write()
    db.session.execute(
        update(Lease).where(Lease.name == name, Lease.holder == holder).values(expires_at=LONG_AGO)
    )
    db.session.commit()
