"""What a coordinator does to the roster: move, take off, copy a week, name shifts."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from portal.counters.duty import Span, gaps
from portal.counters.duty_actions import put_at_counter
from portal.counters.duty_log import append_event, lock_employees
from portal.counters.duty_notices import tell_changed
from portal.counters.duty_queries import Shift
from portal.counters.duty_rules import (
    AlreadyOnDuty,
    CounterClosed,
    DutyBegun,
    NotEmployedThere,
    check_employment,
    check_free,
    check_present,
    locked_duty,
    open_counter,
)
from portal.counters.leave_queries import leaves_of
from portal.counters.models import ShiftPattern
from portal.counters.opening_queries import span_of, special_days
from portal.counters.roster_queries import week_shifts, week_span
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account, Agency

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
    check_present(counter, employee_id, starts_at, ends_at)
    check_free(counter, employee_id, starts_at, ends_at, besides=duty.id)
    tell_changed(account, duty.employee_id, now)
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
    tell_changed(account, duty.employee_id, now)
    note_act(account, "cancel_duty", now, subject=f"duty:{duty.id}")
    db.session.commit()


@dataclass
class Copied:
    """What came of copying a week: how many duties, and whom it left out and why."""

    placed: int = 0
    on_leave: list[str] = field(default_factory=list)
    not_there: list[str] = field(default_factory=list)  # moved to another office, or gone
    shortened: list[str] = field(default_factory=list)  # half a day of leave, or of opening
    on_holiday: int = 0


def copy_week(account: Account, office_id: int, monday: date, now: datetime) -> Copied:
    """Plan the week from `monday` on as the week before it; what stands there already stays.

    Days that are over or free are left out, so it may be done again at any time.
    """
    begin_write()
    start, _end = week_span(monday, account.agency.zone)
    before = week_shifts(account.agency_id, office_id, (start - A_WEEK, start))
    lock_employees(account.agency_id, *sorted({shift.employee_id for shift in before}))
    days = _Days(account.agency, monday, {shift.employee_id for shift in before})
    copied = Copied()
    for shift in before:
        # One that goes on for weeks is no pattern of a week.
        if shift.ends_at and shift.starts_at >= start - A_WEEK and shift.ends_at <= start:
            _copy(account, shift, days, copied, now)
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


class _Days:
    """When the counters are open in a week, and who is away; two statements."""

    def __init__(self, agency: Agency, monday: date, employees: set[int]) -> None:
        self.zone = agency.zone
        week = week_span(monday, agency.zone)
        self.special = special_days(agency.id, monday, monday + A_WEEK)
        self.leaves = leaves_of(agency.id, employees, agency.zone, week)

    def opening(self, starts_at: datetime, ends_at: datetime) -> Span | None:
        """What the opening hours of that day leave of a shift; none on a day off."""
        day = starts_at.date()
        if day not in self.special:
            return starts_at, ends_at
        hours = span_of(day, self.special[day].hours, self.zone)
        if hours is None or hours[1] <= starts_at or hours[0] >= ends_at:
            return None
        return max(starts_at, hours[0]), min(ends_at, hours[1])

    def present(self, employee_id: int, span: Span) -> list[Span]:
        """The parts of a time in which the person is not away."""
        away = self.leaves.get(employee_id, [])
        return gaps([one.span(self.zone) for one in away], span)


def _copy(account: Account, shift: Shift, days: _Days, copied: Copied, now: datetime) -> None:
    """A week later by the clock on the wall, whatever the zone does in between."""
    starts_at = shift.starts_at.astimezone(days.zone) + A_WEEK
    ends_at = starts_at + ((shift.ends_at or shift.starts_at) - shift.starts_at)
    if starts_at <= now:
        return
    opening = days.opening(starts_at, ends_at)
    if opening is None:
        copied.on_holiday += 1
        return
    parts = days.present(shift.employee_id, opening)
    if not parts:
        copied.on_leave.append(shift.employee_name)
    placed = sum(_place(account, shift, part, copied, now) for part in parts)
    copied.placed += placed
    if placed and parts != [(starts_at, ends_at)]:
        copied.shortened.append(shift.employee_name)


def _place(account: Account, shift: Shift, span: Span, copied: Copied, now: datetime) -> bool:
    try:
        put_at_counter(
            account,
            counter=open_counter(account.agency_id, shift.counter_id),
            employee_id=shift.employee_id,
            starts_at=span[0],
            ends_at=span[1],
            now=now,
        )
    except (AlreadyOnDuty, CounterClosed):
        return False
    except NotEmployedThere:
        copied.not_there.append(shift.employee_name)
        return False
    return True


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


def note_export(account: Account, office_id: int, monday: date, now: datetime) -> None:
    """Names left the portal in a file: who took which week."""
    begin_write()
    detail: dict[str, object] = {"week": monday.isoformat()}
    note_act(account, "export_duties", now, subject=f"office:{office_id}", detail=detail)
    db.session.commit()
