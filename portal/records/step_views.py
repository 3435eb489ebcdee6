"""Where it is noted that a step of a plan was done."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.records import step_actions as deeds
from portal.records.blueprint import blueprint
from portal.records.decision_actions import Superseded
from portal.records.decision_views import decision_or_404, decision_page, notes_steps
from portal.records.forms import DidStep


@blueprint.get(f"/decisions/<{ID}:decision_id>/steps/<int:step>")
@role("supervisor")
def step_of_plan(decision_id: int, step: int) -> ResponseReturnValue:
    """The form stands on the page of the decision: where it was refused, this address is opened
    anew in another language."""
    decision_or_404(decision_id, "supervisor")
    return _to_plan(decision_id)


@blueprint.post(f"/decisions/<{ID}:decision_id>/steps/<int:step>")
@role("supervisor")
def note_step(decision_id: int, step: int) -> ResponseReturnValue:
    """Who may decide about the employee says on which day it was done."""
    judged, employee = decision_or_404(decision_id, "supervisor")
    if not notes_steps(judged.decision):
        abort(404)
    form = DidStep()
    if not form.validate_on_submit():
        return decision_page(judged, employee, (step, form))
    done_on = form.done_on.data
    try:
        deeds.note_step(current_user, decision_id, step, done_on, clock.now(), note=form.note.data)
    except deeds.NoSuchStep:
        abort(404)
    except deeds.NotThatDay:
        form.done_on.errors = [_("Sejak keputusan, paling lambat hari ini.")]
        return decision_page(judged, employee, (step, form))
    except deeds.AlreadyDone:
        flash(_("Langkah itu sudah dicatat selesai."), "info")
    except Superseded:
        flash(_("Keputusan ini tidak berlaku lagi; langkahnya tidak dicatat."), "warn")
    else:
        flash(_("Langkah dicatat selesai. Pegawai diberi tahu."), "good")
    return _to_plan(decision_id)


def _to_plan(decision_id: int) -> ResponseReturnValue:
    return redirect(url_for("records.decision", decision_id=decision_id) + "#plan")
