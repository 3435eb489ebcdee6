"""Orders into files: what stands on the pieces, how they are parted, how they become pages."""

import json
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, TypeVar

from portal.counters import codes, qr
from portal.counters.printing.colours import readable_on, readable_on_white
from portal.counters.printing.formats import FORMATS, Format, qr_side
from portal.counters.printing.labels import Sheet
from portal.counters.printing.typesetting import AT_ONCE, Output, typeset
from portal.counters.printing.words import words_in
from portal.i18n import day_in

Some = TypeVar("Some")

# Pages of one file. The typesetter needs about a megabyte for a page and 100 to begin with; a
# printer that jams is better started again with one file than with a thousand pages.
PAGES_PER_PART = 100
PIECES_PER_PART = 500  # of small ones
_SERIES = qr.Series()  # the files of a run share what it has reckoned


@dataclass(frozen=True)
class House:
    """Whose paper it is: what stands on every piece of an order."""

    agency: str
    initials: str  # stand for the crest where there is none
    colour: str = "#0b5cad"
    report_channel: str | None = None  # where to report a levy, as people type or dial it
    crest: bytes | None = None
    crest_kind: str = "svg"  # or png


@dataclass(frozen=True)
class Piece:
    """What one piece of paper shows; no employee is named on paper."""

    code: str  # of a counter, 8 letters, or of a ticket, 10
    office: str
    counter: str  # "Loket 3"
    services: tuple[str, ...] = ()
    free: bool = False  # every service given there is free of charge
    version: int = 1  # of the printed code
    until: date | None = None  # of a ticket: the last day on which it can be used

    def __post_init__(self) -> None:
        if not codes.is_code(self.code, len(self.code)) or len(self.code) not in (8, 10):
            raise ValueError(f"not a printed code: {self.code!r}")


@dataclass(frozen=True)
class Order:
    """How pieces are to be printed."""

    format: Format
    public_url: str  # scheme and host under which the portal is reached
    languages: tuple[str, ...] = ("id", "en")  # the first is the largest
    sheet: Sheet | None = None  # which label sheet; other formats have their own
    shift: tuple[float, float] = (0.0, 0.0)  # mm right and down, to make up for the printer's
    skip: int = 0  # labels already taken off the first sheet

    @property
    def grid(self) -> Sheet | None:
        return self.sheet or self.format.sheet

    @property
    def per_page(self) -> int:
        return self.grid.per_page if self.grid else 1

    @property
    def per_part(self) -> int:
        """How many pieces one file holds; whole sheets, so that no label is wasted."""
        if self.format.fills:
            return PAGES_PER_PART
        if not self.grid:
            return PAGES_PER_PART
        pages = max(1, min(PAGES_PER_PART, PIECES_PER_PART // self.per_page))
        return pages * self.per_page


def order_for(key: str, public_url: str, **how: Any) -> Order:
    """An order of the format of that name."""
    return Order(FORMATS[key], public_url, **how)


def parts(pieces: Sequence[Some], order: Order) -> list[Sequence[Some]]:
    """What goes into each file; the first may begin on a sheet already used."""
    if not pieces:
        raise ValueError("nothing to print")
    first = order.per_part - (0 if order.format.fills else order.skip)
    rest = range(first, len(pieces), order.per_part)
    return [pieces[:first], *(pieces[at : at + order.per_part] for at in rest)]


def print_pdf(
    pieces: Sequence[Piece], order: Order, house: House, *, made_at: datetime | None = None
) -> bytes:
    """One file with all pieces: a tagged PDF/A-2a; for many pieces, see `print_parts`."""
    data = document(pieces, order, house)
    return typeset(order.format.template, data, made_at=made_at)


def print_parts(
    pieces: Sequence[Piece],
    order: Order,
    house: House,
    *,
    made_at: datetime | None = None,
    kept: Collection[int] = (),
) -> Iterator[tuple[int, bytes]]:
    """A long run, file by file with its number from 1, in little memory.

    kept: numbers of files that are there already. Two are typeset side by side, while what the next
    one shows is made here.
    """
    ahead: deque[tuple[int, Future[bytes]]] = deque()
    with ThreadPoolExecutor(AT_ONCE) as typesetters:
        for number, part in enumerate(parts(pieces, order), start=1):
            if number in kept:
                continue
            # Only the first file begins on a sheet of which some labels are gone.
            data = document(part, order if number == 1 else replace(order, skip=0), house)
            if len(ahead) == AT_ONCE:
                done, file = ahead.popleft()
                yield done, file.result()
            template = order.format.template
            ahead.append((number, typesetters.submit(typeset, template, data, made_at=made_at)))
        for done, file in ahead:
            yield done, file.result()


def pages(count: int, order: Order) -> int:
    """How many pages so many pieces make."""
    return count if order.format.fills else -(-(count + order.skip) // order.per_page)


def picture(
    pieces: Sequence[Piece], order: Order, house: House, *, page: int = 1, ppi: int = 110
) -> bytes:
    """One page as PNG, by the same template: what is seen is what comes out.

    page: from 1 to `pages`. Only what stands on it is typeset, so that the last page of a thousand
    takes no longer than the first.
    """
    size = 1 if order.format.fills else order.per_page
    skip = 0 if order.format.fills else order.skip
    begin = (page - 1) * size - skip
    shown = pieces[max(0, begin) : begin + size]
    alone = replace(order, skip=skip if page == 1 else 0)
    return typeset(order.format.template, document(shown, alone, house), output="png", ppi=ppi)


def code_picture(public_url: str, code: str, output: Output = "png") -> bytes:
    """The bare code as a picture, ten pixels a module, quiet zone included."""
    address = codes.scan_address(public_url, code)
    side = len(qr.matrix(address)) + 2 * qr.QUIET_ZONE
    data = {"qr": qr.svg(address, title=address), "side": side, "address": address}
    return typeset("bare.typ", data, output=output, ppi=720)


def document(pieces: Sequence[Piece], order: Order, house: House) -> dict[str, Any]:
    """All that a template needs to know."""
    address = codes.scan_address(order.public_url, pieces[0].code)
    side = qr_side(order.format, order.grid, address)
    if order.format.fills:
        pieces = [piece for piece in pieces for _ in range(order.per_page)]
    drawn = _drawn({codes.scan_address(order.public_url, piece.code) for piece in pieces})
    return {
        "title": f"{order.format.key} {house.agency}",
        "format": order.format.key,
        "house": house_data(house),
        "words": [words_in(language) for language in order.languages],
        "pieces": [_piece(piece, order, drawn if side else {}) for piece in pieces],
        "qr": side,
        "paper": order.format.key.removeprefix("poster-"),
        "roll": int(order.format.key[-2:]) if order.format.template == "roll.typ" else 0,
        "sheet": asdict(order.grid) if order.grid else None,
        "shift": order.shift,
        "skip": 0 if order.format.fills else order.skip,
    }


def digest(piece: Piece, house: House, order: Order) -> str:
    """What is shown, in which languages and on which label sheet, in 16 letters: another one means
    that the paper at the counter is stale."""
    stands = asdict(piece)
    del stands["until"]  # of tickets, which are printed once
    sheet = asdict(order.sheet) if order.sheet else None
    shown = [stands, house_data(house), order.public_url, order.languages, sheet]
    return sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def house_data(house: House) -> dict[str, Any]:
    """The agency as templates read it."""
    crest: str | list[int] | None = None
    if house.crest is not None:
        crest = house.crest.decode() if house.crest_kind == "svg" else list(house.crest)
    return {
        "agency": house.agency,
        "initials": house.initials,
        "colour": house.colour,
        "on_colour": readable_on(house.colour),
        "text_colour": readable_on_white(house.colour),
        "report_channel": house.report_channel,
        "crest": crest,
        "crest_kind": house.crest_kind,
    }


def _drawn(addresses: Collection[str]) -> dict[str, str]:
    """The picture of each code; a sheet of slips shows one many times."""
    make = _SERIES.rows if len(addresses) > qr.Series.PAYS else None
    return {address: qr.svg(address, title=address, make=make) for address in addresses}


def _piece(piece: Piece, order: Order, drawn: Mapping[str, str]) -> dict[str, Any]:
    address = codes.scan_address(order.public_url, piece.code)
    typed = codes.typed_address(order.public_url, piece.code)
    host, _slash, path = typed.partition("/")
    return {
        "code": piece.code,
        "shown_code": codes.show_code(piece.code),
        "office": piece.office,
        "counter": piece.counter,
        "services": "  ·  ".join(piece.services),
        "free": piece.free,
        "version": piece.version,
        "once": len(piece.code) != codes.PRINTED_CODE_LENGTH,
        "until": day_in(order.languages[0], piece.until) if piece.until else "",
        "address": address,
        "typed": typed,
        "host": host,
        "tail": f"/{path}",
        "qr": drawn.get(address, ""),
    }
