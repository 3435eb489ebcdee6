"""Reads about people: which offices an account may see, who works where."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import has_request_context, request
from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.people.models import (
    Account,
    Agency,
    Employee,
    Employment,
    Holiday,
    Office,
)
from portal.people.paging import Page, page_of, read_page

OFFICES_ON_A_PAGE = 100


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
    """These offices and all below them; a page asks for the same ones a dozen times."""
    if not roots:
        return frozenset()
    if not has_request_context() or request.method != "GET":  # what changes anything asks anew
        return _below(agency_id, roots)
    known: dict[tuple[int, frozenset[int]], frozenset[int]]
    known = request.environ.setdefault("portal.offices_below", {})
    asked = agency_id, frozenset(roots)
    if asked not in known:
        known[asked] = _below(agency_id, roots)
    return known[asked]


def _below(agency_id: int, roots: set[int]) -> frozenset[int]:
    here = Office.agency_id == agency_id
    below = select(Office.id).where(here, Office.id.in_(roots)).cte("below", recursive=True)
    below = below.union(select(Office.id).where(here, Office.parent_id == below.c.id))
    return frozenset(db.session.scalars(select(below.c.id)))


def host_id() -> int | None:
    """The agency that runs the portal: the one that was made first."""
    return db.session.scalar(select(func.min(Agency.id)))


def agencies() -> list[Agency]:
    """All agencies of the portal, by name."""
    return list(db.session.scalars(select(Agency).order_by(Agency.name, Agency.id)))


class Placed(NamedTuple):
    """What of an office is told where offices are listed: there may be thousands."""

    id: int
    parent_id: int | None
    name: str
    kind: str
    code: str
    active: bool


@dataclass(frozen=True)
class OfficeRow:
    """An office with its depth in the tree and how many people work there today.

    `above`: the name of the office that it stands below, if that is in the scope.
    """

    office: Placed
    depth: int
    above: str
    employees: int


def office_tree(agency_id: int) -> list[tuple[Placed, int]]:
    """All offices of an agency, parents before children, siblings by name; with their depth."""
    children: dict[int | None, list[Placed]] = {}
    columns = (Office.id, Office.parent_id, Office.name, Office.kind, Office.code, Office.active)
    for row in db.session.execute(
        select(*columns).where(Office.agency_id == agency_id).order_by(Office.name)
    ):
        office = Placed(*row)
        children.setdefault(office.parent_id, []).append(office)
    found: list[tuple[Placed, int]] = []
    waiting = [(office, 0) for office in reversed(children.get(None, []))]
    while waiting:
        office, depth = waiting.pop()
        found.append((office, depth))
        waiting.extend((child, depth + 1) for child in reversed(children.get(office.id, [])))
    return found


def offices_in(scope: Scope) -> list[tuple[Placed, int]]:
    """The part of the tree inside a scope; its roots stand at depth 0."""
    rows = [(office, depth) for office, depth in office_tree(scope.agency_id) if office.id in scope]
    depths: dict[int, int] = {}
    for office, _depth in rows:
        depths[office.id] = depths.get(office.parent_id or 0, -1) + 1
    return [(office, depths[office.id]) for office, _depth in rows]


def offices_page(scope: Scope, today: date, number: int, text: str = "") -> Page[OfficeRow]:
    """The offices of a scope as they stand in the tree, with today's number of employees.

    text: a part of the name or of the code.
    """
    rows, wanted = offices_in(scope), text.casefold()
    names = {office.id: office.name for office, _depth in rows}
    page = page_of(
        [
            (office, depth)
            for office, depth in rows
            if wanted in office.name.casefold() or wanted in office.code.casefold()
        ],
        number,
        OFFICES_ON_A_PAGE,
    )
    here = _people_in(scope.agency_id, [office.id for office, _depth in page.items], today)
    shown = [
        OfficeRow(office, depth, names.get(office.parent_id or 0, ""), here.get(office.id, 0))
        for office, depth in page.items
    ]
    return Page(shown, page.page, page.total, page.size)


def _people_in(agency_id: int, offices: list[int], today: date) -> dict[int, int]:
    """By office, how many work there today."""
    counted = db.session.execute(
        select(Employment.office_id, func.count())
        .join(
            Employee,
            (Employee.agency_id == Employment.agency_id) & (Employee.id == Employment.employee_id),
        )
        .where(
            Employment.agency_id == agency_id,
            Employment.office_id.in_(offices),
            Employment.starts_on <= today,
            Employment.ends_on.is_(None) | (Employment.ends_on >= today),
            Employee.active,
        )
        .group_by(Employment.office_id)
    )
    return dict(counted.all())


def latest_place(of: Any, today: date) -> ScalarSelect[int]:
    """The key of an employee's place: the one that began last, else one still to begin."""
    place = aliased(Employment)
    return (
        select(place.id)
        .where(place.agency_id == of.agency_id, place.employee_id == _employee_key(of))
        .order_by((place.starts_on <= today).desc(), place.starts_on.desc(), place.id)
        .limit(1)
        .correlate(of)
        .scalar_subquery()
    )


def _employee_key(of: Any) -> Any:
    return of.id if of is Employee else of.employee_id


def placed_in(agency_id: int, offices: frozenset[int], today: date) -> Select[int]:
    """The keys of the employees whose place is in one of these offices."""
    return select(Employment.employee_id).where(
        Employment.agency_id == agency_id,
        Employment.office_id.in_(offices),
        Employment.id == latest_place(Employment, today),
    )


@dataclass(frozen=True)
class EmployeeRow:
    """An employee as listed, with the office of today."""

    employee: Employee
    place: Employment | None
    office: Office | None


def _in_scope(scope: Scope, today: date) -> Select[int]:
    statement = select(Employee.id).where(Employee.agency_id == scope.agency_id)
    if scope.offices is None:
        return statement
    return statement.where(Employee.id.in_(placed_in(scope.agency_id, scope.offices, today)))


def _rows(agency_id: int, ids: Sequence[int], today: date) -> list[EmployeeRow]:
    statement = (
        select(Employee, Employment, Office)
        .select_from(Employee)
        .outerjoin(
            Employment,
            (Employment.agency_id == Employee.agency_id)
            & (Employment.id == latest_place(Employee, today)),
        )
        .outerjoin(
            Office,
            (Office.agency_id == Employment.agency_id) & (Office.id == Employment.office_id),
        )
        .where(Employee.agency_id == agency_id, Employee.id.in_(ids))
        .order_by(Employee.name, Employee.id)
    )
    return [EmployeeRow(*row) for row in db.session.execute(statement)]


def employees_page(
    scope: Scope,
    today: date,
    *,
    name: str = "",
    offices: frozenset[int] | None = None,
    state: str = "",
    number: int = 1,
) -> Page[EmployeeRow]:
    """Employees by name; `offices` narrows the scope, `state` is active, inactive or empty."""
    statement = _in_scope(scope, today).order_by(Employee.name, Employee.id)
    if name:
        statement = statement.where(Employee.name.icontains(name, autoescape=True))
    if offices is not None:
        statement = statement.where(Employee.id.in_(placed_in(scope.agency_id, offices, today)))
    if state:
        statement = statement.where(Employee.active.is_(state == "active"))
    found = read_page(statement, number, int)
    rows = _rows(scope.agency_id, found.items, today)
    return Page(rows, found.page, found.total, found.size)


def employee_row(scope: Scope, employee_id: int, today: date) -> EmployeeRow | None:
    """One employee, if they are in the scope."""
    return _one(scope, _in_scope(scope, today).where(Employee.id == employee_id), today)


def employee_by_nip(scope: Scope, nip: str, today: date) -> EmployeeRow | None:
    """The employee with this number, if they are in the scope."""
    return _one(scope, _in_scope(scope, today).where(Employee.nip == nip), today)


def _one(scope: Scope, statement: Select[int], today: date) -> EmployeeRow | None:
    found = db.session.scalar(statement)
    return _rows(scope.agency_id, [found], today)[0] if found is not None else None


def places_of(employee: Employee) -> list[tuple[Employment, Office]]:
    """Where an employee worked and works, the latest first."""
    rows = db.session.execute(
        select(Employment, Office)
        .join(
            Office,
            (Office.agency_id == Employment.agency_id) & (Office.id == Employment.office_id),
        )
        .where(Employment.agency_id == employee.agency_id, Employment.employee_id == employee.id)
        .order_by(Employment.starts_on.desc())
    )
    return [(place, office) for place, office in rows]


def office_names(agency_id: int) -> dict[int, str]:
    """The name of every office, for lists of grants."""
    rows = db.session.execute(select(Office.id, Office.name).where(Office.agency_id == agency_id))
    return dict(rows.all())


def employee_names(agency_id: int, employees: Collection[int]) -> dict[int, str]:
    if not employees:
        return {}
    rows = db.session.execute(
        select(Employee.id, Employee.name).where(
            Employee.agency_id == agency_id, Employee.id.in_(employees)
        )
    )
    return dict(rows.all())


def holidays_of(agency_id: int, since: date) -> list[Holiday]:
    """Holidays from a day on."""
    return list(
        db.session.scalars(
            select(Holiday)
            .where(Holiday.agency_id == agency_id, Holiday.day >= since)
            .order_by(Holiday.day)
        )
    )


@dataclass(frozen=True)
class Progress:
    """How far an agency's data has come, for the administrator's first steps."""

    offices: int
    employees: int
    accounts: int


def progress_of(agency_id: int) -> Progress:
    """How many offices, employees and accounts there are."""
    office, employee, account = (
        select(func.count())
        .select_from(table)
        .where(table.agency_id == agency_id)
        .scalar_subquery()
        for table in (Office, Employee, Account)
    )
    return Progress(*db.session.execute(select(office, employee, account)).one())
