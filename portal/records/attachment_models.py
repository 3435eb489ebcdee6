"""The table of files that employees add to what they reply or object."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey

ATTACHMENT_KINDS = ("pdf", "png", "jpeg")
ONE_PARENT = (
    "(CASE WHEN reply_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN contest_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN request_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class Attachment(Base):
    """A file with a reply, an objection or a request for review; the name it had is not kept: it
    often holds a personal number. In the database, so that every backup has it."""

    __tablename__ = "attachment"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "reply_id"], ["reply.agency_id", "reply.id"]),
        ForeignKeyConstraint(["agency_id", "contest_id"], ["contest.agency_id", "contest.id"]),
        ForeignKeyConstraint(
            ["agency_id", "request_id"], ["review_request.agency_id", "review_request.id"]
        ),
        CheckConstraint(f"kind IN {ATTACHMENT_KINDS}", name="kind"),
        CheckConstraint(ONE_PARENT, name="parent"),
        CheckConstraint("size > 0", name="size"),
        Index("ix_attachment_employee", "agency_id", "employee_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)  # whose words it belongs to
    reply_id: Mapped[int | None] = mapped_column(BigInteger)
    contest_id: Mapped[int | None] = mapped_column(BigInteger)
    request_id: Mapped[int | None] = mapped_column(BigInteger)  # of a review
    kind: Mapped[str] = mapped_column(String(4))
    size: Mapped[int] = mapped_column(Integer)  # bytes
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the content
    at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
