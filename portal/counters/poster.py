"""A counter's A4 poster as PDF: scan or type the address, rate, and what happens then."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from portal.counters import codes, qr

_HERE = Path(__file__).parent
_WHITE, _INK = "#ffffff", "#17212b"
_MIN_CONTRAST = 4.5  # WCAG 2.2 AA for text

# Both languages stand on every poster; a region's own language joins as one more column.
WORDS = {
    "id": {
        "headline": "Nilai pelayanan yang baru Anda terima",
        "scan": "Pindai kode ini dengan kamera HP",
        "tap": "Pilih satu wajah",
        "send": "Kirim. Selesai!",
        "no_app": "Tanpa aplikasi",
        "no_name": "Tanpa nama",
        "quick": "10 detik",
        "type": "Tidak bisa memindai? Ketik di peramban HP Anda:",
        "then": "Apa yang terjadi dengan penilaian Anda?",
        "private": "Petugas tidak tahu siapa yang menilai.",
        "used": "Pimpinan memakainya sebagai bahan penghargaan dan pembinaan.",
        "receipt": "Tanda terima menunjukkan apa yang dilakukan dengan penilaian Anda.",
        "tariff": "Layanan ini sesuai tarif resmi. Diminta uang lebih?",
        "report": "Laporkan:",
        "printed_code": "Kode loket",
        "version": "cetakan",
        "qr_alt": "Kode QR menuju halaman penilaian, alamatnya",
    },
    "en": {
        "headline": "Rate the service you have just received",
        "scan": "Scan with your phone",
        "tap": "Pick one face",
        "send": "Send. Done!",
        "no_app": "No app",
        "no_name": "No name",
        "quick": "10 seconds",
        "type": "Cannot scan? Type this in your phone browser:",
        "then": "What happens with your rating?",
        "private": "Staff do not know who gave it.",
        "used": "Managers use it to recognise good work and to coach.",
        "receipt": "Your receipt shows what was done with it.",
        "tariff": "Official fees apply. Asked for more money?",
        "report": "Report it:",
        "printed_code": "Counter code",
        "version": "print",
        "qr_alt": "QR code of the rating page, address",
    },
}


@dataclass(frozen=True)
class Poster:
    """What one poster shows; no employee is named on paper."""

    public_url: str  # scheme and host under which the portal is reached
    code: str  # printed code, 8 letters
    agency: str
    office: str
    counter: str  # "Loket 3"
    initials: str  # of the agency, stands for the crest
    colour: str = "#0b5cad"
    services: tuple[str, ...] = ()
    report_channel: str | None = None  # where to report an illegal levy, as people type or dial it
    version: int = 1  # of the printed code

    def __post_init__(self) -> None:
        if not codes.is_code(self.code):
            raise ValueError(f"not a printed code: {self.code!r}")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour):
            raise ValueError(f"not a colour like #0b5cad: {self.colour!r}")


def poster_pdf(posters: Poster | Iterable[Poster], *, made_at: datetime | None = None) -> bytes:
    """One A4 page per poster, as a tagged PDF/A-2a with its fonts inside.

    PDF/A wants the time of making in the file; given, it makes the file the same byte for byte.
    """
    return _compile(posters, "pdf", made_at=made_at)[0]


def poster_png(poster: Poster, *, ppi: int = 150) -> bytes:
    """The page as a picture: a preview that cannot differ from the print."""
    return _compile(poster, "png", ppi=ppi)[0]


def _compile(
    posters: Poster | Iterable[Poster],
    output: Literal["pdf", "png"],
    *,
    ppi: int = 150,
    made_at: datetime | None = None,
) -> list[bytes]:
    import typst  # noqa: PLC0415 - 80 MB that no web process loads until someone prints

    wanted = [posters] if isinstance(posters, Poster) else list(posters)
    if not wanted:
        raise ValueError("no poster to print")
    data = {"words": WORDS, "posters": [_page(poster) for poster in wanted]}
    made = typst.compile(
        _HERE / "poster.typ",
        root=_HERE,
        font_paths=[_HERE / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        format=output,
        ppi=ppi,
        timestamp=made_at and made_at.replace(microsecond=0),
        pdf_standards=["a-2a"] if output == "pdf" else [],
    )
    if made is None:
        raise RuntimeError("typst returned no document")
    return made if isinstance(made, list) else [made]


def _page(poster: Poster) -> dict[str, object]:
    address = codes.scan_address(poster.public_url, poster.code)
    return asdict(poster) | {
        "shown_code": codes.show_code(poster.code),
        "address": address,
        "typed": codes.typed_address(poster.public_url, poster.code),
        "qr": qr.svg(address, title=address),
        "on_colour": _WHITE if _contrast(poster.colour, _WHITE) >= _MIN_CONTRAST else _INK,
        "text_colour": _readable_on_white(poster.colour),
    }


def _readable_on_white(colour: str) -> str:
    """The agency's colour, darkened as far as its text on white needs it."""
    while _contrast(colour, _WHITE) < _MIN_CONTRAST:
        channels = (int(colour[at : at + 2], 16) * 9 // 10 for at in (1, 3, 5))
        colour = "#" + "".join(f"{channel:02x}" for channel in channels)
    return colour


def _contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
