"""The A4 poster: what a phone, a reader and an archive find in the PDF."""

import io
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from portal.counters.codes import new_code, scan_address
from portal.counters.poster import WORDS, Poster, _contrast, _page, poster_pdf, poster_png

POSTER = Poster(
    public_url="https://suara.kotacontoh.go.id",
    code="7K3M9QXA",
    agency="Pemerintah Kota Contoh",
    office="Dinas Kependudukan dan Pencatatan Sipil",
    counter="Loket 3",
    initials="KC",
    services=("KTP-el", "Kartu Keluarga", "Akta kelahiran"),
    report_channel="wbs.kotacontoh.go.id",
)
LONG = replace(
    POSTER,
    public_url="https://suara-loket.kepulauansiautagulandangbiaro.go.id",
    agency="Pemerintah Kabupaten Kepulauan Siau Tagulandang Biaro Provinsi Sulawesi Utara",
    office="Unit Pelaksana Teknis Daerah Pengelolaan Pendapatan dan Pelayanan Perizinan Terpadu "
    "Wilayah Siau Barat Selatan dan Tagulandang Selatan",
    counter="Loket Informasi, Konsultasi dan Pengaduan",
    initials="SITARO",
    colour="#f2c200",
    services=("Surat keterangan tidak mampu", "Legalisasi dokumen", "Pengantar nikah") * 4,
    report_channel="SP4N-LAPOR! lapor.go.id, SMS 1708, atau Inspektorat lantai 2 ruang 204",
    version=12,
)


def text_of(pdf: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


@pytest.mark.parametrize("poster", [POSTER, LONG])
@pytest.mark.parametrize("ppi", [72, 150])
def test_the_printed_qr_gives_the_exact_upper_case_address(poster, ppi):
    image = Image.open(io.BytesIO(poster_png(poster, ppi=ppi)))
    found = zxingcpp.read_barcodes(image)
    assert [code.text for code in found] == [scan_address(poster.public_url, poster.code)]


def test_the_qr_is_large_and_its_modules_are_easy_to_print():
    image = Image.open(io.BytesIO(poster_png(LONG, ppi=150)))
    corners = zxingcpp.read_barcodes(image)[0].position
    millimetres = (corners.top_right.x - corners.top_left.x) / 150 * 25.4
    assert millimetres > 80
    assert millimetres / 37 >= 0.4


def test_the_poster_says_everything_in_both_languages():
    text = text_of(poster_pdf(POSTER))
    for said in (
        "Pemerintah Kota Contoh",
        "Dinas Kependudukan dan Pencatatan Sipil",
        "Loket 3",
        "KTP-el",
        "suara.kotacontoh.go.id/n/7K3M-9QXA",
        "wbs.kotacontoh.go.id",
    ):
        assert said in text
    for words in WORDS.values():
        for key in ("headline", "scan", "no_app", "no_name", "quick", "tariff", "receipt"):
            assert words[key] in text


def test_both_languages_have_the_same_words():
    assert WORDS["id"].keys() == WORDS["en"].keys()


def test_without_a_report_channel_no_levy_line_is_printed():
    text = text_of(poster_pdf(replace(POSTER, report_channel=None)))
    assert WORDS["id"]["tariff"] not in text
    assert WORDS["en"]["tariff"] not in text


def test_the_longest_names_stay_on_one_page():
    assert len(PdfReader(io.BytesIO(poster_pdf([LONG, POSTER, LONG]))).pages) == 3


def test_the_file_is_tagged_archivable_and_brings_its_fonts():
    pdf = poster_pdf(POSTER)
    catalogue = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    metadata = catalogue["/Metadata"].get_object().get_data()
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "id"
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    fonts = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
    names = {str(font.get_object()["/BaseFont"]).split("+")[-1] for font in fonts.values()}
    assert names == {"NotoSans-Regular", "NotoSans-Bold"}


def test_the_same_poster_made_at_the_same_time_is_the_same_file():
    made_at = datetime(2026, 11, 22, 3, 0, 7, 123456, tzinfo=UTC)
    assert poster_pdf(POSTER, made_at=made_at) == poster_pdf(POSTER, made_at=made_at)


def test_markup_in_a_name_is_printed_and_not_obeyed():
    office = '#panic("x") *tebal* $x^2$ "kutip" <b>'
    assert office in text_of(poster_pdf(replace(POSTER, office=office)))


def test_a_hundred_posters_are_made_quickly():
    posters = [replace(POSTER, code=new_code(), counter=f"Loket {n}") for n in range(1, 101)]
    started = time.perf_counter()
    pdf = poster_pdf(posters)
    assert time.perf_counter() - started < 10
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 100


@pytest.mark.parametrize("colour", ["#0b5cad", "#f2c200", "#ffffff", "#000000", "#2e9e5b"])
def test_text_is_readable_whatever_the_agency_colour(colour):
    page = _page(replace(POSTER, colour=colour))
    assert _contrast(colour, str(page["on_colour"])) >= 4.5
    assert _contrast(str(page["text_colour"]), "#ffffff") >= 4.5


@pytest.mark.parametrize("wrong", [{"colour": "blue"}, {"colour": "#fff"}, {"code": "7K3M-9QXA"}])
def test_a_poster_that_would_misprint_is_refused(wrong):
    with pytest.raises(ValueError, match="not a"):
        replace(POSTER, **wrong)


def test_an_empty_print_run_is_refused():
    with pytest.raises(ValueError, match="no poster"):
        poster_pdf([])


def test_typst_is_not_loaded_before_something_is_printed():
    check = "import sys, portal.counters.poster; sys.exit('typst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
