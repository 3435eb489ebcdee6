"""Reads about people: which offices an account may see, who works where."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.db import db
from portal.people.models import Account, Office


@dataclass(frozen=True)
class Scope:
    """The offices in which an account holds a role. No list of offices means the whole agency."""

    agency_id: int
    offices: frozenset[int] | None

    def __contains__(self, office_id: object) -> bool:
        return self.offices is None or office_id in self.offices

    def __bool__(self) -> bool:
        return self.offices is None or bool(self.offices)


def scope_of(account: Account, *roles: str) -> Scope:
    """The offices, each with all below it, in which the account holds one of these roles."""
    grants = [grant for grant in account.grants if grant.role in roles and grant.ended_at is None]
    if any(grant.office_id is None for grant in grants):
        return Scope(account.agency_id, None)
    roots = {grant.office_id for grant in grants if grant.office_id is not None}
    return Scope(account.agency_id, with_descendants(account.agency_id, roots))


def with_descendants(agency_id: int, roots: set[int]) -> frozenset[int]:
    """These offices and all below them."""
    if not roots:
        return frozenset()
    children: dict[int | None, list[int]] = {}
    for office_id, parent_id in db.session.execute(
        select(Office.id, Office.parent_id).where(Office.agency_id == agency_id)
    ):
        children.setdefault(parent_id, []).append(office_id)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        office_id = waiting.pop()
        if office_id not in found:
            found.add(office_id)
            waiting.extend(children.get(office_id, []))
    return frozenset(found)
