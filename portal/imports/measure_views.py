"""Objective measures from a file, for the fairness audit; what is there, and taking it back."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.words import quarter
from portal.i18n import gettext as _
from portal.imports.blueprint import blueprint, page_of
from portal.imports.forms import MeasureFileForm
from portal.people.queries import Scope, scope_of
from portal.records.blueprint import known_period
from portal.records.forms import ChoosePeriod, choices
from portal.records.measure_actions import remove_measure
from portal.records.measure_models import MOST_MEASURES
from portal.records.measures import held, periods_held


def _scope() -> Scope:
    return scope_of(current_user, "hr")


@blueprint.route("/fairness/measures", methods=["GET", "POST"])
@role("hr")
def measures() -> ResponseReturnValue:
    """Upload a file, see what it would change or what is wrong with it, then import it."""
    periods = periods_held(current_user.agency_id)
    chosen = ChoosePeriod(request.args)
    chosen.period.choices = choices({period: quarter(period) for period in periods})
    if chosen.period.data not in periods:
        chosen.period.data = next(iter(periods), None)
    period = chosen.period.data
    return page_of(
        "measures",
        MeasureFileForm(),
        _scope(),
        url_for("imports.measures"),
        chosen=chosen,
        period=period,
        held=held(_scope(), period) if period else [],
        most=MOST_MEASURES,
    )


@blueprint.post("/fairness/measures/<period>/remove")
@role("hr")
def remove(period: str) -> ResponseReturnValue:
    """Take a measure of a quarter back, of those whom the officer answers for."""
    gone = remove_measure(
        current_user, _scope(), known_period(period), request.form.get("measure", ""), clock.now()
    )
    if not gone:
        abort(404)
    flash(_("Dihapus: angka %(count)s pegawai.", count=gone), "good")
    return redirect(url_for("imports.measures", period=period))
