"""What is printed and kept about it: each function one deed."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from subprocess import TimeoutExpired
from typing import Any

import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.counters.actions import code_event
from portal.counters.models import PrintedCode
from portal.counters.print_models import LabelSheet, PaperLook, Printer, PrintPart, PrintRun
from portal.counters.print_queries import (
    Batch,
    house_of,
    in_order,
    parts_of,
    to_print,
    unfinished_runs,
)
from portal.counters.printing.labels import Sheet
from portal.counters.printing.listing import Line, list_pdf
from portal.counters.printing.making import Order, digest, order_for, parts, print_parts
from portal.counters.printing.typesetting import NotTypeset
from portal.db import begin_write, db, new_id
from portal.i18n import day, force_locale
from portal.people.actions import note_act
from portal.people.models import Account, Agency
from portal.people.queries import Scope

log = structlog.get_logger()

KEPT = timedelta(days=2)  # long enough to print; it can be made anew at any time
_AT_ONCE = 500  # codes in one statement


class NameTaken(Exception):
    """A printer of this office, or a label sheet of this agency, has this name."""


def note_prints(by: Account | None, batch: Batch, now: datetime) -> None:
    """These codes were printed under this address, which the paper now carries for ever."""
    begin_write()
    _note_prints(by, batch, now)
    db.session.commit()


def _note_prints(by: Account | None, batch: Batch, now: datetime) -> None:
    pieces = {piece.code: piece for piece in batch.pieces}
    codes, order = list(pieces), batch.order
    for at in range(0, len(codes), _AT_ONCE):
        rows = db.session.scalars(
            select(PrintedCode).where(
                PrintedCode.agency_id == batch.agency_id,
                PrintedCode.code.in_(codes[at : at + _AT_ONCE]),
            )
        )
        for row in rows.all():
            event = code_event(
                row,
                "printed",
                now,
                by.id if by else None,
                public_url=order.public_url,
                paper=order.format.key,
                digest=digest(pieces[row.code], batch.house, order),
            )
            db.session.add(event)
    detail: dict[str, object] = {"format": order.format.key, "codes": len(codes)}
    subject = f"code:{codes[0]}" if len(codes) == 1 else ""
    note_act(by, "print_codes", now, agency_id=batch.agency_id, subject=subject, detail=detail)


def ask_for_run(by: Account, batch: Batch, list_language: str, now: datetime) -> int:
    """Let `portal tick` print this, part by part."""
    order = batch.order
    asked: dict[str, object] = {
        "format": order.format.key,
        "public_url": order.public_url,
        "languages": order.languages,
        "sheet": asdict(order.sheet) if order.sheet else None,
        "shift": order.shift,
        "skip": order.skip,
        "list_language": list_language,
        "codes": [piece.code for piece in batch.pieces],
    }
    begin_write()
    run = PrintRun(
        agency_id=by.agency_id,
        id=new_id(),
        account_id=by.id,
        asked=asked,
        total=len(batch.printed),
        parts=batch.files,
        requested_at=now,
    )
    db.session.add(run)
    db.session.commit()
    return run.id


def print_due(now: datetime) -> int:
    """The files that long runs still miss; how many were made. Killed anywhere, run again."""
    made = 0
    for agency_id, run_id in unfinished_runs():
        key = (agency_id, run_id)
        try:
            made += _make_parts(key, now)
        except (NotTypeset, TimeoutExpired, ValueError) as error:
            db.session.rollback()
            log.error("print_failed", run=run_id, reason=str(error))
            _finish(key, now, trouble=type(error).__name__)
    return made + _forget_old_runs(now)


def _make_parts(key: tuple[int, int], now: datetime) -> int:
    """What is missing of one run: computed outside transactions, each part kept in a short one."""
    run = db.session.get_one(PrintRun, key)
    asked: Any = run.asked
    agency = db.session.get_one(Agency, run.agency_id)
    by = db.session.get_one(Account, run.account_id)
    order, house = order_from(asked), house_of(agency)
    found = to_print(Scope(agency.id, None), house, order)
    batch = Batch(agency.id, in_order(found, asked["codes"]), order, house)
    have, zone = {part.number for part in parts_of(run)}, agency.timezone
    db.session.rollback()  # nothing stays open while pages are made
    made = 0
    for number, pdf, part in files_of(batch, now, kept=have):
        _keep_part(key, number, pdf, now, by=by, part=part)
        made += 1
    if 0 not in have:
        _keep_part(key, 0, list_of(batch, asked["list_language"], zone, now), now)
    _finish(key, now)
    return made


def files_of(
    batch: Batch, now: datetime, kept: Collection[int] = ()
) -> Iterator[tuple[int, bytes, Batch]]:
    """Each file that is not kept yet: its number from 1, the PDF, and what stands on it."""
    chunks = parts(batch.printed, batch.order)
    made = print_parts(batch.pieces, batch.order, batch.house, made_at=now, kept=kept)
    for number, pdf in made:
        yield number, pdf, replace(batch, printed=chunks[number - 1])


def order_from(asked: dict[str, Any]) -> Order:
    """The order that a run was asked for with."""
    sheet = asked["sheet"]
    return order_for(
        asked["format"],
        asked["public_url"],
        languages=tuple(asked["languages"]),
        sheet=Sheet(**(sheet | {"paper": tuple(sheet["paper"])})) if sheet else None,
        shift=tuple(asked["shift"]),
        skip=asked["skip"],
    )


def list_of(batch: Batch, language: str, zone: str, now: datetime) -> bytes:
    """The list to tick for these papers."""
    order = batch.order
    lines = [Line(one.place, one.piece) for one in batch.printed]
    with force_locale(language):
        host = order.public_url.partition("://")[2]
        about = " · ".join((str(order.format.name), host, day(now, zone)))
    return list_pdf(lines, order, batch.house, language=language, printed=about, made_at=now)


def _keep_part(
    key: tuple[int, int],
    number: int,
    pdf: bytes,
    now: datetime,
    *,
    by: Account | None = None,
    part: Batch | None = None,
) -> None:
    """A finished file; with it is noted what it prints."""
    begin_write()
    codes = len(part.printed) if part else 0
    db.session.add(
        PrintPart(
            agency_id=key[0], run_id=key[1], number=number, codes=codes, content=pdf, made_at=now
        )
    )
    if part:
        _note_prints(by, part, now)
    try:
        db.session.commit()
    except IntegrityError:  # somebody else made it meanwhile
        db.session.rollback()


def _finish(key: tuple[int, int], now: datetime, trouble: str = "") -> None:
    begin_write()
    run = db.session.get_one(PrintRun, key)
    run.finished_at, run.trouble = now, trouble
    db.session.commit()


def _forget_old_runs(now: datetime) -> int:
    begin_write()
    old = list(db.session.scalars(select(PrintRun).where(PrintRun.requested_at < now - KEPT)))
    for run in old:
        db.session.execute(
            delete(PrintPart).where(
                PrintPart.agency_id == run.agency_id, PrintPart.run_id == run.id
            )
        )
        db.session.delete(run)
    db.session.commit()
    return len(old)


def set_paper_look(
    by: Account,
    regional_language: str | None,
    now: datetime,
    *,
    crest: tuple[str, bytes] | None = None,
    without_crest: bool = False,
) -> None:
    """The language and the crest on an agency's paper; no new crest leaves the one it has."""
    begin_write()
    look = db.session.get(PaperLook, by.agency_id) or PaperLook(agency_id=by.agency_id)
    look.regional_language = regional_language
    if without_crest:
        look.crest_kind = look.crest = None
    elif crest is not None:
        look.crest_kind, look.crest = crest
    db.session.add(look)
    note_act(by, "set_paper_look", now)
    db.session.commit()


def keep_printer(
    by: Account,
    office_id: int,
    name: str,
    now: datetime,
    *,
    right_mm: float,
    down_mm: float,
    printer: Printer | None = None,
) -> None:
    """What the calibration page showed of a printer."""
    begin_write()
    row = printer or Printer(agency_id=by.agency_id, id=new_id())
    row.office_id, row.name, row.right_mm, row.down_mm = office_id, name, right_mm, down_mm
    db.session.add(row)
    _commit_or_name_taken(by, "keep_printer", f"office:{office_id}", now)


def drop_printer(by: Account, printer: Printer, now: datetime) -> None:
    begin_write()
    note_act(by, "drop_printer", now, subject=f"office:{printer.office_id}")
    db.session.delete(printer)
    db.session.commit()


def add_label_sheet(by: Account, name: str, now: datetime, **measures: Any) -> None:
    """A sheet that the agency measured itself. Raises ValueError where its labels overlap."""
    row = LabelSheet(agency_id=by.agency_id, id=new_id(), name=name, **measures)
    row.sheet()
    begin_write()
    db.session.add(row)
    _commit_or_name_taken(by, "add_label_sheet", f"sheet:{name}"[:80], now)


def drop_label_sheet(by: Account, row: LabelSheet, now: datetime) -> None:
    begin_write()
    note_act(by, "drop_label_sheet", now, subject=f"sheet:{row.name}"[:80])
    db.session.delete(row)
    db.session.commit()


def _commit_or_name_taken(by: Account, act: str, subject: str, now: datetime) -> None:
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise NameTaken from None
    note_act(by, act, now, subject=subject)
    db.session.commit()
