"""Reads for the roster: a week at the counters of an office, its patterns and who is away."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from portal.counters.duty import Span, gaps
from portal.counters.duty_queries import Shift, hours_of_day, local, select_shifts, within
from portal.counters.leave_queries import AwayRow, leaves_between, leaves_of
from portal.counters.models import Counter, Duty, ShiftPattern
from portal.counters.opening_queries import Hours, hours_on, span_of, special_days
from portal.counters.roster import Notes, notes_on, week_from
from portal.db import db
from portal.people.models import Agency
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
    hours: Hours | None
    usual: bool  # open for the hours of any other day
    holiday: str | None  # its name, also of a day that is open for other hours
    over: bool  # nothing can be planned there any more
    away: tuple[AwayRow, ...]

    @property
    def works(self) -> bool:
        return self.hours is not None

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

    def only(self, day: date) -> "Week":
        """One day of it, for a narrow screen; all of it where the day is not shown."""
        number = next((place for place, one in enumerate(self.days) if one.day == day), None)
        if number is None:
            return self
        rows = [replace(row, cells=[row.cells[number]]) for row in self.rows]
        return Week(self.monday, [self.days[number]], rows)

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
        [(leave.employee_id, *leave.away.span(zone)) for leave in leaves],
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


def proposed(agency: Agency, employee_id: int, day: date, hours: Hours) -> list[Span]:
    """When somebody can be placed of these hours: while the counters are open on a day with hours
    of its own, and while the person is not away. Elsewhere the coordinator's hours stand."""
    special = special_days(agency.id, day, day).get(day)
    whole = hours_of_day(day, *hours, agency.zone)
    limits = (span_of(day, special.hours, agency.zone) if special else None) or whole
    span = max(whole[0], limits[0]), min(whole[1], limits[1])
    if span[0] >= span[1]:
        return []
    leaves = leaves_of(agency.id, [employee_id], agency.zone, span).get(employee_id, [])
    return gaps([away.span(agency.zone) for away in leaves], span)


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
    agency: Agency, monday: date, now: datetime, shifts: list[Shift], leaves: list[AwayRow]
) -> list[RosterDay]:
    special = special_days(agency.id, monday, monday + timedelta(days=6))
    found = []
    for day in week_from(monday):
        whole = day_span(day, agency.zone)
        hours = hours_on(agency, day, special)
        used = any(
            shift.starts_at < whole[1] and (shift.ends_at is None or shift.ends_at > whole[0])
            for shift in shifts
        )
        if hours or used or str(day.isoweekday()) in agency.working_days:
            away = tuple(
                leave for leave in leaves if leave.away.starts_on <= day <= leave.away.ends_on
            )
            name = special[day].name if day in special else None
            usual = hours == (agency.opens_at, agency.closes_at)
            found.append(RosterDay(day, hours, usual, name, whole[1] <= now, away))
    return found


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
    """What is planned, or was served, by those who are away, by the key of the leave; one
    statement."""
    if not leaves:
        return {}
    first = min(leave.away.starts_on for leave in leaves)
    last = max(leave.away.ends_on for leave in leaves)
    rows = db.session.execute(
        select_shifts().where(
            Counter.agency_id == agency.id,
            Duty.employee_id.in_({leave.employee_id for leave in leaves}),
            ~Duty.cancelled,
            within(days_span(first, last, agency.zone)),
        )
    )
    shifts = [Shift(*row) for row in rows]
    return {leave.id: _touched(shifts, leave, agency.zone) for leave in leaves}


def _touched(shifts: list[Shift], leave: AwayRow, zone: ZoneInfo) -> list[Shift]:
    start, end = leave.away.span(zone)
    return [
        shift
        for shift in shifts
        if shift.employee_id == leave.employee_id
        and shift.starts_at < end
        and (shift.ends_at is None or shift.ends_at > start)
    ]
