"""Deeds around integrity."""

from datetime import date, datetime

from portal.counters.models import ServedCount
from portal.db import begin_write, db
from portal.people.actions import note_act, note_view
from portal.people.models import Account


def note_reading(account: Account, now: datetime) -> None:
    """Whoever reads what citizens alleged leaves a line in the audit log."""
    note_view(account, "integrity_read", now)


def note_served(
    account: Account, *, counter_id: int, employee_id: int, day: date, people: int, now: datetime
) -> None:
    """How many this employee served there on that day; a later number takes its place."""
    begin_write()
    db.session.merge(
        ServedCount(
            agency_id=account.agency_id,
            counter_id=counter_id,
            employee_id=employee_id,
            day=day,
            people=people,
        )
    )
    note_act(
        account, "note_served", now, subject=f"employee:{employee_id}", detail={"people": people}
    )
    db.session.commit()
