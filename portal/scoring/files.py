"""Rating files: read with every bad row told by line and column, written whole or not at all."""

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import CHANNELS, Ints, Keys, Ratings

REQUIRED = (
    "rating_id", "employee", "office", "service", "channel", "period", "rater", "submitted_at",
    "counter",
)  # fmt: skip
NEEDED = ("employee", "office", "service", "period")
"""Columns that must say something in every row."""
REPORT_EVERY = 100_000


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


class _Column:
    """Codes of a text column, in the order in which texts appear."""

    def __init__(self, name: str, allowed: tuple[str, ...] | None = None) -> None:
        self.name = name
        self.allowed = allowed
        self.place: dict[str, int] = {}
        self.codes = array("i")

    def learn(self, text: str, line: int) -> int:
        """The code of a text not met before, if it is allowed."""
        if not text.strip() and self.name in NEEDED:
            raise BadInput(line, self.name, "empty")
        if self.allowed is not None and text not in self.allowed:
            raise BadInput(line, self.name, f"unknown {self.name} '{text}'")
        code = len(self.place)
        self.place[text] = code
        return code

    def sorted_codes(self) -> tuple[NDArray[np.int32], Keys]:
        """Codes renumbered so that they sort as the texts do, and the sorted texts."""
        ordered = sorted(self.place)
        rank = np.empty(len(ordered), dtype=np.int32)
        keys = np.empty(len(ordered), dtype=object)
        for number, text in enumerate(ordered):
            rank[self.place[text]] = number
            keys[number] = text
        codes = np.frombuffer(self.codes, dtype=np.int32) if len(self.codes) else np.zeros(0, int)
        return rank[codes], keys


def read_ratings(
    path: Path, points: int, progress: Callable[[int], None] | None = None
) -> RatingFile:
    """Read a rating file (UTF-8 CSV, header in any order). Raises BadInput on the first bad row.

    The rows come back sorted by `rating_id`, so that whatever is computed from them does not
    depend on the order of the lines.
    """
    reader = _Reader(points)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream, strict=True)
        try:
            header = next(lines, None)
            if header is None:
                raise BadInput(1, "", "the file is empty")
            reader.take_header(header)
            reader.take_rows(lines, progress)
        except csv.Error as error:
            raise BadInput(lines.line_num, "", str(error)) from error
        except UnicodeDecodeError as error:
            raise BadInput(lines.line_num + 1, "", "not UTF-8") from error
    return reader.finish()


class _Reader:
    """Column by column into compact arrays: a row of text is forgotten at once."""

    def __init__(self, points: int) -> None:
        self.points = points
        self.texts = [
            _Column("employee"), _Column("office"), _Column("service"),
            _Column("channel", (*CHANNELS, "")), _Column("period"), _Column("counter"),
        ]  # fmt: skip
        self.raters = array("q")
        self.identifiers: list[bytes] = []
        self.packed: list[NDArray[np.bytes_]] = []
        self.lines = array("I")
        self.when, self.offset = array("q"), array("i")
        self.answers = array("b")
        self.answer_of = {"": 0} | {str(value): value for value in range(1, points + 1)}

    def take_header(self, header: list[str]) -> None:
        """Find the columns; order is free, unknown ones are ignored."""
        for name in header:
            if header.count(name) > 1:
                raise BadInput(1, name, "this column stands twice in the header")
        missing = [name for name in REQUIRED if name not in header]
        if missing:
            raise BadInput(1, missing[0], "this column is missing from the header")
        self.width = len(header)
        self.has_face = "overall" in header
        elements = sorted(name for name in header if name.startswith("e_") and len(name) > 2)
        self.answer_names = (["overall"] if self.has_face else []) + elements
        if not self.answer_names:
            raise BadInput(1, "overall", "no answer column: overall or e_<name>")
        self.at = {name: place for place, name in enumerate(header)}
        self.text_places = [
            (column, self.at[column.name], column.place, column.codes.append)
            for column in self.texts
        ]
        self.answer_places = [self.at[name] for name in self.answer_names]
        self.rater_place = self.at["rater"]
        self.id_place, self.when_place = self.at["rating_id"], self.at["submitted_at"]

    def take_rows(self, rows: Iterator[list[str]], progress: Callable[[int], None] | None) -> None:
        """Check and store every row."""
        count = 0
        for row in rows:
            if len(row) == self.width:
                self._take(row, rows)
                count += 1
                if progress is not None and count % REPORT_EVERY == 0:
                    progress(count)
            elif row:
                found = f"{len(row)} fields, the header has {self.width}"
                raise BadInput(_line(rows), "", found)

    def _take(self, row: list[str], rows: Iterator[list[str]]) -> None:
        for column, place, known, append in self.text_places:
            code = known.get(row[place])
            append(column.learn(row[place], _line(rows)) if code is None else code)
        for place in self.answer_places:
            answer = self.answer_of.get(row[place])
            if answer is None:
                raise self._bad_answer(row, place, _line(rows))
            self.answers.append(answer)
        self._take_time(row[self.when_place], rows)
        if not row[self.id_place]:
            raise BadInput(_line(rows), "rating_id", "empty")
        self.raters.append(_rater(row[self.rater_place]))
        self.identifiers.append(row[self.id_place].encode())
        self.lines.append(_line(rows))
        if len(self.identifiers) == REPORT_EVERY:
            self._pack()

    def _pack(self) -> None:
        """Identifiers so far as one array: a tenth of the memory."""
        if self.identifiers:
            self.packed.append(np.array(self.identifiers))
            self.identifiers = []

    def _take_time(self, text: str, rows: Iterator[list[str]]) -> None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise BadInput(_line(rows), "submitted_at", f"'{text}' is no ISO 8601 time") from error
        offset = moment.utcoffset()
        if offset is None:
            raise BadInput(_line(rows), "submitted_at", f"'{text}' has no offset from UTC")
        self.when.append(int(moment.timestamp() // 1))
        self.offset.append(int(offset.total_seconds()))

    def _bad_answer(self, row: list[str], place: int, line: int) -> BadInput:
        name = next(name for name in self.answer_names if self.at[name] == place)
        return BadInput(line, name, f"'{row[place]}' is no whole number from 1 to {self.points}")

    def finish(self) -> RatingFile:
        """Sort by identifier, refuse repeated ones, and make Ratings of the columns."""
        self._pack()
        identifiers = np.concatenate(self.packed) if self.packed else np.zeros(0, dtype="S1")
        self.packed = []
        order = np.argsort(identifiers, kind="stable").astype(np.int32)
        identifiers = identifiers[order]
        self._check_unique(identifiers, order)
        columns: dict[str, Any] = {}
        names: dict[str, Keys] = {}
        for column in self.texts:
            codes, keys = column.sorted_codes()
            columns[column.name], names[column.name] = codes[order], keys
            column.codes = array("i")
        columns["rater"] = _codes_of(np.array(self.raters, dtype=np.int64)[order])
        self.raters = array("q")
        answers = np.frombuffer(self.answers, dtype=np.int8) if self.answers else np.zeros(0, "i1")
        ratings = Ratings(
            **columns, names=names,
            submitted_at=np.array(self.when, dtype=np.int64)[order],
            utc_offset=np.array(self.offset, dtype=np.int32)[order],
            answers=answers.reshape(-1, len(self.answer_names))[order],
            points=self.points, has_face=self.has_face,
            rating_id=np.arange(len(order), dtype=np.int32),
        )  # fmt: skip
        return RatingFile(ratings, identifiers, names["employee"])

    def _check_unique(self, identifiers: NDArray[np.bytes_], order: NDArray[np.int32]) -> None:
        again = np.flatnonzero(identifiers[1:] == identifiers[:-1]) + 1
        if len(again):
            lines = np.array(self.lines, dtype=np.int64)[order]
            at = again[np.argmin(np.maximum(lines[again], lines[again - 1]))]
            line = int(max(lines[at], lines[at - 1]))
            raise BadInput(line, "rating_id", f"'{identifiers[at].decode()}' was given before")


def _rater(text: str) -> int:
    """A number for a pseudonym, -1 for none: ten million texts would not fit into memory, and two
    of them meet by chance once in a hundred thousand such files."""
    if not text:
        return -1
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1


def _codes_of(numbers: Ints) -> NDArray[np.int32]:
    """Small codes instead of large numbers; -1 stays."""
    found, codes = np.unique(numbers, return_inverse=True)
    first = 1 if len(found) and found[0] == -1 else 0
    return (codes - first).astype(np.int32)


def _line(rows: Any) -> int:
    return int(rows.line_num)


def number(value: float) -> str:
    """A figure with ten significant digits, '.' as decimal mark; empty where there is none."""
    return "" if value != value else format(value, ".10g")  # noqa: PLR0124 (NaN)


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> Path:
    """Write beside the target under a temporary name; `publish` renames it."""
    temporary = path.with_name(path.name + ".part")
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return temporary


def publish(written: Mapping[Path, Path]) -> None:
    """Give all temporary files (values) their names (keys), once every one is complete."""
    for target, temporary in written.items():
        temporary.replace(target)
