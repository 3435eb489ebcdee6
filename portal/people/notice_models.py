"""Tables of how people are told: when they want mail, what waits for it, calls to make."""

from datetime import datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey

PACES = ("at_once", "daily", "weekly")


class MailChoice(Base):
    """When somebody wants to be told; without a row: at once, at any hour."""

    __tablename__ = "mail_choice"
    __table_args__ = (
        CheckConstraint(f"pace IN {PACES}", name="pace"),
        CheckConstraint(
            "(quiet_from IS NULL AND quiet_until IS NULL) OR "
            "(quiet_from IS NOT NULL AND quiet_until IS NOT NULL AND quiet_from <> quiet_until)",
            name="quiet",
        ),
    )
    agency_id: Mapped[AgencyKey]
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    pace: Mapped[str] = mapped_column(String(8), default="at_once")
    # Local hours without mail, over midnight where the first is the later one.
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]


class Notice(Base):
    """Something to be told in the next digest of an account; gone with it."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_due", "due_at"),)
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    subject: Mapped[str] = mapped_column(String(200))
    path: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    due_at: Mapped[datetime]


class WebhookCall(Base):
    """An event to be told to the agency's own system: what kind and where; gone once told."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        UniqueConstraint("agency_id", "kind", "path", "at"),
        Index("ix_webhook_call_due", "due_at"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    kind: Mapped[str] = mapped_column(String(40))
    path: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0)
