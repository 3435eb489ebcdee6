"""What became of the ratings: releases and closed periods, by the portal's own deeds."""

from datetime import datetime, timedelta

from portal.counters.periods import first_day, next_period, period_of
from portal.db import db
from portal.demo.draft import Draft
from portal.demo.roster import Window
from portal.people.models import Agency
from portal.records.closing_actions import close_period, closes_from
from portal.records.release_actions import release_period

NIGHT = timedelta(hours=2)


def periods(window: Window) -> list[str]:
    """The quarters in which there are ratings, oldest first."""
    found, period = [], period_of(window.first)
    while first_day(period) < window.today:
        found.append(period)
        period = next_period(period)
    return found


def release_all(draft: Draft, agency_id: int, now: datetime) -> tuple[str, datetime] | None:
    """As the nightly work would have done it: released, closed where it was time, up to today.

    Returns the last closed period and the moment of its closing.
    """
    closed = None
    window = draft.window
    for period in periods(window):
        closing = closes_from(db.session.get_one(Agency, agency_id), period) + NIGHT
        if closing <= now:
            over = window.midnight(first_day(next_period(period))) + NIGHT
            release_period(agency_id, period, over)
            close_period(draft.plan.code, period, closing)
            closed = (period, closing)
        else:
            release_period(agency_id, period, window.midnight(window.today))
    return closed
