"""Many rows into one table in short transactions, as fast as the driver allows."""

import gc
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from typing import Any

from portal.db import db

PIECE = 2_000  # rows of one transaction: a rating being sent waits for some milliseconds
BREATH = 0.02  # seconds, at most, that others are given between two transactions


def insert_rows(table: str, rows: list[dict[str, Any]]) -> None:
    """Insert within the caller's transaction, past the types: values go to the driver as given.

    Names of table and columns are ours, never anybody's input.
    """
    if not rows:
        return
    names = list(rows[0])
    columns = f"{table} ({', '.join(names)})"
    # By position: drivers bind a tuple in a third of the time that names take.
    values = map(itemgetter(*names), rows)
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {columns} VALUES ({marks})"  # noqa: S608
        connection.exec_driver_sql(statement, list(values))
        return
    # COPY is PostgreSQL's way in for many rows: an INSERT each takes ten times as long.
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {columns} FROM STDIN") as copy,
    ):
        for row in values:
            copy.write_row(row)


def pieces(rows: Iterable[Any], size: int = PIECE) -> Iterator[list[Any]]:
    waiting = iter(rows)
    while piece := list(islice(waiting, size)):
        yield piece


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


def breathe(started: float) -> None:
    """Let other writers in: SQLite lets one in at a time, and has no queue."""
    time.sleep(min(BREATH, (time.monotonic() - started) / 8))
