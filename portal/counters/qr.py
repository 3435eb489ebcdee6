"""QR codes as a grid of modules, as one SVG path, and as text for a terminal."""

from collections.abc import Iterator, Sequence
from html import escape

Matrix = Sequence[Sequence[bool]]

# Level Q. Codes of one printed size were spoiled and photographed in a trial (zxing-cpp, 40 each,
# address of 42 characters). H, one version larger, read worse from afar (module of 2 camera pixels:
# Q 40 %, H 0 %), in a shaken hand (50 %, 0 %) and with a spoiled corner (60 %, 52 %); it won only
# with an eighth of the middle covered (2 %, 47 %). M lost to Q on every kind of damage
# (a twelfth covered: 5 %, 50 %). See test_qr.py. (The library's ERROR_CORRECT_Q.)
_LEVEL = 3
# One mask for all: choosing the best of eight takes seven times as long and read no better.
_MASK = 3
QUIET_ZONE = 4  # modules; the least that the standard allows


def matrix(text: str) -> list[list[bool]]:
    """The modules, dark ones True, without the quiet zone; upper-case text gives fewer."""
    from qrcode import QRCode, util  # noqa: PLC0415  a web process needs it for posters only

    code = QRCode(error_correction=_LEVEL, border=0, mask_pattern=_MASK)
    code.add_data(util.QRData(text.encode()))  # the most compact mode for the whole text
    code.make()
    return [[bool(module) for module in row] for row in code.modules]


def svg(text: str, *, title: str = "QR") -> str:
    """One scalable picture for page and print, dark on white, quiet zone included."""
    modules = matrix(text)
    size = len(modules) + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img"'
        f' shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path fill="#000" d="{_path(modules)}"/></svg>'
    )


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


def _path(modules: Matrix) -> str:
    """Every run of dark modules as one rectangle, all in one path."""
    return "".join(
        f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{length}v1h-{length}z"
        for y, row in enumerate(modules)
        for x, length in _dark_runs(row)
    )


def _dark_runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None
