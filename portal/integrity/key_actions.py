"""What is done with the inspectorate's key: made, replaced, opened for a session, put away."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from portal.db import begin_write, db
from portal.integrity.models import IntegrityKey, IntegrityMessage, IntegrityOpening
from portal.integrity.report_queries import current_key
from portal.integrity.sealing import (
    LockedKey,
    WrongPassphrase,
    lend,
    new_locked_key,
    read_sealed,
    seal,
    unlock,
)
from portal.people.actions import note_act
from portal.people.models import Account, Agency

SESSION = timedelta(minutes=30)
SHORTEST_PASSPHRASE = 16  # characters: four words


class KeyExists(Exception):
    """There is a key already; it is replaced, not made again."""


class NoKeyYet(Exception):
    """There is no key to open or to replace."""


def make_key(agency: Agency, by: Account | None, passphrase: str, now: datetime) -> None:
    """The first key of an inspectorate; raises KeyExists."""
    locked = new_locked_key(passphrase)  # before the transaction: it takes its time
    begin_write()
    if current_key(agency.id) is not None:
        db.session.rollback()
        raise KeyExists
    _keep(agency.id, 1, locked, now)
    note_act(by, "integrity_key_made", now, agency_id=agency.id)
    db.session.commit()


def replace_key(
    agency: Agency, by: Account | None, old: str | None, passphrase: str, now: datetime
) -> int:
    """A new key; everything is sealed anew for it, and the old private half is destroyed.

    With no old passphrase (it is lost) what was sealed so far stays as it is, to be opened should
    the passphrase be found. Returns how many messages were sealed anew; raises WrongPassphrase
    and NoKeyYet.
    """
    agency_id = agency.id
    current = current_key(agency_id)
    if current is None:
        raise NoKeyYet
    private = unlock(_locked(current), old) if old is not None else None
    locked = new_locked_key(passphrase)
    old_id = current.id
    begin_write()
    current = db.session.get_one(
        IntegrityKey, (agency_id, old_id), with_for_update=True, populate_existing=True
    )
    if current.replaced_on is not None:  # somebody else was faster
        db.session.rollback()
        raise WrongPassphrase
    current.replaced_on = now.astimezone(agency.zone).date()
    new = _keep(agency_id, old_id + 1, locked, now)
    db.session.execute(delete(IntegrityOpening).where(IntegrityOpening.agency_id == agency_id))
    done = _seal_anew(current, new, private) if private is not None else 0
    detail: dict[str, object] = {"sealed_anew": done, "lost": private is None}
    note_act(by, "integrity_key_replaced", now, agency_id=agency_id, detail=detail)
    db.session.commit()
    return done


def open_key(by: Account, passphrase: str, now: datetime) -> str:
    """Lend the key for a session; what the browser is to keep. Raises WrongPassphrase, NoKeyYet."""
    key = current_key(by.agency_id)
    if key is None:
        raise NoKeyYet
    key_id = key.id
    try:
        private = unlock(_locked(key), passphrase)
    except WrongPassphrase:
        begin_write()
        note_act(by, "integrity_open_failed", now)
        db.session.commit()
        raise
    kept, stored = lend(private)
    begin_write()
    db.session.merge(
        IntegrityOpening(
            agency_id=by.agency_id,
            account_id=by.id,
            key_id=key_id,
            lent=stored,
            ends_at=now + SESSION,
        )
    )
    note_act(by, "integrity_opened", now)
    db.session.commit()
    return kept.hex()


def recover(agency: Agency, passphrase: str, now: datetime) -> int:
    """A passphrase that was lost is found: what was sealed for its key is sealed for the present
    one. Returns how many messages; raises WrongPassphrase where it opens no earlier key."""
    earlier = db.session.scalars(
        select(IntegrityKey).where(
            IntegrityKey.agency_id == agency.id,
            IntegrityKey.replaced_on.is_not(None),
            IntegrityKey.wrapped.is_not(None),
        )
    ).all()
    found = None
    for key in earlier:
        with suppress(WrongPassphrase):
            found = key.id, unlock(_locked(key), passphrase)
    if found is None:
        raise WrongPassphrase
    key_id, private = found
    agency_id = agency.id
    begin_write()
    new = current_key(agency_id)
    if new is None:
        raise NoKeyYet
    old = db.session.get_one(IntegrityKey, (agency_id, key_id))
    done = _seal_anew(old, new, private)
    note_act(None, "integrity_key_found", now, agency_id=agency_id, detail={"sealed_anew": done})
    db.session.commit()
    return done


def put_away(by: Account) -> None:
    """End the session with the key."""
    begin_write()
    db.session.execute(
        delete(IntegrityOpening).where(
            IntegrityOpening.agency_id == by.agency_id, IntegrityOpening.account_id == by.id
        )
    )
    db.session.commit()


def _locked(key: IntegrityKey) -> LockedKey:
    if key.wrapped is None:
        raise NoKeyYet
    return LockedKey(key.public, key.salt, key.wrapped)


def _keep(agency_id: int, key_id: int, locked: LockedKey, now: datetime) -> IntegrityKey:
    zone = db.session.get_one(Agency, agency_id).zone
    key = IntegrityKey(
        agency_id=agency_id,
        id=key_id,
        public=locked.public,
        salt=locked.salt,
        wrapped=locked.wrapped,
        made_on=now.astimezone(zone).date(),
    )
    db.session.add(key)
    db.session.flush()
    return key


def _seal_anew(old: IntegrityKey, new: IntegrityKey, private: bytes) -> int:
    rows = db.session.scalars(
        select(IntegrityMessage).where(
            IntegrityMessage.agency_id == old.agency_id, IntegrityMessage.key_id == old.id
        )
    ).all()
    for row in rows:
        row.for_inspectorate = seal(new.public, read_sealed(private, row.for_inspectorate))
        row.key_id = new.id
    old.wrapped = None
    return len(rows)
