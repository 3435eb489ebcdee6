"""The agency's colour on paper: what can be read on it, and it on white (WCAG 2.2)."""

_WHITE, _INK = "#ffffff", "#17212b"
_MIN_CONTRAST = 4.5  # AA for text


def readable_on(colour: str) -> str:
    """White or ink, whichever is read on this ground."""
    return _WHITE if contrast(colour, _WHITE) >= _MIN_CONTRAST else _INK


def readable_on_white(colour: str) -> str:
    """The colour, darkened as far as its text on white needs it."""
    while contrast(colour, _WHITE) < _MIN_CONTRAST:
        channels = (int(colour[at : at + 2], 16) * 9 // 10 for at in (1, 3, 5))
        colour = "#" + "".join(f"{channel:02x}" for channel in channels)
    return colour


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
