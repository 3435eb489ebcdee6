"""What tests of paper share: an agency's House, a counter's Piece, and a phone that scans pages."""

import io
from collections import Counter
from dataclasses import replace

import pypdfium2
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from portal.counters.printing.making import House, Order, Piece, order_for

ADDRESS = "https://suara.kotacontoh.go.id"
HOUSE = House("Pemerintah Kota Contoh", "KC", report_channel="wbs.kotacontoh.go.id")
PIECE = Piece(
    "7K3M9QXA",
    "Dinas Kependudukan dan Pencatatan Sipil",
    "Loket 3",
    ("KTP-el", "Kartu Keluarga", "Akta kelahiran"),
)
LONG_ADDRESS = "https://suara-loket.kepulauansiautagulandangbiaro.go.id"
LONG_HOUSE = House(
    "Pemerintah Kabupaten Kepulauan Siau Tagulandang Biaro Provinsi Sulawesi Utara",
    "SITA",
    "#f2c200",
    "SP4N-LAPOR! lapor.go.id, SMS 1708, atau Inspektorat lantai 2 ruang 204",
)
LONG_PIECE = replace(
    PIECE,
    office="Unit Pelaksana Teknis Daerah Pengelolaan Pendapatan dan Pelayanan Perizinan Terpadu "
    "Wilayah Siau Barat Selatan dan Tagulandang Selatan",
    counter="Loket Informasi, Konsultasi dan Pengaduan",
    services=("Surat keterangan tidak mampu", "Legalisasi dokumen", "Pengantar nikah") * 4,
    version=12,
)
CREST = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 48"><path d="M20 1 38 8v18c0 11-9 18'
    b'-18 21C11 44 2 37 2 26V8z" fill="#0b5cad"/><circle cx="20" cy="22" r="9" fill="#fff"/></svg>'
)


def order(key: str, address: str = ADDRESS, **how: object) -> Order:
    return order_for(key, address, **how)


def rendered(pdf: bytes, dpi: int) -> list[Image.Image]:
    """The pages as a printer would see them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def scanned(page: Image.Image) -> list[zxingcpp.Barcode]:
    quick = {"try_rotate": False, "try_invert": False}  # a QR is found whichever way it stands
    return list(zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode, **quick))


def read_off(pages: list[Image.Image]) -> Counter[str]:
    """All that a phone reads on these pages, and how often."""
    return Counter(code.text for page in pages for code in scanned(page))


def overprinted(pdf: bytes) -> list[tuple[str, str]]:
    """Pieces of text on the first page that lie on each other by a third of their height."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].get_textpage()
    boxes = [page.get_rect(at) for at in range(page.count_rects())]
    found = []
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            if wide > 2 and high > min(one[3] - one[1], other[3] - other[1]) / 3:
                found.append((page.get_text_bounded(*one), page.get_text_bounded(*other)))
    document.close()
    return found


def least_type(pdf: bytes) -> float:
    """The smallest letters on the first page, in points."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[0].get_textpage()
    size = pypdfium2.raw.FPDFText_GetFontSize
    found = min(size(page, at) for at in range(page.count_chars()) if size(page, at) > 1)
    page.close()
    document.close()
    return float(found)


def text_of(pdf: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )
