"""What is done to screens at counters: set up, sign in, revoke; and scans that led nowhere."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from portal.counters.actions import unused_code
from portal.counters.codes import ALPHABET
from portal.counters.models import Device, RefusedScan
from portal.db import begin_write, db, new_id
from portal.people.actions import note_act
from portal.people.models import Account, Agency

WORD_LENGTH = 12  # of the pairing word: 60 bits
PAIRING = timedelta(minutes=15)
# How long a screen stays signed in. Whoever signs it in again starts the time anew.
LIFE = timedelta(days=365)
SEEN_EVERY = timedelta(minutes=10)


class UnknownWord(Exception):
    """No screen is waiting for this pairing word, or not any more."""


class DeviceEnded(Exception):
    """The screen is revoked; another one is set up in its place."""


@dataclass(frozen=True)
class SignedIn:
    """What the screen keeps: its name and its key, in one text."""

    kind: str
    credential: str
    expires_at: datetime


def pairing_word(signing_key: str, device: Device) -> str:
    """The word that signs this screen in until `pairing_until`: shown, and kept nowhere."""
    until = device.pairing_until.timestamp() if device.pairing_until else 0
    text = f"pairing {device.agency_id} {device.id} {int(until)}".encode()
    digest = hmac.new(signing_key.encode(), text, hashlib.sha256).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:WORD_LENGTH])


def await_pairing(device: Device, signing_key: str, until: datetime) -> None:
    """Let whoever has the pairing word sign this screen in until then."""
    device.pairing_until = until.replace(microsecond=0)
    device.pairing_hash = _hash(pairing_word(signing_key, device))


def add_device(
    by: Account, counter_id: int, *, kind: str, label: str, signing_key: str, now: datetime
) -> int:
    """A display or kiosk at a counter, waiting to be signed in."""
    begin_write()
    device = waiting_device(by.agency_id, counter_id, label, now)
    device.kind = kind
    db.session.add(device)
    await_pairing(device, signing_key, now + PAIRING)
    db.session.flush()
    note_act(by, f"add_{kind}", now, subject=f"device:{device.id}")
    db.session.commit()
    return device.id


def waiting_device(agency_id: int, counter_id: int, label: str, now: datetime) -> Device:
    """A screen with a code that nothing else has."""
    return Device(
        agency_id=agency_id,
        id=new_id(),
        counter_id=counter_id,
        code=unused_code(),
        label=label,
        created_at=now,
        expires_at=now + LIFE,
    )


def let_pair(by: Account, device_id: int, signing_key: str, now: datetime) -> None:
    """A new pairing word: for a screen that was reset, or for another one in its place."""
    begin_write()
    device = _open_device(by.agency_id, device_id)
    await_pairing(device, signing_key, now + PAIRING)
    note_act(by, "let_pair_display", now, subject=f"device:{device_id}")
    db.session.commit()


def pair(word: str, now: datetime) -> SignedIn:
    """Sign a screen in. Opened again within its time, the word makes the key anew."""
    begin_write()
    device = db.session.scalar(
        select(Device).where(Device.pairing_hash == _hash(word)).with_for_update()
    )
    late = device is None or device.pairing_until is None or device.pairing_until < now
    if device is None or late or device.revoked_at is not None:
        db.session.rollback()
        raise UnknownWord
    key = secrets.token_urlsafe(32)
    device.key_hash = _hash(key)
    device.paired_at = device.seen_at = now
    device.expires_at = now + LIFE
    note_act(None, "pair_display", now, agency_id=device.agency_id, subject=f"device:{device.id}")
    signed_in = SignedIn(device.kind, f"{device.agency_id}.{device.id}.{key}", device.expires_at)
    db.session.commit()
    return signed_in


def revoke_display(by: Account, device_id: int, now: datetime) -> None:
    """Its codes are worth nothing any more, those it holds in advance too."""
    begin_write()
    device = _open_device(by.agency_id, device_id)
    device.revoked_at = now
    device.key_hash = device.pairing_hash = device.pairing_until = None
    note_act(by, "revoke_display", now, subject=f"device:{device_id}")
    db.session.commit()


def note_seen(agency_id: int, device_id: int, now: datetime) -> None:
    """The screen was at work: kept every few minutes."""
    begin_write()
    device = db.session.get_one(Device, (agency_id, device_id))
    device.seen_at = now
    db.session.commit()


def note_refusal(agency_id: int, counter_id: int, kind: str, now: datetime) -> None:
    """One more scan of this day that led to no form; who it was is not known."""
    begin_write()
    zone = db.session.get_one(Agency, agency_id).zone
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    key = {
        "agency_id": agency_id,
        "counter_id": counter_id,
        "day": now.astimezone(zone).date(),
        "kind": kind,
    }
    db.session.execute(
        dialect.insert(RefusedScan)
        .values(**key, times=1)
        .on_conflict_do_update(index_elements=list(key), set_={"times": RefusedScan.times + 1})
    )
    db.session.commit()


def _open_device(agency_id: int, device_id: int) -> Device:
    device = db.session.get_one(
        Device, (agency_id, device_id), with_for_update=True, populate_existing=True
    )
    if device.revoked_at is not None:
        raise DeviceEnded
    return device


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
