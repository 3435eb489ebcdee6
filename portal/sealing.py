"""Sealing of what only the portal itself may read again: addresses that citizens leave.

Secret boxes of libsodium (XSalsa20-Poly1305), the library that seals reports as well; of several
keys the newest seals and all of them open.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from flask import current_app
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from portal.config import Settings

# Of 127 characters a sealed text has 224: it fits where an address does.
LONGEST = 127
BLOCK = 16  # characters: a sealed text tells its length in these steps only


class CannotUnseal(ValueError):
    """The key with which this was sealed is no longer among the keys."""


def can_seal() -> bool:
    """Whether there is a key; without one nothing that needs sealing is asked for."""
    return bool(_keys())


def seal(text: str) -> str:
    """The text as only the portal can read it; at most LONGEST characters of ASCII."""
    plain = text.encode()
    plain += b"\0" * (-len(plain) % BLOCK)
    return urlsafe_b64encode(_box(_keys()[0]).encrypt(plain)).decode("ascii")


def unseal(token: str) -> str:
    """The text again; raises CannotUnseal."""
    for key in _keys():
        try:
            plain = _box(key).decrypt(urlsafe_b64decode(token))
        except (CryptoError, ValueError):
            continue  # of another key, or nothing that was sealed here
        return plain.rstrip(b"\0").decode()
    raise CannotUnseal


def marks(text: str) -> list[bytes]:
    """What a text is found again by, the newest key's first: 16 bytes that without a key say
    nothing of it."""
    return [hmac.digest(key, text.encode(), "sha256")[:16] for key in _keys()]


def _box(key: bytes) -> SecretBox:
    return SecretBox(urlsafe_b64decode(key))


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
