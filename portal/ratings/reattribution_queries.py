"""Ratings on which a duty confirmed or corrected later may speak."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.counters.models import DeskCode, DutyEvent, PrintedCode, VisitTicket
from portal.counters.ticket_actions import LIFE
from portal.db import db
from portal.ratings.models import AttributionEvent, Rating, Release

A_DAY = timedelta(days=1)
# What a page of a ticket decided by itself; a citizen's 'not this person' stays.
BY_TICKET = frozenset(
    {"queue_ticket", "own_ticket", "nobody_on_duty", "unconfirmed_duty", "not_a_civil_servant"}
)


# The first and the later fields of a `Doubt`; when the person was served stands between them.
WHICH = (Rating.agency_id, Rating.period, Rating.id, Rating.counter_id, Rating.channel)
WHOM = (Rating.employee_id, Rating.counts_for, Rating.attributed_by)


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
    ticket: str = ""  # the code of the ticket; `issued_at` is then when the person was served


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


def spoken_since(since: datetime) -> list[Spoken]:
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


def doubts_on(spoken: list[Spoken]) -> list[Doubt]:
    """Ratings given in these times, each with the attribution that holds."""
    found = []
    for agency_id in sorted({time.agency_id for time in spoken}):
        times = [time for time in spoken if time.agency_id == agency_id]
        rows = db.session.execute(
            select(*WHICH, Rating.issued_at, *WHOM, DeskCode.employee_id)
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


def ticket_doubts(spoken: list[Spoken], now: datetime) -> list[Doubt]:
    """Ratings given with tickets whose word hangs on duty: those of the times spoken of, and those
    that name somebody else than their ticket does since its queue system told when it was called.
    """
    recent = _tickets().where(
        VisitTicket.served_on >= (now - LIFE).date() - A_DAY,
        VisitTicket.called_at.is_not(None),
        VisitTicket.employee_id.is_distinct_from(Rating.employee_id),
    )
    found = {doubt.ticket: doubt for doubt in _read_tickets(recent)}
    for agency_id in sorted({time.agency_id for time in spoken}):
        times = [time for time in spoken if time.agency_id == agency_id]
        query = _tickets().where(
            VisitTicket.agency_id == agency_id,
            VisitTicket.counter_id.in_({time.counter_id for time in times}),
            VisitTicket.served_on >= (min(time.starts_at for time in times) - LIFE).date() - A_DAY,
        )
        for doubt in _read_tickets(query):
            if any(time.covers(doubt) for time in times):
                found[doubt.ticket] = doubt
    return [_as_it_holds(doubt) for doubt in found.values()]


def _tickets() -> Select[Any]:
    """What a `Doubt` is made of; a sheet's slips are a coordinator's own word."""
    served_at = case(
        (
            VisitTicket.issuer == "queue",
            func.coalesce(VisitTicket.called_at, VisitTicket.issued_at),
        ),
        else_=VisitTicket.issued_at,
    )
    return (
        select(*WHICH, served_at, *WHOM, VisitTicket.code)
        .join(
            VisitTicket,
            and_(
                VisitTicket.agency_id == Rating.agency_id,
                VisitTicket.period == Rating.period,
                VisitTicket.rating_id == Rating.id,
            ),
        )
        .where(
            Rating.channel == "ticket",
            Rating.attributed_by.in_(BY_TICKET),
            VisitTicket.issuer != "sheet",
            ~_closed(),
        )
    )


def _read_tickets(query: Select[Any]) -> list[Doubt]:
    return [replace(Doubt(*fields), ticket=code) for *fields, code in db.session.execute(query)]


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
        .order_by(AttributionEvent.at.desc(), AttributionEvent.id.desc())
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


def ever_about(employee_id: int) -> ColumnElement[bool]:
    """Ratings that name this employee, or ever did."""
    event = aliased(AttributionEvent)
    corrected = exists().where(
        event.agency_id == Rating.agency_id,
        event.period == Rating.period,
        event.rating_id == Rating.id,
        event.employee_id == employee_id,
    )
    return or_(Rating.employee_id.is_not_distinct_from(employee_id), corrected)
