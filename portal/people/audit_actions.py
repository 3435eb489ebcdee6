"""What is done with the audit log itself: each day sealed, and that it was taken away noted."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.audit_seals import FIRST, digest_of, last_seal
from portal.people.models import Account, Agency, AuditSeal

SETTLED = timedelta(hours=1)  # after midnight: what was begun on the day before is done by then


def note_export(by: Account, now: datetime) -> None:
    """That the audit log was taken away as a file."""
    begin_write()
    note_act(by, "audit_exported", now)
    db.session.commit()


def seal_days(now: datetime) -> int:
    """Seal what was done until last midnight and is not sealed yet, of every agency by its own
    clock. Returns how many seals were made."""
    agencies = [(one.id, _midnight(one, now)) for one in db.session.scalars(select(Agency))]
    db.session.rollback()
    return sum(_seal(agency_id, until) for agency_id, until in agencies)


def _midnight(agency: Agency, now: datetime) -> datetime:
    day = (now - SETTLED).astimezone(agency.zone).date()
    return datetime.combine(day, time(), tzinfo=agency.zone)


def _seal(agency_id: int, until: datetime) -> bool:
    last = last_seal(agency_id)
    if last is not None and last.until >= until:
        return False
    before, since = (last.digest, last.until) if last else (FIRST, None)
    digest, acts = digest_of(agency_id, before, since, until)
    db.session.rollback()
    if acts:
        begin_write()
        db.session.add(AuditSeal(agency_id=agency_id, until=until, acts=acts, digest=digest))
        db.session.commit()
    return acts > 0
