"""The formats: on which paper, how many on a sheet, how large the QR is."""

from dataclasses import dataclass, replace
from typing import Any

from portal.counters import qr
from portal.counters.printing.labels import A4, LABEL_SHEETS, Sheet
from portal.i18n import lazy_gettext as _l

LEAST_MODULE = 0.4  # mm on paper: what office printers and cheap phones still manage
_MARGIN = 0.6  # mm between a label's edge and its QR, beside the QR's own quiet zone


@dataclass(frozen=True)
class Format:
    """A kind of paper; `qr` is the side of the code in mm, its quiet zone included."""

    key: str
    name: Any
    hint: Any
    template: str
    qr: float
    sheet: Sheet | None = None  # pieces in a grid
    fills: bool = False  # a whole sheet of one code
    heavy: bool = False  # a page of its own for each code

    @property
    def per_page(self) -> int:
        return self.sheet.per_page if self.sheet else 1


_CARDS = Sheet("card", "A6", A4, 2, 2, 105, 148.5, 0, 0, 105, 148.5, cut=True)
# ISO/IEC 7810 ID-1, the size of a KTP-el: fits the usual holder with its clip.
_BADGES = Sheet("badge", "ID-1", A4, 2, 5, 85.6, 54, 19.4, 13.5, 85.6, 54, cut=True)
_STICKERS = Sheet("sticker", "10 cm", A4, 2, 2, 100, 100, 4.5, 46, 101, 105, round=True, cut=True)
_SLIPS = Sheet("slips", "A8", A4, 4, 4, 52.5, 74.25, 0, 0, 52.5, 74.25, cut=True)

FORMATS = {
    entry.key: entry
    for entry in (
        Format(
            "poster-a4", _l("Poster A4"),
            _l("Satu lembar A4 per loket."),
            "poster.typ", 113, heavy=True,
        ),
        Format(
            "poster-a3", _l("Poster A3"),
            _l("Satu lembar A3 per loket, untuk dinding."),
            "poster.typ", 159.8, heavy=True,
        ),
        Format(
            "tent", _l("Kartu meja A5"),
            _l("Satu lembar A4 per loket, dilipat dua: terbaca dari kedua sisi meja."),
            "tent.typ", 57, heavy=True,
        ),
        Format(
            "card", _l("Kartu A6"),
            _l("Empat per lembar A4, dengan garis potong."),
            "pieces.typ", 42, _CARDS,
        ),
        Format(
            "badge", _l("Sisipan tanda pengenal"),
            _l("Sepuluh per lembar A4, seukuran KTP-el, dengan garis potong."),
            "pieces.typ", 34, _BADGES,
        ),
        Format(
            "sticker", _l("Stiker bulat 10 cm"),
            _l("Empat per lembar A4, untuk pintu atau lantai."),
            "pieces.typ", 42, _STICKERS,
        ),
        Format(
            "labels", _l("Label"),
            _l("Pada lembar label yang Anda beli; pilih ukurannya."),
            "labels.typ", 0, LABEL_SHEETS["tj103"],
        ),
        Format(
            "slips", _l("Karcis sobek"),
            _l(
                "Enam belas per lembar A4 untuk setiap loket: warga membawanya pulang. Kodenya "
                "kode loket; karcis sekali pakai dibuat di halaman loketnya."
            ),
            "pieces.typ", 25, _SLIPS, fills=True,
        ),
        Format(
            "roll80", _l("Kertas struk 80 mm"),
            _l("Untuk pencetak struk, satu struk per loket."),
            "roll.typ", 50, heavy=True,
        ),
        Format(
            "roll58", _l("Kertas struk 58 mm"),
            _l("Untuk pencetak struk kecil, satu struk per loket."),
            "roll.typ", 38, heavy=True,
        ),
    )
}  # fmt: skip

# The same slips, each with a visit ticket of its own.
TICKET_SLIPS = replace(FORMATS["slips"], fills=False)


def qr_side(entry: Format, sheet: Sheet | None, address: str) -> float:
    """The side of the QR in mm; 0 where modules of 0.4 mm do not fit, and the address stands alone.

    A label gives its height to the code, but never more than half its width and 30 mm.
    """
    side = entry.qr
    if entry.key == "labels" and sheet is not None:
        side = min(sheet.height - 2 * _MARGIN, max(sheet.width * 0.35, 17), 30)
    modules = len(qr.matrix(address)) + 2 * qr.QUIET_ZONE
    return side if side / modules >= LEAST_MODULE else 0.0
