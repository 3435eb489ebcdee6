"""Reads about who is away, and which duties that concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select, true

from portal.counters.duty import Span
from portal.counters.leave import Away, OpenSpan, Vouched, left_of
from portal.counters.models import Counter, Duty, DutyEvent, Leave
from portal.db import db
from portal.people.models import Agency, Employee, Employment
from portal.people.queries import Scope

A_DAY = timedelta(days=1)
LEAVE_COLUMNS = (Leave.starts_on, Leave.ends_on, Leave.from_time, Leave.to_time)


@dataclass(frozen=True)
class AwayRow:
    """A leave with the name of who is away."""

    id: int
    employee_id: int
    employee_name: str
    away: Away


@dataclass(frozen=True)
class Concerned:
    """A duty that a leave concerns, and what is left of it."""

    duty: Duty
    vouched: Vouched
    holds: bool  # the person checked in on these days, or a coordinator vouches
    left: list[OpenSpan]

    @property
    def whole(self) -> bool:
        return self.left == [(self.duty.starts_at, self.duty.ends_at)]


class Held(Protocol):
    """A duty, as far as it matters here."""

    @property
    def id(self) -> int: ...
    @property
    def employee_id(self) -> int: ...


def leaves_between(agency_id: int, office_id: int, first: date, last: date) -> list[AwayRow]:
    """Who of an office is away on some day of these."""
    works_there = (
        select(Employment.id)
        .where(
            Employment.agency_id == Leave.agency_id,
            Employment.employee_id == Leave.employee_id,
            Employment.office_id == office_id,
            Employment.starts_on <= last,
            or_(Employment.ends_on.is_(None), Employment.ends_on >= first),
        )
        .exists()
    )
    rows = db.session.execute(
        select(Leave.id, Leave.employee_id, Employee.name, *LEAVE_COLUMNS)
        .join(
            Employee,
            and_(Employee.agency_id == Leave.agency_id, Employee.id == Leave.employee_id),
        )
        .where(
            Leave.agency_id == agency_id,
            ~Leave.cancelled,
            Leave.starts_on <= last,
            Leave.ends_on >= first,
            works_there,
        )
        .order_by(Leave.starts_on, Employee.name, Leave.id)
    )
    return [AwayRow(row.id, row.employee_id, row.name, _away(row)) for row in rows]


@dataclass(frozen=True)
class OwnLeave:
    """One's own leave, as it goes into one's calendar."""

    id: int
    away: Away
    cancelled: bool


def own_leaves(agency_id: int, employee_id: int, first: date, last: date) -> list[OwnLeave]:
    """One's own leaves on some day of these, the cancelled ones too, in the order of days."""
    rows = db.session.execute(
        select(Leave.id, Leave.cancelled, *LEAVE_COLUMNS)
        .where(
            Leave.agency_id == agency_id,
            Leave.employee_id == employee_id,
            Leave.starts_on <= last,
            Leave.ends_on >= first,
        )
        .order_by(Leave.starts_on, Leave.id)
    )
    return [OwnLeave(row.id, _away(row), row.cancelled) for row in rows]


def leave_in(scope: Scope, leave_id: int, office_id: int) -> Leave | None:
    """A leave of somebody who works or worked in an office of the scope."""
    if office_id not in scope:
        return None
    return db.session.scalar(
        select(Leave)
        .join(
            Employment,
            and_(
                Employment.agency_id == Leave.agency_id,
                Employment.employee_id == Leave.employee_id,
            ),
        )
        .where(
            Leave.agency_id == scope.agency_id,
            Leave.id == leave_id,
            Employment.office_id == office_id,
            ~Leave.cancelled,
        )
        .limit(1)
    )


def leaves_of(
    agency_id: int, employee_ids: Collection[int] | None, zone: ZoneInfo, span: Span
) -> dict[int, list[Away]]:
    """The leaves of these people (none: of all) that touch a time; one statement."""
    first, last = (moment.astimezone(zone).date() for moment in span)
    rows = db.session.execute(
        select(Leave.employee_id, *LEAVE_COLUMNS).where(
            Leave.agency_id == agency_id,
            true() if employee_ids is None else Leave.employee_id.in_(employee_ids),
            ~Leave.cancelled,
            Leave.starts_on <= last,
            Leave.ends_on >= first,
        )
    )
    found: dict[int, list[Away]] = {}
    for row in rows:
        away = _away(row)
        start, end = away.span(zone)
        if start < span[1] and end > span[0]:
            found.setdefault(row.employee_id, []).append(away)
    return found


def _away(row: Any) -> Away:
    return Away(row.starts_on, row.ends_on, row.from_time, row.to_time)


def vouched_for(agency_id: int, duty_ids: Collection[int]) -> dict[int, Vouched]:
    """What is known of these duties beside their plan; one statement."""
    rows = db.session.execute(
        select(DutyEvent.duty_id, DutyEvent.kind, func.max(DutyEvent.at))
        .where(
            DutyEvent.agency_id == agency_id,
            DutyEvent.duty_id.in_(duty_ids),
            DutyEvent.kind.in_(("checked_in", "corrected")),
        )
        .group_by(DutyEvent.duty_id, DutyEvent.kind)
    )
    came: dict[int, datetime] = {}
    corrected: set[int] = set()
    for duty_id, kind, at in rows:
        if kind == "corrected":
            corrected.add(duty_id)
        else:
            came[duty_id] = at
    return {one: Vouched(came.get(one), one in corrected) for one in duty_ids}


def missing_times(
    agency: Agency, duties: Sequence[Held], span: Span, closed: Sequence[Span]
) -> dict[int, list[Span]]:
    """By duty the times in which its person was away or the counters were closed, and the person
    neither came nor was vouched for; one statement, two where somebody is concerned.

    closed: of days out of the ordinary; the hours of any other day end no duty.
    """
    leaves = leaves_of(agency.id, {duty.employee_id for duty in duties}, agency.zone, span)
    touched = [duty for duty in duties if closed or duty.employee_id in leaves]
    if not touched:
        return {}
    known = vouched_for(agency.id, [duty.id for duty in touched])
    away = {who: [one.span(agency.zone) for one in found] for who, found in leaves.items()}
    return {
        duty.id: [
            missing
            for missing in (*away.get(duty.employee_id, ()), *closed)
            if not known[duty.id].holds_in(missing)
        ]
        for duty in touched
    }


def concerned_by(agency: Agency, employee_id: int, away: Away, now: datetime) -> list[Concerned]:
    """The duties that somebody has while away, the first one first; two statements."""
    span = away.span(agency.zone)
    duties = db.session.scalars(
        select(Duty)
        .where(
            Duty.agency_id == agency.id,
            Duty.employee_id == employee_id,
            ~Duty.cancelled,
            Duty.starts_at < span[1],
            or_(Duty.ends_at.is_(None), Duty.ends_at > span[0]),
        )
        .order_by(Duty.starts_at, Duty.id)
        .execution_options(populate_existing=True)
    ).all()
    known = vouched_for(agency.id, [duty.id for duty in duties])
    found = []
    for duty in duties:
        holds = known[duty.id].holds(away, agency.zone)
        left = left_of((duty.starts_at, duty.ends_at), span, holds=holds, now=now)
        found.append(Concerned(duty, known[duty.id], holds, left))
    return found


def counter_labels(agency_id: int, counter_ids: Collection[int]) -> dict[int, str]:
    """What the counters are called, wherever they stand."""
    rows = db.session.execute(
        select(Counter.id, Counter.label).where(
            Counter.agency_id == agency_id, Counter.id.in_(counter_ids)
        )
    )
    return dict(rows.all())
