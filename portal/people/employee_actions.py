"""What is done to employees and their places: each function one deed, one transaction."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.people.actions import change_values, note_act
from portal.people.models import Account, Employee, Employment


class NumberTaken(Exception):
    """Another employee of the agency has this NIP or NI PPPK."""


class MoveTooEarly(Exception):
    """The move lies before, or on, the day on which the latest place began."""


class EndTooEarly(Exception):
    """The last day lies before the first."""


class NoPlace(Exception):
    """The employee has no place that could end."""


def add_employee(
    by: Account,
    now: datetime,
    *,
    title: str,
    name: str,
    kind: str,
    nip: str | None,
    job: str,
    office_id: int,
    starts_on: date,
) -> Employee:
    """A new employee with their first place."""
    begin_write()
    employee = Employee(agency_id=by.agency_id, title=title, name=name, kind=kind, nip=nip, job=job)
    db.session.add(employee)
    _flush_number()
    _place(employee, office_id, starts_on)
    note_act(by, "add_employee", now, subject=f"employee:{employee.id}")
    db.session.commit()
    return employee


def edit_employee(
    by: Account,
    employee: Employee,
    now: datetime,
    *,
    title: str,
    name: str,
    kind: str,
    nip: str | None,
    job: str,
    active: bool,
) -> None:
    """Change an employee; the log says which fields, not their contents."""
    begin_write()
    changed = change_values(
        employee, title=title, name=name, kind=kind, nip=nip, job=job, active=active
    )
    _flush_number()
    if changed:
        detail: dict[str, object] = {"changed": changed}
        note_act(by, "edit_employee", now, subject=f"employee:{employee.id}", detail=detail)
    db.session.commit()


def move_employee(
    by: Account, employee: Employee, *, office_id: int, on: date, now: datetime
) -> None:
    """From that day the employee works in another office; the earlier places stay on record."""
    begin_write()
    latest = _latest(employee)
    if latest is not None:
        if on <= latest.starts_on:
            raise MoveTooEarly
        if latest.ends_on is None or latest.ends_on >= on:
            latest.ends_on = on - timedelta(days=1)
    _place(employee, office_id, on)
    note_act(
        by,
        "move_employee",
        now,
        subject=f"employee:{employee.id}",
        detail={"office": office_id, "on": on.isoformat()},
    )
    db.session.commit()


def end_employment(by: Account, employee: Employee, last_day: date, now: datetime) -> None:
    """The employee leaves: retired, moved to another agency."""
    begin_write()
    latest = _latest(employee)
    if latest is None:
        raise NoPlace
    if last_day < latest.starts_on:
        raise EndTooEarly
    latest.ends_on = last_day
    note_act(
        by,
        "end_employment",
        now,
        subject=f"employee:{employee.id}",
        detail={"last_day": last_day.isoformat()},
    )
    db.session.commit()


def _latest(employee: Employee) -> Employment | None:
    return db.session.scalar(
        select(Employment)
        .where(Employment.agency_id == employee.agency_id, Employment.employee_id == employee.id)
        .order_by(Employment.starts_on.desc())
        .limit(1)
    )


def _place(employee: Employee, office_id: int, starts_on: date) -> None:
    db.session.add(
        Employment(
            agency_id=employee.agency_id,
            employee_id=employee.id,
            office_id=office_id,
            starts_on=starts_on,
        )
    )


def _flush_number() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise NumberTaken from None
