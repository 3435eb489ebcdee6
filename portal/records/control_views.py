"""The controls of submissions: what they noticed, and whether they work or are only monitored."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.paging import page_of
from portal.people.queries import scope_of
from portal.records.blueprint import blueprint
from portal.records.control_words import CONTROL_WORDS, PACE_WORDS
from portal.records.controls import KIOSK_PACE, counter_days, floods, totals
from portal.records.coverage import LEAST
from portal.records.policies import CONTROLS, current_policy
from portal.records.policy_actions import NothingChanged, PolicyMoved, propose_policy
from portal.records.policy_forms import Switch
from portal.records.policy_proposals import sets_policy
from portal.records.policy_views import after_proposing

WATCHERS = ("coordinator", "inspector", "hr")
PAST = timedelta(days=14)
ROWS_ON_A_PAGE = 50


@blueprint.get("/controls")
@role(*WATCHERS)
def controls() -> ResponseReturnValue:
    """What was noticed and set aside in the offices in scope, by counter and day."""
    return _page(Switch(), "")


def _page(form: Switch, asked: str) -> ResponseReturnValue:
    held = current_policy(current_user.agency_id)
    today = clock.now().astimezone(current_user.agency.zone).date()
    scope = scope_of(current_user, *WATCHERS)
    days = counter_days(scope, today - PAST)
    return render_template(
        "records/controls.html",
        form=form,
        asked=asked,
        page=page_of(days, request.args.get("page", 1, type=int), ROWS_ON_A_PAGE),
        floods=floods(scope, today - timedelta(days=1)),
        least=LEAST,
        monitored=held.monitored,
        switches=sets_policy(current_user),
        totals=totals(days),
        version=held.version,
        words=CONTROL_WORDS,
        noted={**CONTROL_WORDS, KIOSK_PACE: PACE_WORDS},
        always=KIOSK_PACE,
    ), 422 if form.errors else 200


@blueprint.post("/controls/<control>")
@role("hr")
def switch_control(control: str) -> ResponseReturnValue:
    """Propose that a control works, or only counts; with a reason."""
    if control not in CONTROLS:
        abort(404)
    if not sets_policy(current_user):
        abort(403)
    form = Switch()
    if not form.validate_on_submit():
        return _page(form, control)
    values = {f"monitor_{control}": int(form.state.data == "monitor")}
    try:
        made = propose_policy(
            current_user, values, form.version.data, form.reason.data, clock.now()
        )
    except PolicyMoved:
        flash(_("Aturan sudah diubah orang lain sejak halaman dibuka. Periksa dahulu."), "warn")
    except NothingChanged:
        flash(_("Tidak ada yang berubah."), "info")
    else:
        return after_proposing(made)
    return redirect(url_for("records.controls"))
