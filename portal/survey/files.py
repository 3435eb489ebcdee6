"""Survey results in CSV files: one row per respondent, or one row of means."""

import csv
import io
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from portal.survey.index import (
    FEWEST_UNSUR,
    HIGHEST_ANSWER,
    LOWEST_ANSWER,
    MOST_UNSUR,
    NINE_UNSUR,
    PER_POINT,
    Means,
)

SCALES = {"1-4": 1, "0-100": PER_POINT}  # what one point of the answer is worth in the file
RESERVED = frozenset({"ikm", "grade", "respondents", "matches", "explained_by"})
_NUMBER = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,12})?")


class BadFile(ValueError):
    """The file cannot be read as survey results; each problem names its line and column."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Results:
    """Mean answer per unsur, 1 to 4, and how many people answered; None where not known."""

    means: Means
    respondents: int | None


def read_answers(path: Path, scale: str = "1-4") -> Results:
    """One row per respondent; an empty cell is an unsur left out, an empty row is nobody."""
    header, rows = _table(path)
    totals, counts = dict.fromkeys(header, Fraction(0)), dict.fromkeys(header, 0)
    problems: list[str] = []
    respondents = 0
    for line, cells in rows:
        respondents += any(cells)
        for unsur, cell in zip(header, cells, strict=True):
            if not cell:
                continue
            try:
                totals[unsur] += _answer(cell, scale, whole=True)
                counts[unsur] += 1
            except ValueError as error:
                problems.append(f"line {line}, column {unsur}: {error}")
    problems += [
        f"column {unsur}: nobody answered" for unsur in header if not problems and not counts[unsur]
    ]
    if problems:
        raise BadFile(problems)
    return Results({unsur: totals[unsur] / counts[unsur] for unsur in header}, respondents)


def read_means(path: Path, scale: str = "1-4") -> Results:
    """One row with the mean of each unsur, as a report prints it."""
    header, rows = _table(path)
    filled = [(line, cells) for line, cells in rows if any(cells)]
    if len(filled) != 1:
        raise BadFile([f"a file of means holds one row under its header, this one {len(filled)}"])
    line, cells = filled[0]
    means: dict[str, Fraction] = {}
    problems: list[str] = []
    for unsur, cell in zip(header, cells, strict=True):
        try:
            means[unsur] = _answer(cell, scale)
        except ValueError as error:
            problems.append(f"line {line}, column {unsur}: {error}")
    if problems:
        raise BadFile(problems)
    return Results(means, None)


def number(text: str) -> Decimal:
    """A plain number with a decimal point or, as Indonesian spreadsheets write it, a comma."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return Decimal(text.replace(",", "."))


@lru_cache(maxsize=1024)  # a survey has many cells and few different ones
def _answer(cell: str, scale: str, *, whole: bool = False) -> Fraction:
    """A cell on the 1-4 scale; a person's own answer on that scale is a whole number."""
    if not cell:
        raise ValueError("is empty")
    point = SCALES[scale]
    value = Fraction(number(cell)) / point
    if not LOWEST_ANSWER <= value <= HIGHEST_ANSWER:
        hint = "; for figures up to 100 use --scale 0-100" if point == 1 and value > 4 else ""
        lowest, highest = LOWEST_ANSWER * point, HIGHEST_ANSWER * point
        raise ValueError(f"{cell} is not from {lowest} to {highest}{hint}")
    if whole and point == 1 and value.denominator != 1:
        raise ValueError(f"{cell} is not one of the answers 1, 2, 3, 4")
    return value


def _table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and the numbered rows, every row as wide as the header."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise BadFile(["the file is not UTF-8 text; save it as CSV UTF-8"]) from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if cells]
    except csv.Error as error:
        raise BadFile([f"line {reader.line_num}: {error}"]) from None
    if not rows:
        raise BadFile(["the file is empty"])
    header = [_key(name) for name in rows.pop(0)[1]]
    problems = _header_problems(header) or [
        f"line {line}: {len(cells)} cells under {len(header)} columns"
        for line, cells in rows
        if len(cells) != len(header)
    ]
    if problems:
        raise BadFile(problems)
    if not rows:
        raise BadFile(["the file has a header and no rows"])
    return header, rows


def _key(name: str) -> str:
    """The nine by their key however they are capitalised; a unit's own unsur as it is written."""
    return name.lower() if name.lower() in NINE_UNSUR else name


def _delimiter(text: str) -> str:
    """Spreadsheets with the decimal comma separate cells by semicolons."""
    header = text.partition("\n")[0]
    return ";" if header.count(";") > header.count(",") else ","


def _header_problems(header: list[str]) -> list[str]:
    problems = [
        f"line 1, column {place}: has no name" for place, name in enumerate(header, 1) if not name
    ]
    problems += [
        f"line 1, column {name}: stands twice"
        for name in sorted({name for name in header if name and header.count(name) > 1})
    ]
    problems += [
        f"line 1, column {name}: the name is kept for the result"
        for name in header
        if name in RESERVED
    ]
    if not FEWEST_UNSUR <= len(header) <= MOST_UNSUR:
        problems.append(
            f"line 1: {len(header)} columns; a survey has {FEWEST_UNSUR} to {MOST_UNSUR} unsur"
        )
    return problems
