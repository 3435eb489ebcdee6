"""Deeds around integrity."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.counters.models import ServedCount
from portal.db import begin_write, db
from portal.integrity.models import HANDED, AllegationFinding
from portal.integrity.queries import Flagged, closes
from portal.people.actions import note_act, note_view
from portal.people.models import Account
from portal.ratings.models import RatingComment


class AllegationGone(Exception):
    """The comment is the inspector's no more: handed to the moderators, or erased."""


class PeriodClosed(Exception):
    """No release brings a comment of a closed quarter to the moderators."""


@dataclass(frozen=True)
class Finding:
    """What an inspector does about a comment (`models.FINDINGS`), and why."""

    outcome: str
    reason: str


def note_reading(account: Account, now: datetime) -> None:
    """Whoever reads what citizens alleged leaves a line in the audit log."""
    note_view(account, "integrity_read", now)


def note_finding(by: Account, shown: Flagged, finding: Finding, now: datetime) -> None:
    """Keep what is done about a comment, once however often it is sent; one that is handed over
    comes to the moderators with the next release, as any other. Raises AllegationGone and
    PeriodClosed."""
    begin_write()
    comment = db.session.scalar(
        select(RatingComment)
        .where(
            RatingComment.agency_id == by.agency_id,
            RatingComment.period == shown.period,
            RatingComment.key == shown.key,
            RatingComment.for_inspector,
        )
        .with_for_update()
    )
    if comment is None:
        db.session.rollback()
        raise AllegationGone
    if _last(comment) == (finding.outcome, finding.reason, by.id):
        db.session.rollback()
        return
    if finding.outcome == HANDED:
        if closes(by.agency_id, shown.period):
            db.session.rollback()
            raise PeriodClosed
        comment.for_inspector = False
    db.session.add(
        AllegationFinding(
            agency_id=by.agency_id,
            period=comment.period,
            rating_id=comment.rating_id,
            outcome=finding.outcome,
            reason=finding.reason,
            at=now,
            account_id=by.id,
        )
    )
    detail: dict[str, object] = {"outcome": finding.outcome}
    subject = f"office:{shown.office_id}"
    note_act(by, "integrity_finding", now, subject=subject, detail=detail)
    db.session.commit()


def _last(comment: RatingComment) -> tuple[str, str, int] | None:
    """What was done about a comment last, why, and by whom."""
    return db.session.execute(
        select(AllegationFinding.outcome, AllegationFinding.reason, AllegationFinding.account_id)
        .where(
            AllegationFinding.agency_id == comment.agency_id,
            AllegationFinding.period == comment.period,
            AllegationFinding.rating_id == comment.rating_id,
        )
        .order_by(AllegationFinding.at.desc(), AllegationFinding.id.desc())
        .limit(1)
    ).first()


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
