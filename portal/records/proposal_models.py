"""Tables of decisions on their way: drafts, proposals that wait for a second person, plans."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey
from portal.records.models import DECISIONS

AWARDS = ("", "letter", "employee_of_quarter", "training", "other")


class DecisionDraft(Base):
    """What somebody is writing: only its author sees it, and it goes when it is decided."""

    __tablename__ = "decision_draft"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
    )
    agency_id: Mapped[AgencyKey]
    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    # The fields of the form as they were typed, complete or not: {name: text}.
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_at: Mapped[datetime]


class ProposedDecision(Base):
    """A decision that asks for a second person; approved, it becomes the decision of its id.

    The evidence is frozen when it is proposed. Nobody but those who may decide sees it.
    """

    __tablename__ = "proposed_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "run_id", "employee_id"],
            ["score.agency_id", "score.run_id", "score.employee_id"],
        ),
        ForeignKeyConstraint(["agency_id", "supersedes_id"], ["decision.agency_id", "decision.id"]),
        UniqueConstraint("agency_id", "id", "proposed_by"),
        CheckConstraint(f"kind IN {DECISIONS}", name="kind"),
        CheckConstraint("length(trim(reason)) > 0", name="reason"),
        CheckConstraint(
            "NOT against_advice OR length(trim(second_reason)) > 0", name="second_reason"
        ),
        CheckConstraint(f"award IN {AWARDS}", name="award"),
        Index("ix_proposed_decision_employee", "agency_id", "employee_id", "period"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str] = mapped_column(String(7))
    run_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    against_advice: Mapped[bool]
    second_reason: Mapped[str] = mapped_column(Text, default="")
    evidence_digest: Mapped[str] = mapped_column(String(64))
    award: Mapped[str] = mapped_column(String(20), default="")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    supersedes_id: Mapped[int | None] = mapped_column(BigInteger)


class ProposalAnswer(Base):
    """The last word on a proposal: the second person approves or returns it, or who proposed takes
    it back."""

    __tablename__ = "proposal_answer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "proposal_id", "proposed_by"],
            [f"proposed_decision.{name}" for name in ("agency_id", "id", "proposed_by")],
            name="fk_proposal_answer_proposal",
        ),
        CheckConstraint("(answered_by = proposed_by) = withdrawn", name="second_person"),
        CheckConstraint("NOT (approved AND withdrawn)", name="withdrawn"),
        CheckConstraint("approved OR length(trim(reason)) > 0", name="reason"),
    )
    agency_id: Mapped[AgencyKey]
    proposal_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    proposed_by: Mapped[int]
    approved: Mapped[bool]
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    reason: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class DecisionPlan(Base):
    """What was planned with a decision: the kind of award, or the steps of guidance with days."""

    __tablename__ = "decision_plan"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "decision_id"], ["decision.agency_id", "decision.id"]),
        CheckConstraint(f"award IN {AWARDS}", name="award"),
    )
    agency_id: Mapped[AgencyKey]
    decision_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    award: Mapped[str] = mapped_column(String(20), default="")
    # In order: {"what": text, "until": ISO day}, and "training": true where it is one.
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
