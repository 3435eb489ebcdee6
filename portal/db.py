"""The database object, the base class of all tables, and how transactions begin."""

import os
import random
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from flask import Flask, current_app, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    DateTime,
    Engine,
    Executable,
    ForeignKey,
    MetaData,
    event,
    text,
)
from sqlalchemy.engine import Compiled, Connection, CursorResult, Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator
from werkzeug.local import LocalProxy

if sys.platform != "win32":
    import fcntl

MIGRATIONS = next(
    folder
    for folder in (
        Path(__file__).parent / "migrations",  # inside an installed wheel
        Path(__file__).parent.parent / "migrations",
    )
    if folder.is_dir()
)
NO_FILE = -1
NORMAL = 1  # SQLite's level at which a commit does not wait for the disk; FULL is 2
LARGEST_ID = 2**53  # the largest whole number that JavaScript and spreadsheets keep exact


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in Python on both databases (SQLite alone would drop the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every table; all constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Base.registry.update_type_annotation_map({datetime: UtcDateTime})
db = SQLAlchemy(model_class=Base)


def new_id() -> int:
    """A random key: says nothing of order or number, and needs no round trip to the database."""
    return _ids.randrange(1, LARGEST_ID)


@contextmanager
def ids_from(source: random.Random) -> Iterator[None]:
    """Draw keys from a seeded source instead, so that a demo comes out the same each time."""
    global _ids  # noqa: PLW0603
    before, _ids = _ids, source
    try:
        yield
    finally:
        _ids = before


_ids: random.Random = random.SystemRandom()

AgencyKey = Annotated[int, mapped_column(ForeignKey("agency.id"), primary_key=True)]
"""The agency, in the key of each of its tables."""
RandomKey = Annotated[
    int, mapped_column(BigInteger, primary_key=True, autoincrement=False, default=new_id)
]
"""The row, by a key from `new_id`."""


def begin_write(*, durable: bool = True) -> None:
    """Start an action: a fresh transaction that holds SQLite's write lock from the beginning.

    One that need not be `durable` does not wait for the disk: what it wrote is safe with the next
    commit of a durable one. That is enough for what only such a commit will show to anybody.

    A transaction that has only read cannot become a writing one on SQLite when somebody else
    wrote in between ("database is locked", whatever the timeout). So what the page has read
    is let go of here, and read again under the lock when the action touches it.
    """
    db.session.rollback()
    db.session.connection(execution_options={"begin": "write" if durable else "hidden write"})
    if not durable and db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL synchronous_commit TO off"))


def turn() -> AbstractContextManager[Any]:
    """Hold this around a write that must not wait long: writers of SQLite go in turn, also those
    of other processes. PostgreSQL needs no turn.

    SQLite's own lock has no queue: who waits for it sleeps and looks again, and beside a release
    with its many transactions the unlucky wait for half a second.
    """
    known: AbstractContextManager[Any] | None = current_app.extensions.get("turn")
    if known is None:
        engine = db.engine
        sqlite_used = engine.dialect.name == "sqlite"
        known = _Turn(f"{engine.url.database}.turn") if sqlite_used else nullcontext()
        current_app.extensions["turn"] = known
    return known


class _Turn(AbstractContextManager[None]):
    """Threads in a queue, in front of a lock between processes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.threads = threading.Lock()
        self.file = NO_FILE
        self.process = 0  # whose file it is: a lock on a file opened before a fork is shared

    def __enter__(self) -> None:
        self.threads.acquire()
        if sys.platform != "win32":
            with suppress(OSError):  # no room for the file: SQLite's own lock still holds
                if self.process != os.getpid():
                    self.file = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644)
                    self.process = os.getpid()
                fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *raised: object) -> None:
        if sys.platform != "win32" and self.file != NO_FILE:
            fcntl.flock(self.file, fcntl.LOCK_UN)
        self.threads.release()

    def __del__(self) -> None:
        if self.file != NO_FILE:
            os.close(self.file)


def prepare_engine(engine: Engine) -> None:
    """Make every connection safe and durable, and let SQLAlchemy decide when to begin."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkin", _wait_for_the_disk_again)
    else:
        event.listen(engine, "connect", _collect_warnings)


def prepare_migrations(app: Flask) -> None:
    """Let Flask-Migrate find its configuration; 10 MiB that no web process loads."""
    app.extensions["migrate"] = LocalProxy(partial(_migrate, app))


def _migrate(app: Flask) -> Any:
    from flask_migrate import Migrate  # noqa: PLC0415  see prepare_migrations

    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    return app.extensions["migrate"]


def statement_engine() -> Engine:
    """An engine whose statements each commit on their own: one round trip for one write."""
    known: Engine | None = current_app.extensions.get("statement_engine")
    if known is None or known.pool is not db.engine.pool:
        # The same connections, but nobody listens there: on SQLite no BEGIN is sent.
        engine = db.engine
        known = Engine(engine.pool, engine.dialect, engine.url, hide_parameters=True)
        if engine.dialect.name == "postgresql":
            known = known.execution_options(isolation_level="AUTOCOMMIT")
        current_app.extensions["statement_engine"] = known
    return known


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for statements that only read; inside another such block the same one."""
    held: Connection | None = g.get("reading")
    if held is not None:
        yield held
        return
    with statement_engine().connect() as connection:
        g.reading = connection
        try:
            yield connection
        finally:
            del g.reading


class Lasting:
    """A statement that is made once and run with every scan, always with the same values' names.

    SQLAlchemy finds what it has compiled by all parts of a statement; what this one was compiled
    to is found by the kind of database alone, which spares a fortieth of a visit.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._options = {"compiled_cache": _OfOneStatement()}

    def run(self, connection: Connection, values: dict[str, Any]) -> CursorResult[*tuple[Any, ...]]:
        return connection.execute(self.statement, values, execution_options=self._options)


class _OfOneStatement(dict[Any, Any]):
    """What one statement was compiled to, by the first part of SQLAlchemy's keys: the dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[0], default)

    def __setitem__(self, key: Any, compiled: Compiled) -> None:
        super().__setitem__(key[0], compiled)


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # SQLAlchemy's events begin; the driver never does
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL may lose the last commits at power loss
        "busy_timeout=30000",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("begin", "read")
    if mode == "hidden write":  # its commit leaves the disk its time
        before = int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
        connection.info.setdefault("synchronous", before)  # a second one must not forget it
        connection.exec_driver_sql(f"PRAGMA synchronous={min(before, NORMAL)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if "write" in mode else "BEGIN")


def _wait_for_the_disk_again(connection: Any, entry: ConnectionPoolEntry) -> None:
    """After a hidden write, before anybody else has the connection."""
    level = entry.info.pop("synchronous", None)
    if connection is not None and level is not None:
        connection.execute(f"PRAGMA synchronous={level}").close()


def _collect_warnings(connection: Any, entry: ConnectionPoolEntry) -> None:
    """Keep the server's warnings: one on COMMIT means that the standbys may lack the row."""
    warnings: list[str] = []
    entry.info["warnings"] = warnings
    listen: Callable[..., None] | None = getattr(connection, "add_notice_handler", None)
    if listen is not None:
        listen(lambda notice: _keep_warning(notice, warnings))


def _keep_warning(notice: Any, warnings: list[str]) -> None:
    if notice.severity_nonlocalized == "WARNING":
        warnings.append(str(notice.message_primary))
