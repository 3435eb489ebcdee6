"""Groups of telephones that rate the same few people: found for the inspector, who decides.

What was answered is never looked at: only who rated whom how often. Nothing here touches a score
before a person has set a group aside (block_actions), which an appeals officer can undo.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, case, func, select

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Employee
from portal.people.queries import Scope
from portal.ratings.models import AttributionEvent, Rating, Verdict, VerdictReview, Withdrawal
from portal.records import evidence
from portal.records.evidence import Moment, now_in
from portal.records.models import ScoringRun
from portal.records.policies import current_policy, engine_policy

if TYPE_CHECKING:
    from portal import scoring

LEAST = 5  # of fewer ratings or telephones no number is told
MOST_PEOPLE = 20
REMEMBERED = 8  # pairs of offices and a quarter, each of some kilobytes


@dataclass(frozen=True)
class SuspiciousBlock:
    """Telephones, the people they rated, and the ratings between them.

    `density`: weight of the ratings over the number of telephones and people (scoring.blocks).
    `counting` can be set aside, `aside` (set aside by a person, not by the engine) put back;
    what the engine has set aside by itself is in neither.
    """

    people: tuple[int, ...]
    names: tuple[str, ...]
    devices: int
    ratings: tuple[UUID, ...]
    counting: tuple[UUID, ...]
    aside: tuple[UUID, ...]
    density: float

    @property
    def key(self) -> str:
        """Names this group as long as the same ratings make it up."""
        text = ",".join(sorted(one.hex for one in self.ratings))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def by_engine(self) -> int:
        """Ratings that the engine set aside by itself, or of which an officer has had the word."""
        return len(self.ratings) - len(self.counting) - len(self.aside)


@dataclass(frozen=True)
class Suspected:
    """The inspector's figure of one person, with ratings and those of them set aside."""

    name: str
    figure: float
    ratings: int
    set_aside: int


def suspicious_blocks(scope: Scope, period: str, now: datetime) -> list[SuspiciousBlock]:
    """The dense groups among what the last release has settled, the densest first; those of
    fewer than five ratings are not told."""
    return list(_blocks(_asked(scope, period, now)))


def suspected_people(scope: Scope, period: str, now: datetime) -> list[Suspected]:
    """Whose ratings look odd most of all, by the engine's fraud scores; people with fewer than
    five ratings are not told."""
    return list(_people(_asked(scope, period, now)))


@dataclass(frozen=True)
class _Asked:
    """What groups and figures follow from: as long as it is the same, so are they, and nobody
    reads a quarter of ratings again for them."""

    scope: Scope
    period: str
    policy: int
    release: int
    run: int | None
    words: int  # of people, about ratings of the period
    moment: Moment = field(compare=False)


def _asked(scope: Scope, period: str, now: datetime) -> _Asked:
    agency_id, moment = scope.agency_id, now_in(scope.agency_id, period, now)
    version = current_policy(agency_id).version
    run, *words = db.session.execute(
        select(
            select(func.max(ScoringRun.id))
            .where(ScoringRun.agency_id == agency_id, ScoringRun.period == period)
            .scalar_subquery(),
            *(
                select(func.count())
                .where(of.agency_id == agency_id, of.period == period, of.at <= now)
                .scalar_subquery()
                for of in (AttributionEvent, VerdictReview, Withdrawal)
            ),
        )
    ).one()
    return _Asked(scope, period, version, moment.release, run, sum(words), moment)


@lru_cache(maxsize=REMEMBERED)
def _blocks(asked: _Asked) -> tuple[SuspiciousBlock, ...]:
    """Two statements, and one for the names."""
    import numpy as np  # noqa: PLC0415  comes with the engine

    from portal import scoring  # noqa: PLC0415  see policies.engine_policy

    scope, moment = asked.scope, asked.moment
    policy = engine_policy(current_policy(scope.agency_id))
    query = _settled(
        moment,
        scope,
        Rating.id,
        evidence.EMPLOYEE,
        Rating.device,
        Rating.channel,
        Verdict.weight,
        VerdictReview.weight,
    ).order_by(Rating.id)
    if policy.block_density > scoring.ONCE:
        # Nearly all telephones rate once in a quarter: theirs need not even be read.
        query = query.where(Rating.device.in_(_repeating(moment)))
    rows = db.session.execute(query).all()
    if not rows:
        return ()
    count = _settled(moment, scope, evidence.EMPLOYEE, func.count()).group_by(evidence.EMPLOYEE)
    received = dict(db.session.execute(count).all())
    found = scoring.dense_blocks(
        _as_ratings(rows), policy, received=np.array([received[row[1]] for row in rows])
    )
    large = [block for block in found if len(block.rows) >= LEAST]
    names = _names(scope.agency_id, {int(one) for block in large for one in block.employees})
    return tuple(_block(block, [rows[at] for at in block.rows.tolist()], names) for block in large)


def _settled(moment: Moment, scope: Scope, *columns: Any) -> Any:
    query = evidence.ratings_as_of(moment, *columns).where(evidence.ABOUT_PERSON, evidence.SETTLED)
    if scope.offices is None:
        return query
    # By keys and not by joining: PostgreSQL, expecting a row, went through all counters for each.
    counters = select(Counter.id).where(
        Counter.agency_id == scope.agency_id, Counter.office_id.in_(scope.offices)
    )
    return query.where(Rating.counter_id.in_(db.session.scalars(counters).all()))


def _repeating(moment: Moment) -> Select[Any]:
    """Telephones with more than one rating in the period."""
    return (
        select(Rating.device)
        .where(
            Rating.agency_id == moment.agency_id,
            Rating.period == moment.period,
            Rating.device.is_not(None),
        )
        .group_by(Rating.device)
        .having(func.count() > 1)
    )


def _as_ratings(rows: Any) -> "scoring.Ratings":
    """Who rated whom over which channel; the engine needs no more to find groups."""
    import numpy as np  # noqa: PLC0415  comes with the engine

    from portal import scoring  # noqa: PLC0415

    _, people, devices, channels, _, _ = zip(*rows, strict=True)
    codes: dict[bytes, int] = {}
    nothing = np.zeros(len(rows), dtype=np.int64)
    return scoring.Ratings(
        employee=np.array(people, dtype=np.int64),
        office=nothing,
        service=nothing,
        channel=np.array(channels, dtype=object),
        period=nothing,
        rater=np.array(
            [codes.setdefault(device, len(codes)) if device else -1 for device in devices]
        ),
        submitted_at=nothing,
        counter=nothing,
        answers=np.zeros((len(rows), 1), dtype=np.int8),
    )


def _block(block: "scoring.Block", rows: list[Any], names: dict[int, str]) -> SuspiciousBlock:
    people = tuple(int(one) for one in block.employees)
    return SuspiciousBlock(
        people=people,
        names=tuple(sorted(names[one] for one in people)),
        devices=len(block.devices),
        ratings=tuple(row[0] for row in rows),
        counting=tuple(row[0] for row in rows if row[4] > 0 and row[5] is None),
        aside=tuple(row[0] for row in rows if row[4] > 0 and row[5] == 0),
        density=block.density,
    )


@lru_cache(maxsize=REMEMBERED)
def _people(asked: _Asked) -> tuple[Suspected, ...]:
    """One statement, and one for the names."""
    from portal import scoring  # noqa: PLC0415  see policies.engine_policy

    scope = asked.scope
    policy = engine_policy(current_policy(scope.agency_id))
    loud = case((Verdict.fraud_score > policy.report_above, Verdict.fraud_score), else_=0.0)
    rows = db.session.execute(
        _settled(
            asked.moment,
            scope,
            evidence.EMPLOYEE,
            func.sum(loud),
            func.count(),
            func.sum(case((evidence.WEIGHT <= 0, 1), else_=0)),
        )
        .group_by(evidence.EMPLOYEE)
        .having(func.sum(loud) > 0, func.count() >= LEAST)
    ).all()
    figures = [(float(scoring.fraud_figure(total, number)), *row) for row in rows
               for total, number in [(row[1], row[2])]]  # fmt: skip
    figures.sort(key=lambda one: (-one[0], one[1]))
    names = _names(scope.agency_id, {one[1] for one in figures[:MOST_PEOPLE]})
    return tuple(
        Suspected(names[person], figure, number, int(aside))
        for figure, person, _, number, aside in figures[:MOST_PEOPLE]
    )


def _names(agency_id: int, people: set[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Employee.id, Employee.name).where(
            Employee.agency_id == agency_id, Employee.id.in_(people)
        )
    )
    return {row.id: row.name for row in rows}
