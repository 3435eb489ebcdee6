"""The second half of a display's code: another one each minute, and which minute it was.

After TOTP (RFC 6238): a keyed hash of the minute, cut short. The minute itself stands before it,
so that one look tells a code of just now from one photographed an hour ago. Pure: no database.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from portal.counters.codes import ALPHABET, is_code

OTP_LENGTH = 8
STAMP_LENGTH = 3  # letters for the minute; the same ones come again after 22 days
PROOF_LENGTH = OTP_LENGTH - STAMP_LENGTH  # 25 bits, for codes that live minutes
STAMPS = len(ALPHABET) ** STAMP_LENGTH
# A screen's clock and the walk to the exit: a code is fresh this long before and after its minute.
TOLERANCE = timedelta(minutes=5)


def minute_of(moment: datetime) -> int:
    """The minute in which a moment lies, counted from 1970."""
    return int(moment.timestamp()) // 60


def display_keys(signing_keys: Sequence[str], agency_id: int, device_id: int) -> list[bytes]:
    """A device's keys, made of the portal's signing keys, oldest first: none of them is stored."""
    name = f"display {agency_id} {device_id}".encode()
    return [hmac.new(key.encode(), name, hashlib.sha256).digest() for key in signing_keys]


def otp(key: bytes, minute: int) -> str:
    """The code of one minute: three letters of the minute, five that only the key gives."""
    digest = hmac.new(key, str(minute).encode(), hashlib.sha256).digest()
    proof = int.from_bytes(digest[:8], "big")
    return _letters(minute % STAMPS, STAMP_LENGTH) + _letters(proof, PROOF_LENGTH)


def minute_shown(keys: Sequence[bytes], text: str, now: datetime) -> int | None:
    """The minute for which one of the keys made this code; None where none of them did."""
    if not is_code(text, OTP_LENGTH):
        return None
    stamp = 0
    for letter in text[:STAMP_LENGTH]:
        stamp = stamp * len(ALPHABET) + ALPHABET.index(letter)
    # Of all minutes with this stamp the one nearest to now.
    half = STAMPS // 2
    minute = minute_of(now) + (stamp - minute_of(now) + half) % STAMPS - half
    wanted = (otp(key, minute) for key in keys)
    return minute if any(hmac.compare_digest(one, text) for one in wanted) else None


def fresh_at(minute: int, now: datetime) -> datetime | None:
    """When a code of this minute stood on the screen, never later than now; None if it is old."""
    start = datetime.fromtimestamp(minute * 60, UTC)
    end = start + timedelta(minutes=1)
    if start - TOLERANCE <= now <= end + TOLERANCE:
        return min(now, end)
    return None


def _letters(number: int, length: int) -> str:
    """The last `length` digits of a number to the base 32."""
    found = ""
    for _position in range(length):
        number, index = divmod(number, len(ALPHABET))
        found = ALPHABET[index] + found
    return found
