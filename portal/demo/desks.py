"""Codes of desks in the demo: where two share a counter, each has one of their own."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.counters.actions import code_event
from portal.counters.codes import new_code
from portal.counters.models import Counter, DeskCode, PrintedCode
from portal.db import begin_write, db
from portal.demo.chance import Chance
from portal.demo.draft import Draft
from portal.people.models import Office

DESKS = ("Meja A", "Meja B")


def fill_desks(draft: Draft, agency_id: int, public_url: str, chance: Chance) -> None:
    """A code for every desk of the shared counters, issued and printed a week ago."""
    letters = chance.letters(f"desks {draft.plan.code}")
    at = draft.window.midnight(draft.window.today) - timedelta(days=7)
    begin_write()
    for office in draft.plan.offices:
        for counter in office.counters:
            if counter.role != "shared":
                continue
            place = (office.code, counter.label)
            here = [
                person
                for person in draft.people
                if (person.office, person.counter) == place and person.civil_servant
            ]
            versions = len(draft.codes[place])
            for number, (desk, person) in enumerate(zip(DESKS, here, strict=False), versions + 1):
                code = PrintedCode(
                    code=new_code(source=letters),
                    agency_id=agency_id,
                    counter_id=draft.counters[place],
                    version=number,
                    created_at=at,
                )
                db.session.add(code)
                db.session.flush()
                db.session.add_all([
                    DeskCode(
                        code=code.code, agency_id=agency_id, employee_id=person.id, desk=desk
                    ),
                    code_event(code, "issued", at),
                    code_event(code, "printed", at + timedelta(hours=1), public_url=public_url),
                ])  # fmt: skip
    db.session.commit()


def desk_entries() -> list[dict[str, Any]]:
    """For demo.json: each code of a desk, and whose it is."""
    rows = db.session.execute(
        select(DeskCode.code, DeskCode.desk, DeskCode.employee_id, Counter.label, Office.name)
        .join(PrintedCode, PrintedCode.code == DeskCode.code)
        .join(
            Counter,
            (Counter.agency_id == PrintedCode.agency_id) & (Counter.id == PrintedCode.counter_id),
        )
        .join(Office, (Office.agency_id == Counter.agency_id) & (Office.id == Counter.office_id))
        .order_by(Office.name, Counter.label, DeskCode.desk)
    )
    return [
        {
            "path": f"/n/{code}",
            "desk": desk,
            "on_duty": employee_id,
            "counter": label,
            "office": office,
        }
        for code, desk, employee_id, label, office in rows
    ]
