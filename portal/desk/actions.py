"""The one deed of first pages: that somebody took their own data away is written down."""

from datetime import datetime

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account


def note_taken(by: Account, kind: str, now: datetime) -> None:
    """Somebody took their own data away, as `json` or `pdf`."""
    begin_write()
    subject = f"employee:{by.employee_id}"
    note_act(by, "own_data_taken", now, subject=subject, detail={"format": kind})
    db.session.commit()
