"""The page of a screen at a counter: signed in once, then on its own, also without network."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import public
from portal.config import Settings
from portal.counters import device_queries as read
from portal.counters import qr
from portal.counters.codes import is_code, normalise_code, scan_address, show_code
from portal.counters.device_actions import (
    SEEN_EVERY,
    WORD_LENGTH,
    UnknownWord,
    note_seen,
    pair,
)
from portal.counters.models import DISPLAY, KIOSK, Device
from portal.counters.otp import display_keys, minute_of, otp
from portal.headers import secure_cookies
from portal.i18n import gettext as _

blueprint = Blueprint("display", __name__, url_prefix="/display", template_folder="templates")

MOST_CODES = 60  # minutes asked for at once: a fifth of a second of work
HELD = 24 * 60  # minutes that a screen holds in advance


@blueprint.get("/")
@public
def screen() -> ResponseReturnValue:
    """The code of this minute, and what a script needs to go on; else how to sign in."""
    typed = normalise_code(request.args.get("code", ""))
    if is_code(typed, WORD_LENGTH):
        return redirect(url_for("display.sign_in", word=typed))
    now = clock.now()
    device = _device(now)
    if device is None:
        return render_template("display/pair.html", typed=typed), 200 if not typed else 404
    word = otp(_key(device), minute_of(now))
    address = f"{scan_address(_settings().public_url, device.code)}/{word}"
    return render_template(
        "display/screen.html",
        screen=read.screen_of(device, now),
        picture=qr.svg(address, title=_("Kode QR untuk menilai")),
        typed=f"{show_code(device.code)}-{show_code(word)}",
        host=urlsplit(_settings().public_url).netloc,
        held=HELD,
        most=MOST_CODES,
    )


@blueprint.get("/<word>")
@public
def sign_in(word: str) -> ResponseReturnValue:
    """The pairing word, typed or opened from its QR code, for a key that this device keeps; a
    kiosk is signed in here too."""
    try:
        signed_in = pair(normalise_code(word), clock.now())
    except UnknownWord:
        return render_template("display/pair.html", typed=word[:20]), 404
    page = "kiosk.screen" if signed_in.kind == KIOSK else "display.screen"
    response = make_response(redirect(url_for(page)))
    response.set_cookie(
        signed_in.kind,
        signed_in.credential,
        expires=signed_in.expires_at,
        path=url_for(page).rstrip("/"),
        httponly=True,
        samesite="Lax",
        secure=secure_cookies(),
    )
    return response


@blueprint.get("/state")
@public
def state() -> Response:
    """What changes on the screen: who serves, the queue number; and the portal's clock."""
    now = clock.now()
    device = _device(now) or abort(401)
    if device.seen_at is None or now - device.seen_at >= SEEN_EVERY:
        note_seen(device.agency_id, device.id, now)
        device = _device(now) or abort(401)
    shown = read.screen_of(device, now)
    return jsonify(
        now=now.timestamp(), names=shown.names, expected=shown.expected, number=shown.number
    )


@blueprint.get("/codes")
@public
def codes() -> Response:
    """The codes of some minutes ahead, for when the network is gone."""
    now = clock.now()
    device = _device(now) or abort(401)
    first = request.args.get("first", minute_of(now), type=int)
    first = min(max(first, minute_of(now) - 1), minute_of(now) + HELD)
    count = min(max(request.args.get("count", 1, type=int), 1), MOST_CODES)
    found: Sequence[dict[str, Any]] = read.codes_shown(
        _settings().public_url, device.code, _key(device), first, count
    )
    return jsonify(code=device.code, first=first, codes=found)


@blueprint.get("/worker.js")
@public
def worker() -> Response:
    """The script that keeps the page while there is no network; it rules over /display/ only."""
    response = current_app.send_static_file("display-worker.js")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _device(now: datetime) -> Device | None:
    """The screen that asks, if it is signed in still."""
    return read.device_of(request.cookies.get(DISPLAY, ""), DISPLAY, now)


def _key(device: Device) -> bytes:
    return display_keys(_settings().signing_keys, device.agency_id, device.id)[-1]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
