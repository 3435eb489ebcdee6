"""The preview is what comes out: one page by the typesetter's own pixels and by a PDF reader."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat

from portal.counters.printing.calibration import calibration_page
from portal.counters.printing.labels import LABEL_SHEETS
from portal.counters.printing.making import House, picture, print_pdf
from tests.counters.paper import CREST, HOUSE, PIECE, rendered
from tests.counters.test_printing import ORDERS, name

PPI = 72


def difference(png: bytes, pdf: bytes, ppi: int = PPI) -> float:
    """How far two pictures of a page differ, 0 to 255, but for what renderers smooth otherwise."""
    shown = Image.open(io.BytesIO(png)).convert("L")
    out = rendered(pdf, ppi)[0]
    assert abs(shown.width - out.width) <= 1
    assert abs(shown.height - out.height) <= 1
    soft = ImageFilter.GaussianBlur(1.5)
    pair = (shown.filter(soft), out.resize(shown.size).filter(soft))
    return ImageStat.Stat(ImageChops.difference(*pair)).rms[0]


@pytest.mark.parametrize("one", ORDERS, ids=name)
def test_the_preview_of_every_format_is_the_first_page_that_comes_out(one):
    several = [
        replace(PIECE, code=f"7{letter * 4}QXA", counter=f"Loket {letter}") for letter in "ABCDEFG"
    ]
    house = replace(HOUSE, crest=CREST)
    shown = picture(several, one, house, ppi=PPI)
    same = difference(shown, print_pdf(several, one, house))
    other = difference(shown, print_pdf(several[::-1], one, house))
    assert same < 10  # letters are smoothed otherwise
    assert same < other * 0.9


@pytest.mark.parametrize("sheet", LABEL_SHEETS.values(), ids=lambda sheet: sheet.key)
def test_the_preview_of_the_calibration_page_is_the_page_and_a_shift_moves_it(sheet):
    house = House("Pemerintah Kota Contoh", "KC")
    made = {
        shift: calibration_page(sheet, house, "id", shift=shift)
        for shift in ((0.0, 0.0), (3.0, -2.0))
    }
    for shift, pdf in made.items():
        shown = calibration_page(sheet, house, "id", shift=shift, output="png")
        wrong = made[3.0, -2.0] if shift == (0.0, 0.0) else made[0.0, 0.0]
        assert difference(shown, pdf, 70) < 0.7 * difference(shown, wrong, 70)
