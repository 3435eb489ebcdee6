"""Pages of employees: administrators change them, HR reads them."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people import numbers
from portal.people.account_queries import account_of
from portal.people.agency_views import office_choices, office_id_of, today
from portal.people.blueprint import ID, blueprint, id_argument
from portal.people.employee_actions import (
    EndTooEarly,
    MoveTooEarly,
    NoPlace,
    NumberTaken,
    add_employee,
    edit_employee,
    end_employment,
    move_employee,
)
from portal.people.forms import (
    EditEmployeeForm,
    EmployeeForm,
    EmployeeSearch,
    LeaveForm,
    MoveForm,
)
from portal.people.models import Employee
from portal.people.queries import (
    EmployeeRow,
    Scope,
    employee_by_nip,
    employee_row,
    employees_page,
    places_of,
    scope_of,
    with_descendants,
)
from portal.people.words import KIND_WORDS


@blueprint.get("/employees")
@role("administrator", "hr")
def employees() -> ResponseReturnValue:
    """The employees of the reader's scope, by name."""
    scope = scope_of(current_user, "administrator", "hr")
    form = EmployeeSearch(request.args)
    form.office.choices = [SelectChoice("", _("Semua")), *office_choices(scope)]
    office_id = id_argument("office")
    below = with_descendants(scope.agency_id, {office_id}) if office_id else None
    page = employees_page(
        scope,
        today(),
        name=form.q.data or "",
        offices=below,
        state=form.state.data or "",
        number=request.args.get("page", 1, type=int),
    )
    administers = bool(scope_of(current_user, "administrator"))
    return render_template(
        "people/employees.html", form=form, page=page, kinds=KIND_WORDS, administers=administers
    )


@blueprint.post("/employees")
@role("administrator", "hr")
def find_employee() -> ResponseReturnValue:
    """Search; a number leads to its employee at once and never stands in an address."""
    scope = scope_of(current_user, "administrator", "hr")
    form = EmployeeSearch()
    number = numbers.normalise(form.q.data or "")
    if number.isdigit() and len(number) >= numbers.OLD_LENGTH:
        row = employee_by_nip(scope, number, today())
        if row is None:
            flash(_("Tidak ada pegawai dengan nomor itu di unit kerja Anda."), "warn")
            return redirect(url_for("people.employees"))
        return redirect(url_for("people.employee", employee_id=row.employee.id))
    given = {name: form[name].data for name in ("q", "office", "state") if form[name].data}
    return redirect(url_for("people.employees", **given))


@blueprint.route("/employees/new", methods=["GET", "POST"])
@role("administrator")
def new_employee() -> ResponseReturnValue:
    scope = scope_of(current_user, "administrator")
    form = EmployeeForm(starts_on=today())
    form.office.choices = office_choices(scope)
    if form.validate_on_submit() and form.check_number(today()):
        try:
            employee = add_employee(
                current_user,
                clock.now(),
                office_id=int(form.office.data),
                starts_on=form.starts_on.data,
                **_values(form),
            )
        except NumberTaken:
            _number_taken(form)
        else:
            flash(_("%(name)s ditambahkan.", name=employee.name), "good")
            return redirect(url_for("people.employee", employee_id=employee.id))
    return render_template("people/new_employee.html", form=form)


@blueprint.route(f"/employees/<{ID}:employee_id>", methods=["GET", "POST"])
@role("administrator", "hr")
def employee(employee_id: int) -> ResponseReturnValue:
    """One employee: who they are, and where they worked from when to when."""
    if request.method == "GET":
        row = employee_row(scope_of(current_user, "administrator", "hr"), employee_id, today())
        if row is None:
            abort(404)
        return _employee_page(row)
    row = _mine_to_change(employee_id)
    form = EditEmployeeForm()
    kept = row.employee.nip if form.kind.data == row.employee.kind else None
    if form.validate() and form.check_number(today(), kept):
        try:
            edit_employee(
                current_user, row.employee, clock.now(), active=form.active.data, **_values(form)
            )
        except NumberTaken:
            _number_taken(form)
        else:
            flash(_("Perubahan disimpan."), "good")
            return redirect(url_for("people.employee", employee_id=employee_id))
    return _employee_page(_mine_to_change(employee_id), form=form)


@blueprint.post(f"/employees/<{ID}:employee_id>/move")
@role("administrator")
def move(employee_id: int) -> ResponseReturnValue:
    """Another office from a day on."""
    row = _mine_to_change(employee_id)
    form = MoveForm()
    form.office.choices = _destinations(row)
    if form.validate():
        office_id = office_id_of(form.office.data)
        try:
            move_employee(
                current_user,
                row.employee,
                office_id=office_id or 0,
                on=form.on.data,
                now=clock.now(),
            )
        except MoveTooEarly:
            form.on.errors = [_("Tanggal ini harus sesudah awal tugas yang terakhir.")]
        else:
            flash(_("Perpindahan dicatat."), "good")
            return _back(employee_id)
    return _employee_page(_mine_to_change(employee_id), move_form=form)


@blueprint.post(f"/employees/<{ID}:employee_id>/leave")
@role("administrator")
def leave(employee_id: int) -> ResponseReturnValue:
    """The last day in this agency."""
    row = _mine_to_change(employee_id)
    form = LeaveForm()
    if form.validate():
        try:
            end_employment(current_user, row.employee, form.last_day.data, clock.now())
        except EndTooEarly:
            form.last_day.errors = [_("Hari terakhir tidak dapat mendahului hari pertama.")]
        except NoPlace:
            abort(404)
        else:
            flash(_("Hari terakhir bertugas dicatat."), "good")
            return _back(employee_id)
    return _employee_page(_mine_to_change(employee_id), leave_form=form)


def _back(employee_id: int) -> ResponseReturnValue:
    """To the employee, or to the list if they now belong to somebody else's offices."""
    scope = scope_of(current_user, "administrator")
    if employee_row(scope, employee_id, today()) is None:
        return redirect(url_for("people.employees"))
    return redirect(url_for("people.employee", employee_id=employee_id))


def _mine_to_change(employee_id: int) -> EmployeeRow:
    row = employee_row(scope_of(current_user, "administrator"), employee_id, today())
    if row is None:
        abort(404)
    return row


def _destinations(row: EmployeeRow) -> list[SelectChoice]:
    """Every open office of the agency: one administrator hands a person over to another."""
    everywhere = Scope(row.employee.agency_id, None)
    here = frozenset({row.office.id}) if row.office else frozenset()
    return office_choices(everywhere, here)


def _values(form: EmployeeForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "name": form.name.data,
        "kind": form.kind.data,
        "nip": form.number,
        "job": form.job.data,
    }


def _number_taken(form: EmployeeForm) -> None:
    form.nip.errors = [_("Nomor ini sudah dipakai pegawai lain.")]


def _fresh_form(employee: Employee) -> EditEmployeeForm:
    form = EditEmployeeForm(formdata=None, obj=employee)
    form.nip.data = ""  # shown masked beside the field; empty keeps it
    return form


def _employee_page(row: EmployeeRow, **forms: Any) -> ResponseReturnValue:
    administers = row.place is None or row.place.office_id in scope_of(
        current_user, "administrator"
    )
    move_form = forms.get("move_form") or MoveForm(formdata=None, prefix="")
    move_form.office.choices = _destinations(row)
    return render_template(
        "people/employee.html",
        employee=row.employee,
        row=row,
        form=forms.get("form") or _fresh_form(row.employee),
        move_form=move_form,
        leave_form=forms.get("leave_form") or LeaveForm(formdata=None),
        places=places_of(row.employee),
        account=account_of(row.employee),
        kinds=KIND_WORDS,
        administers=administers and "administrator" in current_user.role_names,
        has_record=_has_record(row),
        today=today(),
    )


def _has_record(row: EmployeeRow) -> bool:
    """Whether there is a performance record that the reader opens as HR."""
    return (
        row.employee.kind != "non_asn"
        and row.place is not None
        and row.place.office_id in scope_of(current_user, "hr")
    )
