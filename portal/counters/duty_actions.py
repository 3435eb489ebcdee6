"""What a coordinator does to duty: plan, confirm, cancel, correct."""

from collections.abc import Sequence
from datetime import datetime

from portal.counters.duty_log import append_event, duty_rows, lock_employees
from portal.counters.duty_notices import tell_changed
from portal.counters.duty_rules import (
    AlreadyConfirmed,
    OwnDuty,
    ReasonMissing,
    check_employment,
    check_free,
    check_present,
    locked_duty,
    open_counter,
)
from portal.counters.models import Counter
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account


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
    counter = open_counter(account.agency_id, counter_id)
    lock_employees(account.agency_id, employee_id)
    duty_id = put_at_counter(
        account,
        counter=counter,
        employee_id=employee_id,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
        confirmed=confirmed,
        reason=reason,
    )
    note_act(account, "plan_duty", now, subject=f"duty:{duty_id}")
    db.session.commit()
    return duty_id


def plan_duties(
    account: Account,
    counter_id: int,
    employee_id: int,
    spans: Sequence[tuple[datetime, datetime]],
    now: datetime,
) -> None:
    """Put an employee at a counter for what leave and opening hours leave of a shift that has not
    begun: all of it or, where one part is refused, nothing."""
    begin_write()
    counter = open_counter(account.agency_id, counter_id)
    lock_employees(account.agency_id, employee_id)
    for starts_at, ends_at in spans:
        try:
            duty_id = put_at_counter(
                account,
                counter=counter,
                employee_id=employee_id,
                starts_at=starts_at,
                ends_at=ends_at,
                now=now,
            )
        except Exception:
            db.session.rollback()
            raise
        note_act(account, "plan_duty", now, subject=f"duty:{duty_id}")
    db.session.commit()


def put_at_counter(
    account: Account,
    *,
    counter: Counter,
    employee_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    confirmed: bool = True,
    reason: str = "",
) -> int:
    """A new duty of an employee who is locked, within the caller's transaction; its key."""
    begun = starts_at <= now
    check_employment(counter, employee_id, starts_at)
    if not begun:  # who was there after all has not been away
        check_present(counter, employee_id, starts_at, ends_at)
    check_free(counter, employee_id, starts_at, ends_at)
    planned = ("planned", "confirmed") if confirmed else ("planned",)
    duty, events = duty_rows(
        agency_id=counter.agency_id,
        employee_id=employee_id,
        counter_id=counter.id,
        starts_at=starts_at,
        ends_at=ends_at,
        kinds=("corrected",) if begun else planned,
        now=now,
        account_id=account.id,
        reason=reason,
    )
    db.session.add_all([duty, *events])
    return duty.id


def confirm_duty(account: Account, duty_id: int, now: datetime) -> None:
    """A coordinator vouches for it: from now on, and for what was rated meanwhile."""
    begin_write()
    duty = locked_duty(account.agency_id, duty_id)
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
    duty = locked_duty(account.agency_id, duty_id)
    if not reason:
        raise ReasonMissing
    if duty.starts_at <= now and account.employee_id == duty.employee_id:
        raise OwnDuty
    duty.cancelled = True
    append_event(duty, "cancelled", now, account, reason)
    tell_changed(account, duty.employee_id, now)
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
    duty = locked_duty(account.agency_id, duty_id, employee_id)
    if not reason:
        raise ReasonMissing
    begun = min(duty.starts_at, starts_at) <= now
    if begun and account.employee_id in {duty.employee_id, employee_id}:
        raise OwnDuty
    counter = db.session.get_one(Counter, (duty.agency_id, duty.counter_id))
    if employee_id != duty.employee_id:
        check_employment(counter, employee_id, starts_at)
    check_free(counter, employee_id, starts_at, ends_at, besides=duty.id)
    tell_changed(account, duty.employee_id, now)
    duty.employee_id = employee_id
    duty.starts_at = starts_at
    duty.ends_at = ends_at
    duty.confirmed = True
    append_event(duty, "corrected", now, account, reason)
    note_act(account, "correct_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()
