"""A crest that is uploaded: what may stand on paper, tried before it is kept."""

import re

from portal.counters.printing.typesetting import NotTypeset, typeset

MOST = 64 * 1024  # bytes
_PNG = b"\x89PNG\r\n\x1a\n"
# What reaches outside the picture, runs, or grows when it is read. It would not be obeyed on paper;
# but the file is kept, and must be harmless wherever it is shown.
_REFUSED = re.compile(
    r"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet|<script|<foreignObject|\son\w+\s*=|@import"
    r"|href\s*=\s*[\"'](?!#|data:image/png)|url\(\s*[\"']?(?!#)",
    re.IGNORECASE,
)


class BadCrest(ValueError):
    """The file is no picture that can be printed."""


class CrestTooLarge(BadCrest):
    """More than 64 KB."""


def checked(content: bytes) -> tuple[str, bytes]:
    """Its kind, svg or png, and the picture. Raises BadCrest."""
    if len(content) > MOST:
        raise CrestTooLarge
    kind = "png" if content.startswith(_PNG) else "svg"
    if kind == "svg":
        try:
            drawing = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadCrest from None
        if "<svg" not in drawing or _REFUSED.search(drawing):
            raise BadCrest
        content = drawing.encode()
    try:
        crest_picture(kind, content)
    except NotTypeset:
        raise BadCrest from None
    return kind, content


def crest_picture(kind: str, content: bytes) -> bytes:
    """The crest as PNG, as the typesetter draws it. Raises NotTypeset."""
    crest = content.decode() if kind == "svg" else list(content)
    return typeset("crest.typ", {"crest": crest, "crest_kind": kind}, output="png", ppi=130)
