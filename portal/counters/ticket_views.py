"""Pages of visit tickets: one tap for the employee, sheets of slips for the coordinator."""

import uuid

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.config import Settings
from portal.counters import escpos, qr
from portal.counters import ticket_actions as deeds
from portal.counters import ticket_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, today
from portal.counters.codes import TICKET_LENGTH, is_code, normalise_code
from portal.counters.counter_views import counter_or_404
from portal.counters.duty_queries import staff_of
from portal.counters.models import VisitTicket
from portal.counters.page_queries import CounterRow
from portal.counters.print_queries import house_of, regional_language
from portal.counters.print_views import language_choices, pdf_response, preview_page
from portal.counters.printing.formats import FORMATS, TICKET_SLIPS
from portal.counters.printing.making import Order, Piece, picture, print_pdf
from portal.counters.words import IDLE_SLIPS
from portal.i18n import gettext as _
from portal.people.blueprint import ID

SLIPS = (16, 48, 96, 400)  # offered; 16 stand on one A4 sheet
# On which paper tickets come; the first is the usual one.
PAPERS = {entry.key: entry for entry in (TICKET_SLIPS, FORMATS["roll80"], FORMATS["roll58"])}
SHEET = f"/sheets/<{ID}:sheet_id>"


@blueprint.get("/tickets")
@role("employee")
def tickets() -> ResponseReturnValue:
    """One tap for a ticket: where I serve now."""
    places = []
    if current_user.employee_id is not None:
        places = read.own_places(current_user.agency_id, current_user.employee_id, clock.now())
    return render_template("counters/tickets.html", places=places, once=uuid.uuid4().hex)


@blueprint.post(f"/tickets/at/<{ID}:counter_id>")
@role("employee")
def new_ticket(counter_id: int) -> ResponseReturnValue:
    once = request.form.get("once", "")[:40] or uuid.uuid4().hex
    service_id = request.form.get("service", type=int)
    try:
        code = deeds.issue_own_ticket(current_user, counter_id, service_id, once, clock.now())
    except deeds.NotOnDutyThere:
        flash(_("Anda sedang tidak bertugas di loket itu."), "warn")
        return redirect(url_for("counters.tickets"))
    return redirect(url_for("counters.ticket", code=code))


@blueprint.get("/tickets/<code>")
@role("employee")
def ticket(code: str) -> ResponseReturnValue:
    """The ticket for the citizen's camera, or for paper; gone from my screen after a while."""
    found = _own_or_404(code)
    issued, slip = found
    return render_template(
        "counters/ticket.html",
        slip=slip,
        picture=qr.svg(slip.address, title=_("Kode QR karcis")),
        counter_id=issued.counter_id,
        service_id=issued.service_id,
        once=uuid.uuid4().hex,
        zone=current_user.agency.timezone,
        widths=tuple(escpos.COLUMNS),
    )


@blueprint.get("/tickets/<code>/<int:width>.bin")
@role("employee")
def ticket_bytes(code: str, width: int) -> ResponseReturnValue:
    """For a receipt printer, as it understands it."""
    if width not in escpos.COLUMNS:
        abort(404)
    _issued, slip = _own_or_404(code)
    lines = [slip.office, slip.counter, slip.service, _("Nilai pelayanan yang baru Anda terima")]
    data = escpos.receipt([line for line in lines if line], slip.address, slip.shown, width)
    name = f"karcis-{width}.bin"
    return Response(
        data,
        mimetype="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@blueprint.get("/tickets/<code>/<int:width>.pdf")
@role("employee")
def ticket_pdf(code: str, width: int) -> ResponseReturnValue:
    """The same on receipt paper, by any printer's driver."""
    if width not in escpos.COLUMNS:
        abort(404)
    issued, _slip = _own_or_404(code)
    pieces = read.pieces_of(current_user.agency_id, [issued])
    return _pdf(pieces, _order(f"roll{width}"), f"karcis-{width}")


@blueprint.get(f"/counters/<{ID}:counter_id>/tickets")
@role(*KEEPERS)
def sheets(counter_id: int) -> ResponseReturnValue:
    """Sheets of slips to tear off, for one counter."""
    counter = counter_or_404(counter_id)
    now = clock.now()
    made = read.sheets_of(current_user.agency_id, counter_id, now - deeds.SHEET_LIFE)
    held = {(counter_id, one.employee_id) for one in made if not one.revoked}
    idle = read.idle_slips(current_user.agency, held, now)
    return render_template(
        "counters/sheets.html",
        idle={employee_id: why for (_counter, employee_id), why in idle.items()},
        idle_words=IDLE_SLIPS,
        counter=counter,
        staff=staff_of(current_user.agency_id, counter.office_id, today()),
        sheets=made,
        offered=SLIPS,
        zone=current_user.agency.timezone,
    )


@blueprint.post(f"/counters/<{ID}:counter_id>/tickets")
@role(*KEEPERS)
def new_sheet(counter_id: int) -> ResponseReturnValue:
    counter = counter_or_404(counter_id)
    employee_id = request.form.get("employee", type=int)
    count = request.form.get("count", type=int)
    known = dict(staff_of(current_user.agency_id, counter.office_id, today()))
    if employee_id not in known or count not in SLIPS or not counter.active:
        flash(_("Pilih pegawai dan jumlah karcis dari daftar."), "warn")
        return redirect(url_for("counters.sheets", counter_id=counter_id))
    sheet_id = deeds.issue_sheet(current_user, counter_id, employee_id, count, clock.now())
    return redirect(url_for("counters.sheet", sheet_id=sheet_id))


@blueprint.get(SHEET)
@role(*KEEPERS)
def sheet(sheet_id: int) -> ResponseReturnValue:
    """A sheet of slips: what comes out of the printer, on which paper."""
    counter, order = _counter_of_sheet(sheet_id), _order(request.args.get("paper", ""))
    slips = len(read.sheet_pieces(current_user.agency_id, sheet_id))
    return render_template(
        "counters/sheet.html",
        counter=counter,
        sheet_id=sheet_id,
        slips=slips,
        order=order,
        preview=preview_page(slips, order),
        papers=PAPERS,
    )


@blueprint.get(f"{SHEET}/preview.png")
@role(*KEEPERS)
def sheet_preview(sheet_id: int) -> ResponseReturnValue:
    """The page asked for, by the same template."""
    pieces, order = _slips_or_404(sheet_id), _order(request.args.get("paper", ""))
    page = preview_page(len(pieces), order).page
    pixels = picture(pieces, order, house_of(current_user.agency), page=page)
    return Response(pixels, mimetype="image/png")


@blueprint.get(f"{SHEET}/slips.pdf")
@role(*KEEPERS)
def sheet_pdf(sheet_id: int) -> ResponseReturnValue:
    """The slips as a file to print."""
    pieces, order = _slips_or_404(sheet_id), _order(request.args.get("paper", ""))
    return _pdf(pieces, order, f"karcis-{pieces[0].counter}-{order.format.key}")


@blueprint.post(f"{SHEET}/revoke")
@role(*KEEPERS)
def end_sheet(sheet_id: int) -> ResponseReturnValue:
    counter = _counter_of_sheet(sheet_id)
    deeds.revoke_sheet(current_user, sheet_id, clock.now())
    flash(_("Lembar karcis dicabut. Karcis yang belum dipakai tidak berlaku lagi."), "good")
    return redirect(url_for("counters.sheets", counter_id=counter.id))


def _slips_or_404(sheet_id: int) -> list[Piece]:
    """The slips of a sheet of my offices; a revoked one has none."""
    _counter_of_sheet(sheet_id)
    return read.sheet_pieces(current_user.agency_id, sheet_id) or abort(404)


def _order(paper: str) -> Order:
    """Tickets on one of their papers, in the languages of the agency's other papers."""
    languages = next(iter(language_choices(regional_language(current_user.agency_id))))
    chosen = PAPERS.get(paper, TICKET_SLIPS)
    return Order(chosen, _public_url(), languages=tuple(languages.split(",")))


def _pdf(pieces: list[Piece], order: Order, name: str) -> Response:
    house = house_of(current_user.agency)
    return pdf_response(print_pdf(pieces, order, house, made_at=clock.now()), name)


def _own_or_404(text: str) -> tuple[VisitTicket, read.Slip]:
    code = normalise_code(text)
    found = (
        read.own_ticket(current_user.agency_id, current_user.id, code, _public_url(), clock.now())
        if is_code(code, TICKET_LENGTH)
        else None
    )
    return found or abort(404)


def _counter_of_sheet(sheet_id: int) -> CounterRow:
    counter_id = read.counter_of_sheet(current_user.agency_id, sheet_id)
    if counter_id is None:
        abort(404)
    return counter_or_404(counter_id)


def _public_url() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url
