"""Import of holidays."""

from datetime import date

from sqlalchemy import select

from portal.db import db
from portal.imports.files import Line
from portal.imports.plan import Plan, Task
from portal.people.models import Holiday

NEEDED = ("date", "name")
OPTIONAL = ()


def plan(task: Task) -> Plan:
    plan = Plan()
    rows = db.session.scalars(select(Holiday).where(Holiday.agency_id == task.agency_id))
    known = {row.day: row.name for row in rows}
    seen: dict[date, int] = {}

    def handle(line: Line) -> None:
        day, name = line.day("date"), line.text("name", 120, needed=True)
        if day is not None and day in seen:
            line.refuse("date", f"stands already on line {seen[day]}")
        if day is None or not line.sound:
            return
        seen[day] = line.number
        if day not in known:
            plan.insert(Holiday, day=day, name=name)
            plan.count(created=True, changed=False)
        else:
            changed = plan.change(Holiday, {"day": day}, {"name": known[day]}, {"name": name})
            plan.count(created=False, changed=changed)

    task.each_line(handle)
    return plan
