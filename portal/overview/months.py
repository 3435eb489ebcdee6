"""Months by name, and the day on which a month is reported."""

from collections.abc import Collection
from datetime import date, timedelta

from portal.followups.deadlines import due_after


def month_before(day: date) -> tuple[date, date]:
    """The first and the last day of the month before that of a day."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def month_name(first: date) -> str:
    """Such as 2026-10."""
    return f"{first:%Y-%m}"


def first_of(month: str) -> date:
    """The first day of a month; raises ValueError."""
    return date.fromisoformat(f"{month}-01")


def reported_on(last: date, working: str, holidays: Collection[date]) -> date:
    """The first working day after the last one of a month."""
    return due_after(last, 1, working, holidays)
