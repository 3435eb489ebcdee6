"""Reads of integrity reports: for whoever has a mailbox's code, and for the inspector."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select

from portal.counters.models import Counter
from portal.counters.opening_queries import days_off
from portal.db import db
from portal.integrity.models import (
    CITIZEN,
    IntegrityKey,
    IntegrityMessage,
    IntegrityOpening,
    IntegrityReport,
)
from portal.integrity.sealing import Mailbox, Unreadable, Words, lent, read_sealed
from portal.people.models import Account, Agency, Office
from portal.people.queries import Scope

# SP4N-LAPOR answers a complaint for the first time within three working days.
ACKNOWLEDGED_WITHIN = 3
A_YEAR = 366  # days in which three working days are looked for
KEPT_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where a report is about: an office, perhaps one of its counters."""

    agency: Agency
    office: Office
    counter: Counter | None


@dataclass(frozen=True)
class Note:
    """A message as its reader sees it; no words where this reader cannot open them."""

    number: int
    by_citizen: bool
    day: date
    words: Words | None


@dataclass(frozen=True)
class ReportRow:
    """A report without its words."""

    report: IntegrityReport
    office: str

    @property
    def state(self) -> str:
        """closed, new (and not yet acknowledged), written (the citizen waits), or answered."""
        if self.report.closed_on:
            return "closed"
        if self.report.acknowledged_on is None:
            return "new"
        return "written" if self.report.last_by == CITIZEN else "answered"

    def overdue(self, today: date) -> bool:
        return self.report.acknowledged_on is None and self.report.due_on < today


def place_of(agency_id: int, office_id: int, counter_id: int | None) -> Place | None:
    """An office that is open, with the counter if it is one of its own."""
    office = db.session.get(Office, (agency_id, office_id))
    if office is None or not office.active:
        return None
    counter = db.session.get(Counter, (agency_id, counter_id)) if counter_id else None
    if counter_id and (counter is None or counter.office_id != office_id):
        return None
    return Place(db.session.get_one(Agency, agency_id), office, counter)


def current_key(agency_id: int) -> IntegrityKey | None:
    """The key that seals what arrives; none until the inspectorate has made one."""
    return db.session.scalar(
        select(IntegrityKey).where(
            IntegrityKey.agency_id == agency_id, IntegrityKey.replaced_on.is_(None)
        )
    )


def deadline(agency: Agency, received_on: date) -> date:
    """The last day on which a report of this day is acknowledged in time, in working days."""
    days = [received_on + timedelta(days=ahead) for ahead in range(1, A_YEAR)]
    closed = days_off(agency.id, days[0], days[-1])
    working = [
        day for day in days if str(day.isoweekday()) in agency.working_days and day not in closed
    ]
    return working[ACKNOWLEDGED_WITHIN - 1]


def report_in(mailbox: Mailbox) -> IntegrityReport | None:
    """The report of a mailbox; known without its agency, like a receipt."""
    return db.session.scalar(
        select(IntegrityReport).where(IntegrityReport.mailbox == mailbox.lookup)
    )


def notes_for_citizen(report: IntegrityReport, mailbox: Mailbox) -> list[Note]:
    """The mailbox as the citizen reads it: the answers, and only the days of the own messages, so
    that whoever forces somebody to open it learns nothing of what was reported."""
    return [
        Note(
            row.number,
            row.author == CITIZEN,
            row.written_on,
            _opened(mailbox.private, row.for_citizen) if row.for_citizen else None,
        )
        for row in _messages(report)
    ]


def notes_for_inspector(report: IntegrityReport, private: bytes) -> list[Note]:
    """All messages; without words what is sealed for a key that is not the present one."""
    return [
        Note(
            row.number,
            row.author == CITIZEN,
            row.written_on,
            _opened(private, row.for_inspectorate),
        )
        for row in _messages(report)
    ]


def _messages(report: IntegrityReport) -> list[IntegrityMessage]:
    rows = db.session.scalars(
        select(IntegrityMessage)
        .where(
            IntegrityMessage.agency_id == report.agency_id,
            IntegrityMessage.report_id == report.id,
        )
        .order_by(IntegrityMessage.number)
    )
    return list(rows)


def _opened(private: bytes, sealed: bytes) -> Words | None:
    try:
        return read_sealed(private, sealed)
    except Unreadable:
        return None


def reports_in(scope: Scope) -> list[ReportRow]:
    """The reports about the offices of a scope: first what waits, then the newest."""
    rows = [ReportRow(*row) for row in db.session.execute(_reports(scope))]
    order = ("new", "written", "answered", "closed")
    return sorted(rows, key=lambda row: order.index(row.state))


def reports_about(scope: Scope, text: str, most: int) -> list[ReportRow]:
    """The newest reports about the offices of a scope in whose name the text stands."""
    named = Office.name.icontains(text, autoescape=True)
    return [ReportRow(*row) for row in db.session.execute(_reports(scope).where(named).limit(most))]


def _reports(scope: Scope) -> Select[IntegrityReport, str]:
    """Reports with the name of their office, the newest first."""
    statement = (
        select(IntegrityReport, Office.name)
        .join(
            Office,
            and_(
                Office.agency_id == IntegrityReport.agency_id,
                Office.id == IntegrityReport.office_id,
            ),
        )
        .where(IntegrityReport.agency_id == scope.agency_id)
        .order_by(IntegrityReport.received_on.desc(), IntegrityReport.id)
    )
    if scope.offices is not None:
        statement = statement.where(IntegrityReport.office_id.in_(scope.offices))
    return statement


def report_row(scope: Scope, report_id: int) -> ReportRow | None:
    return next((row for row in reports_in(scope) if row.report.id == report_id), None)


def how_many_wait(scope: Scope) -> int:
    """Reports that the inspectorate has not acknowledged or not answered."""
    statement = (
        select(func.count())
        .select_from(IntegrityReport)
        .where(
            IntegrityReport.agency_id == scope.agency_id,
            IntegrityReport.closed_on.is_(None),
            or_(IntegrityReport.acknowledged_on.is_(None), IntegrityReport.last_by == CITIZEN),
        )
    )
    if scope.offices is not None:
        statement = statement.where(IntegrityReport.office_id.in_(scope.offices))
    return db.session.scalar(statement) or 0


def opening_of(account: Account, now: datetime) -> IntegrityOpening | None:
    """The inspector's session with the key, while it lasts."""
    found = db.session.get(IntegrityOpening, (account.agency_id, account.id))
    return found if found is not None and found.ends_at > now else None


def private_key(account: Account, kept: str, now: datetime) -> bytes | None:
    """The key of an open session; None when it has ended or this browser holds no part of it."""
    opening = opening_of(account, now)
    if opening is None or not KEPT_KEY.fullmatch(kept):
        return None
    try:
        return lent(bytes.fromhex(kept), opening.lent)
    except Unreadable:
        return None
