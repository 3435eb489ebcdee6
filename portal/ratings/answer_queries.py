"""Reads of what offices answered; on receipts and public pages alike."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.ratings.answer_models import THEMES, OfficeAnswer
from portal.ratings.models import Release, Verdict
from portal.ratings.queries import ReceiptStatus


@dataclass(frozen=True)
class Answered:
    """An answer as everybody reads it: without who wrote it, and dated to the month."""

    id: int
    theme: str
    heard: str
    done: str
    month: date
    newest: bool  # of those of its office and period


def answers_of(agency_id: int, office_id: int, period: str, zone: str) -> tuple[Answered, ...]:
    """The answers that stand, those to everything first, then by theme, then the oldest first."""
    later = aliased(OfficeAnswer)
    replaced = exists().where(
        later.agency_id == OfficeAnswer.agency_id, later.supersedes_id == OfficeAnswer.id
    )
    rows = db.session.scalars(
        select(OfficeAnswer)
        .where(
            OfficeAnswer.agency_id == agency_id,
            OfficeAnswer.office_id == office_id,
            OfficeAnswer.period == period,
            ~replaced,
        )
        .order_by(OfficeAnswer.at, OfficeAnswer.id)
    ).all()
    found = (
        Answered(
            row.id,
            row.theme,
            row.heard,
            row.done,
            row.at.astimezone(ZoneInfo(zone)).date().replace(day=1),
            row is rows[-1],
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda answer: THEMES.index(answer.theme)))


def answered_since_counted(status: ReceiptStatus) -> bool:
    """Whether the office has answered after the release with which this rating first counted:
    before it, nobody there could have read what it said."""
    counted = (
        select(func.min(Release.done_at))
        .join(
            Verdict,
            and_(
                Verdict.agency_id == Release.agency_id,
                Verdict.period == Release.period,
                Verdict.joined == Release.number,
            ),
        )
        .where(
            Release.agency_id == status.agency_id,
            Release.period == status.period,
            Verdict.rating_id == status.rating_id,
        )
        .scalar_subquery()
    )
    later = select(OfficeAnswer.id).where(
        OfficeAnswer.agency_id == status.agency_id,
        OfficeAnswer.office_id == status.office_id,
        OfficeAnswer.period == status.period,
        OfficeAnswer.at >= counted,
    )
    return db.session.scalar(later.limit(1)) is not None


def answers_so_far(agency_id: int, office_id: int, period: str) -> int:
    """How many answers an office has given in a period, replaced ones among them."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(OfficeAnswer)
            .where(
                OfficeAnswer.agency_id == agency_id,
                OfficeAnswer.office_id == office_id,
                OfficeAnswer.period == period,
            )
        )
        or 0
    )
