"""Duties that were confirmed or corrected later speak anew on ratings given meanwhile.

The rating itself never changes: an attribution event is appended, and the latest one holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from portal.counters.models import DutyEvent
from portal.counters.queries import DutyRow, duties_at
from portal.db import begin_write, db
from portal.ratings.attribution import (
    LOOK_BACK,
    Attribution,
    OnDuty,
    attribute,
    offer,
)
from portal.ratings.models import OFFICE_ONLY, PERSON, AttributionEvent, Rating, Release

# A duty that is confirmed or corrected speaks on ratings within this time, so that each look
# stays small; the work is looked for every minute.
LOOK_FOR = timedelta(days=7)
# What the page itself decided by the duties it knew. Where the citizen chose, the choice stays,
# and only a person's missing confirmation can be made up for.
BY_DUTY = frozenset({"one_on_duty", "duty_corrected", "duty_confirmed"})
BY_CHOICE = frozenset({"chosen", "chosen_other"})


@dataclass(frozen=True)
class Doubt:
    """A rating on which a later duty event may speak, with the attribution that holds now."""

    agency_id: int
    period: str
    rating_id: UUID
    counter_id: int
    channel: str
    issued_at: datetime
    employee_id: int | None
    counts_for: str
    by: str


def reattribute_due(now: datetime) -> int:
    """Append an attribution event for each rating whose duty now says something else."""
    changed = 0
    for doubt in _doubts(now):
        found = _found(doubt)
        if (found.employee_id, found.counts_for) == (doubt.employee_id, doubt.counts_for):
            continue
        begin_write()
        db.session.add(
            AttributionEvent(
                agency_id=doubt.agency_id,
                period=doubt.period,
                rating_id=doubt.rating_id,
                employee_id=found.employee_id,
                counts_for=found.counts_for,
                attributed_by=found.by,
                reason="duty confirmed or corrected afterwards",
                at=now,
            )
        )
        db.session.commit()
        changed += 1
    return changed


def _found(doubt: Doubt) -> Attribution:
    rows = duties_at(doubt.agency_id, doubt.counter_id, doubt.issued_at, LOOK_BACK)
    known = [_on_duty(row) for row in rows]
    same = Attribution(doubt.employee_id, doubt.counts_for, doubt.by)
    if doubt.by in BY_CHOICE or doubt.by == "unconfirmed_duty":
        # The name stood on the page: it counts once its duty is confirmed.
        present = [duty for duty in known if duty.employee_id == doubt.employee_id]
        if any(duty.countable for duty in present):
            return Attribution(doubt.employee_id, PERSON, "duty_confirmed")
        return same if doubt.by in BY_CHOICE or present else _automatic(doubt, known)
    return _automatic(doubt, known) if doubt.by in BY_DUTY else same


def _automatic(doubt: Doubt, known: Iterable[OnDuty]) -> Attribution:
    """As the page would have attributed it, had the duties been known as they are now."""
    found = attribute(offer(doubt.channel, known, doubt.issued_at), "")
    if found.counts_for == PERSON:
        return Attribution(found.employee_id, PERSON, "duty_corrected")
    return Attribution(found.employee_id, OFFICE_ONLY, "duty_corrected")


def _on_duty(row: DutyRow) -> OnDuty:
    return OnDuty(row.employee_id, row.kind != "non_asn", row.confirmed, row.starts_at, row.ends_at)


def _doubts(now: datetime) -> list[Doubt]:
    """Ratings given while a duty ran on which a coordinator said something afterwards."""
    span, later = aliased(DutyEvent), aliased(DutyEvent)
    rows = db.session.execute(
        select(
            Rating.agency_id,
            Rating.period,
            Rating.id,
            Rating.counter_id,
            Rating.channel,
            Rating.issued_at,
            Rating.employee_id,
            Rating.counts_for,
            Rating.attributed_by,
        )
        .join(
            span,
            and_(
                span.agency_id == Rating.agency_id,
                span.counter_id == Rating.counter_id,
                span.starts_at <= Rating.issued_at,
                or_(span.ends_at.is_(None), span.ends_at > Rating.issued_at),
            ),
        )
        .join(later, and_(later.agency_id == span.agency_id, later.duty_id == span.duty_id))
        .where(
            later.kind.in_(("confirmed", "corrected", "cancelled")),
            later.at > now - LOOK_FOR,
            later.at >= Rating.issued_at,
            Rating.channel.not_in(("list", "ticket")),
            ~_closed(),
        )
        .order_by(Rating.agency_id, Rating.period, Rating.id, later.at)
    )
    newest: dict[tuple[int, str, UUID], tuple[Any, ...]] = {row[:3]: tuple(row) for row in rows}
    return [_as_it_holds(Doubt(*fields)) for fields in newest.values()]


def _closed() -> ColumnElement[bool]:
    return exists().where(
        Release.agency_id == Rating.agency_id,
        Release.period == Rating.period,
        Release.closes,
        Release.done_at.is_not(None),
    )


def _as_it_holds(doubt: Doubt) -> Doubt:
    """With the latest attribution event, where there is one."""
    event = db.session.scalars(
        select(AttributionEvent)
        .where(
            AttributionEvent.agency_id == doubt.agency_id,
            AttributionEvent.period == doubt.period,
            AttributionEvent.rating_id == doubt.rating_id,
        )
        .order_by(AttributionEvent.at.desc(), AttributionEvent.id)
        .limit(1)
    ).first()
    if event is None:
        return doubt
    return replace(
        doubt,
        employee_id=event.employee_id,
        counts_for=event.counts_for,
        by=event.attributed_by,
    )
