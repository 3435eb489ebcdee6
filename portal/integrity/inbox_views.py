"""The inspector's side of integrity reports: the key, the list, a report and the answer to it."""

import uuid
from datetime import datetime

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.headers import secure_cookies
from portal.i18n import LANGUAGES
from portal.i18n import gettext as _
from portal.integrity import key_actions as keys
from portal.integrity import report_actions as deeds
from portal.integrity import report_queries as read
from portal.integrity.blueprint import blueprint
from portal.integrity.forms import AnswerReport, MakeKey, OpenKey, ReplaceKey
from portal.integrity.sealing import WrongPassphrase
from portal.integrity.words import KINDS, STATE_KINDS, STATE_WORDS
from portal.limits import too_many
from portal.people.blueprint import ID
from portal.people.queries import Scope, scope_of

COOKIE = "integrity_key"
TRIES = "10 per minute; 40 per hour"
REPORT = f"/inspectorate/<{ID}:report_id>"


def waiting() -> int:
    """For the menu: reports that nobody has acknowledged or answered."""
    return read.how_many_wait(_scope())


@blueprint.get("/inspectorate")
@role("inspector")
def reports() -> str:
    """The reports about the inspector's offices, without their words."""
    now = clock.now()
    return render_template(
        "integrity/reports.html",
        rows=read.reports_in(_scope()),
        today=now.astimezone(current_user.agency.zone).date(),
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        **_lock(_private_key(now), now),
    )


@blueprint.post("/inspectorate/open")
@role("inspector")
def open_key() -> ResponseReturnValue:
    """Open the key with its passphrase, for half an hour and for this browser."""
    form = OpenKey()
    report_id = form.report.data if (form.report.data or "").isdecimal() else None
    back = redirect(
        url_for("integrity.report", report_id=report_id)
        if report_id
        else url_for("integrity.reports")
    )
    if not form.validate():
        flash(_("Ketik kata sandi kunci inspektorat."), "bad")
        return back
    if too_many(TRIES, of=current_user.fs_uniquifier):
        flash(_("Terlalu banyak percobaan. Tunggu satu menit, lalu coba lagi."), "bad")
        return back
    try:
        kept = keys.open_key(current_user, form.passphrase.data, clock.now())
    except (WrongPassphrase, keys.NoKeyYet):
        flash(_("Kata sandi itu tidak membuka kunci inspektorat."), "bad")
        return back
    return _keep(make_response(back), kept)


@blueprint.post("/inspectorate/lock")
@role("inspector")
def lock_key() -> ResponseReturnValue:
    keys.put_away(current_user)
    flash(_("Laporan terkunci kembali."), "good")
    response = make_response(redirect(url_for("integrity.reports")))
    response.delete_cookie(COOKIE, path="/inspectorate")
    return response


@blueprint.route("/inspectorate/key", methods=["GET", "POST"])
@role("inspector")
def key() -> ResponseReturnValue:
    """Make the inspectorate's key, or replace it; for inspectors of the whole agency."""
    if _scope().offices is not None:
        abort(404)
    current = read.current_key(current_user.agency_id)
    form = ReplaceKey() if current else MakeKey()
    if form.validate_on_submit() and _new_key(form):
        return redirect(url_for("integrity.reports"))
    return render_template("integrity/key.html", form=form, key=current)


def _new_key(form: MakeKey) -> bool:
    """Do it; whether it was done."""
    agency, now = current_user.agency, clock.now()
    try:
        if not isinstance(form, ReplaceKey):
            keys.make_key(agency, current_user, form.new.data, now)
            flash(_("Kunci inspektorat dibuat. Laporan warga kini dapat diterima."), "good")
        elif too_many(TRIES, of=current_user.fs_uniquifier):
            flash(_("Terlalu banyak percobaan. Tunggu satu menit, lalu coba lagi."), "bad")
            return False
        else:
            keys.replace_key(agency, current_user, form.old.data, form.new.data, now)
            flash(_("Kunci diganti. Semua laporan dikunci ulang dengan kunci baru."), "good")
    except keys.KeyExists:
        flash(_("Kunci sudah dibuat orang lain."), "warn")
    except WrongPassphrase:
        flash(_("Kata sandi kunci sekarang keliru."), "bad")
        return False
    return True


@blueprint.get(REPORT)
@role("inspector")
def report(report_id: int) -> str:
    """One report with its messages; only with the key, and each opening is noted."""
    return _report_page(_row_or_404(report_id), AnswerReport(sending=uuid.uuid4().hex))


@blueprint.post(f"{REPORT}/acknowledge")
@role("inspector")
def acknowledge(report_id: int) -> ResponseReturnValue:
    _row_or_404(report_id)
    deeds.acknowledge(current_user, report_id, clock.now())
    flash(_("Warga melihat di kotak pesannya bahwa laporannya sudah dibaca."), "good")
    return redirect(url_for("integrity.report", report_id=report_id))


@blueprint.post(f"{REPORT}/answer")
@role("inspector")
def answer(report_id: int) -> ResponseReturnValue:
    """Words into the citizen's mailbox."""
    row = _row_or_404(report_id)
    form = AnswerReport()
    if not form.validate():
        return _report_page(row, form)
    try:
        deeds.answer_report(
            current_user,
            report_id,
            {"text": form.text.data},
            sending=_sending(form),
            closes=form.closes.data,
            now=clock.now(),
        )
    except deeds.MailboxFull:
        flash(_("Kotak pesan ini penuh."), "warn")
    except deeds.NoKey:
        flash(_("Belum ada kunci inspektorat."), "warn")
    else:
        flash(_("Jawaban menunggu di kotak pesan warga."), "good")
    return redirect(url_for("integrity.report", report_id=report_id))


def _report_page(row: read.ReportRow, form: AnswerReport) -> str:
    now = clock.now()
    private = _private_key(now)
    report_id = row.report.id
    notes = []
    if private is not None:
        deeds.note_opened(current_user, report_id, now)
        row = _row_or_404(report_id)  # the note ended the transaction that had read it
        notes = read.notes_for_inspector(row.report, private)
    return render_template(
        "integrity/report.html",
        row=row,
        notes=notes,
        form=form,
        today=now.astimezone(current_user.agency.zone).date(),
        kinds=KINDS,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        reads=LANGUAGES.get(row.report.language, row.report.language),
        **_lock(private, now, str(report_id)),
    )


def _private_key(now: datetime) -> bytes | None:
    return read.private_key(current_user, request.cookies.get(COOKIE, ""), now)


def _lock(private: bytes | None, now: datetime, report_id: str = "") -> dict[str, object]:
    """Whether there is a key, whether it lies open in this browser, and the form that opens it."""
    opening = read.opening_of(current_user, now) if private else None
    return {
        "key": read.current_key(current_user.agency_id),
        "keeper": _scope().offices is None,
        "ends_at": opening.ends_at if opening else None,
        "open_form": OpenKey(formdata=None, report=report_id),
        "zone": current_user.agency.timezone,
    }


def _keep(response: Response, kept: str) -> Response:
    """The browser's part of the key: for these pages only, and gone with the browser."""
    response.set_cookie(
        COOKIE,
        kept,
        path="/inspectorate",
        httponly=True,
        samesite="Strict",
        secure=secure_cookies(),
    )
    return response


def _sending(form: AnswerReport) -> uuid.UUID:
    try:
        return uuid.UUID(form.sending.data or "")
    except ValueError:
        return uuid.uuid4()


def _row_or_404(report_id: int) -> read.ReportRow:
    row = read.report_row(_scope(), report_id)
    if row is None:
        abort(404)
    return row


def _scope() -> Scope:
    return scope_of(current_user, "inspector")
