"""Pages of those who enter ratings for others."""

import uuid
from datetime import date, timedelta

import structlog
from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as WerkzeugResponse

from portal import clock
from portal.access import role
from portal.assisted import actions as deeds
from portal.assisted import queries as read
from portal.assisted.actions import Read
from portal.assisted.models import MOST_BALLOTS
from portal.assisted.words import CAUSE_WORDS, FACES, STATES
from portal.counters import qr
from portal.counters.codes import scan_address, show_code
from portal.db import db
from portal.i18n import force_locale, languages
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.menu import Entry
from portal.people.blueprint import ID
from portal.people.queries import Scope, scope_of
from portal.ratings.actions import Acknowledged, NotDurable, submit_rating
from portal.ratings.forms import NoAnswer, Submission, read_submission
from portal.ratings.models import CAUSES
from portal.ratings.queries import open_counters

log = structlog.get_logger()

blueprint = Blueprint("assisted", __name__, template_folder="templates")

WHO = ("clerk", "coordinator")
BATCH = f"/assisted/batches/<{ID}:batch_id>"
LISTED = timedelta(days=60)
ON_ONE_SHEET = 4

MENU = [Entry("assisted.desk", _l("Penilaian bantuan"), WHO, icon="edit")]


@blueprint.get("/assisted")
@role(*WHO)
def desk() -> str:
    """Choose counter and day; what was begun with paper ballots."""
    return _desk()


def _desk(known: int = 0) -> str:
    return render_template(
        "assisted/desk.html",
        known=known,
        filled=request.form,
        counters=read.counters_in(_scope()),
        batches=read.batches_in(_scope(), clock.now() - LISTED),
        states=STATES,
        today=_today(),
        first=_today() - timedelta(days=read.DAYS_BACK),
        most=MOST_BALLOTS,
        choices=languages(),
    )


@blueprint.get("/assisted/rate")
@role(*WHO)
def rate() -> ResponseReturnValue:
    """The questions, for somebody without a phone."""
    visit = _visit()
    return _rate_page(visit, uuid.uuid4()) if isinstance(visit, read.Visit) else visit


@blueprint.post("/assisted/rate")
@role(*WHO)
def submit() -> ResponseReturnValue:
    visit = _visit()
    if not isinstance(visit, read.Visit):
        return visit
    try:
        rating_id = uuid.UUID(request.form.get("sending", ""))
    except ValueError:
        abort(400)
    try:
        sent = read_submission(request.form.to_dict())
    except NoAnswer:
        return _rate_page(visit, rating_id, _("Pilih dulu salah satu wajah, lalu kirim.")), 422
    try:
        kept = _keep(visit, rating_id, sent)
    except (NotDurable, DBAPIError) as error:
        problem = _not_kept(error)
        visit = _visit()  # read anew after a failed transaction
        if not isinstance(visit, read.Visit):
            return visit
        return _rate_page(visit, rating_id, problem), 503
    return render_template("assisted/thanks.html", receipt=show_code(kept.receipt), visit=visit)


def _keep(visit: read.Visit, rating_id: uuid.UUID, sent: Submission) -> Acknowledged:
    device, now = f"assisted {rating_id}", clock.now()
    kept = submit_rating(visit.form(rating_id), sent, device=device, language="id", now=now)
    if not kept.repeated:
        deeds.note_assisted(current_user, visit, now)
    return kept


def _not_kept(error: Exception) -> str:
    log.error("rating_not_kept", error=type(error).__name__)
    db.session.rollback()
    return str(_("Belum tersimpan: layanan sedang terganggu. Isian Anda masih ada; kirim lagi."))


@blueprint.get(f"/assisted/counters/<{ID}:counter_id>/ballots")
@role(*WHO)
def ballots(counter_id: int) -> ResponseReturnValue:
    """Ballots to print, in one of the citizens' languages, with the counter's own code for those
    who do have a phone."""
    visit = read.visit_at(_scope(), counter_id, _today()) or abort(404)
    codes = {one.id: one.code for one in open_counters(visit.agency.id, visit.office.id)}
    code = codes.get(counter_id)
    address = current_app.config["SETTINGS"].public_url
    picture = qr.svg(scan_address(address, code), title=_("Kode QR loket")) if code else ""
    chosen = _in_language(request.args.get("in", ""))
    with force_locale(chosen):
        ballot = render_template(
            "assisted/ballot.html",
            language=chosen,
            visit=visit,
            picture=picture,
            code=show_code(code) if code else "",
            faces=FACES,
            causes=CAUSE_WORDS,
        )
    return render_template(
        "assisted/ballots.html",
        visit=visit,
        ballot=ballot,
        choices=languages(),
        chosen=chosen,
        sheet=range(ON_ONE_SHEET),
    )


def _in_language(code: str) -> str:
    return code if code in languages() else "id"


@blueprint.post("/assisted")
@role(*WHO)
def begin() -> ResponseReturnValue:
    """On to the questions for one person, or to a batch of ballots."""
    visit = _visit()
    if not isinstance(visit, read.Visit):
        return visit
    if request.form.get("what") != "ballots":
        day = visit.day.isoformat()
        return redirect(url_for("assisted.rate", counter=visit.counter.id, day=day))
    count = request.form.get("ballots", 0, type=int)
    if not 1 <= count <= MOST_BALLOTS:
        flash(_("Tulis berapa lembar suara: 1 sampai %(most)s.", most=MOST_BALLOTS), "warn")
        return redirect(url_for("assisted.desk"))
    try:
        batch_id = deeds.open_batch(
            current_user,
            visit.counter.id,
            visit.day,
            count,
            clock.now(),
            language=_in_language(request.form.get("in", "")),
            others="others" in request.form,
        )
    except deeds.BallotsKnown as known:
        return _desk(known.args[0]), 422
    return redirect(url_for("assisted.batch", batch_id=batch_id))


@blueprint.get(BATCH)
@role(*WHO)
def batch(batch_id: int) -> ResponseReturnValue:
    """The ballots of a batch, as this reader has entered them; never what the other one read."""
    row, visit = _batch_or_404(batch_id)
    if visit.involves(current_user):
        return _own_counter()
    return _batch_page(row, visit, {})


@blueprint.post(BATCH)
@role(*WHO)
def enter(batch_id: int) -> ResponseReturnValue:
    """Keep what was read; once two have read the same, the ratings are stored."""
    row, visit = _batch_or_404(batch_id)
    if visit.involves(current_user):
        return _own_counter()
    numbers = range(1, row.batch.ballots + 1)
    found = {number: _read(number, visit) for number in numbers}
    missing = [number for number, one in found.items() if one is None]
    if missing:
        return _batch_page(row, visit, dict(request.form), missing), 422
    try:
        deeds.keep_entries(
            current_user, batch_id, {number: one for number, one in found.items() if one}
        )
        return _after_entry(batch_id)
    except deeds.BatchStored:
        flash(_("Lembar suara ini sudah tersimpan sebagai penilaian."), "info")
    except deeds.ReadTwice:
        flash(_("Dua orang lain sudah memasukkan lembar suara ini."), "warn")
    except (NotDurable, DBAPIError) as error:
        flash(_not_kept(error), "bad")
        return _batch_page(*_batch_or_404(batch_id), dict(request.form)), 503
    return redirect(url_for("assisted.desk"))


def _after_entry(batch_id: int) -> ResponseReturnValue:
    row, visit = _batch_or_404(batch_id)
    if row.state == "agreed":
        done = deeds.store_batch(current_user, row, visit, clock.now())
        flash(_("%(count)s penilaian tersimpan: kedua isian sama.", count=done), "good")
        return redirect(url_for("assisted.desk"))
    if row.state == "differs":
        flash(_("Kedua isian belum sama. Periksa lagi kertas yang ditandai."), "warn")
        return redirect(url_for("assisted.batch", batch_id=batch_id))
    flash(_("Tersimpan. Sekarang orang lain memasukkan lembar yang sama sekali lagi."), "good")
    return redirect(url_for("assisted.desk"))


def _read(number: int, visit: read.Visit) -> Read | None:
    """What was entered for one ballot; None where nothing was chosen."""
    face = request.form.get(f"overall-{number}", "")
    if face not in {"0", "1", "2", "3", "4"}:
        return None
    cause = request.form.get(f"cause-{number}", "")
    who = request.form.get(f"who-{number}", type=int)
    known = {one.employee_id for one in visit.served}
    return Read(
        int(face) or None,
        cause if cause in CAUSES and face != "0" else None,
        who if who in known and face != "0" else None,
    )


def _rate_page(visit: read.Visit, sending: uuid.UUID, problem: str = "") -> str:
    return render_template(
        "assisted/rate.html",
        visit=visit,
        people=list(enumerate(visit.names)),
        faces=FACES,
        causes=CAUSE_WORDS,
        sending=sending,
        problem=problem,
        filled=request.form,
    )


def _batch_page(
    row: read.BatchRow,
    visit: read.Visit,
    filled: dict[str, str],
    missing: list[int] | None = None,
) -> str:
    mine = read.entries_of(row.batch, current_user.id)
    return render_template(
        "assisted/batch.html",
        row=row,
        visit=visit,
        people=list(zip([one.employee_id for one in visit.served], visit.names, strict=True)),
        mine=mine,
        filled=filled,
        missing=missing or [],
        differ=row.differ if mine else (),
        faces=FACES,
        causes=CAUSE_WORDS,
    )


def _visit() -> read.Visit | WerkzeugResponse:
    """The counter and day that are named; or where to go instead."""
    counter_id = request.values.get("counter", 0, type=int)
    try:
        day = date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        day = _today()
    if not _today() - timedelta(days=read.DAYS_BACK) <= day <= _today():
        flash(_("Pilih hari dalam 14 hari terakhir."), "warn")
        return redirect(url_for("assisted.desk"))
    visit = read.visit_at(_scope(), counter_id, day)
    if visit is None:
        abort(404)
    return _own_counter() if visit.involves(current_user) else visit


def _own_counter() -> WerkzeugResponse:
    flash(_("Anda bertugas di loket itu pada hari itu: orang lain yang memasukkannya."), "warn")
    return redirect(url_for("assisted.desk"))


def _batch_or_404(batch_id: int) -> tuple[read.BatchRow, read.Visit]:
    row = read.batch_row(_scope(), batch_id) or abort(404)
    visit = read.visit_at(_scope(), row.batch.counter_id, row.batch.served_on) or abort(404)
    return row, visit


def _scope() -> Scope:
    return scope_of(current_user, *WHO)


def _today() -> date:
    return clock.now().astimezone(current_user.agency.zone).date()
