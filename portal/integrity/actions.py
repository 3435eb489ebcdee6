"""Deeds around integrity."""

from datetime import datetime

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account


def note_reading(account: Account, now: datetime) -> None:
    """Whoever reads what citizens alleged leaves a line in the audit log."""
    begin_write()
    note_act(account, "integrity_read", now)
    db.session.commit()
