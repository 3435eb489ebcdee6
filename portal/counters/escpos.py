"""A ticket as the bytes of a receipt printer on 58 or 80 mm paper (ESC/POS).

The commands are those of Epson's ESC/POS reference, which printers of other makers follow: ESC @,
ESC a, ESC E, GS !, GS V, and GS ( k for the QR code, which the printer draws itself.

Why not python-escpos: it gives the same bytes for the QR code (compared in November 2026), but its
last release, 3.1, is of December 2023; it brings eight packages that the portal does without
(19 MB, setuptools and Pillow among them) and takes 0.6 s and 18 MiB to load in a web process, for
fonts, bar codes and pictures that no ticket has.
"""

import unicodedata

INITIALISE = b"\x1b@"
CENTRED = b"\x1ba\x01"
BOLD, PLAIN = b"\x1bE\x01", b"\x1bE\x00"
LARGE, SMALL = b"\x1d!\x11", b"\x1d!\x00"
FEED = b"\x1bd\x04"  # so that the knife does not cut into the text
CUT = b"\x1dV\x01"
# Dots are an eighth of a millimetre wide: modules of 0.75 and 1 mm.
MODULE = {58: 6, 80: 8}
COLUMNS = {58: 32, 80: 48}  # of the printer's own letters


def receipt(lines: list[str], address: str, code: str, width: int) -> bytes:
    """Lines above the QR code of an address, the code in large letters below it.

    width: of the paper, 58 or 80 mm; raises KeyError for any other.
    """
    head = b"".join(_line(line, width) for line in lines)
    return b"".join([
        INITIALISE, CENTRED, BOLD, head, PLAIN,
        qr(address, MODULE[width]), b"\n",
        LARGE, _line(code, width), SMALL,
        FEED, CUT,
    ])  # fmt: skip


def qr(text: str, module: int) -> bytes:
    """The printer's own QR code: model 2, module in dots, level Q, store, print."""
    data = text.encode("ascii")
    stored = len(data) + 3
    return b"".join([
        b"\x1d(k\x04\x00\x31\x41\x32\x00",
        b"\x1d(k\x03\x00\x31\x43" + bytes([module]),
        b"\x1d(k\x03\x00\x31\x45\x32",
        b"\x1d(k" + bytes([stored & 255, stored >> 8]) + b"\x31\x50\x30" + data,
        b"\x1d(k\x03\x00\x31\x51\x30",
    ])  # fmt: skip


def _line(text: str, width: int) -> bytes:
    """In the letters that every printer has; what is too long goes on in the next line."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words, lines = plain.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > COLUMNS[width]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "".join(f"{line}\n" for line in lines).encode("ascii")
