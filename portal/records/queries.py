"""Reads for the pages of records: stored figures of finished releases, never raw sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union

from portal.counters.models import Service
from portal.counters.periods import first_day, last_day
from portal.db import db
from portal.people.models import Employee, Employment, Office
from portal.people.paging import Page, read_page
from portal.people.queries import Scope
from portal.ratings.models import Release
from portal.records.models import Decision, Score, ScoringRun

PEOPLE_ON_A_PAGE = 50
TREND_PERIODS = 8


def visible_scores(*columns: Any) -> Select[Any]:
    """Scores of runs whose release is finished; what an unfinished one wrote nobody sees."""
    return (
        select(*columns)
        .select_from(Score)
        .join(
            ScoringRun,
            and_(ScoringRun.agency_id == Score.agency_id, ScoringRun.id == Score.run_id),
        )
        .join(
            Release,
            and_(
                Release.agency_id == ScoringRun.agency_id,
                Release.period == ScoringRun.period,
                Release.number == ScoringRun.release,
                Release.done_at.is_not(None),
            ),
        )
    )


@dataclass(frozen=True)
class Shown:
    """A score with the run it is from."""

    score: Score
    run: ScoringRun


def shown_score(agency_id: int, employee_id: int, period: str) -> Shown | None:
    """The latest score of an employee in a period that is visible."""
    row = db.session.execute(
        visible_scores(Score, ScoringRun)
        .where(
            Score.agency_id == agency_id,
            Score.employee_id == employee_id,
            Score.period == period,
        )
        .order_by(ScoringRun.release.desc())
        .limit(1)
    ).first()
    return Shown(row[0], row[1]) if row else None


def score_of_run(agency_id: int, run_id: int, employee_id: int) -> Score:
    """The figures that a decision was made on."""
    return db.session.get_one(Score, (agency_id, run_id, employee_id))


def shown_scores(agency_id: int, period: str, employees: Iterable[int]) -> dict[int, Score]:
    """The visible scores of some employees."""
    rows = db.session.scalars(
        visible_scores(Score)
        .where(
            Score.agency_id == agency_id,
            Score.period == period,
            Score.employee_id.in_(list(employees)),
        )
        .order_by(ScoringRun.release)
    )
    return {score.employee_id: score for score in rows}  # the last one stays


def trend(agency_id: int, employee_id: int) -> list[Score]:
    """The visible score of each period, oldest first."""
    rows = db.session.scalars(
        visible_scores(Score)
        .where(Score.agency_id == agency_id, Score.employee_id == employee_id)
        .order_by(Score.period, ScoringRun.release)
    )
    return list({score.period: score for score in rows}.values())[-TREND_PERIODS:]


def last_parameters(agency_id: int) -> dict[str, Any] | None:
    """The model that the agency's last finished run was scored with, as `Params.to_dict` says."""
    found = run_parameters(agency_id)
    return found["model"] if found else None


def run_parameters(agency_id: int, period: str = "") -> dict[str, Any] | None:
    """All that the agency's last finished run, or that of a period, was computed with."""
    query = (
        select(ScoringRun.parameters)
        .join(
            Release,
            and_(
                Release.agency_id == ScoringRun.agency_id,
                Release.period == ScoringRun.period,
                Release.number == ScoringRun.release,
            ),
        )
        .where(ScoringRun.agency_id == agency_id, Release.done_at.is_not(None))
        .order_by(ScoringRun.as_of.desc(), ScoringRun.release.desc())
        .limit(1)
    )
    return db.session.scalar(query.where(ScoringRun.period == period) if period else query)


def employed_during(period: str) -> ColumnElement[bool]:
    """Employments that overlap a period."""
    return and_(
        Employment.starts_on <= last_day(period),
        or_(Employment.ends_on.is_(None), Employment.ends_on >= first_day(period)),
    )


def workplaces(agency_id: int, employee_id: int) -> list[Employment]:
    """Where an employee works and has worked."""
    return list(
        db.session.scalars(
            select(Employment).where(
                Employment.agency_id == agency_id, Employment.employee_id == employee_id
            )
        )
    )


def periods_of(agency_id: int, employee_id: int) -> list[str]:
    """Periods in which an employee has a score or a decision, newest first."""
    scored = visible_scores(Score.period).where(
        Score.agency_id == agency_id, Score.employee_id == employee_id
    )
    decided = select(Decision.period).where(
        Decision.agency_id == agency_id, Decision.employee_id == employee_id
    )
    return sorted(db.session.scalars(union(scored, decided)), reverse=True)


def offices_during(agency_id: int, employee_id: int, period: str) -> set[int]:
    """Where an employee worked in a period: access follows these, not today's office."""
    return set(
        db.session.scalars(
            select(Employment.office_id).where(
                Employment.agency_id == agency_id,
                Employment.employee_id == employee_id,
                employed_during(period),
            )
        )
    )


def offices_during_each(
    agency_id: int, asked: set[tuple[int, str]]
) -> dict[tuple[int, str], set[int]]:
    """The same of many employees, each in a period of their own; one statement."""
    places: dict[int, list[tuple[int, date, date]]] = {}
    columns = (Employment.employee_id, Employment.office_id, Employment.starts_on)
    for employee_id, office_id, starts_on, ends_on in db.session.execute(
        select(*columns, Employment.ends_on).where(
            Employment.agency_id == agency_id,
            Employment.employee_id.in_({employee_id for employee_id, _period in asked}),
        )
    ):
        places.setdefault(employee_id, []).append((office_id, starts_on, ends_on or date.max))
    days = {period: (first_day(period), last_day(period)) for _employee_id, period in asked}
    return {
        (employee_id, period): {
            office_id
            for office_id, starts_on, ends_on in places.get(employee_id, [])
            if starts_on <= days[period][1] and ends_on >= days[period][0]
        }
        for employee_id, period in asked
    }


def office_names(agency_id: int, offices: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Office.id, Office.name)
        .where(Office.agency_id == agency_id, Office.id.in_(list(offices)))
        .order_by(Office.name)
    )
    return dict(rows.all())


def service_names(agency_id: int) -> dict[int, str]:
    rows = db.session.execute(
        select(Service.id, Service.name).where(Service.agency_id == agency_id)
    )
    return dict(rows.all())


def offices_in(scope: Scope) -> list[tuple[int, str]]:
    """The offices of a scope by name, to choose from."""
    rows = db.session.execute(
        select(Office.id, Office.name)
        .where(Office.agency_id == scope.agency_id)
        .order_by(Office.name, Office.id)
    )
    return [(office_id, name) for office_id, name in rows if office_id in scope]


def periods_with_figures(agency_id: int) -> list[str]:
    """Periods with a finished release, newest first."""
    return list(
        db.session.scalars(
            select(Release.period)
            .where(Release.agency_id == agency_id, Release.done_at.is_not(None))
            .distinct()
            .order_by(Release.period.desc())
        )
    )


def last_releases(agency_id: int) -> list[Release]:
    """The last finished release of each period, newest period first."""
    newest = (
        select(Release.period, func.max(Release.number).label("number"))
        .where(Release.agency_id == agency_id, Release.done_at.is_not(None))
        .group_by(Release.period)
        .subquery()
    )
    return list(
        db.session.scalars(
            select(Release)
            .join(
                newest,
                and_(Release.period == newest.c.period, Release.number == newest.c.number),
            )
            .where(Release.agency_id == agency_id)
            .order_by(Release.period.desc())
        )
    )


def works_in(scope: Scope, period: str, office_id: int | None = None) -> ColumnElement[bool]:
    """Whether an `Employee` was employed in a scope, or in one office of it, during a period."""
    place = [
        Employment.agency_id == Employee.agency_id,
        Employment.employee_id == Employee.id,
        employed_during(period),
    ]
    if scope.offices is not None:
        place.append(Employment.office_id.in_(scope.offices))
    if office_id is not None:
        place.append(Employment.office_id == office_id)
    return exists().where(*place)


def people_in(
    scope: Scope, period: str, *, office_id: int | None, advice: str, number: int
) -> Page[Employee]:
    """Civil servants employed in the scope during a period, by name and never by figure."""
    query = select(Employee).where(
        Employee.agency_id == scope.agency_id,
        Employee.kind != "non_asn",
        works_in(scope, period, office_id),
    )
    if advice:
        shown = latest_scores(scope.agency_id, period, Score.employee_id)
        query = query.where(Employee.id.in_(shown.where(Score.advice == advice)))
    ordered = query.order_by(Employee.name, Employee.id)
    return read_page(ordered, number, lambda employee: employee, PEOPLE_ON_A_PAGE)


def latest_scores(agency_id: int, period: str, *columns: Any) -> Select[Any]:
    """The scores that `shown_scores` tells, of everybody: what figures moved again is left out."""
    own = (Score.agency_id == agency_id, Score.period == period)
    latest = (
        visible_scores(Score.employee_id, func.max(ScoringRun.release).label("release"))
        .where(*own)
        .group_by(Score.employee_id)
        .subquery()
    )
    return (
        visible_scores(*columns)
        .join(
            latest,
            and_(latest.c.employee_id == Score.employee_id, latest.c.release == ScoringRun.release),
        )
        .where(*own)
    )


def places_of(agency_id: int, employees: Iterable[int], period: str) -> dict[int, list[str]]:
    """The names of the offices where each of some employees worked in a period."""
    rows = db.session.execute(
        select(Employment.employee_id, Office.name)
        .join(
            Office,
            and_(Office.agency_id == Employment.agency_id, Office.id == Employment.office_id),
        )
        .where(
            Employment.agency_id == agency_id,
            Employment.employee_id.in_(list(employees)),
            employed_during(period),
        )
        .order_by(Employment.starts_on)
    )
    found: dict[int, list[str]] = {}
    for employee_id, name in rows:
        found.setdefault(employee_id, []).append(name)
    return found
