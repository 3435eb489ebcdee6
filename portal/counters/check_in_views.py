"""The employee's own page: begin and end serving at a counter, with one thumb."""

from datetime import datetime

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock, i18n
from portal.access import role
from portal.counters import check_in_actions as deeds
from portal.counters import duty_queries as read
from portal.counters import duty_rules as rules
from portal.counters.blueprint import blueprint, today
from portal.counters.codes import PRINTED_CODE_LENGTH, is_code, normalise_code
from portal.counters.device_queries import resolve_display
from portal.counters.otp import OTP_LENGTH
from portal.counters.queries import ResolvedCode, resolve_code
from portal.i18n import gettext as _
from portal.people.blueprint import ID

DISPLAY_LENGTH = PRINTED_CODE_LENGTH + OTP_LENGTH


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
        typed=request.args.get("code", "")[:24],
        zone=agency.timezone,
        now=now,
    )


@blueprint.get("/check-in/at")
@role("employee")
def check_in_typed() -> ResponseReturnValue:
    """A code read off the screen or the paper at the counter, where a phone cannot scan."""
    typed = request.args.get("code", "")[:24]
    code = normalise_code(typed)
    if not any(is_code(code, length) for length in (PRINTED_CODE_LENGTH, DISPLAY_LENGTH)):
        flash(_("Kode itu tidak lengkap. Ketik semua huruf dan angkanya."), "warn")
        return redirect(url_for("counters.check_in", code=typed or None))
    found, _stale = _place(code, clock.now())
    if found is None or found.agency_id != current_user.agency_id:
        flash(_("Kode itu tidak dikenal. Periksa huruf dan angkanya."), "warn")
        return redirect(url_for("counters.check_in", code=typed or None))
    return redirect(url_for("counters.check_in_at", code=code))


@blueprint.get("/check-in/at/<code>")
@role("employee")
def check_in_at(code: str) -> ResponseReturnValue:
    """The counter whose printed code was scanned, for whoever is signed in: one button."""
    now = clock.now()
    found, stale = _place(normalise_code(code), now)
    if found is None or found.agency_id != current_user.agency_id:
        abort(404)
    agency = current_user.agency
    employee_id = current_user.employee_id or 0
    counters = read.own_counters(agency.id, employee_id, today(), now)
    midnight = read.day_of(agency, today()).whole[1]
    shifts = read.own_shifts(agency.id, employee_id, now, midnight)
    return render_template(
        "counters/check_in_at.html",
        place=found,
        stale=stale,
        counter=next((one for one in counters if one.id == found.counter_id), None),
        here=next((one for one in shifts if one.counter_id == found.counter_id), None),
        leaving=deeds.counters_left(agency.id, employee_id, found.counter_id, now),
        zone=agency.timezone,
        now=now,
    )


def _place(code: str, now: datetime) -> tuple[ResolvedCode | None, bool]:
    """The counter of a code, and whether it is of a screen that shows another one by now: who
    stands before the screen has the code of this minute, who has a photo of it does not."""
    scan = None
    if is_code(code):
        return resolve_code(code), False
    if is_code(code, DISPLAY_LENGTH):
        halves = code[:PRINTED_CODE_LENGTH], code[PRINTED_CODE_LENGTH:]
        keys = current_app.config["SETTINGS"].signing_keys
        scan = resolve_display(*halves, keys, now)
    if scan is None:
        return None, False
    return scan.place, scan.at is None or not scan.place.in_use


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
