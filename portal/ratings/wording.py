"""A comment as it is shown: its words, and in place of what is covered, of what kind it was."""

import re
from dataclasses import dataclass

from portal.ratings.masking import MASK
from portal.ratings.rude_words import rude_spans

RUDE = "rude"


@dataclass(frozen=True)
class Piece:
    """A run of words; or, with a kind, something covered, whose words are not here."""

    text: str
    kind: str = ""


def pieces(text: str, *, covered: bool = True) -> list[Piece]:
    """The comment in pieces; rude words are covered unless a moderator let them stand."""
    spans = [(*found.span(), found[1]) for found in MASK.finditer(text)]
    if covered:
        spans += [(start, end, RUDE) for start, end in rude_spans(MASK.sub(_blank, text))]
    found, at = [], 0
    for start, end, kind in sorted(spans):
        found += [Piece(text[at:start]), Piece("", kind)]
        at = end
    return [piece for piece in (*found, Piece(text[at:])) if piece.text or piece.kind]


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
