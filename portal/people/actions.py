"""What is done to people: each function one deed, one transaction."""

from datetime import datetime

from portal.db import db
from portal.people.models import Account, AuditEvent, OutboxMessage


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


def queue_mail(account: Account, subject: str, body: str, now: datetime) -> None:
    """Put a mail in the outbox, within the transaction of what gives cause to it."""
    db.session.add(
        OutboxMessage(
            agency_id=account.agency_id,
            recipient=account.email,
            subject=subject,
            body=body,
            created_at=now,
            due_at=now,
        )
    )
