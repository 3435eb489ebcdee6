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
from portal.counters.words import quarter
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
from portal.moderation.queries import Said, comments_with
from portal.overview.views import READERS as RESULT_READERS
from portal.people.account_queries import accounts_page
from portal.people.numbers import OLD_LENGTH, normalise
from portal.people.queries import employee_by_nip, employees_page, scope_of
from portal.ratings.wording import pieces
from portal.ratings.words import MASK_WORDS
from portal.records.blueprint import READERS
from portal.records.decision_list import decisions_about

# Everybody but employees, whose pages are about themselves alone.
LOOKERS = tuple(name for name in ROLES if name != "employee")
PERSONNEL = ("administrator", "hr")
SHORTEST, LONGEST = 2, 80
BEFORE, EXCERPT = 40, 140  # letters of a comment: before what was looked for, and in all
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
class Kind:
    """A kind of thing that is looked for only by those who have a page of it: its name, how it is
    found, and the list where all of it stands, if there is one that can be searched."""

    roles: tuple[str, ...]
    title: Any
    look: Callable[[str], list[Found]]
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
    kinds = [kind for kind in KINDS if current_user.role_names & set(kind.roles)]
    looked = [(kind, kind.look(text)) for kind in kinds] if len(text) >= SHORTEST else []
    return render_template(
        "desk/search.html",
        text=text,
        kinds=kinds,
        groups=[(kind, found) for kind, found in looked if found],
        most=read.MOST,
    )


def _cleaned(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST]


def _is_number(text: str) -> bool:
    return NUMBER.search(text) is not None


def _employees(text: str) -> list[Found]:
    page = employees_page(scope_of(current_user, *PERSONNEL), today(), name=text)
    return [
        Found(
            row.employee.name,
            row.office.name if row.office else "",
            url_for("people.employee", employee_id=row.employee.id),
        )
        for row in page.items
    ]


def _records(text: str) -> list[Found]:
    period = period_of(today())
    return [
        Found(
            name,
            quarter(period),
            url_for("records.record", employee_id=employee_id, period=period),
        )
        for employee_id, name in read.records(scope_of(current_user, *READERS), period, text)
    ]


def _decisions(text: str) -> list[Found]:
    """By whom they are about; what was decided stands on their page, whose readers are noted."""
    return [
        Found(
            _("Keputusan tentang %(name)s", name=name),
            quarter(period),
            url_for("records.decision", decision_id=decision_id),
        )
        for decision_id, name, period in decisions_about(
            scope_of(current_user, *READERS), text, read.MOST
        )
    ]


def _cases(text: str) -> list[Found]:
    scope = scope_of(current_user, *HANDLERS)
    return [
        Found(
            f"{WHY_WORDS[line.why]}: {CAUSES[line.theme]}",
            f"{line.office} · {quarter(line.period)}",
            url_for("followups.one", case_id=line.id),
        )
        for line in cases_with(scope, current_user.employee_id, text, read.MOST)
    ]


def _comments(text: str) -> list[Found]:
    """What a moderator reads in the list of comments, by its words."""
    scope = scope_of(current_user, "moderator")
    return [
        Found(
            _excerpt(said, text),
            f"{said.office} · {quarter(said.period)}",
            url_for("moderation.comment", period=said.period, key=said.key),
        )
        for said in comments_with(scope, current_user.employee_id, text, read.MOST)
    ]


def _excerpt(said: Said, text: str) -> str:
    """The part of a comment in which a text stands; what is covered in the list is here, too."""
    shown = "".join(
        piece.text or f"[{MASK_WORDS[piece.kind]}]"
        for piece in pieces(said.text, covered=said.covered)
    )
    start = max(0, shown.lower().find(text.lower()) - BEFORE)
    end = start + EXCERPT
    return f"{'…' * (start > 0)}{shown[start:end].strip()}{'…' * (end < len(shown))}"


def _reports(text: str) -> list[Found]:
    """By the office they are about: their words are sealed."""
    return [
        Found(
            _("Laporan yang diterima %(day)s", day=day(row.report.received_on)),
            f"{row.office} · {STATE_WORDS[row.state]}",
            url_for("integrity.report", report_id=row.report.id),
        )
        for row in reports_about(scope_of(current_user, "inspector"), text, read.MOST)
    ]


def _offices(text: str) -> list[Found]:
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
    return found


def _counters(text: str) -> list[Found]:
    return [
        Found(counter.label, below, url_for("counters.counter", counter_id=counter.id))
        for counter, below in _places(read.counters(scope_of(current_user, *KEEPERS), text))
    ]


def _assisted(text: str) -> list[Found]:
    """Open counters for whose visitors the reader enters ratings."""
    rows = read.counters(scope_of(current_user, "clerk"), text, open_only=True)
    return [
        Found(counter.label, below, url_for("assisted.rate", counter=counter.id))
        for counter, below in _places(rows)
    ]


def _places(rows: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """Counters, and where each is."""
    for row in rows:
        yield row, " · ".join(part for part in (row.name, row.place) if part)


def _services(text: str) -> list[Found]:
    """All offices share them: they are changed by who administers all."""
    scope = scope_of(current_user, "administrator")
    rows = read.services(scope.agency_id, text) if scope.offices is None else ()
    return [
        Found(name, "", url_for("counters.service", service_id=service_id))
        for service_id, name in rows
    ]


def _accounts(text: str) -> list[Found]:
    page = accounts_page(scope_of(current_user, "administrator"), today(), text=text)
    return [
        Found(account.name, account.email, url_for("people.account", account_id=account.id))
        for account in page.items
    ]


KINDS = (
    Kind(PERSONNEL, _lp("daftar", "Pegawai"), _employees, more="people.employees"),
    Kind(READERS, _l("Catatan kinerja"), _records),
    Kind(READERS, _lp("daftar", "Keputusan"), _decisions),
    Kind(HANDLERS, _l("Tindak lanjut"), _cases),
    Kind(("moderator",), _l("Komentar warga"), _comments),
    Kind(("inspector",), _l("Laporan integritas"), _reports),
    Kind(LOOKERS, _lp("daftar", "Unit kerja"), _offices),
    Kind(KEEPERS, _lp("daftar", "Loket"), _counters),
    Kind(("clerk",), _l("Penilaian bantuan"), _assisted),
    Kind(("administrator",), _l("Layanan"), _services),
    Kind(("administrator",), _lp("daftar", "Akun"), _accounts, more="people.accounts"),
)
