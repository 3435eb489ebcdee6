"""Pages of the roster for coordinators: the week as a grid, and one duty moved in it."""

from datetime import date, time
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock, i18n
from portal.access import role
from portal.counters import duty_actions, roster_actions
from portal.counters import roster_queries as read
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
from portal.counters.duty_queries import Shift, hours_of_day, shift_of, staff_of
from portal.counters.duty_rules import DutyBegun, OnLeave, ReasonMissing
from portal.counters.opening_queries import Hours, hours_on, special_days
from portal.counters.page_queries import open_counters
from portal.counters.roster import monday_of
from portal.counters.roster_forms import MoveForm
from portal.counters.swap_queries import waiting_swaps
from portal.counters.words import DUTY_REFUSALS, DUTY_REFUSED
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument
from portal.people.models import Office
from portal.people.words import WEEKDAYS


@blueprint.get("/roster")
@role(*KEEPERS)
def roster() -> ResponseReturnValue:
    """Counters by days: who is placed where in a week."""
    mine = scope()
    choices = office_choices(mine)
    office = office_chosen(mine, choices)
    if office is None:
        return render_template("counters/no_office.html", title=_("Jadwal mingguan"))
    agency = current_user.agency
    monday = monday_of(day_argument())
    week = read.roster_week(agency, office.id, monday, clock.now())
    staff = staff_of(agency.id, office.id, max(monday, min(week.sunday, today())))
    alone = _alone()
    return render_template(
        "counters/roster.html",
        office=office,
        offices=choices,
        week=week.only(alone) if alone else week,
        days=week.days,
        alone=alone,
        this_monday=monday_of(today()),
        before=monday - roster_actions.A_WEEK,
        after=monday + roster_actions.A_WEEK,
        today=today(),
        staff=staff,
        patterns=read.patterns_for(agency, office.id),
        employee_id=id_argument("employee"),
        pattern_id=id_argument("pattern"),
        waiting_swaps=len(waiting_swaps(mine, clock.now())),
        weekdays=WEEKDAYS,
        zone=agency.timezone,
    )


@blueprint.post("/roster")
@role(*KEEPERS)
def place() -> ResponseReturnValue:
    """Put the chosen employee with the chosen shift into the cell whose button was pressed."""
    office = office_in(scope(), id_argument("office"))
    counter_id, day = _cell(office)
    employee_id, pattern_id = _number("employee"), _number("pattern")
    kept: dict[str, Any] = {"employee": employee_id or None, "pattern": pattern_id or None}
    if _alone():
        kept["alone"] = day
    hours = _hours(office, pattern_id, day)
    if not employee_id or hours is None:
        flash(_("Pilih dahulu pegawai dan jamnya, lalu tekan tanda tambah di hari itu."), "warn")
        return redirect(_grid(office, day, **kept))
    try:
        _place(counter_id, employee_id, day, hours)
    except ReasonMissing:
        flash(_("Jam itu sudah dimulai. Isi alasannya di sini, agar tercatat."), "warn")
        return redirect(_with_reason(office, counter_id, employee_id, day, hours))
    except DUTY_REFUSED as refusal:
        _tell(refusal, day)
        return redirect(_grid(office, day, **kept))
    return redirect(_grid(office, day, f"{counter_id}-{day}", **kept))


def _place(counter_id: int, employee_id: int, day: date, hours: Hours) -> None:
    """Plan the hours, or what leave and a day with hours of its own leave of them."""
    agency, now = current_user.agency, clock.now()
    whole = hours_of_day(day, *hours, agency.zone)
    if whole[0] <= now:
        raise ReasonMissing
    spans = read.proposed(agency, employee_id, day, hours)
    if not spans:
        raise OnLeave
    duty_actions.plan_duties(current_user, counter_id, employee_id, spans, now)
    if spans != [whole]:
        times = ", ".join(
            f"{i18n.clock(starts_at.timetz())}–{i18n.clock(ends_at.timetz())}"
            for starts_at, ends_at in spans
        )
        flash(_("Disesuaikan dengan cuti atau jam buka hari itu: %(times)s.", times=times), "info")


@blueprint.post("/roster/move")
@role(*KEEPERS)
def drop() -> ResponseReturnValue:
    """A duty dragged into another cell: the same person and clock, another counter or day."""
    office = office_in(scope(), id_argument("office"))
    shift = shift_of(scope(), _number("duty"))
    counter_id, day = _cell(office)
    if shift is None or shift.ends_at is None:
        abort(404)
    zone = current_user.agency.zone
    starts_at, ends_at = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    _move(shift, counter_id, shift.employee_id, day, (starts_at.time(), ends_at.time()))
    return redirect(_grid(office, day, f"{counter_id}-{day}", alone=day if _alone() else None))


@blueprint.post("/roster/copy")
@role(*KEEPERS)
def copy() -> ResponseReturnValue:
    """This week as the last one."""
    office = office_in(scope(), id_argument("office"))
    monday = monday_of(day_argument())
    copied = roster_actions.copy_week(current_user, office.id, monday, clock.now())
    if copied.placed:
        flash(_("%(count)s penugasan disalin dari minggu sebelumnya.", count=copied.placed), "good")
    else:
        flash(_("Tidak ada yang perlu disalin: semuanya sudah ada atau sudah lewat."), "info")
    if copied.on_holiday:
        flash(_("%(count)s dilewati karena hari libur.", count=copied.on_holiday), "info")
    if copied.shortened:
        flash(
            _(
                "Dipendekkan karena cuti atau buka setengah hari: %(names)s.",
                names=_once(copied.shortened),
            ),
            "info",
        )
    if copied.on_leave:
        flash(_("Dilewati karena cuti: %(names)s.", names=_once(copied.on_leave)), "warn")
    if copied.not_there:
        flash(
            _(
                "Dilewati karena tidak lagi bekerja di sini: %(names)s.",
                names=_once(copied.not_there),
            ),
            "warn",
        )
    return redirect(_grid(office, monday))


@blueprint.route(f"/roster/<{ID}:duty_id>", methods=["GET", "POST"])
@role(*KEEPERS)
def move(duty_id: int) -> ResponseReturnValue:
    """Move one duty, or take it off: what dragging does, as a form."""
    shift = shift_of(scope(), duty_id)
    if shift is None or shift.ends_at is None or shift.cancelled:
        abort(404)
    if shift.starts_at <= clock.now():
        return redirect(url_for("counters.duty", duty_id=duty_id))
    zone = current_user.agency.zone
    starts_at, ends_at = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    office = office_in(scope(), shift.office_id)
    form = MoveForm(
        formdata=request.form if request.method == "POST" else None,
        employee=shift.employee_id,
        counter=shift.counter_id,
        day=starts_at.date(),
        starts=starts_at.time(),
        ends=ends_at.time(),
    )
    form.counter.choices = [
        SelectChoice(one, label)
        for one, label, _place in open_counters(office.agency_id, office.id)
    ]
    staff = staff_of(office.agency_id, office.id, form.day.data or starts_at.date())
    if shift.employee_id not in {one for one, _name in staff}:
        staff.insert(0, (shift.employee_id, shift.employee_name))
    form.employee.choices = [SelectChoice(one, name) for one, name in staff]
    if form.validate_on_submit():
        hours = (form.starts.data, form.ends.data)
        if _move(shift, form.counter.data, form.employee.data, form.day.data, hours):
            flash(_("Jadwal diubah."), "good")
            return redirect(_grid(office, form.day.data))
    return render_template(
        "counters/roster_duty.html",
        form=form,
        shift=shift,
        office=office,
        day=starts_at.date(),
        zone=current_user.agency.timezone,
    )


@blueprint.post(f"/roster/<{ID}:duty_id>/remove")
@role(*KEEPERS)
def remove(duty_id: int) -> ResponseReturnValue:
    shift = shift_of(scope(), duty_id)
    if shift is None:
        abort(404)
    day = shift.starts_at.astimezone(current_user.agency.zone).date()
    try:
        roster_actions.take_off(current_user, duty_id, clock.now())
    except DutyBegun:
        flash(str(DUTY_REFUSALS[DutyBegun]), "warn")
        return redirect(url_for("counters.duty", duty_id=duty_id))
    except DUTY_REFUSED as refusal:
        _tell(refusal, day)
    else:
        flash(_("%(name)s dihapus dari jadwal.", name=shift.employee_name), "good")
    return redirect(_grid(office_in(scope(), shift.office_id), day))


def _move(
    shift: Shift, counter_id: int, employee_id: int, day: date, hours: tuple[time, time]
) -> bool:
    starts_at, ends_at = hours_of_day(day, *hours, current_user.agency.zone)
    try:
        roster_actions.move_duty(
            current_user,
            shift.id,
            counter_id=counter_id,
            employee_id=employee_id,
            starts_at=starts_at,
            ends_at=ends_at,
            now=clock.now(),
        )
    except DUTY_REFUSED as refusal:
        _tell(refusal, day)
        return False
    return True


def _tell(refusal: Exception, day: date) -> None:
    flash(
        f"{WEEKDAYS[str(day.isoweekday())]} {i18n.day(day)}: {DUTY_REFUSALS[type(refusal)]}", "warn"
    )


def _grid(office: Office, day: date, cell: str = "", **chosen: Any) -> str:
    """The week of that day; `cell` is where the eye was."""
    anchor = f"cell-{cell}" if cell else None
    return url_for(
        "counters.roster", office=office.id, day=monday_of(day), _anchor=anchor, **chosen
    )


def _alone() -> date | None:
    """The one day that is looked at, where the address names it."""
    try:
        return date.fromisoformat(request.args.get("alone", ""))
    except ValueError:
        return None


def _cell(office: Office) -> tuple[int, date]:
    """The counter and day of the cell whose button was pressed: 4711:2026-11-23."""
    counter, _colon, day = request.form.get("cell", "").partition(":")
    known = {str(one): one for one, _label, _place in open_counters(office.agency_id, office.id)}
    try:
        return known[counter], date.fromisoformat(day)
    except (KeyError, ValueError):
        abort(404)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 17 else 0


def _hours(office: Office, pattern_id: int, day: date) -> Hours | None:
    """From and to of a shift by its name; the opening hours of the day are known without one."""
    agency = current_user.agency
    if pattern_id == read.OPENING_HOURS:
        hours = hours_on(agency, day, special_days(agency.id, day, day))
        return hours or (agency.opens_at, agency.closes_at)
    for pattern in read.patterns_for(agency, office.id):
        if pattern.id == pattern_id:
            return pattern.starts_at, pattern.ends_at
    return None


def _with_reason(
    office: Office, counter_id: int, employee_id: int, day: date, hours: tuple[time, time]
) -> str:
    span: dict[str, Any] = {"from": f"{hours[0]:%H:%M}", "to": f"{hours[1]:%H:%M}"}
    return url_for(
        "counters.new_duty",
        office=office.id,
        counter=counter_id,
        employee=employee_id,
        day=day,
        **span,
    )


def _once(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(names))
