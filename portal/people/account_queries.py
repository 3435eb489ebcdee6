"""Reads about accounts: whose they are, where they hold a role, what they have kept."""

from datetime import date

from sqlalchemy import Select, func, select

from portal.db import db
from portal.people.models import Account, Employee, RoleGrant, SavedView
from portal.people.paging import Page, read_page
from portal.people.queries import Scope, placed_in


def account_of(employee: Employee) -> Account | None:
    """The account with which an employee signs in."""
    return db.session.scalar(
        select(Account).where(
            Account.agency_id == employee.agency_id, Account.employee_id == employee.id
        )
    )


Bearers = dict[str, set[int | None]]


def folded(name: str) -> str:
    """A name as it is compared: blanks and capitals tell nobody apart."""
    return " ".join(name.split()).lower()


def bearers(agency_id: int, name: str | None = None, but: int | None = None) -> Bearers:
    """Who bears each name among the open accounts, of all names or of one: employees by number,
    None for whoever is no employee. `but`: an account that is left out."""
    rows = select(func.lower(Account.name), Account.employee_id).where(
        Account.agency_id == agency_id, Account.active, Account.id.is_distinct_from(but)
    )
    if name is not None:
        rows = rows.where(func.lower(Account.name) == folded(name))
    found: Bearers = {}
    for known, employee_id in db.session.execute(rows):
        found.setdefault(known, set()).add(employee_id)
    return found


def one_person(named: Bearers, name: str, employee_id: int | None) -> bool:
    """Whether somebody of this name may be the same person as one of those: namesakes are told
    apart by the employees they are; where one of two accounts names none, by their names."""
    others = named.get(folded(name), set())
    return bool(others) if employee_id is None else None in others


def accounts_with(agency_id: int, *roles: str) -> list[Account]:
    """Active accounts that hold one of the roles anywhere in the agency, by name."""
    holders = select(RoleGrant.account_id).where(
        RoleGrant.agency_id == agency_id, RoleGrant.role.in_(roles), RoleGrant.ended_at.is_(None)
    )
    return list(
        db.session.scalars(
            select(Account)
            .where(Account.agency_id == agency_id, Account.active, Account.id.in_(holders))
            .order_by(Account.name, Account.id)
        )
    )


def accounts_in(scope: Scope, today: date) -> Select[Account]:
    """Accounts with a role in the scope, or whose employee has their place there."""
    statement = select(Account).where(Account.agency_id == scope.agency_id)
    if scope.offices is None:
        return statement
    granted = select(RoleGrant.account_id).where(
        RoleGrant.agency_id == scope.agency_id,
        RoleGrant.office_id.in_(scope.offices),
        RoleGrant.ended_at.is_(None),
    )
    placed = placed_in(scope.agency_id, scope.offices, today)
    return statement.where(Account.id.in_(granted) | Account.employee_id.in_(placed))


def accounts_page(
    scope: Scope, today: date, *, text: str = "", role: str = "", number: int = 1
) -> Page[Account]:
    """Accounts by name, narrowed to a text in name or address, and to a role."""
    statement = accounts_in(scope, today).order_by(Account.name, Account.id)
    if text:
        statement = statement.where(
            Account.name.icontains(text, autoescape=True)
            | Account.email.icontains(text, autoescape=True)
        )
    if role:
        statement = statement.where(
            Account.id.in_(
                select(RoleGrant.account_id).where(
                    RoleGrant.agency_id == scope.agency_id,
                    RoleGrant.role == role,
                    RoleGrant.ended_at.is_(None),
                )
            )
        )
    return read_page(statement, number, lambda account: account)


def account_in(scope: Scope, account_id: int, today: date) -> Account | None:
    """One account, if it is in the scope."""
    return db.session.scalar(accounts_in(scope, today).where(Account.id == account_id))


def saved_views(account: Account) -> list[SavedView]:
    """What the account has kept, by name."""
    own = (SavedView.agency_id == account.agency_id, SavedView.account_id == account.id)
    return list(db.session.scalars(select(SavedView).where(*own).order_by(SavedView.name)))


def saved_view(account: Account, view_id: int) -> SavedView | None:
    """One that the account itself has kept."""
    own = (SavedView.agency_id == account.agency_id, SavedView.account_id == account.id)
    return db.session.scalar(select(SavedView).where(*own, SavedView.id == view_id))
