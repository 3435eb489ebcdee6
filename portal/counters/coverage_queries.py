"""Reads for the coverage of counters: what was planned in a week, and who really came."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.counters.coverage import Cover, cover
from portal.counters.duty import Span
from portal.counters.duty_queries import Day, Shift, local
from portal.counters.models import Counter, DutyEvent
from portal.counters.roster import week_from
from portal.counters.roster_queries import day_span, holidays_between, week_shifts, week_span
from portal.db import db
from portal.people.models import Agency


@dataclass(frozen=True)
class CounterCover:
    """A counter's week, day by day."""

    counter_id: int
    label: str
    days: list[Cover]


def week_days(agency: Agency, monday: date) -> list[Day]:
    """The days of a week that the agency usually works, with their hours; one statement."""
    days = week_from(monday)
    holidays = holidays_between(agency.id, days[0], days[-1])
    found = []
    for day in days:
        if str(day.isoweekday()) not in agency.working_days:
            continue
        hours = tuple(
            local(day, clock, agency.zone) for clock in (agency.opens_at, agency.closes_at)
        )
        span: Span | None = None if day in holidays else (hours[0], hours[1])
        found.append(Day(day_span(day, agency.zone), span, holidays.get(day)))
    return found


def coverage_week(
    agency: Agency, office_id: int, monday: date, days: list[Day], now: datetime
) -> list[CounterCover]:
    """The cover of every open counter of an office in a week; three statements."""
    shifts = week_shifts(agency.id, office_id, week_span(monday, agency.zone))
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
        return cover(
            day.hours,
            [shift.span(day.whole) for shift in here],
            [shift.span(day.whole) for shift in here if shift.confirmed],
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
