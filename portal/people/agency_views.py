"""Pages of the agency and its offices, for administrators."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.db import db
from portal.i18n import gettext as _
from portal.people.actions import CodeTaken, EmailTaken
from portal.people.agency_actions import (
    ActiveBelow,
    HolidayKnown,
    OwnDescendant,
    add_agency,
    add_holiday,
    add_office,
    edit_agency,
    edit_office,
    remove_holiday,
)
from portal.people.blueprint import ID, blueprint
from portal.people.forms import (
    AgencyForm,
    EditOfficeForm,
    HolidayForm,
    NewAgencyForm,
    OfficeForm,
    plain,
)
from portal.people.models import Holiday, Office
from portal.people.queries import (
    Scope,
    agencies,
    holidays_of,
    host_id,
    offices_in,
    offices_page,
    scope_of,
    with_descendants,
)
from portal.people.words import OFFICE_KIND_WORDS, ZONE_WORDS

INDENT = "\u2003"  # a wide space for each step down the tree


def office_choices(scope: Scope, without: frozenset[int] = frozenset()) -> list[SelectChoice]:
    """The offices of a scope, indented as they stand in the tree."""
    return [
        SelectChoice(str(office.id), INDENT * depth + office.name)
        for office, depth in offices_in(scope)
        if office.id not in without
    ]


def whole_agency_choice(scope: Scope) -> list[SelectChoice]:
    """The whole agency, where the scope reaches that far."""
    return [SelectChoice("", _("Seluruh instansi"))] if scope.offices is None else []


def office_id_of(value: str | None) -> int | None:
    """The office a choice stands for; the empty choice is the whole agency."""
    return int(value) if value else None


def today() -> date:
    """The day it is in the agency."""
    return clock.now().astimezone(current_user.agency.zone).date()


@blueprint.get("/agency")
@role("administrator")
def agency() -> ResponseReturnValue:
    """The agency as it is; who administers all of it may change it here."""
    form = AgencyForm(obj=current_user.agency)
    form.working_days.data = list(current_user.agency.working_days)
    return _agency_page(form, HolidayForm())


@blueprint.post("/agency")
@role("administrator")
def change_agency() -> ResponseReturnValue:
    _whole_agency_only()
    form = AgencyForm()
    if not form.validate():
        return _agency_page(form, HolidayForm(formdata=None))
    values = {name: field.data for name, field in form._fields.items() if name != "csrf_token"}
    values["working_days"] = "".join(sorted(form.working_days.data))
    edit_agency(current_user, current_user.agency, clock.now(), **values)
    flash(_("Perubahan disimpan."), "good")
    return redirect(url_for("people.agency"))


@blueprint.post("/agency/holidays")
@role("administrator")
def new_holiday() -> ResponseReturnValue:
    _whole_agency_only()
    form = HolidayForm()
    if form.validate():
        try:
            hours = (form.opens.data, form.closes.data) if form.opens.data else None
            add_holiday(current_user, form.day.data, form.holiday.data, clock.now(), hours)
        except HolidayKnown:
            form.day.errors = [_("Tanggal ini sudah tercatat sebagai hari libur.")]
        else:
            flash(_("Hari libur ditambahkan."), "good")
            return redirect(url_for("people.agency"))
    current = AgencyForm(formdata=None, obj=current_user.agency)
    current.working_days.data = list(current_user.agency.working_days)
    return _agency_page(current, form)


@blueprint.post("/agency/holidays/<day>/remove")
@role("administrator")
def drop_holiday(day: str) -> ResponseReturnValue:
    _whole_agency_only()
    try:
        key = (current_user.agency_id, date.fromisoformat(day))
    except ValueError:
        abort(404)
    holiday = db.session.get(Holiday, key)
    if holiday is None:
        abort(404)
    remove_holiday(current_user, holiday, clock.now())
    flash(_("Hari libur dihapus."), "good")
    return redirect(url_for("people.agency"))


@blueprint.route("/agencies/new", methods=["GET", "POST"])
@role("administrator")
def another_agency() -> ResponseReturnValue:
    """Another agency on this portal, made by the one that runs it."""
    _whole_agency_only()
    if current_user.agency_id != host_id():
        abort(403)
    form = NewAgencyForm()
    if form.validate_on_submit():
        values = {name: field.data for name, field in form._fields.items() if name != "csrf_token"}
        try:
            made = add_agency(current_user, clock.now(), **values)
        except CodeTaken:
            form.code.errors = [_("Kode ini sudah dipakai instansi lain.")]
        except EmailTaken:
            form.email.errors = [_("Alamat e-mail ini sudah dipakai akun lain.")]
        else:
            flash(
                _(
                    "%(name)s ditambahkan. Undangan dikirim ke %(email)s.",
                    name=made.name,
                    email=form.email.data,
                ),
                "good",
            )
            return redirect(url_for("people.another_agency"))
    return render_template(
        "people/new_agency.html", form=form, agencies=agencies(), zones=ZONE_WORDS
    )


@blueprint.get("/offices")
@role("administrator")
def offices() -> ResponseReturnValue:
    """The tree of offices in the reader's scope."""
    text = plain(request.args.get("q", ""))[:80]
    page = offices_page(
        scope_of(current_user, "administrator"),
        today(),
        request.args.get("page", 1, type=int),
        text,
    )
    return render_template("people/offices.html", page=page, text=text, kinds=OFFICE_KIND_WORDS)


@blueprint.route("/offices/new", methods=["GET", "POST"])
@role("administrator")
def new_office() -> ResponseReturnValue:
    scope = scope_of(current_user, "administrator")
    form = OfficeForm(parent=request.args.get("parent"))
    form.parent.choices = _parent_choices(scope)
    if form.validate_on_submit():
        try:
            office = add_office(current_user, clock.now(), **_office_values(form))
        except CodeTaken:
            _code_taken(form)
        else:
            flash(_("%(name)s ditambahkan.", name=office.name), "good")
            return redirect(url_for("people.offices"))
    return render_template("people/office.html", form=form, office=None)


@blueprint.route(f"/offices/<{ID}:office_id>", methods=["GET", "POST"])
@role("administrator")
def office(office_id: int) -> ResponseReturnValue:
    """One office: change it, move it in the tree, close or reopen it."""
    scope = scope_of(current_user, "administrator")
    office = db.session.get(Office, (current_user.agency_id, office_id))
    if office is None or office.id not in scope:
        abort(404)
    form = EditOfficeForm(obj=office, parent=str(office.parent_id or ""))
    form.parent.choices = _parent_choices(scope, office)
    if form.validate_on_submit() and _changed(form, office):
        flash(_("Perubahan disimpan."), "good")
        return redirect(url_for("people.offices"))
    return render_template("people/office.html", form=form, office=office)


def _changed(form: EditOfficeForm, office: Office) -> bool:
    try:
        values = _office_values(form)
        edit_office(current_user, office, clock.now(), active=form.active.data, **values)
    except CodeTaken:
        _code_taken(form)
    except OwnDescendant:
        form.parent.errors = [_("Unit kerja tidak dapat berada di bawah dirinya sendiri.")]
    except ActiveBelow:
        form.active.errors = [_("Tutup dahulu semua unit kerja di bawahnya.")]
    else:
        return True
    return False


def _code_taken(form: OfficeForm) -> None:
    form.code.errors = [_("Kode ini sudah dipakai unit kerja lain.")]


def _office_values(form: OfficeForm) -> dict[str, Any]:
    return {
        "code": form.code.data,
        "name": form.name.data,
        "kind": form.kind.data,
        "address": form.address.data,
        "parent_id": office_id_of(form.parent.data),
    }


def _parent_choices(scope: Scope, office: Office | None = None) -> list[SelectChoice]:
    """Below what an office may stand: not below itself, and not outside the reader's scope."""
    top = [SelectChoice("", _("Langsung di bawah instansi"))] if scope.offices is None else []
    if office is None:
        return top + office_choices(scope)
    choices = top + office_choices(scope, with_descendants(office.agency_id, {office.id}))
    present = str(office.parent_id or "")
    if present not in {choice.value for choice in choices}:
        choices.insert(0, SelectChoice(present, _("Seperti sekarang")))
    return choices


def _whole_agency_only() -> None:
    if scope_of(current_user, "administrator").offices is not None:
        abort(403)


def _agency_page(form: AgencyForm, holiday_form: HolidayForm) -> ResponseReturnValue:
    return render_template(
        "people/agency.html",
        form=form,
        holiday_form=holiday_form,
        holidays=holidays_of(current_user.agency_id, today().replace(month=1, day=1)),
        whole=scope_of(current_user, "administrator").offices is None,
        host=current_user.agency_id == host_id(),
    )
