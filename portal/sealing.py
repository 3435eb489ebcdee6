"""Sealing of what only the portal itself may read again: addresses that citizens leave.

Fernet (AES-128-CBC with HMAC-SHA256) of the `cryptography` library; of several keys the newest
seals and all of them open.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from flask import current_app

from portal.config import Settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

# Of 127 characters a sealed text has 248: it fits where an address does.
LONGEST = 127


class CannotUnseal(ValueError):
    """The key with which this was sealed is no longer among the keys."""


def can_seal() -> bool:
    """Whether there is a key; without one nothing that needs sealing is asked for."""
    return bool(_keys())


def seal(text: str) -> str:
    """The text as only the portal can read it; at most LONGEST characters of ASCII."""
    return _cipher().encrypt(text.encode()).decode("ascii")


def unseal(token: str) -> str:
    """The text again; raises CannotUnseal."""
    from cryptography.fernet import InvalidToken  # noqa: PLC0415  see _cipher

    try:
        return _cipher().decrypt(token.encode("ascii")).decode()
    except InvalidToken:
        raise CannotUnseal from None


def marks(text: str) -> list[bytes]:
    """What a text is found again by, the newest key's first: 16 bytes that without a key say
    nothing of it."""
    return [hmac.digest(key, text.encode(), "sha256")[:16] for key in _keys()]


def _keys() -> list[bytes]:
    found: list[bytes] | None = current_app.extensions.get("contact_keys")
    if found is None:  # made once: every receipt that is read asks for them
        found = current_app.extensions["contact_keys"] = _made(current_app.config["SETTINGS"])
    return found


def _made(settings: Settings) -> list[bytes]:
    keys = [key.get_secret_value().encode("ascii") for key in settings.contact_keys]
    if keys or settings.production:
        return keys
    # A trial installation has no key of its own to keep: it is made from the one for signing.
    return [urlsafe_b64encode(sha256(settings.signing_keys[-1].encode()).digest())]


def _cipher() -> MultiFernet:
    """Loaded when it is needed: the library weighs some MiB, and most processes never seal."""
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

    return MultiFernet([Fernet(key) for key in _keys()])
