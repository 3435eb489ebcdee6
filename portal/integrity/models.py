"""Tables of integrity reports. The portal keeps them sealed and cannot read them.

No row of theirs holds a moment, only days: a report cannot be laid beside a rating by its time.
"""

import uuid
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
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey

CITIZEN = "citizen"
INSPECTORATE = "inspectorate"
AUTHORS = (CITIZEN, INSPECTORATE)
EXAMINED, DISMISSED, HANDED = "examined", "dismissed", "handed"
FINDINGS = (EXAMINED, DISMISSED, HANDED)


class IntegrityKey(Base):
    """A key pair of the inspectorate; the one without `replaced_on` seals what arrives.

    The private half is wrapped under the passphrase, and gone once all was sealed anew.
    """

    __tablename__ = "integrity_key"
    agency_id: Mapped[AgencyKey]
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_on: Mapped[date]
    replaced_on: Mapped[date | None]


class IntegrityReport(Base):
    """A citizen's report about an office: who must see it, and how far it has come."""

    __tablename__ = "integrity_report"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        UniqueConstraint("agency_id", "mailbox"),
        CheckConstraint(f"last_by IN {AUTHORS}", name="last_by"),
        Index("ix_integrity_report_mailbox", "mailbox"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    office_id: Mapped[int] = mapped_column(BigInteger)
    mailbox: Mapped[bytes] = mapped_column(LargeBinary(32))  # a hash of its code
    citizen_key: Mapped[bytes] = mapped_column(LargeBinary(32))  # public
    language: Mapped[str] = mapped_column(String(8))
    received_on: Mapped[date]
    due_on: Mapped[date]  # by then the inspectorate says that it has read it
    acknowledged_on: Mapped[date | None]
    told_on: Mapped[date | None]  # the inspectorate was told that it waits
    overdue_on: Mapped[date | None]  # was found overdue, and the inspectorate told so
    closed_on: Mapped[date | None]
    last_by: Mapped[str] = mapped_column(String(12), default=CITIZEN)


class IntegrityMessage(Base):
    """Words in a mailbox. Never changed, but sealed anew for a new key of the inspectorate."""

    __tablename__ = "integrity_message"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "report_id"], ["integrity_report.agency_id", "integrity_report.id"]
        ),
        ForeignKeyConstraint(
            ["agency_id", "key_id"], ["integrity_key.agency_id", "integrity_key.id"]
        ),
        UniqueConstraint("agency_id", "report_id", "sending"),
        CheckConstraint(f"author IN {AUTHORS}", name="author"),
        CheckConstraint(
            "(author = 'inspectorate') = (for_citizen IS NOT NULL)",
            name="answers_reach_the_citizen",
        ),
    )
    agency_id: Mapped[AgencyKey]
    report_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sending: Mapped[uuid.UUID] = mapped_column(Uuid)  # the same however often it is sent
    author: Mapped[str] = mapped_column(String(12))
    written_on: Mapped[date]
    key_id: Mapped[int] = mapped_column(Integer)
    for_inspectorate: Mapped[bytes] = mapped_column(LargeBinary)
    for_citizen: Mapped[bytes | None] = mapped_column(LargeBinary)


class IntegrityOpening(Base):
    """An inspector's session with the key: one half here, the other in a cookie."""

    __tablename__ = "integrity_opening"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "key_id"], ["integrity_key.agency_id", "integrity_key.id"]
        ),
    )
    agency_id: Mapped[AgencyKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key_id: Mapped[int] = mapped_column(Integer)
    lent: Mapped[bytes] = mapped_column(LargeBinary)
    ends_at: Mapped[datetime]


class AllegationFinding(Base):
    """What an inspector did about a comment that alleges misconduct, and why; the latest holds.

    It is examined (the reason says where), dismissed, or handed to the moderators as a comment
    like any other.
    """

    __tablename__ = "allegation_finding"
    __table_args__ = (
        CheckConstraint(f"outcome IN {FINDINGS}", name="outcome"),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
        Index("ix_allegation_finding_rating", "agency_id", "period", "rating_id", "at"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    period: Mapped[str] = mapped_column(String(7))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(Integer)
