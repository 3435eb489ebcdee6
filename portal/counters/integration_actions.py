"""What is done with queue systems that issue tickets: let in, shut out."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta

from portal.counters.models import Integration
from portal.db import begin_write, db, new_id
from portal.people.actions import note_act
from portal.people.models import Account

LIFE = timedelta(days=730)
SEEN_EVERY = timedelta(minutes=10)
# Agency, integration and key: numbers no larger than the database keeps.
KEY = re.compile(r"[0-9]{1,9}\.[0-9]{1,16}\.[\w-]{20,64}", re.ASCII)


class UnknownKey(Exception):
    """No queue system has this key, or not any more."""


def add_integration(by: Account, office_id: int, name: str, now: datetime) -> str:
    """Let a queue system in; returns its key, which is shown once and kept as a hash."""
    begin_write()
    secret = secrets.token_urlsafe(32)
    row = Integration(
        agency_id=by.agency_id,
        id=new_id(),
        office_id=office_id,
        name=name,
        key_hash=_hash(secret),
        created_at=now,
        expires_at=now + LIFE,
    )
    db.session.add(row)
    note_act(by, "add_integration", now, subject=f"integration:{row.id}")
    db.session.commit()
    return f"{row.agency_id}.{row.id}.{secret}"


def revoke_integration(by: Account, integration_id: int, now: datetime) -> None:
    """Shut a queue system out; tickets that it has issued stay good."""
    begin_write()
    row = db.session.get_one(Integration, (by.agency_id, integration_id))
    row.revoked_at = row.revoked_at or now
    note_act(by, "revoke_integration", now, subject=f"integration:{integration_id}")
    db.session.commit()


def integration_of(key: str, now: datetime) -> Integration:
    """The queue system with this key; raises UnknownKey."""
    if not KEY.fullmatch(key):
        raise UnknownKey
    agency_id, integration_id, secret = key.split(".", 2)
    row = db.session.get(Integration, (int(agency_id), int(integration_id)))
    if row is None or not hmac.compare_digest(row.key_hash, _hash(secret)):
        raise UnknownKey
    if row.revoked_at is not None or row.expires_at <= now:
        raise UnknownKey
    if row.seen_at is None or now - row.seen_at >= SEEN_EVERY:
        _note_seen(row.agency_id, row.id, now)
    return db.session.get_one(Integration, (int(agency_id), int(integration_id)))


def _note_seen(agency_id: int, integration_id: int, now: datetime) -> None:
    begin_write()
    db.session.get_one(Integration, (agency_id, integration_id)).seen_at = now
    db.session.commit()


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
