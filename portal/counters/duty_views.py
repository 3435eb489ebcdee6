"""Pages of duty for coordinators: a day at the counters of an office, and every single duty."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters import duty_actions as deeds
from portal.counters import duty_queries as read
from portal.counters.blueprint import (
    KEEPERS,
    blueprint,
    day_argument,
    office_choices,
    office_chosen,
    office_in,
    scope,
    today,
)
from portal.counters.duty_queries import Shift
from portal.counters.forms import CorrectionForm, DutyForm, ReasonForm, TimesForm
from portal.counters.leave_queries import leaves_of
from portal.counters.page_queries import open_counters
from portal.counters.words import DUTY_REFUSALS, DUTY_REFUSED, DUTY_STEPS, SOURCES
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument
from portal.people.models import Office


@blueprint.get("/duties")
@role(*KEEPERS)
def duties() -> ResponseReturnValue:
    """Who serves where on a day, where nobody does, where two do."""
    mine = scope()
    choices = office_choices(mine)
    office = office_chosen(mine, choices)
    if office is None:
        return render_template("counters/no_office.html", title=_("Penugasan"))
    chosen = day_argument()
    day = read.day_of(current_user.agency, chosen)
    return render_template(
        "counters/duties.html",
        office=office,
        offices=choices,
        chosen=chosen,
        today=today(),
        before=chosen - timedelta(days=1),
        after=chosen + timedelta(days=1),
        day=day,
        plans=read.counter_days(current_user.agency, office.id, day),
        waiting=read.waiting_shifts(mine, clock.now()),
        sources=SOURCES,
        zone=current_user.agency.timezone,
        now=clock.now(),
    )


@blueprint.route("/duties/new", methods=["GET", "POST"])
@role(*KEEPERS)
def new_duty() -> ResponseReturnValue:
    office = office_in(scope(), id_argument("office"))
    chosen = day_argument()
    form = DutyForm(
        formdata=request.form if request.method == "POST" else None,
        day=chosen,
        counter=id_argument("counter"),
        employee=id_argument("employee"),
        starts=_clock_argument("from") or current_user.agency.opens_at,
        ends=_clock_argument("to") or current_user.agency.closes_at,
    )
    form.counter.choices = [
        SelectChoice(one, label)
        for one, label, _place in open_counters(office.agency_id, office.id)
    ]
    _offer_staff(form, office, chosen)
    if form.validate_on_submit():
        starts_at, ends_at = _times(form)
        try:
            deeds.plan_duty(
                current_user,
                counter_id=form.counter.data,
                employee_id=form.employee.data,
                starts_at=starts_at,
                ends_at=ends_at,
                now=clock.now(),
                confirmed=form.confirmed.data,
                reason=form.reason.data or "",
            )
        except DUTY_REFUSED as refusal:
            _refuse(form, refusal)
        else:
            flash(_("Penugasan dicatat."), "good")
            return redirect(url_for("counters.duties", office=office.id, day=form.day.data))
    return render_template("counters/duty_form.html", form=form, office=office, day=chosen)


@blueprint.get(f"/duties/<{ID}:duty_id>")
@role(*KEEPERS)
def duty(duty_id: int) -> ResponseReturnValue:
    """One duty: what is known of it and how it came to be so."""
    return _duty_page(_shift(duty_id), ReasonForm(formdata=None))


@blueprint.post(f"/duties/<{ID}:duty_id>/confirm")
@role(*KEEPERS)
def confirm(duty_id: int) -> ResponseReturnValue:
    shift = _shift(duty_id)
    try:
        deeds.confirm_duty(current_user, duty_id, clock.now())
    except DUTY_REFUSED as refusal:
        flash(str(DUTY_REFUSALS[type(refusal)]), "warn")
    else:
        flash(_("Penugasan %(name)s dipastikan.", name=shift.employee_name), "good")
    return redirect(_day_of(shift))


@blueprint.post(f"/duties/<{ID}:duty_id>/cancel")
@role(*KEEPERS)
def cancel(duty_id: int) -> ResponseReturnValue:
    shift = _shift(duty_id)
    form = ReasonForm()
    if not form.validate():
        return _duty_page(shift, form)
    try:
        deeds.cancel_duty(current_user, duty_id, form.reason.data, clock.now())
    except DUTY_REFUSED as refusal:
        _refuse(form, refusal)
        return _duty_page(shift, form)
    flash(_("Penugasan %(name)s dibatalkan.", name=shift.employee_name), "good")
    return redirect(_day_of(shift))


@blueprint.route(f"/duties/<{ID}:duty_id>/correct", methods=["GET", "POST"])
@role(*KEEPERS)
def correct(duty_id: int) -> ResponseReturnValue:
    """Who really sat there, and when."""
    shift = _shift(duty_id)
    zone = current_user.agency.zone
    begun = shift.starts_at.astimezone(zone)
    ended = (shift.ends_at or clock.now()).astimezone(zone)
    form = CorrectionForm(
        formdata=request.form if request.method == "POST" else None,
        employee=shift.employee_id,
        day=begun.date(),
        starts=begun.time(),
        ends=ended.time(),
    )
    _offer_staff(form, office_in(scope(), shift.office_id), begun.date(), besides=shift)
    if form.validate_on_submit():
        starts_at, ends_at = _times(form)
        try:
            deeds.correct_duty(
                current_user,
                duty_id,
                employee_id=form.employee.data,
                starts_at=starts_at,
                ends_at=ends_at,
                reason=form.reason.data,
                now=clock.now(),
            )
        except DUTY_REFUSED as refusal:
            _refuse(form, refusal)
        else:
            flash(_("Koreksi dicatat. Penilaian pada jam itu akan menyesuaikan."), "good")
            return redirect(url_for("counters.duty", duty_id=duty_id))
    return render_template(
        "counters/correct.html", form=form, shift=shift, zone=current_user.agency.timezone
    )


def _duty_page(shift: Shift, form: ReasonForm) -> ResponseReturnValue:
    zone = current_user.agency.zone
    span = (shift.starts_at, shift.ends_at or clock.now())
    known = leaves_of(current_user.agency_id, [shift.employee_id], zone, span)
    return render_template(
        "counters/duty.html",
        shift=shift,
        leaves=[] if shift.cancelled else known.get(shift.employee_id, []),
        office=office_in(scope(), shift.office_id),
        day=shift.starts_at.astimezone(current_user.agency.zone).date(),
        history=read.duty_history(current_user.agency_id, shift.id),
        steps=DUTY_STEPS,
        sources=SOURCES,
        zone=current_user.agency.timezone,
        form=form,
    )


def _shift(duty_id: int) -> Shift:
    shift = read.shift_of(scope(), duty_id)
    if shift is None:
        abort(404)
    return shift


def _day_of(shift: Shift) -> str:
    day = shift.starts_at.astimezone(current_user.agency.zone).date()
    return url_for("counters.duties", office=shift.office_id, day=day)


def _refuse(form: TimesForm | ReasonForm, refusal: Exception) -> None:
    form.form_errors.append(str(DUTY_REFUSALS[type(refusal)]))


def _offer_staff(form: TimesForm, office: Office, day: date, besides: Shift | None = None) -> None:
    """Who works in the office on that day, and whoever the duty names already."""
    staff = read.staff_of(office.agency_id, office.id, form.day.data or day)
    staff = staff or read.staff_of(office.agency_id, office.id, today())
    if besides and besides.employee_id not in {employee_id for employee_id, _name in staff}:
        staff.insert(0, (besides.employee_id, besides.employee_name))
    form.employee.choices = [SelectChoice(employee_id, name) for employee_id, name in staff]


def _times(form: TimesForm) -> tuple[datetime, datetime]:
    day, zone = form.day.data, current_user.agency.zone
    return read.hours_of_day(day, form.starts.data, form.ends.data, zone)


def _clock_argument(name: str) -> Any:
    try:
        return datetime.strptime(request.args.get(name, ""), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        return None
