"""What a run saw of one employee's ratings: what counted, what was set aside, what waited."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_

from portal.counters.periods import first_day, last_day
from portal.db import db
from portal.ratings.models import Rating, RatingComment, Verdict
from portal.records import evidence
from portal.records.evidence import Moment
from portal.records.models import ScoringRun


@dataclass(frozen=True)
class Seen:
    """One rating that names the employee and was not taken back, as it stood at the run.

    settled     whether it had been judged, and then by its last attribution
    weight      what it counts with a reviewer's word, `engine` without; None: not judged yet
    joined      the release that judged it first
    text        what the citizen wrote beside it and had been released, unless for the inspector
                alone; what an inspector hands over is released later than its rating
    """

    id: UUID
    rated_on: date
    received_at: datetime | None
    cause: str | None
    settled: bool
    weight: float | None
    engine: float | None
    reasons: str | None
    joined: int | None
    text: str | None
    rude_words: str | None

    @property
    def own_cause(self) -> bool:
        """Whether it is about the person, and not about the system, the rules or another."""
        return self.cause in {None, "person"}

    @property
    def counts(self) -> bool:
        return self.settled and self.weight is not None and self.weight > 0

    @property
    def set_aside(self) -> bool:
        return self.settled and self.weight is not None and self.weight <= 0


def seen(run: ScoringRun, employee_id: int) -> list[Seen]:
    """All of them, of whatever cause."""
    moment = Moment(run.agency_id, run.period, run.release, run.as_of)
    rows = db.session.execute(
        evidence.ratings_as_of(
            moment,  # and then in the order of `Seen`
            Rating.id,
            Rating.rated_on,
            Rating.received_at,
            Rating.cause,
            evidence.SETTLED,
            evidence.WEIGHT,
            Verdict.weight,
            Verdict.reasons,
            Verdict.joined,
            RatingComment.text,
            RatingComment.rude_words,
        )
        .outerjoin(
            RatingComment,
            and_(
                evidence.WRITTEN_BESIDE,
                RatingComment.released <= run.release,
                ~RatingComment.for_inspector,
            ),
        )
        .where(evidence.of_employee(moment, employee_id), evidence.NAMED, ~evidence.WITHDRAWN)
    )
    return [Seen(*row) for row in rows]


def waiting(ratings: Sequence[Seen], run: ScoringRun) -> int:
    """How many waited when the figures last moved: nothing moves in between."""
    return sum(
        one.own_cause
        and not one.settled
        and (one.received_at is not None and one.received_at <= run.as_of)
        for one in ratings
    )


@dataclass(frozen=True)
class Comment:
    """What a citizen wrote, in which days, and what the trouble was, if it was not the person.

    `covered`: whether its rude words are. From `first` to `last` enough ratings of the person were
    given: a day with one or two is not told.
    """

    text: str
    covered: bool
    first: date
    last: date
    cause: str


def comments(ratings: Sequence[Seen], run: ScoringRun, least: int) -> list[Comment]:
    """Comments that came with ratings released by this run, in an order that tells nothing.

    As it stood at the run: one that is taken back goes when the figures move, with others.
    """
    counted = [one for one in ratings if one.counts and (one.joined or 0) <= run.release]
    spans = rounded([one.rated_on for one in counted], least, run.period)
    shuffled = sorted(counted, key=lambda one: hashlib.sha256(one.id.bytes).digest())
    return [
        Comment(
            one.text,
            one.rude_words == "covered",
            *spans[one.rated_on],
            cause="" if one.own_cause else str(one.cause),
        )
        for one in shuffled
        if one.text is not None
    ]


def rounded(days: Sequence[date], least: int, period: str) -> dict[date, tuple[date, date]]:
    """For each day the shortest span around it that holds at least so many of these days: the
    day itself, its week, its month, or the period."""

    def span(day: date) -> tuple[date, date]:
        monday = day - timedelta(days=day.weekday())
        month = day.replace(day=1)
        until = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        for first, last in ((day, day), (monday, monday + timedelta(days=6)), (month, until)):
            if sum(number for one, number in counted.items() if first <= one <= last) >= least:
                return first, last
        return first_day(period), last_day(period)

    counted = Counter(days)
    return {day: span(day) for day in counted}
