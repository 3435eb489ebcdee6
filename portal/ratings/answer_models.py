"""Tables of what comes back to the citizen: the office's answer, and whom to tell of it."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey
from portal.ratings.models import CAUSES

TOLD = 2**31 - 1  # more answers than there can be
ANYTHING = ""  # an answer to all that was said
THEMES = (ANYTHING, *CAUSES)


class OfficeAnswer(Base):
    """What an office heard in a period, and what it did about it. A later one names the old."""

    __tablename__ = "office_answer"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        ForeignKeyConstraint(
            ["agency_id", "supersedes_id"], ["office_answer.agency_id", "office_answer.id"]
        ),
        UniqueConstraint("agency_id", "supersedes_id"),
        CheckConstraint(f"theme IN {THEMES}", name="theme"),
        CheckConstraint("length(trim(heard)) > 0", name="heard"),
        CheckConstraint("length(trim(done)) > 0", name="done"),
        Index("ix_office_answer_office", "agency_id", "office_id", "period"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    office_id: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str] = mapped_column(String(7))
    theme: Mapped[str] = mapped_column(String(10))
    heard: Mapped[str] = mapped_column(Text)
    done: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    supersedes_id: Mapped[int | None] = mapped_column(BigInteger)


class Contact(Base):
    """Where to tell a citizen that the office has answered; gone once the message has left.

    Without the keys of portal.sealing nobody can read the address, nor tell by the mark which
    receipt it belongs to. No time but the day is kept: what was answered before is known by the
    number of answers that there were. While its message waits in the outbox, with the same sealed
    address, that number is TOLD, so that it can still be taken back by the receipt.
    """

    __tablename__ = "contact"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        Index("ix_contact_office", "agency_id", "office_id", "period"),
        Index("ix_contact_given_on", "given_on"),
    )
    agency_id: Mapped[AgencyKey]
    mark: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    office_id: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str] = mapped_column(String(7))
    sealed: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(8))
    given_on: Mapped[date]
    answers_before: Mapped[int] = mapped_column(Integer)
