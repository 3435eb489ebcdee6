"""What is done with visit tickets: issue one, issue a sheet, note times, revoke."""

import hashlib
import uuid
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.counters.codes import TICKET_LENGTH, new_code
from portal.counters.models import Counter, CounterService, Device, Duty, VisitTicket
from portal.counters.periods import last_day, period_of
from portal.counters.queries import duties_at
from portal.db import begin_write, db, new_id
from portal.people.actions import note_act
from portal.people.models import Account, Agency, Employee

# Long enough to rate at home, too short to collect them.
LIFE = timedelta(days=3)
# Slips are torn off for weeks, but not beyond what a closing still counts.
SHEET_LIFE = timedelta(days=31)
AFTER_PERIOD = timedelta(days=7)
MOST_SLIPS = 400
# A queue system's clock may be a little ahead; a number is called on the day of its ticket.
CLOCK_SKEW = timedelta(minutes=5)
CALLED_WITHIN = timedelta(days=1)


class NotOnDutyThere(Exception):
    """Only who serves at the counter now issues tickets there, while it is open."""


class ImpossibleTime(Exception):
    """The number cannot have been called then: not yet, or long before there was a ticket."""


class UnknownTicket(Exception):
    """There is no such ticket for this issuer."""


def issue_own_ticket(
    by: Account, counter_id: int, service_id: int | None, once: str, now: datetime
) -> str:
    """A ticket for the person just served; a second tap on the same button is the same ticket."""
    begin_write()
    agency = db.session.get_one(Agency, by.agency_id)
    if by.employee_id is None or not _serves(by, counter_id, now):
        raise NotOnDutyThere
    code = _keep(
        _row(agency, counter_id, now)
        | {
            "employee_id": by.employee_id,
            "service_id": _given(agency.id, counter_id, service_id),
            "issuer": "self",
            "account_id": by.id,
            "reference": _hash("self", by.id, once),
        }
    )
    note_act(by, "issue_ticket", now, subject=f"counter:{counter_id}")
    db.session.commit()
    return code


def issue_sheet(by: Account, counter_id: int, employee_id: int, count: int, now: datetime) -> int:
    """Slips to tear off, for one employee at one counter; returns the sheet they stand on."""
    begin_write()
    agency = db.session.get_one(Agency, by.agency_id)
    db.session.get_one(Employee, (agency.id, employee_id))
    sheet_id = new_id()
    row = _row(agency, counter_id, now, SHEET_LIFE) | {
        "employee_id": employee_id,
        "issuer": "sheet",
        "account_id": by.id,
        "sheet_id": sheet_id,
    }
    codes = _unused_codes(min(count, MOST_SLIPS))
    db.session.execute(
        insert(VisitTicket), [row | {"code": code, "rating_id": uuid.uuid4()} for code in codes]
    )
    note_act(by, "issue_sheet", now, subject=f"counter:{counter_id}", detail={"slips": count})
    db.session.commit()
    return sheet_id


def revoke_sheet(by: Account, sheet_id: int, now: datetime) -> None:
    """All slips of a sheet: lost, or printed by mistake."""
    begin_write()
    db.session.execute(
        update(VisitTicket)
        .where(
            VisitTicket.agency_id == by.agency_id,
            VisitTicket.sheet_id == sheet_id,
            VisitTicket.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    note_act(by, "revoke_sheet", now, subject=f"sheet:{sheet_id}")
    db.session.commit()


def issue_queue_ticket(
    agency_id: int,
    integration_id: int,
    counter_id: int,
    *,
    reference: str,
    service_id: int | None,
    called_at: datetime | None,
    finished_at: datetime | None,
    number: str,
    now: datetime,
) -> str:
    """A ticket of a queue system. Whom it names is who served there when the number was called;
    two, or nobody, and it counts for the office. Sent again, it is the same ticket. Raises
    ImpossibleTime."""
    _check_called(called_at, now, now)
    begin_write()
    agency = db.session.get_one(Agency, agency_id)
    code = _keep(
        _row(agency, counter_id, now)
        | {
            "employee_id": _only_one(agency_id, counter_id, called_at or now),
            "service_id": _given(agency_id, counter_id, service_id),
            "issuer": "queue",
            "integration_id": integration_id,
            "called_at": called_at,
            "finished_at": finished_at,
            "reference": _hash("queue", integration_id, reference),
        }
    )
    if number:
        _show_number(agency_id, counter_id, number, now)
    db.session.commit()
    return code


def note_times(
    agency_id: int,
    integration_id: int,
    code: str,
    *,
    called_at: datetime | None,
    finished_at: datetime | None,
    now: datetime,
) -> None:
    """When the person was called and when the visit was over, as the queue system learns it.

    Whom the ticket names is who served there when the number was called; a rating given with it
    already follows (ratings.reattribution_actions). Raises UnknownTicket and ImpossibleTime.
    """
    begin_write()
    ticket = _of_queue(agency_id, integration_id, code)
    if called_at is not None:
        _check_called(called_at, ticket.issued_at, now)
        ticket.called_at = called_at
        ticket.employee_id = _only_one(agency_id, ticket.counter_id, called_at)
    ticket.finished_at = finished_at or ticket.finished_at
    db.session.commit()


def name_queue_tickets(
    agency_id: int, counter_id: int, starts_at: datetime, ends_at: datetime | None
) -> None:
    """Let the tickets of numbers called in this time name who served then, as it is known now.

    May be done again at any time.
    """
    wrong = []
    for code, at, employee_id in _called_between(agency_id, counter_id, starts_at, ends_at):
        served = _only_one(agency_id, counter_id, at)
        if served != employee_id:
            wrong.append((code, at, served))
    if not wrong:
        return
    begin_write()
    for code, at, served in wrong:
        ticket = db.session.get(VisitTicket, (agency_id, code), populate_existing=True)
        if ticket and (ticket.called_at or ticket.issued_at) == at:  # not told otherwise meanwhile
            ticket.employee_id = served
    db.session.commit()


def revoke_queue_ticket(agency_id: int, integration_id: int, code: str, now: datetime) -> None:
    """The person left, or the slip was spoiled. Doing it twice is the same as once."""
    begin_write()
    ticket = _of_queue(agency_id, integration_id, code)
    ticket.revoked_at = ticket.revoked_at or now
    db.session.commit()


def _row(agency: Agency, counter_id: int, now: datetime, life: timedelta = LIFE) -> dict[str, Any]:
    """What every ticket has: the day, the period and the rating's id, fixed now."""
    day = now.astimezone(agency.zone).date()
    period = period_of(day)
    counted = datetime.combine(last_day(period) + AFTER_PERIOD, time(), agency.zone)
    return {
        "agency_id": agency.id,
        "counter_id": counter_id,
        "served_on": day,
        "period": period,
        "issued_at": now,
        "expires_at": min(now + life, counted),
        "rating_id": uuid.uuid4(),
    }


def _keep(row: dict[str, Any]) -> str:
    """Store it, or find the one that the same request has made before."""
    same = select(VisitTicket.code).where(
        VisitTicket.agency_id == row["agency_id"], VisitTicket.reference == row["reference"]
    )
    known = db.session.scalar(same)
    if known is not None:
        return known
    (code,) = _unused_codes(1)
    try:
        with db.session.begin_nested():
            db.session.execute(insert(VisitTicket).values(row | {"code": code}))
    except IntegrityError:  # sent twice at the same moment; the other one was faster
        return db.session.scalars(same).one()
    return code


def _unused_codes(count: int) -> list[str]:
    codes = list({new_code(TICKET_LENGTH) for _ in range(count)})
    taken = db.session.scalars(select(VisitTicket.code).where(VisitTicket.code.in_(codes)))
    if len(codes) < count or taken.first() is not None:
        return _unused_codes(count)  # 50 bits: this will hardly ever happen
    return codes


def _serves(by: Account, counter_id: int, now: datetime) -> bool:
    return db.session.scalar(
        select(Duty.id)
        .join(Counter, (Counter.agency_id == Duty.agency_id) & (Counter.id == Duty.counter_id))
        .where(
            Counter.active,
            Duty.agency_id == by.agency_id,
            Duty.counter_id == counter_id,
            Duty.employee_id == by.employee_id,
            ~Duty.cancelled,
            Duty.starts_at <= now,
            Duty.ends_at.is_(None) | (Duty.ends_at > now),
        )
    ) is not None  # fmt: skip


def _only_one(agency_id: int, counter_id: int, at: datetime) -> int | None:
    """The one employee on confirmed duty at that time, if it was exactly one."""
    rows = duties_at(agency_id, counter_id, at, timedelta())
    present = [row for row in rows if row.ends_at is None or row.ends_at > at]
    known: Collection[int] = {row.employee_id for row in present}
    sure = len(known) == 1 and any(row.confirmed for row in present)
    return present[0].employee_id if sure else None


def _called_between(
    agency_id: int, counter_id: int, starts_at: datetime, ends_at: datetime | None
) -> list[tuple[str, datetime, int | None]]:
    """Queue tickets of numbers that were called in this time, or issued, where that is all that
    is known: each with that time, and whom it names."""
    called = func.coalesce(VisitTicket.called_at, VisitTicket.issued_at)
    query = select(VisitTicket.code, called, VisitTicket.employee_id).where(
        VisitTicket.agency_id == agency_id,
        VisitTicket.counter_id == counter_id,
        VisitTicket.issuer == "queue",
        # A day more, since the day is that of the agency's zone.
        VisitTicket.served_on >= (starts_at - LIFE).date() - timedelta(days=1),
        called >= starts_at,
    )
    if ends_at is not None:
        query = query.where(called < ends_at)
    return [(code, at, employee_id) for code, at, employee_id in db.session.execute(query)]


def _check_called(called_at: datetime | None, issued_at: datetime, now: datetime) -> None:
    if called_at is None or issued_at - CALLED_WITHIN <= called_at <= now + CLOCK_SKEW:
        return
    db.session.rollback()
    raise ImpossibleTime


def _given(agency_id: int, counter_id: int, service_id: int | None) -> int | None:
    """The service, if it is one of this counter's."""
    if service_id is None:
        return None
    held = db.session.get(CounterService, (agency_id, counter_id, service_id))
    return held.service_id if held else None


def _show_number(agency_id: int, counter_id: int, number: str, now: datetime) -> None:
    """On the screens of this counter, not with the ticket: a number leads to a person."""
    db.session.execute(
        update(Device)
        .where(Device.agency_id == agency_id, Device.counter_id == counter_id)
        .values(queue_number=number, queue_at=now)
    )


def _of_queue(agency_id: int, integration_id: int, code: str) -> VisitTicket:
    ticket = db.session.get(VisitTicket, (agency_id, code))
    if ticket is None or ticket.integration_id != integration_id:
        db.session.rollback()
        raise UnknownTicket
    return ticket


def _hash(*parts: object) -> bytes:
    """A reference leads to a person in the queue system, so only its hash is kept."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
