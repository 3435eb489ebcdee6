"""Pages of printers and label sheets: calibrate, keep the shift, measure a sheet of one's own."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters import print_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, office_choices, office_in, scope
from portal.counters.print_actions import (
    NameTaken,
    add_label_sheet,
    drop_label_sheet,
    drop_printer,
    keep_printer,
)
from portal.counters.print_forms import LabelSheetForm, PrinterForm
from portal.counters.print_models import LabelSheet, Printer
from portal.counters.print_views import pdf_response
from portal.counters.printing.calibration import calibration_page
from portal.counters.printing.labels import LABEL_SHEETS, Sheet
from portal.db import db
from portal.i18n import gettext as _
from portal.i18n import language
from portal.people.blueprint import ID, id_argument


@blueprint.get("/printers")
@role(*KEEPERS)
def printer_list() -> ResponseReturnValue:
    """Printers with their shift, and label sheets."""
    return _page(_printer_form(), LabelSheetForm(formdata=None))


@blueprint.post("/printers")
@role(*KEEPERS)
def change_printer() -> ResponseReturnValue:
    """A new printer, or a new shift of one."""
    form = _printer_form(given=True)
    if not form.validate():
        return _page(form, LabelSheetForm(formdata=None))
    office = office_in(scope(), int(form.office.data))
    printer = _printer_or_404(int(form.printer.data)) if form.printer.data else None
    try:
        keep_printer(
            current_user, office.id, form.name.data, clock.now(),
            right_mm=form.right_mm.data, down_mm=form.down_mm.data, printer=printer,
        )  # fmt: skip
    except NameTaken:
        form.name.errors = [_("Unit kerja ini sudah memiliki pencetak dengan nama itu.")]
        return _page(form, LabelSheetForm(formdata=None))
    flash(_("Pergeseran pencetak disimpan."), "good")
    return redirect(url_for("counters.printer_list"))


@blueprint.post(f"/printers/<{ID}:printer_id>/remove")
@role(*KEEPERS)
def remove_printer(printer_id: int) -> ResponseReturnValue:
    drop_printer(current_user, _printer_or_404(printer_id), clock.now())
    flash(_("Pencetak dihapus."), "good")
    return redirect(url_for("counters.printer_list"))


@blueprint.get("/printers/calibration.pdf")
@role(*KEEPERS)
def calibration() -> ResponseReturnValue:
    """The calibration page of a sheet, for a printer whose shift is known or not yet."""
    sheet, shift = _sheet_and_shift()
    house = read.house_of(current_user.agency)
    page = calibration_page(sheet, house, language(), shift=shift, made_at=clock.now())
    return pdf_response(page, f"kalibrasi-{sheet.key}")


@blueprint.get("/printers/calibration.png")
@role(*KEEPERS)
def calibration_preview() -> ResponseReturnValue:
    """The same as a picture."""
    sheet, shift = _sheet_and_shift()
    house = read.house_of(current_user.agency)
    page = calibration_page(sheet, house, language(), shift=shift, output="png")
    return Response(page, mimetype="image/png")


@blueprint.post("/label-sheets")
@role(*KEEPERS)
def new_label_sheet() -> ResponseReturnValue:
    """A label sheet that is not in the list, as measured."""
    form = LabelSheetForm()
    if not form.validate():
        return _page(_printer_form(), form)
    try:
        add_label_sheet(current_user, form.name.data, clock.now(), **form.measures())
    except NameTaken:
        form.name.errors = [_("Sudah ada lembar label dengan nama itu.")]
        return _page(_printer_form(), form)
    flash(_("Lembar label disimpan. Cetak halaman kalibrasinya untuk memeriksa."), "good")
    return redirect(url_for("counters.printer_list"))


@blueprint.post(f"/label-sheets/<{ID}:sheet_id>/remove")
@role(*KEEPERS)
def remove_label_sheet(sheet_id: int) -> ResponseReturnValue:
    row = db.session.get(LabelSheet, (current_user.agency_id, sheet_id))
    if row is None:
        abort(404)
    drop_label_sheet(current_user, row, clock.now())
    flash(_("Lembar label dihapus."), "good")
    return redirect(url_for("counters.printer_list"))


def _printer_form(*, given: bool = False) -> PrinterForm:
    """Empty, with what was sent, or with the values of the printer that is to be changed."""
    changed = id_argument("change")
    if given:
        form = PrinterForm()
    elif changed is not None:
        printer = _printer_or_404(changed)
        form = PrinterForm(
            formdata=None, obj=printer, printer=printer.id, office=str(printer.office_id)
        )
    else:
        form = PrinterForm(formdata=None)
    form.office.choices = office_choices(scope())
    return form


def _printer_or_404(printer_id: int) -> Printer:
    printer = db.session.get(Printer, (current_user.agency_id, printer_id))
    if printer is None or printer.office_id not in scope():
        abort(404)
    return printer


def _sheet_and_shift() -> tuple[Sheet, tuple[float, float]]:
    """Which calibration page is asked for."""
    sheet = read.label_sheets(current_user.agency_id).get(request.args.get("sheet", "tj103"))
    if sheet is None:
        abort(404)
    printer_id = id_argument("printer")
    if printer_id is None:
        return sheet, (0.0, 0.0)
    printer = _printer_or_404(printer_id)
    return sheet, (-printer.right_mm, -printer.down_mm)


def _page(form: PrinterForm, sheet_form: LabelSheetForm) -> ResponseReturnValue:
    sheets = read.label_sheets(current_user.agency_id)
    return render_template(
        "counters/printers.html",
        form=form,
        sheet_form=sheet_form,
        printers=read.printers(scope()),
        sheets=sheets,
        own={key: int(key.removeprefix("own-")) for key in sheets if key not in LABEL_SHEETS},
    )
