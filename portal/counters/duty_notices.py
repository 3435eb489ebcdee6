"""Mails to whoever's duty somebody else takes away or moves: not everybody looks each day."""

from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.i18n import force_locale
from portal.i18n import lazy_gettext as _l
from portal.people.actions import MOST_TRIES
from portal.people.models import Account, OutboxMessage
from portal.people.notices import tell

ROSTER = "/my-roster"
_CHANGED = (
    _l("Jadwal tugas Anda berubah"),
    _l(
        "Koordinator membatalkan, memindahkan, atau memberikan kepada rekan sebuah penugasan "
        "Anda di loket."
    ),
)


def tell_changed(by: Account, employee_id: int, now: datetime) -> None:
    """Tell an employee that somebody else changed a duty of theirs, within the transaction that
    did. One mail for all that is changed while it waits to be sent; none about one's own deed."""
    if employee_id == by.employee_id:
        return
    accounts = db.session.scalars(
        select(Account)
        .where(Account.agency_id == by.agency_id, Account.employee_id == employee_id)
        .order_by(Account.id)
    )
    for account in accounts.all():
        if not _waits(account):
            tell(account, _CHANGED, ROSTER, now, kind="duty_changed")


def _waits(account: Account) -> bool:
    with force_locale(account.language):
        subject = str(_CHANGED[0])
    found = db.session.scalar(
        select(OutboxMessage.id)
        .where(
            OutboxMessage.agency_id == account.agency_id,
            OutboxMessage.recipient == account.email,
            OutboxMessage.subject == subject,
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.tries < MOST_TRIES,  # one that was given up tells nobody
        )
        .limit(1)
    )
    return found is not None
