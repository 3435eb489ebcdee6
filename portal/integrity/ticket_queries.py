"""How tickets were issued, by duty and by sheet, and how many of them were answered."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Integer, and_, case, exists, func, or_, select

from portal.counters.models import Counter, Duty, ServedCount, VisitTicket
from portal.db import db
from portal.people.models import Agency, Employee
from portal.people.queries import Scope
from portal.ratings.models import Release, Verdict

# Fewer answers than this are not told: a small number could tell who gave them.
LEAST = 5
# Of those served, the share that should hold a ticket; below it a pick of the satisfied is likely.
FAIR_SHARE = 0.8
ENOUGH_SERVED = 10


@dataclass(frozen=True)
class ShiftRow:
    """An employee's tickets at a counter on a day."""

    counter_id: int
    counter: str
    employee_id: int | None  # none: a queue system's tickets of times when two served, or nobody
    employee: str
    day: date
    own: int  # issued by the employee
    queue: int  # issued by a queue system
    finished: int  # of these, visits that the queue system knows to be over
    register: int | None  # served according to the office's register
    answers: int = 0  # only once asked for (with_answers)

    @property
    def served(self) -> int | None:
        """People served: as the queue system knows it, else the register; None if nobody does."""
        return self.finished or self.register

    @property
    def issued(self) -> int:
        return self.own + self.queue

    @property
    def answered(self) -> int | None:
        """Ratings by ticket that a release has counted; None for fewer than five."""
        return self.answers if self.answers >= LEAST else None

    @property
    def partial(self) -> bool:
        """Whether so few of those served got a ticket that it looks like a choice."""
        served = self.served or 0
        issued = max(self.own, self.queue)
        return served >= ENOUGH_SERVED and issued < FAIR_SHARE * served


@dataclass(frozen=True)
class SheetRow:
    """The slips of one sheet."""

    counter_id: int
    counter: str
    employee_id: int
    employee: str
    day: date
    slips: int
    answers: int

    @property
    def answered(self) -> int | None:
        return self.answers if self.answers >= LEAST else None


def _answered() -> Any:
    """One for a ticket whose rating stands in a finished release, else nought."""
    released = exists().where(
        Verdict.agency_id == VisitTicket.agency_id,
        Verdict.period == VisitTicket.period,
        Verdict.rating_id == VisitTicket.rating_id,
        Release.agency_id == Verdict.agency_id,
        Release.period == Verdict.period,
        Release.number == Verdict.release,
        Release.done_at.is_not(None),
    )
    return func.sum(case((released, 1), else_=0), type_=Integer)


def _how_many(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0), type_=Integer)


def _tickets(scope: Scope, since: date, besides: int | None, *columns: Any) -> Any:
    statement = (
        select(*columns)
        .join(
            Counter,
            and_(Counter.agency_id == VisitTicket.agency_id, Counter.id == VisitTicket.counter_id),
        )
        .outerjoin(
            Employee,
            and_(
                Employee.agency_id == VisitTicket.agency_id, Employee.id == VisitTicket.employee_id
            ),
        )
        .where(VisitTicket.agency_id == scope.agency_id, VisitTicket.served_on >= since)
    )
    if scope.offices is not None:
        statement = statement.where(Counter.office_id.in_(scope.offices))
    if besides is not None:
        own = VisitTicket.employee_id == besides
        statement = statement.where(or_(VisitTicket.employee_id.is_(None), ~own))
    return statement


def shifts(scope: Scope, since: date, now: datetime, *, besides: int | None) -> list[ShiftRow]:
    """By counter, employee and day, the latest first; without the reader's own.

    Where a counter has tickets at all, also the duties on which none was issued.
    """
    found = _ticket_shifts(scope, since, besides)
    known = {(row.counter_id, row.employee_id, row.day) for row in found}
    without = [
        row
        for row in _duties(scope, {row.counter_id for row in found}, since, now)
        if (row.counter_id, row.employee_id, row.day) not in known and row.employee_id != besides
    ]
    rows = sorted([*found, *without], key=lambda row: (row.counter, row.employee))
    return sorted(rows, key=lambda row: row.day, reverse=True)


def with_answers(scope: Scope, rows: Iterable[ShiftRow], *, besides: int | None) -> list[ShiftRow]:
    """The same shifts with the number of their answers: each ticket's rating is looked up for it,
    so that only those of one page are counted."""
    rows = list(rows)
    if not rows:
        return rows
    by = (VisitTicket.counter_id, VisitTicket.employee_id, VisitTicket.served_on)
    days = [row.day for row in rows]
    counted = (
        _tickets(scope, min(days), besides, *by, _answered())
        .where(
            VisitTicket.issuer != "sheet",
            VisitTicket.served_on <= max(days),
            VisitTicket.counter_id.in_({row.counter_id for row in rows}),
        )
        .group_by(*by)
    )
    found = {tuple(key): number for *key, number in db.session.execute(counted)}
    return [
        replace(row, answers=found.get((row.counter_id, row.employee_id, row.day), 0))
        for row in rows
    ]


def _ticket_shifts(scope: Scope, since: date, besides: int | None) -> list[ShiftRow]:
    by = (
        Counter.id,
        Counter.label,
        Employee.id,
        Employee.name,
        VisitTicket.served_on,
        ServedCount.people,
    )
    queue = VisitTicket.issuer == "queue"
    statement = (
        _tickets(
            scope,
            since,
            besides,
            *by[:5],
            _how_many(VisitTicket.issuer == "self"),
            _how_many(queue),
            _how_many(and_(queue, VisitTicket.finished_at.is_not(None))),
            ServedCount.people,
        )
        .outerjoin(
            ServedCount,
            and_(
                ServedCount.agency_id == VisitTicket.agency_id,
                ServedCount.counter_id == VisitTicket.counter_id,
                ServedCount.employee_id == VisitTicket.employee_id,
                ServedCount.day == VisitTicket.served_on,
            ),
        )
        .where(VisitTicket.issuer != "sheet")
        .group_by(*by)
    )
    return [
        ShiftRow(counter_id, counter, employee_id, name or "", *rest)
        for counter_id, counter, employee_id, name, *rest in db.session.execute(statement)
    ]


def _duties(scope: Scope, counters: set[int], since: date, now: datetime) -> list[ShiftRow]:
    """Who served at these counters on which day, as if without tickets."""
    zone = db.session.get_one(Agency, scope.agency_id).zone
    duties = db.session.execute(
        select(Counter.id, Counter.label, Employee.id, Employee.name, Duty.starts_at)
        .join(Counter, and_(Counter.agency_id == Duty.agency_id, Counter.id == Duty.counter_id))
        .join(Employee, and_(Employee.agency_id == Duty.agency_id, Employee.id == Duty.employee_id))
        .where(
            Duty.agency_id == scope.agency_id,
            Duty.counter_id.in_(counters),
            Duty.starts_at >= datetime.combine(since, time(), zone),
            Duty.starts_at <= now,
            Duty.confirmed,
            ~Duty.cancelled,
        )
    )
    served = {
        (one.counter_id, one.employee_id, one.day): one.people
        for one in db.session.scalars(
            select(ServedCount).where(
                ServedCount.agency_id == scope.agency_id,
                ServedCount.counter_id.in_(counters),
                ServedCount.day >= since,
            )
        )
    }
    found = {}
    for counter_id, counter, employee_id, name, starts_at in duties:
        key = (counter_id, employee_id, starts_at.astimezone(zone).date())
        found[key] = ShiftRow(
            counter_id,
            counter,
            employee_id,
            name,
            key[2],
            own=0,
            queue=0,
            finished=0,
            register=served.get(key),
        )
    return list(found.values())


def sheets(scope: Scope, since: date, *, besides: int | None) -> list[SheetRow]:
    """By sheet, the latest first: slips are torn off on other days than they are made."""
    by = (Counter.id, Counter.label, Employee.id, Employee.name, VisitTicket.served_on)
    statement = (
        _tickets(scope, since, besides, *by, func.count(), _answered())
        .where(VisitTicket.sheet_id.is_not(None))
        .group_by(VisitTicket.sheet_id, *by)
        .order_by(VisitTicket.served_on.desc(), Counter.label, Employee.name)
    )
    return [SheetRow(*row) for row in db.session.execute(statement)]
