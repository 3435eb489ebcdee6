"""The page of an office: what was heard in a quarter, how it divides, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, time

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal.access import role
from portal.counters.blueprint import office_choices, office_chosen, office_in, today
from portal.counters.periods import NotAPeriod, first_day, period_of
from portal.counters.words import quarter
from portal.followups.queries import Tally, tallies
from portal.i18n import lazy_gettext as _l
from portal.menu import Entry
from portal.overview import queries as read
from portal.overview import words
from portal.overview.months import first_of
from portal.overview.report import sheet
from portal.overview.report_queries import TREND, answers_in, report_of, reports_of
from portal.people.blueprint import ID
from portal.people.models import Office
from portal.people.queries import Scope, scope_of
from portal.records.blueprint import READERS as RECORD_READERS
from portal.records.comment_themes import heard
from portal.records.documents import as_pdf
from portal.records.funnel import Funnel, office_funnel
from portal.records.models import PublicResult
from portal.records.period_calendar import closable_on
from portal.records.policies import current_policy
from portal.records.queries import service_names
from portal.records.themes import VERSION
from portal.transparency import words as public_words
from portal.transparency.queries import results_of

blueprint = Blueprint("overview", __name__, template_folder="templates")

READERS = ("supervisor", "coordinator", "hr", "inspector", "auditor")

MENU = [
    Entry("overview.office", _l("Hasil unit kerja"), READERS, "chart", filters=("office", "period"))
]


@dataclass(frozen=True)
class Busy:
    """The map of hours: of which quarter, its rows and columns, and the numbers that it has."""

    period: str
    cells: dict[tuple[int, int], int]

    @property
    def weekdays(self) -> list[int]:
        return sorted({weekday for weekday, _hour in self.cells})

    @property
    def hours(self) -> list[int]:
        hours = [hour for _weekday, hour in self.cells]
        return list(range(min(hours), max(hours) + 1)) if hours else []


@blueprint.get("/overview")
@role(*READERS)
def office() -> ResponseReturnValue:
    """An office in a quarter, the latest with results unless one is named."""
    mine = scope_of(current_user, *READERS)
    choices = office_choices(mine)
    found = office_chosen(mine, choices)
    if found is None:
        return render_template("counters/no_office.html", title=_l("Hasil unit kerja"))
    results = results_of(found)
    period = _period(results)
    shown = next((one for one in results if one.period == period), None)
    parts, policy = read.divided(found, period), current_policy(found.agency_id)
    return render_template(
        "overview/office.html",
        office=found,
        offices=choices,
        period=period,
        periods=_periods(results, period),
        shown=shown,
        trend=list(reversed(results[:TREND])),
        parts=parts,
        busy=_busy(found, period, parts, results),
        closes=closable_on(period, policy),
        services=service_names(found.agency_id) if parts.service else {},
        like=read.offices_like(found, shown) if shown else [],
        heard=heard(found, period, current_user.employee_id),
        funnel=_funnel(found, period, policy.least_new_ratings),
        tally=_tally(found, period),
        reports=[(one.month, first_of(one.month)) for one in reports_of(found)],
        version=VERSION,
        words=words,
        public_words=public_words,
    )


@blueprint.get(f"/overview/<{ID}:office_id>/reports/<month>.pdf")
@role(*READERS)
def report(office_id: int, month: str) -> Response:
    """The report of a month to download, in the reader's language."""
    found = office_in(scope_of(current_user, *READERS), office_id)
    made = report_of(found, month)
    if made is None:
        abort(404)
    agency = current_user.agency
    answers = answers_in(made, agency.timezone)
    document = sheet(made, found, agency.name, service_names(agency.id), answers)
    return Response(
        as_pdf(document, datetime.combine(made.made_on, time(), tzinfo=agency.zone)),
        mimetype="application/pdf",
        headers={"Content-Disposition": f"attachment; filename=laporan-{month}.pdf"},
    )


def _period(results: list[PublicResult]) -> str:
    """The quarter that the address names; else the latest with results, else this one."""
    named = request.args.get("period")
    if not named:
        return results[0].period if results else period_of(today())
    try:
        first_day(named)
    except NotAPeriod:
        abort(404)
    return named


def _periods(results: list[PublicResult], chosen: str) -> list[SelectChoice]:
    known = {period_of(today()), chosen, *(one.period for one in results)}
    return [SelectChoice(one, quarter(one)) for one in sorted(known, reverse=True)]


def _busy(office: Office, period: str, parts: read.Divided, results: list[PublicResult]) -> Busy:
    """Of this quarter once it is closed; until then of the last one before it that is."""
    closed = [one.period for one in results if one.final and one.period <= period]
    if not closed or closed[0] == period:
        return Busy(period, parts.weekday_hour)
    return Busy(closed[0], read.divided(office, closed[0]).weekday_hour)


def _funnel(office: Office, period: str, least: int) -> Funnel | None:
    """For those alone who may open the records that its dots are."""
    if office.id not in scope_of(current_user, *RECORD_READERS):
        return None
    return office_funnel(office.agency_id, office.id, period, least)


def _tally(office: Office, period: str) -> Tally | None:
    rows = tallies(Scope(office.agency_id, frozenset({office.id})), period, today())
    return rows[0] if rows else None
