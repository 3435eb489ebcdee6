"""Whether a counter is open, as the citizen's pages ask it: beyond its hours nobody is named."""

from collections.abc import Sequence
from datetime import datetime, time

from portal.counters.queries import DutyRow, ResolvedCode
from portal.db import db
from portal.people.models import Holiday

# Clocks differ by some minutes: as much as the engine's control of hours allows for.
GRACE = 6 * 60  # seconds

OpenTimes = tuple[int, int] | None  # seconds since midnight; none: closed all day
ALWAYS: OpenTimes = (0, 24 * 3600)


def open_times(code: ResolvedCode, local: datetime, rows: Sequence[DutyRow]) -> OpenTimes:
    """From when to when the counter is open on the day of `local`, a moment on its own clock.

    rows: the duties around that moment. They know of a day with hours of its own; only where
    there are none is the database asked.
    """
    if code.trial:
        return ALWAYS
    special = rows[0].day_hours if rows else _day_hours(code.agency_id, local)
    if special is None:
        working = str(local.isoweekday()) in code.working_days
        special = (code.opens_at, code.closes_at) if working else (None, None)
    opens, closes = special
    return None if opens is None or closes is None else (_since(opens), _since(closes))


def is_open(times: OpenTimes, local: datetime, grace: int = 0) -> bool:
    """Whether the moment lies within these times, with so many seconds of grace at both ends."""
    if times is None:
        return False
    moment = _since(local)
    return times[0] - grace <= moment < times[1] + grace


def _day_hours(agency_id: int, local: datetime) -> tuple[time | None, time | None] | None:
    day = db.session.get(Holiday, (agency_id, local.date()))
    return None if day is None else (day.opens_at, day.closes_at)


def _since(clock: time | datetime) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
