"""What can be printed, and what was: reads for the pages and the command of printing."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import and_, func, or_, select

from portal.counters.models import CodeEvent, Counter, CounterService, OfficeService
from portal.counters.page_queries import CounterRow, printable
from portal.counters.print_models import LabelSheet, PaperLook, Printer, PrintPart, PrintRun
from portal.counters.printing.labels import LABEL_SHEETS, Sheet
from portal.counters.printing.making import House, Order, Piece, digest, parts
from portal.db import db
from portal.people.models import Agency, Office
from portal.people.queries import Scope

# Costs as offices write them, where nothing is asked for.
_FREE = re.compile(
    r"gratis|tidak dipungut|tanpa (biaya|tarif)|^rp\.? ?0([,.]0+)?$|^0$|^-$", re.IGNORECASE
)
# Prints before formats were noted were A4 posters.
_FIRST_FORMAT = "poster-a4"


@dataclass(frozen=True)
class Printable:
    """A counter's current code: what its paper shows, and whether the paper there still does."""

    counter_id: int
    office_id: int
    building: str  # the office's address; counters of offices at one address lie together
    place: str  # building and floor, as the counter or else its office says it
    piece: Piece
    printed_at: datetime | None  # in this format
    changed: bool  # never printed in this format, or something on it is different now


@dataclass(frozen=True)
class Batch:
    """Some papers, and how they are printed."""

    agency_id: int
    printed: Sequence[Printable]
    order: Order
    house: House

    @property
    def pieces(self) -> list[Piece]:
        return [one.piece for one in self.printed]

    @property
    def files(self) -> int:
        return len(parts(self.printed, self.order))


def house_of(agency: Agency) -> House:
    """What every paper of the agency shows."""
    address = urlsplit(agency.report_url)
    report = f"{agency.report_name} {address.netloc.removeprefix('www.')}{address.path}"
    look = db.session.get(PaperLook, agency.id)
    return House(
        agency=agency.name,
        initials=agency.initials,
        colour=agency.colour,
        report_channel=report.rstrip("/"),
        crest=look.crest if look else None,
        crest_kind=(look.crest_kind if look else None) or "svg",
    )


def regional_language(agency_id: int) -> str | None:
    look = db.session.get(PaperLook, agency_id)
    return look.regional_language if look else None


def to_print(
    scope: Scope,
    house: House,
    order: Order,
    *,
    offices: Collection[int] | None = None,
    only_changed: bool = False,
) -> list[Printable]:
    """The current codes of open counters by building and counter; a handful of statements."""
    rows = [row for row in printable(scope, offices) if row.code]
    latest = _latest_prints(scope.agency_id, order.format.key, [str(row.code) for row in rows])
    free = free_counters(scope.agency_id, [row.id for row in rows])
    addresses = _addresses(scope.agency_id, {row.office_id for row in rows})
    found = []
    for row in rows:
        piece = piece_of(row, free=row.id in free)
        printed = latest.get(piece.code)
        found.append(
            Printable(
                counter_id=row.id,
                office_id=row.office_id,
                building=addresses.get(row.office_id, ""),
                place=row.place or addresses.get(row.office_id, ""),
                piece=piece,
                printed_at=printed.at if printed else None,
                changed=not printed or printed.differs(piece, house, order),
            )
        )
    wanted = [one for one in found if one.changed] if only_changed else found
    return sorted(wanted, key=_by_building)


def piece_of(row: CounterRow, *, free: bool = False) -> Piece:
    return Piece(
        code=str(row.code),
        office=row.office_name,
        counter=f"{row.label} · {row.desk}" if row.desk else row.label,
        services=tuple(row.services),
        free=free,
        version=row.version or 1,
    )


def in_order(found: Iterable[Printable], codes: Sequence[str]) -> list[Printable]:
    """Those of these codes, in the order of the codes; what is gone meanwhile is left out."""
    by_code = {one.piece.code: one for one in found}
    return [by_code[code] for code in codes if code in by_code]


def _by_building(one: Printable) -> tuple[Any, ...]:
    """Loket 3 stands before Loket 10."""
    steps = re.split(r"(\d+)", one.piece.counter)
    label = [(int(step), "") if step.isdigit() else (0, step.casefold()) for step in steps]
    office = (one.piece.office.casefold(), one.office_id)
    return (one.building.casefold(), *office, one.place.casefold(), label)


@dataclass(frozen=True)
class _Print:
    """The latest print of a code in a format."""

    at: datetime
    digest: str | None
    public_url: str | None

    def differs(self, piece: Piece, house: House, order: Order) -> bool:
        """Of prints before digests were kept, only the address is known."""
        if self.digest is None:
            return self.public_url != order.public_url
        return self.digest != digest(piece, house, order)


def _latest_prints(agency_id: int, format_key: str, codes: list[str]) -> dict[str, _Print]:
    same = CodeEvent.format == format_key
    if format_key == _FIRST_FORMAT:
        same = or_(same, CodeEvent.format.is_(None))
    rows = db.session.execute(
        select(CodeEvent.code, CodeEvent.at, CodeEvent.digest, CodeEvent.public_url)
        .where(
            CodeEvent.agency_id == agency_id,
            CodeEvent.kind == "printed",
            CodeEvent.code.in_(codes),
            same,
        )
        .order_by(CodeEvent.at, CodeEvent.id)
    )
    return {code: _Print(at, shown, public_url) for code, at, shown, public_url in rows}


def _addresses(agency_id: int, offices: Collection[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(Office.id, Office.address).where(
            Office.agency_id == agency_id, Office.id.in_(offices)
        )
    )
    return dict(rows.all())


def free_counters(agency_id: int, counter_ids: Collection[int]) -> set[int]:
    """Counters at which every service has a standard, and each standard says that it is free."""
    rows = db.session.execute(
        select(CounterService.counter_id, OfficeService.cost)
        .join(
            Counter,
            and_(
                Counter.agency_id == CounterService.agency_id,
                Counter.id == CounterService.counter_id,
            ),
        )
        .outerjoin(
            OfficeService,
            and_(
                OfficeService.agency_id == CounterService.agency_id,
                OfficeService.office_id == Counter.office_id,
                OfficeService.service_id == CounterService.service_id,
            ),
        )
        .where(CounterService.agency_id == agency_id, CounterService.counter_id.in_(counter_ids))
    )
    free: dict[int, bool] = {}
    for counter_id, cost in rows:
        free[counter_id] = free.get(counter_id, True) and bool(_FREE.search((cost or "").strip()))
    return {counter_id for counter_id, all_free in free.items() if all_free}


def label_sheets(agency_id: int) -> dict[str, Sheet]:
    """Known label sheets, then those that the agency measured itself."""
    own = db.session.scalars(
        select(LabelSheet).where(LabelSheet.agency_id == agency_id).order_by(LabelSheet.name)
    )
    return LABEL_SHEETS | {sheet.key: sheet for sheet in (row.sheet() for row in own)}


def printers(scope: Scope) -> list[tuple[Printer, str]]:
    """The printers of the scope's offices, with the office's name."""
    statement = (
        select(Printer, Office.name)
        .join(Office, and_(Office.agency_id == Printer.agency_id, Office.id == Printer.office_id))
        .where(Printer.agency_id == scope.agency_id)
        .order_by(Office.name, Printer.name)
    )
    if scope.offices is not None:
        statement = statement.where(Printer.office_id.in_(scope.offices))
    return [(printer, name) for printer, name in db.session.execute(statement)]


@dataclass(frozen=True)
class RunRow:
    """A long run and how far it is."""

    run: PrintRun
    made: int  # files, without the list
    codes: int

    @property
    def percent(self) -> int:
        return 100 if self.run.finished_at else min(99, 100 * self.codes // self.run.total)


def runs_of(account_id: int, agency_id: int, run_id: int | None = None) -> list[RunRow]:
    """An account's long runs, the latest first."""
    done = and_(PrintPart.run_id == PrintRun.id, PrintPart.agency_id == PrintRun.agency_id)
    statement = (
        select(PrintRun, func.count(PrintPart.number), func.coalesce(func.sum(PrintPart.codes), 0))
        .outerjoin(PrintPart, and_(done, PrintPart.number > 0))
        .where(PrintRun.agency_id == agency_id, PrintRun.account_id == account_id)
        .group_by(PrintRun.agency_id, PrintRun.id)
        .order_by(PrintRun.requested_at.desc())
    )
    if run_id is not None:
        statement = statement.where(PrintRun.id == run_id)
    return [RunRow(run, made, codes) for run, made, codes in db.session.execute(statement)]


def parts_of(run: PrintRun) -> list[PrintPart]:
    """The files of a run that are finished, without their contents."""
    return list(
        db.session.scalars(
            select(PrintPart)
            .where(PrintPart.agency_id == run.agency_id, PrintPart.run_id == run.id)
            .order_by(PrintPart.number)
        )
    )


def unfinished_runs() -> list[tuple[int, int]]:
    """Keys of all runs that wait for `portal tick`, the oldest first."""
    rows = db.session.execute(
        select(PrintRun.agency_id, PrintRun.id)
        .where(PrintRun.finished_at.is_(None))
        .order_by(PrintRun.requested_at, PrintRun.id)
    )
    return [(agency_id, run_id) for agency_id, run_id in rows]
