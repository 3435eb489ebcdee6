"""Reads about visit tickets, for who issues them. None of them says whether one was used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from portal.counters.codes import scan_address, show_code, typed_address
from portal.counters.models import Counter, CounterService, Duty, Service, VisitTicket
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
    """What a ticket shows on screen and on paper: nothing of who is served."""

    code: str
    address: str  # what the QR holds
    typed: str
    agency: str
    initials: str
    colour: str
    office: str
    counter: str
    service: str
    expires_at: datetime
    report: str

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
    return ticket, _slips(agency_id, [ticket], public_url)[0]


def sheet_slips(agency_id: int, sheet_id: int, public_url: str) -> list[Slip]:
    tickets = db.session.scalars(
        select(VisitTicket)
        .where(
            VisitTicket.agency_id == agency_id,
            VisitTicket.sheet_id == sheet_id,
            VisitTicket.revoked_at.is_(None),
        )
        .order_by(VisitTicket.code)
    ).all()
    return _slips(agency_id, list(tickets), public_url)


def _slips(agency_id: int, tickets: list[VisitTicket], public_url: str) -> list[Slip]:
    """All of one counter."""
    if not tickets:
        return []
    agency = db.session.get_one(Agency, agency_id)
    counter = db.session.get_one(Counter, (agency_id, tickets[0].counter_id))
    office = db.session.get_one(Office, (agency_id, counter.office_id))
    names = dict(_services(agency_id, counter.id))
    return [
        Slip(
            code=ticket.code,
            address=scan_address(public_url, ticket.code),
            typed=typed_address(public_url, ticket.code),
            agency=agency.name,
            initials=agency.initials,
            colour=agency.colour,
            office=office.name,
            counter=counter.label,
            service=names.get(ticket.service_id or 0, ""),
            expires_at=ticket.expires_at,
            report=agency.report_name,
        )
        for ticket in tickets
    ]


@dataclass(frozen=True)
class SheetRow:
    """Slips that were made together."""

    id: int
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
        .group_by(VisitTicket.sheet_id, Employee.name)
        .order_by(func.min(VisitTicket.issued_at).desc())
    )
    return [
        SheetRow(sheet_id or 0, name, made_at, expires_at, slips, revoked > 0)
        for sheet_id, name, made_at, expires_at, slips, revoked in rows
    ]


def counter_of_sheet(agency_id: int, sheet_id: int) -> int | None:
    return db.session.scalar(
        select(VisitTicket.counter_id)
        .where(VisitTicket.agency_id == agency_id, VisitTicket.sheet_id == sheet_id)
        .limit(1)
    )
