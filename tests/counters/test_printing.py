"""Paper in all formats: what a phone, a reader and an archive find on it."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PIL import Image
from pypdf import PdfReader

from portal.counters import qr
from portal.counters.codes import scan_address
from portal.counters.printing.colours import contrast, readable_on, readable_on_white
from portal.counters.printing.crests import BadCrest, checked
from portal.counters.printing.formats import FORMATS, LEAST_MODULE, qr_side
from portal.counters.printing.labels import LABEL_SHEETS, Sheet
from portal.counters.printing.listing import Line, list_pdf
from portal.counters.printing.making import (
    PAGES_PER_PART,
    Order,
    code_picture,
    digest,
    document,
    parts,
    picture,
    print_parts,
    print_pdf,
)
from portal.counters.printing.words import words_in
from tests.counters.paper import (
    ADDRESS,
    CREST,
    HOUSE,
    LONG_ADDRESS,
    LONG_HOUSE,
    LONG_PIECE,
    PIECE,
    least_type,
    order,
    overprinted,
    read_off,
    rendered,
    scanned,
    text_of,
)

# Every format, and every label sheet, with short and with the longest names.
KINDS = [key for key in FORMATS if key != "labels"]
ORDERS = [order(key) for key in KINDS]
ORDERS += [order("labels", sheet=sheet) for sheet in LABEL_SHEETS.values()]


def name(one: Order) -> str:
    return one.sheet.key if one.sheet else one.format.key


def has_code(one: Order) -> bool:
    return qr_side(one.format, one.grid, scan_address(one.public_url, PIECE.code)) > 0


LARGE_LABEL = order("labels", sheet=LABEL_SHEETS["l7163"])
WITH_CODE = [one for one in ORDERS if has_code(one)]


@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("one", WITH_CODE, ids=name)
def test_every_code_on_every_paper_gives_the_exact_upper_case_address(one, dpi):
    count = 2 if one.format.heavy or one.format.fills else one.per_page
    house = replace(HOUSE, crest=CREST)
    pdf = print_pdf([PIECE] * count, replace(one, languages=("id", "su", "en")), house)
    codes = {"tent": 2, "slips": 16}.get(one.format.key, 1)  # of one piece
    assert read_off(rendered(pdf, dpi)) == {f"{ADDRESS}/n/7K3M9QXA".upper(): count * codes}


@pytest.mark.parametrize("one", WITH_CODE, ids=name)
def test_modules_are_large_enough_and_four_of_them_around_the_code_stay_white(one):
    """Measured on the page, with the crest and the longest names: ISO/IEC 18004 wants four."""
    house = replace(LONG_HOUSE, crest=CREST)
    dpi = 300
    page = rendered(print_pdf([LONG_PIECE], one, house), dpi)[0]
    (*_more, found) = scanned(page)
    corner, far = found.position.top_left, found.position.bottom_right
    modules = len(qr.matrix(scan_address(ADDRESS, LONG_PIECE.code)))
    left, right = sorted((corner.x, far.x))
    top, bottom = sorted((corner.y, far.y))
    module = (right - left + 1) / modules
    assert module / dpi * 25.4 >= LEAST_MODULE - 0.02  # half a dot of the picture
    quiet = int(4 * module) - 2
    around = page.crop((left - quiet, top - quiet, right + quiet, bottom + quiet))
    around.paste(255, (quiet - 2, quiet - 2, around.width - quiet + 2, around.height - quiet + 2))
    assert around.getextrema()[0] > 250


def test_a_label_too_small_for_the_code_carries_the_address_to_type_instead():
    small = order("labels", sheet=LABEL_SHEETS["l4731"])
    pdf = print_pdf([PIECE], small, HOUSE)
    assert not read_off(rendered(pdf, 300))
    assert "/n/7K3M-9QXA" in text_of(pdf)


def test_a_longer_address_makes_more_modules_and_is_refused_where_they_become_too_small():
    tiny = LABEL_SHEETS["tj107"]
    assert qr_side(FORMATS["labels"], tiny, scan_address(ADDRESS, PIECE.code)) > 16
    very_long = scan_address(f"https://{'x' * 60}.go.id", PIECE.code)
    assert qr_side(FORMATS["labels"], tiny, very_long) == 0


@pytest.mark.parametrize("sheet", LABEL_SHEETS.values(), ids=lambda sheet: sheet.key)
@pytest.mark.parametrize(
    ("piece", "house", "address", "languages"),
    [
        (PIECE, HOUSE, ADDRESS, ("id", "en")),
        (LONG_PIECE, LONG_HOUSE, LONG_ADDRESS, ("id", "jv", "en")),
    ],
    ids=["usual", "longest"],
)
def test_nothing_that_a_label_says_is_cut_off(sheet: Sheet, piece, house, address, languages):
    one = replace(order("labels", sheet=sheet), public_url=address, languages=languages)
    (page,) = rendered(print_pdf([piece], one, house), 300)
    dot = 25.4 / 300
    beside = qr_side(one.format, sheet, scan_address(address, piece.code)) + 1.5
    left, right = sheet.left + beside, sheet.left + sheet.width
    for edge in (sheet.top, sheet.top + sheet.height - 1.2):
        box = tuple(round(mm / dot) for mm in (left, edge, right, edge + 1.2))
        assert page.convert("L").crop(box).getextrema()[0] > 200, "ink where the label is cut"
    words = round(left / dot), round(sheet.top / dot), round(right / dot)
    inside = page.convert("L").crop((*words, round((sheet.top + sheet.height) / dot)))
    assert inside.getextrema()[0] < 128, "nothing is printed"


@pytest.mark.parametrize("one", ORDERS, ids=name)
def test_the_longest_names_stay_on_their_paper(one):
    pieces = [LONG_PIECE] * (1 if one.format.fills else one.per_page)
    three = replace(one, public_url=LONG_ADDRESS, languages=("id", "jv", "en"))
    pdf = print_pdf(pieces, three, LONG_HOUSE)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


@pytest.mark.parametrize("one", ORDERS, ids=name)
def test_in_three_languages_nothing_is_printed_over_anything_else(one):
    three = replace(one, languages=("id", "jv", "en"))
    assert overprinted(print_pdf([PIECE], three, HOUSE)) == []
    assert overprinted(print_pdf([LONG_PIECE], three, LONG_HOUSE)) == []


# Small pieces say the same in fewer words.
LONG = ("headline", "private", "used", "receipt", "free", "report")
SHORT = ("short", "then_short", "free_short")
SAYS = {
    "badge": SHORT,
    "sticker": SHORT,
    "slips": SHORT,
    "roll80": (*LONG[:1], "then_short", "free"),
}
SAYS["roll58"] = SAYS["roll80"]


@pytest.mark.parametrize("one", [order(key) for key in KINDS] + [LARGE_LABEL], ids=name)
@pytest.mark.parametrize("languages", [("id", "en"), ("id", "jv", "en"), ("su", "id")])
def test_every_paper_says_everything_in_each_of_its_languages(one, languages):
    house = replace(HOUSE, report_channel="SP4N-LAPOR! lapor.go.id")
    pdf = print_pdf([replace(PIECE, free=True)], replace(one, languages=languages), house)
    text = text_of(pdf)
    for said in (
        "Pemerintah Kota Contoh",
        "Dinas Kependudukan dan Pencatatan Sipil",
        "Loket 3",
        "KTP-el · Kartu Keluarga · Akta kelahiran",
        "/n/7K3M-9QXA",
        "SP4N-LAPOR! lapor.go.id",
    ):
        if said != HOUSE.agency or one.format.key != "sticker":  # there the crest alone
            assert said in text
    main, *others = languages
    spoken = SAYS.get(one.format.key, SHORT if one.sheet else LONG)
    for key in spoken:
        for language in others:
            assert words_in(language)[key].removesuffix(":") in text
        if (key, one.format.template) != ("then_short", "roll.typ"):  # there point by point
            assert words_in(main)[key] in text


@pytest.mark.parametrize("sheet", LABEL_SHEETS.values(), ids=lambda sheet: sheet.key)
def test_a_label_keeps_first_what_ranks_first_and_says_the_rest_where_it_can_be_read(sheet):
    """Ranks as docs/operators.md gives them: address, levy, office, counter, then the others."""
    three = order("labels", sheet=sheet, languages=("id", "su", "en"))
    pdf = print_pdf([replace(PIECE, free=True)], three, HOUSE)
    text, words = text_of(pdf), words_in("id")
    ranks = [
        "/n/7K3M-9QXA",
        f"{words['free_short']}: {HOUSE.report_channel}",
        PIECE.office,
        "Loket",
    ]
    ranks += [words["short"], words_in("su")["short"], HOUSE.agency]
    said = [one in text for one in ranks if one not in {PIECE.office, "Loket"}]
    assert said[:2] == [True, True]
    assert said == sorted(said, reverse=True)
    assert (PIECE.office in text) == (sheet.width >= 50)
    assert ("Loket 3" in text) == (sheet.height >= 18)
    # In points; where a label leaves 19 mm, the host's name takes all of them in one line.
    assert least_type(pdf) >= (4.6 if sheet.key == "tj108" else 5.2)


def test_no_name_is_parted_at_its_hyphen():
    """SP4N-LAPOR! stood on two lines."""
    services = ("KTP-el baru", "KTP-el rusak", "E-KTP", "KTP-el hilang", "KTP-el pindah datang") * 2
    house = replace(HOUSE, report_channel="SP4N-LAPOR! lapor.go.id, SP4N-LAPOR! SMS 1708")
    for one in ORDERS:
        piece = replace(PIECE, services=services)
        pdf = print_pdf([piece], replace(one, languages=("id", "jv", "en")), house)
        lines = PdfReader(io.BytesIO(pdf)).pages[0].extract_text().splitlines()
        assert not [line for line in lines if line.rstrip().endswith("-")], name(one)


def test_the_words_differ_between_all_languages():
    for key in ("headline", "scan", "private", "used", "free", "report"):
        assert len({words_in(language)[key] for language in ("id", "en", "jv", "su")}) == 4


def test_where_all_services_are_free_the_paper_says_free_of_charge():
    free = text_of(print_pdf([replace(PIECE, free=True)], order("poster-a4"), HOUSE))
    paid = text_of(print_pdf([PIECE], order("poster-a4"), HOUSE))
    assert words_in("id")["free"] in free
    assert words_in("id")["tariff"] not in free
    assert words_in("id")["tariff"] in paid


@pytest.mark.parametrize("one", ORDERS, ids=name)
def test_without_a_report_channel_no_levy_line_is_printed(one):
    text = text_of(print_pdf([PIECE], one, replace(HOUSE, report_channel=None)))
    assert words_in("id")["tariff"] not in text
    assert words_in("id")["report"] not in text


@pytest.mark.parametrize("one", ORDERS, ids=name)
def test_each_file_is_tagged_archivable_and_brings_its_fonts(one):
    pdf = print_pdf([PIECE], one, replace(HOUSE, crest=CREST))
    catalogue = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    metadata = catalogue["/Metadata"].get_object().get_data()
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "id"
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    fonts = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
    names = {str(font.get_object()["/BaseFont"]).split("+")[-1] for font in fonts.values()}
    assert names <= {"NotoSans-Regular", "NotoSans-Bold"}


@pytest.mark.parametrize(
    ("key", "millimetres"),
    [
        ("poster-a4", (210, 297)),
        ("poster-a3", (297, 420)),
        ("tent", (210, 297)),
        ("card", (210, 297)),
        ("labels", (210, 164)),
    ],
)
def test_the_paper_has_its_size(key, millimetres):
    page = PdfReader(io.BytesIO(print_pdf([PIECE], order(key), HOUSE))).pages[0]
    size = [float(side) / 72 * 25.4 for side in page.mediabox[2:]]
    assert size == pytest.approx(millimetres, abs=0.2)


@pytest.mark.parametrize(("key", "wide"), [("roll80", 80), ("roll58", 58)])
def test_a_receipt_is_as_wide_as_its_roll_and_black_on_white(key, wide):
    pdf = print_pdf([PIECE], order(key), HOUSE)
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    assert float(page.mediabox[2]) / 72 * 25.4 == pytest.approx(wide, abs=0.2)
    pixels = picture([PIECE], order(key), HOUSE)
    assert Image.open(io.BytesIO(pixels)).convert("RGB").convert("HSV").getextrema()[1] == (0, 0)


def test_a_saved_shift_moves_every_label_by_as_much():
    fresh, dpi = order("labels", sheet=LABEL_SHEETS["l7163"]), 300
    straight, moved = (
        scanned(rendered(print_pdf([PIECE], replace(fresh, shift=shift), HOUSE), dpi)[0])
        for shift in ((0, 0), (2, -1.5))
    )
    (one,), (other,) = straight, moved
    right = other.position.top_left.x - one.position.top_left.x
    down = other.position.top_left.y - one.position.top_left.y
    assert (right, down) == pytest.approx((2 / 25.4 * dpi, -1.5 / 25.4 * dpi), abs=1.5)


def test_labels_that_are_gone_already_are_left_out():
    sheet = LABEL_SHEETS["l7163"]  # 2 columns
    fresh = order("labels", sheet=sheet)
    (first,) = scanned(rendered(print_pdf([PIECE], fresh, HOUSE), 150)[0])
    (third,) = scanned(rendered(print_pdf([PIECE], replace(fresh, skip=2), HOUSE), 150)[0])
    assert third.position.top_left.x == pytest.approx(first.position.top_left.x, abs=2)
    down = third.position.top_left.y - first.position.top_left.y
    assert down == pytest.approx(sheet.pitch_y / 25.4 * 150, abs=2)


@pytest.mark.parametrize("wrong", [{"columns": 4}, {"rows": 8}, {"pitch_x": 60}, {"left": -1}])
def test_a_label_sheet_whose_labels_overlap_or_leave_the_paper_is_refused(wrong):
    with pytest.raises(ValueError, match=r"overlap|beyond"):
        replace(LABEL_SHEETS["l7160"], **wrong)


@pytest.mark.parametrize("sheet", LABEL_SHEETS.values(), ids=lambda sheet: sheet.key)
def test_known_label_sheets_lie_in_the_middle_of_their_paper(sheet: Sheet):
    """Left and right margins of a sold sheet are about alike; a slip of a digit is not."""
    right = sheet.paper[0] - sheet.left - (sheet.columns - 1) * sheet.pitch_x - sheet.width
    below = sheet.paper[1] - sheet.top - (sheet.rows - 1) * sheet.pitch_y - sheet.height
    assert abs(right - sheet.left) < 7.1
    assert abs(below - sheet.top) < 2.1


def test_a_long_run_comes_in_files_of_whole_sheets():
    posters = [PIECE] * (2 * PAGES_PER_PART + 1)
    assert [len(part) for part in parts(posters, order("poster-a4"))] == [100, 100, 1]
    labels = order("labels", skip=3)
    assert len(parts([PIECE] * 5000, labels)[0]) == labels.per_part - 3
    assert labels.per_part % labels.per_page == 0
    with pytest.raises(ValueError, match="nothing"):
        parts([], labels)


def test_each_file_of_a_long_run_holds_its_own_codes(monkeypatch):
    monkeypatch.setattr("portal.counters.printing.making.PAGES_PER_PART", 1)
    pieces = [replace(PIECE, code=f"7K3M9QX{letter}") for letter in "ABC"]
    files = dict(print_parts(pieces, order("poster-a4"), HOUSE, kept=(2,)))
    found = {number: read_off(rendered(pdf, 100)) for number, pdf in files.items()}
    assert found == {at: {scan_address(ADDRESS, pieces[at - 1].code): 1} for at in (1, 3)}


def test_the_list_names_every_paper_with_its_file_and_page(monkeypatch):
    monkeypatch.setattr("portal.counters.printing.making.PAGES_PER_PART", 2)
    lines = [Line("Gedung A", replace(PIECE, counter=f"Loket {n}")) for n in (1, 2, 3)]
    pdf = list_pdf(lines, order("poster-a4"), HOUSE, language="id", printed="A4")
    text = text_of(pdf)
    assert "Gedung A" in text
    assert "Loket 2 7K3M-9QXA · cetakan 1 berkas 1, halaman 2" in text
    assert "Loket 3 7K3M-9QXA · cetakan 1 berkas 2, halaman 1" in text


def test_the_digest_of_what_is_shown_changes_with_everything_on_the_paper():
    paper = order("labels", sheet=LABEL_SHEETS["l7160"])
    now = digest(PIECE, HOUSE, paper)
    assert now == digest(replace(PIECE), replace(HOUSE), replace(paper, skip=3))
    others = [
        digest(replace(PIECE, counter="Loket 4"), HOUSE, paper),
        digest(replace(PIECE, services=()), HOUSE, paper),
        digest(PIECE, replace(HOUSE, colour="#123456"), paper),
        digest(PIECE, replace(HOUSE, crest=CREST), paper),
        digest(PIECE, HOUSE, replace(paper, public_url=LONG_ADDRESS)),
        digest(PIECE, HOUSE, replace(paper, languages=("id", "jv"))),
        digest(PIECE, HOUSE, replace(paper, sheet=LABEL_SHEETS["l7163"])),
    ]
    assert len({now, *others}) == 8


def test_the_same_order_made_at_the_same_time_is_the_same_file():
    made_at = datetime(2026, 11, 22, 3, 0, 7, 123456, tzinfo=UTC)
    one, other = (print_pdf([PIECE], order("card"), HOUSE, made_at=made_at) for _ in range(2))
    assert one == other


def test_markup_in_a_name_is_printed_and_not_obeyed():
    office = '#panic("x") *tebal* $x^2$ "kutip" <b>'
    assert office in text_of(print_pdf([replace(PIECE, office=office)], order("poster-a4"), HOUSE))


def test_a_name_that_no_font_here_can_draw_is_printed_all_the_same():
    text = text_of(
        print_pdf([replace(PIECE, office="Dinas \U0001f64f Ramah")], order("poster-a4"), HOUSE)
    )
    assert "Dinas \ufffd Ramah" in text


@pytest.mark.parametrize("colour", ["#0b5cad", "#f2c200", "#ffffff", "#000000", "#2e9e5b"])
def test_text_is_readable_whatever_the_agency_colour(colour):
    assert contrast(colour, readable_on(colour)) >= 4.5
    assert contrast(readable_on_white(colour), "#ffffff") >= 4.5


def test_a_piece_without_a_real_code_is_refused():
    with pytest.raises(ValueError, match="not a printed code"):
        replace(PIECE, code="7K3M-9QXA")


def test_a_ticket_says_that_it_is_good_for_one_rating():
    ticket = replace(PIECE, code="7K3M9QXA4T")
    for key in ("slips", "roll58", "roll80"):
        text = text_of(print_pdf([ticket], order(key), HOUSE))
        assert words_in("id")["once"] in text
        assert "7K3M9-QXA4T" in text


def test_the_bare_code_is_a_picture_of_whole_pixels():
    picture_of = Image.open(io.BytesIO(code_picture(ADDRESS, PIECE.code))).convert("L")
    assert picture_of.size == (370, 370)  # 29 modules and the quiet zone, ten pixels each
    assert set(picture_of.get_flattened_data()) == {0, 255}
    (found,) = scanned(picture_of)
    assert found.text == scan_address(ADDRESS, PIECE.code)


def test_no_web_process_loads_the_typesetter():
    check = "import sys, portal; sys.exit('typst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_slips_fill_a_sheet_with_one_code_drawn_once():
    data = document([PIECE], order("slips"), HOUSE)
    assert len(data["pieces"]) == 16
    assert len({id(piece["qr"]) for piece in data["pieces"]}) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\nbroken",
        CREST[:100],
        CREST.replace(b"<path", b"<script>alert(1)</script><path"),
        CREST.replace(b"<circle", b'<circle onload="alert(1)"'),
        CREST.replace(b"<circle", b'<image href="https://example.org/a.png"/><circle'),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + CREST,
    ],
    ids=["broken PNG", "broken SVG", "script", "event", "from elsewhere", "entities"],
)
def test_a_crest_that_is_no_harmless_picture_is_refused(content):
    with pytest.raises(BadCrest):
        checked(content)
    assert checked(CREST)[0] == "svg"
