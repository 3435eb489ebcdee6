"""The list that goes before a long run: where each paper hangs, to be ticked on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.counters.codes import show_code
from portal.counters.printing.making import House, Order, Piece, house_data, parts
from portal.counters.printing.typesetting import typeset
from portal.i18n import text_in

N_ = str  # marks a text for the catalogues

_TEXTS = {
    "title": N_("Daftar cetakan untuk dicentang"),
    "hint": N_("Centang setiap lembar yang sudah terpasang di loketnya."),
    "counter": N_("Loket"),
    "code": N_("Kode"),
    "where": N_("Letak dalam cetakan"),
    "hung": N_("Dipasang oleh, tanggal"),
    "file": N_("berkas"),
    "page": N_("halaman"),
    "without_place": N_("Letak belum ditulis"),
    "version": N_("cetakan"),
}


@dataclass(frozen=True)
class Line:
    """One paper, and the building in which its counter stands."""

    place: str
    piece: Piece


def list_pdf(
    lines: Sequence[Line],
    order: Order,
    house: House,
    *,
    language: str,
    printed: str,
    made_at: datetime | None = None,
) -> bytes:
    """The list as PDF; `printed` is the line that says what, when and under which address."""
    spots = list(_spots([line.piece for line in lines], order))
    rows = [
        {
            "place": line.place,
            "office": line.piece.office,
            "counter": line.piece.counter,
            "code": show_code(line.piece.code),
            "version": line.piece.version,
            "file": file,
            "page": page,
        }
        for line, (file, page) in zip(lines, spots, strict=True)
    ]
    words = {key: text_in(language, text) for key, text in _TEXTS.items()}
    data = {
        "title": words["title"],
        "house": house_data(house),
        "words": [words | {"lang": language}],
        "printed": printed,
        "rows": rows,
    }
    return typeset("list.typ", data, made_at=made_at)


def _spots(pieces: Sequence[Piece], order: Order) -> list[tuple[int, int]]:
    """In which file and on which of its pages each piece stands."""
    found = []
    for number, part in enumerate(parts(pieces, order), start=1):
        skip = order.skip if number == 1 and not order.format.fills else 0
        per_page = 1 if order.format.fills else order.per_page
        found += [(number, (at + skip) // per_page + 1) for at in range(len(part))]
    return found
