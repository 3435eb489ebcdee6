"""Reading duties from an iCalendar file (RFC 5545) as if they stood in the lines of a CSV file.

Read of each VEVENT: SUMMARY (the employee's name), LOCATION (the counter), CATEGORIES (the
office's code), DTSTART and DTEND (UTC, with TZID, or on the agency's clock), STATUS. What
repeats is refused: each duty is an entry of its own.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.imports.files import Line, Problem, Sheet, decoded

REPEATING = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_NAME = re.compile(r"([A-Za-z0-9-]+)((?:;[^:\";=]+=(?:\"[^\"]*\"|[^:\";]*))*):(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\;,nN])")

Entry = dict[str, tuple[str, str, int]]  # property: parameters, value, line


def read_calendar(content: bytes, zone: ZoneInfo) -> Sheet:
    """The duties of a calendar file; what is cancelled in it is none."""
    sheet = Sheet()
    text = decoded(content, sheet)
    if text is None:
        return sheet
    found = False
    for number, entry in _entries(text, sheet):
        found = True
        if entry.get("STATUS", ("", "", 0))[1].strip().upper() != "CANCELLED":
            _add(sheet, number, entry, zone)
    if not found and not sheet.problems:
        sheet.problems.append(Problem(1, "", "no VEVENT in this file; is it an iCalendar file?"))
    return sheet


def _entries(text: str, sheet: Sheet) -> Iterator[tuple[int, Entry]]:
    """Each VEVENT with the line on which it begins; what stands inside it (VALARM) is skipped."""
    entry: Entry | None = None
    begins, inside = 1, 0
    for number, line in _unfolded(text):
        match = _NAME.fullmatch(line)
        if match is None:
            sheet.problems.append(Problem(number, "", "is no line of an iCalendar file"))
            continue
        name, value = match[1].upper(), match[3]
        if name == "BEGIN" and value.upper() == "VEVENT":
            entry, begins, inside = {}, number, 0
        elif entry is not None and name in {"BEGIN", "END"}:
            if name == "END" and value.upper() == "VEVENT":
                yield begins, entry
                entry = None
            else:
                inside += 1 if name == "BEGIN" else -1
        elif entry is not None and not inside:
            entry.setdefault(name, (match[2], value, number))


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Content lines with their numbers; one that begins with a space continues the one before."""
    begins, line = 1, ""
    for number, piece in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if piece[:1] in {" ", "\t"}:
            line += piece[1:]
            continue
        if line:
            yield begins, line
        begins, line = number, piece
    if line:
        yield begins, line


def _add(sheet: Sheet, number: int, entry: Entry, zone: ZoneInfo) -> None:
    repeating = next((name for name in REPEATING if name in entry), None)
    if repeating:
        reason = "repeats; write each duty as an entry of its own"
        sheet.problems.append(Problem(entry[repeating][2], repeating, reason))
        return
    starts, ends = (_moment(sheet, number, entry, name, zone) for name in ("DTSTART", "DTEND"))
    if starts is None or ends is None:
        return
    to_midnight = ends.time() == time() and ends.date() == starts.date() + timedelta(days=1)
    if starts.date() != ends.date() and not to_midnight:
        reason = "must be on the day of DTSTART; a night is two entries"
        sheet.problems.append(Problem(entry["DTEND"][2], "DTEND", reason))
        return
    status = entry.get("STATUS", ("", "CONFIRMED", 0))[1].strip().upper()
    values = {
        "nip": "",
        "name": _text(entry, "SUMMARY"),
        "office": _text(entry, "CATEGORIES"),
        "counter": _text(entry, "LOCATION"),
        "date": starts.date().isoformat(),
        "starts": f"{starts:%H:%M}",
        "ends": "24:00" if to_midnight else f"{ends:%H:%M}",
        "confirmed": "yes" if status == "CONFIRMED" else "no",
    }
    sheet.lines.append(Line(number, values, sheet.problems))


def _text(entry: Entry, name: str) -> str:
    value = entry.get(name, ("", "", 0))[1]
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value).strip()


def _moment(sheet: Sheet, number: int, entry: Entry, name: str, zone: ZoneInfo) -> datetime | None:
    """A property's moment on the agency's clock, or a problem and none."""
    parameters, value, line = entry.get(name, ("", "", number))
    named = re.search(r";TZID=\"?([^;\":]+)", parameters, re.IGNORECASE)
    try:
        given = datetime.strptime(value.strip().removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
        if value.strip().endswith("Z"):
            return given.replace(tzinfo=UTC).astimezone(zone)
        return given.replace(tzinfo=ZoneInfo(named[1]) if named else zone).astimezone(zone)
    except (ValueError, KeyError):
        reason = "must be a moment such as 20270104T010000Z, or with a known TZID"
        sheet.problems.append(Problem(line, name, reason))
        return None
