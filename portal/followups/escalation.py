"""Whom a late case is told to: the nearest who can see to it that it gets done."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from portal.db import db
from portal.followups.models import FollowUp
from portal.followups.queries import may_handle
from portal.people.account_queries import accounts_with
from portal.people.models import Account, Office
from portal.people.queries import scope_of


class Above:
    """The supervisors of an agency by the office that they hold; None: all of it."""

    def __init__(self, agency_id: int) -> None:
        rows = db.session.execute(
            select(Office.id, Office.parent_id).where(Office.agency_id == agency_id)
        )
        self.parents: dict[int, int | None] = dict(rows.all())
        self.hr = accounts_with(agency_id, "hr")
        self.supervisors: dict[int | None, list[Account]] = defaultdict(list)
        for account in accounts_with(agency_id, "supervisor"):
            for grant in account.grants:
                if grant.role == "supervisor" and grant.ended_at is None:
                    self.supervisors[grant.office_id].append(account)

    def told_of(self, case: FollowUp) -> list[Account]:
        """The supervisors of the office, but neither who holds the case nor whom it is about; if
        nobody is left, those of the office above, and so on; at last HR."""
        level: int | None = case.office_id
        while True:
            found = self._free(self.supervisors[level], case)
            if found or level is None:
                return found or [one for one in self.hr if case.office_id in scope_of(one, "hr")]
            level = self.parents.get(level)

    def _free(self, accounts: list[Account], case: FollowUp) -> list[Account]:
        return [one for one in accounts if one.id != case.assigned_to and may_handle(one, case)]


def receivers(agency_id: int, cases: Iterable[FollowUp]) -> list[Account]:
    """Each once, of however many cases."""
    above = Above(agency_id)
    return list({one.id: one for case in cases for one in above.told_of(case)}.values())
