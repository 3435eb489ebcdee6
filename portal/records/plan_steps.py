"""The steps planned with decisions, and what became of each: done, taken, open or late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from portal.counters.periods import first_day, last_day, period_of, previous_period
from portal.db import db
from portal.people.models import Account, Employee, Employment, Office, RoleGrant
from portal.people.queries import Scope
from portal.records.models import Contest, ContestRuling, Decision
from portal.records.proposal_models import DecisionPlan
from portal.records.proposals import steps_of
from portal.records.step_models import StepDone
from portal.records.training_models import TrainingTaken

# So many plans of one account are looked at, the oldest first; if none of them is late, so many.
LOOKED_AT = (20, 1_000)
QUARTERS = 9  # the running one and two years: what a successor is reminded of


@dataclass(frozen=True)
class Step:
    """A step of a plan. `step`: its place in the plan, from 1; `done_on`: the day on which it was
    done or, of a training, taken; none while that was not noted."""

    decision_id: int
    step: int
    what: str
    until: date
    training: bool
    done_on: date | None
    note: str


@dataclass(frozen=True)
class Late:
    """A step whose day has passed, with the name of whom it is about."""

    step: Step
    name: str


def planned(agency_id: int, decisions: Sequence[int]) -> list[Step]:
    """The steps planned with some decisions, the nearest day first."""
    return of_plans(
        agency_id,
        select(DecisionPlan).where(
            DecisionPlan.agency_id == agency_id, DecisionPlan.decision_id.in_(decisions)
        ),
    )


def of_plans(agency_id: int, statement: Select[DecisionPlan]) -> list[Step]:
    """The steps of the plans that a statement finds, the nearest day first."""
    plans = db.session.execute(
        statement.with_only_columns(DecisionPlan.decision_id, DecisionPlan.steps)
    ).all()
    return _steps(agency_id, {plan.decision_id: plan.steps for plan in plans})


def _steps(agency_id: int, plans: dict[int, Any]) -> list[Step]:
    """The steps of these plans, by their decision, the nearest day first."""
    noted = _noted(agency_id, list(plans)) if plans else {}
    found = [
        Step(decision, at, *step, *noted.get((decision, at), (None, "")))
        for decision, steps in plans.items()
        for at, step in enumerate(steps_of(steps), 1)
    ]
    return sorted(found, key=lambda one: (one.until, one.decision_id, one.step))


def _noted(agency_id: int, decisions: Sequence[int]) -> dict[tuple[int, int], tuple[date, str]]:
    """Of which steps it was noted that they were done, on which day and in which words."""
    done = select(StepDone.decision_id, StepDone.step, StepDone.done_on, StepDone.note).where(
        StepDone.agency_id == agency_id, StepDone.decision_id.in_(decisions)
    )
    taken = select(
        TrainingTaken.decision_id, TrainingTaken.step, TrainingTaken.taken_on, literal("")
    ).where(TrainingTaken.agency_id == agency_id, TrainingTaken.decision_id.in_(decisions))
    rows = db.session.execute(union_all(done, taken))
    return {(decision, step): (day, note) for decision, step, day, note in rows}


def late(account: Account, scope: Scope, today: date) -> tuple[list[Late], bool]:
    """Of decisions that stand, the steps whose day has passed and of which nothing was noted, the
    oldest first: of those that the account made, and of those about people of its scope by whoever
    supervised there before. And whether these are all."""
    mine, former = Decision.decided_by == account.id, _former(account, scope)
    if former:
        mine = or_(mine, and_(Decision.decided_by.in_(former), _inherited(account, scope, today)))
    statement = (
        select(Decision.id, Employee.name, DecisionPlan.steps)
        .join(
            Employee,
            and_(Employee.agency_id == Decision.agency_id, Employee.id == Decision.employee_id),
        )
        .join(
            DecisionPlan,
            and_(
                DecisionPlan.agency_id == Decision.agency_id,
                DecisionPlan.decision_id == Decision.id,
            ),
        )
        .where(
            Decision.agency_id == account.agency_id,
            mine,
            func.json_array_length(DecisionPlan.steps) > _count(StepDone, TrainingTaken),
            *stands(),
        )
        .order_by(Decision.decided_at, Decision.id)
    )
    found: list[Late] = []
    whole = False
    for most in LOOKED_AT:
        plans = db.session.execute(statement.limit(most)).all()
        names = {decision: name for decision, name, _steps_planned in plans}
        steps = {decision: steps for decision, _name, steps in plans}
        found = [
            Late(one, names[one.decision_id])
            for one in _steps(account.agency_id, steps)
            if one.done_on is None and one.until < today
        ]
        whole = len(plans) < most
        if found or whole:
            break
    return found, whole


def _former(account: Account, scope: Scope) -> Sequence[int]:
    """The accounts that supervised in an account's scope or above it, and do not any more."""
    holds = and_(RoleGrant.ended_at.is_(None), Account.active)
    statement = (
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.agency_id == scope.agency_id, RoleGrant.role == "supervisor")
        .group_by(RoleGrant.account_id)
        .having(func.max(case((holds, 1), else_=0)) == 0)
    )
    if scope.offices is not None:
        roots = {grant.office_id for grant in account.grants if grant.office_id is not None}
        here = Office.agency_id == scope.agency_id
        above = select(Office.parent_id).where(here, Office.id.in_(roots))
        tree = above.cte("above", recursive=True)
        tree = tree.union(select(Office.parent_id).where(here, Office.id == tree.c.parent_id))
        statement = statement.where(
            or_(
                RoleGrant.office_id.is_(None),
                RoleGrant.office_id.in_(scope.offices),
                RoleGrant.office_id.in_(select(tree.c.parent_id)),
            )
        )
    return db.session.scalars(statement).all()


def _inherited(account: Account, scope: Scope, today: date) -> ColumnElement[bool]:
    """Whether a `Decision` of the last two years is about somebody else, who worked in a scope in
    its quarter."""
    periods = [period_of(today)]
    while len(periods) < QUARTERS:
        periods.append(previous_period(periods[-1]))
    first, last = (
        case({one: day(one) for one in periods}, value=Decision.period)
        for day in (first_day, last_day)
    )
    place = [
        Employment.agency_id == Decision.agency_id,
        Employment.employee_id == Decision.employee_id,
        Employment.starts_on <= last,
        or_(Employment.ends_on.is_(None), Employment.ends_on >= first),
    ]
    if scope.offices is not None:
        place.append(Employment.office_id.in_(scope.offices))
    return and_(
        Decision.period.in_(periods),
        Decision.employee_id != (account.employee_id or 0),
        exists().where(*place),
    )


def _count(*tables: type[StepDone | TrainingTaken]) -> Any:
    """How many steps of a `DecisionPlan` were noted."""
    counts = [
        select(func.count())
        .where(
            table.agency_id == DecisionPlan.agency_id, table.decision_id == DecisionPlan.decision_id
        )
        .scalar_subquery()
        for table in tables
    ]
    return counts[0] + counts[1]


def stands() -> tuple[Any, ...]:
    """Whether a `Decision` was neither replaced by a later one nor revoked."""
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
