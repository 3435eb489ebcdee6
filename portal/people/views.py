"""Pages of people: the landing page after sign-in, and the menu."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal.access import signed_in
from portal.i18n import lazy_gettext as _l
from portal.i18n import lazy_pgettext as _lp
from portal.menu import Entry
from portal.people import (
    account_views,
    agency_views,
    audit_views,
    employee_views,
    notice_views,
    saving_views,
)
from portal.people.blueprint import blueprint
from portal.people.queries import office_names, progress_of
from portal.people.words import PAGE_HINTS, ROLE_TASKS, ROLE_WORDS

__all__ = [
    "MENU",
    "account_views",
    "agency_views",
    "audit_views",
    "blueprint",
    "employee_views",
    "notice_views",
    "saving_views",
]

EVERYONE = tuple(ROLE_WORDS)
MENU: list[Entry] = [
    Entry("people.home", _l("Beranda"), EVERYONE, "home"),
    Entry("people.agency", _l("Instansi"), ("administrator",), "settings"),
    Entry("people.offices", _lp("daftar", "Unit kerja"), ("administrator",), "office"),
    Entry(
        "people.employees",
        _lp("daftar", "Pegawai"),
        ("administrator", "hr"),
        "people",
        filters=("office", "state"),
    ),
    Entry("people.accounts", _lp("daftar", "Akun"), ("administrator",), "lock", filters=("role",)),
    Entry(
        "people.audit",
        _l("Jejak audit"),
        ("auditor", "administrator"),
        "shield",
        filters=("action", "by", "subject", "since", "until"),
    ),
    Entry("people.saved_list", _l("Tampilan tersimpan"), saving_views.KEEPERS, "list"),
]


@blueprint.get("/home")
@signed_in
def home() -> ResponseReturnValue:
    """Where everybody lands after signing in: what their roles let them do next."""
    administers = "administrator" in current_user.role_names
    return render_template(
        "people/home.html",
        grants=[grant for grant in current_user.grants if grant.ended_at is None],
        offices=office_names(current_user.agency_id),
        hints=PAGE_HINTS,
        role_words=ROLE_WORDS,
        role_tasks=ROLE_TASKS,
        saved=saving_views.shown(),
        progress=progress_of(current_user.agency_id) if administers else None,
    )
