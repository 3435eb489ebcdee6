"""Finds rude words in a comment: they are covered until a moderator has looked, never deleted."""

import re
from functools import cache, lru_cache
from pathlib import Path

# How letters are hidden: 4nj1ng, b@ngs@t. Only inside a word that also has letters.
_DISGUISES = str.maketrans("4@3105$7", "aaeiosst")
_WORD = re.compile(r"[^\W_]*[^\W\d_][\w@$*]*|[\d@$]+[^\W\d_][\w@$]*")
_DRAWN_OUT = re.compile(r"(.)\1+")  # gobloook
_ENDINGS = ("nya", "lah", "mu", "ku", "an", "kah", "e", "na")


@cache
def _listed() -> tuple[frozenset[str], tuple[str, ...], re.Pattern[str]]:
    """Whole words, beginnings of words, and the phrases of the list."""
    text = Path(__file__).with_name("rude_words.txt").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    entries = [line for line in lines if line and line[0] not in "#["]
    phrases = [r"\s+".join(map(re.escape, entry.split())) for entry in entries if " " in entry]
    return (
        frozenset(entry for entry in entries if " " not in entry and not entry.endswith("*")),
        tuple(sorted({entry[:-1] for entry in entries if entry.endswith("*")})),
        re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE),
    )


def rude_spans(text: str) -> list[tuple[int, int]]:
    """Where rude words begin and end, in order, none inside another."""
    _words, _beginnings, phrases = _listed()
    spans = [found.span() for found in _WORD.finditer(text) if _is_rude(found[0])]
    spans += [found.span() for found in phrases.finditer(text)]
    apart: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart


def is_rude(text: str) -> bool:
    """Whether a moderator should look at the comment."""
    return bool(rude_spans(text))


@lru_cache(maxsize=10_000)  # people use the same words
def _is_rude(word: str) -> bool:
    """Whether the list has the word, as it is written or without its disguise."""
    plain = word.casefold().translate(_DISGUISES).replace("*", "")
    return _known(plain) or (bool(_DRAWN_OUT.search(plain)) and _known(_once(plain)))


def _once(word: str) -> str:
    return _DRAWN_OUT.sub(r"\1", word)


def _known(word: str) -> bool:
    words, beginnings, _phrases = _listed()
    stems = [word, *(word.removesuffix(ending) for ending in _ENDINGS)]
    return word.startswith(beginnings) or any(stem in words for stem in stems)
