"""What is done to duty, by a coordinator and by the employee at the counter."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func, or_, select

from portal.counters.duty_log import append_event, duty_rows, lock_employees
from portal.counters.models import Counter, Duty, DutyEvent
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account, Agency, Employee, Employment

# Whoever checks in this long before a planned duty begins it early, and makes no second one.
EARLY = timedelta(hours=1)


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


class ReasonMissing(Exception):
    """What changes the past needs a reason."""


@dataclass(frozen=True)
class CheckIn:
    """How a check-in ended."""

    duty_id: int
    confirmed: bool
    already: bool  # on duty here before: nothing changed
    left: tuple[str, ...]  # counters where the employee was checked out by this


def plan_duty(
    account: Account,
    *,
    counter_id: int,
    employee_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    confirmed: bool = True,
    reason: str = "",
) -> int:
    """Put an employee at a counter; for a time that has begun it is a correction with a reason."""
    begin_write()
    begun = starts_at <= now
    if begun and not reason:
        raise ReasonMissing
    if begun and account.employee_id == employee_id:
        raise OwnDuty
    counter = _open_counter(account.agency_id, counter_id)
    lock_employees(account.agency_id, employee_id)
    _check_employment(counter, employee_id, starts_at)
    _check_free(counter, employee_id, starts_at, ends_at)
    planned = ("planned", "confirmed") if confirmed else ("planned",)
    duty, events = duty_rows(
        agency_id=counter.agency_id,
        employee_id=employee_id,
        counter_id=counter_id,
        starts_at=starts_at,
        ends_at=ends_at,
        kinds=("corrected",) if begun else planned,
        now=now,
        account_id=account.id,
        reason=reason,
    )
    db.session.add_all([duty, *events])
    note_act(account, "plan_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()
    return duty.id


def confirm_duty(account: Account, duty_id: int, now: datetime) -> None:
    """A coordinator vouches for it: from now on, and for what was rated meanwhile."""
    begin_write()
    duty = _locked(account.agency_id, duty_id)
    if duty.confirmed:
        raise AlreadyConfirmed
    if duty.starts_at <= now and account.employee_id == duty.employee_id:
        raise OwnDuty
    duty.confirmed = True
    append_event(duty, "confirmed", now, account)
    note_act(account, "confirm_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()


def cancel_duty(account: Account, duty_id: int, reason: str, now: datetime) -> None:
    """It did not or will not take place."""
    begin_write()
    duty = _locked(account.agency_id, duty_id)
    if not reason:
        raise ReasonMissing
    if duty.starts_at <= now and account.employee_id == duty.employee_id:
        raise OwnDuty
    duty.cancelled = True
    append_event(duty, "cancelled", now, account, reason)
    note_act(account, "cancel_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()


def correct_duty(
    account: Account,
    duty_id: int,
    *,
    employee_id: int,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    now: datetime,
) -> None:
    """Say who really sat there and when; the ratings of that time follow the new event."""
    begin_write()
    duty = _locked(account.agency_id, duty_id, employee_id)
    if not reason:
        raise ReasonMissing
    begun = min(duty.starts_at, starts_at) <= now
    if begun and account.employee_id in {duty.employee_id, employee_id}:
        raise OwnDuty
    counter = db.session.get_one(Counter, (duty.agency_id, duty.counter_id))
    if employee_id != duty.employee_id:
        _check_employment(counter, employee_id, starts_at)
    _check_free(counter, employee_id, starts_at, ends_at, besides=duty.id)
    duty.employee_id = employee_id
    duty.starts_at = starts_at
    duty.ends_at = ends_at
    duty.confirmed = True
    append_event(duty, "corrected", now, account, reason)
    note_act(account, "correct_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()


def check_in(account: Account, counter_id: int, now: datetime) -> CheckIn:
    """Begin to serve here; a duty at another counter ends with it."""
    begin_write()
    if account.employee_id is None:
        raise NotEmployedThere
    counter = _open_counter(account.agency_id, counter_id)
    lock_employees(account.agency_id, account.employee_id)
    _check_employment(counter, account.employee_id, now)
    near = _duties_near(account.agency_id, account.employee_id, now)
    elsewhere = [
        duty
        for duty in near
        if duty.counter_id != counter_id and (duty.starts_at <= now or _checked_in(duty))
    ]
    left = tuple(_leave(duty, now, account) for duty in elsewhere)
    here = next((duty for duty in near if duty.counter_id == counter_id), None)
    already = here is not None and _checked_in(here)
    if here is None:
        here = _begin_duty(counter, account, now)
    elif not already:
        here.starts_at = min(here.starts_at, now)
        append_event(here, "checked_in", now, account)
    outcome = CheckIn(here.id, here.confirmed, already, left)
    db.session.commit()
    return outcome


def check_out(account: Account, duty_id: int, now: datetime) -> None:
    """Serve here no longer."""
    begin_write()
    if account.employee_id is None:
        raise NotOnDuty
    lock_employees(account.agency_id, account.employee_id)
    running = _duties_near(account.agency_id, account.employee_id, now)
    duty = next((one for one in running if one.id == duty_id and one.starts_at <= now), None)
    if duty is None:
        raise NotOnDuty
    _leave(duty, now, account)
    db.session.commit()


def _open_counter(agency_id: int, counter_id: int) -> Counter:
    counter = db.session.get(Counter, (agency_id, counter_id))
    if counter is None or not counter.active:
        raise CounterClosed
    return counter


def _locked(agency_id: int, duty_id: int, *others: int) -> Duty:
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


def _check_employment(counter: Counter, employee_id: int, at: datetime) -> None:
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


def _check_free(
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


def _duties_near(agency_id: int, employee_id: int, now: datetime) -> list[Duty]:
    """The person's duties that run now or begin soon; those that run come first."""
    return list(
        db.session.scalars(
            select(Duty)
            .where(
                Duty.agency_id == agency_id,
                Duty.employee_id == employee_id,
                ~Duty.cancelled,
                Duty.starts_at <= now + EARLY,
                or_(Duty.ends_at.is_(None), Duty.ends_at > now),
            )
            .order_by(Duty.starts_at)
            .execution_options(populate_existing=True)
        )
    )


def _checked_in(duty: Duty) -> bool:
    found = db.session.scalar(
        select(DutyEvent.id)
        .where(
            DutyEvent.agency_id == duty.agency_id,
            DutyEvent.duty_id == duty.id,
            DutyEvent.kind == "checked_in",
        )
        .limit(1)
    )
    return found is not None


def _begin_duty(counter: Counter, account: Account, now: datetime) -> Duty:
    """A duty off the roster, provisional; or a return to a confirmed one after a break."""
    employee_id = account.employee_id or 0
    planned_end = _planned_end(counter, employee_id, now)
    end = _until_next(counter, employee_id, now, planned_end or _closing(counter.agency_id, now))
    duty, events = duty_rows(
        agency_id=counter.agency_id,
        employee_id=employee_id,
        counter_id=counter.id,
        starts_at=now,
        ends_at=end,
        kinds=("checked_in", "confirmed") if planned_end else ("checked_in",),
        now=now,
        account_id=account.id,
    )
    db.session.add_all([duty, *events])
    return duty


def _planned_end(counter: Counter, employee_id: int, now: datetime) -> datetime | None:
    """Until when a confirmed roster has this person here now, although checked out since."""
    return db.session.scalar(
        select(DutyEvent.ends_at)
        .join(Duty, (Duty.agency_id == DutyEvent.agency_id) & (Duty.id == DutyEvent.duty_id))
        .where(
            DutyEvent.agency_id == counter.agency_id,
            DutyEvent.employee_id == employee_id,
            DutyEvent.counter_id == counter.id,
            DutyEvent.kind == "planned",
            DutyEvent.starts_at <= now,
            DutyEvent.ends_at > now,
            Duty.confirmed,
            ~Duty.cancelled,
            Duty.employee_id == employee_id,
        )
        .limit(1)
    )


def _closing(agency_id: int, now: datetime) -> datetime:
    """When a duty begun by check-in ends by itself: at closing time, after it at midnight.

    Otherwise whoever forgets to check out would be named to tomorrow's citizens.
    """
    agency = db.session.get_one(Agency, agency_id)
    local = now.astimezone(agency.zone)
    closing = datetime.combine(local.date(), agency.closes_at, agency.zone)
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), agency.zone)
    return closing if local < closing else midnight


def _until_next(counter: Counter, employee_id: int, now: datetime, end: datetime) -> datetime:
    """No later than the person's next duty at this counter, so that the two never overlap."""
    following = db.session.scalar(
        select(func.min(Duty.starts_at)).where(
            Duty.agency_id == counter.agency_id,
            Duty.employee_id == employee_id,
            Duty.counter_id == counter.id,
            ~Duty.cancelled,
            Duty.starts_at > now,
        )
    )
    return end if following is None else min(end, following)


def _leave(duty: Duty, now: datetime, account: Account) -> str:
    """End a duty now; one that began this very instant never was. Says which counter it was."""
    counter = db.session.get_one(Counter, (duty.agency_id, duty.counter_id))
    if duty.starts_at < now:
        duty.ends_at = now
        append_event(duty, "checked_out", now, account)
    else:
        duty.cancelled = True
        append_event(duty, "cancelled", now, account)
    return counter.label
