"""Tables of what citizens said. A rating is a fact: one row, never changed, never removed."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey

CHANNELS = ("poster", "display", "ticket", "kiosk", "assisted", "list")
CAUSES = ("person", "procedure", "facility", "system")
ELEMENTS = ("ramah", "cakap", "cekatan")
RUDE_WORDS = ("covered", "shown")
PERSON = "A"
OFFICE_ONLY = "O"


class Rating(Base):
    """One submission about one served visit.

    Its id and period are fixed when the form is issued, so every retry carries the same key.
    The exact times and the device hash are for the engine only, and are blanked when the
    period has been closed for 10 days; the receipt is emptied when it has ended.
    """

    __tablename__ = "rating"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        ForeignKeyConstraint(["agency_id", "service_id"], ["service.agency_id", "service.id"]),
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("overall BETWEEN 1 AND 4", name="overall"),
        *(
            CheckConstraint(f"{element} IS NULL OR {element} BETWEEN 1 AND 4", name=element)
            for element in ELEMENTS
        ),
        CheckConstraint(f"cause IS NULL OR cause IN {CAUSES}", name="cause"),
        CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        CheckConstraint(f"counts_for IN {(PERSON, OFFICE_ONLY)}", name="counts_for"),
        CheckConstraint("counts_for = 'O' OR employee_id IS NOT NULL", name="person_is_named"),
        Index("ix_rating_receipt", "receipt"),
        Index("ix_rating_employee", "agency_id", "period", "employee_id"),
        Index("ix_rating_counter", "agency_id", "period", "counter_id", "rated_on"),
        {"postgresql_partition_by": "RANGE (period)"},
    )
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)  # 2026-Q4
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    receipt: Mapped[str] = mapped_column(String(12))
    counter_id: Mapped[int] = mapped_column(BigInteger)
    code_version: Mapped[int | None] = mapped_column(Integer)
    channel: Mapped[str] = mapped_column(String(10))
    service_id: Mapped[int | None] = mapped_column(BigInteger)
    overall: Mapped[int] = mapped_column(SmallInteger)
    ramah: Mapped[int | None] = mapped_column(SmallInteger)
    cakap: Mapped[int | None] = mapped_column(SmallInteger)
    cekatan: Mapped[int | None] = mapped_column(SmallInteger)
    cause: Mapped[str | None] = mapped_column(String(10))
    # Whom it is about as known when the form was issued, and how; later corrections are
    # appended as attribution events.
    employee_id: Mapped[int | None] = mapped_column(BigInteger)
    attributed_by: Mapped[str] = mapped_column(String(30))
    counts_for: Mapped[str] = mapped_column(String(1))
    language: Mapped[str] = mapped_column(String(8))
    device: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    rated_on: Mapped[date]  # in the agency's time zone
    issued_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer, default=0)


class RatingComment(Base):
    """The words of a rating, already masked; erasable, with an erasure event."""

    __tablename__ = "rating_comment"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "period", "rating_id"],
            ["rating.agency_id", "rating.period", "rating.id"],
        ),
        UniqueConstraint("agency_id", "period", "key"),
        CheckConstraint(f"rude_words IN {RUDE_WORDS}", name="rude_words"),
        Index("ix_rating_comment_office", "agency_id", "period", "office_id"),
        Index("ix_rating_comment_queue", "agency_id", "moderated", "rude", "period", "key"),
        # Of the few among all that are for the inspector.
        Index(
            *("ix_rating_comment_inspector", "agency_id", "period"),
            sqlite_where=text("for_inspector = 1"),
            postgresql_where=text("for_inspector"),
        ),
    )
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    # What a moderator's pages call it by: drawn, so that it leads to nothing else of the rating.
    key: Mapped[uuid.UUID] = mapped_column(Uuid, default=uuid.uuid4)
    text: Mapped[str] = mapped_column(Text)
    # Words of money asked for or harassment: shown to the inspector only.
    for_inspector: Mapped[bool] = mapped_column(default=False)
    rude: Mapped[bool] = mapped_column(default=False)
    # Covered when a comment comes in; a moderator may let them stand.
    rude_words: Mapped[str] = mapped_column(String(8), default="covered")
    # The release with which moderators and the office may read it, and whose office; none before.
    released: Mapped[int | None] = mapped_column(Integer)
    office_id: Mapped[int | None] = mapped_column(BigInteger)
    moderated: Mapped[bool] = mapped_column(default=False)


class CommentReview(Base):
    """What a moderator did to a comment and why; never what stood below the mask."""

    __tablename__ = "comment_review"
    __table_args__ = (
        CheckConstraint(f"rude_words IN {RUDE_WORDS}", name="rude_words"),
        CheckConstraint("masked = 0 OR length(trim(reason)) > 0", name="reason"),
        Index("ix_comment_review_rating", "agency_id", "period", "rating_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    period: Mapped[str] = mapped_column(String(7))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    rude_words: Mapped[str] = mapped_column(String(8))
    masked: Mapped[int] = mapped_column(Integer)  # how many words by hand
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(Integer)


class AttributionEvent(Base):
    """A later word on whom a rating is about; the latest one holds."""

    __tablename__ = "attribution_event"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint(f"counts_for IN {(PERSON, OFFICE_ONLY)}", name="counts_for"),
        CheckConstraint("counts_for = 'O' OR employee_id IS NOT NULL", name="person_is_named"),
        Index("ix_attribution_event_rating", "agency_id", "period", "rating_id", "at", "id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    period: Mapped[str] = mapped_column(String(7))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    employee_id: Mapped[int | None] = mapped_column(BigInteger)
    counts_for: Mapped[str] = mapped_column(String(1))
    attributed_by: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(Integer)


class Withdrawal(Base):
    """The citizen took the rating back, by its receipt."""

    __tablename__ = "withdrawal"
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime]


class ErasureEvent(Base):
    """A comment was erased: that it was, when and why, without its words."""

    __tablename__ = "erasure_event"
    __table_args__ = (Index("ix_erasure_event_rating", "agency_id", "period", "rating_id"),)
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    period: Mapped[str] = mapped_column(String(7))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(Integer)


class DeviceKey(Base):
    """The random key under which device cookies are hashed in one period.

    Destroyed when the period has been closed for 10 days: after that nobody can tell whether
    two ratings came from one phone.
    """

    __tablename__ = "device_key"
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32))


class Release(Base):
    """A moment at which figures and comments that staff see move on. Counts up per period.

    Only a finished release is seen by anyone; what an unfinished one left behind is cleared
    by the next.
    """

    __tablename__ = "release"
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    local_day: Mapped[date]
    started_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    ratings: Mapped[int] = mapped_column(Integer, default=0)
    # The release that closed the period: what arrives after it is kept, but too late to count.
    closes: Mapped[bool] = mapped_column(default=False)


class Verdict(Base):
    """The engine's word on one rating: its weight and why. A new row only when it changes.

    No verdict yet means pending. `joined` is the release with which the rating first counted.
    Rows follow from ratings, which know their agency: a foreign key to look up a hundred thousand
    times a release would tell nothing more.
    """

    __tablename__ = "verdict"
    __table_args__ = (CheckConstraint("weight BETWEEN 0 AND 1", name="weight"),)
    agency_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    release: Mapped[int] = mapped_column(Integer, primary_key=True)
    joined: Mapped[int] = mapped_column(Integer)
    weight: Mapped[float] = mapped_column(Float)
    fraud_score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[str] = mapped_column(String(200), default="")
    engine: Mapped[str] = mapped_column(String(40))


class VerdictReview(Base):
    """A person's word on a rating's weight; it stands above the engine's."""

    __tablename__ = "verdict_review"
    __table_args__ = (
        Index("ix_verdict_review_rating", "agency_id", "period", "rating_id", "at", "id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    period: Mapped[str] = mapped_column(String(7))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    weight: Mapped[float] = mapped_column(Float)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(Integer)
