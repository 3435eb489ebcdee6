"""What became of the ratings: releases, closed periods, decisions, by the portal's own deeds."""

from datetime import datetime, timedelta

from portal.demo.draft import Draft
from portal.demo.roster import Window
from portal.ratings.periods import first_day, last_day, next_period, period_of
from portal.records.release_actions import release_period

CLOSING_DAYS = 11  # the first day after the ten in which phones without network still send
NIGHT = timedelta(hours=2)


def periods(window: Window) -> list[str]:
    """The quarters in which there are ratings, oldest first."""
    found, period = [], period_of(window.first)
    while first_day(period) < window.today:
        found.append(period)
        period = next_period(period)
    return found


def closes_at(period: str, window: Window) -> datetime:
    return window.midnight(last_day(period) + timedelta(days=CLOSING_DAYS)) + NIGHT


def release_all(draft: Draft, agency_id: int, now: datetime) -> None:
    """As the nightly work would have done it: released, closed where it was time, up to today."""
    window = draft.window
    for period in periods(window):
        closing = closes_at(period, window)
        if closing <= now:
            release_period(agency_id, period, window.midnight(first_day(next_period(period))))
            release_period(agency_id, period, closing, closes=True)
        else:
            release_period(agency_id, period, window.midnight(window.today))
