"""The period of a rating: the calendar quarter in the agency's time zone, such as 2026-Q4."""

import re
from datetime import date, timedelta

_SHAPE = re.compile(r"(20\d\d)-Q([1-4])")


class NotAPeriod(ValueError):
    """The text does not name a quarter."""


def period_of(day: date) -> str:
    """The quarter a day lies in."""
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def first_day(period: str) -> date:
    """The first day of a quarter; raises NotAPeriod."""
    shape = _SHAPE.fullmatch(period)
    if not shape:
        raise NotAPeriod(period)
    return date(int(shape[1]), int(shape[2]) * 3 - 2, 1)


def last_day(period: str) -> date:
    return first_day(next_period(period)) - timedelta(days=1)


def months_after(period: str, months: int) -> date:
    """The first day on which a quarter has been over for so many months."""
    month = first_day(next_period(period)).month - 1 + months
    return date(first_day(next_period(period)).year + month // 12, month % 12 + 1, 1)


def next_period(period: str) -> str:
    return period_of(first_day(period) + timedelta(days=95))


def previous_period(period: str) -> str:
    return period_of(first_day(period) - timedelta(days=1))
