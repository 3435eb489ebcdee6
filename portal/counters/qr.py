"""QR codes as a grid of modules, as one SVG path, and as text for a terminal."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from itertools import product

Rows = Sequence[str]  # of modules, each "0" or "1"

# Level Q. Codes of one printed size were spoiled and photographed in a trial (zxing-cpp, 40 each,
# address of 42 characters). H, one version larger, read worse from afar (module of 2 camera pixels:
# Q 40 %, H 0 %), in a shaken hand (50 %, 0 %) and with a spoiled corner (60 %, 52 %); it won only
# with an eighth of the middle covered (2 %, 47 %). M lost to Q on every kind of damage
# (a twelfth covered: 5 %, 50 %). See test_qr.py. (The library's ERROR_CORRECT_Q.)
_LEVEL = 3
# The first of the eight masks under which no place looks like a finder pattern, across and down.
# OpenCV, which then sees four, finds no code at all: of clean pictures in 2 to 8 of 100, whatever
# the one mask for all, and among those of the standard's own choice too; see test_qr.py. In the
# order in which blurred photos were read: under mask 3 98 of 100 by zxing-cpp, 61 by OpenCV.
_MASKS = (3, 1, 4, 6, 5, 7, 0, 2)
_DARK = re.compile("1+")
_FINDER = (1, 1, 3, 1, 1)  # dark, light, dark, light, dark


def _nearly(runs: tuple[int, ...]) -> bool:
    """Whether OpenCV takes these runs for a finder's along one direction; less along the other."""
    shares = (run / sum(runs) - at / 7 for run, at in zip(runs, _FINDER, strict=True))
    return sum(map(abs, shares)) < 0.2


_NEARLY_FINDER = re.compile(  # the second group is the middle
    "(?<!1)(?=(?:{})(?!1))(1+0+)(?=(1+))".format(
        "|".join(
            "".join(f"{at % 2 ^ 1}{{{run}}}" for at, run in enumerate(runs))
            for runs in product((1, 2), (1, 2), range(2, 8), (1, 2), (1, 2))
            if _nearly(runs)
        )
    )
)
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

    Under one mask each module is a sum without carry of bits of the text: the words of error
    correction are linear, and placing them changes nothing of that (ISO/IEC 18004, 7.4 to 7.8);
    another mask is one more summand. So the library makes one code, one more for each bit that may
    differ, and one for each mask; every other is added up from these.
    """

    PAYS = 60  # from so many codes on it is faster

    def __init__(self) -> None:
        self._zero: dict[tuple[str, int], tuple[int, int]] = {}
        self._changes: dict[tuple[str, int, int, int], int] = {}
        self._masks: dict[tuple[int, int], int] = {}

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
        return clearest(
            _parted(total ^ self._other_mask(head, len(tail), mask), size) for mask in _MASKS
        )

    def _without(self, head: str, length: int) -> tuple[int, int]:
        """Side and modules, as one number, of the code with all of these bits unset."""
        if (head, length) not in self._zero:
            rows = masked(head + "0" * length, _MASKS[0])
            self._zero[head, length] = len(rows), int("".join(rows), 2)
        return self._zero[head, length]

    def _change(self, head: str, length: int, at: int, bit: int) -> int:
        """The modules that change with a bit of the letters at a place."""
        key = (head, length, at, bit)
        if key not in self._changes:
            pair = "".join(_LETTERS[value] for value in divmod(1 << bit, 45))
            tail = "0" * at + pair[-(length - at) :] + "0" * (length - at - 2)
            modules = int("".join(masked(head + tail, _MASKS[0])), 2)
            self._changes[key] = modules ^ self._without(head, length)[1]
        return self._changes[key]

    def _other_mask(self, head: str, length: int, mask: int) -> int:
        """The modules that another mask than the first changes, in every code of this size."""
        size, modules = self._without(head, length)
        if (size, mask) not in self._masks:
            self._masks[size, mask] = modules ^ int("".join(masked(head + "0" * length, mask)), 2)
        return self._masks[size, mask]


def clearest(masked: Iterable[Rows]) -> Rows:
    """The first without a place that looks like a finder, else one with the fewest."""
    best: Rows = []
    least = math.inf
    for rows in masked:
        found = finders(rows)
        if found < least:
            best, least = rows, found
        if not found:
            break
    return best


def finders(rows: Rows) -> int:
    """Crossings of runs that may be taken for a finder pattern, but for the three real ones."""
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    return sum(_crossings(lines, across) for lines, across in ((rows, columns), (columns, rows)))


def _crossings(lines: Rows, across: Rows) -> int:
    """Where a finder's runs lie in a line, and nearly such runs cross their middle."""
    exact, far, found = "1011101", len(lines) - 8, 0
    for at, line in enumerate(lines):
        begin = line.find(exact)
        while begin >= 0:
            middle = begin + 3
            alone = line[begin - 1 : begin] != "1" != line[begin + 7 : begin + 8]
            corner = (at < 8 and not 8 <= middle < far) or (at >= far and middle < 8)
            if alone and not corner:
                found += sum(_crosses(across[other], at) for other in range(middle - 1, middle + 2))
            begin = line.find(exact, begin + 1)
    return found


def _crosses(line: str, at: int) -> bool:
    middles = (run.span(2) for run in _NEARLY_FINDER.finditer(line))
    return any(abs(2 * at - (begin + end - 1)) <= 1 for begin, end in middles)


def _parted(modules: int, size: int) -> Rows:
    """One number as rows."""
    text = f"{modules:0{size * size}b}"
    return [text[row : row + size] for row in range(0, size * size, size)]


def _rows(text: str) -> Rows:
    return clearest(masked(text, mask) for mask in _MASKS)


def masked(text: str, mask: int = _MASKS[0]) -> Rows:
    """The library's code under one mask."""
    from qrcode import QRCode, util  # noqa: PLC0415  a web process needs it for posters only

    code = QRCode(error_correction=_LEVEL, border=0, mask_pattern=mask)
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
