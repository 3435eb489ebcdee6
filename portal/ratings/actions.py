"""What is done with ratings: submit, withdraw, attribute anew."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from portal.counters.periods import last_day
from portal.counters.queries import TicketScan
from portal.db import Lasting, begin_write, db, reading, statement_engine, turn
from portal.ratings.attribution import Attribution, attribute
from portal.ratings.comments import for_inspector
from portal.ratings.contact_actions import forget_contact
from portal.ratings.forms import Submission
from portal.ratings.masking import mask
from portal.ratings.models import DeviceKey, Rating, RatingComment, Withdrawal
from portal.ratings.queries import ReceiptStatus
from portal.ratings.rude_words import is_rude
from portal.ratings.tokens import Form, Tokens


class NotDurable(Exception):
    """The database warned while committing: the standbys may not have the row."""


class TicketUsed(Exception):
    """Somebody else's form has used this ticket; their receipt is theirs."""


class TooLateToWithdraw(Exception):
    """A rating can be taken back for seven days."""


@dataclass(frozen=True)
class Acknowledged:
    """What a submission became: the receipt, and whether an earlier answer already stands."""

    receipt: str
    repeated: bool
    changed: bool


class Writer:
    """The one statement that stores a rating, made once per application."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self._statement_alone: Engine = statement_engine()
        self._transaction: Engine = db.engine.execution_options(begin="write")
        sqlite_used = db.engine.dialect.name == "sqlite"
        build = sqlite.insert(Rating) if sqlite_used else postgresql.insert(Rating)
        # The second arrival writes too (DO UPDATE, never DO NOTHING): only a write waits for
        # the standbys, so only a write may be acknowledged.
        told = (Rating.__table__.c[name] for name in ("tries", "receipt", *_ANSWERS))
        self._statement = Lasting(
            build.on_conflict_do_update(
                index_elements=["agency_id", "period", "id"],
                set_={"tries": Rating.__table__.c.tries + 1},
            ).returning(*told)
        )
        self._device_keys: dict[tuple[int, str], bytes] = {}

    def store(self, row: dict[str, Any], comment: str) -> Acknowledged:
        """Insert the row, or count the repetition; commit; only then acknowledge."""
        engine = self._transaction if comment else self._statement_alone
        with engine.connect() as connection, turn():
            warnings: list[str] = connection.info.setdefault("warnings", [])
            warnings.clear()
            stored = self._statement.run(connection, row).one()
            if comment and stored.tries == 0:
                connection.execute(insert(RatingComment), _comment_row(row, comment))
            connection.commit()
            if warnings:
                raise NotDurable(warnings[0])
        return Acknowledged(
            receipt=stored.receipt,
            repeated=stored.tries > 0,
            changed=any(getattr(stored, name) != row[name] for name in _ANSWERS),
        )

    def device_hash(self, agency_id: int, period: str, cookie: str) -> bytes:
        """The device in this period: another key each period, destroyed after closing."""
        key = self._device_keys.get((agency_id, period))
        if key is None:
            with self._statement_alone.connect() as connection, turn():
                key = _device_key(connection, agency_id, period)
            self._device_keys[agency_id, period] = key
        return hmac.new(key, cookie.encode(), hashlib.sha256).digest()[:16]


_ANSWERS = ("overall", "ramah", "cakap", "cekatan", "cause")


def _comment_row(row: dict[str, Any], comment: str) -> dict[str, Any]:
    return {
        "agency_id": row["agency_id"],
        "period": row["period"],
        "rating_id": row["id"],
        "text": comment,
        "for_inspector": for_inspector(comment),
        "rude": is_rude(comment),
    }


def _device_key(connection: Connection, agency_id: int, period: str) -> bytes:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(DeviceKey)
        .values(agency_id=agency_id, period=period, key=secrets.token_bytes(32))
        .on_conflict_do_nothing()
    )
    key: bytes = connection.execute(
        select(DeviceKey.key).where(DeviceKey.agency_id == agency_id, DeviceKey.period == period)
    ).scalar_one()
    return key


def submit_rating(
    form: Form, sent: Submission, *, device: str, language: str, now: datetime
) -> Acknowledged:
    """Store one rating exactly once, however often it is sent.

    The attribution was fixed when the form was issued; what is on duty now does not matter.
    Raises NotDurable, or the database's error, when it is not certain that the row is kept, and
    TicketUsed.
    """
    writer: Writer = current_app.extensions["rating_writer"]
    found = attribute(form.offer, sent.who)
    row = {
        **_key(form),
        **_answers(sent),
        **_attribution(found),
        "receipt": writer.tokens.receipt(form),
        "counter_id": form.counter_id,
        "code_version": form.code_version,
        "channel": form.channel,
        "service_id": sent.service_id,
        "language": language,
        "device": writer.device_hash(form.agency_id, form.period, device),
        "rated_on": _day(form, sent, now),
        "issued_at": form.issued_at,
        "received_at": now,
        "tries": 0,
    }
    kept = writer.store(row, mask(sent.comment) if sent.comment else "")
    if form.nonce and kept.repeated and not writer.tokens.is_receipt(kept.receipt, form):
        raise TicketUsed
    return kept


def rated_by_phone(ticket: TicketScan, device: str) -> bool:
    """Whether the phone with this cookie has used this ticket; of other phones it says nothing."""
    if not device:
        return False
    writer: Writer = current_app.extensions["rating_writer"]
    agency_id = ticket.place.agency_id
    mine = writer.device_hash(agency_id, ticket.period, device)
    with reading() as connection:
        found = connection.execute(
            select(Rating.device).where(
                Rating.agency_id == agency_id,
                Rating.period == ticket.period,
                Rating.id == ticket.rating_id,
            )
        ).scalar()
    return found == mine


def _key(form: Form) -> dict[str, Any]:
    return {"agency_id": form.agency_id, "period": form.period, "id": form.id}


def _answers(sent: Submission) -> dict[str, Any]:
    return {name: getattr(sent, name) for name in _ANSWERS}


def _attribution(found: Attribution) -> dict[str, Any]:
    return {
        "employee_id": found.employee_id,
        "counts_for": found.counts_for,
        "attributed_by": found.by,
    }


def _day(form: Form, sent: Submission, now: datetime) -> date:
    """The day of the visit: of the issued form, or of the shift the citizen named.

    A form opened again without network was filled in later than issued; the phone says how long
    ago by the difference of its own clock, which may be wrong, so it is kept within reason.
    """
    if sent.day.isdecimal() and int(sent.day) < len(form.days):
        return date.fromisoformat(form.days[int(sent.day)])
    zone = ZoneInfo(form.zone)
    if form.offer.kind != "spare":
        return form.issued_at.astimezone(zone).date()
    rated_at = max(now - timedelta(seconds=sent.waited), form.issued_at)
    return min(rated_at.astimezone(zone).date(), last_day(form.period))


def withdraw(status: ReceiptStatus, now: datetime) -> None:
    """Take a rating back by its receipt. Doing it twice is the same as once."""
    if not status.may_be_withdrawn(now):
        raise TooLateToWithdraw
    begin_write()
    key = {
        "agency_id": status.agency_id,
        "period": status.period,
        "rating_id": status.rating_id,
    }
    if db.session.get(Withdrawal, key) is None:
        db.session.add(Withdrawal(**key, at=now))
    try:
        forget_contact(status)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()  # a second tap at the same moment was faster
