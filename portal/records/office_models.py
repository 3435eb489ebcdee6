"""The table of how an office's ratings divide, for those who answer for it."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base


class OfficeParts(Base):
    """The ratings of an office's period by service, channel and, once it is closed, by hour.

    Each part moves by itself, when at least five of its own ratings have changed (see
    records.office_parts); pages tell its number in fives.
    """

    __tablename__ = "office_parts"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
    )
    agency_id: Mapped[AgencyKey]
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    office_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tickets: Mapped[int] = mapped_column(Integer)  # handed out, whether used or not
    # {kind: {key: [release, number, mean, lo, hi]}}; mean, lo and hi are whole numbers on the
    # 25-100 scale, none where they would be the score of a person. Keys: of "service" its id (0:
    # none was named), of "channel" its name, of "hour" 0-23, of "weekday_hour" 1-09 (Monday).
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
