"""The employee's own page: begin and end serving at a counter, with one thumb."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters import duty_actions as deeds
from portal.counters import duty_queries as read
from portal.counters.blueprint import blueprint, today
from portal.i18n import gettext as _
from portal.people.blueprint import ID


@blueprint.get("/check-in")
@role("employee")
def check_in() -> ResponseReturnValue:
    """Where I serve now, what is planned for me today, where I may begin."""
    now = clock.now()
    agency = current_user.agency
    shifts: list[read.OwnShift] = []
    counters: list[read.OwnCounter] = []
    if current_user.employee_id is not None:
        midnight = read.day_of(agency, today()).whole[1]
        shifts = read.own_shifts(agency.id, current_user.employee_id, now, midnight)
        here = {shift.counter_id for shift in shifts if shift.starts_at <= now}
        counters = read.own_counters(agency.id, current_user.employee_id, today(), now, here)
    return render_template(
        "counters/check_in.html",
        running=[shift for shift in shifts if shift.starts_at <= now],
        coming=[shift for shift in shifts if shift.starts_at > now],
        counters=counters,
        zone=agency.timezone,
        now=now,
    )


@blueprint.post(f"/check-in/<{ID}:counter_id>")
@role("employee")
def begin(counter_id: int) -> ResponseReturnValue:
    try:
        outcome = deeds.check_in(current_user, counter_id, clock.now())
    except (deeds.NotEmployedThere, deeds.CounterClosed):
        flash(_("Anda tidak bertugas di loket itu hari ini."), "warn")
        return redirect(url_for("counters.check_in"))
    for label in outcome.left:
        flash(_("Tugas Anda di %(counter)s sudah diakhiri.", counter=label), "info")
    if outcome.already:
        flash(_("Anda memang sudah bertugas di loket ini."), "info")
    elif outcome.confirmed:
        flash(_("Selamat bertugas."), "good")
    else:
        flash(_("Selamat bertugas. Koordinator akan memastikan penugasan ini."), "good")
    return redirect(url_for("counters.check_in"))


@blueprint.post(f"/check-in/<{ID}:duty_id>/end")
@role("employee")
def end(duty_id: int) -> ResponseReturnValue:
    try:
        deeds.check_out(current_user, duty_id, clock.now())
    except deeds.NotOnDuty:
        flash(_("Tugas itu sudah berakhir."), "info")
    else:
        flash(_("Tugas di loket sudah diakhiri. Terima kasih."), "good")
    return redirect(url_for("counters.check_in"))
