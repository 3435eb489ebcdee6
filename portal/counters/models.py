"""Tables of where people are served: services, counters, printed codes, duty and its roster."""

import uuid
from datetime import date, datetime, time

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import AgencyKey, Base, RandomKey

CODE_EVENTS = ("issued", "printed", "replaced", "revoked")
# What a coordinator found where a counter's poster should hang.
POSTER_OUTCOMES = ("good", "stale", "misplaced", "foreign", "missing")
# Scans that led to no form, and forms that led to no rating, and why.
REFUSALS = (
    "stale_display",
    "ended_display",
    "used_ticket",
    "expired_ticket",
    "revoked_ticket",
    "replaced",
    "revoked",
    "closed_counter",
    "honeypot",  # a machine filled in what people do not see
    "kiosk",  # what a kiosk held was too old, or no form of its agency
)
# Who issued a ticket: a queue system, the employee one by one, or a sheet of slips in advance.
TICKET_ISSUERS = ("queue", "self", "sheet")
DUTY_EVENTS = ("planned", "confirmed", "checked_in", "checked_out", "corrected", "cancelled")
SWAP_STATES = ("asked", "agreed", "declined", "withdrawn", "confirmed", "refused")
DUTY_SOURCES = ("roster", "check_in", "correction")


class Service(Base):
    """What a citizen comes for: KTP-el, akta kelahiran."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("agency_id", "code"),)
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)


class OfficeService(Base):
    """A service's standard in one office (standar pelayanan)."""

    __tablename__ = "office_service"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        ForeignKeyConstraint(["agency_id", "service_id"], ["service.agency_id", "service.id"]),
    )
    agency_id: Mapped[AgencyKey]
    office_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    service_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    requirements: Mapped[str] = mapped_column(Text, default="")
    duration: Mapped[str] = mapped_column(String(120), default="")
    cost: Mapped[str] = mapped_column(String(120), default="")
    product: Mapped[str] = mapped_column(String(200), default="")


class Counter(Base):
    """A place where services are given. Its ratings belong to its office's agency, wherever the
    counter stands."""

    __tablename__ = "counter"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        UniqueConstraint("agency_id", "office_id", "label"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    office_id: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(String(40))  # "Loket 3"
    place: Mapped[str] = mapped_column(String(160), default="")  # building, floor
    active: Mapped[bool] = mapped_column(default=True)


class CounterService(Base):
    """A service given at a counter."""

    __tablename__ = "counter_service"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        ForeignKeyConstraint(["agency_id", "service_id"], ["service.agency_id", "service.id"]),
    )
    agency_id: Mapped[AgencyKey]
    counter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    service_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class PrintedCode(Base):
    """The opaque code in a QR. A fact: printed on paper, it can be replaced but never reused.

    The code is found without knowing the agency, so it is unique over all of them.
    """

    __tablename__ = "printed_code"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        UniqueConstraint("agency_id", "counter_id", "version"),
        CheckConstraint("length(code) = 8", name="length"),
    )
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    counter_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]


class DeskCode(Base):
    """Whose desk a printed code hangs at, where several serve at one counter. A fact.

    On paper stands the desk, never who sits there: the page names whoever the roster names.
    """

    __tablename__ = "desk_code"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("desk <> ''", name="desk"),
    )
    code: Mapped[str] = mapped_column(ForeignKey("printed_code.code"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    employee_id: Mapped[int] = mapped_column(BigInteger)
    desk: Mapped[str] = mapped_column(String(20))  # "Meja A"


class CodeEvent(Base):
    """What happened to a printed code: issued, printed under an address, replaced, revoked."""

    __tablename__ = "code_event"
    __table_args__ = (
        CheckConstraint(f"kind IN {CODE_EVENTS}", name="kind"),
        Index("ix_code_event_code", "code"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    code: Mapped[str] = mapped_column(ForeignKey("printed_code.code"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(Integer)
    # The address under which it was printed (PORTAL_PUBLIC_URL of that day).
    public_url: Mapped[str | None] = mapped_column(String(200))
    # Of a print: the kind of paper, and a digest of what it shows (printing.making.digest).
    format: Mapped[str | None] = mapped_column(String(20))
    digest: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(300), default="")


class PosterCheck(Base):
    """A coordinator stood before a counter's poster, or a desk's card, and scanned it. A fact."""

    __tablename__ = "poster_check"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        CheckConstraint(f"outcome IN {POSTER_OUTCOMES}", name="outcome"),
        Index("ix_poster_check_counter", "agency_id", "counter_id", "at"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    counter_id: Mapped[int] = mapped_column(BigInteger)
    desk: Mapped[str] = mapped_column(String(20), default="", server_default="")  # empty: poster
    outcome: Mapped[str] = mapped_column(String(10))
    found: Mapped[str] = mapped_column(String(200), default="")  # what the paper held
    at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(Integer)


DISPLAY = "display"
KIOSK = "kiosk"
DEVICE_KINDS = (DISPLAY, KIOSK)


class Device(Base):
    """A device at a counter, signed in once: a display, which shows another code each minute, or
    a kiosk, on which citizens rate.

    `code` is the first half of what a display shows: its own, so that a photo of the screen is
    worth no more than the minute, and says nothing of the printed code beside it. The forms of a
    kiosk are bound to its code.
    """

    __tablename__ = "device"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        CheckConstraint("length(code) = 8", name="length"),
        CheckConstraint(f"kind IN {DEVICE_KINDS}", name="kind"),
        Index("ix_device_code", "code"),
        Index("ix_device_pairing_hash", "pairing_hash"),
        Index("ix_device_counter", "agency_id", "counter_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    counter_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(8), default=DISPLAY)
    code: Mapped[str] = mapped_column(String(8))
    label: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    # How the screen is signed in: by a short-lived word, for a key that it alone keeps. Only
    # their hashes are here.
    pairing_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    pairing_until: Mapped[datetime | None]
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    paired_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # The number that a queue system called last at this counter.
    queue_number: Mapped[str] = mapped_column(String(12), default="")
    queue_at: Mapped[datetime | None]


class VisitTicket(Base):
    """A one-time code for one served person, without a word of who that is.

    Period and id of the rating are fixed here, so that the rating's own key lets a ticket be
    used once, also across the end of a period. Whether it was used is not written here.
    """

    __tablename__ = "visit_ticket"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "service_id"], ["service.agency_id", "service.id"]),
        # One sent again by a queue system or a double tap is the same ticket.
        UniqueConstraint("agency_id", "reference"),
        CheckConstraint("length(code) = 10", name="length"),
        CheckConstraint(f"issuer IN {TICKET_ISSUERS}", name="issuer"),
        CheckConstraint("issuer = 'queue' OR employee_id IS NOT NULL", name="employee_is_named"),
        Index("ix_visit_ticket_code", "code"),
        Index("ix_visit_ticket_shift", "agency_id", "counter_id", "served_on"),
        Index("ix_visit_ticket_sheet", "agency_id", "sheet_id"),
    )
    agency_id: Mapped[AgencyKey]
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    counter_id: Mapped[int] = mapped_column(BigInteger)
    employee_id: Mapped[int | None] = mapped_column(BigInteger)
    service_id: Mapped[int | None] = mapped_column(BigInteger)
    issuer: Mapped[str] = mapped_column(String(10))
    served_on: Mapped[date]  # in the agency's time zone; of a sheet, the day it was made
    period: Mapped[str] = mapped_column(String(7))
    rating_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(Integer)
    integration_id: Mapped[int | None] = mapped_column(BigInteger)
    sheet_id: Mapped[int | None] = mapped_column(BigInteger)  # slips that were made together
    reference: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # a hash of it


class ServedCount(Base):
    """How many people an employee served at a counter on a day, from the office's own register,
    where no queue system tells."""

    __tablename__ = "served_count"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("people BETWEEN 0 AND 2000", name="people"),
    )
    agency_id: Mapped[AgencyKey]
    counter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    employee_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    people: Mapped[int] = mapped_column(Integer)


class Integration(Base):
    """A queue system that may issue tickets for the counters of an office and all below it."""

    __tablename__ = "integration"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    office_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(80))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RefusedScan(Base):
    """How often a day something at a counter led to no form or no rating: a number, nobody."""

    __tablename__ = "refused_scan"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        CheckConstraint(f"kind IN {REFUSALS}", name="kind"),
    )
    agency_id: Mapped[AgencyKey]
    counter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)  # in the agency's time zone
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    times: Mapped[int] = mapped_column(Integer, default=0)


class Duty(Base):
    """Employee at counter from-to: the state that the events of this duty add up to."""

    __tablename__ = "duty"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        CheckConstraint(f"source IN {DUTY_SOURCES}", name="source"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="order"),
        Index("ix_duty_counter", "agency_id", "counter_id", "starts_at"),
        Index("ix_duty_employee", "agency_id", "employee_id", "starts_at"),
        Index("ix_duty_ends_at", "ends_at"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    counter_id: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]  # none: still there
    source: Mapped[str] = mapped_column(String(20))
    # By a coordinator, or by a check-in that agrees with a confirmed roster. An unconfirmed
    # duty makes ratings count for the office only.
    confirmed: Mapped[bool] = mapped_column(default=False)
    cancelled: Mapped[bool] = mapped_column(default=False)


class DutyEvent(Base):
    """A fact about a duty; `duty` can be rebuilt from these."""

    __tablename__ = "duty_event"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "counter_id"], ["counter.agency_id", "counter.id"]),
        CheckConstraint(f"kind IN {DUTY_EVENTS}", name="kind"),
        Index("ix_duty_event_duty", "agency_id", "duty_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    duty_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    employee_id: Mapped[int] = mapped_column(BigInteger)
    counter_id: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(300), default="")


class ShiftPattern(Base):
    """A named shift of an office, or of all offices of the agency: Pagi, 08.00-12.00."""

    __tablename__ = "shift_pattern"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "office_id"], ["office.agency_id", "office.id"]),
        CheckConstraint("ends_at > starts_at OR ends_at = '00:00:00.000000'", name="order"),
        Index("ix_shift_pattern_office", "agency_id", "office_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    office_id: Mapped[int | None] = mapped_column(BigInteger)  # none: the whole agency
    name: Mapped[str] = mapped_column(String(40))
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    active: Mapped[bool] = mapped_column(default=True)


class Leave(Base):
    """A time for which an employee is away: whole days, or half a one. Why is nobody's business
    here, so it is not kept."""

    __tablename__ = "leave"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint("ends_on >= starts_on", name="order"),
        CheckConstraint(
            "from_time IS NULL OR to_time IS NULL OR ends_on > starts_on OR to_time > from_time",
            name="times",
        ),
        Index("ix_leave_employee", "agency_id", "employee_id", "ends_on"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    employee_id: Mapped[int] = mapped_column(BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # the last day away
    from_time: Mapped[time | None]  # away from then on the first day; none: from its beginning
    to_time: Mapped[time | None]  # away until then on the last day; none: until its end
    cancelled: Mapped[bool] = mapped_column(default=False)


class SwapRequest(Base):
    """An employee asks a colleague to take a duty, or to exchange it for one of theirs.

    State: what follows from it for the duties is appended there as events.
    """

    __tablename__ = "swap_request"
    __table_args__ = (
        ForeignKeyConstraint(["agency_id", "duty_id"], ["duty.agency_id", "duty.id"]),
        ForeignKeyConstraint(["agency_id", "return_duty_id"], ["duty.agency_id", "duty.id"]),
        ForeignKeyConstraint(["agency_id", "employee_id"], ["employee.agency_id", "employee.id"]),
        ForeignKeyConstraint(["agency_id", "colleague_id"], ["employee.agency_id", "employee.id"]),
        CheckConstraint(f"state IN {SWAP_STATES}", name="state"),
        CheckConstraint("colleague_id <> employee_id", name="two_people"),
        # One duty is offered to one colleague at a time.
        Index(
            "uq_swap_request_open",
            "agency_id",
            "duty_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'agreed')"),
            postgresql_where=text("state IN ('asked', 'agreed')"),
        ),
        Index("ix_swap_request_employee", "agency_id", "employee_id"),
        Index("ix_swap_request_colleague", "agency_id", "colleague_id"),
    )
    agency_id: Mapped[AgencyKey]
    id: Mapped[RandomKey]
    duty_id: Mapped[int] = mapped_column(BigInteger)
    employee_id: Mapped[int] = mapped_column(BigInteger)  # who asks
    colleague_id: Mapped[int] = mapped_column(BigInteger)  # who is asked
    return_duty_id: Mapped[int | None] = mapped_column(BigInteger)  # the colleague's, in return
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(300), default="")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(300), default="")  # of a refusal
