"""Import of accounts: who signs in, with which roles where. One line gives one role.

An account is known by its address. Whoever is new is invited by mail, as when an administrator
adds the account on screen; who has an account already is given the role beside those held.
"""

from dataclasses import dataclass, field

from sqlalchemy import select

from portal.access import ROLES
from portal.db import db
from portal.i18n import STAFF_LANGUAGES
from portal.imports.files import Line
from portal.imports.offices import office_ids
from portal.imports.plan import NewAccount, NewRole, Place, Plan, Task
from portal.people.account_queries import bearers, folded, one_person
from portal.people.actions import new_account
from portal.people.models import Account

NEEDED = ("email", "name", "role")
OPTIONAL = ("office", "language")


@dataclass
class Known:
    """An account, stored or on a line above. `account_id`: None for one that is to be made."""

    name: str
    account_id: int | None
    held: set[Place]
    active: bool = True
    grants: list[Place] = field(default_factory=list)  # of one that is to be made


def plan(task: Task) -> Plan:
    work = _Accounts(task)
    task.each_line(work.handle)
    return work.plan


class _Accounts:
    def __init__(self, task: Task) -> None:
        self.plan = Plan()
        self.agency_id = task.agency_id
        self.offices = office_ids(task.agency_id)
        self.named = bearers(task.agency_id)
        own = db.session.scalars(select(Account).where(Account.agency_id == task.agency_id))
        self.known = {
            one.email: Known(
                one.name,
                one.id,
                {(held.role, held.office_id) for held in one.grants if held.ended_at is None},
                one.active,
            )
            for one in own
        }
        others = select(Account.email).where(Account.agency_id != task.agency_id)
        self.elsewhere = set(db.session.scalars(others))
        self.seen: dict[tuple[str, Place], int] = {}

    def handle(self, line: Line) -> None:
        email, name = line.email("email"), line.text("name", 160, needed=True)
        if not email and line.sound:
            line.refuse("email", "is empty")
        place = self._place(line)
        language = line.choice("language", STAFF_LANGUAGES, default="id")
        if line.sound:
            self._check_person(line, email, name)
        if line.sound and (email, place) in self.seen:
            line.refuse("role", f"stands already on line {self.seen[email, place]}")
        if not line.sound:
            return
        self.seen[email, place] = line.number
        if email in self.known:
            self._add_role(self.known[email], place)
        else:
            self._create(email, name, place, language)

    def _place(self, line: Line) -> Place:
        role, office = line.choice("role", ROLES), line.code("office", needed=False)
        if office and office not in self.offices:
            line.refuse("office", f"there is no office with the code {office}")
        return role, self.offices.get(office)

    def _check_person(self, line: Line, email: str, name: str) -> None:
        known = self.known.get(email)
        if email in self.elsewhere:
            line.refuse("email", "another account already signs in with this address")
        elif known is None:
            if one_person(self.named, name, None):
                line.refuse(
                    "name",
                    "an account has this name already; use its address, or for another person"
                    " add to the name, such as the job",
                )
        elif folded(known.name) != folded(name):
            line.refuse("name", "this address signs in under another name")
        elif not known.active:
            line.refuse("email", "this account is closed; reopen it on screen")

    def _create(self, email: str, name: str, place: Place, language: str) -> None:
        account = new_account(self.agency_id, name=name, email=email, language=language)
        made = NewAccount(account, [place])
        self.plan.accounts.append(made)
        self.known[email] = Known(name, None, {place}, grants=made.grants)
        self.named.setdefault(folded(name), set()).add(None)
        self.plan.count(created=True, changed=False)

    def _add_role(self, known: Known, place: Place) -> None:
        changed = place not in known.held
        if changed:
            known.held.add(place)
            if known.account_id is None:
                known.grants.append(place)
            else:
                self.plan.roles.append(NewRole(known.account_id, place))
        self.plan.count(created=False, changed=changed)
