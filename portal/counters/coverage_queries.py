"""Reads for the coverage of counters: what was planned in a week, and who really came."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.counters.coverage import Cover, cover, together
from portal.counters.duty import gaps
from portal.counters.duty_queries import Day, Shift
from portal.counters.leave_queries import missing_times
from portal.counters.models import Counter, DutyEvent
from portal.counters.opening_queries import hours_on, span_of, special_days
from portal.counters.roster import week_from
from portal.counters.roster_queries import day_span, week_shifts, week_span
from portal.db import db
from portal.people.models import Agency


@dataclass(frozen=True)
class CounterCover:
    """A counter's week, day by day."""

    counter_id: int
    label: str
    days: list[Cover]

    @property
    def week(self) -> Cover:
        return together(self.days)


def week_days(agency: Agency, monday: date) -> list[Day]:
    """The days of a week that the agency works, with their hours; one statement."""
    days = week_from(monday)
    special = special_days(agency.id, days[0], days[-1])
    found = []
    for day in days:
        hours = hours_on(agency, day, special)
        if hours is None and str(day.isoweekday()) not in agency.working_days:
            continue
        name = special[day].name if day in special else None
        span = span_of(day, hours, agency.zone)
        found.append(Day(day_span(day, agency.zone), span, name))
    return found


def coverage_week(
    agency: Agency, office_id: int, monday: date, days: list[Day], now: datetime
) -> list[CounterCover]:
    """The cover of every open counter of an office in a week; four statements.

    Who is on leave and did not come covers nothing, whatever the roster says.
    """
    whole_week = week_span(monday, agency.zone)
    shifts = week_shifts(agency.id, office_id, whole_week)
    closed = [span for day in days for span in day.closed]
    missing = missing_times(agency, shifts, whole_week, closed)
    came = _came(agency.id, shifts)
    counters = db.session.execute(
        select(Counter.id, Counter.label)
        .where(Counter.agency_id == agency.id, Counter.office_id == office_id, Counter.active)
        .order_by(func.length(Counter.label), Counter.label)
    )

    def day_cover(counter_id: int, day: Day) -> Cover:
        here = [
            shift
            for shift in shifts
            if shift.counter_id == counter_id
            and shift.starts_at < day.whole[1]
            and (shift.ends_at is None or shift.ends_at > day.whole[0])
        ]
        served = [
            (max(came[shift.id], day.whole[0]), min(shift.ends_at or now, now, day.whole[1]))
            for shift in here
            if shift.id in came
        ]
        there = {shift.id: gaps(missing.get(shift.id, ()), shift.span(day.whole)) for shift in here}
        return cover(
            day.hours,
            [span for shift in here for span in there[shift.id]],
            [span for shift in here if shift.confirmed for span in there[shift.id]],
            [span for span in served if span[0] < span[1]],
            now,
        )

    return [
        CounterCover(counter_id, label, [day_cover(counter_id, day) for day in days])
        for counter_id, label in counters
    ]


def _came(agency_id: int, shifts: list[Shift]) -> dict[int, datetime]:
    """From when the person was there: since the check-in, or as a coordinator has corrected it."""
    rows = db.session.execute(
        select(DutyEvent.duty_id, DutyEvent.kind, func.min(DutyEvent.at))
        .where(
            DutyEvent.agency_id == agency_id,
            DutyEvent.duty_id.in_([shift.id for shift in shifts]),
            DutyEvent.kind.in_(("checked_in", "corrected")),
        )
        .group_by(DutyEvent.duty_id, DutyEvent.kind)
    )
    starts = {shift.id: shift.starts_at for shift in shifts}
    came: dict[int, datetime] = {}
    for duty_id, kind, at in rows:
        since = starts[duty_id] if kind == "corrected" else max(at, starts[duty_id])
        came[duty_id] = min(since, came.get(duty_id, since))
    return came
