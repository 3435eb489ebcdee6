"""Reads for the public pages. What they find may be told: `public_result` holds nothing else."""

from dataclasses import dataclass

from sqlalchemy import and_, exists, func, select

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Agency, Office
from portal.people.paging import Page
from portal.people.queries import Scope
from portal.ratings.answer_models import OfficeAnswer
from portal.records.models import PublicResult

MOST = 100  # offices on one page
FURTHEST = 1000  # page
MOST_OPEN = 12


@dataclass(frozen=True)
class Line:
    """An office in the list, with its latest result, if it has any."""

    office: Office
    result: PublicResult | None


def agencies_told() -> list[Agency]:
    """The agencies with a counter that citizens can rate."""
    counted = exists().where(Counter.agency_id == Agency.id, Counter.active)
    return list(db.session.scalars(select(Agency).where(counted).order_by(Agency.name)))


def agency_by_code(code: str) -> Agency | None:
    return db.session.scalar(select(Agency).where(Agency.code == code))


def office_by_code(agency_id: int, code: str) -> Office | None:
    return db.session.scalar(
        select(Office).where(Office.agency_id == agency_id, Office.code == code)
    )


def offices_told(agency_id: int, name: str = "", number: int = 1) -> Page[Line]:
    """Offices with counters or results, by name and never by figure; `name` narrows them."""
    newest = (
        select(PublicResult.office_id, func.max(PublicResult.period).label("period"))
        .where(PublicResult.agency_id == agency_id)
        .group_by(PublicResult.office_id)
        .subquery()
    )
    serves = exists().where(
        Counter.agency_id == Office.agency_id, Counter.office_id == Office.id, Counter.active
    )
    statement = (
        select(Office, PublicResult)
        .outerjoin(newest, newest.c.office_id == Office.id)
        .outerjoin(
            PublicResult,
            and_(
                PublicResult.agency_id == Office.agency_id,
                PublicResult.office_id == Office.id,
                PublicResult.period == newest.c.period,
            ),
        )
        .where(Office.agency_id == agency_id, serves | newest.c.period.is_not(None))
        .order_by(Office.name, Office.id)
    )
    if name:
        statement = statement.where(Office.name.icontains(name, autoescape=True))
    # Without counting: a page that many read asks the database as little as can be.
    number = min(max(number, 1), FURTHEST)
    start = (number - 1) * MOST
    rows = db.session.execute(statement.limit(MOST + 1).offset(start)).all()
    lines = [Line(*row) for row in rows[:MOST]]
    return Page(lines, number, start + len(lines), MOST, more=len(rows) > MOST)


def results_of(office: Office) -> list[PublicResult]:
    """All quarters of an office, the latest first."""
    return list(
        db.session.scalars(
            select(PublicResult)
            .where(PublicResult.agency_id == office.agency_id, PublicResult.office_id == office.id)
            .order_by(PublicResult.period.desc())
        )
    )


def result_of(office: Office, period: str) -> PublicResult | None:
    return db.session.get(PublicResult, (office.agency_id, period, office.id))


def unanswered(scope: Scope, periods: list[str]) -> list[tuple[Office, str]]:
    """Offices of a scope whose results in these periods nobody has answered yet."""
    answered = exists().where(
        OfficeAnswer.agency_id == PublicResult.agency_id,
        OfficeAnswer.office_id == PublicResult.office_id,
        OfficeAnswer.period == PublicResult.period,
    )
    statement = (
        select(Office, PublicResult.period)
        .join(
            PublicResult,
            and_(PublicResult.agency_id == Office.agency_id, PublicResult.office_id == Office.id),
        )
        .where(
            Office.agency_id == scope.agency_id,
            Office.active,
            PublicResult.period.in_(periods),
            ~answered,
        )
        .order_by(PublicResult.period.desc(), Office.name)
        .limit(MOST_OPEN)
    )
    if scope.offices is not None:
        statement = statement.where(Office.id.in_(scope.offices))
    return [(office, period) for office, period in db.session.execute(statement)]
