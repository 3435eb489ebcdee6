"""Codes people read off paper and type: Crockford base32, and the addresses made of them."""

import random
import re
import secrets
from urllib.parse import urlsplit

# Crockford base32: no I, L, O (read as 1 and 0) and no U (fewer accidental words).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PRINTED_CODE_LENGTH = 8
TICKET_LENGTH = 10

_CONFUSABLE = str.maketrans("ILO", "110")
# Phones turn a typed hyphen into other dashes, and a pasted code may hold hidden spaces.
_LETTERS = frozenset(ALPHABET)
_SEPARATORS = re.compile(r"[\s\-_.\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff]+")


def new_code(length: int = PRINTED_CODE_LENGTH, *, source: random.Random | None = None) -> str:
    """A fresh code nobody can guess; a seeded source makes demo data repeatable."""
    pick = secrets.choice if source is None else source.choice
    return "".join(pick(ALPHABET) for _ in range(length))


def normalise_code(text: str) -> str:
    """What was meant by a typed code: upper case, no separators, confusable letters as digits."""
    return _SEPARATORS.sub("", text).upper().translate(_CONFUSABLE)


def is_code(text: str, length: int = PRINTED_CODE_LENGTH) -> bool:
    """Whether a normalised text has the shape of a code; says nothing about its existence."""
    return len(text) == length and _LETTERS.issuperset(text)


def show_code(code: str) -> str:
    """The code in groups that the eye can hold: 7K3M-9QXA, 7K3M-9QXA-4T2B, 7K3M9-QXA4T."""
    group = 4 if len(code) % 4 == 0 else 5
    return "-".join(code[start : start + group] for start in range(0, len(code), group))


def scan_address(public_url: str, code: str) -> str:
    """The address a QR holds, in upper case: that keeps the QR small (alphanumeric mode)."""
    return f"{_root(public_url)}/N/{code}".upper()


def typed_address(public_url: str, code: str) -> str:
    """The same address as a person types it: host, /n/ and the code with its hyphen."""
    return f"{urlsplit(_root(public_url)).netloc.lower()}/n/{show_code(code)}"


def _root(public_url: str) -> str:
    """Scheme and host; a path is refused, since the upper-case QR would change its meaning."""
    parts = urlsplit(public_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"public URL needs http(s) and a host: {public_url!r}")
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"public URL must be scheme and host only: {public_url!r}")
    return f"{parts.scheme}://{parts.netloc}"
