"""Pages of services and of their standards in each office."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters import service_queries as read
from portal.counters.actions import add_service, drop_standard, edit_service, set_standard
from portal.counters.blueprint import KEEPERS, blueprint, office_choices, office_in, scope
from portal.counters.forms import EditServiceForm, NewStandardForm, ServiceForm, StandardForm
from portal.counters.models import OfficeService, Service
from portal.i18n import gettext as _
from portal.people.actions import CodeTaken
from portal.people.blueprint import ID, id_argument
from portal.people.queries import scope_of

STANDARD = ("requirements", "duration", "cost", "product")


@blueprint.get("/services")
@role(*KEEPERS)
def services() -> ResponseReturnValue:
    """What citizens may come for, in all offices, and the way to each office's standards."""
    office_id = id_argument("office")
    if office_id is not None:
        return redirect(url_for("counters.standards", office_id=office_id))
    return render_template(
        "counters/services.html",
        offices=office_choices(scope()),
        rows=read.services_of(current_user.agency_id),
        may_edit=_administers_all(),
    )


@blueprint.route("/services/new", methods=["GET", "POST"])
@role("administrator")
def new_service() -> ResponseReturnValue:
    _whole_agency_only()
    form = ServiceForm()
    if form.validate_on_submit():
        try:
            add_service(current_user, form.code.data, form.name.data, clock.now())
        except CodeTaken:
            form.code.errors = [_("Kode ini sudah dipakai layanan lain.")]
        else:
            flash(_("Layanan ditambahkan."), "good")
            return redirect(url_for("counters.services"))
    return render_template("counters/service_form.html", form=form, service=None)


@blueprint.route(f"/services/<{ID}:service_id>", methods=["GET", "POST"])
@role("administrator")
def service(service_id: int) -> ResponseReturnValue:
    _whole_agency_only()
    found = _service(service_id)
    form = EditServiceForm(obj=found)
    if form.validate_on_submit():
        try:
            edit_service(
                current_user,
                found,
                clock.now(),
                code=form.code.data,
                name=form.name.data,
                active=form.active.data,
            )
        except CodeTaken:
            form.code.errors = [_("Kode ini sudah dipakai layanan lain.")]
        else:
            flash(_("Perubahan disimpan."), "good")
            return redirect(url_for("counters.services"))
    return render_template("counters/service_form.html", form=form, service=found)


@blueprint.get(f"/offices/<{ID}:office_id>/services")
@role(*KEEPERS)
def standards(office_id: int) -> ResponseReturnValue:
    """What one office gives, and what it asks for and promises."""
    office = office_in(scope(), office_id)
    return render_template(
        "counters/standards.html",
        office=office,
        rows=read.standards_of(office.agency_id, office.id),
    )


@blueprint.route(f"/offices/<{ID}:office_id>/services/new", methods=["GET", "POST"])
@role(*KEEPERS)
def new_standard(office_id: int) -> ResponseReturnValue:
    office = office_in(scope(), office_id)
    given = {one.id for _standard, one in read.standards_of(office.agency_id, office.id)}
    form = NewStandardForm()
    form.service.choices = [
        SelectChoice(str(row.service.id), row.service.name)
        for row in read.services_of(office.agency_id)
        if row.service.active and row.service.id not in given
    ]
    if form.validate_on_submit():
        return _keep_standard(office_id, int(form.service.data), form)
    return render_template("counters/standard_form.html", form=form, office=office, service=None)


@blueprint.route(f"/offices/<{ID}:office_id>/services/<{ID}:service_id>", methods=["GET", "POST"])
@role(*KEEPERS)
def standard(office_id: int, service_id: int) -> ResponseReturnValue:
    office = office_in(scope(), office_id)
    held, service = _standard(office_id, service_id)
    form = StandardForm(obj=held)
    if form.validate_on_submit():
        return _keep_standard(office_id, service_id, form)
    return render_template("counters/standard_form.html", form=form, office=office, service=service)


@blueprint.post(f"/offices/<{ID}:office_id>/services/<{ID}:service_id>/remove")
@role(*KEEPERS)
def remove_standard(office_id: int, service_id: int) -> ResponseReturnValue:
    office_in(scope(), office_id)
    _standard(office_id, service_id)
    drop_standard(current_user, office_id, service_id, clock.now())
    flash(_("Layanan dikeluarkan dari unit kerja ini."), "good")
    return redirect(url_for("counters.standards", office_id=office_id))


def _keep_standard(office_id: int, service_id: int, form: StandardForm) -> ResponseReturnValue:
    values = {name: form[name].data or "" for name in STANDARD}
    set_standard(current_user, office_id, service_id, clock.now(), **values)
    flash(_("Standar pelayanan disimpan."), "good")
    return redirect(url_for("counters.standards", office_id=office_id))


def _standard(office_id: int, service_id: int) -> tuple[OfficeService, Service]:
    given = read.standards_of(current_user.agency_id, office_id)
    found = next((row for row in given if row[1].id == service_id), None)
    if found is None:
        abort(404)
    return found


def _service(service_id: int) -> Service:
    found = read.service_of(current_user.agency_id, service_id)
    if found is None:
        abort(404)
    return found


def _administers_all() -> bool:
    """Services belong to the whole agency, and so does the right to change them."""
    held = scope_of(current_user, "administrator")
    return held.offices is None


def _whole_agency_only() -> None:
    if not _administers_all():
        abort(403)
