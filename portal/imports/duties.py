"""Import of duties: the roster, one line for one person at one counter on one day.

What has already begun is written as a correction: ratings given meanwhile may then speak of
the person, as with any correction on screen.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, or_, select

from portal.counters.duty_log import TICK, duty_rows
from portal.counters.leave import Away
from portal.counters.leave_queries import leaves_of
from portal.counters.models import Counter, Duty, DutyEvent
from portal.db import db, new_id
from portal.imports.files import Line
from portal.imports.offices import office_ids
from portal.imports.plan import Plan, Task
from portal.people import numbers
from portal.people.models import Employee, Employment

NEEDED = ("nip", "office", "counter", "date", "starts", "ends", "confirmed")
OPTIONAL = ("name",)

MIDNIGHT = ("24:00", "24.00")  # an end only: the end of the day (ISO 8601)
REASON = "imported from a file"


@dataclass(frozen=True)
class Place:
    """Where an employee worked or works."""

    employee_id: int
    office_id: int
    starts_on: date
    ends_on: date | None

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


@dataclass(frozen=True)
class Span:
    """A duty of the file or of the database, to see what overlaps it."""

    starts_at: datetime
    ends_at: datetime | None
    line: int | None

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        return self.starts_at < ends_at and (self.ends_at is None or self.ends_at > starts_at)


def plan(task: Task) -> Plan:
    work = _Duties(task)
    task.each_line(work.handle)
    return work.plan


class _Duties:
    def __init__(self, task: Task) -> None:
        self.plan = Plan()
        self.task, self.now = task, task.now
        agency_id = task.agency_id
        # What lies outside the offices of whoever imports on screen is not there for them.
        self.offices = {
            code: office_id
            for code, office_id in office_ids(agency_id).items()
            if task.by is None or office_id in task.by.offices
        }
        counters = db.session.scalars(select(Counter).where(Counter.agency_id == agency_id))
        self.counters = {(row.office_id, row.label): row.id for row in counters}
        self.by_nip: dict[str, int] = {}
        self.by_name: dict[tuple[int, str], set[int]] = {}
        self.places: dict[int, list[Place]] = {}
        self._read_places(agency_id)
        self.duties: dict[tuple[int, int], dict[datetime, Duty]] = {}
        self.spans: dict[tuple[int, int], list[Span]] = {}
        self.away: dict[int, list[Away]] = {}
        self._read_duties(agency_id)

    def _read_places(self, agency_id: int) -> None:
        rows = db.session.execute(
            select(
                Employee.id,
                Employee.nip,
                Employee.name,
                Employment.office_id,
                Employment.starts_on,
                Employment.ends_on,
            )
            .join(
                Employment,
                (Employment.agency_id == Employee.agency_id)
                & (Employment.employee_id == Employee.id),
            )
            .where(Employee.agency_id == agency_id, Employee.active)
        )
        for employee_id, nip, name, office_id, starts_on, ends_on in rows:
            place = Place(employee_id, office_id, starts_on, ends_on)
            self.places.setdefault(employee_id, []).append(place)
            self.by_name.setdefault((office_id, name), set()).add(employee_id)
            if nip:
                self.by_nip[nip] = employee_id

    def _read_duties(self, agency_id: int) -> None:
        """Duties that a line of the file may repeat, change or overlap."""
        days = [day for line in self.task.sheet.lines if (day := _peek(line)) is not None]
        if not days:
            return
        margin = timedelta(days=2)
        first, last = (
            datetime.combine(day, time.min, UTC) for day in (min(days) - margin, max(days) + margin)
        )
        duties = db.session.scalars(
            select(Duty).where(
                Duty.agency_id == agency_id,
                ~Duty.cancelled,
                Duty.starts_at < last,
                or_(Duty.ends_at.is_(None), Duty.ends_at > first),
            )
        )
        zone = self.task.agency.zone
        self.away = leaves_of(agency_id, None, zone, (first, last))
        for duty in duties:
            key = (duty.employee_id, duty.counter_id)
            # A file says minutes, where a check-in knows seconds.
            starts_at, ends_at = _minute(duty.starts_at), duty.ends_at and _minute(duty.ends_at)
            self.duties.setdefault(key, {})[starts_at] = duty
            self.spans.setdefault(key, []).append(Span(starts_at, ends_at, None))

    def handle(self, line: Line) -> None:
        counter_id, employee_id = self._counter(line), self._employee(line)
        span = self._times(line)
        confirmed = line.yes("confirmed")
        if counter_id is None or employee_id is None or span is None or not line.sound:
            return
        key, (starts_at, ends_at) = (employee_id, counter_id), span
        if starts_at > self.now and self._is_away(employee_id, span):
            line.refuse("date", "the employee is on leave at that time")
            return
        duty = self.duties.get(key, {}).get(starts_at)
        for other in self.spans.get(key, []):
            same = duty is not None and other.line is None and other.starts_at == starts_at
            if not same and other.overlaps(starts_at, ends_at):
                if other.line:
                    reason = "overlaps the duty on line {other} of the same person and counter"
                    line.refuse("starts", reason, other=other.line)
                else:
                    line.refuse("starts", "overlaps a stored duty of the same person and counter")
                return
        if self._is_own(employee_id) and starts_at <= self.now and self._speaks(duty, confirmed):
            line.refuse("starts", "one's own duty that has begun is for another coordinator")
            return
        self.spans.setdefault(key, []).append(Span(starts_at, ends_at, line.number))
        if duty is None:
            self._create(key, starts_at, ends_at, confirmed=confirmed)
        else:
            self._update(line, duty, ends_at, confirmed=confirmed)

    def _is_own(self, employee_id: int) -> bool:
        return self.task.by is not None and self.task.by.account.employee_id == employee_id

    @staticmethod
    def _speaks(duty: Duty | None, confirmed: bool) -> bool:
        """Whether a line makes ratings count for the person that did not before."""
        return confirmed and (duty is None or not duty.confirmed)

    def _is_away(self, employee_id: int, span: tuple[datetime, datetime]) -> bool:
        """What is still to come is planned for nobody who is on leave."""
        times = (away.span(self.task.agency.zone) for away in self.away.get(employee_id, ()))
        return any(start < span[1] and end > span[0] for start, end in times)

    def _counter(self, line: Line) -> int | None:
        office, label = line.code("office"), line.text("counter", 40, needed=True)
        if office and office not in self.offices:
            line.refuse("office", "there is no office with the code {office}", office=office)
            return None
        found = self.counters.get((self.offices.get(office, 0), label))
        if found is None and office and label:
            reason = "office {office} has no counter {label}"
            line.refuse("counter", reason, office=office, label=label)
        return found

    def _employee(self, line: Line) -> int | None:
        office_id = self.offices.get(line.values["office"].strip(), 0)
        nip, name = numbers.normalise(line.values["nip"]), line.text("name", 160)
        day = _peek(line)
        if nip:
            found = self.by_nip.get(nip)
            if found is None:
                line.refuse("nip", "there is no active employee with this number")
        else:
            named = self.by_name.get((office_id, name), set())
            found = next(iter(named)) if len(named) == 1 else None
            if not name:
                line.refuse("nip", "is empty, and so is name")
            elif found is None:
                several = "several people have this name in the office"
                line.refuse("name", several if named else "nobody has this name in the office")
        if found is None or day is None or office_id == 0:
            return found
        if not any(
            place.office_id == office_id and place.covers(day) for place in self.places[found]
        ):
            line.refuse("date", "the employee does not work in this office on that day")
        return found

    def _times(self, line: Line) -> tuple[datetime, datetime] | None:
        day = line.day("date")
        to_midnight = line.values["ends"].strip() in MIDNIGHT
        starts, ends = line.clock("starts"), time() if to_midnight else line.clock("ends")
        if day is None or starts is None or ends is None:
            return None
        if ends <= starts and not to_midnight:
            line.refuse("ends", "must be after starts; a night is two lines")
            return None
        zone, last = self.task.agency.zone, day + timedelta(days=to_midnight)
        return (
            datetime.combine(day, starts, zone).astimezone(UTC),
            datetime.combine(last, ends, zone).astimezone(UTC),
        )

    def _create(
        self, key: tuple[int, int], starts_at: datetime, ends_at: datetime, *, confirmed: bool
    ) -> None:
        kinds: tuple[str, ...] = ("planned", "confirmed") if confirmed else ("planned",)
        begun = starts_at <= self.now and confirmed
        duty, events = duty_rows(
            agency_id=self.task.agency_id,
            employee_id=key[0],
            counter_id=key[1],
            starts_at=starts_at,
            ends_at=ends_at,
            kinds=("corrected",) if begun else kinds,
            now=self.now,
            account_id=self.task.account_id,
            reason=REASON,
        )
        self.plan.insert(Duty, **_values(duty))
        for event in events:
            self.plan.insert(DutyEvent, **(_values(event) | {"id": new_id()}))
        self.plan.count(created=True, changed=False)

    def _update(self, line: Line, duty: Duty, ends_at: datetime, *, confirmed: bool) -> None:
        changed = duty.ends_at is None or _minute(duty.ends_at) != ends_at
        if changed and duty.starts_at <= self.now:
            line.refuse("ends", "differs from a duty that has begun; correct it on screen")
            return
        if duty.confirmed and not confirmed:
            line.refuse("confirmed", "the duty is confirmed already; cancel it on screen")
            return
        values = {"ends_at": ends_at if changed else duty.ends_at, "confirmed": confirmed}
        before = {name: getattr(duty, name) for name in values}
        if self.plan.change(Duty, {"id": duty.id}, before, values):
            kinds = ["planned"] if changed else []
            kinds += ["confirmed"] if confirmed and (changed or not duty.confirmed) else []
            for order, kind in enumerate(kinds):
                self._event(duty, kind, ends_at, order)
        self.plan.count(created=False, changed=changed or confirmed != duty.confirmed)

    def _event(self, duty: Duty, kind: str, ends_at: datetime, order: int) -> None:
        """Later than every event of this duty before it, whatever the clock says."""
        last = db.session.scalar(
            select(func.max(DutyEvent.at)).where(
                DutyEvent.agency_id == duty.agency_id, DutyEvent.duty_id == duty.id
            )
        )
        at = max(self.now, last + TICK) if last else self.now
        self.plan.insert(
            DutyEvent,
            id=new_id(),
            duty_id=duty.id,
            kind=kind,
            employee_id=duty.employee_id,
            counter_id=duty.counter_id,
            starts_at=duty.starts_at,
            ends_at=ends_at,
            at=at + order * TICK,
            account_id=self.task.account_id,
            reason=REASON,
        )


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _peek(line: Line) -> date | None:
    """The day of a line, without noting a problem."""
    try:
        day = date.fromisoformat(line.values["date"].strip())
    except ValueError:
        return None
    return day if 1900 <= day.year < 2200 else None


def _values(row: Duty | DutyEvent) -> dict[str, object]:
    """What to insert; the agency is filled in when it is written."""
    names = [column.key for column in row.__table__.columns if column.key != "agency_id"]
    return {name: getattr(row, name) for name in names}
