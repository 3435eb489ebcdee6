"""One box that looks through all that the reader may open."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal.access import ROLES, role
from portal.counters.blueprint import KEEPERS, today
from portal.counters.periods import period_of
from portal.desk import search_queries as read
from portal.desk.blueprint import blueprint
from portal.followups.notices import HANDLERS
from portal.followups.queries import cases_with
from portal.followups.words import CAUSES, WHY_WORDS
from portal.i18n import day
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import lazy_pgettext as _lp
from portal.integrity.report_queries import reports_about
from portal.integrity.words import STATE_WORDS
from portal.menu import Entry
from portal.overview.views import READERS as RESULT_READERS
from portal.people.account_queries import accounts_page
from portal.people.numbers import OLD_LENGTH, normalise
from portal.people.queries import employee_by_nip, employees_page, scope_of
from portal.records.blueprint import READERS
from portal.records.decision_list import decisions_about
from portal.transparency.words import quarter

# Everybody but employees, whose pages are about themselves alone.
LOOKERS = tuple(name for name in ROLES if name != "employee")
PERSONNEL = ("administrator", "hr")
SHORTEST, LONGEST = 2, 80
# Numbers of employees, of citizens, of telephones, with whatever marks between their digits: none
# of them may stand in an address.
NUMBER = re.compile(rf"(?:\d[\W_]*){{{OLD_LENGTH},}}")
SEARCH = Entry("desk.search", _l("Cari"), LOOKERS, "search")


@dataclass(frozen=True)
class Found:
    """Something that was found, and where it is."""

    title: Any
    below: str
    url: str


@dataclass(frozen=True)
class Group:
    """Things of one kind; `more`: a list where the rest stands."""

    title: Any
    found: list[Found]
    more: str = ""


@blueprint.post("/search")
@role(*LOOKERS)
def look_up() -> ResponseReturnValue:
    """What was typed into the box; a number leads to its employee and stands in no address."""
    text = _cleaned(request.form.get("q", ""))
    if not _is_number(text):
        return redirect(url_for("desk.search", q=text))
    scope = scope_of(current_user, *PERSONNEL)
    row = employee_by_nip(scope, normalise(text), today()) if scope else None
    if row is None:
        flash(_("Tidak ada nomor itu di data pegawai Anda. Cari dengan nama."), "warn")
        return redirect(url_for("desk.search"))
    return redirect(url_for("people.employee", employee_id=row.employee.id))


@blueprint.get("/search")
@role(*LOOKERS)
def search() -> ResponseReturnValue:
    """What is found, by kind."""
    text = _cleaned(request.args.get("q", ""))
    if _is_number(text):  # the page's own links would carry it on
        flash(
            _(
                "Nomor pribadi tidak boleh ada di alamat halaman. Ketik nomornya di kotak"
                " pencarian, atau cari dengan nama."
            ),
            "warn",
        )
        return redirect(url_for("desk.search"))
    groups = [group for group in _groups(text) if group.found] if len(text) >= SHORTEST else []
    return render_template("desk/search.html", text=text, groups=groups)


def _cleaned(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST]


def _is_number(text: str) -> bool:
    return NUMBER.search(text) is not None


def _groups(text: str) -> Iterator[Group]:
    """Each kind is looked for only by those who have a page of it."""
    for roles, look in KINDS:
        if current_user.role_names & set(roles):
            yield look(text)


def _employees(text: str) -> Group:
    page = employees_page(scope_of(current_user, *PERSONNEL), today(), name=text)
    found = [
        Found(
            row.employee.name,
            row.office.name if row.office else "",
            url_for("people.employee", employee_id=row.employee.id),
        )
        for row in page.items[: read.MOST]
    ]
    more = url_for("people.employees", q=text) if page.total > read.MOST else ""
    return Group(_lp("daftar", "Pegawai"), found, more)


def _records(text: str) -> Group:
    period = period_of(today())
    found = [
        Found(
            name,
            quarter(period),
            url_for("records.record", employee_id=employee_id, period=period),
        )
        for employee_id, name in read.records(scope_of(current_user, *READERS), period, text)
    ]
    return Group(_("Catatan kinerja"), found)


def _decisions(text: str) -> Group:
    """By whom they are about; what was decided stands on their page, whose readers are noted."""
    found = [
        Found(
            _("Keputusan tentang %(name)s", name=name),
            quarter(period),
            url_for("records.decision", decision_id=decision_id),
        )
        for decision_id, name, period in decisions_about(
            scope_of(current_user, *READERS), text, read.MOST
        )
    ]
    return Group(_lp("daftar", "Keputusan"), found)


def _cases(text: str) -> Group:
    scope = scope_of(current_user, *HANDLERS)
    found = [
        Found(
            f"{WHY_WORDS[line.why]}: {CAUSES[line.theme]}",
            f"{line.office} · {quarter(line.period)}",
            url_for("followups.one", case_id=line.id),
        )
        for line in cases_with(scope, current_user.employee_id, text, read.MOST)
    ]
    return Group(_("Tindak lanjut"), found)


def _reports(text: str) -> Group:
    """By the office they are about: their words are sealed."""
    found = [
        Found(
            _("Laporan yang diterima %(day)s", day=day(row.report.received_on)),
            f"{row.office} · {STATE_WORDS[row.state]}",
            url_for("integrity.report", report_id=row.report.id),
        )
        for row in reports_about(scope_of(current_user, "inspector"), text, read.MOST)
    ]
    return Group(_("Laporan integritas"), found)


def _offices(text: str) -> Group:
    """The page of an office's data for administrators, of its results for those who answer for it
    or examine it, its public page for others."""
    administered = scope_of(current_user, "administrator")
    answered = scope_of(current_user, *RESULT_READERS)
    agency = current_user.agency
    found = []
    for office_id, code, name in read.offices(scope_of(current_user, *LOOKERS), text):
        if office_id in administered:
            url = url_for("people.office", office_id=office_id)
        elif office_id in answered:
            url = url_for("overview.office", office=office_id)
        else:
            url = url_for("transparency.office", agency=agency.code, office=code)
        found.append(Found(name, "", url))
    return Group(_lp("daftar", "Unit kerja"), found)


def _counters(text: str) -> Group:
    found = [
        Found(counter.label, below, url_for("counters.counter", counter_id=counter.id))
        for counter, below in _places(read.counters(scope_of(current_user, *KEEPERS), text))
    ]
    return Group(_lp("daftar", "Loket"), found)


def _assisted(text: str) -> Group:
    """Open counters for whose visitors the reader enters ratings."""
    rows = read.counters(scope_of(current_user, "clerk"), text, open_only=True)
    found = [
        Found(counter.label, below, url_for("assisted.rate", counter=counter.id))
        for counter, below in _places(rows)
    ]
    return Group(_("Penilaian bantuan"), found)


def _places(rows: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """Counters, and where each is."""
    for row in rows:
        yield row, " · ".join(part for part in (row.name, row.place) if part)


def _services(text: str) -> Group:
    """All offices share them: they are changed by who administers all."""
    scope = scope_of(current_user, "administrator")
    rows = read.services(scope.agency_id, text) if scope.offices is None else ()
    found = [
        Found(name, "", url_for("counters.service", service_id=service_id))
        for service_id, name in rows
    ]
    return Group(_("Layanan"), found)


def _accounts(text: str) -> Group:
    page = accounts_page(scope_of(current_user, "administrator"), today(), text=text)
    found = [
        Found(account.name, account.email, url_for("people.account", account_id=account.id))
        for account in page.items[: read.MOST]
    ]
    more = url_for("people.accounts", q=text) if page.total > read.MOST else ""
    return Group(_lp("daftar", "Akun"), found, more)


KINDS: tuple[tuple[tuple[str, ...], Callable[[str], Group]], ...] = (
    (PERSONNEL, _employees),
    (READERS, _records),
    (READERS, _decisions),
    (HANDLERS, _cases),
    (("inspector",), _reports),
    (LOOKERS, _offices),
    (KEEPERS, _counters),
    (("clerk",), _assisted),
    (("administrator",), _services),
    (("administrator",), _accounts),
)
