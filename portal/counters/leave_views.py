"""Who of an office is away, and what that means for their duties."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters import leave_actions
from portal.counters import leave_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, office_in, scope, today
from portal.counters.duty_queries import staff_of
from portal.counters.duty_rules import LeaveKnown, OwnDuty
from portal.counters.leave_actions import DutiesConcerned
from portal.counters.leave_queries import Concerned
from portal.counters.roster_forms import LeaveForm
from portal.counters.roster_queries import duties_during
from portal.counters.words import DUTY_REFUSALS
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument
from portal.people.models import Office
from portal.people.words import WEEKDAYS

AHEAD = timedelta(days=365)
BACK = timedelta(days=30)  # as long as a duty waits for its coordinator


@blueprint.route("/roster/leaves", methods=["GET", "POST"])
@role(*KEEPERS)
def leaves() -> ResponseReturnValue:
    """Who of an office is away; noting it asks first, where duties would end."""
    office = office_in(scope(), id_argument("office"))
    form = LeaveForm(
        formdata=request.form if request.method == "POST" else None,
        starts_on=today(),
        ends_on=today(),
        part="day",
    )
    form.employee.choices = [
        SelectChoice(one, name) for one, name in staff_of(office.agency_id, office.id, today())
    ]
    asked: list[Concerned] = []
    if form.validate_on_submit():
        now = clock.now()
        try:
            leave_actions.add_leave(
                current_user, form.employee.data, form.away, now, agreed=form.agreed_duties
            )
        except DutiesConcerned:
            asked = read.concerned_by(current_user.agency, form.employee.data, form.away, now)
            form.agreed.data = " ".join(str(one.duty.id) for one in asked if not one.whole)
        except (LeaveKnown, OwnDuty) as refusal:
            form.form_errors.append(str(DUTY_REFUSALS[type(refusal)]))
        else:
            flash(_("Cuti dicatat."), "good")
            return redirect(url_for("counters.leaves", office=office.id))
    return _page(office, form, asked)


def _page(office: Office, form: LeaveForm, asked: list[Concerned]) -> ResponseReturnValue:
    agency = current_user.agency
    known = read.leaves_between(office.agency_id, office.id, today() - BACK, today() + AHEAD)
    planned = duties_during(known, agency)
    shifts = [shift for found in planned.values() for shift in found]
    vouched = read.vouched_for(agency.id, [shift.id for shift in shifts])
    return render_template(
        "counters/leaves.html",
        form=form,
        office=office,
        coming=[leave for leave in known if leave.away.ends_on >= today()],
        past=[leave for leave in known if leave.away.ends_on < today()][::-1],
        planned=planned,
        came={
            (leave.id, shift.id)
            for leave in known
            for shift in planned[leave.id]
            if vouched[shift.id].holds(leave.away, agency.zone)
        },
        asked=asked,
        labels=read.counter_labels(agency.id, [one.duty.counter_id for one in asked]),
        weekdays=WEEKDAYS,
        local=agency.zone,
        zone=agency.timezone,
        now=clock.now(),
    )


@blueprint.post(f"/roster/leaves/<{ID}:leave_id>/cancel")
@role(*KEEPERS)
def cancel_leave(leave_id: int) -> ResponseReturnValue:
    office = office_in(scope(), id_argument("office"))
    if read.leave_in(scope(), leave_id, office.id) is None:
        abort(404)
    leave_actions.cancel_leave(current_user, leave_id, clock.now())
    flash(_("Cuti dihapus. Tugas yang dilepas karena cuti tidak kembali: tempatkan lagi."), "good")
    return redirect(url_for("counters.leaves", office=office.id))
