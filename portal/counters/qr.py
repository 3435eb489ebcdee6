"""QR codes as a grid of modules, as one SVG path, and as text for a terminal."""

import re
from collections.abc import Callable, Sequence
from html import escape

Rows = Sequence[str]  # of modules, each "0" or "1"

# Level Q. Codes of one printed size were spoiled and photographed in a trial (zxing-cpp, 40 each,
# address of 42 characters). H, one version larger, read worse from afar (module of 2 camera pixels:
# Q 40 %, H 0 %), in a shaken hand (50 %, 0 %) and with a spoiled corner (60 %, 52 %); it won only
# with an eighth of the middle covered (2 %, 47 %). M lost to Q on every kind of damage
# (a twelfth covered: 5 %, 50 %). See test_qr.py. (The library's ERROR_CORRECT_Q.)
_LEVEL = 3
# One mask for all: choosing the best of eight takes seven times as long and read no better.
_MASK = 3
_DARK = re.compile("1+")
QUIET_ZONE = 4  # modules; the least that the standard allows


# Two of these are 11 bits: the first times 45 and the second; a last one alone is 6.
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_TAIL = 10  # letters at the end of an address in which those of a long print differ


def matrix(text: str) -> list[list[bool]]:
    """The modules, dark ones True, without the quiet zone; upper-case text gives fewer."""
    return [[module == "1" for module in row] for row in _rows(text)]


def svg(text: str, *, title: str = "QR", make: Callable[[str], Rows] | None = None) -> str:
    """One scalable picture for page and print, dark on white, quiet zone included.

    make: what makes the modules, where there are many codes (`Series.rows`).
    """
    rows = (make or _rows)(text)
    size = len(rows) + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
        f' shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path fill="#000" d="{_path(rows)}"/></svg>'
    )


class Series:
    """Codes of many addresses that differ in their last letters only, in a tenth of the time.

    With one mask for all, each module is a sum without carry of bits of the text: the words of
    error correction are linear, and placing them changes nothing of that (ISO/IEC 18004, 7.4 to
    7.8). So the library makes one code, and one more for each bit that may differ; every other is
    added up from these.
    """

    PAYS = 60  # from so many codes on it is faster

    def __init__(self) -> None:
        self._zero: dict[tuple[str, int], tuple[int, int]] = {}
        self._changes: dict[tuple[str, int, int, int], int] = {}

    def rows(self, text: str) -> Rows:
        """The modules of a code, the same as the library's."""
        begin = max(0, len(text) - _TAIL) // 2 * 2
        head, tail = text[:begin], text[begin:]
        # Digits alone, or letters in lower case, stand in other bits.
        if head.strip("0123456789") == "" or text.strip(_LETTERS):
            return _rows(text)
        size, total = self._without(head, len(tail))
        for at in range(0, len(tail), 2):
            value = 0
            for letter in tail[at : at + 2]:
                value = 45 * value + _LETTERS.index(letter)
            for bit in range(11):
                if value >> bit & 1:
                    total ^= self._change(head, len(tail), at, bit)
        modules = f"{total:0{size * size}b}"
        return [modules[row : row + size] for row in range(0, size * size, size)]

    def _without(self, head: str, length: int) -> tuple[int, int]:
        """Side and modules, as one number, of the code with all of these bits unset."""
        if (head, length) not in self._zero:
            rows = _rows(head + "0" * length)
            self._zero[head, length] = len(rows), int("".join(rows), 2)
        return self._zero[head, length]

    def _change(self, head: str, length: int, at: int, bit: int) -> int:
        """The modules that change with a bit of the letters at a place."""
        key = (head, length, at, bit)
        if key not in self._changes:
            pair = "".join(_LETTERS[value] for value in divmod(1 << bit, 45))
            tail = "0" * at + pair[-(length - at) :] + "0" * (length - at - 2)
            modules = int("".join(_rows(head + tail)), 2)
            self._changes[key] = modules ^ self._without(head, length)[1]
        return self._changes[key]


def _rows(text: str) -> Rows:
    from qrcode import QRCode, util  # noqa: PLC0415  a web process needs it for posters only

    code = QRCode(error_correction=_LEVEL, border=0, mask_pattern=_MASK)
    code.add_data(util.QRData(text.encode()))  # the most compact mode for the whole text
    code.make()
    return ["".join("1" if module else "0" for module in row) for row in code.modules]


def terminal(text: str) -> str:
    """Half-block characters; colours are set, so that dark and light terminals both show it.

    The blocks draw the light modules: where colours are stripped, a dark terminal is still right.
    """
    modules = matrix(text)
    size = len(modules) + 2 * QUIET_ZONE
    light = [[True] * size for _ in range(size + size % 2)]
    for y, row in enumerate(modules, QUIET_ZONE):
        light[y][QUIET_ZONE : QUIET_ZONE + len(row)] = [not module for module in row]
    blocks = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    lines = (
        "".join(blocks[pair] for pair in zip(light[y], light[y + 1], strict=True))
        for y in range(0, len(light), 2)
    )
    return "".join(f"\x1b[38;5;231;48;5;16m{line}\x1b[0m\n" for line in lines)


def _path(rows: Rows) -> str:
    """Every run of dark modules as one rectangle, all in one path."""
    return "".join(
        f"M{run.start() + QUIET_ZONE} {y}h{len(run[0])}v1h-{len(run[0])}z"
        for y, row in enumerate(rows, QUIET_ZONE)
        for run in _DARK.finditer(row)
    )
