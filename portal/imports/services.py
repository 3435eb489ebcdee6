"""Import of services, with their standard in an office where the line names one."""

from sqlalchemy import select

from portal.counters.models import OfficeService, Service
from portal.db import db, new_id
from portal.imports.files import Line
from portal.imports.offices import office_ids
from portal.imports.plan import Plan, Task, Values

NEEDED = ("code", "name")
OPTIONAL = ("active", "office", "requirements", "duration", "cost", "product")


def plan(task: Task) -> Plan:
    work = _Services(task)
    task.each_line(work.handle)
    return work.plan


class _Services:
    def __init__(self, task: Task) -> None:
        self.plan = Plan()
        self.offices = office_ids(task.agency_id)
        agency_id = task.agency_id
        services = db.session.scalars(select(Service).where(Service.agency_id == agency_id)).all()
        self.known = {service.code: service for service in services}
        self.ids = {service.code: service.id for service in services}
        standards = db.session.scalars(
            select(OfficeService).where(OfficeService.agency_id == agency_id)
        )
        self.standards = {(row.office_id, row.service_id): row for row in standards}
        self.first: dict[str, tuple[int, Values]] = {}
        self.seen: dict[tuple[str, str], int] = {}

    def handle(self, line: Line) -> None:
        code, office = line.code("code"), line.code("office", needed=False)
        values = {
            "name": line.text("name", 120, needed=True),
            "active": line.yes("active", default=True),
        }
        standard = {
            "requirements": line.paragraphs("requirements"),
            "duration": line.text("duration", 120),
            "cost": line.text("cost", 120),
            "product": line.text("product", 200),
        }
        if office and office not in self.offices:
            line.refuse("office", f"there is no office with the code {office}")
        if not office and any(standard.values()):
            line.refuse("office", "is empty, but the standard belongs to an office")
        if code and (code, office) in self.seen:
            line.refuse("code", f"stands already on line {self.seen[code, office]}")
        self.seen.setdefault((code, office), line.number)
        number, before = self.first.setdefault(code, (line.number, values))
        if code and before != values:
            line.refuse("name", f"differs from line {number}, which has the same code")
        if line.sound:
            rows = len(self.plan.inserts)
            changed = self._service(code, values) if number == line.number else False
            if office:
                changed |= self._standard(self.ids[code], self.offices[office], standard)
            self.plan.count(created=len(self.plan.inserts) > rows, changed=changed)

    def _service(self, code: str, values: Values) -> bool:
        service = self.known.get(code)
        if service is None:
            self.ids[code] = new_id()
            self.plan.insert(Service, id=self.ids[code], code=code, **values)
            return True
        before = {name: getattr(service, name) for name in values}
        return self.plan.change(Service, {"id": service.id}, before, values)

    def _standard(self, service_id: int, office_id: int, values: Values) -> bool:
        key = {"office_id": office_id, "service_id": service_id}
        row = self.standards.get((office_id, service_id))
        if row is None:
            self.plan.insert(OfficeService, **key, **values)
            return True
        before = {name: getattr(row, name) for name in values}
        return self.plan.change(OfficeService, key, before, values)
