"""Reads for the roster: a week at the counters of an office, its patterns and who is away."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from portal.counters.duty import Span
from portal.counters.duty_queries import Shift, local, select_shifts, within
from portal.counters.models import Counter, Duty, Leave, ShiftPattern
from portal.counters.roster import Notes, notes_on, week_from
from portal.db import db
from portal.people.models import Agency, Employee, Employment, Holiday
from portal.people.queries import Scope

OPENING_HOURS = 0  # the pattern that every office has without anybody writing it down


@dataclass(frozen=True)
class Chip:
    """A duty as it stands in a cell of the roster."""

    shift: Shift
    notes: Notes
    movable: bool  # on this day only, and not begun
    all_day: bool


@dataclass(frozen=True)
class RosterDay:
    """A column of the roster."""

    day: date
    works: bool
    holiday: str | None
    over: bool  # nothing can be planned there any more
    away: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether something can be planned on it."""
        return self.works and not self.over


@dataclass(frozen=True)
class RosterRow:
    """A counter's week: the chips of each day that is shown."""

    counter_id: int
    label: str
    place: str
    cells: list[list[Chip]]


@dataclass(frozen=True)
class Week:
    """The roster of an office from Monday to Sunday; free days without duty are left out."""

    monday: date
    days: list[RosterDay]
    rows: list[RosterRow]

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def remarks(self) -> list[tuple[RosterDay, Chip]]:
        """What deserves a second look, day by day."""
        return [
            (day, chip)
            for number, day in enumerate(self.days)
            for row in self.rows
            for chip in row.cells[number]
            if chip.notes
        ]


def roster_week(agency: Agency, office_id: int, monday: date, now: datetime) -> Week:
    """The week at every open counter of an office; four statements."""
    zone = agency.zone
    span = week_span(monday, zone)
    shifts = week_shifts(agency.id, office_id, span)
    leaves = leaves_between(agency.id, office_id, monday, monday + timedelta(days=6))
    days = _days(agency, monday, now, shifts, leaves)
    notes = notes_on(
        shifts,
        [(leave.employee_id, leave.starts_on, leave.ends_on) for leave in leaves],
        lambda moment: moment.astimezone(zone).date(),
    )

    def cell(counter_id: int, day: date) -> list[Chip]:
        whole = day_span(day, zone)
        return [
            Chip(
                shift,
                notes.get(shift.id, Notes()),
                movable=_movable(shift, whole, now),
                all_day=shift.span(whole) == whole,
            )
            for shift in shifts
            if shift.counter_id == counter_id
            and shift.starts_at < whole[1]
            and (shift.ends_at is None or shift.ends_at > whole[0])
        ]

    counters = db.session.execute(
        select(Counter.id, Counter.label, Counter.place)
        .where(Counter.agency_id == agency.id, Counter.office_id == office_id, Counter.active)
        .order_by(func.length(Counter.label), Counter.label)
    )
    rows = [
        RosterRow(counter_id, label, place, [cell(counter_id, day.day) for day in days])
        for counter_id, label, place in counters
    ]
    return Week(monday, days, rows)


def week_span(monday: date, zone: ZoneInfo) -> Span:
    return days_span(monday, monday + timedelta(days=6), zone)


def days_span(first: date, last: date, zone: ZoneInfo) -> Span:
    """From the first day's beginning to the last day's end."""
    return local(first, time(), zone), local(last + timedelta(days=1), time(), zone)


def day_span(day: date, zone: ZoneInfo) -> Span:
    return days_span(day, day, zone)


def week_shifts(agency_id: int, office_id: int, span: Span) -> list[Shift]:
    """Every duty at the counters of an office that touches the span."""
    rows = db.session.execute(
        select_shifts().where(
            Counter.agency_id == agency_id,
            Counter.office_id == office_id,
            ~Duty.cancelled,
            within(span),
        )
    )
    return [Shift(*row) for row in rows]


def _movable(shift: Shift, whole: Span, now: datetime) -> bool:
    inside = whole[0] <= shift.starts_at and shift.ends_at is not None and shift.ends_at <= whole[1]
    return inside and shift.starts_at > now


def _days(
    agency: Agency, monday: date, now: datetime, shifts: list[Shift], leaves: list["AwayRow"]
) -> list[RosterDay]:
    holidays = holidays_between(agency.id, monday, monday + timedelta(days=6))
    found = []
    for day in week_from(monday):
        whole = day_span(day, agency.zone)
        usual = str(day.isoweekday()) in agency.working_days
        used = any(
            shift.starts_at < whole[1] and (shift.ends_at is None or shift.ends_at > whole[0])
            for shift in shifts
        )
        if usual or used:
            away = tuple(
                leave.employee_name for leave in leaves if leave.starts_on <= day <= leave.ends_on
            )
            works = usual and day not in holidays
            found.append(RosterDay(day, works, holidays.get(day), whole[1] <= now, away))
    return found


def holidays_between(agency_id: int, first: date, last: date) -> dict[date, str]:
    rows = db.session.execute(
        select(Holiday.day, Holiday.name).where(
            Holiday.agency_id == agency_id, Holiday.day.between(first, last)
        )
    )
    return dict(rows.all())


@dataclass(frozen=True)
class AwayRow:
    """A leave with the name of who is away."""

    id: int
    employee_id: int
    employee_name: str
    starts_on: date
    ends_on: date


def leaves_between(agency_id: int, office_id: int, first: date, last: date) -> list[AwayRow]:
    """Who of an office is away on some day of these."""
    works_there = (
        select(Employment.id)
        .where(
            Employment.agency_id == Leave.agency_id,
            Employment.employee_id == Leave.employee_id,
            Employment.office_id == office_id,
            Employment.starts_on <= last,
            or_(Employment.ends_on.is_(None), Employment.ends_on >= first),
        )
        .exists()
    )
    rows = db.session.execute(
        select(Leave.id, Leave.employee_id, Employee.name, Leave.starts_on, Leave.ends_on)
        .join(
            Employee,
            and_(Employee.agency_id == Leave.agency_id, Employee.id == Leave.employee_id),
        )
        .where(
            Leave.agency_id == agency_id,
            ~Leave.cancelled,
            Leave.starts_on <= last,
            Leave.ends_on >= first,
            works_there,
        )
        .order_by(Leave.starts_on, Employee.name, Leave.id)
    )
    return [AwayRow(*row) for row in rows]


def leave_in(scope: Scope, leave_id: int, office_id: int) -> Leave | None:
    """A leave of somebody who works or worked in an office of the scope."""
    if office_id not in scope:
        return None
    return db.session.scalar(
        select(Leave)
        .join(
            Employment,
            and_(
                Employment.agency_id == Leave.agency_id,
                Employment.employee_id == Leave.employee_id,
            ),
        )
        .where(
            Leave.agency_id == scope.agency_id,
            Leave.id == leave_id,
            Employment.office_id == office_id,
            ~Leave.cancelled,
        )
        .limit(1)
    )


@dataclass(frozen=True)
class Pattern:
    """A shift that is placed by name."""

    id: int
    name: str
    starts_at: time
    ends_at: time
    office_id: int | None


def patterns_for(agency: Agency, office_id: int) -> list[Pattern]:
    """The patterns of an office and of its whole agency, in the order of the clock."""
    rows = db.session.execute(
        select(
            ShiftPattern.id,
            ShiftPattern.name,
            ShiftPattern.starts_at,
            ShiftPattern.ends_at,
            ShiftPattern.office_id,
        )
        .where(
            ShiftPattern.agency_id == agency.id,
            or_(ShiftPattern.office_id.is_(None), ShiftPattern.office_id == office_id),
            ShiftPattern.active,
        )
        .order_by(ShiftPattern.starts_at, ShiftPattern.ends_at, ShiftPattern.name)
    )
    return [Pattern(*row) for row in rows]


def pattern_in(scope: Scope, pattern_id: int) -> ShiftPattern | None:
    """A pattern that the reader may close: of an office in scope, or of the agency they run."""
    found = db.session.get(ShiftPattern, (scope.agency_id, pattern_id))
    if found is None or not found.active:
        return None
    if found.office_id is None:
        return found if scope.offices is None else None
    return found if found.office_id in scope else None


def duties_during(leaves: list[AwayRow], agency: Agency) -> dict[int, list[Shift]]:
    """What was planned for those who are away, by the key of the leave; one statement."""
    if not leaves:
        return {}
    first = min(leave.starts_on for leave in leaves)
    last = max(leave.ends_on for leave in leaves)
    rows = db.session.execute(
        select_shifts().where(
            Counter.agency_id == agency.id,
            Duty.employee_id.in_({leave.employee_id for leave in leaves}),
            ~Duty.cancelled,
            within(days_span(first, last, agency.zone)),
        )
    )
    shifts = [Shift(*row) for row in rows]
    return {
        leave.id: [
            shift
            for shift in shifts
            if shift.employee_id == leave.employee_id
            and leave.starts_on <= shift.starts_at.astimezone(agency.zone).date() <= leave.ends_on
        ]
        for leave in leaves
    }
