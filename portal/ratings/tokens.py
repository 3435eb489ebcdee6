"""The signed token in a rating form: everything the form fixes, so that sending it again is safe.

Stateless: nothing is stored when a form is issued. The submission's id is the idempotency key.
"""

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode

from portal.counters.codes import ALPHABET
from portal.ratings.attribution import Candidate, Offer

# A phone without network may send this much later; old signing keys are kept as long.
LIFETIME = timedelta(days=8)
RECEIPT_LENGTH = 12


class BadToken(Exception):
    """The token is forged, of another counter, or not a token at all."""


class ExpiredToken(BadToken):
    """The token is genuine but older than LIFETIME."""


@dataclass(frozen=True)
class Form:
    """What a form was issued for."""

    id: uuid.UUID
    code: str
    agency_id: int
    counter_id: int
    code_version: int | None  # of a printed code
    channel: str
    period: str
    zone: str
    issued_at: datetime
    offer: Offer
    # Outside working hours: the days of the last shifts, of which the citizen names one.
    days: tuple[str, ...] = ()
    services: tuple[int, ...] = ()
    # Two who open one ticket have two forms for one rating; this tells them apart.
    nonce: str = ""

    def spare(self, token: str) -> "Form":
        """The form that this one's page becomes when a phone opens it again without network.

        A second submission with an id that follows from this form's token, so that it is used
        once, and that nobody without the token finds beside the first's. About nobody: who will
        be on duty then is not known when the page is read.
        """
        # The bytes of the signature: its last letter can be written in several ways.
        signature = base64_decode(token.rpartition(".")[2]).hex()
        return replace(self, id=uuid.uuid5(self.id, signature), offer=Offer("spare"), days=())


class Tokens:
    """Issues and reads tokens; keys oldest first, the last one signs."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.signing_keys = tuple(keys)
        self._keys = [f"rating form {key}" for key in keys]
        self._receipt_keys = [f"receipt {key}".encode() for key in keys]
        self._serializer = URLSafeSerializer(
            self._keys,
            salt=b"rating",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "none"},
        )

    def issue(self, form: Form) -> str:
        token = self._serializer.dumps(
            [
                form.id.hex,
                form.code,
                form.agency_id,
                form.counter_id,
                form.code_version,
                form.channel,
                form.period,
                form.zone,
                int(form.issued_at.timestamp()),
                form.offer.kind,
                [_packed(candidate) for candidate in form.offer.named],
                [_packed(candidate) for candidate in form.offer.others],
                list(form.days),
                list(form.services),
                *([form.nonce] if form.nonce else []),
            ]
        )
        return str(token)

    def read(self, text: str, now: datetime) -> Form:
        """The form a token was issued for; raises BadToken or ExpiredToken."""
        try:
            parts = self._serializer.loads(text)
        except BadData as error:
            raise BadToken from error
        issued_at = datetime.fromtimestamp(parts[8], UTC)
        if now - issued_at > LIFETIME:
            raise ExpiredToken
        return Form(
            id=uuid.UUID(hex=parts[0]),
            code=parts[1],
            agency_id=parts[2],
            counter_id=parts[3],
            code_version=parts[4],
            channel=parts[5],
            period=parts[6],
            zone=parts[7],
            issued_at=issued_at,
            offer=Offer(
                parts[9],
                tuple(Candidate(*packed) for packed in parts[10]),
                tuple(Candidate(*packed) for packed in parts[11]),
            ),
            days=tuple(parts[12]),
            services=tuple(parts[13]),
            nonce="".join(parts[14:]),
        )

    def receipt(self, form: Form) -> str:
        """The code the citizen keeps: 60 bits that only the portal can compute."""
        return _receipt(self._receipt_keys[-1], form)

    def is_receipt(self, code: str, form: Form) -> bool:
        """Whether it is this form's receipt, with whichever key it was made."""
        return code in {_receipt(key, form) for key in self._receipt_keys}

    def ids_of(self, name: str) -> list[uuid.UUID]:
        """The ids of a rating that has a name instead of a form, by each key, the newest last.

        The same each time, so that it is stored once; not to be made of what the database holds.
        """
        text = f"rating id {name}".encode()
        digests = (hmac.digest(key.encode(), text, "sha256") for key in self.signing_keys)
        return [uuid.UUID(bytes=digest[:16], version=4) for digest in digests]


def _receipt(key: bytes, form: Form) -> str:
    message = f"{form.agency_id} {form.period} {form.id}{form.nonce}".encode()
    number = int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:8], "big")
    letters = []
    for _position in range(RECEIPT_LENGTH):
        number, index = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


def _packed(candidate: Candidate) -> list[int | bool]:
    return [candidate.employee_id, candidate.countable, candidate.civil_servant]
