"""Paper ballots on their way into the portal: a batch, and what each of two people read on it."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey
from portal.ratings.models import CAUSES

MOST_BALLOTS = 50


class BallotBatch(Base):
    """Ballots of one counter and day, numbered by hand from 1 on."""

    __tablename__ = "ballot_batch"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        CheckConstraint(f"ballots BETWEEN 1 AND {MOST_BALLOTS}", name="ballots"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    counter_id: Mapped[int] = mapped_column(BigInteger)
    served_on: Mapped[date]
    ballots: Mapped[int] = mapped_column(Integer)
    language: Mapped[str] = mapped_column(String(8), default="id")  # of the printed sheets
    opened_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]


class BallotEntry(Base):
    """What one of the two read on one ballot; removed a month after the batch was stored."""

    __tablename__ = "ballot_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "batch_id"], ["ballot_batch.agency_id", "ballot_batch.id"]
        ),
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("overall IS NULL OR overall BETWEEN 1 AND 4", name="overall"),
        CheckConstraint(f"cause IS NULL OR cause IN {CAUSES}", name="cause"),
    )
    agency_id: Mapped[AgencyKey]
    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    overall: Mapped[int | None] = mapped_column(SmallInteger)  # none: no face was marked, or two
    cause: Mapped[str | None] = mapped_column(String(10))
    employee_id: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def read(self) -> tuple[int | None, str | None, int | None]:
        """What must be the same for both."""
        return self.overall, self.cause, self.employee_id
