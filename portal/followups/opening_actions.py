"""Cases are opened after a release and made known when they are late: due work.

No case is opened before its rating may be known: a release must have shown it together with
enough others of its office, as comments are shown (portal.records.comment_release_actions).
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, insert, or_, select
from sqlalchemy.orm import aliased

from portal.counters.models import Counter
from portal.db import begin_write, db, new_id
from portal.followups.deadlines import due_after
from portal.followups.escalation import receivers
from portal.followups.models import FollowedRelease, FollowUp, FollowUpEvent
from portal.followups.notices import tell_handlers, tell_late
from portal.followups.words import is_worrying
from portal.people.actions import note_act
from portal.people.models import Agency, Holiday
from portal.ratings.models import Rating, RatingComment, Release, Verdict
from portal.records.comment_release_actions import reached
from portal.records.evidence import (
    AT_COUNTER,
    SETTLED,
    WEIGHT,
    WITHDRAWN,
    WRITTEN_BESIDE,
    Moment,
    ratings_as_of,
)
from portal.records.policies import AgencyPolicy, current_policy

PIECE = 500  # cases of one transaction


@dataclass(frozen=True)
class _Found:
    """A rating that opens a case."""

    rating: uuid.UUID
    office_id: int
    cause: str | None
    low: bool


def open_cases(now: datetime, since: date = date.min) -> int:
    """Open the cases of every release that nobody has looked through yet.

    `since`: visits before this day open none, for an agency that begins with follow-ups when it
    has had ratings for long.
    """
    opened = 0
    for agency_id, period, number, before in _unfollowed():
        policy = current_policy(agency_id)
        moment = Moment(agency_id, period, number, now)
        fresh = _found(moment, before, policy, since)
        db.session.rollback()
        opened += _open(moment, fresh, policy)
    return opened


def _unfollowed() -> list[tuple[int, str, int, int]]:
    """Agency, period, its last finished release, and the one looked through before."""
    last = func.max(Release.number).label("last")
    before = func.coalesce(FollowedRelease.number, 0)
    rows = db.session.execute(
        select(Release.agency_id, Release.period, last, before)
        .outerjoin(
            FollowedRelease,
            and_(
                FollowedRelease.agency_id == Release.agency_id,
                FollowedRelease.period == Release.period,
            ),
        )
        .where(Release.done_at.is_not(None))
        .group_by(Release.agency_id, Release.period, FollowedRelease.number)
        .having(last > before)
    ).all()
    return [(agency_id, period, number, old) for agency_id, period, number, old in rows]


def _found(moment: Moment, before: int, policy: AgencyPolicy, first: date) -> list[_Found]:
    """Ratings of which everybody may know by now, that ask for a case and have none."""
    rows = db.session.execute(
        ratings_as_of(moment, Counter.office_id, Verdict.joined, func.count())
        .join(Counter, AT_COUNTER)
        .where(~WITHDRAWN, SETTLED)
        .group_by(Counter.office_id, Verdict.joined)
        .order_by(Counter.office_id, Verdict.joined)
    ).all()
    steps = [(office_id, joined, count) for office_id, joined, count in rows]
    least = policy.least_new_ratings
    until, since = reached(steps, least), reached([s for s in steps if s[1] <= before], least)
    asking = db.session.execute(_asking(moment, policy).where(Rating.rated_on >= first))
    return [
        _Found(rating_id, office_id, cause, low=overall <= policy.case_face)
        for rating_id, office_id, joined, overall, cause, text in asking
        if since.get(office_id, 0) < joined <= until.get(office_id, 0)
        and (overall <= policy.case_face or (text is not None and is_worrying(text)))
    ]


def _asking(moment: Moment, policy: AgencyPolicy) -> Select[Any]:
    """Low ratings, and those with released words, that have no case."""
    known = aliased(FollowUp)
    asks = Rating.overall <= policy.case_face
    if policy.case_words:
        asks = or_(asks, RatingComment.text.is_not(None))
    return (
        ratings_as_of(
            moment,
            Rating.id,
            Counter.office_id,
            Verdict.joined,
            Rating.overall,
            Rating.cause,
            RatingComment.text,
        )
        .join(Counter, AT_COUNTER)
        .outerjoin(
            RatingComment,
            and_(
                WRITTEN_BESIDE,
                RatingComment.released <= moment.release,
                ~RatingComment.for_inspector,
            ),
        )
        .outerjoin(
            known,
            and_(
                known.agency_id == Rating.agency_id,
                known.period == Rating.period,
                known.rating_id == Rating.id,
            ),
        )
        .where(~WITHDRAWN, SETTLED, WEIGHT > 0, known.id.is_(None), asks)
    )


def _open(moment: Moment, found: list[_Found], policy: AgencyPolicy) -> int:
    """Write the cases, and that the release is done; what is known by then is left out."""
    agency = db.session.get_one(Agency, moment.agency_id)
    today = moment.as_of.astimezone(agency.zone).date()
    closed = set(
        db.session.scalars(
            select(Holiday.day).where(
                Holiday.agency_id == agency.id, Holiday.day > today, Holiday.opens_at.is_(None)
            )
        )
    )
    due = due_after(today, policy.case_days, agency.working_days, closed)
    for start in range(0, len(found), PIECE):
        _write(moment, found[start : start + PIECE], policy, today, due)
    _mark(moment)
    return len(found)


def _write(
    moment: Moment, found: list[_Found], policy: AgencyPolicy, today: date, due: date
) -> None:
    begin_write()
    own = (FollowUp.agency_id == moment.agency_id, FollowUp.period == moment.period)
    there = set(
        db.session.scalars(
            select(FollowUp.rating_id).where(
                *own, FollowUp.rating_id.in_([c.rating for c in found])
            )
        )
    )
    fresh = [one for one in found if one.rating not in there]
    rows = [
        {
            "agency_id": moment.agency_id,
            "id": new_id(),
            "period": moment.period,
            "rating_id": one.rating,
            "office_id": one.office_id,
            "why": "low" if one.low else "comment",
            "theme": one.cause or "",
            "opened_on": today,
            "due_on": due,
            "state": "open",
        }
        for one in fresh
    ]
    if rows:
        db.session.execute(insert(FollowUp), rows)
        offices = {one.office_id for one in fresh}
        tell_handlers(moment.agency_id, offices, policy, moment.as_of)
    db.session.commit()


def _mark(moment: Moment) -> None:
    begin_write()
    db.session.merge(
        FollowedRelease(agency_id=moment.agency_id, period=moment.period, number=moment.release)
    )
    db.session.commit()


def escalate_late(now: datetime) -> int:
    """Tell of cases whose day has passed, each case once, whoever can see to it."""
    late = 0
    for agency in db.session.scalars(select(Agency).order_by(Agency.id)).all():
        late += _escalate(agency.id, now.astimezone(agency.zone).date(), now)
    return late


def _escalate(agency_id: int, today: date, now: datetime) -> int:
    begin_write()
    cases = db.session.scalars(
        select(FollowUp)
        .where(
            FollowUp.agency_id == agency_id,
            FollowUp.state != "resolved",
            FollowUp.due_on < today,
            FollowUp.escalated_on.is_(None),
        )
        .with_for_update()
    ).all()
    for case in cases:
        case.escalated_on = today
        db.session.add(
            FollowUpEvent(agency_id=agency_id, follow_up_id=case.id, kind="escalated", at=now)
        )
    if cases:
        for account in receivers(agency_id, cases):
            tell_late(account, now)
        detail: dict[str, object] = {"cases": len(cases)}
        note_act(None, "escalate_follow_ups", now, agency_id=agency_id, detail=detail)
    db.session.commit()
    return len(cases)
