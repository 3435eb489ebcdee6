"""QR codes: what a decoder reads back, also from spoiled paper."""

import random
import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from portal.counters import qr
from portal.counters.codes import new_code, scan_address

ADDRESS = "HTTPS://SUARA.KOTACONTOH.GO.ID/N/7K3M9QXA"
SCALE = 10  # pixels per module


def read(image: Image.Image) -> str | None:
    """What a phone would make of the picture."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return found[0].text if found else None


def drawn_svg(text: str) -> Image.Image:
    """The SVG's rectangles drawn as pixels."""
    picture = ElementTree.fromstring(qr.svg(text))
    size = int(picture.attrib["viewBox"].split()[2])
    image = Image.new("L", (size * SCALE, size * SCALE), 255)
    draw = ImageDraw.Draw(image)
    path = picture.findall("{http://www.w3.org/2000/svg}path")[1].attrib["d"]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        left, top, right = int(x) * SCALE, int(y) * SCALE, (int(x) + int(length)) * SCALE
        draw.rectangle((left, top, right - 1, top + SCALE - 1), fill=0)
    return image


def test_the_svg_holds_the_exact_upper_case_address():
    assert read(drawn_svg(ADDRESS)) == ADDRESS


def test_a_hundred_random_codes_are_all_read_back():
    source = random.Random(1)
    for _ in range(100):
        address = scan_address("https://suara.kotacontoh.go.id", new_code(source=source))
        assert read(drawn_svg(address)) == address


def test_codes_of_a_long_print_are_the_librarys_module_by_module():
    source, series = random.Random(2), qr.Series()
    addresses = [
        f"{scan_address(url, new_code(source=source))}{more}"
        for url in ("https://suara.kotacontoh.go.id", "https://a.id", "https://10.0.0.1:8443")
        for more in ("", "A", "/12345678")  # an even and an odd number of letters
        for _ in range(5)
    ]
    for text in [*addresses, ADDRESS.lower(), "12345678901234567890", "A"]:
        assert qr.svg(text, make=series.rows) == qr.svg(text)


def test_no_place_in_a_code_looks_like_a_finder_pattern():
    """OpenCV's reader finds four then, and gives up; under one mask for all that is common."""
    source, series = random.Random(3), qr.Series()
    for host in ("suara.kotacontoh.go.id", "suara-loket.kab-contoh.go.id", "survei.kota.id"):
        addresses = [scan_address(f"https://{host}", new_code(source=source)) for _ in range(100)]
        assert {qr.finders(series.rows(address)) for address in addresses} == {0}
        assert sum(qr.finders(qr.masked(address, 3)) > 0 for address in addresses[:20]) > 1


def test_an_upper_case_address_needs_fewer_modules_than_the_same_in_lower_case():
    assert len(qr.matrix(ADDRESS)) == 29  # version 3
    assert len(qr.matrix(ADDRESS.lower())) == 33


def test_four_modules_around_the_code_stay_white():
    image = drawn_svg(ADDRESS)
    quiet = qr.QUIET_ZONE * SCALE
    inverted = image.point(lambda shade: 255 - shade)
    assert qr.QUIET_ZONE == 4
    assert inverted.getbbox() == (quiet, quiet, image.width - quiet, image.height - quiet)


def test_the_svg_obeys_the_content_security_policy_and_names_itself():
    svg = qr.svg(ADDRESS, title='Loket 3 & "4" <b>')
    picture = ElementTree.fromstring(svg)
    assert "style" not in svg
    assert picture.attrib["role"] == "img"
    assert picture[0].text == 'Loket 3 & "4" <b>'
    assert len(svg) < 6000


@pytest.mark.parametrize("corner", [(0.4, 0.4), (0.75, 0.75), (0.5, 0.15)])
def test_a_code_with_a_torn_or_dirty_spot_is_still_read(corner):
    image = drawn_svg(ADDRESS)
    spot = int(image.width * 0.2)
    left, top = (int(image.width * at) for at in corner)
    ImageDraw.Draw(image).rectangle((left, top, left + spot, top + spot), fill=255)
    assert read(image) == ADDRESS


def test_a_blurred_pale_small_and_tilted_photo_is_still_read():
    image = drawn_svg(ADDRESS).filter(ImageFilter.GaussianBlur(4))
    image = image.rotate(12, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
    image = image.resize((160, 160)).point(lambda shade: 90 + shade * 0.4)
    assert read(image) == ADDRESS


def from_terminal(text: str) -> Image.Image:
    """The terminal picture as pixels: white blocks on black, two modules a character."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    image = Image.new("L", (len(plain[0]), 2 * len(plain)), 0)
    for row, line in enumerate(plain):
        for x, character in enumerate(line):
            image.putpixel((x, 2 * row), 255 if character in "█▀" else 0)
            image.putpixel((x, 2 * row + 1), 255 if character in "█▄" else 0)
    return image.resize((image.width * SCALE, image.height * SCALE), Image.Resampling.NEAREST)


def test_the_terminal_picture_is_read_and_sets_its_own_colours():
    shown = qr.terminal(ADDRESS)
    lines = shown.splitlines()
    assert read(from_terminal(shown)) == ADDRESS
    assert all(line.startswith("\x1b[38;5;231;48;5;16m") for line in lines)
    assert all(line.endswith("\x1b[0m") for line in lines)
    assert len(lines) < 24
