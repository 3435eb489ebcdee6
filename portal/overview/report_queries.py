"""What a monthly report says of an office: the figures of its page, and what was done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from portal.counters.periods import previous_period
from portal.db import db
from portal.followups.models import FollowUp
from portal.overview.models import OfficeReport
from portal.overview.months import month_name
from portal.overview.queries import divided
from portal.people.models import Employment, Office
from portal.ratings.answer_queries import Answered, answers_of
from portal.records.comment_themes import heard
from portal.records.dialogue_models import DialogueNote
from portal.records.models import Decision, PublicResult
from portal.records.queries import employed_during
from portal.records.themes import VERSION
from portal.records.trainings import trainings_between
from portal.transparency.queries import results_of

MOST_REPORTS = 12
TOLD = ("counted", "set_aside", "mean", "lo", "hi", "served", "answered")
TREND = 8  # quarters, of the page and of the report


@dataclass(frozen=True)
class Month:
    """Its first and last day, and the moments between which it lies in the agency's time zone."""

    first: date
    last: date
    since: datetime
    until: datetime


def month_in(zone: ZoneInfo, first: date, last: date) -> Month:
    def midnight(day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=zone)

    return Month(first, last, midnight(first), midnight(last + timedelta(days=1)))


def figures(office: Office, result: PublicResult, month: Month) -> dict[str, Any]:
    """What `OfficeReport.figures` holds."""
    parts, said = divided(office, result.period), heard(office, result.period, None)
    until = [one for one in results_of(office) if one.period <= result.period]
    return {
        **{name: getattr(result, name) for name in TOLD},
        "trend": [
            [one.period, one.counted, one.mean, one.lo, one.hi] for one in reversed(until[:TREND])
        ],
        "services": [
            [int(part.key), part.number, part.mean, part.lo, part.hi] for part in parts.service
        ],
        "themes": {theme.name: theme.number for theme in said.themes},
        "words": VERSION,
        "cases": _cases(office, month),
        "decisions": _of_staff(office, result.period, Decision, Decision.decided_at, month),
        "dialogues": _of_staff(office, result.period, DialogueNote, DialogueNote.at, month),
        "trainings": _trainings(office, result.period, month),
    }


def _cases(office: Office, month: Month) -> dict[str, int]:
    """Cases opened and resolved in the month, and those open at its end."""

    def number(*which: ColumnElement[bool]) -> Any:
        return func.coalesce(func.sum(case((and_(*which), 1), else_=0)), 0)

    resolved = FollowUp.resolved_on.between(month.first, month.last)
    waits = and_(
        FollowUp.opened_on <= month.last,
        FollowUp.resolved_on.is_(None) | (FollowUp.resolved_on > month.last),
    )
    row = db.session.execute(
        select(
            number(FollowUp.opened_on.between(month.first, month.last)),
            number(resolved, FollowUp.resolved_on <= FollowUp.due_on),
            number(resolved, FollowUp.resolved_on > FollowUp.due_on),
            number(waits),
            number(waits, FollowUp.due_on <= month.last),
        ).where(FollowUp.agency_id == office.agency_id, FollowUp.office_id == office.id)
    ).one()
    names = ("opened", "in_time", "overdue", "waiting", "late")
    return {name: int(value) for name, value in zip(names, row, strict=True)}


def _works(office: Office, period: str) -> Select[int]:
    return (
        select(Employment.employee_id)
        .where(
            Employment.agency_id == office.agency_id,
            Employment.office_id == office.id,
            employed_during(period),
        )
        .distinct()
    )


def _trainings(office: Office, period: str, month: Month) -> dict[str, int]:
    """Trainings of the office's employees in the month, planned with decisions of two years."""
    since = month.since - timedelta(days=2 * 365)
    works = _works(office, period)
    counts = trainings_between(office.agency_id, works, since, month.first, month.last)
    return dict(zip(("taken", "due", "late"), counts, strict=True))


def _of_staff(office: Office, period: str, table: Any, at: Any, month: Month) -> int:
    """How many of something about the office's employees came to be in the month."""
    query = select(func.count()).where(
        table.agency_id == office.agency_id,
        table.employee_id.in_(_works(office, period)),
        at >= month.since,
        at < month.until,
    )
    return db.session.scalar(query) or 0


def reports_of(office: Office) -> list[OfficeReport]:
    """The reports of an office, the newest first, of a year."""
    return list(
        db.session.scalars(
            select(OfficeReport)
            .where(OfficeReport.agency_id == office.agency_id, OfficeReport.office_id == office.id)
            .order_by(OfficeReport.month.desc())
            .limit(MOST_REPORTS)
        )
    )


def report_of(office: Office, month: str) -> OfficeReport | None:
    return db.session.get(OfficeReport, (office.agency_id, month, office.id))


def answers_in(report: OfficeReport, zone: str) -> list[Answered]:
    """What the office answered its citizens that month, about its quarter or the one before."""
    found = [
        one
        for period in (previous_period(report.period), report.period)
        for one in answers_of(report.agency_id, report.office_id, period, zone)
    ]
    return [one for one in found if month_name(one.month) == report.month]
