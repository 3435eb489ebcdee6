"""Which characters the fonts that come with the portal can draw."""

import struct
from functools import cache
from pathlib import Path
from typing import Any

FONT = Path(__file__).with_name("fonts") / "NotoSans-Regular.ttf"  # the bold one draws the same
STAND_IN = "\ufffd"  # for a character that nothing here can draw


def drawable(data: Any) -> Any:
    """The same data for a template, with U+FFFD for each character that the font lacks."""
    if isinstance(data, str):
        known = characters(FONT)
        return "".join(one if one in known or one.isspace() else STAND_IN for one in data)
    if isinstance(data, dict):
        return {name: drawable(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [drawable(value) for value in data]
    return data


@cache
def characters(font: Path) -> frozenset[str]:
    """All that a TrueType font has a picture for: its table `cmap` in format 4, of the first 65,536
    characters (OpenType specification, cmap). Raises ValueError where there is no such table."""
    content = font.read_bytes()
    (tables,) = struct.unpack_from(">H", content, 4)
    starts = {
        content[at : at + 4]: struct.unpack_from(">L", content, at + 8)[0]
        for at in range(12, 12 + 16 * tables, 16)
    }
    cmap = starts[b"cmap"]
    (parts,) = struct.unpack_from(">H", content, cmap + 2)
    for at in range(cmap + 8, cmap + 8 + 8 * parts, 8):
        part = cmap + struct.unpack_from(">L", content, at)[0]
        if struct.unpack_from(">H", content, part)[0] == 4:
            return frozenset(_in_segments(content, part))
    raise ValueError(f"no characters in {font.name}")


def _in_segments(content: bytes, part: int) -> set[str]:
    """Runs of characters, each with its glyphs in a row or in a list; glyph 0 is none."""
    (twice,) = struct.unpack_from(">H", content, part + 6)
    row = f">{twice // 2}H"
    ends, firsts, deltas, lists = (
        struct.unpack_from(row, content, part + 14 + at * twice + (2 if at else 0))
        for at in range(4)
    )
    found = set()
    for segment, (first, end, delta, offset) in enumerate(
        zip(firsts, ends, deltas, lists, strict=True)
    ):
        here = part + 16 + 3 * twice + 2 * segment + offset
        for code in range(max(first, 32), end + 1):  # what controls a printer is no text
            glyph = code
            if offset:
                (glyph,) = struct.unpack_from(">H", content, here + 2 * (code - first))
            if (glyph or not offset) and (glyph + delta) % 65536:
                found.add(chr(code))
    return found
