"""The coverage of counters: planned, served and open hours beside ratings that name nobody."""

from datetime import datetime

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.blueprint import (
    KEEPERS,
    day_argument,
    office_choices,
    office_chosen,
    today,
)
from portal.counters.blueprint import scope as counters_scope
from portal.counters.coverage import together
from portal.counters.coverage_queries import CounterCover, coverage_week, week_days
from portal.counters.duty import Span
from portal.counters.roster import monday_of
from portal.counters.roster_actions import A_WEEK
from portal.i18n import gettext as _
from portal.people.queries import scope_of
from portal.people.words import WEEKDAYS
from portal.records.blueprint import blueprint
from portal.records.coverage import LEAST, nameless_ratings

COVERAGE_READERS = (*KEEPERS, "supervisor")  # supervisors only look


@blueprint.get("/coverage")
@role(*COVERAGE_READERS)
def coverage() -> ResponseReturnValue:
    """A week at the counters of an office, and what to do about what is missing."""
    mine = scope_of(current_user, *COVERAGE_READERS)
    choices = office_choices(mine)
    office = office_chosen(mine, choices)
    if office is None:
        return render_template("counters/no_office.html", title=_("Cakupan loket"))
    agency, now = current_user.agency, clock.now()
    monday = monday_of(day_argument())
    days = week_days(agency, monday)
    dates = [day.whole[0].astimezone(agency.zone).date() for day in days]
    rows = coverage_week(agency, office.id, monday, days, now)
    # What is missing first, the most of it above; the sort keeps the counters' own order.
    ordered = sorted(rows, key=lambda row: -row.week.open)
    return render_template(
        "records/coverage.html",
        office=office,
        keeps=office.id in counters_scope(),
        offices=choices,
        monday=monday,
        sunday=monday + A_WEEK - (A_WEEK / 7),
        this_monday=monday_of(today()),
        before=monday - A_WEEK,
        after=monday + A_WEEK,
        days=list(zip(days, dates, strict=True)),
        rows=ordered,
        whole=together(row.week for row in rows),
        to_fill=_to_fill(rows, now),
        nameless=nameless_ratings(agency.id, [row.counter_id for row in rows], dates),
        least=LEAST,
        weekdays=WEEKDAYS,
        zone=agency.timezone,
        local=agency.zone,
        now=now,
    )


def _to_fill(rows: list[CounterCover], now: datetime) -> list[tuple[CounterCover, Span]]:
    """The open hours that can still be filled, the soonest first."""
    found = [(row, gap) for row in rows for gap in row.week.gaps if gap[1] > now]
    return sorted(found, key=lambda one: one[1])
