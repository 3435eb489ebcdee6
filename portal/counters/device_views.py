"""Pages of the screens at counters: set up, sign in, revoke."""

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.config import Settings
from portal.counters import device_actions as deeds
from portal.counters import device_queries as read
from portal.counters import qr
from portal.counters.blueprint import KEEPERS, blueprint, scope
from portal.counters.codes import show_code
from portal.counters.counter_views import counter_or_404
from portal.counters.models import DEVICE_KINDS, KIOSK, Device
from portal.db import db
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.people.forms import plain

DISPLAY = f"/displays/<{ID}:device_id>"


@blueprint.get("/displays")
@role(*KEEPERS)
def displays() -> ResponseReturnValue:
    """The screens of my counters."""
    return render_template(
        "counters/displays.html",
        page=read.devices_in(scope(), request.args.get("page", 1, type=int)),
        now=clock.now(),
    )


@blueprint.post(f"/counters/<{ID}:counter_id>/displays")
@role(*KEEPERS)
def new_display(counter_id: int) -> ResponseReturnValue:
    counter = counter_or_404(counter_id)
    if not counter.active:
        flash(_("Loket ini ditutup; buka dahulu loketnya."), "warn")
        return redirect(url_for("counters.counter", counter_id=counter_id))
    label = plain(request.form.get("label", ""))[:60]
    asked = request.form.get("kind", "")
    kind = asked if asked in DEVICE_KINDS else DEVICE_KINDS[0]
    device_id = deeds.add_device(
        current_user,
        counter_id,
        kind=kind,
        label=label,
        signing_key=_signing_key(),
        now=clock.now(),
    )
    return redirect(url_for("counters.display", device_id=device_id))


@blueprint.get(DISPLAY)
@role(*KEEPERS)
def display(device_id: int) -> ResponseReturnValue:
    """One screen: how to sign it in, when it was seen, how to end it."""
    found, now = _display_or_404(device_id), clock.now()
    word = _word(device_id) if found.pairing_until and found.pairing_until > now else None
    page = "kiosk.screen" if found.kind == KIOSK else "display.screen"
    address = f"{_settings().public_url}{url_for(page)}"
    return render_template(
        "counters/display.html",
        display=found,
        state=found.state(now),
        word=show_code(word) if word else None,
        address=address,
        zone=current_user.agency.timezone,
    )


@blueprint.get(f"{DISPLAY}/pairing.svg")
@role(*KEEPERS)
def pairing_picture(device_id: int) -> ResponseReturnValue:
    """The address that signs the screen in, as a QR code for its own camera."""
    found = _display_or_404(device_id)
    if not found.pairing_until or found.pairing_until <= clock.now():
        abort(404)
    path = url_for("display.sign_in", word=_word(device_id))
    picture = qr.svg(f"{_settings().public_url}{path}", title=_("Kode pasang"))
    return Response(picture, mimetype="image/svg+xml")


@blueprint.post(f"{DISPLAY}/pairing")
@role(*KEEPERS)
def pair_again(device_id: int) -> ResponseReturnValue:
    _display_or_404(device_id)
    try:
        deeds.let_pair(current_user, device_id, _signing_key(), clock.now())
    except deeds.DeviceEnded:
        flash(_("Layar ini sudah dicabut. Pasang layar baru."), "warn")
    return redirect(url_for("counters.display", device_id=device_id))


@blueprint.post(f"{DISPLAY}/revoke")
@role(*KEEPERS)
def end_display(device_id: int) -> ResponseReturnValue:
    found = _display_or_404(device_id)
    try:
        deeds.revoke_display(current_user, device_id, clock.now())
    except deeds.DeviceEnded:
        flash(_("Layar ini memang sudah dicabut."), "info")
    else:
        flash(_("Layar dicabut. Kode yang masih tampil di sana tidak berlaku lagi."), "good")
    return redirect(url_for("counters.counter", counter_id=found.counter_id))


def _display_or_404(device_id: int) -> read.DeviceRow:
    found = read.device_row(scope(), device_id)
    if found is None:
        abort(404)
    return found


def _word(device_id: int) -> str:
    device = db.session.get_one(Device, (current_user.agency_id, device_id))
    return deeds.pairing_word(_signing_key(), device)


def _signing_key() -> str:
    return _settings().signing_keys[-1]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
