"""Duties as an iCalendar file (RFC 5545): no more of it than calendars on phones need."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Status = Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]

LONGEST_LINE = 75  # octets, without the line break (RFC 5545, 3.1)
PRODUCT = "-//Suara Loket//Jadwal loket//ID"


@dataclass(frozen=True)
class Event:
    """An entry of a calendar; `changed_at` is when it was last planned."""

    uid: str  # stays the same from file to file: a calendar then updates what it has
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    summary: str
    location: str
    category: str
    status: Status
    revision: int = 0  # how often it was changed: of two files the later one holds


def write_calendar(name: str, events: Iterable[Event]) -> bytes:
    """A calendar file; all times in UTC, so that it needs no table of zones."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape(name)}",
    ]
    for event in events:
        lines += _event(event)
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) for line in lines)


def _event(event: Event) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{escape(event.uid)}",
        f"DTSTAMP:{_moment(event.changed_at)}",
        f"DTSTART:{_moment(event.starts_at)}",
        f"DTEND:{_moment(event.ends_at)}",
        f"SUMMARY:{escape(event.summary)}",
        f"LOCATION:{escape(event.location)}",
        f"CATEGORIES:{escape(event.category)}",
        f"STATUS:{event.status}",
        f"SEQUENCE:{event.revision}",
        "END:VEVENT",
    ]


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escape(text: str) -> str:
    """A text value: backslash, semicolon, comma and line break are escaped (3.3.11)."""
    plain = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    for letter in ("\\", ";", ","):
        plain = plain.replace(letter, f"\\{letter}")
    return plain.replace("\n", "\\n")


def fold(line: str) -> bytes:
    """A content line with its line break, cut between letters where it is too long (3.1)."""
    pieces: list[bytes] = [b""]
    for letter in line:
        encoded = letter.encode()
        # A continued line begins with a space, which counts.
        room = LONGEST_LINE - (len(pieces) > 1)
        if len(pieces[-1]) + len(encoded) > room:
            pieces.append(b"")
        pieces[-1] += encoded
    return b"\r\n ".join(pieces) + b"\r\n"
