"""Many rows into one table in short transactions, as fast as the driver allows."""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
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
    marks = ":{}" if db.engine.dialect.name == "sqlite" else "%({})s"
    values = ", ".join(marks.format(name) for name in names)
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608
    db.session.connection().exec_driver_sql(statement, rows)


def pieces(rows: Iterable[Any], size: int = PIECE) -> Iterator[list[Any]]:
    waiting = iter(rows)
    while piece := list(islice(waiting, size)):
        yield piece


def breathe(started: float) -> None:
    """Let other writers in: SQLite lets one in at a time, and has no queue."""
    time.sleep(min(BREATH, (time.monotonic() - started) / 4))
