"""Pages beside the roster: named shifts, and who is away."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters import roster_actions
from portal.counters import roster_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, office_in, scope, today
from portal.counters.duty_queries import staff_of
from portal.counters.duty_rules import LeaveKnown
from portal.counters.roster_forms import WHOLE_AGENCY, LeaveForm, PatternForm
from portal.counters.words import DUTY_REFUSALS
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument

AHEAD = timedelta(days=365)


@blueprint.route("/roster/patterns", methods=["GET", "POST"])
@role(*KEEPERS)
def patterns() -> ResponseReturnValue:
    """The shifts by which people are placed in an office."""
    office = office_in(scope(), id_argument("office"))
    whole_agency = scope().offices is None
    form = PatternForm()
    form.offer(office.name, whole_agency)
    if form.validate_on_submit():
        roster_actions.add_pattern(
            current_user,
            None if form.reach.data == WHOLE_AGENCY else office.id,
            form.name.data,
            (form.starts.data, form.ends.data),
            clock.now(),
        )
        flash(_("Pola %(name)s disimpan.", name=form.name.data), "good")
        return redirect(url_for("counters.patterns", office=office.id))
    return render_template(
        "counters/patterns.html",
        form=form,
        office=office,
        whole_agency=whole_agency,
        agency=current_user.agency,
        patterns=read.patterns_for(current_user.agency, office.id),
    )


@blueprint.post(f"/roster/patterns/<{ID}:pattern_id>/close")
@role(*KEEPERS)
def close_pattern(pattern_id: int) -> ResponseReturnValue:
    office = office_in(scope(), id_argument("office"))
    pattern = read.pattern_in(scope(), pattern_id)
    if pattern is None:
        abort(404)
    name = pattern.name
    roster_actions.close_pattern(current_user, pattern_id, clock.now())
    flash(_("Pola %(name)s tidak ditawarkan lagi.", name=name), "good")
    return redirect(url_for("counters.patterns", office=office.id))


@blueprint.route("/roster/leaves", methods=["GET", "POST"])
@role(*KEEPERS)
def leaves() -> ResponseReturnValue:
    """Who of an office is away, and what was planned for them meanwhile."""
    office = office_in(scope(), id_argument("office"))
    form = LeaveForm(formdata=request.form if request.method == "POST" else None, starts_on=today())
    form.employee.choices = [
        SelectChoice(one, name) for one, name in staff_of(office.agency_id, office.id, today())
    ]
    if form.validate_on_submit():
        try:
            roster_actions.add_leave(
                current_user,
                form.employee.data,
                form.starts_on.data,
                form.ends_on.data,
                clock.now(),
            )
        except LeaveKnown as refusal:
            form.form_errors.append(str(DUTY_REFUSALS[type(refusal)]))
        else:
            flash(_("Cuti dicatat."), "good")
            return redirect(url_for("counters.leaves", office=office.id))
    known = read.leaves_between(office.agency_id, office.id, today(), today() + AHEAD)
    return render_template(
        "counters/leaves.html",
        form=form,
        office=office,
        leaves=known,
        planned=read.duties_during(known, current_user.agency),
        zone=current_user.agency.timezone,
        now=clock.now(),
    )


@blueprint.post(f"/roster/leaves/<{ID}:leave_id>/cancel")
@role(*KEEPERS)
def cancel_leave(leave_id: int) -> ResponseReturnValue:
    office = office_in(scope(), id_argument("office"))
    if read.leave_in(scope(), leave_id, office.id) is None:
        abort(404)
    roster_actions.cancel_leave(current_user, leave_id, clock.now())
    flash(_("Cuti dihapus."), "good")
    return redirect(url_for("counters.leaves", office=office.id))
