"""The page of a kiosk: a tablet at the exit on which citizens rate, also without network."""

from dataclasses import replace
from datetime import datetime

import structlog
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.access import public
from portal.counters.device_actions import SEEN_EVERY, note_refusal, note_seen
from portal.counters.device_queries import device_of
from portal.counters.models import KIOSK, Device
from portal.counters.queries import ResolvedCode, resolve_device
from portal.i18n import force_locale, language, languages
from portal.i18n import gettext as _
from portal.ratings.actions import NotDurable, Writer, submit_rating
from portal.ratings.forms import NoAnswer, read_submission
from portal.ratings.kiosk import SPARE, form_now, spare_forms
from portal.ratings.tokens import BadToken, ExpiredToken, Form, Tokens

log = structlog.get_logger()

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk", template_folder="templates")

MOST_SPARES = 50  # asked for at once
HELD = 300  # forms that a kiosk holds: a busy day at an exit
BACK_AFTER = 5  # seconds until the page is ready for the next person


@blueprint.get("/")
@public
def screen() -> ResponseReturnValue:
    """Four faces, for a tablet that is signed in; else how to sign it in."""
    now = clock.now()
    found = _here(now)
    if found is None:
        return render_template("display/pair.html", typed="")
    device, place = found
    form, names = form_now(device, place, now)
    return _page(device, place, form, names)


@blueprint.post("/")
@public
def submit() -> ResponseReturnValue:
    """Store one rating exactly once; a script is told by the status alone."""
    now = clock.now()
    device, place = _here(now) or abort(401)
    quiet = request.headers.get("Accept") == "application/json"
    try:
        form = _accepted(_tokens().read(request.form.get("token", ""), now), device)
        sent = read_submission(request.form.to_dict(), form.services)
    except (BadToken, NoAnswer) as error:
        if quiet:
            if "again" not in request.form:  # a kiosk tries once more whenever it starts
                note_refusal(device.agency_id, device.counter_id, "kiosk", now)
            return jsonify(why=_reason(error)), 422
        fresh, names = form_now(device, place, now)
        return _page(device, place, fresh, names, status=422)
    chosen = request.form.get("language", "")
    try:
        submit_rating(
            form,
            sent,
            device=f"kiosk {device.agency_id} {device.id}",
            language=chosen if chosen in languages() else language(),
            now=now,
        )
    except (NotDurable, DBAPIError) as error:
        log.error("rating_not_kept", error=type(error).__name__)
        abort(503)
    if quiet:
        return Response(status=201)
    return render_template("kiosk/thanks.html", place=place, back=BACK_AFTER)


def _reason(error: BadToken | NoAnswer) -> str:
    """Why a rating can never be stored, as the tablet tells those who look after it."""
    if isinstance(error, ExpiredToken):
        return "old"
    return "foreign" if isinstance(error, BadToken) else ""


def _accepted(form: Form, device: Device) -> Form:
    """A form of this kiosk; or one that the tablet was given as another kiosk of the agency,
    before it was signed in anew: that one keeps its id and counter, so that it is stored once,
    and names nobody any more. Raises BadToken."""
    if form.channel != KIOSK or form.agency_id != device.agency_id:
        raise BadToken
    if (form.code, form.counter_id) == (device.code, device.counter_id):
        return form
    if "former" not in request.form:
        raise BadToken
    return replace(form, offer=SPARE)


@blueprint.get("/forms")
@public
def forms() -> Response:
    """The form for whoever comes now, whom it names, and spare ones for later."""
    now = clock.now()
    device, place = _here(now) or abort(401)
    if device.seen_at is None or now - device.seen_at >= SEEN_EVERY:
        note_seen(device.agency_id, device.id, now)
        device, place = _here(now) or abort(401)
    form, names = form_now(device, place, now)
    count = min(max(request.args.get("spares", 0, type=int), 0), MOST_SPARES)
    tokens = _tokens()
    return jsonify(
        code=device.code,
        token=tokens.issue(form),
        names=names,
        spares=[tokens.issue(spare) for spare in spare_forms(device, place, count, now)],
    )


@blueprint.get("/worker.js")
@public
def worker() -> Response:
    """The script that keeps the page while there is no network; it rules over /kiosk/ only."""
    response = current_app.send_static_file("kiosk-worker.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _page(
    device: Device, place: ResolvedCode, form: Form, names: list[str], status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "kiosk/screen.html",
        place=place,
        device=device,
        names=names,
        token=_tokens().issue(form),
        texts={code: _texts(code) for code in languages()},
        languages_named=languages(),
        held=HELD,
        most=MOST_SPARES,
        back=BACK_AFTER,
    )
    return page, status


def _texts(code: str) -> dict[str, str]:
    """All that the page says, so that it changes its language without network."""
    with force_locale(code):
        return {
            "title": _("Bagaimana pelayanannya?"),
            "served": _("Yang melayani Anda"),
            "other": _("Bukan orang ini"),
            "face1": _("Tidak baik"),
            "face2": _("Kurang baik"),
            "face3": _("Baik"),
            "face4": _("Sangat baik"),
            "why": _("Kalau ada masalah, karena apa?"),
            "person": _("Petugasnya"),
            "procedure": _("Aturan atau syaratnya"),
            "facility": _("Tempat atau alatnya"),
            "system": _("Sistem atau jaringannya"),
            "skip": _("Selesai"),
            "back": _("Kembali"),
            "listen": _("Dengarkan"),
            "thanks": _("Terima kasih"),
            "sending": _("Mengirim…"),
            "received": _("Penilaian Anda sudah kami terima."),
            "stored": _("Tersimpan di tablet ini; terkirim begitu ada jaringan."),
            "failed": _("Penilaian belum diterima"),
            "unstored": _("Belum terkirim, dan tablet ini penuh. Tolong beri tahu petugas."),
            "refused": _("Maaf. Silakan pindai kode QR di loket dengan HP."),
            "rest": _("Kios ini sedang tidak dapat menerima penilaian"),
            "poster": _("Silakan pindai kode QR di loket dengan HP."),
            "anonymous": _("Tanpa nama. Petugas tidak tahu siapa yang menilai."),
            "offline": _("Tanpa jaringan"),
            "aside": _("Ditolak portal, beri tahu pengelola:"),
            "look": _("Lihat"),
            "refusals": _("Penilaian yang ditolak portal"),
            "note": _("Catat jumlahnya untuk koordinator loket, lalu hapus dari tablet ini."),
            "forget": _("Hapus dari tablet"),
            "sure": _("Ya, hapus selamanya"),
            "why_old": _("Terlalu lama di tablet tanpa jaringan: lebih dari 8 hari."),
            "why_foreign": _("Formulirnya bukan milik kios ini."),
            "why_": _("Tidak dapat dibaca portal."),
        }


def _here(now: datetime) -> tuple[Device, ResolvedCode] | None:
    """The kiosk that asks, if it is signed in still, and its counter."""
    device = device_of(request.cookies.get(KIOSK, ""), KIOSK, now)
    found = resolve_device(device.code, now) if device is not None else None
    if device is None or found is None or not found[0].in_use:
        return None
    return device, found[0]


def _tokens() -> Tokens:
    writer: Writer = current_app.extensions["rating_writer"]
    return writer.tokens
