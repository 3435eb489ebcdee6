"""Pages of printing: choose, look, print; long runs and their files."""

import io
import re
import zipfile
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters import codes
from portal.counters import print_queries as read
from portal.counters.blueprint import KEEPERS, blueprint, office_choices, scope
from portal.counters.code_views import code_holder, public_url
from portal.counters.print_actions import ask_for_run, list_of, note_prints
from portal.counters.print_queries import Batch
from portal.counters.printing.formats import FORMATS, qr_side
from portal.counters.printing.making import Order, order_for, pages, picture, print_pdf
from portal.i18n import STAFF_LANGUAGES, language, languages
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.people.paging import Page
from portal.people.queries import Scope, with_descendants

ALL = "all"  # of the offices that the reader looks after
MOST_LISTED = 200  # counters shown one by one; of more, all are printed


@dataclass(frozen=True)
class Choice:
    """What the reader chose on the page of printing; what makes no sense becomes the default."""

    office: str
    paper: str
    languages: str
    sheet: str
    printer: str
    skip: int
    changed: bool

    @property
    def query(self) -> str:
        """The same choice as part of an address."""
        values = {name: value for name, value in vars(self).items() if value}
        return urlencode(values | ({"changed": "1"} if self.changed else {}))


@blueprint.get("/posters")
@role(*KEEPERS)
def posters() -> ResponseReturnValue:
    """Choose what is printed on which paper, and see what comes out."""
    mine = scope()
    if not mine:
        return render_template("counters/no_office.html", title=_("Cetak"))
    choice = _choice(request.args, mine)
    batch = _batch(choice, mine)
    return render_template(
        "counters/posters.html",
        choice=choice,
        batch=batch,
        preview=preview_page(len(batch.printed), batch.order),
        offices=office_choices(mine),
        formats=FORMATS,
        language_sets=language_choices(read.regional_language(current_user.agency_id)),
        sheets=read.label_sheets(mine.agency_id),
        printers=read.printers(mine),
        listed=batch.printed if len(batch.printed) <= MOST_LISTED else [],
        with_code=not batch.printed or _has_code(batch),
        runs=read.runs_of(current_user.id, mine.agency_id)[:5],
    )


@blueprint.get("/posters/preview.png")
@role(*KEEPERS)
def print_preview() -> ResponseReturnValue:
    """The page asked for, by the same template that makes the file; nothing is noted."""
    mine = scope()
    batch = _printing(_choice(request.args, mine), mine)
    page = preview_page(len(batch.printed), batch.order).page
    pixels = picture(batch.pieces, batch.order, batch.house, page=page)
    return Response(pixels, mimetype="image/png")


@blueprint.post("/posters/print")
@role(*KEEPERS)
def print_chosen() -> ResponseReturnValue:
    """Print what was chosen: at once where it fits into one file, else part by part."""
    mine = scope()
    choice = _choice(request.form, mine)
    batch = _batch(choice, mine)
    if len(batch.printed) <= MOST_LISTED:
        ticked = set(request.form.getlist("code"))
        kept = [one for one in batch.printed if one.piece.code in ticked]
        batch = replace(batch, printed=kept)
    if not batch.printed:
        flash(_("Pilih sedikitnya satu loket untuk dicetak."), "warn")
        return redirect(f"{url_for('counters.posters')}?{choice.query}")
    if batch.files > 1:
        run = ask_for_run(current_user, batch, language(), clock.now())
        return redirect(url_for("counters.print_run", run_id=run))
    return _print(batch, f"{choice.paper}-{_name_of(choice, batch)}")


@blueprint.get("/posters/list.pdf")
@role(*KEEPERS)
def print_list() -> ResponseReturnValue:
    """The list to tick for what was chosen."""
    mine = scope()
    choice = _choice(request.args, mine)
    batch = _printing(choice, mine)
    pages = list_of(batch, language(), current_user.agency.timezone, clock.now())
    return pdf_response(pages, f"daftar-{choice.paper}")


@blueprint.get("/posters.pdf")
@role(*KEEPERS)
def posters_pdf() -> ResponseReturnValue:
    """The posters of an office in one file, to be looked at; of a very large one, the page offers
    it in parts. What is printed is noted where it is asked for by a button."""
    mine = scope()
    choice = _choice(request.args, mine)
    batch = _batch(choice, mine)
    if not batch.printed:
        flash(_("Unit kerja ini belum memiliki loket dengan kode."), "warn")
    if not batch.printed or batch.files > 1:
        return redirect(f"{url_for('counters.posters')}?{choice.query}")
    return _drawn(batch, f"poster-{_name_of(choice, batch)}", clock.now())


@blueprint.route("/codes/<code>/poster.pdf", methods=["GET", "POST"])
@role(*KEEPERS)
def poster(code: str) -> ResponseReturnValue:
    """The paper of one counter. Asked for by its button, that it was printed is kept with the
    code; who only opens the address changes nothing."""
    mine, counter = scope(), code_holder(code)
    choice = replace(_choice(request.values, mine), office=str(counter.office_id), changed=False)
    batch = _batch(choice, mine)
    kept = [one for one in batch.printed if one.piece.code == counter.code]
    if not kept:  # a closed counter needs no paper
        abort(404)
    kind = "poster" if choice.paper == "poster-a4" else choice.paper
    batch, name = replace(batch, printed=kept), f"{kind}-{counter.label}-{counter.code}"
    return _print(batch, name) if request.method == "POST" else _drawn(batch, name, clock.now())


@blueprint.get(f"/posters/runs/<{ID}:run_id>")
@role(*KEEPERS)
def print_run(run_id: int) -> ResponseReturnValue:
    """How far a long print is; the page looks again by itself until it is finished."""
    row = _run_or_404(run_id)
    page = render_template(
        "counters/print_run.html",
        row=row,
        files=read.parts_of(row.run),
        paper=FORMATS[str(row.run.asked["format"])],
        zone=current_user.agency.timezone,
    )
    return page if row.run.finished_at else Response(page, headers={"Refresh": "5"})


@blueprint.get(f"/posters/runs/<{ID}:run_id>/<int(max=99999):number>.pdf")
@role(*KEEPERS)
def print_run_file(run_id: int, number: int) -> ResponseReturnValue:
    """One file of a long print."""
    row = _run_or_404(run_id)
    found = [part for part in read.parts_of(row.run) if part.number == number]
    if not found:
        abort(404)
    return pdf_response(found[0].content, _file_name(row.run.asked, number))


@blueprint.get(f"/posters/runs/<{ID}:run_id>/all.zip")
@role(*KEEPERS)
def print_run_files(run_id: int) -> ResponseReturnValue:
    """All files of a finished long print."""
    row = _run_or_404(run_id)
    if row.run.finished_at is None:
        abort(404)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for part in read.parts_of(row.run):
            archive.writestr(f"{_file_name(row.run.asked, part.number)}.pdf", part.content)
    return Response(
        packed.getvalue(),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{row.run.asked["format"]}.zip"'},
    )


def language_choices(regional: str | None) -> dict[str, str]:
    """Which languages may stand on paper: the first one large, the others below it."""
    sets = [("id", "en"), ("id",), ("en", "id")]
    if regional in languages() and regional not in STAFF_LANGUAGES:
        sets = [("id", regional, "en"), (regional, "id"), (regional, "id", "en"), *sets]
    return {",".join(codes): " + ".join(languages()[code] for code in codes) for codes in sets}


def preview_page(count: int, order: Order) -> Page[Any]:
    """Which page of so many pieces the reader asks for; one past the end is the last."""
    last = max(1, pages(count, order))
    number = min(max(request.args.get("page", 1, type=int), 1), last)
    return Page(items=[], page=number, total=last, size=1)


def pdf_response(pages: bytes, name: str) -> Response:
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()
    return Response(
        pages,
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{plain}.pdf"',
            "Cache-Control": "no-store",
        },
    )


def _choice(given: Any, mine: Scope) -> Choice:
    offices = [choice.value for choice in office_choices(mine)]
    papers = list(FORMATS)
    regional = read.regional_language(current_user.agency_id)
    sheets = list(read.label_sheets(mine.agency_id))
    asked = given.get("office", "")
    if asked and asked != ALL and asked not in offices:
        abort(404)  # not yours, or not there
    return Choice(
        office=asked or (offices[0] if offices else ALL),
        paper=_one_of(given.get("paper"), papers),
        languages=_one_of(given.get("languages"), list(language_choices(regional))),
        sheet=_one_of(given.get("sheet"), sheets),
        printer=_one_of(given.get("printer"), ["", *(str(p.id) for p, _n in read.printers(mine))]),
        skip=min(max(given.get("skip", 0, type=int), 0), 500),
        changed=given.get("changed") == "1",
    )


def _one_of(asked: str | None, known: list[str]) -> str:
    return asked if asked in known else known[0]


def _batch(choice: Choice, mine: Scope) -> Batch:
    """What was chosen, which may be nothing."""
    offices = None
    if choice.office != ALL:
        offices = with_descendants(mine.agency_id, {int(choice.office)})
        offices = offices if mine.offices is None else offices & mine.offices
    house, order = read.house_of(current_user.agency), _order(choice, mine)
    found = read.to_print(mine, house, order, offices=offices, only_changed=choice.changed)
    return Batch(mine.agency_id, found, order, house)


def _printing(choice: Choice, mine: Scope) -> Batch:
    """What was chosen; without anything there is no page."""
    batch = _batch(choice, mine)
    if not batch.printed:
        abort(404)
    return batch


def _order(choice: Choice, mine: Scope) -> Order:
    sheet = None
    if choice.paper == "labels":
        sheet = read.label_sheets(mine.agency_id)[choice.sheet]
    shift = (0.0, 0.0)
    for printer, _office in read.printers(mine):
        if str(printer.id) == choice.printer:
            shift = (-printer.right_mm, -printer.down_mm)
    per_page = sheet.per_page if sheet else FORMATS[choice.paper].per_page
    return order_for(
        choice.paper,
        public_url(),
        languages=tuple(choice.languages.split(",")),
        sheet=sheet,
        shift=shift,
        skip=min(choice.skip, per_page - 1),
    )


def _has_code(batch: Batch) -> bool:
    address = codes.scan_address(batch.order.public_url, batch.pieces[0].code)
    return qr_side(batch.order.format, batch.order.grid, address) > 0


def _name_of(choice: Choice, batch: Batch) -> str:
    piece = batch.pieces[0]
    if len(batch.printed) == 1:
        return f"{piece.counter}-{piece.code}"
    return _("semua") if choice.office == ALL else piece.office[:40]


def _print(batch: Batch, name: str) -> Response:
    now = clock.now()
    answer = _drawn(batch, name, now)
    note_prints(current_user, batch, now)
    return answer


def _drawn(batch: Batch, name: str, now: datetime) -> Response:
    return pdf_response(print_pdf(batch.pieces, batch.order, batch.house, made_at=now), name)


def _run_or_404(run_id: int) -> read.RunRow:
    found = read.runs_of(current_user.id, current_user.agency_id, run_id)
    if not found:
        abort(404)
    return found[0]


def _file_name(asked: dict[str, Any], number: int) -> str:
    return "00-daftar" if number == 0 else f"{number:02}-{asked['format']}"
