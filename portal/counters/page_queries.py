"""Reads for the staff's pages of counters and codes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from portal.counters.codes import normalise_code
from portal.counters.models import (
    CodeEvent,
    Counter,
    CounterService,
    DeskCode,
    Duty,
    PosterCheck,
    PrintedCode,
    Service,
)
from portal.counters.queries import code_revoked, code_superseded
from portal.db import db
from portal.people.models import Account, Employee, Office
from portal.people.paging import Page, read_page
from portal.people.queries import Scope


@dataclass(frozen=True)
class CounterRow:
    """A counter as listed: what is given there, under which code, and who serves now."""

    id: int
    label: str
    place: str
    active: bool
    office_id: int
    office_name: str
    code: str | None
    version: int | None
    printed_at: datetime | None
    desk: str = ""  # of a code at an employee's desk
    checked_at: datetime | None = None  # when somebody on the poster walk last looked
    services: list[str] = field(default_factory=list)
    on_duty: list[tuple[str, bool]] = field(default_factory=list)  # name, confirmed


_printed = (
    select(func.max(CodeEvent.at))
    .where(CodeEvent.code == PrintedCode.code, CodeEvent.kind == "printed")
    .correlate(PrintedCode)
    .scalar_subquery()
)
# Labels end in a number: the shorter one first, so that Loket 3 stands before Loket 10.
_BY_LABEL = (func.length(Counter.label), Counter.label)


def _counters(scope: Scope, *, desks: bool = False) -> Any:
    """Counters with their current code; on request also a row for each desk's code."""
    current = (
        select(
            PrintedCode.agency_id,
            PrintedCode.counter_id,
            PrintedCode.code,
            PrintedCode.version,
            func.coalesce(DeskCode.desk, "").label("desk"),
            _printed.label("printed_at"),
        )
        .outerjoin(DeskCode, DeskCode.code == PrintedCode.code)
        .where(PrintedCode.agency_id == scope.agency_id, ~code_superseded, ~code_revoked)
    )
    if not desks:
        current = current.where(DeskCode.code.is_(None))
    codes = current.subquery("codes")
    checked_at = (
        select(func.max(PosterCheck.at))
        .where(
            PosterCheck.agency_id == Counter.agency_id,
            PosterCheck.counter_id == Counter.id,
            PosterCheck.desk == func.coalesce(codes.c.desk, ""),
        )
        .correlate(Counter, codes)
        .scalar_subquery()
        .label("checked_at")
    )
    statement = (
        select(
            Counter.id,
            Counter.label,
            Counter.place,
            Counter.active,
            Counter.office_id,
            Office.name,
            codes.c.code,
            codes.c.version,
            codes.c.printed_at,
            func.coalesce(codes.c.desk, ""),
            checked_at,
        )
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .outerjoin(
            codes,
            and_(codes.c.agency_id == Counter.agency_id, codes.c.counter_id == Counter.id),
        )
        .where(Counter.agency_id == scope.agency_id)
        .order_by(Office.name, Office.id, *_BY_LABEL, func.coalesce(codes.c.desk, ""))
    )
    if scope.offices is not None:
        statement = statement.where(Counter.office_id.in_(scope.offices))
    return statement


def current_code(agency_id: int, counter_id: int) -> str | None:
    """The code that hangs at a counter now; those of its desks stand apart."""
    row = db.session.execute(
        _counters(Scope(agency_id, None)).where(Counter.id == counter_id)
    ).first()
    return CounterRow(*row).code if row else None


def counters_page(
    scope: Scope,
    now: datetime,
    *,
    office_id: int | None = None,
    active: bool | None = None,
    text: str = "",
    number: int = 1,
) -> Page[CounterRow]:
    """Counters by office and label; four statements, however many there are.

    text: a part of the label or place, or a code that hangs or once hung there.
    """
    statement = _counters(scope)
    if office_id is not None:
        statement = statement.where(Counter.office_id == office_id)
    if active is not None:
        statement = statement.where(Counter.active.is_(active))
    if text:
        coded = select(PrintedCode.counter_id).where(
            PrintedCode.agency_id == scope.agency_id, PrintedCode.code == normalise_code(text)
        )
        statement = statement.where(
            Counter.label.icontains(text, autoescape=True)
            | Counter.place.icontains(text, autoescape=True)
            | Counter.id.in_(coded)
        )
    page = read_page(statement, number, CounterRow)
    _add_services(scope.agency_id, page.items)
    _add_duties(scope.agency_id, page.items, now)
    return page


def printable(scope: Scope, offices: int | Collection[int] | None) -> list[CounterRow]:
    """All open counters of an office, of several, or of the scope, and their desks, with what
    their papers show."""
    statement = _counters(scope, desks=True).where(Counter.active, Office.active)
    if offices is not None:
        wanted = [offices] if isinstance(offices, int) else offices
        statement = statement.where(Counter.office_id.in_(wanted))
    counters = [CounterRow(*row) for row in db.session.execute(statement)]
    _add_services(scope.agency_id, counters)
    return counters


def papers(scope: Scope, since: datetime) -> Select[Any]:
    """By office, how many papers should hang at its open counters, and how many of them somebody
    has looked at since then."""
    open_ones = _counters(scope, desks=True).where(Counter.active, Office.active)
    paper = open_ones.order_by(None).subquery("paper").c
    looked_at = func.sum(case((paper.checked_at >= since, 1), else_=0))
    return select(paper.office_id, func.count(), looked_at).group_by(paper.office_id)


def counter_row(scope: Scope, counter_id: int, now: datetime) -> CounterRow | None:
    """One counter, if it is in the scope."""
    row = db.session.execute(_counters(scope).where(Counter.id == counter_id)).first()
    if row is None:
        return None
    counter = CounterRow(*row)
    _add_services(scope.agency_id, [counter])
    _add_duties(scope.agency_id, [counter], now)
    return counter


def _add_services(agency_id: int, counters: Sequence[CounterRow]) -> None:
    by_id = _by_id(counters)
    rows = db.session.execute(
        select(CounterService.counter_id, Service.name)
        .join(
            Service,
            and_(
                Service.agency_id == CounterService.agency_id,
                Service.id == CounterService.service_id,
            ),
        )
        .where(
            CounterService.agency_id == agency_id,
            CounterService.counter_id.in_(by_id),
            Service.active,
        )
        .order_by(Service.name)
    )
    for counter_id, name in rows:
        for counter in by_id[counter_id]:
            counter.services.append(name)


def _by_id(counters: Sequence[CounterRow]) -> dict[int, list[CounterRow]]:
    """A counter has a row for itself and one for each of its desks."""
    found: dict[int, list[CounterRow]] = {}
    for counter in counters:
        found.setdefault(counter.id, []).append(counter)
    return found


def _add_duties(agency_id: int, counters: Sequence[CounterRow], now: datetime) -> None:
    by_id = _by_id(counters)
    rows = db.session.execute(
        select(Duty.counter_id, Employee.name, Duty.confirmed)
        .join(Employee, and_(Employee.agency_id == Duty.agency_id, Employee.id == Duty.employee_id))
        .where(
            Duty.agency_id == agency_id,
            Duty.counter_id.in_(by_id),
            ~Duty.cancelled,
            Duty.starts_at <= now,
            or_(Duty.ends_at.is_(None), Duty.ends_at > now),
        )
        .order_by(Employee.name)
    )
    for counter_id, name, confirmed in rows:
        for counter in by_id[counter_id]:
            counter.on_duty.append((name, confirmed))


@dataclass(frozen=True)
class CodeStep:
    """Something that happened to one of a counter's codes."""

    code: str
    version: int
    kind: str
    at: datetime
    by: str | None
    reason: str
    public_url: str | None
    desk: str = ""


def code_history(agency_id: int, counter_id: int) -> list[CodeStep]:
    """All that happened to a counter's codes, the latest first."""
    rows = db.session.execute(
        select(
            CodeEvent.code,
            PrintedCode.version,
            CodeEvent.kind,
            CodeEvent.at,
            Account.name,
            CodeEvent.reason,
            CodeEvent.public_url,
            func.coalesce(DeskCode.desk, ""),
        )
        .join(PrintedCode, PrintedCode.code == CodeEvent.code)
        .outerjoin(DeskCode, DeskCode.code == CodeEvent.code)
        .outerjoin(Account, Account.id == CodeEvent.account_id)
        .where(PrintedCode.agency_id == agency_id, PrintedCode.counter_id == counter_id)
        .order_by(CodeEvent.at.desc(), PrintedCode.version.desc(), CodeEvent.id)
    )
    return [CodeStep(*row) for row in rows]


def code_row(scope: Scope, code: str) -> CounterRow | None:
    """The counter in this scope of which, or of a desk at which, this is the current code."""
    found = _counters(scope, desks=True).subquery("found")
    row = db.session.execute(select(found).where(found.c.code == code)).first()
    if row is None:
        return None
    counter = CounterRow(*row)
    _add_services(scope.agency_id, [counter])
    return counter


@dataclass(frozen=True)
class DeskRow:
    """A desk's current code, and whose desk it is."""

    code: str
    desk: str
    employee: str
    version: int


def desks_of(agency_id: int, counter_id: int) -> list[DeskRow]:
    rows = db.session.execute(
        select(PrintedCode.code, DeskCode.desk, Employee.name, PrintedCode.version)
        .join(DeskCode, DeskCode.code == PrintedCode.code)
        .join(
            Employee,
            and_(Employee.agency_id == DeskCode.agency_id, Employee.id == DeskCode.employee_id),
        )
        .where(
            PrintedCode.agency_id == agency_id,
            PrintedCode.counter_id == counter_id,
            ~code_superseded,
            ~code_revoked,
        )
        .order_by(DeskCode.desk)
    )
    return [DeskRow(*row) for row in rows]


def open_counters(agency_id: int, office_id: int) -> list[tuple[int, str, str]]:
    """The open counters of an office: id, label, place."""
    rows = db.session.execute(
        select(Counter.id, Counter.label, Counter.place)
        .where(Counter.agency_id == agency_id, Counter.office_id == office_id, Counter.active)
        .order_by(*_BY_LABEL)
    )
    return [(one, label, place) for one, label, place in rows]
