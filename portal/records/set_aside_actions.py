"""What people do about ratings set aside: the employee asks, an appeals officer looks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.ratings.models import VerdictReview
from portal.records.attachments import Checked, attach
from portal.records.models import ReviewRequest
from portal.records.notices import account_of, tell
from portal.records.queries import shown_score
from portal.records.set_aside import Batch, batches

WEIGHTS = {"restore": 1.0, "confirm": 0.0}


@dataclass(frozen=True)
class Finding:
    """What an officer says of some batches (`set_aside.Batch.key`): restore or confirm, and why."""

    batches: list[str]
    outcome: str
    reason: str


class NothingSetAside(Exception):
    """No rating of this employee is set aside in what is shown."""


class BatchesMoved(Exception):
    """Somebody else has reviewed, or a release has moved on, since the page was opened."""


class OwnRatings(Exception):
    """Nobody reviews the ratings about themselves."""


def ask_review(
    by: Account,
    employee_id: int,
    period: str,
    reason: str,
    now: datetime,
    *,
    tell_to: list[Account],
    files: Sequence[Checked] = (),
) -> ReviewRequest:
    """The employee asks that what was set aside be looked at; officers are told."""
    begin_write()
    if by.employee_id != employee_id:
        raise PermissionError("only the employee asks")
    shown = shown_score(by.agency_id, employee_id, period)
    if shown is None or not shown.score.set_aside:
        raise NothingSetAside
    asked = ReviewRequest(
        agency_id=by.agency_id,
        employee_id=employee_id,
        period=period,
        reason=reason.strip(),
        at=now,
    )
    db.session.add(asked)
    attach(asked, employee_id, files, now)
    note_act(by, "ask_review", now, subject=f"employee:{employee_id}", detail={"period": period})
    for officer in tell_to:
        tell(officer, "review_asked", f"/records/{employee_id}/{period}/set-aside", now)
    db.session.commit()
    return asked


def review(by: Account, employee_id: int, period: str, finding: Finding, now: datetime) -> int:
    """Restore or confirm whole batches, with a reason; takes effect in the next release that
    moves this person's figures, in a closed period by a correction. Returns how many ratings it
    was."""
    begin_write()
    if by.employee_id == employee_id:
        raise OwnRatings
    shown = shown_score(by.agency_id, employee_id, period)
    if shown is None:
        raise NothingSetAside
    found: dict[str, Batch] = {batch.key: batch for batch in batches(shown.run, employee_id, now)}
    if not finding.batches or not set(finding.batches) <= set(found):
        raise BatchesMoved
    ratings = [rating_id for key in finding.batches for rating_id in found[key].ratings]
    add_reviews(by, period, ratings, now, weight=WEIGHTS[finding.outcome], reason=finding.reason)
    detail: dict[str, object] = {
        "period": period,
        "outcome": finding.outcome,
        "ratings": len(ratings),
    }
    note_act(by, "review", now, subject=f"employee:{employee_id}", detail=detail)
    path = f"/records/{employee_id}/{period}"
    tell(account_of(by.agency_id, employee_id), "reviewed", path, now)
    db.session.commit()
    return len(ratings)


def add_reviews(
    by: Account, period: str, ratings: Iterable[UUID], now: datetime, *, weight: float, reason: str
) -> None:
    """A person's word on each rating, weight 0 or 1, within the caller's transaction."""
    db.session.add_all(
        VerdictReview(
            agency_id=by.agency_id,
            period=period,
            rating_id=rating_id,
            weight=weight,
            reason=reason.strip(),
            at=now,
            account_id=by.id,
        )
        for rating_id in ratings
    )
