"""Columns of a rating file: texts in, piece by piece; one compact array out.

Each column has `take(texts)`, which stores a piece and returns the first bad place in it with what
is wrong there (or None), and `whole()`, which gives the array and forgets the pieces.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .data import Codes, Flags, Ints, Keys

Trouble = tuple[int, str] | None
"""Place within the piece, and what is wrong there."""


class Column(Protocol):
    """What a reader needs to know of a column."""

    def take(self, texts: Sequence[str]) -> Trouble:
        """Store a piece."""


class _Growing:
    """An array that grows at its end, in one piece of memory; wider items widen it."""

    def __init__(self, kind: Any) -> None:
        self.kind = np.dtype(kind)
        self.bytes = bytearray()

    def add(self, part: NDArray[Any]) -> None:
        kind = np.promote_types(self.kind, part.dtype)
        if kind != self.kind:
            wider = bytearray(self.whole().astype(kind).tobytes())
            self.bytes, self.kind = wider, kind
        self.bytes += part.astype(kind, copy=False).tobytes()

    def whole(self) -> NDArray[Any]:
        """Everything; nothing is kept."""
        found = np.frombuffer(self.bytes, self.kind) if self.bytes else np.zeros(0, self.kind)
        self.bytes = bytearray()
        return found


class _Places(dict[str, int]):
    """Numbers of texts, in the order in which they appear."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


class Texts:
    """A column of few distinct texts, kept as codes."""

    def __init__(
        self, name: str = "", allowed: tuple[str, ...] | None = None, *, empty: bool = False
    ) -> None:
        self.name, self.allowed, self.empty = name, allowed, empty
        self.place = _Places()
        self.codes = _Growing(np.int8)

    def take(self, texts: Sequence[str]) -> Trouble:
        """Store codes, as narrow as the number of texts allows."""
        before = len(self.place)
        codes = np.fromiter(map(self.place.__getitem__, texts), dtype=np.int32, count=len(texts))
        self.codes.add(codes.astype(_signed(len(self.place))))
        new = islice(reversed(self.place), len(self.place) - before)
        bad = [text for text in new if not self._fits(text)]
        if not bad:
            return None
        at = min(texts.index(text) for text in bad)
        return at, "empty" if self.allowed is None else f"unknown {self.name} '{texts[at]}'"

    def _fits(self, text: str) -> bool:
        if self.allowed is not None:
            return text in self.allowed
        return self.empty or bool(text.strip())

    def whole(self) -> tuple[Codes, Keys]:
        """Codes that sort as the texts do, and the sorted texts."""
        ordered = sorted(self.place)
        rank = np.empty(len(ordered), dtype=_signed(len(ordered)))
        keys = np.empty(len(ordered), dtype=object)
        for number, text in enumerate(ordered):
            rank[self.place[text]] = number
            keys[number] = text
        return rank[self.codes.whole()], keys


class _Grades(dict[str, int]):
    """Values of answers; -1 for what is none."""

    def __missing__(self, text: str) -> int:
        return -1


class Answers:
    """Whole numbers from 1 to `points`; 0 where nothing was answered."""

    def __init__(self, points: int) -> None:
        self.points = points
        self.grades = _Grades({"": 0} | {str(value): value for value in range(1, points + 1)})
        self.values = _Growing(np.int8)

    def take(self, texts: Sequence[str]) -> Trouble:
        """Store the answers."""
        part = np.fromiter(map(self.grades.__getitem__, texts), dtype=np.int8, count=len(texts))
        self.values.add(part)
        bad = np.flatnonzero(part < 0)
        if not len(bad):
            return None
        at = int(bad[0])
        return at, f"'{texts[at]}' is no whole number from 1 to {self.points}"

    def whole(self) -> NDArray[np.int8]:
        """All answers."""
        return self.values.whole()


class Identifiers:
    """Texts that are all different, as bytes."""

    def __init__(self) -> None:
        self.values = _Growing("S1")

    def take(self, texts: Sequence[str]) -> Trouble:
        """Store the texts; none may be empty."""
        self.values.add(_as_bytes(texts))
        return (texts.index(""), "empty") if "" in texts else None

    def whole(self) -> NDArray[np.bytes_]:
        """All identifiers."""
        return self.values.whole()


class Raters:
    """Pseudonyms as numbers, -1 for none: ten million texts would not fit into memory."""

    def __init__(self) -> None:
        self.values = _Growing(np.int64)

    def take(self, texts: Sequence[str]) -> Trouble:
        """Store the numbers."""
        self.values.add(_numbers_of(_as_bytes(texts)))
        return None

    def whole(self) -> NDArray[np.int32]:
        """Small codes instead of large numbers; -1 stays."""
        found, codes = np.unique(self.values.whole(), return_inverse=True)
        first = 1 if len(found) and found[0] == -1 else 0
        return (codes - first).astype(np.int32)


class Moments:
    """Times with their offset from UTC."""

    def __init__(self) -> None:
        self.when, self.offset = _Growing(np.int64), _Growing(np.int32)

    def take(self, texts: Sequence[str]) -> Trouble:
        """Store the times: the usual form all at once, any other form of ISO 8601 one by one."""
        when, offset, usual = _usual_times(texts)
        for at in np.flatnonzero(~usual).tolist():
            try:
                moment = datetime.fromisoformat(texts[at])
            except ValueError:
                return at, f"'{texts[at]}' is no ISO 8601 time"
            east = moment.utcoffset()
            if east is None:
                return at, f"'{texts[at]}' has no offset from UTC"
            when[at], offset[at] = int(moment.timestamp() // 1), int(east.total_seconds())
        self.when.add(when)
        self.offset.add(offset)
        return None

    def whole(self) -> tuple[Ints, NDArray[np.int32]]:
        """Seconds since 1970 in UTC, and seconds east of it."""
        return self.when.whole(), self.offset.whole()


USUAL = b"0000-00-00T00:00:00+00:00"
_DIGIT = np.frombuffer(USUAL, dtype=np.uint8) == ord("0")


def _usual_times(texts: Sequence[str]) -> tuple[Ints, NDArray[np.int32], Flags]:
    """Seconds since 1970, offset, and where a text has the usual form and is a real time."""
    size = len(texts)
    fits = np.fromiter(map(len, texts), dtype=np.int64, count=size) == len(USUAL)
    line = "".join(text if ok else USUAL.decode() for text, ok in zip(texts, fits, strict=True))
    letters = np.frombuffer(line.encode("ascii", "replace"), np.uint8).reshape(size, len(USUAL))
    sign = letters[:, 19]
    digits = letters[:, _DIGIT] - np.uint8(ord("0"))
    marks = letters[:, ~_DIGIT] == np.frombuffer(USUAL, dtype=np.uint8)[~_DIGIT]
    marks[:, -2] |= sign == ord("-")
    fits &= marks.all(axis=1) & (digits <= 9).all(axis=1)
    pair = digits[:, ::2].astype(np.int64) * 10 + digits[:, 1::2]
    century, year, month, day, hour, minute, second, east, east_minute = pair.T
    months = (century * 100 + year - 1970) * 12 + month - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (day - 1)
    fits &= (century + year > 0) & (month >= 1) & (month <= 12) & (day >= 1)
    fits &= days.astype("datetime64[M]").astype(np.int64) == months
    fits &= (hour < 24) & (minute < 60) & (second < 60) & (east < 24) & (east_minute < 60)
    offset = np.where(sign == ord("-"), -1, 1) * (east * 3600 + east_minute * 60)
    clock = hour * 3600 + minute * 60 + second
    return days.astype(np.int64) * 86_400 + clock - offset, offset.astype(np.int32), fits


def _as_bytes(texts: Sequence[str]) -> NDArray[np.bytes_]:
    return np.array([text.encode() for text in texts])


def _numbers_of(texts: NDArray[np.bytes_]) -> Ints:
    """A 63-bit number for each text, -1 for the empty one: eight bytes at a time are mixed in by
    multiplication and shift. Two of ten million texts share a number by chance once in a hundred
    thousand such files."""
    eights = -(-texts.dtype.itemsize // 8)
    words = texts.astype(f"S{8 * eights}").view("<u8").reshape(len(texts), eights)
    number = np.zeros(len(texts), dtype=np.uint64)
    for word in words.T:
        mixed = (number ^ word) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
        number = np.where(word > 0, mixed ^ (mixed >> np.uint64(32)), number)
    return np.where(texts == b"", -1, (number >> np.uint64(1)).astype(np.int64))


def _signed(size: int) -> np.dtype[Any]:
    """The narrowest type of whole numbers for codes 0..size-1, and -1."""
    return np.min_scalar_type(-max(size, 1))
