"""Who may rule on an objection: an officer above whoever decided, and never a party to it."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.counters.periods import first_day, last_day
from portal.db import db
from portal.people.account_queries import accounts_with
from portal.people.models import Account, Employment, Office, RoleGrant
from portal.records.models import Decision
from portal.records.proposals import approved_by

Parents = dict[int, int | None]


def may_rule(officer: Account, decisions: Iterable[Decision]) -> set[int]:
    """The ids of those decisions on which an officer may rule, were somebody to object.

    The whole agency is above everything; otherwise the office of the officer's grant must be
    above the office in which the decider is supervisor of that employee.
    """
    others = [
        decision
        for decision in decisions
        if decision.decided_by != officer.id
        and (officer.employee_id is None or decision.employee_id != officer.employee_id)
    ]
    approved = approved_by(officer, [decision.id for decision in others])
    others = [decision for decision in others if decision.id not in approved]
    held = {
        grant.office_id
        for grant in officer.grants
        if grant.role == "appeals_officer" and grant.ended_at is None
    }
    if not others or not held:
        return set()
    if None in held:
        return {decision.id for decision in others}
    parents = _parents(officer.agency_id)
    deciding = _deciding_offices(officer.agency_id, others, parents)
    return {
        decision.id
        for decision in others
        if deciding[decision.id]
        and all(
            held & _above(office, parents) if office is not None else False
            for office in deciding[decision.id]
        )
    }


def appeals_officers(decision: Decision) -> list[Account]:
    """All who may rule on an objection to a decision."""
    officers = accounts_with(decision.agency_id, "appeals_officer")
    return [officer for officer in officers if may_rule(officer, [decision])]


def _parents(agency_id: int) -> Parents:
    rows = db.session.execute(
        select(Office.id, Office.parent_id).where(Office.agency_id == agency_id)
    )
    return dict(rows.all())


def _above(office: int, parents: Parents) -> set[int]:
    """The offices strictly above one."""
    found: set[int] = set()
    parent = parents.get(office)
    while parent is not None and parent not in found:
        found.add(parent)
        parent = parents.get(parent)
    return found


def _deciding_offices(
    agency_id: int, decisions: list[Decision], parents: Parents
) -> dict[int, set[int | None]]:
    """For each decision the offices of the decider's grants that covered the employee.

    A decision whose grant cannot be found has none: only the whole agency is surely above it.
    """
    places = _places(agency_id, {decision.employee_id for decision in decisions})
    grants = db.session.scalars(
        select(RoleGrant).where(
            RoleGrant.agency_id == agency_id,
            RoleGrant.role == "supervisor",
            RoleGrant.account_id.in_({decision.decided_by for decision in decisions}),
        )
    ).all()
    found: dict[int, set[int | None]] = {}
    for decision in decisions:
        covering: set[int | None] = {None}
        for place in places.get(decision.employee_id, []):
            if place.starts_on <= last_day(decision.period) and (
                place.ends_on is None or place.ends_on >= first_day(decision.period)
            ):
                covering |= {place.office_id} | _above(place.office_id, parents)
        found[decision.id] = {
            grant.office_id
            for grant in grants
            if grant.account_id == decision.decided_by
            and grant.office_id in covering
            and (grant.ended_at is None or grant.ended_at > decision.decided_at)
        }
    return found


def _places(agency_id: int, employees: set[int]) -> dict[int, list[Employment]]:
    rows = db.session.scalars(
        select(Employment).where(
            Employment.agency_id == agency_id, Employment.employee_id.in_(employees)
        )
    )
    found: dict[int, list[Employment]] = {}
    for place in rows:
        found.setdefault(place.employee_id, []).append(place)
    return found
