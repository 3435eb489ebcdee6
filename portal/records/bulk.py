"""Many rows into one table in short transactions, as fast as the driver allows."""

import ctypes
import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any, TypeVar

from flask import current_app

from portal.db import db

STATEMENT = 100  # rows of one statement: SQLite takes 32,766 values at most
PIECE = 2_000  # rows of one transaction: a rating being sent waits for some milliseconds
FEW = 5_000  # rows that are written before a second session has begun
M_MMAP_THRESHOLD, LARGE = -3, 1 << 22  # of glibc's mallopt(3); bytes
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Rows:
    """Rows by position, which drivers bind in a third of the time that names take.

    Values go to the driver as given, past SQLAlchemy's types. Names are ours, never input.
    """

    names: tuple[str, ...]
    values: Iterable[tuple[Any, ...]]

    @classmethod
    def of_dicts(cls, rows: Iterable[dict[str, Any]]) -> "Rows":
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            return cls((), ())
        return cls(tuple(first), map(itemgetter(*first), chain([first], waiting)))

    def pieces(self, size: int = PIECE) -> Iterator["Rows"]:
        return (Rows(self.names, piece) for piece in pieces(self.values, size))


def insert_rows(table: str, rows: Rows) -> None:
    """Insert within the caller's transaction."""
    if not rows.names:
        return
    columns = f"{table} ({', '.join(rows.names)})"
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        # Many rows in one statement: one each would cost as much for the driver as for SQLite.
        marks = f"({', '.join('?' * len(rows.names))})"
        for piece in pieces(rows.values, STATEMENT):
            statement = f"INSERT INTO {columns} VALUES {', '.join([marks] * len(piece))}"  # noqa: S608
            connection.exec_driver_sql(statement, tuple(chain.from_iterable(piece)))
        return
    # COPY is PostgreSQL's way in for many rows: an INSERT each takes ten times as long.
    cursor: Any = connection.connection.cursor()
    with cursor, cursor.copy(f"COPY {columns} FROM STDIN") as copy:
        for row in rows.values:
            copy.write_row(row)


def at_once(size: int) -> int:
    """Rows of one transaction, given what SQLite's writers, who go one at a time, bear with:
    PostgreSQL's do not wait for each other, and each transaction is a journey to the server."""
    return size if db.engine.dialect.name == "sqlite" else 10 * size


def pieces(rows: Iterable[Any], size: int = PIECE) -> Iterator[list[Any]]:
    waiting = iter(rows)
    while piece := list(islice(waiting, size)):
        yield piece


@contextmanager
def beside(writing: Callable[[], Kept], rows: int) -> Iterator[Callable[[], Kept]]:
    """Write about so many rows in a thread with a session of its own while the block computes:
    whoever writes mostly waits for the database. At the end both are done, or what either of them
    raised is raised here; then what is yielded gives what the writing returned."""
    if rows <= FEW:
        found = writing()
        yield lambda: found
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001

    def in_its_own_session() -> Kept:
        with app.app_context():
            return writing()

    with ThreadPoolExecutor(1) as thread, _short_turns():
        done = thread.submit(in_its_own_session)
        yield done.result
        done.result()


@contextmanager
def _short_turns() -> Iterator[None]:
    """Each thread asks for the interpreter after 50 microseconds instead of five milliseconds:
    numpy comes back to it so often that waiting so long each time would cost a tenth of all."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.00005)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


@contextmanager
def no_collection() -> Iterator[None]:
    """Without the cyclic garbage collector: it would walk again and again through a million rows
    that are all in use, for an eighth of a release's time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@cache
def give_back_large_arrays() -> None:
    """Let each go back to the system once nobody needs it. glibc keeps ever larger ones for later
    use, for each thread apart: a tenth of all that a release holds. Other libraries lack the
    setting."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
