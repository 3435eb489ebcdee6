"""Import of offices: the tree, parents and children in any order."""

from sqlalchemy import select

from portal.db import db, new_id
from portal.imports.files import Line
from portal.imports.plan import Plan, Task, Values
from portal.people.models import OFFICE_KINDS, Office

NEEDED = ("code", "name", "kind")
OPTIONAL = ("parent", "address", "active")


def plan(task: Task) -> Plan:
    return _Offices(task).plan()


def office_ids(agency_id: int) -> dict[str, int]:
    """The key of each office by its code."""
    rows = db.session.execute(select(Office.code, Office.id).where(Office.agency_id == agency_id))
    return dict(rows.all())


class _Offices:
    def __init__(self, task: Task) -> None:
        self.task = task
        offices = db.session.scalars(select(Office).where(Office.agency_id == task.agency_id)).all()
        self.known = {office.code: office for office in offices}
        codes = {office.id: office.code for office in offices}
        self.parents = {office.code: codes.get(office.parent_id or 0, "") for office in offices}
        self.ids = {office.code: office.id for office in offices}
        self.seen: dict[str, Line] = {}
        self.values: dict[str, Values] = {}

    def plan(self) -> Plan:
        self.task.each_line(self._read)
        for code, line in self.seen.items():
            self._check_parent(code, line)
        plan = Plan()
        if not self.task.sheet.problems:
            for code in sorted(self.values, key=self._depth):
                self._write(plan, code, self.values[code])
        return plan

    def _read(self, line: Line) -> None:
        code, parent = line.code("code"), line.code("parent", needed=False)
        if code in self.seen:
            line.refuse("code", f"stands already on line {self.seen[code].number}")
        elif code:
            self.seen[code] = line
            self.parents[code] = parent
            self.ids.setdefault(code, new_id())
        self.values[code] = {
            "code": code,
            "name": line.text("name", 160, needed=True),
            "kind": line.choice("kind", OFFICE_KINDS),
            "address": line.text("address", 300),
            "active": line.yes("active", default=True),
        }

    def _check_parent(self, code: str, line: Line) -> None:
        parent = self.parents[code]
        if parent and parent not in self.ids:
            line.refuse("parent", f"there is no office with the code {parent}")
            return
        passed = {code}
        while parent:
            if parent in passed:
                line.refuse("parent", "the office would stand below itself")
                return
            passed.add(parent)
            parent = self.parents.get(parent, "")

    def _depth(self, code: str) -> int:
        depth, parent = 0, self.parents[code]
        while parent:
            depth, parent = depth + 1, self.parents[parent]
        return depth

    def _write(self, plan: Plan, code: str, values: Values) -> None:
        parent = self.parents[code]
        values["parent_id"] = self.ids[parent] if parent else None
        office = self.known.get(code)
        if office is None:
            plan.insert(Office, id=self.ids[code], **values)
            plan.count(created=True, changed=False)
            return
        before = {name: getattr(office, name) for name in values}
        changed = plan.change(Office, {"id": office.id}, before, values)
        plan.count(created=False, changed=changed)
