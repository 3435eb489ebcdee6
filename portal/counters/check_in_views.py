"""The employee's own page: begin and end serving at a counter, with one thumb."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock, i18n
from portal.access import role
from portal.counters import check_in_actions as deeds
from portal.counters import duty_queries as read
from portal.counters import duty_rules as rules
from portal.counters.blueprint import blueprint, today
from portal.counters.codes import is_code, normalise_code
from portal.counters.queries import resolve_code, resolve_device
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


@blueprint.get("/check-in/at/<code>")
@role("employee")
def check_in_at(code: str) -> ResponseReturnValue:
    """The counter whose printed code was scanned, for whoever is signed in: one button."""
    normal = normalise_code(code)
    found = resolve_code(normal) if is_code(normal) else None
    if found is None and is_code(normal):  # of the screen at the counter
        shown = resolve_device(normal, clock.now())
        found = shown[0] if shown else None
    if found is None or found.agency_id != current_user.agency_id:
        abort(404)
    now = clock.now()
    agency = current_user.agency
    employee_id = current_user.employee_id or 0
    counters = read.own_counters(agency.id, employee_id, today(), now)
    midnight = read.day_of(agency, today()).whole[1]
    shifts = read.own_shifts(agency.id, employee_id, now, midnight)
    return render_template(
        "counters/check_in_at.html",
        place=found,
        counter=next((one for one in counters if one.id == found.counter_id), None),
        here=next((one for one in shifts if one.counter_id == found.counter_id), None),
        leaving=[
            one.counter_label
            for one in shifts
            if one.starts_at <= now and one.counter_id != found.counter_id
        ],
        zone=agency.timezone,
        now=now,
    )


@blueprint.post(f"/check-in/<{ID}:counter_id>")
@role("employee")
def begin(counter_id: int) -> ResponseReturnValue:
    try:
        outcome = deeds.check_in(current_user, counter_id, clock.now())
    except (rules.NotEmployedThere, rules.CounterClosed):
        flash(_("Anda tidak bertugas di loket itu hari ini."), "warn")
        return redirect(url_for("counters.check_in"))
    for label in outcome.left:
        flash(_("Tugas Anda di %(counter)s sudah diakhiri.", counter=label), "info")
    if outcome.others:
        flash(
            _(
                "%(names)s juga bertugas di loket ini. Warga akan ditanya siapa yang melayaninya.",
                names=", ".join(outcome.others),
            ),
            "info",
        )
    if outcome.already:
        flash(_("Anda memang sudah bertugas di loket ini."), "info")
    elif outcome.planned_from:
        flash(
            _(
                "Selamat bertugas. Jadwal Anda mulai pukul %(clock)s; penilaian sebelum itu"
                " hanya dihitung untuk unit kerja, kecuali koordinator memastikannya.",
                clock=i18n.clock(outcome.planned_from, current_user.agency.timezone),
            ),
            "good",
        )
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
    except rules.NotOnDuty:
        flash(_("Tugas itu sudah berakhir."), "info")
    else:
        flash(_("Tugas di loket sudah diakhiri. Terima kasih."), "good")
    return redirect(url_for("counters.check_in"))
