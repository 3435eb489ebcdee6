"""Pages of one's own roster and of swaps: ask, agree, and for coordinators decide."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock, i18n
from portal.access import role
from portal.counters import swap_actions
from portal.counters import swap_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, scope
from portal.counters.duty_queries import Shift
from portal.counters.forms import ReasonForm
from portal.counters.leave_queries import own_leaves
from portal.counters.roster_forms import SwapForm
from portal.counters.swap_queries import Swap
from portal.counters.words import DUTY_REFUSALS, DUTY_REFUSED, SWAP_STATES
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument
from portal.people.words import WEEKDAYS


@blueprint.get("/my-roster")
@role("employee")
def my_roster() -> ResponseReturnValue:
    """Where I serve in the next weeks, and what I and my colleagues want to swap."""
    agency, me, now = current_user.agency, current_user.employee_id, clock.now()
    swaps = read.own_swaps(agency.id, me, now) if me is not None else []
    day = now.astimezone(agency.zone).date()
    leaves = own_leaves(agency.id, me, day, day + read.AHEAD) if me is not None else []
    return render_template(
        "counters/my_roster.html",
        shifts=read.own_roster(agency.id, me, now) if me is not None else [],
        asked_of_me=[one for one in swaps if one.colleague_id == me and one.state == "asked"],
        others=[one for one in swaps if not (one.colleague_id == me and one.state == "asked")],
        asked={one.shift.id for one in swaps if one.state in swap_actions.OPEN},
        leaves=[leave.away for leave in leaves if not leave.cancelled],
        states=SWAP_STATES,
        weekdays=WEEKDAYS,
        zone=agency.timezone,
        local=agency.zone,
        now=now,
    )


@blueprint.route("/my-roster/swap", methods=["GET", "POST"])
@role("employee")
def new_swap() -> ResponseReturnValue:
    """Ask a colleague to take my duty, or to exchange it."""
    agency, me, now = current_user.agency, current_user.employee_id, clock.now()
    mine = read.own_roster(agency.id, me, now) if me is not None else []
    shift = next((one for one in mine if one.id == id_argument("duty")), None)
    if shift is None or shift.starts_at <= now:
        abort(404)
    form = SwapForm()
    form.colleague.choices = _offers(shift)
    if form.validate_on_submit():
        colleague_id, _colon, duty_id = form.colleague.data.partition(":")
        try:
            swap_actions.ask_swap(
                current_user,
                shift.id,
                int(colleague_id),
                now,
                return_duty_id=int(duty_id) if duty_id else None,
                note=form.note.data or "",
            )
        except DUTY_REFUSED as refusal:
            form.form_errors.append(str(DUTY_REFUSALS[type(refusal)]))
        else:
            flash(
                _("Permintaan dikirim. Jadwal baru berubah bila koordinator memastikannya."), "good"
            )
            return redirect(url_for("counters.my_roster"))
    return render_template(
        "counters/swap_form.html",
        form=form,
        shift=shift,
        day=shift.starts_at.astimezone(agency.zone).date(),
        zone=agency.timezone,
    )


def _offers(shift: Shift) -> list[SelectChoice]:
    """Each colleague simply standing in, or in exchange for one of their own duties."""
    agency = current_user.agency
    day = shift.starts_at.astimezone(agency.zone).date()
    colleagues = read.colleagues_for(agency.id, shift, day)
    theirs = read.shifts_of(
        agency.id, shift.office_id, [one for one, _name in colleagues], clock.now()
    )
    offers = []
    for employee_id, name in colleagues:
        offers.append(SelectChoice(str(employee_id), _("%(name)s menggantikan saya", name=name)))
        offers += [
            SelectChoice(
                f"{employee_id}:{one.id}",
                _("%(name)s, ditukar dengan %(duty)s", name=name, duty=_in_words(one)),
            )
            for one in theirs
            if one.employee_id == employee_id and one.ends_at is not None
        ]
    return offers


def _in_words(shift: Shift) -> str:
    """Selasa 24 November 2026 08.00, Loket 3."""
    begins = shift.starts_at.astimezone(current_user.agency.zone)
    weekday = WEEKDAYS[str(begins.isoweekday())]
    return f"{weekday} {i18n.day(begins.date())} {i18n.clock(begins.time())}, {shift.counter_label}"


@blueprint.post(f"/my-roster/swaps/<{ID}:swap_id>/<any(agree, decline, withdraw):answer>")
@role("employee")
def answer_swap(swap_id: int, answer: str) -> ResponseReturnValue:
    """My word on a request."""
    me = current_user.employee_id
    own = read.own_swaps(current_user.agency_id, me, clock.now()) if me is not None else []
    if not any(one.id == swap_id for one in own):
        abort(404)
    try:
        if answer == "withdraw":
            swap_actions.withdraw_swap(current_user, swap_id, clock.now())
        else:
            agrees = answer == "agree"
            swap_actions.answer_swap(current_user, swap_id, clock.now(), agrees=agrees)
    except DUTY_REFUSED as refusal:
        flash(str(DUTY_REFUSALS[type(refusal)]), "warn")
    else:
        said = {
            "agree": _("Anda setuju. Koordinator akan memastikannya."),
            "decline": _("Anda menolak. Jadwal tetap seperti semula."),
            "withdraw": _("Permintaan ditarik kembali."),
        }
        flash(said[answer], "good")
    return redirect(url_for("counters.my_roster"))


@blueprint.get("/roster/swaps")
@role(*KEEPERS)
def swaps() -> ResponseReturnValue:
    """What two employees have agreed on and the coordinator decides."""
    return _swaps_page(ReasonForm(formdata=None))


@blueprint.post(f"/roster/swaps/<{ID}:swap_id>/confirm")
@role(*KEEPERS)
def confirm_swap(swap_id: int) -> ResponseReturnValue:
    swap = _swap(swap_id)
    try:
        swap_actions.confirm_swap(current_user, swap_id, clock.now())
    except DUTY_REFUSED as refusal:
        flash(str(DUTY_REFUSALS[type(refusal)]), "warn")
    else:
        flash(_("Tukar tugas %(name)s dipastikan.", name=swap.asker_name), "good")
    return redirect(url_for("counters.swaps"))


@blueprint.post(f"/roster/swaps/<{ID}:swap_id>/refuse")
@role(*KEEPERS)
def refuse_swap(swap_id: int) -> ResponseReturnValue:
    swap = _swap(swap_id)
    form = ReasonForm()
    if not form.validate():
        return _swaps_page(form, swap_id)
    try:
        swap_actions.refuse_swap(current_user, swap_id, form.reason.data, clock.now())
    except DUTY_REFUSED as refusal:
        flash(str(DUTY_REFUSALS[type(refusal)]), "warn")
    else:
        flash(_("Tukar tugas %(name)s tidak disetujui.", name=swap.asker_name), "good")
    return redirect(url_for("counters.swaps"))


def _swaps_page(form: ReasonForm, refused: int | None = None) -> ResponseReturnValue:
    return render_template(
        "counters/swaps.html",
        swaps=read.waiting_swaps(scope(), clock.now()),
        form=form,
        refused=refused,
        weekdays=WEEKDAYS,
        zone=current_user.agency.timezone,
        local=current_user.agency.zone,
    )


def _swap(swap_id: int) -> Swap:
    found = read.swap_in(scope(), swap_id)
    if found is None:
        abort(404)
    return found
