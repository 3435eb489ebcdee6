"""Tables of what is printed: long runs, the offsets of printers, label sheets of one's own."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.counters.printing.labels import Sheet
from portal.db import AgencyKey, Base, RandomKey


class PaperLook(Base):
    """How an agency's paper looks, beyond its name and colour."""

    __tablename__ = "paper_look"
    __table_args__ = (
        CheckConstraint("crest_kind IN ('svg', 'png')", name="crest_kind"),
        CheckConstraint("(crest IS NULL) = (crest_kind IS NULL)", name="crest"),
    )
    agency_id: Mapped[AgencyKey]
    # Printed beside Indonesian and English: jv, su; none where people speak neither.
    regional_language: Mapped[str | None] = mapped_column(String(2))
    crest_kind: Mapped[str | None] = mapped_column(String(3))
    crest: Mapped[bytes | None] = mapped_column(LargeBinary)


class PrintRun(Base):
    """A long print, made part by part by `portal tick` and kept for two days."""

    __tablename__ = "print_run"
    __table_args__ = (
        CheckConstraint("total > 0 AND parts > 0", name="size"),
        Index("ix_print_run_account", "account_id", "requested_at"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # Format, languages, sheet, shift, and the codes in the order in which they are printed.
    asked: Mapped[dict[str, object]] = mapped_column(JSON)
    total: Mapped[int]  # codes
    parts: Mapped[int]  # files, without the list
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(300), default="")


class PrintPart(Base):
    """One finished file of a run; number 0 is the list to tick."""

    __tablename__ = "print_part"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "run_id"], ["print_run.agency_id", "print_run.id"]),
    )
    agency_id: Mapped[AgencyKey]
    run_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    codes: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[datetime]


class Printer(Base):
    """How far a printer shifts what it prints; labels are moved back by as much."""

    __tablename__ = "printer"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        UniqueConstraint("agency_id", "office_id", "name"),
        CheckConstraint("abs(right_mm) <= 20 AND abs(down_mm) <= 20", name="shift"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    office_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    # Where the calibration page's cross came out: mm too far right and too far down.
    right_mm: Mapped[float] = mapped_column(Float)
    down_mm: Mapped[float] = mapped_column(Float)


class LabelSheet(Base):
    """A label sheet that the agency measured itself; all measures in millimetres."""

    __tablename__ = "label_sheet"
    __table_args__ = (
        UniqueConstraint("agency_id", "name"),
        CheckConstraint("columns BETWEEN 1 AND 20 AND rows BETWEEN 1 AND 50", name="grid"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    name: Mapped[str] = mapped_column(String(60))
    paper_width: Mapped[float] = mapped_column(Float)
    paper_height: Mapped[float] = mapped_column(Float)
    columns: Mapped[int]
    rows: Mapped[int]
    width: Mapped[float] = mapped_column(Float)
    height: Mapped[float] = mapped_column(Float)
    left: Mapped[float] = mapped_column(Float)
    top: Mapped[float] = mapped_column(Float)
    pitch_x: Mapped[float] = mapped_column(Float)
    pitch_y: Mapped[float] = mapped_column(Float)

    def sheet(self) -> Sheet:
        return Sheet(
            key=f"own-{self.id}",
            name=self.name,
            paper=(self.paper_width, self.paper_height),
            columns=self.columns,
            rows=self.rows,
            width=self.width,
            height=self.height,
            left=self.left,
            top=self.top,
            pitch_x=self.pitch_x,
            pitch_y=self.pitch_y,
        )
