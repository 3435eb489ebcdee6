"""Reads about services, counters and codes that stand on the citizen's path."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ScalarSelect, Select, and_, bindparam, case, exists, func, null, or_, select
from sqlalchemy.orm import aliased

from portal.counters.codes import TICKET_LENGTH
from portal.counters.duty import Span
from portal.counters.leave import Away, Vouched, closed_on, outside
from portal.counters.models import (
    CodeEvent,
    Counter,
    CounterService,
    DeskCode,
    Device,
    Duty,
    DutyEvent,
    Leave,
    PrintedCode,
    Service,
    VisitTicket,
)
from portal.db import Lasting, reading
from portal.people.models import Agency, Employee, Holiday, Office, public_name

CodeState = Literal["current", "replaced", "revoked", "expired"]
Channel = Literal["poster", "display", "ticket"]


@dataclass(frozen=True)
class ResolvedCode:
    """All that a citizen's page needs to know about the paper that was scanned."""

    code: str
    version: int | None  # of a printed code
    state: CodeState
    agency_id: int
    agency_name: str
    initials: str
    colour: str
    timezone: str
    opens_at: time
    closes_at: time
    working_days: str
    trial: bool
    report_name: str
    report_url: str
    office_id: int
    office_name: str
    counter_id: int
    counter_label: str
    counter_active: bool
    services: tuple[tuple[int, str], ...]  # id and name of the active ones, by name
    desk: str = ""  # of a code at an employee's desk
    desk_of: int | None = None  # that employee

    @property
    def channel(self) -> Channel:
        """What the code stands on."""
        if len(self.code) == TICKET_LENGTH:
            return "ticket"
        return "display" if self.version is None else "poster"

    @property
    def in_use(self) -> bool:
        return self.state == "current" and self.counter_active

    @property
    def refusal(self) -> str:
        """Why it leads to no form."""
        if self.state == "current":
            return "closed_counter"
        if self.channel == "ticket":
            return f"{self.state}_ticket"
        return self.state if self.channel == "poster" else "ended_display"


@dataclass(frozen=True)
class DutyRow:
    """Who sits or sat at a counter, with the employee's fields that a citizen may see."""

    id: int
    employee_id: int
    title: str
    name: str
    kind: str
    starts_at: datetime
    ends_at: datetime | None
    confirmed: bool
    source: str
    # Of the day that was asked about, where it has its own; none of both: closed all day.
    day_hours: tuple[time | None, time | None] | None = None

    @property
    def public_name(self) -> str:
        return public_name(self.title, self.name)


_newer, _newer_desk = aliased(PrintedCode), aliased(DeskCode)
_ended = aliased(CodeEvent)
# A code is current until it is revoked or a newer one is issued for its counter, or its desk.
code_revoked = exists().where(_ended.code == PrintedCode.code, _ended.kind == "revoked")
code_superseded = (
    select(_newer.code)
    .outerjoin(_newer_desk, _newer_desk.code == _newer.code)
    .where(
        _newer.agency_id == PrintedCode.agency_id,
        _newer.counter_id == PrintedCode.counter_id,
        _newer.version > PrintedCode.version,
        func.coalesce(_newer_desk.desk, "") == func.coalesce(DeskCode.desk, ""),
    )
    .correlate(PrintedCode, DeskCode)
    .exists()
)
_replaced = exists().where(_ended.code == PrintedCode.code, _ended.kind == "replaced")
_state = case(
    (code_revoked, "revoked"), (or_(_replaced, code_superseded), "replaced"), else_="current"
)
_PLACE = (
    Agency.id,
    Agency.name,
    Agency.initials,
    Agency.colour,
    Agency.timezone,
    Agency.opens_at,
    Agency.closes_at,
    Agency.working_days,
    Agency.trial,
    Agency.report_name,
    Agency.report_url,
    Office.id,
    Office.name,
    Counter.id,
    Counter.label,
    and_(Counter.active, Office.active),
)


def _with_services(statement: Select[Any]) -> Lasting:
    """Also what the counter serves: one row for each active service, else one without."""
    return Lasting(
        statement.add_columns(Service.id, Service.name)
        .outerjoin(
            CounterService,
            and_(
                CounterService.agency_id == Counter.agency_id,
                CounterService.counter_id == Counter.id,
            ),
        )
        .outerjoin(
            Service,
            and_(
                Service.agency_id == CounterService.agency_id,
                Service.id == CounterService.service_id,
                Service.active,
            ),
        )
        .order_by(Service.name, Service.id)
    )


_CODE = _with_services(
    select(
        PrintedCode.code,
        PrintedCode.version,
        _state,
        *_PLACE,
        func.coalesce(DeskCode.desk, ""),
        DeskCode.employee_id,
    )
    .outerjoin(DeskCode, DeskCode.code == PrintedCode.code)
    .join(
        Counter,
        and_(Counter.agency_id == PrintedCode.agency_id, Counter.id == PrintedCode.counter_id),
    )
    .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
    .join(Agency, Agency.id == PrintedCode.agency_id)
    .where(PrintedCode.code == bindparam("code"))
)
_DEVICE = _with_services(
    select(
        Device.code,
        null(),
        case(
            (or_(Device.revoked_at.is_not(None), Device.expires_at <= bindparam("now")), "revoked"),
            else_="current",
        ),
        *_PLACE,
        Device.id,
    )
    .join(Counter, and_(Counter.agency_id == Device.agency_id, Counter.id == Device.counter_id))
    .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
    .join(Agency, Agency.id == Device.agency_id)
    .where(Device.code == bindparam("code"))
)
# Off the roster nothing counts for a person until a coordinator says so: not by a ticket either.
# One of a queue system names confirmed duty only, and a sheet's is a coordinator's own word.
_vouched = or_(
    VisitTicket.issuer != "self",
    exists()
    .where(
        Duty.agency_id == VisitTicket.agency_id,
        Duty.counter_id == VisitTicket.counter_id,
        Duty.employee_id == VisitTicket.employee_id,
        Duty.confirmed,
        ~Duty.cancelled,
        Duty.starts_at <= VisitTicket.issued_at,
        or_(Duty.ends_at.is_(None), Duty.ends_at > VisitTicket.issued_at),
    )
    .correlate(VisitTicket),
)
_TICKET = _with_services(
    select(
        VisitTicket.code,
        null(),
        case(
            (VisitTicket.revoked_at.is_not(None), "revoked"),
            (VisitTicket.expires_at <= bindparam("now"), "expired"),
            else_="current",
        ),
        *_PLACE,
        VisitTicket.issuer,
        VisitTicket.period,
        VisitTicket.rating_id,
        VisitTicket.employee_id,
        _vouched,
        Employee.title,
        Employee.name,
        Employee.kind,
        VisitTicket.service_id,
    )
    .join(
        Counter,
        and_(Counter.agency_id == VisitTicket.agency_id, Counter.id == VisitTicket.counter_id),
    )
    .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
    .join(Agency, Agency.id == VisitTicket.agency_id)
    .outerjoin(
        Employee,
        and_(Employee.agency_id == VisitTicket.agency_id, Employee.id == VisitTicket.employee_id),
    )
    .where(VisitTicket.code == bindparam("code"))
)


def _last_event(kind: str) -> ScalarSelect[datetime]:
    return (
        select(func.max(DutyEvent.at))
        .where(
            DutyEvent.agency_id == Duty.agency_id,
            DutyEvent.duty_id == Duty.id,
            DutyEvent.kind == kind,
        )
        .correlate(Duty)
        .scalar_subquery()
    )


_DUTIES = Lasting(
    select(
        Duty.id,
        Duty.employee_id,
        Employee.title,
        Employee.name,
        Employee.kind,
        Duty.starts_at,
        Duty.ends_at,
        Duty.confirmed,
        Duty.source,
        Agency.timezone,
        Leave.starts_on,
        Leave.ends_on,
        Leave.from_time,
        Leave.to_time,
        Holiday.day,
        Holiday.opens_at,
        Holiday.closes_at,
        *(
            case(
                (or_(Leave.id.is_not(None), Holiday.day.is_not(None)), _last_event(kind)),
                else_=None,
            )
            for kind in ("checked_in", "corrected")
        ),
    )
    .join(Employee, and_(Employee.agency_id == Duty.agency_id, Employee.id == Duty.employee_id))
    .join(Agency, Agency.id == Duty.agency_id)
    .outerjoin(
        Leave,
        and_(
            Leave.agency_id == Duty.agency_id,
            Leave.employee_id == Duty.employee_id,
            ~Leave.cancelled,
            Leave.starts_on <= bindparam("last_day"),
            Leave.ends_on >= bindparam("first_day"),
        ),
    )
    .outerjoin(
        Holiday,
        and_(
            Holiday.agency_id == Duty.agency_id,
            Holiday.day.between(bindparam("first_day"), bindparam("last_day")),
        ),
    )
    .where(
        Duty.agency_id == bindparam("agency_id"),
        Duty.counter_id == bindparam("counter_id"),
        ~Duty.cancelled,
        Duty.starts_at <= bindparam("until"),
        or_(Duty.ends_at.is_(None), Duty.ends_at >= bindparam("since")),
    )
    .order_by(Duty.starts_at, Duty.id)
)


def resolve_code(code: str) -> ResolvedCode | None:
    """What a printed code (normalised) stands for; None for one that was never issued."""
    found = _resolved(_CODE, {"code": code})
    if found is None:
        return None
    *place, desk, desk_of, services = found
    fields: tuple[Any, ...] = (*place, services, desk, desk_of)
    return ResolvedCode(*fields)


def resolve_device(code: str, now: datetime) -> tuple[ResolvedCode, int] | None:
    """The counter at which a screen with this code stands, and the screen; None for no such one."""
    found = _resolved(_DEVICE, {"code": code, "now": now})
    if found is None:
        return None
    *known, device_id, services = found
    fields: tuple[Any, ...] = (*known, services)
    return ResolvedCode(*fields), device_id


def _resolved(statement: Lasting, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """The fields of what was scanned; last the services of its counter, as id and name."""
    with reading() as connection:
        rows = statement.run(connection, values).all()
    if not rows:
        return None
    services = tuple((one, name) for *_, one, name in rows if one is not None)
    return (*rows[0][:-2], services)


@dataclass(frozen=True)
class TicketScan:
    """What a visit ticket fixes beside its counter."""

    place: ResolvedCode
    issuer: str
    period: str
    rating_id: uuid.UUID
    employee_id: int | None
    public_name: str
    civil_servant: bool
    confirmed: bool  # issued on a duty that a coordinator vouches for


def resolve_ticket(code: str, now: datetime) -> TicketScan | None:
    """What a ticket (normalised) stands for; None for one that was never issued."""
    found = _resolved(_TICKET, {"code": code, "now": now})
    if found is None:
        return None
    *known, issuer, period, rating_id, employee_id, confirmed = found[:-5]
    title, name, kind, service_id, services = found[-5:]
    only = tuple(service for service in services if service[0] == service_id)
    fields: tuple[Any, ...] = (*known, only or services)
    return TicketScan(
        place=ResolvedCode(*fields),
        issuer=issuer,
        period=period,
        rating_id=rating_id,
        employee_id=employee_id,
        public_name=public_name(title, name) if name else "",
        civil_servant=kind != "non_asn",
        confirmed=bool(confirmed),
    )


def checked_in_among(agency_id: int, duty_ids: Collection[int]) -> set[int]:
    """Those of these duties that the employee has begun by check-in."""
    if not duty_ids:
        return set()
    statement = select(DutyEvent.duty_id).where(
        DutyEvent.agency_id == agency_id,
        DutyEvent.duty_id.in_(duty_ids),
        DutyEvent.kind == "checked_in",
    )
    with reading() as connection:
        return set(connection.scalars(statement))


def duties_at(agency_id: int, counter_id: int, at: datetime, back: timedelta) -> list[DutyRow]:
    """Everyone whose duty at this counter touches the time from `at - back` to `at`.

    Both ends belong to it: a duty that ended exactly at `at - back` is still listed. Who is on
    leave and did not come is not there: of such a duty only the parts before and after count. So
    it is on holidays and outside the hours of a day that has its own.
    """
    values = {
        "agency_id": agency_id,
        "counter_id": counter_id,
        "since": at - back,
        "until": at,
        # A day more on either side, since the days of a leave are those of the agency's zone.
        "first_day": (at - back).date() - timedelta(days=1),
        "last_day": at.date() + timedelta(days=1),
    }
    with reading() as connection:
        rows = _DUTIES.run(connection, values).all()
    duties: dict[int, DutyRow] = {}
    gone: dict[int, list[Span]] = {}
    for row in rows:
        duty = DutyRow(*row[:_DUTY_FIELDS])
        duties[duty.id] = duty
        gone.setdefault(duty.id, []).extend(_missing(row[_DUTY_FIELDS:]))
    hours = _day_hours(rows, at)
    return [
        replace(duty, starts_at=start, ends_at=end, day_hours=hours)
        for duty in duties.values()
        for start, end in outside(duty.starts_at, duty.ends_at, gone[duty.id])
        if start <= at and (end is None or end >= at - back)
    ]


_DUTY_FIELDS = len(DutyRow.__dataclass_fields__) - 1  # the day's hours follow from all rows


def _day_hours(rows: Sequence[Any], at: datetime) -> tuple[time | None, time | None] | None:
    """The hours of the day of `at`, where it has its own."""
    own = {row.day: (row.opens_at, row.closes_at) for row in rows if row.day is not None}
    return own.get(at.astimezone(ZoneInfo(rows[0].timezone)).date()) if own else None


def _missing(found: Sequence[Any]) -> Iterator[Span]:
    """When the person of a duty was away, or the counter closed, and nobody vouches for it."""
    timezone, starts_on, ends_on, from_time, to_time, day, opens, closes, came, corrected = found
    zone, vouched = ZoneInfo(timezone), Vouched(came, corrected is not None)
    missing = [] if starts_on is None else [Away(starts_on, ends_on, from_time, to_time)]
    if day is not None:
        missing += closed_on(day, None if opens is None else (opens, closes))
    return (away.span(zone) for away in missing if not vouched.holds(away, zone))
