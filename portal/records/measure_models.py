"""Measures of work that are nobody's opinion, as an agency brings them in from other systems."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKeyConstraint,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base

LARGEST = 1_000_000_000
MOST_MEASURES = 8  # of a quarter: what a reader can still hold side by side


class ObjectiveMeasure(Base):
    """The value of one measure ("menit per layanan") for one employee in one period.

    The fairness audit alone holds them beside the scores, in groups; no score, advice or decision
    reads them. A file of the same measure and period takes the place of what was there.
    """

    __tablename__ = "objective_measure"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("length(period) = 7", name="period"),
        CheckConstraint("length(trim(measure)) > 0", name="measure"),
        CheckConstraint("length(trim(unit)) > 0", name="unit"),
        CheckConstraint(f"value >= 0 AND value < {LARGEST}", name="value"),  # and is a number
        Index("ix_objective_measure_employee", "agency_id", "employee_id"),
    )
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    measure: Mapped[str] = mapped_column(String(60), primary_key=True)
    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    value: Mapped[float] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(String(20))
    imported_at: Mapped[datetime]
