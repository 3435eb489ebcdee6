"""The audit log, the outbox, and what a new agency and account consist of."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_security.utils import hash_password
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.people.account_queries import bearers, one_person
from portal.people.models import (
    Account,
    Agency,
    AuditEvent,
    OutboxMessage,
    RoleGrant,
)

KEEP_SENT_MAIL = timedelta(days=30)
MOST_TRIES = 10


class CodeTaken(Exception):
    """Something else already has this code."""


class EmailTaken(Exception):
    """Another account already signs in with this address."""


class NameTaken(Exception):
    """Another account bears this name, and nothing tells that it is another person's."""


class NoSuchRole(Exception):
    """The portal knows no such role."""


def note_act(
    account: Account | None,
    action: str,
    now: datetime,
    *,
    agency_id: int | None = None,
    subject: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    """Write a privileged act to the audit log, within the transaction of the act itself."""
    owner = account.agency_id if account else agency_id
    if owner is None:
        raise ValueError("an act belongs to an agency")
    db.session.add(
        AuditEvent(
            agency_id=owner,
            at=now,
            account_id=account.id if account else None,
            action=action,
            subject=subject,
            detail=detail or {},
        )
    )


def note_view(
    account: Account,
    action: str,
    now: datetime,
    *,
    subject: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    """Write to the audit log that somebody looks at something: committed when this returns, so
    before anything is shown. What the page has read until then stays read, since the line depends
    on nothing of it."""
    session = db.session()
    session.expire_on_commit = False
    try:
        session.commit()  # ends the reading; a page changes nothing
        session.connection(execution_options={"begin": "write"})
        note_act(account, action, now, subject=subject, detail=detail)
        session.commit()
    finally:
        session.expire_on_commit = True


def queue_mail(
    account: Account, subject: str, body: str, now: datetime, *, due_at: datetime | None = None
) -> None:
    """Put a mail in the outbox, within the transaction of what gives cause to it; to be sent now
    or when it is due."""
    db.session.add(
        OutboxMessage(
            agency_id=account.agency_id,
            recipient=account.email,
            subject=subject,
            body=body,
            created_at=now,
            due_at=due_at or now,
        )
    )


def queue_sealed_mail(
    agency_id: int, recipient: str, subject: str, body: str, now: datetime
) -> None:
    """The same for a citizen, whose sealed address leaves the outbox with the mail."""
    db.session.add(
        OutboxMessage(
            agency_id=agency_id,
            recipient=recipient,
            sealed=True,
            subject=subject,
            body=body,
            created_at=now,
            due_at=now,
        )
    )


def change_values(row: object, **values: object) -> list[str]:
    """Set what differs; the names of what was changed, never what it was changed to."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def note_recovery(account: Account, now: datetime) -> None:
    """Keep the recovery mail that was just queued, and that it was asked for."""
    note_act(account, "recovery_asked", now, subject=f"account:{account.id}")
    db.session.commit()


def note_failed_sign_in(account: Account, now: datetime) -> None:
    """Somebody tried to sign in to this account with a wrong password."""
    note_act(
        None,
        "sign_in_failed",
        now,
        agency_id=account.agency_id,
        subject=f"account:{account.id}",
    )
    db.session.commit()


def new_agency(code: str, name: str, timezone: str) -> Agency:
    """An agency with the initials of its name: Kota Cempaka Raya becomes KCR."""
    ZoneInfo(timezone)  # refuses what is no time zone
    initials = "".join(word[0] for word in name.split() if word[0].isupper())[:4]
    return Agency(code=code, name=name, timezone=timezone, initials=initials or name[:2].upper())


def new_account(
    agency_id: int,
    *,
    name: str,
    email: str,
    password: str | None = None,
    employee_id: int | None = None,
    language: str = "id",
) -> Account:
    """An account; without a password nobody can sign in until the person has chosen one."""
    return Account(
        agency_id=agency_id,
        employee_id=employee_id,
        name=name,
        email=email.strip().lower(),
        password=hash_password(password) if password else "",
        fs_uniquifier=uuid.uuid4().hex,
        language=language,
    )


def mark_sent(message: OutboxMessage, now: datetime) -> None:
    """The mail server took it. Links in a text that was sent are no longer ours to keep, nor is
    the address of a citizen."""
    begin_write()
    if message.sealed:
        db.session.delete(message)
    else:
        message.sent_at = now
        message.tries += 1
        message.body = ""
    db.session.commit()


def postpone(message: OutboxMessage, now: datetime) -> None:
    """Try again later: after 2, 4, 8 … minutes, at most a day."""
    begin_write()
    message.tries += 1
    message.due_at = now + min(timedelta(minutes=2**message.tries), timedelta(days=1))
    db.session.commit()


def forget_sent_mail(now: datetime) -> int:
    """Drop the addresses of mail that was sent, or given up, a month ago; of citizens at once, and
    after a month also where there was no mail server to try."""
    begin_write()
    old = OutboxMessage.created_at < now - KEEP_SENT_MAIL
    over = OutboxMessage.sent_at.is_not(None) | (OutboxMessage.tries >= MOST_TRIES)
    ended = (old & over) | (OutboxMessage.sealed & (old | over))
    dropped = db.session.scalars(delete(OutboxMessage).where(ended).returning(OutboxMessage.id))
    count = len(dropped.all())
    db.session.commit()
    return count


def keep_account(account: Account) -> None:
    """Store a new account; addresses are unique over all agencies."""
    db.session.add(account)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise EmailTaken from None


def lock_accounts(agency_id: int) -> None:
    """Hold the agency's row: who adds, renames or reopens accounts does it one after the other,
    also on PostgreSQL; ratings go on."""
    db.session.execute(
        select(Agency.id).where(Agency.id == agency_id).with_for_update(key_share=True)
    )


def check_another_person(
    agency_id: int, name: str, employee_id: int | None, but: int | None = None
) -> None:
    """Where a second person must agree, one person with two accounts would do: raises NameTaken.

    Within the transaction that then gives an account this name. `but`: the account itself.
    """
    lock_accounts(agency_id)
    if one_person(bearers(agency_id, name, but=but), name, employee_id):
        db.session.rollback()
        raise NameTaken


def grant(account: Account, role: str, office_id: int | None, now: datetime) -> None:
    """Add a role to an account, within the transaction that allows it."""
    db.session.add(
        RoleGrant(
            agency_id=account.agency_id,
            account_id=account.id,
            role=role,
            office_id=office_id,
            granted_at=now,
        )
    )
