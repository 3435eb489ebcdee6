"""Days by which a case must be done: working days of the agency, without its holidays."""

from collections.abc import Collection
from datetime import date, timedelta

ONE = timedelta(days=1)
FARTHEST = 366  # an agency without a working day never waits for ever


def due_after(start: date, days: int, working: str, holidays: Collection[date]) -> date:
    """The day so many working days after `start`; `working` are ISO weekdays, such as "12345"."""
    day, left = start, days
    for _ in range(FARTHEST):
        if left <= 0:
            break
        day += ONE
        if str(day.isoweekday()) in working and day not in holidays:
            left -= 1
    return day
