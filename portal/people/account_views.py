"""Pages of accounts and their roles, for administrators."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.db import db
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.people.account_actions import (
    BeyondScope,
    HasAccount,
    LastAdministrator,
    OwnAccount,
    RoleHeld,
    add_account,
    edit_account,
    end_role,
    grant_role,
    invite_again,
    set_account_active,
)
from portal.people.account_queries import account_in, account_of, accounts_page
from portal.people.actions import EmailTaken, NameTaken
from portal.people.agency_views import (
    office_choices,
    office_id_of,
    today,
    whole_agency_choice,
)
from portal.people.blueprint import ID, blueprint, id_argument
from portal.people.forms import AccountForm, GrantForm, NewAccountForm
from portal.people.models import Account, RoleGrant
from portal.people.queries import EmployeeRow, employee_row, office_names, scope_of
from portal.people.words import ROLE_TASKS, ROLE_WORDS

_NAME_TAKEN = _l(
    "Sudah ada akun dengan nama ini. Satu orang memakai satu akun: tambahkan peran pada akun itu."
    " Bila orangnya lain, beri pembeda pada nama, misalnya jabatannya."
)


@blueprint.get("/accounts")
@role("administrator")
def accounts() -> ResponseReturnValue:
    """Who can sign in, with their roles."""
    wanted = request.args.get("role", "")
    page = accounts_page(
        scope_of(current_user, "administrator"),
        today(),
        text=request.args.get("q", "").strip(),
        role=wanted if wanted in ROLE_WORDS else "",
        number=request.args.get("page", 1, type=int),
    )
    return render_template("people/accounts.html", page=page, roles=ROLE_WORDS, wanted=wanted)


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@role("administrator")
def new_account() -> ResponseReturnValue:
    """An account for an employee (?employee=) or for somebody else."""
    row = _employee_asked_for()
    form = NewAccountForm(**_suggested(row))
    form.office.choices = _grant_offices()
    if form.validate_on_submit():
        try:
            account = add_account(
                current_user,
                name=form.name.data,
                email=form.email.data,
                role=form.role.data,
                office_id=office_id_of(form.office.data),
                employee_id=row.employee.id if row else None,
                language=form.language.data,
                now=clock.now(),
            )
        except EmailTaken:
            _email_taken(form)
        except NameTaken:
            _name_taken(form)
        except HasAccount:
            abort(404)
        else:
            flash(_("Akun dibuat. Undangan dikirim ke %(email)s.", email=account.email), "good")
            return redirect(url_for("people.account", account_id=account.id))
    return render_template(
        "people/new_account.html", form=form, row=row, roles=ROLE_WORDS, tasks=ROLE_TASKS
    )


@blueprint.route(f"/accounts/<{ID}:account_id>", methods=["GET", "POST"])
@role("administrator")
def account(account_id: int) -> ResponseReturnValue:
    """One account: whose it is, and which roles it holds where."""
    found = _account_or_404(account_id)
    if request.method == "GET":
        return _account_page(found)
    form = AccountForm()
    if form.validate():
        try:
            edit_account(
                current_user,
                found,
                name=form.name.data,
                email=form.email.data,
                language=form.language.data,
                now=clock.now(),
            )
        except EmailTaken:
            _email_taken(form)
        except NameTaken:
            _name_taken(form)
        except BeyondScope:
            _refuse_beyond_scope()
            return redirect(url_for("people.account", account_id=account_id))
        else:
            flash(_("Perubahan disimpan."), "good")
            return redirect(url_for("people.account", account_id=account_id))
    return _account_page(found, form=form)


@blueprint.post(f"/accounts/<{ID}:account_id>/roles")
@role("administrator")
def give_role(account_id: int) -> ResponseReturnValue:
    found = _account_or_404(account_id)
    form = GrantForm()
    form.office.choices = _grant_offices()
    if not form.validate():
        return _account_page(found, grant_form=form)
    office_id = office_id_of(form.office.data)
    try:
        grant_role(current_user, found, role=form.role.data, office_id=office_id, now=clock.now())
    except OwnAccount:
        flash(_("Peran akun Anda sendiri hanya dapat diatur oleh administrator lain."), "bad")
    except RoleHeld:
        flash(_("Akun ini sudah memiliki peran itu di sana."), "warn")
    else:
        flash(_("Peran diberikan."), "good")
    return redirect(url_for("people.account", account_id=account_id))


@blueprint.post(f"/accounts/<{ID}:account_id>/roles/<{ID}:grant_id>/end")
@role("administrator")
def take_role(account_id: int, grant_id: int) -> ResponseReturnValue:
    found = _account_or_404(account_id)
    held = db.session.get(RoleGrant, (current_user.agency_id, grant_id))
    if held is None or held.account_id != found.id:
        abort(404)
    try:
        end_role(current_user, held, clock.now())
    except OwnAccount:
        flash(_("Peran akun Anda sendiri hanya dapat diatur oleh administrator lain."), "bad")
    except BeyondScope:
        _refuse_beyond_scope()
    except LastAdministrator:
        _refuse_last()
    else:
        flash(_("Peran diakhiri."), "good")
    return redirect(url_for("people.account", account_id=account_id))


@blueprint.post(f"/accounts/<{ID}:account_id>/invite")
@role("administrator")
def invite(account_id: int) -> ResponseReturnValue:
    """The link for choosing a password, once more."""
    found = _account_or_404(account_id)
    try:
        invite_again(current_user, found, clock.now())
    except BeyondScope:
        _refuse_beyond_scope()
    else:
        flash(_("Undangan dikirim ke %(email)s.", email=found.email), "good")
    return redirect(url_for("people.account", account_id=account_id))


@blueprint.post(f"/accounts/<{ID}:account_id>/active")
@role("administrator")
def open_or_close(account_id: int) -> ResponseReturnValue:
    """Close an account, which signs the person out everywhere, or open it again."""
    found = _account_or_404(account_id)
    active = request.form.get("active") == "1"
    try:
        set_account_active(current_user, found, active, clock.now())
    except OwnAccount:
        flash(_("Anda tidak dapat menutup akun Anda sendiri."), "bad")
    except BeyondScope:
        _refuse_beyond_scope()
    except LastAdministrator:
        _refuse_last()
    except NameTaken:
        flash(str(_NAME_TAKEN), "bad")
    else:
        flash(_("Akun dibuka kembali.") if active else _("Akun ditutup."), "good")
    return redirect(url_for("people.account", account_id=account_id))


def _account_or_404(account_id: int) -> Account:
    found = account_in(scope_of(current_user, "administrator"), account_id, today())
    if found is None:
        abort(404)
    return found


def _employee_asked_for() -> EmployeeRow | None:
    """The employee named in the address, who must be in scope and without an account."""
    employee_id = id_argument("employee")
    if employee_id is None:
        return None
    row = employee_row(scope_of(current_user, "administrator"), employee_id, today())
    if row is None or account_of(row.employee):
        abort(404)
    return row


def _suggested(row: EmployeeRow | None) -> dict[str, Any]:
    if row is None:
        return {}
    office = str(row.office.id) if row.office else ""
    return {"name": row.employee.name, "role": "employee", "office": office}


def _grant_offices() -> list[SelectChoice]:
    scope = scope_of(current_user, "administrator")
    return whole_agency_choice(scope) + office_choices(scope)


def _email_taken(form: AccountForm) -> None:
    form.email.errors = [_("Alamat e-mail ini sudah dipakai akun lain.")]


def _name_taken(form: AccountForm) -> None:
    form.name.errors = [str(_NAME_TAKEN)]


def _refuse_beyond_scope() -> None:
    flash(
        _("Akun ini memiliki peran di luar unit kerja Anda. Mintalah administrator instansi."),
        "bad",
    )


def _refuse_last() -> None:
    flash(
        _("Ini administrator terakhir untuk seluruh instansi. Tunjuk penggantinya dahulu."), "bad"
    )


def _account_page(found: Account, **forms: Any) -> ResponseReturnValue:
    grant_form = forms.get("grant_form") or GrantForm(formdata=None)
    grant_form.office.choices = _grant_offices()
    scope = scope_of(current_user, "administrator")
    return render_template(
        "people/account.html",
        account=found,
        form=forms.get("form") or AccountForm(formdata=None, obj=found),
        grant_form=grant_form,
        held=[grant for grant in found.grants if grant.ended_at is None],
        ended=[grant for grant in found.grants if grant.ended_at is not None],
        offices=office_names(found.agency_id),
        roles=ROLE_WORDS,
        own=found.id == current_user.id,
        scope=scope,
    )
