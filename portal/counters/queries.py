"""Reads about services, counters and codes; the first two stand on every citizen's path."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, case, exists, or_, select
from sqlalchemy.orm import aliased

from portal.counters.models import CodeEvent, Counter, CounterService, Duty, PrintedCode, Service
from portal.db import statement_engine
from portal.people.models import Agency, Employee, Office, public_name

CodeState = Literal["current", "replaced", "revoked"]


@dataclass(frozen=True)
class ResolvedCode:
    """All that a citizen's page needs to know about the paper that was scanned."""

    code: str
    version: int
    state: CodeState
    agency_id: int
    agency_name: str
    initials: str
    colour: str
    timezone: str
    opens_at: time
    closes_at: time
    working_days: str
    report_name: str
    report_url: str
    office_id: int
    office_name: str
    counter_id: int
    counter_label: str
    counter_active: bool
    services: tuple[tuple[int, str], ...]  # id and name of the active ones, by name


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

    @property
    def public_name(self) -> str:
        return public_name(self.title, self.name)


_newer = aliased(PrintedCode)
_ended = aliased(CodeEvent)
# A code is current until it is revoked or a newer one is issued for its counter.
_state = case(
    (exists().where(_ended.code == PrintedCode.code, _ended.kind == "revoked"), "revoked"),
    (
        or_(
            exists().where(_ended.code == PrintedCode.code, _ended.kind == "replaced"),
            exists().where(
                _newer.agency_id == PrintedCode.agency_id,
                _newer.counter_id == PrintedCode.counter_id,
                _newer.version > PrintedCode.version,
            ),
        ),
        "replaced",
    ),
    else_="current",
)
_CODE = (
    select(
        PrintedCode.code,
        PrintedCode.version,
        _state,
        Agency.id,
        Agency.name,
        Agency.initials,
        Agency.colour,
        Agency.timezone,
        Agency.opens_at,
        Agency.closes_at,
        Agency.working_days,
        Agency.report_name,
        Agency.report_url,
        Office.id,
        Office.name,
        Counter.id,
        Counter.label,
        and_(Counter.active, Office.active),
    )
    .join(
        Counter,
        and_(Counter.agency_id == PrintedCode.agency_id, Counter.id == PrintedCode.counter_id),
    )
    .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
    .join(Agency, Agency.id == PrintedCode.agency_id)
    .where(PrintedCode.code == bindparam("code"))
)
_SERVICES = (
    select(Service.id, Service.name)
    .join(
        CounterService,
        and_(
            CounterService.agency_id == Service.agency_id,
            CounterService.service_id == Service.id,
        ),
    )
    .where(
        CounterService.agency_id == bindparam("agency_id"),
        CounterService.counter_id == bindparam("counter_id"),
        Service.active,
    )
    .order_by(Service.name, Service.id)
)
_DUTIES = (
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
    )
    .join(Employee, and_(Employee.agency_id == Duty.agency_id, Employee.id == Duty.employee_id))
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
    with statement_engine().connect() as connection:
        row = connection.execute(_CODE, {"code": code}).first()
        if row is None:
            return None
        at = {"agency_id": row[3], "counter_id": row[15]}
        services = tuple((one, name) for one, name in connection.execute(_SERVICES, at))
    fields: tuple[Any, ...] = (*row, services)
    return ResolvedCode(*fields)


def duties_at(agency_id: int, counter_id: int, at: datetime, back: timedelta) -> list[DutyRow]:
    """Everyone whose duty at this counter touches the time from `at - back` to `at`.

    Both ends belong to it: a duty that ended exactly at `at - back` is still listed.
    """
    values = {
        "agency_id": agency_id,
        "counter_id": counter_id,
        "since": at - back,
        "until": at,
    }
    with statement_engine().connect() as connection:
        return [DutyRow(*row) for row in connection.execute(_DUTIES, values)]
