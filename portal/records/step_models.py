"""That a step of a plan which is no training was done."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base


class StepDone(Base):
    """A step, by its place among the plan's steps, the day it was done and what is said of it."""

    __tablename__ = "step_done"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "decision_id"], ["decision_plan.agency_id", "decision_plan.decision_id"]
        ),
        CheckConstraint("step > 0", name="step"),
    )
    agency_id: Mapped[AgencyKey]
    decision_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    done_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    noted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
