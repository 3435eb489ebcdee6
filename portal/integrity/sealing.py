"""How words reach the inspectorate and its answers a citizen, sealed. Pure: bytes in, bytes out.

Both ways are sealed boxes of libsodium (X25519, XSalsa20-Poly1305; anybody can close one, only the
holder of the private key opens it). The inspectorate's private key is kept under its passphrase
(Argon2id, RFC 9106). The citizen's follows from the code of the mailbox, which is kept nowhere:
the portal holds its hash, to find the mailbox, and the public key, to answer.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from nacl import pwhash, utils
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from portal.counters.codes import new_code

CODE_LENGTH = 20  # of Crockford base32: 100 bits, beyond guessing even with the database at hand
BLOCK = 512  # bytes: a sealed text tells its length in these steps only
# Argon2id: a third of a second and 128 MiB for each try, and one at a time.
PASSES = 3
MEMORY = 128 * 2**20
_one_at_a_time = threading.Lock()

Words = dict[str, str]


class WrongPassphrase(Exception):
    """The key does not open with these words."""


class Unreadable(Exception):
    """Sealed for another key, or damaged."""


@dataclass(frozen=True)
class LockedKey:
    """A key pair as it is stored: the private half only under the passphrase."""

    public: bytes
    salt: bytes
    wrapped: bytes


@dataclass(frozen=True)
class Mailbox:
    """What follows from a mailbox's code: where it is found, and the key of its answers."""

    lookup: bytes
    private: bytes

    @property
    def public(self) -> bytes:
        return bytes(PrivateKey(self.private).public_key)


def new_mailbox_code() -> str:
    return new_code(CODE_LENGTH)


def mailbox_of(code: str) -> Mailbox:
    """The mailbox of a normalised code; two hashes that say nothing of each other."""

    def follow(purpose: bytes) -> bytes:
        return hashlib.blake2b(code.encode(), digest_size=32, person=purpose).digest()

    return Mailbox(lookup=follow(b"mailbox"), private=follow(b"answers"))


def new_locked_key(passphrase: str) -> LockedKey:
    """A fresh key pair of the inspectorate."""
    pair = PrivateKey.generate()
    salt = utils.random(pwhash.argon2id.SALTBYTES)
    wrapped = SecretBox(_stretched(passphrase, salt)).encrypt(bytes(pair))
    return LockedKey(bytes(pair.public_key), salt, bytes(wrapped))


def unlock(key: LockedKey, passphrase: str) -> bytes:
    """The private key; raises WrongPassphrase."""
    try:
        return bytes(SecretBox(_stretched(passphrase, key.salt)).decrypt(key.wrapped))
    except CryptoError:
        raise WrongPassphrase from None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    words = " ".join(passphrase.split()).encode()
    with _one_at_a_time:
        return bytes(pwhash.argon2id.kdf(32, words, salt, opslimit=PASSES, memlimit=MEMORY))


def seal(public: bytes, words: Mapping[str, str]) -> bytes:
    """The words for whoever holds the private key, filled up with blanks to the next block."""
    plain = json.dumps(words, ensure_ascii=False).encode()
    plain += b" " * (-len(plain) % BLOCK)
    return bytes(SealedBox(PublicKey(public)).encrypt(plain))


def read_sealed(private: bytes, sealed: bytes) -> Words:
    """What was sealed for this key; raises Unreadable."""
    try:
        plain = SealedBox(PrivateKey(private)).decrypt(sealed)
    except CryptoError:
        raise Unreadable from None
    words: Words = json.loads(plain)
    return words


def lend(private: bytes) -> tuple[bytes, bytes]:
    """The key for the length of a session, in two parts that are worth nothing alone: what the
    reader's browser keeps, and what the database keeps."""
    kept = utils.random(SecretBox.KEY_SIZE)
    return kept, bytes(SecretBox(kept).encrypt(private))


def lent(kept: bytes, stored: bytes) -> bytes:
    """The key that was lent; raises Unreadable."""
    try:
        return bytes(SecretBox(kept).decrypt(stored))
    except (CryptoError, ValueError):
        raise Unreadable from None
