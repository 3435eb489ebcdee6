"""The page that shows where a printer prints: rulers from the edges, and the labels' outlines."""

from dataclasses import asdict
from datetime import datetime

from portal.counters.printing.labels import Sheet
from portal.counters.printing.making import House, house_data
from portal.counters.printing.typesetting import Output, typeset
from portal.i18n import text_in

N_ = str  # marks a text for the catalogues

_TEXTS = {
    "title": N_("Halaman kalibrasi"),
    "step1": N_("Cetak pada kertas biasa dengan skala 100 persen."),
    "step2": N_("Ukur garis di bawah: tepat 100 mm. Bila tidak, pencetak mengubah ukuran."),
    "step3": N_(
        "Di tepi kiri dan tepi atas, baca angka penggaris tempat kertas berakhir. Bila garis nol "
        "tidak tepat di tepi, ukur jaraknya: geser ke kanan atau ke bawah positif."
    ),
    "step4": N_("Terawang bersama lembar label: garis tipis harus jatuh di tepi setiap label."),
    "hundred": N_("100 mm"),
}


def calibration_page(
    sheet: Sheet,
    house: House,
    language: str,
    *,
    shift: tuple[float, float] = (0.0, 0.0),
    output: Output = "pdf",
    made_at: datetime | None = None,
) -> bytes:
    """With the shift of a printer already saved, the same page shows that it is now right."""
    words = {key: text_in(language, text) for key, text in _TEXTS.items()}
    data = {
        "title": words["title"],
        "house": house_data(house),
        "words": [words | {"lang": language}],
        "sheet": asdict(sheet),
        "shift": shift,
    }
    return typeset("calibration.typ", data, output=output, ppi=70, made_at=made_at)
