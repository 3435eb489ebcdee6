"""The code that hangs at a counter: as a picture; issuing, replacing and revoking it."""

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.config import Settings
from portal.counters import codes, qr
from portal.counters import page_queries as read
from portal.counters.actions import (
    CounterHasCode,
    NoCurrentCode,
    NotOfThisOffice,
    issue_code,
    issue_desk_code,
    replace_code,
    revoke_code,
)
from portal.counters.blueprint import KEEPERS, blueprint, scope
from portal.counters.counter_views import counter_or_404
from portal.counters.forms import CodeForm
from portal.counters.page_queries import CounterRow
from portal.counters.printing.making import code_picture
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.people.forms import plain


@blueprint.get("/codes/<code>/qr.svg")
@role(*KEEPERS)
def code_drawing(code: str) -> ResponseReturnValue:
    """The bare QR of a current code."""
    address = codes.scan_address(public_url(), str(code_holder(code).code))
    return Response(qr.svg(address, title=address), mimetype="image/svg+xml")


@blueprint.get("/codes/<code>/qr.png")
@role(*KEEPERS)
def code_pixels(code: str) -> ResponseReturnValue:
    """The same as pixels, for programs that take no SVG."""
    return Response(code_picture(public_url(), str(code_holder(code).code)), mimetype="image/png")


@blueprint.post(f"/counters/<{ID}:counter_id>/code")
@role(*KEEPERS)
def new_code(counter_id: int) -> ResponseReturnValue:
    counter_or_404(counter_id)
    try:
        issue_code(current_user, counter_id, clock.now())
    except CounterHasCode:
        flash(_("Loket ini sudah memiliki kode."), "info")
    else:
        flash(_("Kode baru dibuat. Cetak dan pasang posternya."), "good")
    return redirect(url_for("counters.counter", counter_id=counter_id))


@blueprint.post(f"/counters/<{ID}:counter_id>/desks")
@role(*KEEPERS)
def new_desk_code(counter_id: int) -> ResponseReturnValue:
    """A code for an employee's own desk, where several serve at one counter."""
    counter_or_404(counter_id)
    desk = plain(request.form.get("desk", ""))[:20]
    employee_id = request.form.get("employee", type=int) or 0
    if not desk:
        flash(_("Beri mejanya nama, misalnya Meja A."), "warn")
        return redirect(url_for("counters.counter", counter_id=counter_id))
    try:
        issue_desk_code(current_user, counter_id, desk, employee_id, clock.now())
    except CounterHasCode:
        flash(_("Meja itu sudah memiliki kode. Cabut dahulu bila pegawainya berganti."), "warn")
    except NotOfThisOffice:
        flash(_("Pilih pegawai dari daftar."), "warn")
    else:
        flash(_("Kode meja dibuat. Cetak dan letakkan di mejanya."), "good")
    return redirect(url_for("counters.counter", counter_id=counter_id))


@blueprint.post(f"/counters/<{ID}:counter_id>/code/replace")
@role(*KEEPERS)
def new_code_instead(counter_id: int) -> ResponseReturnValue:
    """A lost or spoiled poster: the next code, the old one explains itself."""
    counter = counter_or_404(counter_id)
    form = CodeForm()
    if not form.validate():
        return _ask_again(counter, form, "replace")
    try:
        replace_code(current_user, counter_id, form.code.data or "", form.reason.data, clock.now())
    except NoCurrentCode:
        flash(_("Kode itu sudah tidak berlaku; tidak ada yang berubah."), "warn")
    else:
        flash(_("Kode diganti. Turunkan poster lama dan pasang yang baru."), "good")
    return redirect(url_for("counters.counter", counter_id=counter_id))


@blueprint.post(f"/counters/<{ID}:counter_id>/code/revoke")
@role(*KEEPERS)
def no_code(counter_id: int) -> ResponseReturnValue:
    """A code that must not be used any more."""
    counter = counter_or_404(counter_id)
    form = CodeForm()
    if not form.validate():
        return _ask_again(counter, form, "revoke")
    try:
        revoke_code(current_user, counter_id, form.code.data or "", form.reason.data, clock.now())
    except NoCurrentCode:
        flash(_("Kode itu sudah tidak berlaku; tidak ada yang berubah."), "warn")
    else:
        flash(_("Kode dicabut. Turunkan posternya."), "good")
    return redirect(url_for("counters.counter", counter_id=counter_id))


def _ask_again(counter: CounterRow, form: CodeForm, deed: str) -> ResponseReturnValue:
    return render_template("counters/code_reason.html", counter=counter, form=form, deed=deed)


def code_holder(typed: str) -> CounterRow:
    """The counter in my scope at which, or at a desk of which, this code hangs now."""
    code = codes.normalise_code(typed)
    found = read.code_row(scope(), code) if codes.is_code(code) else None
    return found or abort(404)


def public_url() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url
