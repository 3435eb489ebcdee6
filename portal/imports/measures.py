"""Import of objective measures: one line for one employee, quarter and measure.

A file takes the place of what was there: of each measure and quarter that it names, it holds
everybody who has a value, among the people whom the importer answers for.
"""

from dataclasses import dataclass, field

from sqlalchemy import select

from portal.counters.periods import NotAPeriod, first_day
from portal.db import db
from portal.imports.files import Line
from portal.imports.offices import office_ids
from portal.imports.plan import Plan, Task
from portal.people import numbers
from portal.people.models import Employee, Employment
from portal.people.queries import Scope
from portal.records.measure_models import MOST_MEASURES, ObjectiveMeasure
from portal.records.measures import oldest_kept, within
from portal.records.queries import employed_during

NEEDED = ("nip", "period", "measure", "value", "unit")
OPTIONAL = ("name", "office")  # of a person whose number is left empty


@dataclass
class Quarter:
    """Who worked in a quarter, and what is stored of it."""

    by_nip: dict[str, int] = field(default_factory=dict)
    by_name: dict[tuple[int, str], set[int]] = field(default_factory=dict)
    # By measure and employee: those whom the importer answers for.
    stored: dict[tuple[str, int], tuple[float, str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)  # of measures that others have too
    named: set[str] = field(default_factory=set)  # every measure, of the file too


def plan(task: Task) -> Plan:
    work = _Measures(task)
    task.each_line(work.handle)
    work.drop_the_rest()
    return work.plan


class _Measures:
    def __init__(self, task: Task) -> None:
        self.plan = Plan()
        self.task = task
        self.today = task.now.astimezone(task.agency.zone).date()
        self.scope = task.by.offices if task.by else Scope(task.agency_id, None)
        self.offices = {
            code: office_id
            for code, office_id in office_ids(task.agency_id).items()
            if office_id in self.scope
        }
        self.quarters: dict[str, Quarter] = {}
        self.units: dict[tuple[str, str], tuple[str, int]] = {}  # and the line that said it
        self.seen: dict[tuple[str, str, int], int] = {}

    def handle(self, line: Line) -> None:
        period = self._period(line)
        measure = line.text("measure", 60, needed=True)
        unit = line.text("unit", 20, needed=True)
        value = line.decimal("value")
        employee_id = self._employee(line, period)
        if line.sound:
            self._check_measure(line, period, measure, unit)
        key = (period, measure, employee_id)
        if line.sound and key in self.seen:
            reason = "the same person and measure stand on line {other}"
            line.refuse("measure", reason, other=self.seen[key])
        if line.sound:
            self.seen[key] = line.number
            self._keep(period, measure, employee_id, (value, unit))

    def _period(self, line: Line) -> str:
        period = line.values["period"].strip().upper()
        try:
            begins = first_day(period)
        except NotAPeriod:
            line.refuse("period", "must be a quarter such as 2026-Q4")
            return ""
        if begins > self.today:
            line.refuse("period", "has not begun yet")
        elif period < oldest_kept(self.today):
            line.refuse("period", "is older than measures are kept")
        return period

    def _employee(self, line: Line, period: str) -> int:
        """Whoever has a score of their own: PNS and PPPK at work in that quarter; 0: nobody."""
        nip, name = numbers.normalise(line.values["nip"]), line.text("name", 160)
        office = line.code("office", needed=False)
        if office and office not in self.offices:
            line.refuse("office", "there is no office with the code {office}", office=office)
        if not period or not line.sound:
            return 0
        quarter = self._quarter(period)
        if nip:
            if nip not in quarter.by_nip:
                line.refuse("nip", "no PNS or PPPK with this number worked here in that quarter")
            return quarter.by_nip.get(nip, 0)
        if not name or not office:
            line.refuse("nip", "is empty, and so is name or office")
            return 0
        named = quarter.by_name.get((self.offices[office], name), set())
        if len(named) > 1:
            line.refuse("name", "several people have this name in the office")
        elif not named:
            line.refuse("name", "no PNS or PPPK of this name worked there in that quarter")
        return next(iter(named), 0)

    def _quarter(self, period: str) -> Quarter:
        """Read once, with the first line that names it."""
        if period not in self.quarters:
            self.quarters[period] = self._read(period)
        return self.quarters[period]

    def _read(self, period: str) -> Quarter:
        quarter = Quarter()
        people = db.session.execute(
            select(Employee.id, Employee.nip, Employee.name, Employment.office_id)
            .join(
                Employment,
                (Employment.agency_id == Employee.agency_id)
                & (Employment.employee_id == Employee.id),
            )
            .where(
                Employee.agency_id == self.task.agency_id,
                Employee.kind != "non_asn",
                employed_during(period),
            )
        )
        for employee_id, nip, name, office_id in people:
            if office_id in self.scope:
                quarter.by_name.setdefault((office_id, name), set()).add(employee_id)
                if nip:
                    quarter.by_nip[nip] = employee_id
        kept = ObjectiveMeasure
        columns = (kept.measure, kept.employee_id, kept.value, kept.unit)
        everybody = Scope(self.task.agency_id, None)
        own = set(db.session.execute(
            select(kept.measure, kept.employee_id).where(within(self.scope, period))
        ).all())  # fmt: skip
        for measure, employee_id, value, unit in db.session.execute(
            select(*columns).where(within(everybody, period))
        ):
            quarter.named.add(measure)
            if (measure, employee_id) in own:
                quarter.stored[measure, employee_id] = (value, unit)
            else:
                quarter.units[measure] = unit
        return quarter

    def _check_measure(self, line: Line, period: str, measure: str, unit: str) -> None:
        """A measure of a quarter has one unit, and a quarter few measures."""
        quarter = self._quarter(period)
        said, number = self.units.setdefault((period, measure), (unit, line.number))
        if said != unit:
            reason = "is {unit} on line {other} for the same measure"
            line.refuse("unit", reason, unit=said, other=number)
        elif quarter.units.get(measure, unit) != unit:
            reason = "is {unit} for the same measure in other offices"
            line.refuse("unit", reason, unit=quarter.units[measure])
        quarter.named.add(measure)
        if len(quarter.named) > MOST_MEASURES:
            quarter.named.remove(measure)
            line.refuse("measure", "a quarter has at most {most} measures", most=MOST_MEASURES)

    def _keep(self, period: str, measure: str, employee_id: int, found: tuple[float, str]) -> None:
        before = self._quarter(period).stored.get((measure, employee_id))
        key = {"period": period, "measure": measure, "employee_id": employee_id}
        values = {"value": found[0], "unit": found[1], "imported_at": self.task.now}
        if before is None:
            self.plan.insert(ObjectiveMeasure, **key, **values)
        elif before != found:
            self.plan.updates.append((ObjectiveMeasure, key, values))
        self.plan.count(created=before is None, changed=before != found)

    def drop_the_rest(self) -> None:
        """Values of a measure that its file no longer has."""
        for period, measure in self.units:
            for name, employee_id in self._quarter(period).stored:
                if name == measure and (period, measure, employee_id) not in self.seen:
                    key = {"period": period, "measure": measure, "employee_id": employee_id}
                    self.plan.deletes.append((ObjectiveMeasure, key))
                    self.plan.removed += 1
