"""Rating files: read with every bad row told by line and column, written whole or not at all."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Answers, Column, Identifiers, Moments, Raters, Texts
from .data import CHANNELS, Keys, Ratings

REQUIRED = (
    "rating_id", "employee", "office", "service", "channel", "period", "rater", "submitted_at",
    "counter",
)  # fmt: skip
CHUNK = 1_000
"""Rows held as text at a time."""


class BadInput(ValueError):
    """A row that cannot be used: its line in the file, the column, and what is wrong."""

    def __init__(self, line: int, column: str, message: str) -> None:
        where = f"line {line}, column {column}" if column else f"line {line}"
        super().__init__(f"{where}: {message}")
        self.line = line
        self.column = column
        self.message = message


@dataclass(frozen=True)
class RatingFile:
    """The rows of a file, sorted by identifier; `names`: the keys behind the codes."""

    ratings: Ratings
    identifiers: NDArray[np.bytes_]
    employees: Keys


class _BadRow(Exception):
    """Row so many after the header (blank lines not counted) cannot be used."""

    def __init__(self, row: int, column: str, message: str) -> None:
        super().__init__(message)
        self.row, self.column, self.message = row, column, message


def read_ratings(
    path: Path, points: int, progress: Callable[[float], None] | None = None
) -> RatingFile:
    """Read a rating file (UTF-8 CSV, header in any order). Raises BadInput on the first bad row.

    The rows come back sorted by `rating_id`, so that whatever is computed from them does not
    depend on the order of the lines. `progress` is told the share of the file that was read.
    """
    try:
        return _read(path, points, progress)
    except _BadRow as found:
        raise BadInput(_line_of(path, found.row), found.column, found.message) from None
    except UnicodeDecodeError:
        raise BadInput(_undecodable_line(path), "", "not UTF-8") from None


def _read(path: Path, points: int, progress: Callable[[float], None] | None) -> RatingFile:
    size = max(path.stat().st_size, 1)
    with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as stream:
        lines = csv.reader(stream, strict=True)
        try:
            header = next(lines, None)
            if header is None:
                raise BadInput(1, "", "the file is empty")
            reader = _Reader(header, points)
            for rows in _chunks(lines):
                reader.take(rows)
                if progress is not None:
                    progress(min(raw.tell() / size, 1.0))
        except csv.Error as error:
            raise BadInput(lines.line_num, "", str(error)) from error
    return reader.finish()


def _chunks(lines: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    """Rows in pieces; those before an unreadable one come first, for theirs is the first error."""
    while True:
        rows: list[list[str]] = []
        try:
            for row in islice(lines, CHUNK):
                rows.append(row)
        except (csv.Error, UnicodeDecodeError):
            yield rows
            raise
        if not rows:
            return
        yield rows


def _line_of(path: Path, row: int) -> int:
    """The line on which a row ends: told by reading once more, so that good files pay nothing."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        lines = csv.reader(stream)
        filled = (lines.line_num for found in lines if found)
        return next(islice(filled, row + 1, None))


def _undecodable_line(path: Path) -> int:
    with path.open("rb") as stream:
        for line, text in enumerate(stream, 1):
            try:
                text.decode()
            except UnicodeDecodeError:
                return line
    return 1


class _Reader:
    """Column by column into compact arrays: a row of text is forgotten at once."""

    def __init__(self, header: list[str], points: int) -> None:
        for name in header:
            if header.count(name) > 1:
                raise BadInput(1, name, "this column stands twice in the header")
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise BadInput(1, missing[0], "this column is missing from the header")
        self.has_face = "overall" in header
        elements = sorted(name for name in header if name.startswith("e_") and len(name) > 2)
        answers = (["overall"] if self.has_face else []) + elements
        if not answers:
            raise BadInput(1, "overall", "no answer column: overall or e_<name>")
        self.points, self.width, self.rows = points, len(header), 0
        self.texts = {
            "employee": Texts(), "office": Texts(), "service": Texts(),
            "channel": Texts("channel", (*CHANNELS, "")), "period": Texts(),
            "counter": Texts(empty=True),
        }  # fmt: skip
        self.answers = {name: Answers(points) for name in answers}
        self.when, self.raters, self.identifiers = Moments(), Raters(), Identifiers()
        columns: dict[str, Column] = {
            **self.texts, **self.answers, "submitted_at": self.when,
            "rating_id": self.identifiers, "rater": self.raters,
        }  # fmt: skip
        self.columns = [(name, header.index(name), column) for name, column in columns.items()]

    def take(self, rows: Sequence[list[str]]) -> None:
        """Check and store some rows; the first bad one of them is told, by its first column."""
        filled = [row for row in rows if row]
        uneven = next((at for at, row in enumerate(filled) if len(row) != self.width), None)
        if uneven is not None:
            self._store(filled[:uneven])
            found = f"{len(filled[uneven])} fields, the header has {self.width}"
            raise _BadRow(self.rows, "", found)
        self._store(filled)

    def _store(self, rows: Sequence[list[str]]) -> None:
        if not rows:
            return
        by_column = list(zip(*rows, strict=True))
        bad = [
            (*trouble, name)
            for name, place, column in self.columns
            if (trouble := column.take(by_column[place])) is not None
        ]
        if bad:
            row, message, name = min(bad, key=lambda found: found[0])
            raise _BadRow(self.rows + row, name, message)
        self.rows += len(rows)

    def finish(self) -> RatingFile:
        """Sort by identifier, refuse repeated ones, and make Ratings of the columns."""
        identifiers = self.identifiers.whole()
        order = np.argsort(identifiers, kind="stable").astype(np.int32)
        identifiers = identifiers[order]
        again = order[1:][identifiers[1:] == identifiers[:-1]]
        if len(again):
            text = identifiers[np.flatnonzero(order == again.min())[0]].decode()
            raise _BadRow(int(again.min()), "rating_id", f"'{text}' was given before")
        columns: dict[str, Any] = {}
        names: dict[str, Keys] = {}
        for name, column in self.texts.items():
            codes, names[name] = column.whole()
            columns[name] = codes[order]
        when, offset = self.when.whole()
        ratings = Ratings(
            **columns, names=names, rater=self.raters.whole()[order],
            submitted_at=when[order], utc_offset=offset[order],
            answers=np.column_stack([column.whole()[order] for column in self.answers.values()]),
            points=self.points, has_face=self.has_face,
            rating_id=np.arange(len(order), dtype=np.int32),
        )  # fmt: skip
        return RatingFile(ratings, identifiers, names["employee"])


def number(value: float) -> str:
    """A figure with ten significant digits, '.' as decimal mark; empty where there is none."""
    return "" if value != value else f"{value:.10g}"  # noqa: PLR0124 (NaN)


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a header and rows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@contextmanager
def drafts(*targets: Path | None) -> Iterator[tuple[Path, ...]]:
    """Temporary files beside the targets, made at once, so that a directory that cannot be
    written is told before hours of work. All get their names at the end; after any error none
    is left. Absent targets have no draft."""
    named = {target.with_name(target.name + ".part"): target for target in targets if target}
    try:
        for draft in named:
            draft.touch()
        yield tuple(named)
        for draft, target in named.items():
            draft.replace(target)
    finally:
        for draft in named:
            draft.unlink(missing_ok=True)
