"""Forgetting in time: exact times, telephones and the words of ratings taken back after closing,
receipts after 13 months, comments after two years, objective measures after five, drafts of
decisions after 90 days."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, exists, func, insert, select, update

from portal.counters.models import VisitTicket
from portal.counters.periods import last_day, next_period, period_of
from portal.db import begin_write, db, new_id
from portal.people.models import Agency
from portal.ratings.models import (
    DeviceKey,
    ErasureEvent,
    Rating,
    RatingComment,
    Release,
    Withdrawal,
)
from portal.ratings.queries import receipts_ended
from portal.records.bulk import pieces
from portal.records.measure_models import ObjectiveMeasure
from portal.records.measures import oldest_kept
from portal.records.policies import current_policy
from portal.records.proposal_models import DecisionDraft
from portal.records.suspicion_models import PhoneGroup

KEEP_TIMES = timedelta(days=10)
KEEP_DRAFTS = timedelta(days=90)  # the quarter after it: then the evidence is another
OLD = "older than the agency keeps comments"
TAKEN_BACK = "the citizen took the rating back"
PIECE = 500


def forget_exact_times(now: datetime) -> int:
    """Blank the exact times and device hashes of periods closed 10 days ago; destroy the key."""
    closed = db.session.execute(
        select(Release.agency_id, Release.period)
        .where(Release.closes, Release.done_at <= now - KEEP_TIMES)
        .order_by(Release.agency_id, Release.period)
    ).all()
    return sum(_forget(agency_id, period, now) for agency_id, period in closed)


def _forget(agency_id: int, period: str, now: datetime) -> int:
    """Blank in the order of ids, so that one look at the last one tells whether it was done.

    The key goes first: from then on no hash says anything of a telephone.
    """
    _drop_tickets(agency_id, period)
    own = (Rating.agency_id == agency_id, Rating.period == period)
    last = select(Rating.received_at).where(*own).order_by(Rating.id.desc()).limit(1)
    if db.session.scalar(last) is None:
        return 0
    _destroy_key(agency_id, period)
    _erase(agency_id, period, _taken_back(agency_id, period), TAKEN_BACK, now)
    ids = db.session.scalars(select(Rating.id).where(*own).order_by(Rating.id)).all()
    for piece in pieces(ids, PIECE):
        begin_write()
        db.session.execute(
            update(Rating)
            .where(*own, Rating.id.in_(piece))
            .values(device=None, issued_at=None, received_at=None)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
    return len(ids)


def _destroy_key(agency_id: int, period: str) -> None:
    """And with it what was found of telephones that belong together."""
    begin_write()
    for of in (DeviceKey, PhoneGroup):
        db.session.execute(delete(of).where(of.agency_id == agency_id, of.period == period))
    db.session.commit()


def _drop_tickets(agency_id: int, period: str) -> None:
    """Tickets know to the minute when the visit was that their rating is about."""
    own = (VisitTicket.agency_id == agency_id, VisitTicket.period == period)
    if db.session.scalar(select(VisitTicket.code).where(*own).limit(1)) is None:
        return
    begin_write()
    db.session.execute(delete(VisitTicket).where(*own))
    db.session.commit()


def forget_receipts(now: datetime) -> int:
    """Empty the receipts of quarters that ended 13 months ago: no code leads to a rating then."""
    forgotten = 0
    for agency_id, today in _todays(now):
        period = db.session.scalar(
            select(func.min(Rating.period)).where(Rating.agency_id == agency_id)
        )
        while period and receipts_ended(period, today):
            forgotten += _forget_receipts(agency_id, period)
            period = next_period(period)
    return forgotten


def _forget_receipts(agency_id: int, period: str) -> int:
    """In the order of ids, so that the last one tells whether it was done."""
    own = (Rating.agency_id == agency_id, Rating.period == period)
    last = select(Rating.receipt).where(*own).order_by(Rating.id.desc()).limit(1)
    if not db.session.scalar(last):
        return 0
    ids = db.session.scalars(select(Rating.id).where(*own).order_by(Rating.id)).all()
    for piece in pieces(ids, PIECE):
        begin_write()
        db.session.execute(
            update(Rating)
            .where(*own, Rating.id.in_(piece))
            .values(receipt="")
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
    return len(ids)


def forget_drafts(now: datetime) -> int:
    """Remove drafts of decisions that nobody has touched for 90 days."""
    begin_write()
    old = delete(DecisionDraft).where(DecisionDraft.saved_at < now - KEEP_DRAFTS)
    dropped = db.session.scalars(old.returning(DecisionDraft.account_id)).all()
    db.session.commit()
    return len(dropped)


def forget_measures(now: datetime) -> int:
    """Remove objective measures of quarters that ended five years ago."""
    forgotten = 0
    for agency_id, today in _todays(now):
        old = (
            ObjectiveMeasure.agency_id == agency_id,
            ObjectiveMeasure.period < oldest_kept(today),
        )
        if db.session.scalar(select(exists().where(*old))):
            begin_write()
            gone = delete(ObjectiveMeasure).where(*old).returning(ObjectiveMeasure.period)
            forgotten += len(db.session.scalars(gone).all())
            db.session.commit()
    return forgotten


def _todays(now: datetime) -> list[tuple[int, date]]:
    """Every agency's id and its day of today."""
    agencies = db.session.scalars(select(Agency)).all()
    return [(agency.id, now.astimezone(agency.zone).date()) for agency in agencies]


def erase_old_comments(now: datetime) -> int:
    """Erase comments of periods that ended longer ago than the agency keeps them."""
    erased = 0
    for agency_id, today in _todays(now):
        years = current_policy(agency_id).comment_years
        limit = period_of(today.replace(year=today.year - years, day=1))
        periods = db.session.scalars(
            select(RatingComment.period)
            .where(RatingComment.agency_id == agency_id, RatingComment.period <= limit)
            .distinct()
        ).all()
        for period in periods:
            end = last_day(period)
            if end.replace(year=end.year + years) < today:
                ids = db.session.scalars(_comments(agency_id, period)).all()
                erased += _erase(agency_id, period, ids, OLD, now)
    return erased


def _comments(agency_id: int, period: str) -> Select[uuid.UUID]:
    return select(RatingComment.rating_id).where(
        RatingComment.agency_id == agency_id, RatingComment.period == period
    )


def _taken_back(agency_id: int, period: str) -> Sequence[uuid.UUID]:
    """Ratings whose words go with them; an allegation stays with the inspector: who was made to
    take it back shall not have spoken in vain."""
    withdrawn = exists().where(
        Withdrawal.agency_id == RatingComment.agency_id,
        Withdrawal.period == RatingComment.period,
        Withdrawal.rating_id == RatingComment.rating_id,
    )
    return db.session.scalars(
        _comments(agency_id, period).where(withdrawn, ~RatingComment.for_inspector)
    ).all()


def _erase(
    agency_id: int, period: str, ids: Sequence[uuid.UUID], reason: str, now: datetime
) -> int:
    for piece in pieces(ids, PIECE):
        begin_write()
        db.session.execute(
            delete(RatingComment)
            .where(
                RatingComment.agency_id == agency_id,
                RatingComment.period == period,
                RatingComment.rating_id.in_(piece),
            )
            .execution_options(synchronize_session=False)
        )
        db.session.execute(
            insert(ErasureEvent),
            [
                {
                    "agency_id": agency_id,
                    "id": new_id(),
                    "period": period,
                    "rating_id": rating_id,
                    "reason": reason,
                    "at": now,
                }
                for rating_id in piece
            ],
        )
        db.session.commit()
    return len(ids)
