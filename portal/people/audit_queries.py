"""Reads of the audit log."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from portal.db import db
from portal.people.account_queries import accounts_in
from portal.people.models import Account, AuditEvent
from portal.people.paging import COUNTED, PAGE_SIZE, Page, read_page
from portal.people.queries import Scope

NOT_INTEGRITY = ~AuditEvent.action.startswith("integrity_", autoescape=True)


@dataclass(frozen=True)
class AuditRow:
    """A privileged act and who did it; nobody means the command line or a stranger."""

    event: AuditEvent
    by: str | None


def acts(
    scope: Scope,
    today: date,
    *,
    action: str = "",
    by: int | None = None,
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    integrity: bool = True,
) -> Select[*tuple[Any, ...]]:
    """Acts with the name of who did them, newest first: of one kind, by one account, about one
    subject, in a time. Inside a part of the agency: those of its accounts.

    Without `integrity` what inspectors did stays out: that a report came is not everybody's.
    """
    statement = (
        select(AuditEvent, Account.name)
        .outerjoin(Account, Account.id == AuditEvent.account_id)
        .where(AuditEvent.agency_id == scope.agency_id)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    if scope.offices is not None:
        inside = accounts_in(scope, today).with_only_columns(Account.id)
        statement = statement.where(AuditEvent.account_id.in_(inside))
    if not integrity:
        statement = statement.where(NOT_INTEGRITY)
    if action:
        statement = statement.where(AuditEvent.action == action)
    if by:
        statement = statement.where(AuditEvent.account_id == by)
    if subject:
        statement = statement.where(AuditEvent.subject == subject)
    if since:
        statement = statement.where(AuditEvent.at >= since)
    if until:
        statement = statement.where(AuditEvent.at < until)
    return statement


def audit_page(scope: Scope, today: date, number: int = 1, **which: Any) -> Page[AuditRow]:
    """A page of those that `acts` names."""
    return read_page(acts(scope, today, **which), number, AuditRow, PAGE_SIZE, COUNTED)


def audited_actions(agency_id: int, *, integrity: bool = True) -> list[str]:
    """The kinds of acts that occur in the log."""
    statement = select(AuditEvent.action).where(AuditEvent.agency_id == agency_id).distinct()
    return list(db.session.scalars(statement if integrity else statement.where(NOT_INTEGRITY)))
