"""How often a spoiled photo of our paper is still read, beside a bare level-H code of its size.

    python -m benchmarks.scanning [--codes 60]

Codes are cut from finished pages, with what is printed around them, and spoiled as photos are;
the bare code stands alone on white, as large, of the highest level of correction (H, which needs
more and smaller modules). Both are spoiled alike and compared photo by photo: `more` is how many
points more of ours were read, with its 95 % interval. They are read by zxing-cpp, and by OpenCV
where that is installed:

    uv run --with opencv-python-headless python -m benchmarks.scanning
"""

import io
import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import numpy as np
import pypdfium2
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from qrcode import QRCode, util
from qrcode.constants import ERROR_CORRECT_H

from portal.counters import qr
from portal.counters.codes import new_code, scan_address
from portal.counters.printing.labels import LABEL_SHEETS
from portal.counters.printing.making import House, Order, Piece, order_for, print_pdf

PUBLIC_URL = "https://suara.kotacontoh.go.id"
HOUSE = House("Pemerintah Kota Contoh", "KC", report_channel="wbs.kotacontoh.go.id")
WIDE = 300  # pixels of the photo that the code takes, quiet zone included: a phone at arm's length
AROUND = 60  # pixels of the page around it
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

Box = tuple[float, float, float, float]  # left, top, right, bottom
Spoil = Callable[[Image.Image, random.Random], Image.Image]
Decode = Callable[[Image.Image], "str | None"]


def blurred(image: Image.Image, source: random.Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(source.uniform(2.5, 4.5)))


def rotated(image: Image.Image, source: random.Random) -> Image.Image:
    angle = 15 * source.choice((-1, 1))
    return image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=200)


def in_perspective(image: Image.Image, source: random.Random) -> Image.Image:
    """Seen from the side: each corner moves by up to a quarter of the width."""
    w, h = image.size
    corners = [(0, 0), (w, 0), (w, h), (0, h)]
    moved = [
        (x + source.uniform(0, w / 4) * (1 if x == 0 else -1),
         y + source.uniform(0, h / 4) * (1 if y == 0 else -1))
        for x, y in corners
    ]  # fmt: skip
    rows = []
    for (x, y), (u, v) in zip(moved, corners, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    targets = np.array([value for corner in corners for value in corner], dtype=float)
    solved = np.linalg.solve(np.array(rows, dtype=float), targets)
    return image.transform(
        image.size, Image.Transform.PERSPECTIVE, tuple(solved), Image.Resampling.BICUBIC,
        fillcolor=200,
    )  # fmt: skip


def small(image: Image.Image, source: random.Random) -> Image.Image:
    size = (image.width * 2 // 5, image.height * 2 // 5)
    return noisy(image.resize(size, Image.Resampling.BILINEAR), source, 12)


def pale(image: Image.Image, source: random.Random) -> Image.Image:
    return noisy(image.point(lambda shade: 120 + shade * 0.14), source, 4)


def squeezed(image: Image.Image, source: random.Random) -> Image.Image:
    """JPEG of quality 20, after some blur, as messengers send pictures on."""
    file = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(source.uniform(0.5, 2))).save(file, "JPEG", quality=20)
    return Image.open(file).convert("L")


def torn(image: Image.Image, source: random.Random, corners: tuple[str, ...]) -> Image.Image:
    """One of these corners of the code is gone, a fifth of its side."""
    quiet = WIDE * qr.QUIET_ZONE // 37
    near, far, side = AROUND + quiet, AROUND + WIDE - quiet, (WIDE - 2 * quiet) // 5
    corner = source.choice(corners)
    x, y = (far - side if "r" in corner else near), (far - side if "b" in corner else near)
    spoiled = image.copy()
    shade = source.choice((255, 90))
    ImageDraw.Draw(spoiled).rectangle((x, y, x + side, y + side), fill=shade)
    return spoiled


def torn_corner(image: Image.Image, source: random.Random) -> Image.Image:
    """Three of the four hold a finder pattern, without which hardly any decoder begins."""
    return torn(image, source, ("tl", "tr", "bl", "br"))


def torn_data(image: Image.Image, source: random.Random) -> Image.Image:
    """The corner without a finder pattern."""
    return torn(image, source, ("br",))


def noisy(image: Image.Image, source: random.Random, strength: float) -> Image.Image:
    grain = np.random.default_rng(source.randrange(2**32))
    pixels = np.asarray(image, dtype=float) + grain.normal(0, strength, image.size[::-1])
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def all_a_little(image: Image.Image, source: random.Random) -> Image.Image:
    image = image.filter(ImageFilter.GaussianBlur(1)).point(lambda shade: 90 + shade * 0.4)
    image = image.rotate(source.uniform(-8, 8), Image.Resampling.BICUBIC, fillcolor=190)
    image = image.resize((image.width * 3 // 5, image.height * 3 // 5), Image.Resampling.BILINEAR)
    return noisy(image, source, 5)


SPOILS: dict[str, Spoil] = {
    "as printed": lambda image, _source: image,
    "blur": blurred,
    "15 degrees": rotated,
    "perspective": in_perspective,
    "scale 40 %": small,
    "low contrast": pale,
    "JPEG 20": squeezed,
    "20 % of a corner": torn_corner,
    "20 % of the data corner": torn_data,
    "a little of all": all_a_little,
}


def zxing(image: Image.Image) -> str | None:
    found = zxingcpp.read_barcodes(image, formats=QR)
    return found[0].text if found else None


def decoders() -> dict[str, Decode]:
    try:
        import cv2  # noqa: PLC0415  only where it was asked for
    except ImportError:
        return {"zxing": zxing}
    detector: Any = cv2.QRCodeDetector()

    def opencv(image: Image.Image) -> str | None:
        try:
            text: str = detector.detectAndDecode(np.asarray(image))[0]
        except cv2.error:  # its own trouble with a picture counts as not read
            return None
        return text or None

    return {"zxing": zxing, "opencv": opencv}


def bare_h(address: str) -> Image.Image:
    """The bare code of level H, as large as ours, on white."""
    code = QRCode(error_correction=ERROR_CORRECT_H, border=qr.QUIET_ZONE, box_size=20)
    code.add_data(util.QRData(address.encode()))
    drawn: Image.Image = code.make_image().get_image().convert("L")
    page = Image.new("L", (WIDE + 2 * AROUND, WIDE + 2 * AROUND), 255)
    page.paste(drawn.resize((WIDE, WIDE), Image.Resampling.LANCZOS), (AROUND, AROUND))
    return page


def cut_out(order: Order, piece: Piece) -> Image.Image:
    """The code on its finished page, with what stands around it, as large as WIDE."""
    document = pypdfium2.PdfDocument(print_pdf([piece], order, HOUSE))
    page: Image.Image = document[0].render(scale=300 / 72).to_pil().convert("L")
    document.close()
    found = zxingcpp.read_barcodes(page, formats=QR)[-1].position
    one, other = found.top_left, found.bottom_right
    left, right = sorted((one.x, other.x))
    top, bottom = sorted((one.y, other.y))
    modules = len(qr.matrix(scan_address(PUBLIC_URL, piece.code)))
    module = (right - left + 1) / modules
    margin = module * qr.QUIET_ZONE + AROUND * module * (modules + 8) / WIDE
    area = (left - margin, top - margin, right + margin, bottom + margin)
    side = WIDE + 2 * AROUND
    return page.resize((side, side), Image.Resampling.LANCZOS, box=clipped(area, page))


def clipped(area: Box, page: Image.Image) -> Box:
    return (max(0, area[0]), max(0, area[1]), min(page.width, area[2]), min(page.height, area[3]))


ORDERS = {
    "poster": order_for("poster-a4", PUBLIC_URL),
    "sticker": order_for("sticker", PUBLIC_URL),
    "badge": order_for("badge", PUBLIC_URL),
    "label": order_for("labels", PUBLIC_URL, sheet=LABEL_SHEETS["l7160"]),
}


@dataclass
class Pairs:
    """Photos of which ours, the bare code, both or neither were read."""

    both: int = 0
    ours: int = 0
    bare: int = 0
    neither: int = 0

    def add(self, ours: bool, bare: bool) -> None:
        key = ("neither", "bare", "ours", "both")[2 * ours + bare]
        setattr(self, key, getattr(self, key) + 1)

    def told(self) -> dict[str, float | list[float]]:
        """Per cent read, and the difference of the pairs with its 95 % interval.

        Wald's interval for paired proportions, half a photo added to each of the four counts
        (Agresti and Min 2005), so that it has a width where no pair differs.
        """
        total = self.both + self.ours + self.bare + self.neither
        n, b, c = total + 2, self.ours + 0.5, self.bare + 0.5
        half = 1.96 * math.sqrt(b + c - (b - c) ** 2 / n) / n
        return {
            "ours": round(100 * (self.both + self.ours) / total, 1),
            "h": round(100 * (self.both + self.bare) / total, 1),
            "more": [round(100 * ((b - c) / n + sign * half), 1) for sign in (-1, 1)],
        }


@click.command()
@click.option("--codes", default=60, show_default=True, help="Codes of each format.")
@click.option("--spoil", "chosen", multiple=True, type=click.Choice(list(SPOILS)))
def main(codes: int, chosen: tuple[str, ...]) -> None:
    source = random.Random(11)
    read = decoders()
    spoils = {name: SPOILS[name] for name in chosen or SPOILS}
    found = {name: {spoil: Pairs() for spoil in spoils} for name in read}
    for order in ORDERS.values():
        for _ in range(codes):
            piece = Piece(new_code(source=source), "Dinas Kependudukan", "Loket 3", ("KTP-el",))
            address = scan_address(PUBLIC_URL, piece.code)
            pictures = (cut_out(order, piece), bare_h(address))
            for spoil, spoiled in spoils.items():
                seed = source.randrange(2**32)  # both are spoiled alike
                photos = [spoiled(picture, random.Random(seed)) for picture in pictures]
                for name, decode in read.items():
                    found[name][spoil].add(*(decode(photo) == address for photo in photos))
    told = {
        name: {spoil: pairs.told() for spoil, pairs in counts.items()}
        for name, counts in found.items()
    }
    print(json.dumps({"photos": codes * len(ORDERS), **told}))


if __name__ == "__main__":
    main()
