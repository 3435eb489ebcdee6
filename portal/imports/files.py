"""Reading a CSV file line by line; whatever is wrong with it is collected, never raised."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time

YES = frozenset({"yes", "y", "ya", "1", "true"})
NO = frozenset({"no", "n", "tidak", "0", "false"})
_CODE = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
# Three decimals might be thousands: whoever reads 1.500 cannot tell.
_NUMBER = re.compile(r"\d{1,9}([.,]\d{1,2})?")


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong where. Line 1 is the header; the reason never repeats a personal number."""

    line: int
    column: str
    reason: str  # where there are values, with a {name} for each
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        reason = self.reason.format(**dict(self.values)) if self.values else self.reason
        return f"{where}: {reason}"


@dataclass
class Line:
    """One line's fields by column. Its readers note a problem and give None for what is bad."""

    number: int
    values: Mapping[str, str]
    problems: list[Problem]
    sound: bool = True

    def refuse(self, column: str, reason: str, **values: object) -> None:
        self.problems.append(Problem(self.number, column, reason, tuple(values.items())))
        self.sound = False

    def text(self, column: str, longest: int, *, needed: bool = False) -> str:
        """One line of text that fits its column in the database."""
        value = " ".join(self.values.get(column, "").split())
        return self._fits(column, value, longest, needed=needed)

    def paragraphs(self, column: str, longest: int = 4000) -> str:
        """Text that may run over several lines."""
        value = self.values.get(column, "").replace("\r\n", "\n").strip()
        return self._fits(column, value, longest, needed=False)

    def _fits(self, column: str, value: str, longest: int, *, needed: bool) -> str:
        if needed and not value:
            self.refuse(column, "is empty")
        elif len(value) > longest:
            reason = "has {length} characters, at most {longest} fit"
            self.refuse(column, reason, length=len(value), longest=longest)
        elif not all(letter.isprintable() or letter == "\n" for letter in value):
            self.refuse(column, "contains a character that cannot be printed")
        return value

    def code(self, column: str, *, needed: bool = True) -> str:
        """A short code: lower-case letters, digits, dots, hyphens."""
        value = self.values.get(column, "").strip()
        if needed and not value:
            self.refuse(column, "is empty")
        elif value and not _CODE.fullmatch(value):
            self.refuse(column, "may have lower-case letters, digits, dots and hyphens only")
        return value

    def email(self, column: str) -> str:
        value = self.text(column, 254).lower()
        if value and not _EMAIL.fullmatch(value):
            self.refuse(column, "is no e-mail address")
        return value

    def choice(self, column: str, allowed: Collection[str], default: str | None = None) -> str:
        value = self.values.get(column, "").strip().lower().replace("-", "_")
        if not value and default is not None:
            return default
        if value not in allowed:
            self.refuse(column, f"must be one of {', '.join(allowed)}")
        return value

    def yes(self, column: str, *, default: bool | None = None) -> bool:
        value = self.values.get(column, "").strip().lower()
        if not value and default is not None:
            return default
        if value not in YES | NO:
            self.refuse(column, "must be yes or no")
        return value in YES

    def day(self, column: str, *, needed: bool = True) -> date | None:
        value = self.values.get(column, "").strip()
        if not value and not needed:
            return None
        try:
            day = date.fromisoformat(value) if len(value) == 10 else None
        except ValueError:
            day = None
        if day is None or not 1900 <= day.year < 2200:
            self.refuse(column, "must be a date such as 2026-11-23")
            return None
        return day

    def clock(self, column: str) -> time | None:
        found = _CLOCK.fullmatch(self.values.get(column, "").strip())
        if not found:
            self.refuse(column, "must be a time such as 08:00")
            return None
        return time(int(found[1]), int(found[2]))

    def decimal(self, column: str) -> float:
        value = self.values.get(column, "").strip()
        if not _NUMBER.fullmatch(value):
            self.refuse(column, "must be a number such as 12.5, with two decimals at most")
            return 0.0
        return float(value.replace(",", "."))


@dataclass
class Sheet:
    """The lines of a file, and what is wrong with them so far."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_sheet(content: bytes, needed: Collection[str], optional: Collection[str]) -> Sheet:
    """The lines of a CSV file (UTF-8, with or without a byte order mark; comma or semicolon)."""
    sheet = Sheet()
    text = decoded(content, sheet)
    if text is None:
        return sheet
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = _rows(text, delimiter, sheet)
    header = next(rows, (1, []))[1]
    names = [name.strip().lower() for name in header]
    if not _sound_header(names, needed, optional, sheet):
        return sheet
    for number, fields in rows:
        if len(fields) != len(names):
            counts = (("fields", len(fields)), ("names", len(names)))
            reason = "has {fields} fields, the header has {names}"
            sheet.problems.append(Problem(number, "", reason, counts))
        else:
            values = dict(zip(names, fields, strict=True))
            sheet.lines.append(Line(number, values, sheet.problems))
    return sheet


def decoded(content: bytes, sheet: Sheet) -> str | None:
    """The text of a file. Each line that is not UTF-8 is noted in the sheet and read as far as it
    can be, so that all others are looked through too; without its first line there is no text."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        lines = content.split(b"\n")
    bad = [number for number, line in enumerate(lines, 1) if not _is_utf8(line)]
    reason = "is not UTF-8 text; in a spreadsheet choose 'CSV UTF-8' when saving"
    sheet.problems.extend(Problem(number, "", reason) for number in bad)
    return None if bad[0] == 1 else content.decode("utf-8-sig", errors="replace")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _rows(text: str, delimiter: str, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the number of the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for fields in reader:
            if any(value.strip() for value in fields):
                yield begins, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        told = (("error", str(error)),)
        sheet.problems.append(Problem(begins, "", "cannot be read as CSV: {error}", told))


def _sound_header(
    names: list[str], needed: Collection[str], optional: Collection[str], sheet: Sheet
) -> bool:
    known = [*needed, *optional]
    told = (("known", ", ".join(known)),)
    found = [Problem(1, name, "this column is missing") for name in needed if name not in names]
    found += [
        Problem(1, name, "unknown column; known are {known}", told)
        for name in names
        if name not in known
    ]
    found += [
        Problem(1, name, "this column stands twice") for name in known if names.count(name) > 1
    ]
    sheet.problems.extend(found)
    return not found
