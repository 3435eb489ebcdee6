"""Duties that were confirmed or corrected later speak anew on ratings given meanwhile.

The rating itself never changes: an attribution event is appended, and the latest one holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from portal.counters.models import DeskCode, DutyEvent, PrintedCode
from portal.counters.queries import duties_at
from portal.db import begin_write, db
from portal.ratings.attribution import (
    LOOK_BACK,
    Attribution,
    OnDuty,
    attribute,
    offer,
)
from portal.ratings.models import OFFICE_ONLY, PERSON, AttributionEvent, Rating, Release
from portal.ratings.queries import on_duty
from portal.tick import Lease

# The mark in the lease table up to which duty events have been looked at, and how far before
# it to look again: an event may be committed a moment later than it is dated.
MARK = "reattribution"
OVERLAP = timedelta(minutes=5)
FIRST_LOOK = timedelta(days=100)
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
    desk_of: int | None = None  # whose desk the code hung at


def reattribute_due(now: datetime) -> int:
    """Append an attribution event for each rating whose duty now says something else."""
    spoken = _spoken(_looked_until(now) - OVERLAP)
    changed = sum(_reattribute(doubt, now) for doubt in _doubts(spoken)) if spoken else 0
    _remember(now)
    return changed


def _reattribute(doubt: Doubt, now: datetime) -> bool:
    found = _found(doubt)
    if (found.employee_id, found.counts_for) == (doubt.employee_id, doubt.counts_for):
        return False
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
    return True


def _looked_until(now: datetime) -> datetime:
    """Up to when duty events were looked at; the work is the same done twice."""
    mark = db.session.get(Lease, MARK)
    return min(mark.expires_at, now) if mark else now - FIRST_LOOK


def _remember(now: datetime) -> None:
    begin_write()
    mark = db.session.get(Lease, MARK)
    if mark is None:
        db.session.add(Lease(name=MARK, holder=MARK, expires_at=now))
    else:
        mark.expires_at = now
    db.session.commit()


def _found(doubt: Doubt) -> Attribution:
    rows = duties_at(doubt.agency_id, doubt.counter_id, doubt.issued_at, LOOK_BACK)
    known = on_duty(doubt.agency_id, doubt.channel, rows)
    same = Attribution(doubt.employee_id, doubt.counts_for, doubt.by)
    if doubt.by in BY_CHOICE or doubt.by == "unconfirmed_duty":
        # The name stood on the page: it counts once its duty is confirmed.
        present = [duty for duty in known if duty.employee_id == doubt.employee_id]
        if any(duty.countable for duty in present):
            return Attribution(doubt.employee_id, PERSON, "duty_confirmed")
        if doubt.by in BY_CHOICE:  # whoever was not there cannot have served
            return same if present else Attribution(None, OFFICE_ONLY, "duty_corrected")
        return same if present else _automatic(doubt, known)
    return _automatic(doubt, known) if doubt.by in BY_DUTY else same


def _automatic(doubt: Doubt, known: Iterable[OnDuty]) -> Attribution:
    """As the page would have attributed it, had the duties been known as they are now."""
    found = attribute(offer(doubt.channel, known, doubt.issued_at, doubt.desk_of), "")
    if found.counts_for == PERSON:
        return Attribution(found.employee_id, PERSON, "duty_corrected")
    return Attribution(found.employee_id, OFFICE_ONLY, "duty_corrected")


@dataclass(frozen=True)
class Spoken:
    """A time at a counter of which a coordinator spoke afterwards."""

    agency_id: int
    counter_id: int
    starts_at: datetime
    ends_at: datetime | None
    at: datetime  # when it was spoken

    def covers(self, doubt: Doubt) -> bool:
        return (
            self.counter_id == doubt.counter_id
            and self.starts_at <= doubt.issued_at <= self.at
            and (self.ends_at is None or doubt.issued_at < self.ends_at)
        )


def _spoken(since: datetime) -> list[Spoken]:
    """The times, as they were and as they are now, of duties confirmed or corrected since."""
    span, later = aliased(DutyEvent), aliased(DutyEvent)
    rows = db.session.execute(
        select(span.agency_id, span.counter_id, span.starts_at, span.ends_at, later.at)
        .join(later, and_(later.agency_id == span.agency_id, later.duty_id == span.duty_id))
        .where(
            later.kind.in_(("confirmed", "corrected", "cancelled")),
            later.at > since,
            span.starts_at <= later.at,  # confirmed ahead of time: nobody was rated yet
        )
        .distinct()
    )
    return [Spoken(*row) for row in rows]


def _doubts(spoken: list[Spoken]) -> list[Doubt]:
    """Ratings given in these times, each with the attribution that holds."""
    found = []
    for agency_id in sorted({time.agency_id for time in spoken}):
        times = [time for time in spoken if time.agency_id == agency_id]
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
                DeskCode.employee_id,
            )
            .outerjoin(
                PrintedCode,
                and_(
                    PrintedCode.agency_id == Rating.agency_id,
                    PrintedCode.counter_id == Rating.counter_id,
                    PrintedCode.version == Rating.code_version,
                ),
            )
            .outerjoin(DeskCode, DeskCode.code == PrintedCode.code)
            .where(
                Rating.agency_id == agency_id,
                Rating.counter_id.in_({time.counter_id for time in times}),
                Rating.issued_at >= min(time.starts_at for time in times),
                Rating.channel.not_in(("list", "ticket")),
                ~_closed(),
            )
        )
        asked: list[tuple[Any, ...]] = [tuple(row) for row in rows]
        doubts = (Doubt(*fields) for fields in asked)
        found += [doubt for doubt in doubts if any(time.covers(doubt) for time in times)]
    return [_as_it_holds(doubt) for doubt in found]


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
