"""The evidence of one agency and period as arrays: one query, read in pieces."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from datetime import date, time
from functools import partial, reduce
from operator import add
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    case,
    cast,
    extract,
    func,
    literal_column,
    select,
)

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Agency, Holiday
from portal.ratings.models import CHANNELS, Rating, Verdict, VerdictReview
from portal.records import evidence
from portal.records.evidence import Moment

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

PIECE = 20_000
GONE = -1  # where a time was blanked
HASTE = 2  # seconds: no face is looked at so quickly

CAUSES = ("", "person", "procedure", "facility", "system")


@dataclass(frozen=True)
class Evidence:
    """Parallel arrays, one entry a rating, in the order of the ratings' ids.

    `queued`, `about_person`, `settled`, `judged`, `hurried`: as `records.evidence` defines them;
    `hasty`: sent within `HASTE` of opening the form at the counter.
    `weight`, `reasons`: the latest verdict; `review`: a person's weight, NaN where nobody reviewed.
    """

    id: NDArray[np.bytes_]
    employee: Ints
    office: Ints
    counter: Ints
    service: Ints
    channel: Ints  # place in CHANNELS
    cause: Ints  # place in CAUSES
    device: NDArray[np.bytes_]
    issued: Ints  # seconds since 1970, GONE where blanked
    answers: NDArray[np.int8]
    queued: Flags
    named: Flags
    about_person: Flags
    withdrawn: Flags
    judged: Flags
    settled: Flags
    hasty: Flags
    hurried: Flags
    joined: Ints
    weight: Floats
    review: Floats
    reasons: NDArray[Any]

    def __len__(self) -> int:
        return len(self.id)

    def select(self, rows: Flags | Ints) -> "Evidence":
        if rows.dtype == bool and rows.all():
            return self  # a copy would be a tenth of all that a release holds
        return Evidence(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})

    @property
    def final_weight(self) -> Floats:
        return np.where(np.isnan(self.review), self.weight, self.review)

    @property
    def times_gone(self) -> bool:
        return bool((self.issued == GONE).any())


def digest(evidence: Evidence, weight: Floats) -> str:
    """SHA-256 over what the engine was given: ids, whom, what, answers, weight; never words."""
    layout = [
        ("id", "S32"), ("employee", "<i8"), ("service", "<i8"), ("channel", "i1"),
        ("answers", "i1", (4,)), ("weight", "<f8"),
    ]  # fmt: skip
    order = np.argsort(evidence.id, kind="stable")
    table = np.zeros(len(evidence), dtype=layout)
    for name in ("id", "employee", "service", "channel", "answers"):
        table[name] = getattr(evidence, name)[order]
    table["weight"] = weight[order]
    return hashlib.sha256(table.tobytes()).hexdigest()


FLAGS = (
    ("queued", evidence.QUEUED),
    ("named", evidence.NAMED),
    ("about_person", evidence.ABOUT_PERSON),
    ("withdrawn", evidence.WITHDRAWN),
    ("judged", evidence.JUDGED),
    ("settled", evidence.SETTLED),
    ("hurried", evidence.HURRIED),
    ("opened_there", evidence.OPENED_THERE),
)


def _packed(flags: Iterable[ColumnElement[bool]]) -> ColumnElement[int]:
    """Several conditions as the bits of one number: one value to fetch instead of eight."""
    return reduce(add, (case((flag, 1 << bit), else_=0) for bit, flag in enumerate(flags)))


def _place(column: Any, names: Sequence[str]) -> ColumnElement[int]:
    """At which place of a list a word stands; nothing stands at the first."""
    return case({name: place for place, name in enumerate(names)}, value=column, else_=0)


def _digits(columns: Iterable[ColumnElement[int]]) -> ColumnElement[int]:
    """Several small numbers as the digits of one number."""
    return reduce(lambda total, item: total * 10 + item, columns)


ANSWERS = (Rating.overall, Rating.ramah, Rating.cakap, Rating.cekatan)
DIGITS = (
    _place(Rating.channel, CHANNELS),
    _place(Rating.cause, CAUSES),
    *(func.coalesce(answer, 0) for answer in ANSWERS),
)
POWERS = 10 ** np.arange(len(DIGITS), dtype=np.int64)[::-1]


def _seconds(moment: Any) -> ColumnElement[int]:
    return func.coalesce(cast(extract("epoch", moment), BigInteger), GONE)


def _columns() -> list[Any]:
    return [
        func.replace(cast(Rating.id, String), "-", ""),
        func.coalesce(evidence.EMPLOYEE, 0),
        _seconds(Rating.received_at),
        Rating.counter_id,
        func.coalesce(Rating.service_id, 0),
        Rating.device,
        _seconds(Rating.issued_at),
        _digits(DIGITS),
        _packed(flag for _, flag in FLAGS),
        func.coalesce(Verdict.joined, 0),
        Verdict.weight,
        VerdictReview.weight,
        func.coalesce(Verdict.reasons, ""),
    ]


def read(moment: Moment) -> Evidence:
    """All ratings of the period as they stand at a moment, in transactions of its own."""
    query = evidence.ratings_as_of(moment, *_columns())
    words: dict[str, str] = {}
    with ThreadPoolExecutor() as threads:
        read_part = partial(_read, db.engine, words)
        pieces = [piece for part in threads.map(read_part, _parts(query)) for piece in part]
    if not pieces:
        pieces = [_piece([()] * len(_columns()), words)]
    order = np.argsort(np.concatenate([piece["id"] for piece in pieces]), kind="stable")
    # One array after the other: all of them twice would be the most that a release holds.
    whole = {name: np.concatenate([piece[name] for piece in pieces])[order] for name in pieces[0]}
    return Evidence(office=_offices(db.engine, moment.agency_id, whole["counter"]), **whole)


def _parts(query: Select[Any]) -> list[Select[Any]]:
    """SQLite is asked for the ratings as they arrived, which is how they lie on the disk: in the
    order of another index each is a jump. PostgreSQL does half of the work in each of two sessions
    while this process takes in what is there; ids are drawn at random."""
    if db.engine.dialect.name == "sqlite":
        return [query.order_by(literal_column("rating.rowid"))]
    middle = UUID(int=1 << 127)
    return [query.where(Rating.id < middle), query.where(Rating.id >= middle)]


def _read(engine: Engine, words: dict[str, str], query: Select[Any]) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [
            _piece(list(zip(*rows, strict=True)), words)
            for rows in _tuples(connection, query)
            if rows
        ]


def _tuples(connection: Connection, query: Select[Any]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The driver's own tuples, a piece at a time: made into rows with names, reading would take a
    seventh longer."""
    found = connection.execute(query, execution_options={"yield_per": PIECE})
    while found.cursor:
        yield found.cursor_strategy.fetchmany(found, found.cursor, PIECE)


def _offices(engine: Engine, agency_id: int, counters: Ints) -> Ints:
    """The office of each rating's counter. Joined by the database, the reading of many ratings
    would take a fifth longer; asked for afterwards, there is none that is not known yet."""
    query = select(Counter.id, Counter.office_id).where(Counter.agency_id == agency_id)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query.order_by(Counter.id))]
    known, offices = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return np.asarray(offices[np.searchsorted(known, counters)])


def _piece(columns: Sequence[tuple[Any, ...]], words: dict[str, str]) -> dict[str, Any]:
    """Some ratings as what `Evidence` holds of them, but for the office."""

    def ints(place: int) -> Ints:
        return np.array(columns[place], dtype=np.int64)

    def floats(place: int) -> Floats:
        return np.array(columns[place], dtype=np.float64)  # None becomes NaN

    size = len(columns[0])
    digits, flags = ints(7)[:, None] // POWERS % 10, ints(8)
    conditions = {name: (flags >> bit & 1).astype(bool) for bit, (name, _) in enumerate(FLAGS)}
    received, issued = ints(2), ints(6)
    brief = (issued != GONE) & (received - issued < HASTE)
    reasons = np.empty(size, dtype=object)
    reasons[:] = [words.setdefault(text, text) for text in columns[12]]  # each text kept once
    return dict(
        id=np.array(columns[0], dtype="S32"),
        employee=ints(1),
        counter=ints(3),
        service=ints(4),
        channel=digits[:, 0],
        cause=digits[:, 1],
        device=np.array([value or b"" for value in columns[5]], dtype="S16"),
        issued=issued,
        answers=digits[:, 2:].astype(np.int8),
        joined=ints(9),
        weight=floats(10),
        review=floats(11),
        reasons=reasons,
        hasty=conditions.pop("opened_there") & brief,
        **conditions,
    )


@dataclass(frozen=True)
class Hours:
    """When an agency's counters are open."""

    offset: int  # seconds east of Greenwich; Indonesia has no summer time
    opens: int
    closes: int
    working_days: str
    holidays: Ints  # days since 1970
    # Days with other hours: day, opening, closing. Written down only where there are any, so that
    # what was frozen before keeps its digest.
    special: tuple[tuple[int, int, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        values = {**asdict(self), "holidays": self.holidays.tolist()}
        special = values.pop("special")
        return values | ({"special": [list(one) for one in special]} if special else {})

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Hours":
        special = tuple((day, opens, closes) for day, opens, closes in values.get("special", ()))
        holidays = np.array(values["holidays"], dtype=np.int64)
        return cls(**{**values, "holidays": holidays, "special": special})

    def closed_at(self, issued: Ints, slack: int) -> Flags:
        """Whether the counters were closed, some minutes of grace at both ends."""
        local = issued + self.offset
        day, second = np.divmod(local, 86_400)
        weekday = (day + 3) % 7 + 1  # ISO; day 0 was a Thursday
        works = np.isin(weekday, [int(digit) for digit in self.working_days])
        opens, closes = np.full_like(day, self.opens), np.full_like(day, self.closes)
        for one, opened, closed in self.special:
            there = day == one
            works, opens, closes = (
                works | there,
                np.where(there, opened, opens),
                np.where(there, closed, closes),
            )
        open_now = (second >= opens - slack) & (second <= closes + slack)
        return ~(works & open_now & ~np.isin(day, self.holidays))


def hours_of(agency_id: int, moment: Moment) -> Hours:
    agency = db.session.get_one(Agency, agency_id)
    days = (
        []
        if agency.trial
        else list(db.session.scalars(select(Holiday).where(Holiday.agency_id == agency_id)))
    )
    opens, closes = (time(), time(23, 59)) if agency.trial else (agency.opens_at, agency.closes_at)
    offset = moment.as_of.astimezone(agency.zone).utcoffset()
    assert offset is not None  # noqa: S101  an aware time has one
    return Hours(
        offset=int(offset.total_seconds()),
        opens=_second(opens),
        closes=_second(closes),
        working_days="1234567" if agency.trial else agency.working_days,
        holidays=np.array(
            [_epoch_day(one.day) for one in days if not one.opens_at], dtype=np.int64
        ),
        special=tuple(
            (_epoch_day(one.day), _second(one.opens_at), _second(one.closes_at))
            for one in sorted(days, key=lambda one: one.day)
            if one.opens_at and one.closes_at
        ),
    )


def _second(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60


def _epoch_day(day: date) -> int:
    return day.toordinal() - 719_163
