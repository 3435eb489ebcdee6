"""Pages of counters."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters import device_queries, duty_queries
from portal.counters import page_queries as read
from portal.counters.actions import LabelTaken, add_counter, edit_counter
from portal.counters.blueprint import (
    KEEPERS,
    blueprint,
    office_choices,
    office_in,
    scope,
    today,
)
from portal.counters.forms import CodeForm, CounterForm, EditCounterForm, NewCounterForm
from portal.counters.page_queries import CounterRow
from portal.counters.service_queries import choosable_services, service_ids_of
from portal.counters.words import CODE_STEPS, REFUSALS, SOURCES
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument

LOOK_BACK = timedelta(days=30)  # for scans that led nowhere
STATES = {"active": True, "closed": False, "all": None}


@blueprint.get("/counters")
@role(*KEEPERS)
def counters() -> ResponseReturnValue:
    """The counters of my offices."""
    mine = scope()
    office_id = id_argument("office")
    if office_id is not None:
        office_in(mine, office_id)
    state = request.args.get("state", "active")
    page = read.counters_page(
        mine,
        clock.now(),
        office_id=office_id,
        active=STATES.get(state, True),
        text=request.args.get("q", "").strip(),
        number=request.args.get("page", 1, type=int),
    )
    return render_template(
        "counters/counters.html",
        page=page,
        offices=office_choices(mine),
        office_id=office_id,
        state=state,
    )


@blueprint.route("/counters/new", methods=["GET", "POST"])
@role(*KEEPERS)
def new_counter() -> ResponseReturnValue:
    mine = scope()
    form = NewCounterForm(office=str(id_argument("office") or ""))
    form.office.choices = office_choices(mine)
    _offer_services(form, None, set())
    if form.validate_on_submit():
        try:
            counter_id = add_counter(
                current_user,
                int(form.office.data),
                clock.now(),
                label=form.label.data,
                place=form.place.data or "",
                service_ids=form.services.data or (),
            )
        except LabelTaken:
            form.label.errors = [_("Unit kerja ini sudah memiliki loket dengan nama itu.")]
        else:
            flash(_("Loket dan kodenya sudah dibuat. Cetak posternya di bawah ini."), "good")
            return redirect(url_for("counters.counter", counter_id=counter_id))
    return render_template("counters/counter_form.html", form=form, counter=None)


@blueprint.get(f"/counters/<{ID}:counter_id>")
@role(*KEEPERS)
def counter(counter_id: int) -> ResponseReturnValue:
    """One counter: its code, who serves now, today's duties, what happened to its codes."""
    found = counter_or_404(counter_id)
    agency = current_user.agency
    day = duty_queries.day_of(agency, today())
    (plan,) = duty_queries.counter_days(agency, found.office_id, day, counter_id)
    return render_template(
        "counters/counter.html",
        counter=found,
        plan=plan,
        day=day,
        today=today(),
        zone=agency.timezone,
        now=clock.now(),
        history=read.code_history(agency.id, counter_id),
        code_steps=CODE_STEPS,
        sources=SOURCES,
        desks=read.desks_of(agency.id, counter_id),
        staff=duty_queries.staff_of(agency.id, found.office_id, today()),
        displays=device_queries.devices_at(scope(), counter_id),
        refusals=device_queries.refusals_since(scope(), today() - LOOK_BACK).get(counter_id, {}),
        refusal_words=REFUSALS,
        form=CodeForm(formdata=None, code=found.code),
    )


@blueprint.route(f"/counters/<{ID}:counter_id>/edit", methods=["GET", "POST"])
@role(*KEEPERS)
def change_counter(counter_id: int) -> ResponseReturnValue:
    found = counter_or_404(counter_id)
    held = service_ids_of(current_user.agency_id, counter_id)
    form = EditCounterForm(
        label=found.label, place=found.place, active=found.active, services=sorted(held)
    )
    _offer_services(form, found.office_id, held)
    if form.validate_on_submit():
        try:
            edit_counter(
                current_user,
                counter_id,
                clock.now(),
                label=form.label.data,
                place=form.place.data or "",
                active=form.active.data,
                service_ids=form.services.data or (),
            )
        except LabelTaken:
            form.label.errors = [_("Unit kerja ini sudah memiliki loket dengan nama itu.")]
        else:
            flash(_("Perubahan disimpan."), "good")
            return redirect(url_for("counters.counter", counter_id=counter_id))
    return render_template("counters/counter_form.html", form=form, counter=found)


def counter_or_404(counter_id: int) -> CounterRow:
    found = read.counter_row(scope(), counter_id, clock.now())
    if found is None:
        abort(404)
    return found


def _offer_services(form: CounterForm, office_id: int | None, held: set[int]) -> None:
    """Those of the office; for a new counter, whose office is still open, all of the agency."""
    offered = choosable_services(current_user.agency_id, office_id, held)
    form.services.choices = [SelectChoice(one.id, one.name) for one in offered]
