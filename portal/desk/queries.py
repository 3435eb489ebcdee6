"""Reads for the first page: one statement for each kind of work, each with a bound."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select, text
from sqlalchemy.orm import aliased

from portal.counters.periods import previous_period
from portal.db import db
from portal.people.models import Employee, Office
from portal.people.paging import Page, read_page
from portal.people.queries import Scope
from portal.records.candidates import undecided
from portal.records.disclosure import shows_score
from portal.records.judgements import AWAITS_RULING, with_ruling
from portal.records.models import ALARM, Contest, Decision, PublicResult, Score
from portal.records.queries import shown_scores, works_in

MOST = 6  # lines of a kind that stand open; the others are below them
MOST_READ = 100  # lines of a kind; what is beyond stands behind a link
MOST_ALARMS = 100  # looked at, of which some may be over
MOST_OFFICES = 12
QUARTERS = 8
LEAST_SERVED = 50  # of fewer served people a share of answers says little
FALL = 2 / 3  # of the share a quarter before


@dataclass(frozen=True)
class Candidate:
    """Somebody for whom a closed quarter advises a decision that nobody has taken."""

    employee_id: int
    name: str
    advice: str
    score: float
    lo: float
    hi: float
    counted: int


@dataclass(frozen=True)
class Fallen:
    """An office where a smaller share of the served answers than a quarter before; in per cent."""

    office_id: int
    name: str
    before: float
    now: float


@dataclass(frozen=True)
class Glance:
    """The public results of an office, the oldest quarter first."""

    office_id: int
    name: str
    results: list[PublicResult] = field(default_factory=list)

    @property
    def recent(self) -> list[PublicResult]:
        return self.results[-QUARTERS:]

    @property
    def told(self) -> list[PublicResult]:
        return [one for one in self.recent if one.mean is not None]


def candidates(scope: Scope, besides: int | None, period: str) -> list[Candidate]:
    """People of a scope whose record of a closed quarter waits for a decision, by name."""
    columns = (Employee.id, Employee.name, Score.advice, Score.score, Score.lo, Score.hi)
    statement = (
        undecided(scope, period, *columns, Score.counted)
        .where(Employee.id != (besides or 0))
        .order_by(Employee.name, Employee.id)
        .limit(MOST_READ)
    )
    return [Candidate(*row) for row in db.session.execute(statement)]


def candidate_count(scope: Scope, besides: int | None, period: str) -> int:
    """How many `candidates` there are."""
    counted = undecided(scope, period, func.count()).where(Employee.id != (besides or 0))
    return db.session.scalar(counted) or 0


@dataclass(frozen=True)
class Alarmed:
    """Somebody whose ratings of a running quarter fell below their own earlier level; `run`: a
    row of them did, which may pass."""

    employee_id: int
    name: str
    run: bool


def alarms(scope: Scope, besides: int | None, period: str, least: int) -> list[Alarmed]:
    """By name; of figures that may not be told nothing is."""
    rung = select(Score.employee_id).where(
        Score.agency_id == scope.agency_id,
        Score.period == period,
        text(ALARM[db.engine.dialect.name]),
    )
    people = db.session.execute(
        select(Employee.id, Employee.name)
        .where(
            Employee.agency_id == scope.agency_id,
            Employee.id.in_(rung),
            Employee.id != (besides or 0),
            works_in(scope, period),
        )
        .order_by(Employee.name, Employee.id)
        .limit(MOST_ALARMS)
    ).all()
    shown = shown_scores(scope.agency_id, period, [row.id for row in people]) if people else {}
    found = []
    for employee_id, name in people:
        score = shown.get(employee_id)
        past = score.detail.get("past") if score and shows_score(score, least) else None
        if past and (past["fell"] or past["warned"]):
            found.append(Alarmed(employee_id, name, not past["fell"]))
    return found


def contested(agency_id: int, account_id: int) -> list[tuple[int, str, str]]:
    """Decisions of an account against which an objection waits: id, name, quarter."""
    statement = (
        with_ruling(Decision.id, Employee.name, Decision.period)
        .where(Decision.agency_id == agency_id, Decision.decided_by == account_id, AWAITS_RULING)
        .order_by(Contest.at, Decision.id)
        .limit(MOST_READ)
    )
    return [(decision, name, period) for decision, name, period in db.session.execute(statement)]


def glances(scope: Scope, number: int) -> Page[Glance]:
    """The offices of a scope that have results, by name, twelve a page, with their quarters."""
    told = (
        select(Office.id, Office.name)
        .where(
            Office.agency_id == scope.agency_id,
            Office.active,
            exists().where(
                PublicResult.agency_id == Office.agency_id, PublicResult.office_id == Office.id
            ),
        )
        .order_by(Office.name, Office.id)
    )
    if scope.offices is not None:
        told = told.where(Office.id.in_(scope.offices))
    page = read_page(told, number, Glance, MOST_OFFICES)
    shown = {one.office_id: one for one in page.items}
    rows = db.session.scalars(
        select(PublicResult)
        .where(PublicResult.agency_id == scope.agency_id, PublicResult.office_id.in_(shown))
        .order_by(PublicResult.period)
    )
    for result in rows:
        shown[result.office_id].results.append(result)
    return page


def fallen(scope: Scope, period: str) -> list[Fallen]:
    """Offices where clearly fewer of the served answered than a quarter before, by name."""
    now, before = aliased(PublicResult), aliased(PublicResult)
    earlier: ColumnElement[Any] = 100.0 * before.answered / func.nullif(before.served, 0)
    share: ColumnElement[Any] = 100.0 * now.answered / func.nullif(now.served, 0)
    statement = (
        select(Office.id, Office.name, earlier, share)
        .join(now, and_(now.agency_id == Office.agency_id, now.office_id == Office.id))
        .join(before, and_(before.agency_id == Office.agency_id, before.office_id == Office.id))
        .where(
            Office.agency_id == scope.agency_id,
            Office.active,
            now.period == period,
            before.period == previous_period(period),
            *(one.served >= LEAST_SERVED for one in (now, before)),
            share < earlier * FALL,
        )
        .order_by(Office.name, Office.id)
        .limit(MOST_READ)
    )
    if scope.offices is not None:
        statement = statement.where(Office.id.in_(scope.offices))
    return [Fallen(*row) for row in db.session.execute(statement)]
