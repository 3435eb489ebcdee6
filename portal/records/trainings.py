"""Trainings: what the evidence asks for, what was planned with decisions, what was taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.records.disclosure import Disclosed, Line
from portal.records.heard import Element, elements
from portal.records.models import Contest, ContestRuling, Decision
from portal.records.proposal_models import DecisionPlan
from portal.records.proposals import steps_of
from portal.records.queries import Shown
from portal.records.training_models import TrainingTaken


@dataclass(frozen=True)
class Training:
    """A step of a plan that is a training. `step`: its place in the plan, from 1."""

    decision_id: int
    step: int
    what: str
    until: date
    taken_on: date | None


@dataclass(frozen=True)
class Needs:
    """What the evidence surely shows as weak: elements below "baik", and services at which the
    employee stays below everybody there."""

    elements: list[Element]
    services: list[Line]

    def __bool__(self) -> bool:
        return bool(self.elements or self.services)


@dataclass(frozen=True)
class Compared:
    """Services at which the employee surely does better, or worse, than everybody there."""

    better: list[Line]
    worse: list[Line]


def compared(lines: Iterable[Line]) -> Compared:
    """By the interval of what is expected there in the long run; hidden figures say nothing."""
    told = [line for line in lines if isinstance(line.n, int) and line.lo is not None]
    return Compared(
        [line for line in told if line.all is not None and (line.lo or 0) > line.all],
        [line for line in told if line.all is not None and (line.hi or 0) < line.all],
    )


def needs(shown: Shown, told: Disclosed, least: int) -> Needs:
    """What a training could be about; nothing where the score itself may not be told."""
    if not told.shows_score:
        return Needs([], [])
    heard = elements(shown.run, shown.score.employee_id, least)
    return Needs([one for one in heard if one.wanting], compared(told.services).worse)


def trainings_of(agency_id: int, decisions: Sequence[int]) -> list[Training]:
    """The trainings planned with some decisions, the nearest day first."""
    plans = select(DecisionPlan).where(
        DecisionPlan.agency_id == agency_id, DecisionPlan.decision_id.in_(decisions)
    )
    return _trainings(agency_id, plans)


def trainings_between(
    agency_id: int, employees: Select[int], since: datetime, first: date, last: date
) -> tuple[int, int, int]:
    """Of some employees, trainings that were due or taken between two days: how many were taken
    then, how many were to be taken then, and how many had waited longer on the last of them.

    since: plans of decisions before that moment are not looked at.
    """
    plans = (
        select(DecisionPlan)
        .join(
            Decision,
            and_(
                Decision.agency_id == DecisionPlan.agency_id,
                Decision.id == DecisionPlan.decision_id,
            ),
        )
        .where(
            DecisionPlan.agency_id == agency_id,
            Decision.employee_id.in_(employees),
            Decision.decided_at >= since,
            *_stands(),
        )
    )
    found = _trainings(agency_id, plans)
    taken = [one for one in found if one.taken_on and first <= one.taken_on <= last]
    due = [one for one in found if first <= one.until <= last]
    late = [
        one for one in found if one.until <= last and (one.taken_on is None or one.taken_on > last)
    ]
    return len(taken), len(due), len(late)


def _stands() -> tuple[Any, ...]:
    later = aliased(Decision)
    superseded = exists().where(
        later.agency_id == Decision.agency_id, later.supersedes_id == Decision.id
    )
    revoked = exists().where(
        Contest.agency_id == Decision.agency_id,
        Contest.decision_id == Decision.id,
        ContestRuling.agency_id == Contest.agency_id,
        ContestRuling.contest_id == Contest.id,
        ContestRuling.outcome == "revoked",
    )
    return ~superseded, ~revoked


def _trainings(agency_id: int, statement: Select[DecisionPlan]) -> list[Training]:
    plans = db.session.scalars(statement).all()
    taken: dict[tuple[int, int], date] = {
        (row.decision_id, row.step): row.taken_on
        for row in db.session.scalars(
            select(TrainingTaken).where(
                TrainingTaken.agency_id == agency_id,
                TrainingTaken.decision_id.in_([plan.decision_id for plan in plans]),
            )
        )
    }
    found = [
        Training(plan.decision_id, at, step.what, step.until, taken.get((plan.decision_id, at)))
        for plan in plans
        for at, step in enumerate(steps_of(plan.steps), 1)
        if step.training
    ]
    return sorted(found, key=lambda one: (one.until, one.decision_id, one.step))
