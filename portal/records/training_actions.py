"""That a training was taken: noted once, by the employee or by who may decide about them."""

from datetime import date, datetime

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.records.decision_actions import flush_unless
from portal.records.models import Decision
from portal.records.notices import account_of, tell
from portal.records.training_models import TrainingTaken
from portal.records.trainings import trainings_of


class NoSuchTraining(Exception):
    """The plan has no training at that place."""


class AlreadyTaken(Exception):
    """It was noted already."""


class NotThatDay(Exception):
    """The day lies in the future, or before the decision."""


def note_training(by: Account, decision_id: int, step: int, taken_on: date, now: datetime) -> None:
    """Keep the day on which a training was taken; the other side is told.

    Raises NoSuchTraining, AlreadyTaken and NotThatDay.
    """
    begin_write()
    decision = db.session.get_one(Decision, (by.agency_id, decision_id))
    planned = {one.step: one for one in trainings_of(by.agency_id, [decision_id])}
    if step not in planned:
        raise NoSuchTraining
    if planned[step].done_on is not None:
        raise AlreadyTaken
    zone = by.agency.zone
    if not decision.decided_at.astimezone(zone).date() <= taken_on <= now.astimezone(zone).date():
        raise NotThatDay
    db.session.add(
        TrainingTaken(
            agency_id=by.agency_id,
            decision_id=decision_id,
            step=step,
            taken_on=taken_on,
            noted_by=by.id,
            at=now,
        )
    )
    flush_unless(AlreadyTaken)
    note_act(by, "note_training", now, subject=f"decision:{decision_id}")
    own = by.employee_id == decision.employee_id
    other = (
        db.session.get(Account, decision.decided_by)
        if own
        else account_of(by.agency_id, decision.employee_id)
    )
    tell(other, "training", f"/decisions/{decision_id}", now)
    db.session.commit()
