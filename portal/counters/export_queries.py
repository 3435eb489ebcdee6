"""Reads for files of duties."""

from collections import Counter as Tally
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from portal.counters.duty import Span
from portal.counters.duty_queries import within
from portal.counters.models import Counter, Duty, DutyEvent
from portal.db import db
from portal.people.models import Employee, Office

# A check-in that ended in the very moment it began was never in a calendar.
_ON_THE_ROSTER = Duty.source == "roster"


@dataclass(frozen=True)
class Exported:
    """A duty with an end, as it stands in a file."""

    agency_id: int
    id: int
    employee_id: int
    employee_name: str
    nip: str | None  # only where the name alone does not tell who it is
    office_code: str
    office_name: str
    counter_label: str
    place: str
    starts_at: datetime
    ends_at: datetime
    confirmed: bool
    cancelled: bool
    changed_at: datetime
    changes: int


def duties_of_office(
    agency_id: int, office_id: int, span: Span, *, cancelled: bool = False
) -> list[Exported]:
    """The duties of an office that begin in a time, on request the cancelled ones too.

    Names that two people share have a number.
    """
    rows = _read(
        or_(~Duty.cancelled, _ON_THE_ROSTER) if cancelled else ~Duty.cancelled,
        Counter.agency_id == agency_id,
        Counter.office_id == office_id,
        Duty.starts_at >= span[0],
        Duty.starts_at < span[1],
    )
    people = Tally(name for name, _nip in {(row.employee_name, row.nip) for row in rows})
    return [row if people[row.employee_name] > 1 else replace(row, nip=None) for row in rows]


def duties_of_person(agency_id: int, employee_id: int, span: Span) -> list[Exported]:
    """One's own duties that touch a time; as cancelled also those that a colleague took over,
    so that they leave a calendar that has them."""
    rows = _read(
        Duty.agency_id == agency_id,
        within(span),
        or_(
            and_(Duty.employee_id == employee_id, or_(~Duty.cancelled, _ON_THE_ROSTER)),
            exists().where(
                DutyEvent.agency_id == Duty.agency_id,
                DutyEvent.duty_id == Duty.id,
                DutyEvent.employee_id == employee_id,
                DutyEvent.kind == "confirmed",
                Duty.employee_id != employee_id,
            ),
        ),
    )
    return [row if row.employee_id == employee_id else replace(row, cancelled=True) for row in rows]


def _read(*conditions: Any) -> list[Exported]:
    changed, changes = (
        select(figure)
        .where(DutyEvent.agency_id == Duty.agency_id, DutyEvent.duty_id == Duty.id)
        .correlate(Duty)
        .scalar_subquery()
        for figure in (func.max(DutyEvent.at), func.count())
    )
    rows: Any = db.session.execute(
        select(
            Duty.agency_id,
            Duty.id,
            Employee.id,
            Employee.name,
            Employee.nip,
            Office.code,
            Office.name,
            Counter.label,
            Counter.place,
            Duty.starts_at,
            Duty.ends_at,
            Duty.confirmed,
            Duty.cancelled,
            func.coalesce(changed, Duty.starts_at),
            changes,
        )
        .join(Employee, and_(Employee.agency_id == Duty.agency_id, Employee.id == Duty.employee_id))
        .join(Counter, and_(Counter.agency_id == Duty.agency_id, Counter.id == Duty.counter_id))
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(Duty.ends_at.is_not(None), *conditions)
        .order_by(Duty.starts_at, Counter.label, Employee.name, Duty.id)
    )
    return [Exported(*row) for row in rows]
