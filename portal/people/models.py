"""Tables of who there is: agency, office, employee, account, and what they were told and did."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from flask_security import UserMixin
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import AgencyKey, Base, RandomKey

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
EMPLOYEE_KINDS = ("pns", "pppk", "non_asn")
OFFICE_KINDS = ("badan", "dinas", "kecamatan", "kelurahan", "upt", "mpp", "bagian", "other")


class Agency(Base):
    """One government: the tenant."""

    __tablename__ = "agency"
    __table_args__ = (
        CheckConstraint(f"timezone IN {ZONES}", name="timezone"),
        CheckConstraint("closes_at > opens_at", name="hours"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    initials: Mapped[str] = mapped_column(String(4))
    colour: Mapped[str] = mapped_column(String(7), default="#0b5cad")
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Jakarta")
    opens_at: Mapped[time] = mapped_column(default=time(8, 0))
    closes_at: Mapped[time] = mapped_column(default=time(16, 0))
    # ISO weekdays, Monday = 1, such as "12345".
    working_days: Mapped[str] = mapped_column(String(7), default="12345")
    # Where a citizen reports that money was asked for: WBS or SP4N-LAPOR.
    report_name: Mapped[str] = mapped_column(String(80), default="SP4N-LAPOR!")
    report_url: Mapped[str] = mapped_column(String(300), default="https://www.lapor.go.id")
    release_at: Mapped[time] = mapped_column(default=time(2, 0))
    # One to try things in (the demo): ratings are taken at any hour, whatever the hours say.
    trial: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Holiday(Base):
    """A day on which the agency's counters are closed, or open for other hours than usual."""

    __tablename__ = "holiday"
    __table_args__ = (
        CheckConstraint(
            "(opens_at IS NULL AND closes_at IS NULL) "
            "OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND closes_at > opens_at)",
            name="hours",
        ),
    )
    agency_id: Mapped[AgencyKey]
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    # Both or none; none: closed all day.
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]


class Office(Base):
    """A node of the agency's tree."""

    __tablename__ = "office"
    __table_args__ = (
        UniqueConstraint("agency_id", "code"),
        ForeignKeyConstraint(["agency_id", "parent_id"], ["office.agency_id", "office.id"]),
        CheckConstraint(f"kind IN {OFFICE_KINDS}", name="kind"),
        Index("ix_office_below", "agency_id", "parent_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(20), default="dinas")
    address: Mapped[str] = mapped_column(String(300), default="")
    active: Mapped[bool] = mapped_column(default=True)


class Employee(Base):
    """A person who serves. The NIP or NI PPPK says birth date and sex: shown masked, only inside.

    Non-ASN staff have no number; their ratings count for the office only.
    """

    __tablename__ = "employee"
    __table_args__ = (
        UniqueConstraint("agency_id", "nip"),
        CheckConstraint(f"kind IN {EMPLOYEE_KINDS}", name="kind"),
        CheckConstraint("(kind = 'non_asn') = (nip IS NULL)", name="nip_of_asn"),
        CheckConstraint("nip IS NULL OR length(nip) = 18", name="nip_length"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    title: Mapped[str] = mapped_column(String(20), default="")  # Ibu, Bapak
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(10), default="pns")
    nip: Mapped[str | None] = mapped_column(String(18))
    job: Mapped[str] = mapped_column(String(120), default="")
    active: Mapped[bool] = mapped_column(default=True)

    @property
    def public_name(self) -> str:
        """What a citizen at the counter reads: title, first name and initial."""
        return public_name(self.title, self.name)

    @property
    def masked_nip(self) -> str:
        """The last three digits only: enough to tell two namesakes apart."""
        return f"••••{self.nip[-3:]}" if self.nip else "–"

    @property
    def civil_servant(self) -> bool:
        return self.kind != "non_asn"


def public_name(title: str, name: str) -> str:
    """Title, first name, and the initial of the last: Ibu Sari W."""
    first, *rest = name.split()
    parts = [title, first, f"{rest[-1][0]}." if rest else ""]
    return " ".join(part for part in parts if part)


class Employment(Base):
    """An employee's place in an office, from a day to a day."""

    __tablename__ = "employment"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        UniqueConstraint("agency_id", "employee_id", "office_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="order"),
        Index("ix_employment_office", "agency_id", "office_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    office_id: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class Account(Base, UserMixin):
    """Someone who signs in; an employee's account names the employee."""

    __tablename__ = "account"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        UniqueConstraint("agency_id", "employee_id"),
    )
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    employee_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    # Flask-Security signs a person out everywhere when this changes.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    # The language for mail; pages follow link, cookie and browser.
    language: Mapped[str] = mapped_column(String(2), default="id")

    agency: Mapped[Agency] = relationship(lazy="joined", innerjoin=True)
    grants: Mapped[list["RoleGrant"]] = relationship(lazy="selectin", viewonly=True)

    @property
    def role_names(self) -> set[str]:
        return {grant.role for grant in self.grants if grant.ended_at is None}


class RoleGrant(Base):
    """A role of an account in an office and all below it; no office means the whole agency."""

    __tablename__ = "role_grant"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        Index("ix_role_grant_account", "account_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(30))
    office_id: Mapped[int | None] = mapped_column(BigInteger)
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AuditEvent(Base):
    """A privileged act: appended, never changed. Holds no personal number and no rating."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "agency_id", "at"),
        Index("ix_audit_event_account", "agency_id", "account_id", "at"),
        Index("ix_audit_event_subject", "agency_id", "subject", "at"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(Integer)  # none: the command line
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80), default="")
    detail: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)


class AuditSeal(Base):
    """A day's end in the audit log: a digest of the acts since the seal before, and of that one.
    Whoever changes an act, or adds one to the past, must change every seal since, also those that
    somebody has written down."""

    __tablename__ = "audit_seal"
    agency_id: Mapped[AgencyKey]
    until: Mapped[datetime] = mapped_column(primary_key=True)  # acts before it
    acts: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256, in hexadecimal


class SavedView(Base):
    """A list with its filters, kept under a name by whoever reads it. Holds no text of a search:
    that may be somebody's name."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("agency_id", "account_id", "name"),
        CheckConstraint("length(trim(name)) > 0", name="name"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(60))
    endpoint: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(400))


class OutboxMessage(Base):
    """A mail to be sent by `portal tick`; written in the transaction that gives cause to it."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "sent_at", "due_at"),)
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    recipient: Mapped[str] = mapped_column(String(254))
    # The recipient is a citizen's address that only portal.sealing reads; gone when it was sent.
    sealed: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
