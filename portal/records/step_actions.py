"""That a step of a plan was done: noted once, by who may decide about the employee."""

from datetime import date, datetime

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.records.decision_actions import OwnRecord, Superseded, flush_unless
from portal.records.judgements import judgement
from portal.records.notices import account_of, tell
from portal.records.plan_steps import planned
from portal.records.step_models import StepDone


class NoSuchStep(Exception):
    """The plan has no step at that place, or it is a training, which is noted as one."""


class AlreadyDone(Exception):
    """It was noted already."""


class NotThatDay(Exception):
    """The day lies in the future, or before the decision."""


def note_step(
    by: Account, decision_id: int, step: int, done_on: date, now: datetime, *, note: str = ""
) -> None:
    """Keep the day on which a step was done, with a note or without; the employee is told.

    Raises NoSuchStep, OwnRecord, Superseded (of a revoked decision too), AlreadyDone and
    NotThatDay.
    """
    begin_write()
    judged = judgement(by.agency_id, decision_id)
    steps = {one.step: one for one in planned(by.agency_id, [decision_id]) if not one.training}
    if judged is None or step not in steps:
        raise NoSuchStep
    decision, zone = judged.decision, by.agency.zone
    if by.employee_id == decision.employee_id:
        raise OwnRecord
    if steps[step].done_on is not None:
        raise AlreadyDone
    if not judged.stands:
        raise Superseded
    if not decision.decided_at.astimezone(zone).date() <= done_on <= now.astimezone(zone).date():
        raise NotThatDay
    db.session.add(
        StepDone(
            agency_id=by.agency_id,
            decision_id=decision_id,
            step=step,
            done_on=done_on,
            note=note.strip(),
            noted_by=by.id,
            at=now,
        )
    )
    flush_unless(AlreadyDone)
    note_act(by, "note_step", now, subject=f"decision:{decision_id}")
    path = f"/decisions/{decision_id}"
    tell(account_of(by.agency_id, decision.employee_id), "step", path, now)
    db.session.commit()
