"""The table of monthly reports."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base


class OfficeReport(Base):
    """What stood about an office at the end of a month: made once, on the first working day after
    it, and the same whenever it is read again. It holds numbers, and no name."""

    __tablename__ = "office_report"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
    )
    agency_id: Mapped[AgencyKey]
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # 2026-10
    office_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    period: Mapped[str] = mapped_column(String(7))  # the quarter of its figures
    made_on: Mapped[date]
    # counted, set_aside, mean, lo, hi, served, answered: as in public_result; trend: [[quarter,
    # counted, mean, lo, hi]], the oldest first; services: [[id, number in fives, mean, lo, hi]];
    # themes: {name: number in fives} and `words`, the version of the lists; cases: {opened,
    # in_time, overdue, waiting, late}; decisions, dialogues: how many, which the document tells
    # from five on.
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
