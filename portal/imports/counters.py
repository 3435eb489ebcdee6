"""Import of counters; a new one gets its first code, ready to be printed."""

from sqlalchemy import select

from portal.counters.codes import new_code
from portal.counters.models import CodeEvent, Counter, CounterService, PrintedCode, Service
from portal.db import db, new_id
from portal.imports.files import Line
from portal.imports.offices import office_ids
from portal.imports.plan import Plan, Task, Values

NEEDED = ("office", "label")
OPTIONAL = ("place", "services", "active")


def plan(task: Task) -> Plan:
    work = _Counters(task)
    task.each_line(work.handle)
    return work.plan


class _Counters:
    def __init__(self, task: Task) -> None:
        self.plan = Plan()
        self.now = task.now
        agency_id = task.agency_id
        self.offices = office_ids(agency_id)
        services = db.session.execute(
            select(Service.code, Service.id).where(Service.agency_id == agency_id)
        )
        self.services: dict[str, int] = dict(services.all())
        counters = db.session.scalars(select(Counter).where(Counter.agency_id == agency_id))
        self.known = {(counter.office_id, counter.label): counter for counter in counters}
        self.given: dict[int, set[int]] = {}
        for counter_id, service_id in db.session.execute(
            select(CounterService.counter_id, CounterService.service_id).where(
                CounterService.agency_id == agency_id
            )
        ):
            self.given.setdefault(counter_id, set()).add(service_id)
        self.seen: dict[tuple[str, str], int] = {}

    def handle(self, line: Line) -> None:
        office, label = line.code("office"), line.text("label", 40, needed=True)
        values: Values = {
            "place": line.text("place", 160),
            "active": line.yes("active", default=True),
        }
        if office and office not in self.offices:
            line.refuse("office", f"there is no office with the code {office}")
        codes = line.values.get("services", "").split()
        for code in codes:
            if code not in self.services:
                line.refuse("services", f"there is no service with the code {code}")
        if label and (office, label) in self.seen:
            line.refuse("label", f"stands already on line {self.seen[office, label]}")
        self.seen.setdefault((office, label), line.number)
        if not line.sound:
            return
        services = {self.services[code] for code in codes}
        counter = self.known.get((self.offices[office], label))
        if counter is None:
            self._create(self.offices[office], label, values, services)
            self.plan.count(created=True, changed=False)
            return
        before = {name: getattr(counter, name) for name in values}
        changed = self.plan.change(Counter, {"id": counter.id}, before, values)
        if "services" in line.values:
            changed |= self._set_services(counter.id, services)
        self.plan.count(created=False, changed=changed)

    def _create(self, office_id: int, label: str, values: Values, services: set[int]) -> None:
        counter_id, code = new_id(), new_code()
        self.plan.insert(Counter, id=counter_id, office_id=office_id, label=label, **values)
        self.plan.insert(
            PrintedCode, code=code, counter_id=counter_id, version=1, created_at=self.now
        )
        self.plan.insert(CodeEvent, id=new_id(), code=code, kind="issued", at=self.now)
        self._set_services(counter_id, services)

    def _set_services(self, counter_id: int, services: set[int]) -> bool:
        before = self.given.get(counter_id, set())
        for service_id in sorted(services - before):
            self.plan.insert(CounterService, counter_id=counter_id, service_id=service_id)
        for service_id in sorted(before - services):
            self.plan.deletes.append(
                (CounterService, {"counter_id": counter_id, "service_id": service_id})
            )
        return services != before
