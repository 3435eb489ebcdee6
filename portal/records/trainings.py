"""Trainings: what the evidence asks for, what was planned with decisions, what was taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, select

from portal.records.disclosure import Disclosed, Line
from portal.records.heard import Element, elements
from portal.records.models import Decision
from portal.records.plan_steps import Step, of_plans, planned, stands
from portal.records.proposal_models import DecisionPlan
from portal.records.queries import Shown


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


def trainings_of(agency_id: int, decisions: Sequence[int]) -> list[Step]:
    """The trainings planned with some decisions, the nearest day first."""
    return [step for step in planned(agency_id, decisions) if step.training]


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
            *stands(),
        )
    )
    found = [step for step in of_plans(agency_id, plans) if step.training]
    taken = [one for one in found if one.done_on and first <= one.done_on <= last]
    due = [one for one in found if first <= one.until <= last]
    late = [
        one for one in found if one.until <= last and (one.done_on is None or one.done_on > last)
    ]
    return len(taken), len(due), len(late)
