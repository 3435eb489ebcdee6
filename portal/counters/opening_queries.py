"""When the counters of an agency are open on a day: its hours, its holidays, days with other
hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.counters.duty import Span
from portal.db import db
from portal.people.models import Agency, Holiday

Hours = tuple[time, time]


@dataclass(frozen=True)
class SpecialDay:
    """A day out of the ordinary; without hours it is a day off."""

    name: str
    hours: Hours | None


def special_days(agency_id: int, first: date, last: date) -> dict[date, SpecialDay]:
    """The holidays and the days with other hours between two days; one statement."""
    rows = db.session.execute(
        select(Holiday.day, Holiday.name, Holiday.opens_at, Holiday.closes_at).where(
            Holiday.agency_id == agency_id, Holiday.day.between(first, last)
        )
    )
    return {
        day: SpecialDay(name, (opens, closes) if opens and closes else None)
        for day, name, opens, closes in rows
    }


def days_off(agency_id: int, first: date, last: date) -> set[date]:
    """Days on which the counters are closed all day, whatever the weekday."""
    found = special_days(agency_id, first, last)
    return {day for day, special in found.items() if special.hours is None}


def hours_on(agency: Agency, day: date, special: Mapping[date, SpecialDay]) -> Hours | None:
    """When the counters are open on a day; none on a day off, nor on a weekday without work."""
    if day in special:
        return special[day].hours
    works = str(day.isoweekday()) in agency.working_days
    return (agency.opens_at, agency.closes_at) if works else None


def span_of(day: date, hours: Hours | None, zone: ZoneInfo) -> Span | None:
    """The hours of a day as moments."""
    if hours is None:
        return None
    return datetime.combine(day, hours[0], zone), datetime.combine(day, hours[1], zone)
