"""Taking a measure back; it comes in with `portal.imports`."""

from datetime import datetime

from sqlalchemy import delete

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.people.queries import Scope
from portal.records.measure_models import ObjectiveMeasure
from portal.records.measures import within


def remove_measure(by: Account, scope: Scope, period: str, measure: str, now: datetime) -> int:
    """Remove one measure of a period, of those who worked in the scope; how many values went."""
    begin_write()
    gone = db.session.execute(
        delete(ObjectiveMeasure)
        .where(within(scope, period), ObjectiveMeasure.measure == measure)
        .returning(ObjectiveMeasure.employee_id)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        detail: dict[str, object] = {"measure": measure, "removed": len(gone)}
        note_act(by, "remove_measure", now, subject=period, detail=detail)
    db.session.commit()
    return len(gone)
