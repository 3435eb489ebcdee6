"""What a release leaves for the inspector: groups of telephones, and whose ratings look odd."""

from sqlalchemy import JSON, BigInteger, Float, ForeignKeyConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base


class PhoneGroup(Base):
    """Ratings of telephones that rate the same few people, the densest group first.

    Forgotten with the telephones, 10 days after closing: it says which ratings belong together.
    """

    __tablename__ = "phone_group"
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    density: Mapped[float] = mapped_column(Float)
    ratings: Mapped[list[str]] = mapped_column(JSON)  # their ids, 32 hexadecimal digits each


class OddRatings(Base):
    """A person's ratings at an office, with how many are set aside and the sum of those fraud
    scores that are loud enough to be told (`Policy.report_above`)."""

    __tablename__ = "odd_ratings"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
    )
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    office_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    ratings: Mapped[int] = mapped_column(Integer)
    set_aside: Mapped[int] = mapped_column(Integer)
    loud: Mapped[float] = mapped_column(Float)
