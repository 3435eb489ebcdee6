"""Reads about visit tickets, for who issues them. None of them says whether one was used."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from portal.counters.codes import scan_address, show_code, typed_address
from portal.counters.duty_queries import staff_of
from portal.counters.leave_queries import leaves_of
from portal.counters.models import (
    Counter,
    CounterService,
    Duty,
    Service,
    VisitTicket,
)
from portal.counters.print_queries import free_counters
from portal.counters.printing.making import Piece
from portal.db import db
from portal.people.models import Agency, Employee, Office

# After this time the issuer does not see a ticket's code again.
SHOWN_FOR = timedelta(minutes=30)


@dataclass(frozen=True)
class OwnPlace:
    """A counter where I serve now, with what is given there."""

    counter_id: int
    label: str
    services: list[tuple[int, str]]


def own_places(agency_id: int, employee_id: int, now: datetime) -> list[OwnPlace]:
    rows = db.session.execute(
        select(Counter.id, Counter.label)
        .join(Duty, and_(Duty.agency_id == Counter.agency_id, Duty.counter_id == Counter.id))
        .where(
            Duty.agency_id == agency_id,
            Duty.employee_id == employee_id,
            ~Duty.cancelled,
            Duty.starts_at <= now,
            or_(Duty.ends_at.is_(None), Duty.ends_at > now),
            Counter.active,
        )
        .distinct()
        .order_by(Counter.label)
    )
    return [OwnPlace(one, label, _services(agency_id, one)) for one, label in rows]


def _services(agency_id: int, counter_id: int) -> list[tuple[int, str]]:
    rows = db.session.execute(
        select(Service.id, Service.name)
        .join(
            CounterService,
            and_(
                CounterService.agency_id == Service.agency_id,
                CounterService.service_id == Service.id,
            ),
        )
        .where(
            Service.agency_id == agency_id, CounterService.counter_id == counter_id, Service.active
        )
        .order_by(Service.name)
    )
    return [(one, name) for one, name in rows]


@dataclass(frozen=True)
class Slip:
    """What a ticket shows on the employee's screen: nothing of who is served."""

    code: str
    address: str  # what the QR holds
    typed: str
    office: str
    counter: str
    service: str
    expires_at: datetime
    report: str
    free: bool

    @property
    def shown(self) -> str:
        return show_code(self.code)


def own_ticket(
    agency_id: int, account_id: int, code: str, public_url: str, now: datetime
) -> tuple[VisitTicket, Slip] | None:
    """A ticket that I issued just now."""
    ticket = db.session.get(VisitTicket, (agency_id, code))
    if ticket is None or ticket.account_id != account_id or now - ticket.issued_at > SHOWN_FOR:
        return None
    return ticket, _slip(agency_id, ticket, public_url)


def sheet_pieces(agency_id: int, sheet_id: int) -> list[Piece]:
    """The slips of a sheet that is not revoked, as they are printed."""
    tickets = db.session.scalars(
        select(VisitTicket)
        .where(
            VisitTicket.agency_id == agency_id,
            VisitTicket.sheet_id == sheet_id,
            VisitTicket.revoked_at.is_(None),
        )
        .order_by(VisitTicket.code)
    )
    return pieces_of(agency_id, list(tickets))


def pieces_of(agency_id: int, tickets: Sequence[VisitTicket]) -> list[Piece]:
    """Tickets of one counter as paper: no word of whom they name."""
    if not tickets:
        return []
    counter = db.session.get_one(Counter, (agency_id, tickets[0].counter_id))
    office = db.session.get_one(Office, (agency_id, counter.office_id))
    zone = db.session.get_one(Agency, agency_id).zone
    names = dict(_services(agency_id, counter.id))
    free = bool(free_counters(agency_id, [counter.id]))
    return [
        Piece(
            code=ticket.code,
            office=office.name,
            counter=counter.label,
            services=tuple(filter(None, [names.get(ticket.service_id or 0)])),
            free=free,
            until=ticket.expires_at.astimezone(zone).date(),
        )
        for ticket in tickets
    ]


def _slip(agency_id: int, ticket: VisitTicket, public_url: str) -> Slip:
    agency = db.session.get_one(Agency, agency_id)
    (piece,) = pieces_of(agency_id, [ticket])
    return Slip(
        code=ticket.code,
        address=scan_address(public_url, ticket.code),
        typed=typed_address(public_url, ticket.code),
        office=piece.office,
        counter=piece.counter,
        service="".join(piece.services),
        expires_at=ticket.expires_at,
        report=agency.report_name,
        free=piece.free,
    )


@dataclass(frozen=True)
class SheetRow:
    """Slips that were made together."""

    id: int
    employee_id: int
    employee: str
    made_at: datetime
    expires_at: datetime
    slips: int
    revoked: bool


def sheets_of(agency_id: int, counter_id: int, since: datetime) -> list[SheetRow]:
    """The sheets of a counter, the latest first."""
    rows = db.session.execute(
        select(
            VisitTicket.sheet_id,
            Employee.id,
            Employee.name,
            func.min(VisitTicket.issued_at),
            func.min(VisitTicket.expires_at),
            func.count(),
            func.count(VisitTicket.revoked_at),
        )
        .join(
            Employee,
            and_(
                Employee.agency_id == VisitTicket.agency_id, Employee.id == VisitTicket.employee_id
            ),
        )
        .where(
            VisitTicket.agency_id == agency_id,
            VisitTicket.counter_id == counter_id,
            VisitTicket.sheet_id.is_not(None),
            VisitTicket.issued_at >= since,
        )
        .group_by(VisitTicket.sheet_id, Employee.id, Employee.name)
        .order_by(func.min(VisitTicket.issued_at).desc())
    )
    return [
        SheetRow(sheet_id or 0, employee_id, name, made_at, expires_at, slips, revoked > 0)
        for sheet_id, employee_id, name, made_at, expires_at, slips, revoked in rows
    ]


def idle_slips(
    agency: Agency, held: Collection[tuple[int, int]], now: datetime
) -> dict[tuple[int, int], str]:
    """Of slips by counter and employee, those that should not be torn off now, and why: the
    counter is `closed`, the employee is `gone` from its office, or `away` today."""
    if not held:
        return {}
    counters = {counter_id for counter_id, _employee in held}
    rows = db.session.execute(
        select(Counter.id, Counter.office_id, Counter.active).where(
            Counter.agency_id == agency.id, Counter.id.in_(counters)
        )
    )
    places = {one: (office, active) for one, office, active in rows}
    today = now.astimezone(agency.zone).date()
    staff = {
        office: dict(staff_of(agency.id, office, today)) for office, _active in places.values()
    }
    away = leaves_of(agency.id, {one for _counter, one in held}, agency.zone, (now, now))
    found = {}
    for key in held:
        office, active = places[key[0]]
        if not active:
            found[key] = "closed"
        elif key[1] not in staff[office]:
            found[key] = "gone"
        elif key[1] in away:
            found[key] = "away"
    return found


def counter_of_sheet(agency_id: int, sheet_id: int) -> int | None:
    return db.session.scalar(
        select(VisitTicket.counter_id)
        .where(VisitTicket.agency_id == agency_id, VisitTicket.sheet_id == sheet_id)
        .limit(1)
    )
