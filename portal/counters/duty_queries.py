"""Reads for the pages of duty: a day at the counters of an office, and one's own day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.counters.duty import Span, gaps, overlaps
from portal.counters.leave_queries import missing_times
from portal.counters.models import Counter, Duty, DutyEvent
from portal.counters.opening_queries import hours_on, span_of, special_days
from portal.db import db
from portal.people.models import Account, Agency, Employee, Employment, Office
from portal.people.queries import Scope

# Older provisional duties stay as they are: nobody remembers who sat where.
CONFIRM_WITHIN = timedelta(days=30)
MOST_WAITING = 50  # listed at a time; those that follow move up


@dataclass(frozen=True)
class Shift:
    """A duty with the names that a coordinator reads."""

    id: int
    employee_id: int
    employee_name: str
    counter_id: int
    counter_label: str
    office_id: int
    starts_at: datetime
    ends_at: datetime | None
    confirmed: bool
    cancelled: bool
    source: str

    def span(self, day: Span) -> Span:
        """Its part of a day."""
        return max(self.starts_at, day[0]), min(self.ends_at or day[1], day[1])


@dataclass(frozen=True)
class Line:
    """A line in the list of a day at a counter."""

    kind: str  # shift, overlap, unsure (nobody confirmed), gap (nobody at all)
    starts_at: datetime
    ends_at: datetime | None
    shift: Shift | None = None


@dataclass(frozen=True)
class CounterDay:
    """A day at one counter: who is there, when nobody sure is, when two are."""

    counter_id: int
    label: str
    shifts: list[Shift]
    gaps: list[Span]
    overlaps: list[Span]

    @property
    def lines(self) -> list[Line]:
        """All of it in the order of the clock."""
        found = [Line("shift", one.starts_at, one.ends_at, one) for one in self.shifts]
        found += [Line("overlap", *span) for span in self.overlaps]
        found += [Line("unsure" if self._anyone_in(span) else "gap", *span) for span in self.gaps]
        return sorted(found, key=lambda line: (line.starts_at, line.kind != "shift"))

    def _anyone_in(self, gap: Span) -> bool:
        return any(
            shift.starts_at < gap[1] and (shift.ends_at is None or shift.ends_at > gap[0])
            for shift in self.shifts
        )


@dataclass(frozen=True)
class Day:
    """A day of an agency in its own time; no hours on a day off."""

    whole: Span
    hours: Span | None
    holiday: str | None  # its name, also of a day with other hours

    @property
    def closed(self) -> list[Span]:
        """When the counters are closed on a day out of the ordinary; nothing of any other day."""
        if self.holiday is None:
            return []
        return gaps([self.hours] if self.hours else [], self.whole)

    @property
    def shown(self) -> Span:
        """What a strip shows: working hours with an hour on either side, else the whole day."""
        if self.hours is None:
            return self.whole
        return (
            max(self.hours[0] - timedelta(hours=1), self.whole[0]),
            min(self.hours[1] + timedelta(hours=1), self.whole[1]),
        )


def day_of(agency: Agency, day: date) -> Day:
    """When a day begins and ends, and when the counters are open on it."""
    special = special_days(agency.id, day, day)
    whole = local(day, time(), agency.zone), local(day + timedelta(days=1), time(), agency.zone)
    hours = span_of(day, hours_on(agency, day, special), agency.zone)
    return Day(whole, hours, special[day].name if day in special else None)


def local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A time of day as it is read on the wall there."""
    return datetime.combine(day, clock, zone)


def hours_of_day(day: date, starts: time, ends: time, zone: ZoneInfo) -> Span:
    """From and to of one day as the clock on the wall says; an end at 00.00 is the midnight that
    ends the day."""
    last = day + timedelta(days=1) if ends == time() else day
    return local(day, starts, zone), local(last, ends, zone)


def select_shifts() -> Any:
    """Duties with the names that a `Shift` carries, in the order of the clock."""
    return (
        select(
            Duty.id,
            Duty.employee_id,
            Employee.name,
            Duty.counter_id,
            Counter.label,
            Counter.office_id,
            Duty.starts_at,
            Duty.ends_at,
            Duty.confirmed,
            Duty.cancelled,
            Duty.source,
        )
        .join(Employee, and_(Employee.agency_id == Duty.agency_id, Employee.id == Duty.employee_id))
        .join(Counter, and_(Counter.agency_id == Duty.agency_id, Counter.id == Duty.counter_id))
        .order_by(Duty.starts_at, Employee.name, Duty.id)
    )


def within(span: Span) -> Any:
    """Duties that touch a time."""
    return and_(Duty.starts_at < span[1], or_(Duty.ends_at.is_(None), Duty.ends_at > span[0]))


def counter_days(
    agency: Agency, office_id: int, day: Day, counter_id: int | None = None
) -> list[CounterDay]:
    """The day at each open counter of an office (or at one); three statements."""
    agency_id = agency.id
    counters = select(Counter.id, Counter.label).where(
        Counter.agency_id == agency_id, Counter.office_id == office_id
    )
    duties = select_shifts().where(
        Duty.agency_id == agency_id,
        Counter.office_id == office_id,
        ~Duty.cancelled,
        within(day.whole),
    )
    if counter_id is None:
        counters = counters.where(Counter.active)
    else:
        counters = counters.where(Counter.id == counter_id)
        duties = duties.where(Duty.counter_id == counter_id)
    shifts = [Shift(*row) for row in db.session.execute(duties)]
    missing = missing_times(agency, shifts, day.whole, day.closed)
    by_counter: dict[int, list[Shift]] = {}
    for shift in shifts:
        by_counter.setdefault(shift.counter_id, []).append(shift)
    ordered = counters.order_by(func.length(Counter.label), Counter.label)
    return [
        _counter_day(one, label, by_counter.get(one, []), day, missing)
        for one, label in db.session.execute(ordered)
    ]


def _counter_day(
    counter_id: int, label: str, shifts: list[Shift], day: Day, missing: dict[int, list[Span]]
) -> CounterDay:
    sure = [
        span
        for shift in shifts
        if shift.confirmed
        for span in gaps(missing.get(shift.id, ()), shift.span(day.whole))
    ]
    return CounterDay(
        counter_id,
        label,
        shifts,
        gaps(sure, day.hours) if day.hours else [],
        overlaps(sure),
    )


def waiting_shifts(scope: Scope, now: datetime) -> list[Shift]:
    """Duties that have begun and nobody vouched for: their ratings count for the office only."""
    statement = select_shifts().where(
        Duty.agency_id == scope.agency_id,
        ~Duty.confirmed,
        ~Duty.cancelled,
        Duty.starts_at <= now,
        Duty.starts_at > now - CONFIRM_WITHIN,
    )
    if scope.offices is not None:
        statement = statement.where(Counter.office_id.in_(scope.offices))
    return [Shift(*row) for row in db.session.execute(statement.limit(MOST_WAITING))]


def shift_of(scope: Scope, duty_id: int) -> Shift | None:
    """One duty, if its counter is in the scope."""
    row = db.session.execute(
        select_shifts().where(Duty.agency_id == scope.agency_id, Duty.id == duty_id)
    ).first()
    if row is None or row.office_id not in scope:
        return None
    return Shift(*row)


@dataclass(frozen=True)
class DutyStep:
    """An event of a duty as read in its history."""

    kind: str
    at: datetime
    by: str | None
    employee_name: str
    starts_at: datetime
    ends_at: datetime | None
    reason: str


def duty_history(agency_id: int, duty_id: int) -> list[DutyStep]:
    """What was done to a duty, the first deed first."""
    rows = db.session.execute(
        select(
            DutyEvent.kind,
            DutyEvent.at,
            Account.name,
            Employee.name,
            DutyEvent.starts_at,
            DutyEvent.ends_at,
            DutyEvent.reason,
        )
        .join(
            Employee,
            and_(Employee.agency_id == DutyEvent.agency_id, Employee.id == DutyEvent.employee_id),
        )
        .outerjoin(Account, Account.id == DutyEvent.account_id)
        .where(DutyEvent.agency_id == agency_id, DutyEvent.duty_id == duty_id)
        .order_by(DutyEvent.at)
    )
    return [DutyStep(*row) for row in rows]


def staff_of(agency_id: int, office_id: int, day: date) -> list[tuple[int, str]]:
    """Who works in an office on a day: id and name."""
    rows = db.session.execute(
        select(Employee.id, Employee.name)
        .join(
            Employment,
            and_(Employment.agency_id == Employee.agency_id, Employment.employee_id == Employee.id),
        )
        .where(
            Employment.agency_id == agency_id,
            Employment.office_id == office_id,
            *_employed_on(day),
            Employee.active,
        )
        .distinct()
        .order_by(Employee.name, Employee.id)
    )
    return [(employee_id, name) for employee_id, name in rows]


def _employed_on(day: date) -> tuple[Any, Any]:
    return Employment.starts_on <= day, or_(Employment.ends_on.is_(None), Employment.ends_on >= day)


@dataclass(frozen=True)
class OwnShift:
    """One's own duty of today."""

    id: int
    counter_id: int
    counter_label: str
    starts_at: datetime
    ends_at: datetime | None
    confirmed: bool
    checked_in: bool


def own_shifts(agency_id: int, employee_id: int, now: datetime, until: datetime) -> list[OwnShift]:
    """One's own duties that run now or begin before `until`."""
    event = aliased(DutyEvent)
    checked_in = (
        select(event.id)
        .where(
            event.agency_id == Duty.agency_id,
            event.duty_id == Duty.id,
            event.kind == "checked_in",
        )
        .correlate(Duty)
        .exists()
    )
    rows = db.session.execute(
        select(
            Duty.id,
            Duty.counter_id,
            Counter.label,
            Duty.starts_at,
            Duty.ends_at,
            Duty.confirmed,
            checked_in,
        )
        .join(Counter, and_(Counter.agency_id == Duty.agency_id, Counter.id == Duty.counter_id))
        .where(
            Duty.agency_id == agency_id,
            Duty.employee_id == employee_id,
            ~Duty.cancelled,
            Duty.starts_at < until,
            or_(Duty.ends_at.is_(None), Duty.ends_at > now),
        )
        .order_by(Duty.starts_at)
    )
    return [OwnShift(*row) for row in rows]


@dataclass(frozen=True)
class OwnCounter:
    """A counter where one may check in, and who serves there now."""

    id: int
    label: str
    place: str
    office_name: str
    others: list[str]


def own_counters(
    agency_id: int, employee_id: int, day: date, now: datetime, besides: Collection[int] = ()
) -> list[OwnCounter]:
    """The open counters of the offices where one works today, except these."""
    offices = select(Employment.office_id).where(
        Employment.agency_id == agency_id,
        Employment.employee_id == employee_id,
        *_employed_on(day),
    )
    rows = db.session.execute(
        select(Counter.id, Counter.label, Counter.place, Office.name)
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(
            Counter.agency_id == agency_id,
            Counter.office_id.in_(offices),
            Counter.id.not_in(besides),
            Counter.active,
            Office.active,
        )
        .order_by(Office.name, func.length(Counter.label), Counter.label)
    )
    counters = {row.id: OwnCounter(*row, others=[]) for row in rows}
    present = db.session.execute(
        select(Duty.counter_id, Employee.name)
        .join(Employee, and_(Employee.agency_id == Duty.agency_id, Employee.id == Duty.employee_id))
        .where(
            Duty.agency_id == agency_id,
            Duty.counter_id.in_(counters),
            Duty.employee_id != employee_id,
            ~Duty.cancelled,
            Duty.starts_at <= now,
            or_(Duty.ends_at.is_(None), Duty.ends_at > now),
        )
        .order_by(Employee.name)
    )
    for counter_id, name in present:
        counters[counter_id].others.append(name)
    return list(counters.values())
