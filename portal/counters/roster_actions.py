"""What a coordinator does to the roster: move, take off, copy a week, name shifts, note leave."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from portal.counters.duty_actions import put_at_counter
from portal.counters.duty_log import append_event, lock_employees
from portal.counters.duty_queries import Shift
from portal.counters.duty_rules import (
    AlreadyOnDuty,
    CounterClosed,
    DutyBegun,
    LeaveKnown,
    NotEmployedThere,
    OnLeave,
    check_employment,
    check_free,
    check_present,
    locked_duty,
    open_counter,
)
from portal.counters.models import Leave, ShiftPattern
from portal.counters.roster_queries import holidays_between, week_shifts, week_span
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account

A_WEEK = timedelta(days=7)


def move_duty(
    account: Account,
    duty_id: int,
    *,
    counter_id: int,
    employee_id: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
) -> None:
    """Plan a duty anew that has not begun; what has begun is corrected, with a reason."""
    begin_write()
    duty = locked_duty(account.agency_id, duty_id, employee_id)
    if min(duty.starts_at, starts_at) <= now:
        raise DutyBegun
    counter = open_counter(account.agency_id, counter_id)
    check_employment(counter, employee_id, starts_at)
    check_present(counter, employee_id, starts_at)
    check_free(counter, employee_id, starts_at, ends_at, besides=duty.id)
    duty.counter_id, duty.employee_id = counter_id, employee_id
    duty.starts_at, duty.ends_at = starts_at, ends_at
    append_event(duty, "planned", now, account)
    if duty.confirmed:
        append_event(duty, "confirmed", now, account)
    note_act(account, "move_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()


def take_off(account: Account, duty_id: int, now: datetime) -> None:
    """Take a duty off the roster before it begins; afterwards it is cancelled, with a reason."""
    begin_write()
    duty = locked_duty(account.agency_id, duty_id)
    if duty.starts_at <= now:
        raise DutyBegun
    duty.cancelled = True
    append_event(duty, "cancelled", now, account)
    note_act(account, "cancel_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()


@dataclass
class Copied:
    """What came of copying a week: how many duties, and whom it left out and why."""

    placed: int = 0
    on_leave: list[str] = field(default_factory=list)
    not_there: list[str] = field(default_factory=list)  # moved to another office, or gone
    on_holiday: int = 0


def copy_week(account: Account, office_id: int, monday: date, now: datetime) -> Copied:
    """Plan the week from `monday` on as the week before it; what stands there already stays.

    Days that are over or free are left out, so it may be done again at any time.
    """
    begin_write()
    start, _end = week_span(monday, account.agency.zone)
    before = week_shifts(account.agency_id, office_id, (start - A_WEEK, start))
    holidays = holidays_between(account.agency_id, monday, monday + A_WEEK)
    lock_employees(account.agency_id, *sorted({shift.employee_id for shift in before}))
    copied = Copied()
    for shift in before:
        # One that goes on for weeks is no pattern of a week.
        if shift.ends_at and shift.starts_at >= start - A_WEEK and shift.ends_at <= start:
            _copy(account, shift, holidays, copied, now)
    if copied.placed:
        note_act(
            account,
            "copy_week",
            now,
            subject=f"office:{office_id}",
            detail={"week": monday.isoformat(), "duties": copied.placed},
        )
    db.session.commit()
    return copied


def _copy(
    account: Account, shift: Shift, holidays: Container[date], copied: Copied, now: datetime
) -> None:
    """A week later by the clock on the wall, whatever the zone does in between."""
    zone = account.agency.zone
    starts_at = shift.starts_at.astimezone(zone) + A_WEEK
    if starts_at <= now:
        return
    if starts_at.date() in holidays:
        copied.on_holiday += 1
        return
    try:
        put_at_counter(
            account,
            counter=open_counter(account.agency_id, shift.counter_id),
            employee_id=shift.employee_id,
            starts_at=starts_at,
            ends_at=starts_at + ((shift.ends_at or shift.starts_at) - shift.starts_at),
            now=now,
        )
    except (AlreadyOnDuty, CounterClosed):
        return
    except OnLeave:
        copied.on_leave.append(shift.employee_name)
    except NotEmployedThere:
        copied.not_there.append(shift.employee_name)
    else:
        copied.placed += 1


def add_pattern(
    account: Account, office_id: int | None, name: str, hours: tuple[time, time], now: datetime
) -> int:
    """Name a shift, for an office or (without one) for the whole agency."""
    begin_write()
    pattern = ShiftPattern(
        agency_id=account.agency_id,
        office_id=office_id,
        name=name,
        starts_at=hours[0],
        ends_at=hours[1],
    )
    db.session.add(pattern)
    db.session.flush()
    note_act(account, "add_pattern", now, subject=f"pattern:{pattern.id}")
    db.session.commit()
    return pattern.id


def close_pattern(account: Account, pattern_id: int, now: datetime) -> None:
    """Offer a shift no longer; duties that were placed by it stay."""
    begin_write()
    pattern = db.session.get_one(ShiftPattern, (account.agency_id, pattern_id))
    pattern.active = False
    note_act(account, "close_pattern", now, subject=f"pattern:{pattern_id}")
    db.session.commit()


def add_leave(
    account: Account, employee_id: int, starts_on: date, ends_on: date, now: datetime
) -> int:
    """Note that somebody is away; duties planned for these days stay, and are shown as clashing."""
    begin_write()
    lock_employees(account.agency_id, employee_id)
    known = db.session.scalar(
        select(Leave.id)
        .where(
            Leave.agency_id == account.agency_id,
            Leave.employee_id == employee_id,
            ~Leave.cancelled,
            Leave.starts_on <= ends_on,
            Leave.ends_on >= starts_on,
        )
        .limit(1)
    )
    if known is not None:
        raise LeaveKnown
    leave = Leave(
        agency_id=account.agency_id, employee_id=employee_id, starts_on=starts_on, ends_on=ends_on
    )
    db.session.add(leave)
    db.session.flush()
    note_act(account, "add_leave", now, subject=f"employee:{employee_id}")
    db.session.commit()
    return leave.id


def cancel_leave(account: Account, leave_id: int, now: datetime) -> None:
    """They are not away after all, or are back."""
    begin_write()
    leave = db.session.get_one(Leave, (account.agency_id, leave_id), populate_existing=True)
    leave.cancelled = True
    note_act(account, "cancel_leave", now, subject=f"employee:{leave.employee_id}")
    db.session.commit()


def note_export(account: Account, office_id: int, monday: date, now: datetime) -> None:
    """Names left the portal in a file: who took which week."""
    begin_write()
    detail: dict[str, object] = {"week": monday.isoformat()}
    note_act(account, "export_duties", now, subject=f"office:{office_id}", detail=detail)
    db.session.commit()
