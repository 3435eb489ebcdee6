"""Reads of comments that allege misconduct, and of what inspectors did about them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import aliased

from portal.counters.models import Counter
from portal.db import db
from portal.integrity.models import HANDED, AllegationFinding
from portal.people.models import Account, Office
from portal.people.queries import Scope
from portal.ratings.models import Rating, RatingComment, Release
from portal.ratings.reattribution_queries import ever_about

MOST = 200


@dataclass(frozen=True)
class Flagged:
    """A comment for the inspector: where and on what day, but not when, from whom or about whom."""

    period: str
    key: uuid.UUID
    office_id: int
    office: str
    day: date
    text: str


@dataclass(frozen=True)
class Done(Flagged):
    """One about which something was done, with what was done last."""

    outcome: str
    reason: str


@dataclass(frozen=True)
class Found:
    """What an inspector did, and when."""

    outcome: str
    reason: str
    at: datetime
    by: str


def waiting_comments(scope: Scope, besides: int | None) -> list[Flagged]:
    """The newest flagged comments about the offices of a scope about which nothing was done yet;
    without those about `besides`. Within a day in a fixed order that says nothing of the time."""
    waits = ~exists().where(_about_comment(AllegationFinding))
    return [Flagged(*row) for row in _newest(_flagged(scope, besides).where(waits))]


def done_comments(scope: Scope, besides: int | None) -> list[Done]:
    """The same of those about which something was done."""
    later = aliased(AllegationFinding)
    superseded = exists().where(
        _about_comment(later),
        (later.at > AllegationFinding.at)
        | and_(later.at == AllegationFinding.at, later.id > AllegationFinding.id),
    )
    last = (
        _flagged(scope, besides)
        .add_columns(AllegationFinding.outcome, AllegationFinding.reason)
        .join(AllegationFinding, _about_comment(AllegationFinding))
        .where(~superseded)
    )
    return [Done(*row) for row in _newest(last)]


def flagged_comment(
    scope: Scope, besides: int | None, period: str, key: uuid.UUID
) -> Flagged | None:
    """One of them, by what its page calls it."""
    row = db.session.execute(
        _flagged(scope, besides).where(RatingComment.period == period, RatingComment.key == key)
    ).first()
    return Flagged(*row) if row else None


def findings_about(agency_id: int, period: str, key: uuid.UUID) -> list[Found]:
    """What was done about a comment, the oldest first."""
    rows = db.session.execute(
        select(
            AllegationFinding.outcome, AllegationFinding.reason, AllegationFinding.at, Account.name
        )
        .join(RatingComment, _about_comment(AllegationFinding))
        .join(Account, Account.id == AllegationFinding.account_id)
        .where(
            RatingComment.agency_id == agency_id,
            RatingComment.period == period,
            RatingComment.key == key,
        )
        .order_by(AllegationFinding.at, AllegationFinding.id)
    )
    return [Found(*row) for row in rows]


def closes(agency_id: int, period: str) -> bool:
    """Whether a period is closed, or its closing has begun: no release that would bring a comment
    to the moderators comes any more."""
    own = (Release.agency_id == agency_id, Release.period == period)
    return bool(db.session.scalar(select(exists().where(*own, Release.closes))))


def handed_by(account: Account, period: str, key: uuid.UUID) -> bool:
    """Whether it was this account that handed a comment to the moderators."""
    mine = exists().where(
        _about_comment(AllegationFinding),
        AllegationFinding.outcome == HANDED,
        AllegationFinding.account_id == account.id,
        RatingComment.agency_id == account.agency_id,
        RatingComment.period == period,
        RatingComment.key == key,
    )
    return bool(db.session.scalar(select(mine)))


def _flagged(scope: Scope, besides: int | None) -> Select[*tuple[Any, ...]]:
    statement = (
        select(
            RatingComment.period,
            RatingComment.key,
            Office.id,
            Office.name,
            Rating.rated_on,
            RatingComment.text,
        )
        .join(
            RatingComment,
            and_(
                RatingComment.agency_id == Rating.agency_id,
                RatingComment.period == Rating.period,
                RatingComment.rating_id == Rating.id,
            ),
        )
        .join(Counter, and_(Counter.agency_id == Rating.agency_id, Counter.id == Rating.counter_id))
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(Rating.agency_id == scope.agency_id, RatingComment.for_inspector)
    )
    if scope.offices is not None:
        statement = statement.where(Office.id.in_(scope.offices))
    return statement if besides is None else statement.where(~ever_about(besides))


def _newest(statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    # By quarter first: so the newest are found without looking at the others.
    ordered = statement.order_by(RatingComment.period.desc(), Rating.rated_on.desc(), Rating.id)
    return db.session.execute(ordered.limit(MOST)).all()


def _about_comment(finding: Any) -> ColumnElement[bool]:
    return and_(
        finding.agency_id == RatingComment.agency_id,
        finding.period == RatingComment.period,
        finding.rating_id == RatingComment.rating_id,
    )
