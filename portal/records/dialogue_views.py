"""The page of a dialogue: what was talked about, signed by both."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.db import db
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.records import dialogue_actions
from portal.records.blueprint import READERS, blueprint, employee_or_404, own, within
from portal.records.decision_actions import note_reading
from portal.records.dialogue_models import DialogueNote
from portal.records.dialogues import talks
from portal.records.forms import DialogueText, Remark


@blueprint.route(f"/records/<{ID}:employee_id>/<period>/dialogue", methods=["GET", "POST"])
@role("employee", *READERS)
def dialogue(employee_id: int, period: str) -> ResponseReturnValue:
    """The notes of a quarter; a supervisor adds one, the employee signs them."""
    employee = employee_or_404(employee_id, period, *READERS)
    mine = own(employee_id)
    writes = not mine and within(employee_id, period, "supervisor")
    form = DialogueText()
    if form.is_submitted() and not writes:
        abort(403)
    now = clock.now()
    if form.validate_on_submit():
        dialogue_actions.write_note(current_user, employee_id, period, form.text.data, now)
        flash(_("Catatan disimpan. Pegawai diminta menandatanganinya."), "good")
        return redirect(url_for("records.dialogue", employee_id=employee_id, period=period))
    if not mine and not form.is_submitted():
        note_reading(current_user, employee_id, period, now)
    return render_template(
        "records/dialogue.html",
        employee=employee,
        period=period,
        talks=talks(employee.agency_id, employee_id, period),
        mine=mine,
        writes=writes,
        form=form,
        zone=current_user.agency.timezone,
    )


@blueprint.post(f"/dialogue/<{ID}:note_id>/sign")
@role("employee")
def sign_dialogue(note_id: int) -> ResponseReturnValue:
    """The employee signs a note: it was read, which is not to say agreed to."""
    note = db.session.get(DialogueNote, (current_user.agency_id, note_id))
    if note is None or not own(note.employee_id):
        abort(404)
    form = Remark()
    if form.validate_on_submit():
        try:
            dialogue_actions.sign_note(current_user, note_id, form.remark.data or "", clock.now())
            flash(_("Anda sudah menandatangani catatan itu."), "good")
        except dialogue_actions.AlreadySigned:
            flash(_("Catatan itu sudah ditandatangani."), "info")
    else:
        flash(_("Paling banyak 4.000 huruf."), "bad")
    return redirect(url_for("records.dialogue", employee_id=note.employee_id, period=note.period))
