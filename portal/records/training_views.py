"""Where it is noted that a training of a plan was taken."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.records import training_actions as deeds
from portal.records.blueprint import blueprint, own, within
from portal.records.decision_views import decision_or_404
from portal.records.forms import TookTraining


@blueprint.post(f"/decisions/<{ID}:decision_id>/trainings/<int:step>")
@role("employee", "supervisor")
def note_training(decision_id: int, step: int) -> ResponseReturnValue:
    """The employee, or their supervisor, says on which day it was taken."""
    judged, employee = decision_or_404(decision_id, "supervisor")
    if not own(employee.id) and not within(employee.id, judged.decision.period, "supervisor"):
        abort(404)
    form = TookTraining()
    try:
        if not form.validate_on_submit():
            raise deeds.NotThatDay
        deeds.note_training(current_user, decision_id, step, form.taken_on.data, clock.now())
    except deeds.NoSuchTraining:
        abort(404)
    except deeds.AlreadyTaken:
        flash(_("Pelatihan itu sudah dicatat."), "info")
    except deeds.NotThatDay:
        flash(_("Tulis hari pelatihan: sesudah keputusan, paling lambat hari ini."), "bad")
    else:
        flash(_("Pelatihan dicatat."), "good")
    return redirect(url_for("records.decision", decision_id=decision_id) + "#plan")
