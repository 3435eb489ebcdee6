"""Pictures without what is written beside them: where and when they were taken, with what, by whom.

The picture itself stays bit for bit as it was: segments (ISO/IEC 10918-1, annex B) and chunks (PNG
third edition, section 11) are copied or left out, nothing is decoded. What follows the picture's
end, where telephones keep a second one, goes too.
"""

import struct
from collections.abc import Iterator

SOI, EOI, SOS = b"\xff\xd8", b"\xff\xd9", 0xDA
APPLICATIONS, COMMENT = range(0xE0, 0xF0), 0xFE
# Application segments that a viewer needs to show the picture: which, and how they begin.
NEEDED = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
EXIF, ORIENTATION = b"Exif\0\0", 0x0112
PNG_SIGN = b"\x89PNG\r\n\x1a\n"
# Chunks beside the critical ones that change how a picture is seen, or make it move.
SEEN = {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP",
        b"acTL", b"fcTL", b"fdAT"}  # fmt: skip


class NoPicture(Exception):
    """The bytes are not built as a picture of this kind."""


def without_metadata(kind: str, content: bytes) -> bytes:
    """A JPEG or PNG without EXIF, XMP, IPTC, texts and times; a turned JPEG still says how it is
    to be held. Anything else as it is. Raises NoPicture."""
    parts = {"jpeg": _jpeg, "png": _png}.get(kind)
    if parts is None:
        return content
    try:
        return b"".join(parts(content))
    except (IndexError, struct.error):  # it ends in the middle
        raise NoPicture from None


def _jpeg(content: bytes) -> Iterator[bytes]:
    if not content.startswith(SOI):
        raise NoPicture
    yield SOI
    at = len(SOI)
    while True:
        code, at = _marker(content, at)
        if code == EOI[1]:
            yield EOI
            return
        (length,) = struct.unpack_from(">H", content, at)
        end = at + length
        if length < 2 or end > len(content):
            raise NoPicture
        if code == SOS:
            end = _scan_end(content, end)
        yield from _segment(code, content[at:end])
        at = end


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The marker at a place, any number of fill bytes before it, and where it ends."""
    if content[at] != 0xFF:
        raise NoPicture
    while content[at] == 0xFF:
        at += 1
    return content[at], at + 1


def _scan_end(content: bytes, at: int) -> int:
    """Where the coded data end: at the next marker that is neither stuffed nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise NoPicture
        if content[at + 1] != 0 and content[at + 1] not in range(0xD0, 0xD8):
            return at
        at += 2


def _segment(code: int, body: bytes) -> Iterator[bytes]:
    """The segment, if it stays; of EXIF the orientation alone."""
    said = body[2:]
    if code == 0xE1 and said.startswith(EXIF):
        turned = _orientation(said[len(EXIF) :])
        if turned > 1:
            yield _turned(turned)
    elif (code in APPLICATIONS and not _needed(code, said)) or code == COMMENT:
        return
    else:
        yield bytes((0xFF, code)) + body


def _needed(code: int, said: bytes) -> bool:
    return code in NEEDED and said.startswith(NEEDED[code])


def _orientation(tiff: bytes) -> int:
    """How the picture is to be held, 1 to 8; 1 where that is not said."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (number,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(first + 2, first + 2 + 12 * number, 12):
            tag, _type, _count, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _turned(orientation: int) -> bytes:
    """An EXIF segment that holds nothing else."""
    entry = struct.pack(">HHIHH", ORIENTATION, 3, 1, orientation, 0)
    body = EXIF + b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return struct.pack(">BBH", 0xFF, 0xE1, len(body) + 2) + body


def _png(content: bytes) -> Iterator[bytes]:
    if not content.startswith(PNG_SIGN):
        raise NoPicture
    yield PNG_SIGN
    at, name = len(PNG_SIGN), b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", content, at)
        name, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise NoPicture
        if name[:1].isupper() or name in SEEN:
            yield content[at:end]
        at = end
