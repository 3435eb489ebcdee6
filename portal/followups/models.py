"""Cases: opened by a release, handled by the office, told to the citizen by an office's answer."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey
from portal.ratings.answer_models import THEMES

WHYS = ("low", "comment")
STATES = ("open", "assigned", "resolved")
OUTCOMES = ("fixed", "logged", "explained")
EVENTS = ("assigned", "noted", "resolved", "escalated")


class FollowUp(Base):
    """One case. It holds neither the day of the rating nor the name of whom it is about.

    A trigger refuses to give it to the employee who was rated.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        ForeignKeyConstraint(
            ["agency_id", "period", "rating_id"],
            ["rating.agency_id", "rating.period", "rating.id"],
        ),
        UniqueConstraint("agency_id", "period", "rating_id"),
        CheckConstraint(f"why IN {WHYS}", name="why"),
        CheckConstraint(f"theme IN {THEMES}", name="theme"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"outcome IS NULL OR outcome IN {OUTCOMES}", name="outcome"),
        CheckConstraint("(state = 'resolved') = (outcome IS NOT NULL)", name="resolved"),
        CheckConstraint("(outcome = 'logged') = (logged_for IS NOT NULL)", name="logged_for"),
        CheckConstraint("state = 'open' OR assigned_to IS NOT NULL", name="assigned"),
        Index("ix_follow_up_office", "agency_id", "office_id", "state"),
        Index("ix_follow_up_due", "state", "due_on"),
        Index("ix_follow_up_resolved", "agency_id", "state", "resolved_on", "id"),
        Index("ix_follow_up_tally", "agency_id", "period", "office_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    period: Mapped[str] = mapped_column(String(7))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    office_id: Mapped[int] = mapped_column(BigInteger)
    why: Mapped[str] = mapped_column(String(10))
    theme: Mapped[str] = mapped_column(String(10))
    opened_on: Mapped[date]  # the day of the release, in the agency's time zone
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="open")
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str | None] = mapped_column(String(10))
    logged_for: Mapped[date | None]  # by when it will be done
    resolved_on: Mapped[date | None]
    escalated_on: Mapped[date | None]


class FollowUpEvent(Base):
    """What was done in a case: appended, never changed."""

    __tablename__ = "follow_up_event"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "follow_up_id"], ["follow_up.agency_id", "follow_up.id"]
        ),
        CheckConstraint(f"kind IN {EVENTS}", name="kind"),
        Index("ix_follow_up_event_case", "agency_id", "follow_up_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    follow_up_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text, default="")
    assigned_to: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(Integer)  # none: due work


class FollowedRelease(Base):
    """The release up to which a period's cases are open, so that none is looked through twice."""

    __tablename__ = "followed_release"
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
