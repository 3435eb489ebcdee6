"""A citizen may leave an address to hear of the office's answer; nobody else ever reads it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.people.models import OutboxMessage
from portal.people.whatsapp import as_number
from portal.ratings.answer_models import TOLD, Contact
from portal.ratings.answer_queries import answers_so_far
from portal.ratings.queries import ReceiptStatus
from portal.sealing import LONGEST, can_seal, marks, seal

KEEP_CONTACT = timedelta(days=120)
ASKED = timedelta(days=30)  # after the visit; who comes later comes to read


class NotAnAddress(Exception):
    """The text is no e-mail address, or a longer one than can be kept; nor a mobile number,
    where WhatsApp messages can be sent."""


class NotAsked(Exception):
    """No address is asked for: there is no key, it is too late, or the rating was taken back."""


def asks_contact(status: ReceiptStatus, now: datetime) -> bool:
    """Whether the receipt offers to send word of the answer."""
    late = _today(status, now) - status.rated_on > ASKED
    return can_seal() and status.state != "withdrawn" and not late


def takes_numbers() -> bool:
    """Whether word can also go to a mobile number, by WhatsApp."""
    return current_app.config["SETTINGS"].whatsapp_gateway is not None


def keep_contact(status: ReceiptStatus, address: str, language: str, now: datetime) -> None:
    """Seal an address; a later one takes its place. Raises NotAnAddress, NotAsked."""
    if not asks_contact(status, now):
        raise NotAsked
    address = (as_number(address) if takes_numbers() else None) or _email(address)
    begin_write()
    forget_contact(status)
    db.session.add(
        Contact(
            agency_id=status.agency_id,
            mark=marks(status.receipt)[0],
            office_id=status.office_id,
            period=status.period,
            sealed=seal(address),
            language=language,
            given_on=_today(status, now),
            answers_before=answers_so_far(status.agency_id, status.office_id, status.period),
        )
    )
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # a second tap at the same moment was faster


def _email(text: str) -> str:
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise NotAnAddress from None
    address = found.ascii_email or found.normalized
    if len(address) > LONGEST:
        raise NotAnAddress
    return address


def drop_contact(status: ReceiptStatus) -> None:
    """Forget the address at once. Doing it twice is the same as once."""
    begin_write()
    forget_contact(status)
    db.session.commit()


def forget_contact(status: ReceiptStatus) -> None:
    """Forget the address, also in a message that waits, within the transaction that says so."""
    _forget(Contact.agency_id == status.agency_id, Contact.mark.in_(marks(status.receipt)))


def forget_contacts(now: datetime) -> int:
    """Drop the addresses whose message has left, and those that are 120 days old, also in messages
    that could not be sent: due work."""
    waits = (
        exists()
        .where(
            OutboxMessage.agency_id == Contact.agency_id, OutboxMessage.recipient == Contact.sealed
        )
        .correlate(Contact)
    )
    over = or_(
        Contact.given_on < (now - KEEP_CONTACT).date(),
        and_(Contact.answers_before == TOLD, ~waits),
    )
    if db.session.scalar(select(Contact.mark).where(over).limit(1)) is None:
        return 0
    begin_write()
    dropped = _forget(over)
    db.session.commit()
    return dropped


def _forget(*which: ColumnElement[bool]) -> int:
    sealed = select(Contact.sealed).where(*which)
    db.session.execute(
        delete(OutboxMessage).where(OutboxMessage.sealed, OutboxMessage.recipient.in_(sealed))
    )
    return len(db.session.scalars(delete(Contact).where(*which).returning(Contact.mark)).all())


def _today(status: ReceiptStatus, now: datetime) -> date:
    return now.astimezone(ZoneInfo(status.timezone)).date()
