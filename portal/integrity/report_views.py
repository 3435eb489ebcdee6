"""The citizen's side of integrity reports: a short form, its receipt, and the mailbox.

The mailbox's code travels in forms only, never in an address: addresses are kept in the history
of the phone and in the logs of machines on the way.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.access import public
from portal.counters.codes import is_code, normalise_code, show_code
from portal.db import db
from portal.i18n import gettext as _
from portal.i18n import language
from portal.integrity.models import IntegrityReport
from portal.integrity.report_actions import (
    MailboxFull,
    NoKey,
    file_report,
    write_again,
)
from portal.integrity.report_queries import (
    Place,
    current_key,
    notes_for_citizen,
    place_of,
    report_in,
)
from portal.integrity.sealing import CODE_LENGTH, Mailbox, mailbox_of, new_mailbox_code
from portal.integrity.words import KINDS
from portal.limits import too_many
from portal.people.models import Agency
from portal.ratings.actions import NotDurable
from portal.ratings.page import answer, citizen_page
from portal.ratings.queries import offices_with_counters

log = structlog.get_logger()

blueprint = Blueprint("report", __name__, url_prefix="/report", template_folder="templates")

PLACE = "<int(max=2147483647):agency>/<int:office>"
LIFETIME = timedelta(days=8)
# From one address: a village behind one router writes less, and nobody loses what was typed.
WRITING = "20 per minute; 200 per hour"
OPENING = "60 per minute"
LONGEST = 4000
LONGEST_LINE = 200


@dataclass(frozen=True)
class Filled:
    """What somebody has written, cut to what is kept."""

    kind: str = ""
    text: str = ""
    when: str = ""

    @classmethod
    def sent(cls) -> "Filled":
        def words(name: str, longest: int) -> str:
            return request.form.get(name, "").replace("\x00", "").strip()[:longest]

        kind = request.form.get("kind", "")
        return cls(
            kind if kind in KINDS else "", words("text", LONGEST), words("when", LONGEST_LINE)
        )


@blueprint.get("")
@public
def front() -> Response:
    """What a report is, the way into a mailbox, and the offices to report about."""
    return answer(citizen_page("report/front.html", offices=offices_with_counters(rated=False)), "")


@blueprint.get(f"/{PLACE}")
@blueprint.get(f"/{PLACE}/<int:counter>")
@public
def form(agency: int, office: int, counter: int | None = None) -> Response:
    """The form. Writes nothing, sets no cookie."""
    place = place_of(agency, office, counter)
    if place is None:
        return _not_found()
    return _form(place, Filled())


@blueprint.post(f"/{PLACE}")
@blueprint.post(f"/{PLACE}/<int:counter>")
@public
def send(agency: int, office: int, counter: int | None = None) -> Response:
    """Keep the report, then show the code; the same form sent again is the same report."""
    place = place_of(agency, office, counter)
    if place is None:
        return _not_found()
    filled, now = Filled.sent(), clock.now()
    code = normalise_code(request.form.get("code", ""))
    if not _issued(request.form.get("token", ""), code, place, now):
        text = _("Formulir tadi terlalu lama terbuka. Ini yang baru, dengan tulisan Anda.")
        return _form(place, filled, text)
    if "lang" in request.form:  # the switch at the top: nothing is sent, nothing is lost
        return _form(place, filled, code=code)
    if not filled.text:
        return _form(place, filled, _("Tulis dulu apa yang terjadi, lalu kirim."), code)
    if too_many(WRITING):
        return _form(place, filled, _busy(), code, 429)
    return _keep(place, code, filled, now)


def _keep(place: Place, code: str, filled: Filled, now: datetime) -> Response:
    if request.form.get("website"):
        # A machine; or a browser that fills in forms, and whoever writes must not lose a word of
        # it. The form comes again without the field, so that the next press sends it.
        text = _("Belum terkirim. Tulisan Anda masih ada; tekan kirim sekali lagi.")
        return _form(place, filled, text, code, trap=False)
    words = {"text": filled.text, "kind": filled.kind, "when": filled.when}
    if place.counter:
        words["counter"] = place.counter.label
    try:
        report = file_report(place, mailbox_of(code), words, language=language(), now=now)
    except (NotDurable, NoKey, DBAPIError) as error:
        return _form(_again(place), filled, _not_kept(error), code, 503)
    return _sent(place, code, report)


@blueprint.get("/mailbox")
@public
def no_mailbox() -> ResponseReturnValue:
    return redirect(url_for("report.front"))


@blueprint.post("/mailbox")
@public
def mailbox() -> Response:
    """What the inspectorate has answered, and room to write again."""
    code = normalise_code(request.form.get("code", ""))
    if "switch" in request.form:  # the language, at the top of the page before
        return _front_again("", 200)
    if too_many(OPENING):
        return _front_again(_busy(), 429)
    box = mailbox_of(code)
    report = report_in(box) if is_code(code, CODE_LENGTH) else None
    if report is None:
        return _front_again(_("Kode tidak dikenal. Periksa lagi: dua puluh huruf dan angka."), 404)
    if "text" not in request.form or "lang" in request.form:
        return _mailbox(report, box, code, text=Filled.sent().text)
    return _write_again(box, code)


def _write_again(box: Mailbox, code: str) -> Response:
    text = Filled.sent().text
    try:
        sending = uuid.UUID(request.form.get("sending", ""))
    except ValueError:
        sending = uuid.uuid4()
    problem, status = "", 200
    if not text:
        problem, status = _("Tulis dulu pesan Anda, lalu kirim."), 422
    elif too_many(WRITING):
        problem, status = _busy(), 429
    else:
        try:
            write_again(box, {"text": text}, sending=sending, now=clock.now())
        except MailboxFull:
            problem, status = _("Kotak pesan ini penuh. Kirim laporan baru."), 409
        except (NotDurable, NoKey, DBAPIError) as error:
            problem, status = _not_kept(error), 503
    found = report_in(box)
    if found is None:
        return _front_again("", 404)
    kept = text if problem else ""
    return _mailbox(found, box, code, text=kept, problem=problem, sent=not problem, status=status)


def _mailbox(
    report: IntegrityReport,
    box: Mailbox,
    code: str,
    *,
    text: str = "",
    problem: str = "",
    sent: bool = False,
    status: int = 200,
) -> Response:
    agency = db.session.get_one(Agency, report.agency_id)
    page = citizen_page(
        "report/mailbox.html",
        colour=agency.colour,
        agency=agency,
        report=report,
        late=report.acknowledged_on is None
        and report.due_on < clock.now().astimezone(agency.zone).date(),
        notes=notes_for_citizen(report, box),
        code=code,
        sending=uuid.uuid4(),
        text=text,
        problem=problem,
        sent=sent,
    )
    return answer(page, agency.colour, status)


def _form(
    place: Place,
    filled: Filled,
    problem: str = "",
    code: str = "",
    status: int = 422,
    *,
    trap: bool = True,
) -> Response:
    agency = place.agency
    if current_key(agency.id) is None:
        page = citizen_page("report/elsewhere.html", colour=agency.colour, place=place)
        return answer(page, agency.colour)
    code = code or new_mailbox_code()
    page = citizen_page(
        "report/form.html",
        colour=agency.colour,
        place=place,
        kinds=KINDS,
        filled=filled,
        problem=problem,
        token=_token(code, place),
        code=code,
        trap=trap,
    )
    return answer(page, agency.colour, status if problem else 200)


def _sent(place: Place, code: str, report: IntegrityReport) -> Response:
    page = citizen_page(
        "report/sent.html",
        colour=place.agency.colour,
        place=place,
        report=report,
        code=code,
        spaced=show_code(code),
    )
    return answer(page, place.agency.colour)


def _again(place: Place) -> Place:
    """The same place, read anew after a failed transaction."""
    agency, office = place.agency.id, place.office.id
    counter = place.counter.id if place.counter else None
    db.session.rollback()
    return place_of(agency, office, counter) or place


def _front_again(problem: str, status: int) -> Response:
    page = citizen_page(
        "report/front.html",
        offices=offices_with_counters(rated=False),
        problem=problem,
        typed=request.form.get("code", "")[:40],
    )
    return answer(page, "", status)


def _not_found() -> Response:
    return _front_again(_("Kantor ini tidak ditemukan. Pilih dari daftar."), 404)


def _busy() -> str:
    return str(_("Terlalu banyak kiriman dari jaringan ini. Tunggu semenit, lalu kirim lagi."))


def _not_kept(error: Exception) -> str:
    log.error("report_not_kept", error=type(error).__name__)
    db.session.rollback()
    return str(_("Belum tersimpan: layanan sedang terganggu. Tulisan Anda masih ada; kirim lagi."))


def _serializer() -> URLSafeSerializer:
    keys = [f"integrity report {key}" for key in current_app.config["SETTINGS"].signing_keys]
    return URLSafeSerializer(keys, salt="integrity report")


def _token(code: str, place: Place) -> str:
    """What makes a code good for one report: it was drawn here, for this office, not long ago."""
    issued = int(clock.now().timestamp())
    lookup = mailbox_of(code).lookup.hex()
    return str(_serializer().dumps([lookup, place.agency.id, place.office.id, issued]))


def _issued(token: str, code: str, place: Place, now: datetime) -> bool:
    try:
        lookup, agency, office, issued = _serializer().loads(token)
    except (BadData, ValueError, TypeError):
        return False
    here = (agency, office) == (place.agency.id, place.office.id)
    young = now.timestamp() - issued <= LIFETIME.total_seconds()
    return bool(here and young and lookup == mailbox_of(code).lookup.hex())
