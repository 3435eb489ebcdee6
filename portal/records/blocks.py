"""Groups of telephones that rate the same few people: found by each release for the inspector, who
decides.

What was answered is never looked at: only who rated whom how often. Nothing here touches a score
before a person has set a group aside (block_actions), which an appeals officer can undo.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Employee
from portal.people.queries import Scope
from portal.ratings.models import Rating, Verdict, VerdictReview
from portal.records import evidence
from portal.records.bulk import pieces
from portal.records.evidence import now_in
from portal.records.suspicion_models import OddRatings, PhoneGroup

LEAST = 5  # of fewer ratings or telephones no number is told
MOST_PEOPLE = 20
AT_ONCE = 5_000  # ratings asked for in one statement


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
    """The dense groups of the last release as they stand now, the densest first; those of which
    fewer than five ratings lie within the scope are not told.

    A statement, one for each 5,000 ratings in the groups, and one for the names.
    """
    groups = db.session.scalars(
        select(PhoneGroup)
        .where(PhoneGroup.agency_id == scope.agency_id, PhoneGroup.period == period)
        .order_by(PhoneGroup.number)
    ).all()
    ids = [UUID(one) for group in groups for one in group.ratings]
    rows = {row[0]: row for row in _ratings(scope, period, ids, now)}
    found = [(group, [rows[one] for one in map(UUID, group.ratings) if one in rows])
             for group in groups]  # fmt: skip
    large = [(group, some) for group, some in found if len(some) >= LEAST]
    names = _names(scope.agency_id, {row[1] for _, some in large for row in some})
    return [_block(group, some, names) for group, some in large]


def _ratings(scope: Scope, period: str, ids: Iterable[UUID], now: datetime) -> Iterable[Any]:
    """Of these ratings those that are still somebody's: id, whom, telephone, verdict, review."""
    moment = now_in(scope.agency_id, period, now)
    columns = (Rating.id, evidence.EMPLOYEE, Rating.device, Verdict.weight, VerdictReview.weight)
    query = evidence.ratings_as_of(moment, *columns).where(evidence.ABOUT_PERSON, evidence.SETTLED)
    if scope.offices is not None:
        query = query.join(Counter, evidence.AT_COUNTER).where(Counter.office_id.in_(scope.offices))
    for piece in pieces(ids, AT_ONCE):
        yield from db.session.execute(query.where(Rating.id.in_(piece)))


def _block(group: PhoneGroup, rows: list[Any], names: dict[int, str]) -> SuspiciousBlock:
    people = tuple(sorted({row[1] for row in rows}))
    return SuspiciousBlock(
        people=people,
        names=tuple(sorted(names[one] for one in people)),
        devices=len({row[2] for row in rows}),
        ratings=tuple(row[0] for row in rows),
        counting=tuple(row[0] for row in rows if row[3] > 0 and row[4] is None),
        aside=tuple(row[0] for row in rows if row[3] > 0 and row[4] == 0),
        density=group.density,
    )


def suspected_people(scope: Scope, period: str) -> list[Suspected]:
    """Whose ratings looked odd most of all at the last release, by the engine's fraud scores;
    people with fewer than five ratings are not told. A statement, and one for the names."""
    query = (
        select(
            OddRatings.employee_id,
            func.sum(OddRatings.loud),
            func.sum(OddRatings.ratings),
            func.sum(OddRatings.set_aside),
        )
        .where(OddRatings.agency_id == scope.agency_id, OddRatings.period == period)
        .group_by(OddRatings.employee_id)
        .having(func.sum(OddRatings.loud) > 0, func.sum(OddRatings.ratings) >= LEAST)
    )
    if scope.offices is not None:
        query = query.where(OddRatings.office_id.in_(scope.offices))
    figures = [
        (loud / sqrt(ratings + 5), person, int(ratings), int(aside))  # as scoring.fraud_figure
        for person, loud, ratings, aside in db.session.execute(query)
    ]
    figures.sort(key=lambda one: (-one[0], one[1]))
    names = _names(scope.agency_id, {one[1] for one in figures[:MOST_PEOPLE]})
    return [
        Suspected(names[person], figure, ratings, aside)
        for figure, person, ratings, aside in figures[:MOST_PEOPLE]
    ]


def _names(agency_id: int, people: set[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Employee.id, Employee.name).where(
            Employee.agency_id == agency_id, Employee.id.in_(people)
        )
    )
    return {row.id: row.name for row in rows}
