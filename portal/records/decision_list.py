"""A quarter's decisions as HR and auditors read them: by office, and each with its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select

from portal.db import db
from portal.people.models import Employee, Employment, Office
from portal.people.paging import Page, read_page
from portal.people.queries import Scope
from portal.records.judgements import (
    AWAITS_RULING,
    Judged,
    latest_decisions,
    not_superseded,
    with_ruling,
)
from portal.records.models import ContestRuling, Decision, Score
from portal.records.proposal_models import DecisionPlan
from portal.records.proposals import plans_of, second_persons_of
from portal.records.queries import (
    employed_during,
    periods_with_figures,
    places_of,
    shown_scores,
    works_in,
)

DECISIONS_ON_A_PAGE = 50
# What decisions rest on, as it stands today.
AS_DECIDED, MOVED = "as_decided", "moved"


@dataclass(frozen=True)
class Line:
    """A decision in place about one employee.

    score     the figures that the decision was made on
    plan      the kind of award or the steps of guidance, if any were planned
    second    who approved it, where somebody had to
    evidence  AS_DECIDED, or MOVED: newer figures are shown since
    """

    employee: Employee
    places: list[str]
    judged: Judged
    score: Score
    plan: DecisionPlan | None
    second: str | None
    evidence: str


@dataclass(frozen=True)
class OfficeCount:
    """How many decisions in place an office has; who worked in two offices counts in both."""

    office: str
    award: int
    guidance: int
    none: int
    against_advice: int
    contested: int
    revoked: int


def page_of_decisions(
    scope: Scope, period: str, *, office_id: int | None, kind: str, number: int
) -> Page[Employee]:
    """Employees about whom a decision is in place, by name."""
    decided = _decided(scope, period, office_id, kind)
    return read_page(decided, number, lambda employee: employee, DECISIONS_ON_A_PAGE)


def last_decided(agency_id: int) -> str | None:
    """The newest quarter about which anything was decided."""
    return db.session.scalar(
        select(func.max(Decision.period)).where(Decision.agency_id == agency_id)
    )


def all_decided(scope: Scope, period: str) -> list[Employee]:
    return list(db.session.scalars(_decided(scope, period, None, "")))


def decisions_about(scope: Scope, text: str, most: int) -> Sequence[Any]:
    """Rows of id, name and period: decisions in place about employees with a text in their name,
    who worked in the scope in that period; newest period first."""
    agency_id = scope.agency_id
    periods = periods_with_figures(agency_id)
    worked = [and_(Decision.period == period, works_in(scope, period)) for period in periods]
    return db.session.execute(
        select(Decision.id, Employee.name, Decision.period)
        .join(
            Employee,
            and_(Employee.agency_id == Decision.agency_id, Employee.id == Decision.employee_id),
        )
        .where(
            Decision.agency_id == agency_id,
            not_superseded(agency_id),
            Employee.name.icontains(text, autoescape=True),
            or_(false(), *worked),
        )
        .order_by(Decision.period.desc(), Employee.name, Decision.id)
        .limit(most)
    ).all()


def lines(agency_id: int, period: str, employees: Iterable[Employee]) -> list[Line]:
    """The decision about each of some employees, with what it rests on."""
    people = list(employees)
    ids = [person.id for person in people]
    judged = latest_decisions(agency_id, ids, period)
    shown = shown_scores(agency_id, period, ids)
    runs = {decision.decision.run_id for decision in judged.values()}
    rested = {
        (score.run_id, score.employee_id): score
        for score in db.session.scalars(
            select(Score).where(
                Score.agency_id == agency_id, Score.run_id.in_(runs), Score.employee_id.in_(ids)
            )
        )
    }
    places = places_of(agency_id, ids, period)
    decisions = {one.decision.id for one in judged.values()}
    plans, seconds = plans_of(agency_id, decisions), second_persons_of(agency_id, decisions)
    found = []
    for person in people:
        decision = judged[person.id].decision
        now = shown.get(person.id)
        moved = now is not None and now.run_id != decision.run_id
        found.append(
            Line(
                employee=person,
                places=places.get(person.id, []),
                judged=judged[person.id],
                score=rested[decision.run_id, person.id],
                plan=plans.get(decision.id),
                second=seconds.get(decision.id),
                evidence=MOVED if moved else AS_DECIDED,
            )
        )
    return found


def count_by_office(scope: Scope, period: str) -> list[OfficeCount]:
    """Decisions in place of each office in the scope, by the office's name."""

    count = func.count()
    revoked = ContestRuling.outcome.is_not_distinct_from("revoked")
    query = (
        with_ruling(
            Office.name,
            *(
                count.filter(Decision.kind == kind, ~revoked)
                for kind in ("award", "guidance", "none")
            ),
            count.filter(Decision.against_advice, ~revoked),
            count.filter(AWAITS_RULING),
            count.filter(revoked),
        )
        .join(
            Employment,
            and_(
                Employment.agency_id == Decision.agency_id,
                Employment.employee_id == Decision.employee_id,
                employed_during(period),
            ),
        )
        .join(
            Office,
            and_(Office.agency_id == Employment.agency_id, Office.id == Employment.office_id),
        )
        .where(*_in_place(scope.agency_id, period))
        .group_by(Office.id, Office.name)
        .order_by(Office.name, Office.id)
    )
    if scope.offices is not None:
        query = query.where(Employment.office_id.in_(scope.offices))
    rows: Iterable[Any] = db.session.execute(query)
    return [OfficeCount(*row) for row in rows]


def _in_place(agency_id: int, period: str) -> tuple[ColumnElement[bool], ...]:
    own = (Decision.agency_id == agency_id, Decision.period == period)
    return *own, not_superseded(agency_id)


def _decided(scope: Scope, period: str, office_id: int | None, kind: str) -> Select[Employee]:
    decided = [*_in_place(scope.agency_id, period), Decision.employee_id == Employee.id]
    if kind:
        decided.append(Decision.kind == kind)
    return (
        select(Employee)
        .where(
            Employee.agency_id == scope.agency_id,
            works_in(scope, period, office_id),
            exists().where(*decided),
        )
        .order_by(Employee.name, Employee.id)
    )
