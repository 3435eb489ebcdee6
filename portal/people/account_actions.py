"""What administrators do to accounts and their roles: each function one deed, one transaction."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.access import ROLES
from portal.db import begin_write, db
from portal.people.actions import (
    EmailTaken,
    NoSuchRole,
    change_values,
    check_another_person,
    grant,
    keep_account,
    new_account,
    note_act,
    queue_mail,
)
from portal.people.invitations import address_changed, invitation
from portal.people.models import Account, RoleGrant
from portal.people.queries import scope_of


class HasAccount(Exception):
    """The employee already has an account."""


class BeyondScope(Exception):
    """The acting administrator does not hold that role for these offices."""


class OwnAccount(Exception):
    """Nobody changes the rights of their own account."""


class LastAdministrator(Exception):
    """Without this one, nobody could administer the agency any more."""


class RoleHeld(Exception):
    """The account already holds this role there."""


def add_account(
    by: Account,
    *,
    name: str,
    email: str,
    role: str,
    office_id: int | None,
    employee_id: int | None,
    language: str,
    now: datetime,
) -> Account:
    """An account with its first role; the person is invited by mail to choose a password."""
    begin_write()
    _check_grantable(by, office_id)
    if employee_id is not None and db.session.scalar(
        select(Account.id).where(
            Account.agency_id == by.agency_id, Account.employee_id == employee_id
        )
    ):
        raise HasAccount
    check_another_person(by.agency_id, name, employee_id)
    account = new_account(
        by.agency_id, name=name, email=email, employee_id=employee_id, language=language
    )
    keep_account(account)
    grant(account, role, office_id, now)
    note_act(
        by,
        "create_account",
        now,
        subject=f"account:{account.id}",
        detail={"role": role, "office": office_id},
    )
    queue_mail(account, *invitation(account), now)
    db.session.commit()
    return account


def edit_account(
    by: Account, account: Account, *, name: str, email: str, language: str, now: datetime
) -> None:
    """Change name, address or language; the old address is told that it is no longer used."""
    begin_write()
    _check_whole_account(by, account)
    if name != account.name:
        check_another_person(account.agency_id, name, account.employee_id, but=account.id)
    old, email = account.email, email.strip().lower()
    if email != old:
        queue_mail(account, *address_changed(account), now)
    try:
        changed = change_values(account, name=name, email=email, language=language)
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise EmailTaken from None
    if changed:
        note_act(
            by, "edit_account", now, subject=f"account:{account.id}", detail={"changed": changed}
        )
    db.session.commit()


def invite_again(by: Account, account: Account, now: datetime) -> None:
    """Send the link for choosing a password once more."""
    begin_write()
    _check_whole_account(by, account)
    queue_mail(account, *invitation(account), now)
    note_act(by, "invite_account", now, subject=f"account:{account.id}")
    db.session.commit()


def grant_role(
    by: Account, account: Account, *, role: str, office_id: int | None, now: datetime
) -> None:
    """Give a role for an office and all below it; without office, for the whole agency."""
    begin_write()
    _check_other(by, account)
    _check_grantable(by, office_id)
    if role not in ROLES:
        raise NoSuchRole(role)
    if any(
        held.role == role and held.office_id == office_id and held.ended_at is None
        for held in account.grants
    ):
        raise RoleHeld
    grant(account, role, office_id, now)
    note_act(
        by,
        "grant_role",
        now,
        subject=f"account:{account.id}",
        detail={"role": role, "office": office_id},
    )
    db.session.commit()


def end_role(by: Account, held: RoleGrant, now: datetime) -> None:
    """Take a role back; the grant stays on record."""
    begin_write()
    account = db.session.get_one(Account, held.account_id)
    _check_other(by, account)
    _check_grantable(by, held.office_id)
    if held.ended_at is None:
        if _administers_all(held):
            _check_another_administrator(account)
        held.ended_at = now
        note_act(
            by,
            "end_role",
            now,
            subject=f"account:{account.id}",
            detail={"role": held.role, "office": held.office_id},
        )
    db.session.commit()


def set_account_active(by: Account, account: Account, active: bool, now: datetime) -> None:
    """Close or reopen an account; closing signs the person out everywhere at once."""
    begin_write()
    _check_other(by, account)
    _check_whole_account(by, account)
    if account.active != active:
        if active:  # meanwhile the person may have got another one
            check_another_person(account.agency_id, account.name, account.employee_id)
        if not active and any(_administers_all(held) for held in account.grants):
            _check_another_administrator(account)
        account.active = active
        account.fs_uniquifier = uuid.uuid4().hex
        action = "open_account" if active else "close_account"
        note_act(by, action, now, subject=f"account:{account.id}")
    db.session.commit()


def _check_grantable(by: Account, office_id: int | None) -> None:
    scope = scope_of(by, "administrator")
    if scope.offices is not None and office_id not in scope:
        raise BeyondScope


def _check_whole_account(by: Account, account: Account) -> None:
    """Whoever changes an address can take the account over, so all its roles must be theirs."""
    for held in account.grants:
        if held.ended_at is None:
            _check_grantable(by, held.office_id)


def _check_other(by: Account, account: Account) -> None:
    if by.id == account.id:
        raise OwnAccount


def _administers_all(held: RoleGrant) -> bool:
    return held.role == "administrator" and held.office_id is None and held.ended_at is None


def _check_another_administrator(account: Account) -> None:
    """Somebody else still administers the whole agency; two cannot end each other at once."""
    others = db.session.scalars(
        select(RoleGrant)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.agency_id == account.agency_id,
            RoleGrant.role == "administrator",
            RoleGrant.office_id.is_(None),
            RoleGrant.ended_at.is_(None),
            Account.active,
        )
        .with_for_update()
    ).all()
    if not any(other.account_id != account.id for other in others):
        raise LastAdministrator
