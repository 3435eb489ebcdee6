"""What an agency still keeps of each kind of personal data, beside the day by which it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from portal.assisted.actions import KEEP_ENTRIES
from portal.assisted.models import BallotBatch, BallotEntry
from portal.counters.models import VisitTicket
from portal.counters.periods import last_day
from portal.db import db
from portal.followups.models import FollowUpEvent
from portal.integrity.models import IntegrityReport
from portal.integrity.report_actions import KEEP_YEARS
from portal.people.actions import KEEP_SENT_MAIL
from portal.people.audit_queries import NOT_INTEGRITY
from portal.people.models import Agency, AuditEvent, OutboxMessage
from portal.ratings.answer_models import Contact
from portal.ratings.contact_actions import KEEP_CONTACT
from portal.ratings.models import DeviceKey, ErasureEvent, Rating, RatingComment, Release
from portal.ratings.queries import receipts_ended
from portal.records.attachment_models import Attachment
from portal.records.dialogue_models import DialogueNote
from portal.records.measure_models import ObjectiveMeasure
from portal.records.measures import KEEP_YEARS as KEEP_MEASURES
from portal.records.policies import current_policy
from portal.records.proposal_models import DecisionDraft, ProposedDecision
from portal.records.retention_actions import KEEP_DRAFTS, KEEP_TIMES, OLD, TAKEN_BACK

KEEP_RATINGS = 5  # years
A_TURN = timedelta(days=1)  # within it `portal tick` has removed what became due
SHOWN_PAST = timedelta(days=30)


@dataclass(frozen=True)
class Holding:
    """One kind of data of one agency.

    kind      which, a key of `words.KINDS`
    oldest    quarter ('2026-Q3') or day of the oldest that is kept; None: nothing is kept
    overdue   whether something is kept that ought to be gone since more than a day
    """

    kind: str
    oldest: str | date | None
    overdue: bool


def holdings(agency: Agency, now: datetime) -> list[Holding]:
    """Every kind of data that goes by itself in time, and the ratings, which a person decides on.

    Few statements a kind, each looking at the oldest only.
    """
    own, due = agency.id, now - A_TURN
    comment_years = current_policy(own).comment_years
    return [
        _times(own, due),
        _tickets(own, due),
        _receipts(agency, due),
        _quarters("comments", RatingComment, agency, comment_years, due),
        _days("contacts", Contact.given_on, Contact.agency_id == own, (due - KEEP_CONTACT).date()),
        _ballots(agency, due),
        _years("notes", FollowUpEvent, FollowUpEvent.at, agency, due),
        _drafts(agency, due),
        _years("proposals", ProposedDecision, ProposedDecision.proposed_at, agency, due),
        _years("attachments", Attachment, Attachment.at, agency, due),
        _years("dialogue", DialogueNote, DialogueNote.at, agency, due),
        _mail(agency, due),
        _days(
            "reports",
            IntegrityReport.closed_on,
            IntegrityReport.agency_id == own,
            _years_after(due.date(), -KEEP_YEARS).replace(day=1),
        ),
        _quarters("measures", ObjectiveMeasure, agency, KEEP_MEASURES, due),
        _quarters("ratings", Rating, agency, KEEP_RATINGS, due),
    ]


def _years_after(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes the 28th."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def _quarters(
    kind: str,
    model: type[Rating] | type[RatingComment] | type[ObjectiveMeasure],
    agency: Agency,
    years: int,
    due: datetime,
) -> Holding:
    oldest = db.session.scalar(select(func.min(model.period)).where(model.agency_id == agency.id))
    today = due.astimezone(agency.zone).date()
    return Holding(kind, oldest, bool(oldest and _years_after(last_day(oldest), years) < today))


def _receipts(agency: Agency, due: datetime) -> Holding:
    """Emptied in the order of ids: the last rating of a quarter tells of all. Quarters are gone
    through from the oldest on: a look at one rating of each."""
    today = due.astimezone(agency.zone).date()
    oldest = _first_quarter(agency.id, after="")
    while oldest and receipts_ended(oldest, today) and not _last_receipt(agency.id, oldest):
        oldest = _first_quarter(agency.id, after=oldest)
    return Holding("receipts", oldest, bool(oldest and receipts_ended(oldest, today)))


def _first_quarter(agency_id: int, after: str) -> str | None:
    return db.session.scalar(
        select(func.min(Rating.period)).where(Rating.agency_id == agency_id, Rating.period > after)
    )


def _last_receipt(agency_id: int, period: str) -> str | None:
    return db.session.scalar(
        select(Rating.receipt)
        .where(Rating.agency_id == agency_id, Rating.period == period)
        .order_by(Rating.id.desc())
        .limit(1)
    )


def _days(kind: str, day: Any, own: ColumnElement[bool], limit: date) -> Holding:
    oldest: date | None = db.session.scalar(select(func.min(day)).where(own))
    return Holding(kind, oldest, bool(oldest and oldest < limit))


def _ballots(agency: Agency, due: datetime) -> Holding:
    read = exists().where(
        BallotEntry.agency_id == BallotBatch.agency_id, BallotEntry.batch_id == BallotBatch.id
    )
    oldest = db.session.scalar(
        select(func.min(BallotBatch.stored_at)).where(BallotBatch.agency_id == agency.id, read)
    )
    return _moment("ballots", oldest, due - KEEP_ENTRIES, agency)


def _years(kind: str, model: Any, moment: Any, agency: Agency, due: datetime) -> Holding:
    """What is kept five years, until a person decides on it."""
    oldest = db.session.scalar(select(func.min(moment)).where(model.agency_id == agency.id))
    today = due.astimezone(agency.zone)
    return _moment(kind, oldest, today.replace(year=today.year - KEEP_RATINGS, day=1), agency)


def _drafts(agency: Agency, due: datetime) -> Holding:
    oldest = db.session.scalar(
        select(func.min(DecisionDraft.saved_at)).where(DecisionDraft.agency_id == agency.id)
    )
    return _moment("drafts", oldest, due - KEEP_DRAFTS, agency)


def _mail(agency: Agency, due: datetime) -> Holding:
    oldest = db.session.scalar(
        select(func.min(OutboxMessage.created_at)).where(
            OutboxMessage.agency_id == agency.id, OutboxMessage.sent_at.is_not(None)
        )
    )
    return _moment("mail", oldest, due - KEEP_SENT_MAIL, agency)


def _moment(kind: str, oldest: datetime | None, limit: datetime, agency: Agency) -> Holding:
    if oldest is None:
        return Holding(kind, None, overdue=False)
    return Holding(kind, oldest.astimezone(agency.zone).date(), oldest < limit)


def _closed(agency_id: int, due: datetime) -> Select[str]:
    """Quarters whose exact times ought to be blank by now."""
    return select(Release.period).where(
        Release.agency_id == agency_id, Release.closes, Release.done_at <= due - KEEP_TIMES
    )


def _times(agency_id: int, due: datetime) -> Holding:
    """The oldest quarter with times or with its key of device marks; whether a closed one has any.

    Times are blanked in the order of ids: the last rating of a quarter tells of all.
    """
    own = (Release.agency_id == agency_id, _has_times())
    released = db.session.scalar(select(func.min(Release.period)).where(*own))
    keyed = db.session.scalar(
        select(func.min(DeviceKey.period)).where(DeviceKey.agency_id == agency_id)
    )
    late = db.session.scalar(_closed(agency_id, due).where(_has_times()).limit(1))
    oldest = min((one for one in (released, keyed) if one), default=None)
    return Holding("times", oldest, overdue=late is not None)


def _has_times() -> ColumnElement[bool]:
    """Of the quarter of a release."""
    of_quarter = (Rating.agency_id == Release.agency_id, Rating.period == Release.period)
    last = select(Rating.received_at).where(*of_quarter).order_by(Rating.id.desc()).limit(1)
    key = (DeviceKey.agency_id == Release.agency_id, DeviceKey.period == Release.period)
    return or_(exists().where(*key), last.scalar_subquery().is_not(None))


def _tickets(agency_id: int, due: datetime) -> Holding:
    own = VisitTicket.agency_id == agency_id
    oldest = db.session.scalar(select(func.min(VisitTicket.period)).where(own))
    late = select(VisitTicket.code).where(own, VisitTicket.period.in_(_closed(agency_id, due)))
    return Holding("tickets", oldest, db.session.scalar(late.limit(1)) is not None)


@dataclass(frozen=True)
class Erased:
    """Comments erased of one quarter, by reason: too old, taken back, or by a person."""

    period: str
    old: int
    taken_back: int
    by_person: int


def erased_comments(agency_id: int) -> Sequence[Erased]:
    """By quarter, the newest first, at most eight of them."""

    reason = ErasureEvent.reason
    rows = db.session.execute(
        select(
            ErasureEvent.period,
            func.count().filter(reason == OLD),
            func.count().filter(reason == TAKEN_BACK),
            func.count().filter(reason.not_in((OLD, TAKEN_BACK))),
        )
        .where(ErasureEvent.agency_id == agency_id)
        .group_by(ErasureEvent.period)
        .order_by(ErasureEvent.period.desc())
        .limit(8)
    )
    return [Erased(*row) for row in rows]


def acts_lately(agency_id: int, now: datetime) -> Sequence[tuple[str, int]]:
    """How often each privileged act was done in the last 30 days, the most frequent first."""
    often = func.count()
    rows = db.session.execute(
        select(AuditEvent.action, often)
        .where(AuditEvent.agency_id == agency_id, AuditEvent.at >= now - SHOWN_PAST, NOT_INTEGRITY)
        .group_by(AuditEvent.action)
        .order_by(often.desc(), AuditEvent.action)
    )
    return [(action, count) for action, count in rows]
