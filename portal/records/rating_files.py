"""Single ratings for a file that leaves the portal: as of a release, none recognisable by itself.

Each line says only as much of where, when and about whom as at least LEAST lines say alike
(k-anonymity by local recoding: Sweeney 2002, Int. J. Uncertainty Fuzziness 10, 571-588). What was
answered is told whole.

The ids of lines are made for one release with a key of the portal, and lines stand in their order:
no line of another release has the same, and who knows a rating's own id, from a ticket, a tablet
or the number of a paper ballot, finds no line by it.
"""

import hmac
from array import array
from calendar import monthrange
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from itertools import islice
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Select, Uuid, case, func, select, type_coerce

from portal.counters.models import Counter, Service
from portal.counters.periods import first_day, last_day
from portal.db import db
from portal.people.models import Office
from portal.people.queries import Scope
from portal.ratings.models import AttributionEvent, Rating, Release
from portal.records import evidence
from portal.records.coverage import LEAST
from portal.records.evidence import Moment

AT_ONCE = 500
PIECE = 1 << 16
# What others may know of a visit, in the order of `_query`; then what only the citizen said.
KNOWN = (
    "office", "counter", "service", "channel", "language",
    "employee_id", "counts_for", "attributed_by",
)  # fmt: skip
SAID = ("overall", "ramah", "cakap", "cekatan", "cause", "withdrawn")
COLUMNS = ("rating_id", "first_day", "last_day", *KNOWN, *SAID)
PLACE = ("office", "employee_id", "counts_for")
# From the most to the least that a line may say: which columns, and how long the span of days is.
# All but the last name the office, so that what is said of one hangs on no other.
STEPS = (
    (KNOWN, "day"),
    (KNOWN, "week"),
    ((*PLACE, "service", "channel"), "week"),
    ((*PLACE, "service"), "month"),
    (PLACE, "month"),
    (PLACE, "period"),
    (("office",), "period"),
    ((), "period"),
)


@dataclass(frozen=True)
class RatingFile:
    """The lines of a file, in the order of their random ids; None is what is not told.

    `withheld`: ratings left out, because even with the least that may be said they would be fewer
    than LEAST.
    """

    lines: int
    withheld: int
    rows: Iterator[Sequence[Any]]


def moment_of(release: Release) -> Moment:
    """What that release knew: people's words since then wait for the next."""
    return Moment(release.agency_id, release.period, release.number, release.started_at)


def rating_file(
    scope: Scope,
    moment: Moment,
    after: UUID | None = None,
    cell: Callable[[Any], Any] = lambda value: value,
) -> RatingFile:
    """The released ratings of a period in these offices; those after the line `after` only.

    Some offices get those lines of the agency's file that name them, and no other: who has both
    would learn from lines without a place to which part of the agency they belong.

    One statement, read to its end before this returns: the lines need no database any more. Takes
    60 bytes a rating at most, beside what the program itself holds, and the same lines whatever
    `after` is. `cell` makes of a value what stands in the file; it is asked once for each value,
    not for each line. Raises UnknownLine.
    """
    reading = Reading(scope, moment, after, cell)
    for _read in reading:
        pass
    return reading.found


class Reading:
    """The same step by step: tells on the way how many ratings have been read by now. `found` is
    there once it has come to its end."""

    found: RatingFile

    def __init__(
        self,
        scope: Scope,
        moment: Moment,
        after: UUID | None = None,
        cell: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self._asked = scope, moment, after, cell

    def __iter__(self) -> Iterator[int]:
        scope, moment, after, cell = self._asked
        found = yield from _read(_query(scope, moment), key_of(moment))
        self.found = _as_file(found, scope, moment, after, cell)


def _as_file(
    found: "_Found",
    scope: Scope,
    moment: Moment,
    after: UUID | None,
    cell: Callable[[Any], Any],
) -> RatingFile:
    found.put_in_order()
    steps = _steps(found, moment.period, STEPS if scope.offices is None else STEPS[:-1])
    begin = 0 if after is None else found.place_of(after) + 1
    untold = len(STEPS)
    return RatingFile(
        lines=len(steps) - begin - steps[begin:].count(untold),
        withheld=steps.count(untold),
        rows=_rows(found, steps, begin, moment.period, cell),
    )


class UnknownLine(ValueError):
    """No line of this file has this id: it is of another release, or the keys have changed."""


@dataclass
class _Found:
    """Columns of ratings: ids as bytes, all else by its place among the values of its column, in
    whole numbers of as few bytes as there are values."""

    ids: bytearray
    days: "array[int]"
    columns: list["array[int]"]
    values: list[list[Any]]  # of the days first

    def put_in_order(self) -> None:
        """By the first half of the ids: two that share it come once in 30 million files of a
        million, and then stay as they were read. Done in place, for the memory's sake."""
        import numpy as np  # noqa: PLC0415  no page needs it before a file is asked for

        halves = np.frombuffer(self.ids, ">u8").reshape(-1, 2).T
        order = np.argsort(halves[0], kind="stable").astype(np.uint32)
        for kept in (*halves, *map(np.asarray, (self.days, *self.columns))):
            kept[:] = kept[order]

    def place_of(self, line: UUID) -> int:
        at = self.ids.find(line.bytes)
        while at % 16 and at >= 0:
            at = self.ids.find(line.bytes, at + 1)
        if at < 0:
            raise UnknownLine
        return at // 16


class _Places(dict[Any, int]):
    """Where each value stands among those seen so far."""

    def __missing__(self, value: Any) -> int:
        return self.setdefault(value, len(self))


def key_of(moment: Moment) -> bytes:
    """What the ids of a release's lines are made with, by the portal alone."""
    secret = current_app.config["SETTINGS"].signing_keys[-1].encode()
    which = f"rating file {moment.agency_id} {moment.period} {moment.release}".encode()
    return hmac.digest(secret, which, "sha256")


def line_ids(key: bytes, ratings: bytes) -> bytes:
    """The ids of lines, 16 bytes each, for those of ratings."""
    starts = range(0, len(ratings), 16)
    return b"".join(
        blake2b(ratings[at : at + 16], digest_size=16, key=key).digest() for at in starts
    )


def _read(query: Select[Any], key: bytes) -> Generator[int, None, _Found]:
    width = 1 + len(KNOWN) + len(SAID)
    ids, columns = bytearray(), [array("B") for _ in range(width)]
    places = [_Places() for _ in range(width)]
    result = db.session.connection().execute(query, execution_options={"yield_per": AT_ONCE})
    for rows in result.partitions():
        ratings, *values = zip(*rows, strict=True)
        ids += line_ids(key, bytes.fromhex("".join(ratings).replace("-", "")))
        for number, (place, value) in enumerate(zip(places, values, strict=True)):
            seen = [place[one] for one in value]
            columns[number] = _wide_enough(columns[number], len(place))
            columns[number].extend(seen)
        yield len(columns[0])
    return _Found(ids, columns[0], columns[1:], [list(place) for place in places])


def _wide_enough(column: "array[int]", values: int) -> "array[int]":
    """The column in numbers that can tell so many values apart."""
    kind = next(kind for kind in "BHIQ" if values <= 1 << 8 * array(kind).itemsize)
    return column if array(kind).itemsize <= column.itemsize else array(kind, column)


def _steps(found: _Found, period: str, allowed: Sequence[tuple[Sequence[str], str]]) -> bytes:
    """For each rating the first allowed step at which LEAST are alike; len(STEPS) where none is."""
    import numpy as np  # noqa: PLC0415  no page needs it before a file is asked for

    untold = np.uint8(len(STEPS))
    steps = np.full(len(found.days), untold)
    for step, (names, length) in enumerate(allowed):
        left = steps == untold
        if not left.any():
            break
        enough = _common(_alike(found, left, names, length, period))
        steps[left] = np.where(enough, np.uint8(step), untold)
    return steps.tobytes()


def _alike(found: _Found, left: Any, names: Sequence[str], length: str, period: str) -> Any:
    """A number for each rating that is left: the same for those alike in these columns."""
    import numpy as np  # noqa: PLC0415

    starts = [span(day, length, period)[0].toordinal() for day in found.values[0]]
    begun, place = np.unique(starts, return_inverse=True)
    same, most = place.astype(np.uint64)[np.asarray(found.days)[left]], len(begun)
    for name in names:
        at = KNOWN.index(name)
        size = len(found.values[1 + at])
        if most * size >= 1 << 63:  # so many could be that they are counted anew
            seen, same = np.unique(same, return_inverse=True)
            same, most = same.astype(np.uint64), len(seen)
        same *= np.uint64(size)
        same += np.asarray(found.columns[at])[left]
        most *= size
    return same


def _common(same: Any) -> Any:
    """Which of these numbers occur LEAST times or more; by pieces, for the memory's sake."""
    import numpy as np  # noqa: PLC0415

    ordered = np.sort(same)
    far = ordered[LEAST - 1 :]
    near = ordered[: len(far)]
    first = near == far
    first[1:] &= near[1:] != near[:-1]  # it stands for all that are alike
    common = near[first]
    del ordered, near, far, first
    enough = np.zeros(len(same), dtype=bool)
    if len(common):
        for begin in range(0, len(same), PIECE):
            piece = same[begin : begin + PIECE]
            place = np.minimum(np.searchsorted(common, piece), len(common) - 1)
            enough[begin : begin + PIECE] = common[place] == piece
    return enough


def span(day: date, length: str, period: str) -> tuple[date, date]:
    """The day, week (from Monday), month or period that a day lies in."""
    if length == "day":
        return day, day
    if length == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if length == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return first_day(period), last_day(period)


def _rows(
    found: _Found, steps: bytes, begin: int, period: str, cell: Callable[[Any], Any]
) -> Iterator[Sequence[Any]]:
    days, *values = found.values
    written = [[cell(value) for value in column] for column in values]
    untold = [[cell(None)] * len(column) for column in values]
    spans = [
        [tuple(cell(end) for end in span(day, length, period)) for day in days]
        for _names, length in STEPS
    ]
    tables = [
        [
            shown if name in names or name in SAID else hidden
            for name, shown, hidden in zip((*KNOWN, *SAID), written, untold, strict=True)
        ]
        for names, _length in STEPS
    ]
    ratings = zip(steps, found.days, *found.columns, strict=True)
    for at, (step, day, *places) in enumerate(islice(ratings, begin, None), begin):
        if step < len(STEPS):
            key = found.ids[16 * at : 16 * at + 16].hex()
            yield (
                f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}",
                *spans[step][day],
                *(column[place] for column, place in zip(tables[step], places, strict=True)),
            )


def more_than(number: int, scope: Scope, period: str) -> bool:
    """Whether a period has more ratings in these offices than that; counts no further."""
    return ratings_in(scope, period, number + 1) > number


def ratings_in(scope: Scope, period: str, most: int | None = None) -> int:
    """How many ratings of a period there are in these offices; about so many are read."""
    here = select(Rating.id).where(Rating.agency_id == scope.agency_id, Rating.period == period)
    if scope.offices is not None:
        here = here.join(Counter, evidence.AT_COUNTER).where(Counter.office_id.in_(scope.offices))
    found = here.limit(most).subquery()
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def _query(scope: Scope, moment: Moment) -> Select[Any]:
    query = (
        evidence.ratings_as_of(
            moment,
            type_coerce(Rating.id, Uuid(as_uuid=False)),
            Rating.rated_on,
            Office.code,
            Counter.label,
            Service.code,
            Rating.channel,
            Rating.language,
            evidence.EMPLOYEE,
            evidence.COUNTS_FOR,
            func.coalesce(AttributionEvent.attributed_by, Rating.attributed_by),
            Rating.overall,
            Rating.ramah,
            Rating.cakap,
            Rating.cekatan,
            Rating.cause,
            case((evidence.WITHDRAWN, 1), else_=0),
        )
        .join(Counter, evidence.AT_COUNTER)
        .join(Office, (Office.agency_id == Counter.agency_id) & (Office.id == Counter.office_id))
        .outerjoin(
            Service,
            (Service.agency_id == Rating.agency_id) & (Service.id == Rating.service_id),
        )
        .where(evidence.SETTLED)
        .order_by(Rating.id)
    )
    return query if scope.offices is None else query.where(Counter.office_id.in_(scope.offices))
