"""Import of employees: who they are, where they work, with which address they sign in.

A PNS or PPPK is known by the number; non-ASN staff have none and are known by name and office.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from portal.db import db, new_id
from portal.imports.files import Line
from portal.imports.offices import office_ids
from portal.imports.plan import NewAccount, Plan, Task, Values
from portal.people import numbers
from portal.people.account_queries import bearers, one_person
from portal.people.actions import new_account
from portal.people.models import EMPLOYEE_KINDS, Account, Employee, Employment

NEEDED = ("nip", "name", "kind", "office")
OPTIONAL = ("title", "job", "email", "since", "active")

TROUBLES = {
    numbers.NotDigits: "may have digits and spaces only",
    numbers.OldNumber: "is an old number with 9 digits; the new one has 18",
    numbers.WrongLength: "must have 18 digits",
    numbers.ImpossibleBirthDate: "does not begin with a possible birth date",
    numbers.ImpossibleMonth: "has no month in digits 13-14; is this a PPPK?",
    numbers.ImpossibleAppointment: "has no possible year of appointment in digits 9-12",
    numbers.NoContract: "of a PPPK counts contracts from 01 in digits 13-14",
    numbers.ImpossibleSex: "must have 1 or 2 as digit 15",
}


@dataclass(frozen=True)
class Known:
    """An employee as stored, with the place that began last."""

    id: int
    values: Values
    place_id: int
    office_id: int
    starts_on: date
    ends_on: date | None


def plan(task: Task) -> Plan:
    work = _Employees(task)
    task.each_line(work.handle)
    return work.plan


def known_employees(agency_id: int) -> Iterable[Known]:
    """Every employee with a place, once."""
    fields = ("nip", "name", "title", "kind", "job", "active")
    rows = db.session.execute(
        select(Employee, Employment)
        .join(
            Employment,
            (Employment.agency_id == Employee.agency_id) & (Employment.employee_id == Employee.id),
        )
        .where(Employee.agency_id == agency_id)
        .order_by(Employment.starts_on)
    )
    found: dict[int, Known] = {}
    for employee, place in rows:
        values = {name: getattr(employee, name) for name in fields}
        found[employee.id] = Known(
            employee.id, values, place.id, place.office_id, place.starts_on, place.ends_on
        )
    return found.values()


class _Employees:
    def __init__(self, task: Task) -> None:
        self.plan = Plan()
        self.today = task.now.astimezone(task.agency.zone).date()
        self.agency_id = task.agency_id
        self.offices = office_ids(task.agency_id)
        self.known: dict[Any, Known] = {}
        for known in known_employees(task.agency_id):
            self.known[known.values["nip"] or (known.values["name"], known.office_id)] = known
        accounts = db.session.execute(select(Account.email, Account.agency_id, Account.employee_id))
        self.accounts = {email: (agency, employee) for email, agency, employee in accounts}
        self.with_account = {
            employee for agency, employee in self.accounts.values() if agency == task.agency_id
        }
        self.named = bearers(task.agency_id)
        self.seen: dict[Any, int] = {}
        self.emails: dict[str, int] = {}

    def handle(self, line: Line) -> None:
        values = self._values(line)
        office, since = line.code("office"), line.day("since", needed=False)
        if office and office not in self.offices:
            line.refuse("office", f"there is no office with the code {office}")
        key = values["nip"] or (values["name"], self.offices.get(office))
        column = "nip" if values["nip"] else "name"
        if line.sound and key in self.seen:
            line.refuse(column, f"the same person stands on line {self.seen[key]}")
        self.seen.setdefault(key, line.number)
        known = self.known.get(key)
        email = self._email(line, known)
        if email and not (known and known.id in self.with_account):
            self._check_name(line, values["name"], known.id if known else 0)
        if not line.sound:
            return
        place = (self.offices[office], since or self.today)
        if known is None:
            self._create(values, place, email)
        else:
            self._update(line, known, values, place, email)

    def _values(self, line: Line) -> Values:
        kind = line.choice("kind", EMPLOYEE_KINDS)
        return {
            "nip": self._number(line, kind),
            "name": line.text("name", 160, needed=True),
            "title": line.text("title", 20),
            "kind": kind,
            "job": line.text("job", 120),
            "active": line.yes("active", default=True),
        }

    def _number(self, line: Line, kind: str) -> str | None:
        typed = line.values["nip"].strip()
        if kind == "non_asn":
            if typed:
                line.refuse("nip", "must be empty for non_asn")
            return None
        if not typed:
            line.refuse("nip", "is empty")
            return None
        try:
            return numbers.check_number(kind, typed, self.today)
        except numbers.BadNumber as trouble:
            line.refuse("nip", TROUBLES[type(trouble)])
            return None

    def _email(self, line: Line, known: Known | None) -> str:
        email = line.email("email")
        if not email:
            return ""
        if email in self.emails:
            line.refuse("email", f"stands already on line {self.emails[email]}")
        self.emails.setdefault(email, line.number)
        owner = self.accounts.get(email)
        if owner and owner != (self.agency_id, known.id if known else None):
            line.refuse("email", "another account already signs in with this address")
        return email

    def _check_name(self, line: Line, name: str, employee_id: int) -> None:
        if one_person(self.named, name, employee_id):
            line.refuse(
                "name", "an account of this name names no employee; it may be the same person's"
            )

    def _create(self, values: Values, place: tuple[int, date], email: str) -> None:
        employee_id, (office_id, since) = new_id(), place
        self.plan.insert(Employee, id=employee_id, **values)
        self._place(employee_id, office_id, since)
        if email:
            self._invite(employee_id, values["name"], email, office_id)
        self.plan.count(created=True, changed=False)

    def _update(
        self, line: Line, known: Known, values: Values, place: tuple[int, date], email: str
    ) -> None:
        office_id, since = place
        changed = self.plan.change(Employee, {"id": known.id}, known.values, values)
        left = known.ends_on is not None and known.ends_on < self.today
        if office_id != known.office_id or left:
            if since <= known.starts_on:
                day = known.starts_on.isoformat()
                line.refuse("since", f"must be after {day}, when the latest place began")
                return
            if known.ends_on is None or known.ends_on >= since:
                ends_on = since - timedelta(days=1)
                self.plan.updates.append((Employment, {"id": known.place_id}, {"ends_on": ends_on}))
            self._place(known.id, office_id, since)
            changed = True
        if email and known.id not in self.with_account:
            self._invite(known.id, values["name"], email, office_id)
            changed = True
        self.plan.count(created=False, changed=changed)

    def _place(self, employee_id: int, office_id: int, since: date) -> None:
        self.plan.insert(
            Employment, id=new_id(), employee_id=employee_id, office_id=office_id, starts_on=since
        )

    def _invite(self, employee_id: int, name: str, email: str, office_id: int) -> None:
        account = new_account(self.agency_id, name=name, email=email, employee_id=employee_id)
        self.plan.accounts.append(NewAccount(account, [("employee", office_id)]))
