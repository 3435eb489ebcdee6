"""That somebody has taken part in a training planned with a decision."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base


class TrainingTaken(Base):
    """A training of a plan, by its place among the plan's steps, and the day it was taken."""

    __tablename__ = "training_taken"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "decision_id"], ["decision_plan.agency_id", "decision_plan.decision_id"]
        ),
        CheckConstraint("step > 0", name="step"),
    )
    agency_id: Mapped[AgencyKey]
    decision_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    taken_on: Mapped[date]
    noted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
