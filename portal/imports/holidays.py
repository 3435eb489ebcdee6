"""Import of holidays, and of days with other opening hours (closing early)."""

from datetime import date, time

from sqlalchemy import select

from portal.db import db
from portal.imports.files import Line
from portal.imports.plan import Plan, Task, Values
from portal.people.models import Holiday

NEEDED = ("date", "name")
OPTIONAL = ("opens", "closes")  # both or none; none: closed all day


def plan(task: Task) -> Plan:
    plan = Plan()
    rows = db.session.scalars(select(Holiday).where(Holiday.agency_id == task.agency_id))
    known = {row.day: _values(row.name, row.opens_at, row.closes_at) for row in rows}
    seen: dict[date, int] = {}

    def handle(line: Line) -> None:
        day, name = line.day("date"), line.text("name", 120, needed=True)
        if day is not None and day in seen:
            line.refuse("date", f"stands already on line {seen[day]}")
        opens, closes = (_clock(line, column) for column in OPTIONAL)
        if (opens is None) != (closes is None) or (opens and closes and closes <= opens):
            line.refuse("closes", "must be after opens; leave both empty for a day off")
        if day is None or not line.sound:
            return
        seen[day] = line.number
        values = _values(name, opens, closes)
        if day not in known:
            plan.insert(Holiday, day=day, **values)
            plan.count(created=True, changed=False)
        else:
            changed = plan.change(Holiday, {"day": day}, known[day], values)
            plan.count(created=False, changed=changed)

    task.each_line(handle)
    return plan


def _values(name: str, opens: time | None, closes: time | None) -> Values:
    return {"name": name, "opens_at": opens, "closes_at": closes}


def _clock(line: Line, column: str) -> time | None:
    return line.clock(column) if line.values.get(column, "").strip() else None
