"""What hangs at a counter: its code as a picture and as a poster; replacing and revoking it."""

import re
from urllib.parse import urlsplit

from flask import Response, abort, current_app, flash, redirect, render_template, url_for
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
    issue_code,
    note_prints,
    replace_code,
    revoke_code,
)
from portal.counters.blueprint import KEEPERS, blueprint, office_choices, office_in, scope
from portal.counters.counter_views import counter_or_404
from portal.counters.forms import CodeForm
from portal.counters.page_queries import CounterRow
from portal.counters.poster import Poster, poster_pdf
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument


@blueprint.get("/codes/<code>/qr.svg")
@role(*KEEPERS)
def code_picture(code: str) -> ResponseReturnValue:
    """The bare QR of a current code."""
    counter = _counter_of(code)
    address = codes.scan_address(_public_url(), str(counter.code))
    return Response(qr.svg(address, title=address), mimetype="image/svg+xml")


@blueprint.get("/codes/<code>/poster.pdf")
@role(*KEEPERS)
def poster(code: str) -> ResponseReturnValue:
    """The poster of one counter; that it was printed is kept with the code."""
    counter = _counter_of(code)
    return _pdf([counter], f"poster-{counter.label}-{counter.code}")


@blueprint.get("/posters")
@role(*KEEPERS)
def posters() -> ResponseReturnValue:
    """All counters of an office, ready to be printed in one go."""
    mine = scope()
    choices = office_choices(mine)
    office_id = id_argument("office")
    if office_id is None and choices:
        office_id = int(choices[0].value)
    if office_id is None:
        return render_template("counters/no_office.html", title=_("Cetak poster"))
    office = office_in(mine, office_id)
    return render_template(
        "counters/posters.html",
        office=office,
        offices=choices,
        counters=read.printable(mine, office.id),
    )


@blueprint.get("/posters.pdf")
@role(*KEEPERS)
def posters_pdf() -> ResponseReturnValue:
    """One PDF with the posters of all open counters of an office."""
    mine = scope()
    office = office_in(mine, id_argument("office"))
    counters = [row for row in read.printable(mine, office.id) if row.code]
    if not counters:
        flash(_("Unit kerja ini belum memiliki loket dengan kode."), "warn")
        return redirect(url_for("counters.posters", office=office.id))
    return _pdf(counters, f"poster-{office.code}")


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


def _counter_of(typed: str) -> CounterRow:
    """The counter in my scope at which this code hangs now."""
    code = codes.normalise_code(typed)
    counter_id = read.counter_of_code(scope(), code) if codes.is_code(code) else None
    if counter_id is None:
        abort(404)
    return counter_or_404(counter_id)


def _pdf(counters: list[CounterRow], name: str) -> Response:
    now = clock.now()
    pages = poster_pdf([_poster(counter) for counter in counters], made_at=now)
    note_prints(current_user, [str(counter.code) for counter in counters], _public_url(), now)
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()
    return Response(
        pages,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{plain}.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _poster(counter: CounterRow) -> Poster:
    agency = current_user.agency
    address = urlsplit(agency.report_url)
    report = f"{agency.report_name} {address.netloc.removeprefix('www.')}{address.path}"
    return Poster(
        public_url=_public_url(),
        code=str(counter.code),
        agency=agency.name,
        office=counter.office_name,
        counter=counter.label,
        initials=agency.initials,
        colour=agency.colour,
        services=tuple(counter.services),
        report_channel=report.rstrip("/"),
        version=counter.version or 1,
    )


def _public_url() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url
