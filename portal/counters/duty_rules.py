"""What duty allows: the refusals by name, and the checks that every deed begins with."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from portal.counters.duty_log import lock_employees
from portal.counters.leave_queries import leaves_of
from portal.counters.models import Counter, Duty
from portal.db import db
from portal.people.models import Agency, Employee, Employment


class AlreadyOnDuty(Exception):
    """The employee has a duty at this counter that overlaps these times."""


class NotOnDuty(Exception):
    """There is no duty of this employee that could end now."""


class OwnDuty(Exception):
    """On one's own duty that has begun, somebody else decides: ratings hang on it."""


class DutyClosed(Exception):
    """The duty is cancelled; nothing more is done to it."""


class AlreadyConfirmed(Exception):
    """The duty is confirmed already."""


class DutyChanged(Exception):
    """Somebody else has just changed this duty."""


class NotEmployedThere(Exception):
    """The employee does not work in the counter's office on that day."""


class CounterClosed(Exception):
    """Nobody serves at this counter any more."""


class DutyBegun(Exception):
    """What has begun is no longer planned anew: it is corrected or cancelled, with a reason."""


class OnLeave(Exception):
    """The employee is away at that time."""


class LeaveKnown(Exception):
    """Some of this time is noted as leave already."""


class SwapKnown(Exception):
    """A colleague has been asked for this duty already."""


class SwapOver(Exception):
    """The request was answered, decided or withdrawn meanwhile."""


class ReasonMissing(Exception):
    """What changes the past needs a reason."""


def open_counter(agency_id: int, counter_id: int) -> Counter:
    counter = db.session.get(Counter, (agency_id, counter_id))
    if counter is None or not counter.active:
        raise CounterClosed
    return counter


def locked_duty(agency_id: int, duty_id: int, *others: int) -> Duty:
    """The duty, with its employee (and these others) locked."""
    employee_id = db.session.scalar(
        select(Duty.employee_id).where(Duty.agency_id == agency_id, Duty.id == duty_id)
    )
    if employee_id is None:
        raise DutyChanged
    lock_employees(agency_id, employee_id, *others)
    duty = db.session.get_one(Duty, (agency_id, duty_id), populate_existing=True)
    if duty.employee_id != employee_id:
        raise DutyChanged
    if duty.cancelled:
        raise DutyClosed
    return duty


def check_employment(counter: Counter, employee_id: int, at: datetime) -> None:
    agency = db.session.get_one(Agency, counter.agency_id)
    day = at.astimezone(agency.zone).date()
    employed = db.session.scalar(
        select(Employment.id)
        .join(
            Employee,
            (Employee.agency_id == Employment.agency_id) & (Employee.id == Employment.employee_id),
        )
        .where(
            Employment.agency_id == counter.agency_id,
            Employment.office_id == counter.office_id,
            Employment.employee_id == employee_id,
            Employment.starts_on <= day,
            or_(Employment.ends_on.is_(None), Employment.ends_on >= day),
            Employee.active,
        )
        .limit(1)
    )
    if employed is None:
        raise NotEmployedThere


def check_present(
    counter: Counter, employee_id: int, starts_at: datetime, ends_at: datetime | None
) -> None:
    """Nobody is placed where they are away; of a duty without an end its first day counts."""
    agency = db.session.get_one(Agency, counter.agency_id)
    span = (starts_at, ends_at or starts_at + timedelta(days=1))
    if leaves_of(counter.agency_id, [employee_id], agency.zone, span):
        raise OnLeave


def check_free(
    counter: Counter,
    employee_id: int,
    starts_at: datetime,
    ends_at: datetime | None,
    besides: int | None = None,
) -> None:
    """One person has at most one duty at one counter at a time."""
    query = select(Duty.id).where(
        Duty.agency_id == counter.agency_id,
        Duty.employee_id == employee_id,
        Duty.counter_id == counter.id,
        ~Duty.cancelled,
        or_(Duty.ends_at.is_(None), Duty.ends_at > starts_at),
    )
    if ends_at is not None:
        query = query.where(Duty.starts_at < ends_at)
    if besides is not None:
        query = query.where(Duty.id != besides)
    if db.session.scalar(query.limit(1)) is not None:
        raise AlreadyOnDuty
