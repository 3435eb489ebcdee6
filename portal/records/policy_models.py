"""Tables of policy versions on their way: proposed by one, answered by another."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey

POLICY_ANSWERS = ("approved", "returned", "withdrawn")


class ProposedPolicy(Base):
    """Thresholds that somebody wants in place of a version; in force only once approved.

    From the second version on, the database takes no policy without an approved proposal of the
    same thresholds (trigger `policy_second_person`).
    """

    __tablename__ = "proposed_policy"
    __table_args__ = (
        UniqueConstraint("agency_id", "id", "proposed_by"),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
        Index("ix_proposed_policy_version", "agency_id", "based_on"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    based_on: Mapped[int] = mapped_column(Integer)  # the version in force; 0: the shipped one
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]


class PolicyAnswer(Base):
    """The last word on a proposed policy: of a second person, or of who takes it back."""

    __tablename__ = "policy_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "proposal_id", "proposed_by"],
            [f"proposed_policy.{name}" for name in ("agency_id", "id", "proposed_by")],
            name="fk_policy_answer_proposal",
        ),
        CheckConstraint(f"outcome IN {POLICY_ANSWERS}", name="outcome"),
        CheckConstraint(
            "(answered_by = proposed_by) = (outcome = 'withdrawn')", name="second_person"
        ),
        CheckConstraint("outcome = 'approved' OR length(trim(reason)) > 0", name="reason"),
    )
    agency_id: Mapped[AgencyKey]
    proposal_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    proposed_by: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
