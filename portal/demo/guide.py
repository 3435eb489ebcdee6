"""What stands in demo.json: addresses, accounts and people, for readers and other programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask

from portal.db import db
from portal.demo.accounts import PASSWORD, AccountPlan
from portal.demo.city import CITY
from portal.demo.draft import Draft
from portal.demo.pages import pages_by_role
from portal.demo.roster import Place
from portal.demo.staff import Person
from portal.records.models import Score
from portal.records.queries import visible_scores

Entry = dict[str, Any]

# What scanning a counter leads to, the ordinary case first.
TRYING = ("one_on_duty", "non_asn", "shared")


@dataclass(frozen=True)
class Built:
    """One agency as it was written."""

    draft: Draft
    agency_id: int


def make_guide(
    app: Flask,
    built: list[Built],
    accounts: list[AccountPlan],
    devices: dict[str, list[Entry]],
    tickets: list[Entry],
) -> Entry:
    """Everything but the addresses, which depend on where it is served."""
    records = {one.agency_id: _record_paths(one.agency_id) for one in built}
    return {
        "as_of": built[0].draft.window.today.isoformat(),
        "scan": sorted(
            (entry for one in built for entry in _scans(one)),
            key=lambda entry: TRYING.index(entry["trying"]),
        ),
        **devices,  # desks, displays and kiosks
        "tickets": tickets,
        "accounts": [_account(plan, built) for plan in accounts],
        "pages": pages_by_role(app, built[0].draft, accounts, records[built[0].agency_id]),
        "employees": [
            _employee(person, one, records[one.agency_id])
            for one in built
            for person in one.draft.people
        ],
    }


def with_addresses(guide: Entry, base_url: str, public_url: str) -> Entry:
    """The guide for where the demo is served now."""
    opened = {
        name: [{**entry, "url": public_url + entry["path"]} for entry in guide[name]]
        for name in ("scan", "desks", "displays", "kiosks", "tickets")
    }
    return {"base_url": base_url, **guide, **opened}


def _scans(one: Built) -> Iterator[Entry]:
    """Every counter with its code in force; first those that name exactly one civil servant."""
    plan, draft = one.draft.plan, one.draft
    for office in plan.offices:
        for counter in office.counters:
            place = (office.code, counter.label)
            on_duty = _on_duty(draft, place)
            code = draft.codes[place][-1]
            ordinary = len(on_duty) == 1 and on_duty[0].civil_servant
            yield {
                "code": code,
                "path": f"/n/{code}",
                "counter": counter.label,
                "counter_id": draft.counters[place],
                "office": office.name,
                "agency": plan.name,
                "on_duty": on_duty[0].id if len(on_duty) == 1 else None,
                "all_on_duty": [person.id for person in on_duty],
                "channel": "poster",
                "trying": "one_on_duty" if ordinary else counter.role,
            }  # fmt: skip


def _on_duty(draft: Draft, place: Place) -> list[Person]:
    end = max(shift.ends_at for shift in draft.shifts)
    return [shift.person for shift in draft.shifts if shift.place == place and shift.ends_at == end]


def _account(plan: AccountPlan, built: list[Built]) -> Entry:
    draft = next(one.draft for one in built if one.draft.plan.code == plan.agency)
    names = {office.code: office.name for office in draft.plan.offices}
    return {
        "role": plan.role,
        "email": plan.email,
        "password": PASSWORD,
        "offices": [names[code] for code in plan.offices],
        "name": plan.name,
        "agency": draft.plan.name,
        "employee_id": plan.employee_id,
    }


def _record_paths(agency_id: int) -> dict[int, dict[str, str]]:
    rows = db.session.execute(
        visible_scores(Score.employee_id, Score.period)
        .where(Score.agency_id == agency_id)
        .distinct()
        .order_by(Score.employee_id, Score.period)
    )
    paths: dict[int, dict[str, str]] = {}
    for employee_id, period in rows:
        paths.setdefault(employee_id, {})[period] = f"/records/{employee_id}/{period}"
    return paths


def _employee(person: Person, one: Built, records: dict[int, dict[str, str]]) -> Entry:
    names = {office.code: office.name for office in one.draft.plan.offices}
    return {
        "id": person.id,
        "name": person.name,
        "office": names[person.office],
        "agency": one.draft.plan.name,
        "role_in_story": person.role,
        "record": records.get(person.id, {}),
    }


def summary(guide: Entry) -> str:
    """Who is offered for scanning, in one line."""
    own = [entry for entry in guide["scan"] if entry["agency"] == CITY.name]
    return f"{len(own)} counters, {len(guide['employees'])} employees"
