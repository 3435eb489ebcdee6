"""Tables of talks between supervisor and employee: a note by one, signed by the other."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey


class DialogueNote(Base):
    """What was talked about; whoever writes it signs it by writing."""

    __tablename__ = "dialogue_note"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("length(trim(text)) > 0", name="text"),
        Index("ix_dialogue_note_employee", "agency_id", "employee_id", "period"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    period: Mapped[str] = mapped_column(String(7))
    text: Mapped[str] = mapped_column(Text)
    written_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class DialogueSignature(Base):
    """The employee has read a note and says so, with a remark or without; not that they agree."""

    __tablename__ = "dialogue_signature"
    __table_args__ = (
        ForeignKeyConstraint(
            ["agency_id", "note_id"], ["dialogue_note.agency_id", "dialogue_note.id"]
        ),
    )
    agency_id: Mapped[AgencyKey]
    note_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    remark: Mapped[str] = mapped_column(Text, default="")
    signed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
