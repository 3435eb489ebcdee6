"""Reads for the citizen's pages: what became of a rating, where one can be given."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ScalarSelect, and_, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal.counters.models import CodeEvent, Counter, DeskCode, PrintedCode
from portal.counters.periods import months_after
from portal.counters.queries import DutyRow, checked_in_among
from portal.db import Lasting, db, reading
from portal.people.models import Agency, Employee, Office, public_name
from portal.ratings.answer_models import Contact, OfficeAnswer
from portal.ratings.attribution import OnDuty
from portal.ratings.models import Rating, Release, Verdict, VerdictReview, Withdrawal
from portal.sealing import marks

WITHDRAWAL = timedelta(days=7)
KEEP_RECEIPT = 13  # months after the end of the quarter


def on_duty(agency_id: int, channel: str, rows: Collection[DutyRow]) -> list[OnDuty]:
    """Duties at a counter as the attribution weighs them."""
    began: set[int] = set()
    if channel == "display":
        began = checked_in_among(agency_id, [row.id for row in rows])
    return [
        OnDuty(
            employee_id=row.employee_id,
            civil_servant=row.kind != "non_asn",
            confirmed=row.confirmed,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            checked_in=row.id in began,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class ReceiptStatus:
    """What the receipt page may say: never the answer, the person or the comment."""

    receipt: str
    agency_id: int
    period: str
    rating_id: uuid.UUID
    rated_on: date
    received_at: datetime | None  # none: blanked after closing
    timezone: str
    agency: str
    initials: str
    colour: str
    office_id: int
    office: str
    results: str  # the address of the office's public page
    has_answers: bool
    waits: bool  # for word of an answer, by mail
    state: str  # waiting, counted, set_aside, too_late, withdrawn
    reason: str  # why set aside, as a coarse class: repeated, unusual, reviewed

    @property
    def shown(self) -> tuple[object, ...]:
        """All that the page shows, the same for many receipts."""
        place = (
            self.agency,
            self.initials,
            self.colour,
            self.agency_id,
            self.office_id,
            self.office,
        )
        return (*place, self.results, self.waits, self.rated_on, self.state, self.reason)

    def may_be_withdrawn(self, now: datetime) -> bool:
        return self.received_at is not None and now - self.received_at <= WITHDRAWAL

    def has_ended(self, now: datetime) -> bool:
        """Whether it opens no more; the database forgets it within a day."""
        return receipts_ended(self.period, now.astimezone(ZoneInfo(self.timezone)).date())


def receipts_ended(period: str, today: date) -> bool:
    """Whether the receipts of a quarter open no more: 13 months after its end."""
    return today >= months_after(period, KEEP_RECEIPT)


def public_names(agency_id: int, employee_ids: Collection[int]) -> dict[int, str]:
    """What citizens read of these employees: title, first name and initial."""
    rows = db.session.execute(
        select(Employee.id, Employee.title, Employee.name).where(
            Employee.agency_id == agency_id, Employee.id.in_(employee_ids)
        )
    )
    return {one: public_name(title, name) for one, title, name in rows}


def _what_engine_said(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
    """A column of the latest verdict on the rating that stands in a finished release."""
    return (
        select(column)
        .join(
            Release,
            and_(
                Release.agency_id == Verdict.agency_id,
                Release.period == Verdict.period,
                Release.number == Verdict.release,
                Release.done_at.is_not(None),
            ),
        )
        .where(
            Verdict.agency_id == Rating.agency_id,
            Verdict.period == Rating.period,
            Verdict.rating_id == Rating.id,
        )
        .order_by(Verdict.release.desc())
        .limit(1)
        .correlate(Rating)
        .scalar_subquery()
    )


_REVIEW = (
    select(VerdictReview.weight)
    .where(
        VerdictReview.agency_id == Rating.agency_id,
        VerdictReview.period == Rating.period,
        VerdictReview.rating_id == Rating.id,
    )
    .order_by(VerdictReview.at.desc(), VerdictReview.id.desc())
    .limit(1)
    .correlate(Rating)
    .scalar_subquery()
)
_CLOSED = (
    exists()
    .where(
        Release.agency_id == Rating.agency_id,
        Release.period == Rating.period,
        Release.closes,
        Release.done_at.is_not(None),
    )
    .correlate(Rating)
)
_WITHDRAWN = (
    exists()
    .where(
        Withdrawal.agency_id == Rating.agency_id,
        Withdrawal.period == Rating.period,
        Withdrawal.rating_id == Rating.id,
    )
    .correlate(Rating)
)
_ANSWERED = (
    exists()
    .where(
        OfficeAnswer.agency_id == Rating.agency_id,
        OfficeAnswer.office_id == Office.id,
        OfficeAnswer.period == Rating.period,
    )
    .correlate(Rating, Office)
)
_STATUS = (
    select(
        Rating.receipt,
        Rating.agency_id,
        Rating.period,
        Rating.id,
        Rating.rated_on,
        Rating.received_at,
        Agency.timezone,
        Agency.name,
        Agency.initials,
        Agency.colour,
        Office.id,
        Office.name,
        Agency.code,
        Office.code,
        _ANSWERED,
        _WITHDRAWN,
        _REVIEW,
        _what_engine_said(Verdict.weight),
        _what_engine_said(Verdict.reasons),
        _CLOSED,
    )
    .join(Agency, Agency.id == Rating.agency_id)
    .join(Counter, and_(Counter.agency_id == Rating.agency_id, Counter.id == Rating.counter_id))
    .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
    .where(Rating.receipt == bindparam("receipt"))
)


@cache
def _status(marks: int) -> Lasting:
    """And whether an address is kept: each of the keys gives it another mark."""
    mine = or_(*(Contact.mark == bindparam(f"mark{number}") for number in range(marks)))
    waits = exists().where(Contact.agency_id == Rating.agency_id, mine).correlate(Rating)
    return Lasting(_STATUS.add_columns(waits))


def receipt_status(receipt: str) -> ReceiptStatus | None:
    """What became of the rating with this receipt; one of the two look-ups without an agency.

    Whether the receipt has ended is for the caller to ask.
    """
    own = {f"mark{number}": mark for number, mark in enumerate(marks(receipt))}
    with reading() as connection:
        found = _status(len(own)).run(connection, {"receipt": receipt, **own}).first()
    if found is None:
        return None
    *known, agency, office, answered, withdrawn, review, weight, reasons, closed, waits = found
    told = (f"/results/{agency}/{office}", bool(answered), bool(waits))
    fate = _state(withdrawn, review, weight, reasons or "", closed)
    fields: tuple[Any, ...] = (*known, *told, *fate)
    return ReceiptStatus(*fields)


def _state(
    withdrawn: bool, review: float | None, weight: float | None, reasons: str, closed: bool
) -> tuple[str, str]:
    if withdrawn:
        return "withdrawn", ""
    if review is not None:
        return ("counted", "") if review else ("set_aside", "reviewed")
    if weight is None:
        return ("too_late" if closed else "waiting"), ""
    if weight:
        return "counted", ""
    return "set_aside", "repeated" if "duplicate" in reasons else "unusual"


@dataclass(frozen=True)
class OpenCounter:
    """A counter that can be rated, as found from the list of offices.

    Its code never leaves the portal this way: whoever has the code has stood at the counter.
    """

    id: int
    label: str
    place: str
    code: str


def offices_with_counters(*, rated: bool = True) -> list[tuple[str, int, int, str]]:
    """Every office with a counter: agency's name, agency, office, office's name. To be rated a
    counter needs a code in force."""
    newer = aliased(PrintedCode)
    replaced = exists().where(
        newer.agency_id == PrintedCode.agency_id,
        newer.counter_id == PrintedCode.counter_id,
        newer.version > PrintedCode.version,
        ~exists().where(DeskCode.code == newer.code),
    )
    code = exists().where(
        PrintedCode.agency_id == Counter.agency_id,
        PrintedCode.counter_id == Counter.id,
        ~exists().where(DeskCode.code == PrintedCode.code),
        ~exists().where(CodeEvent.code == PrintedCode.code, CodeEvent.kind == "revoked"),
        ~replaced,
    )
    rows = db.session.execute(
        select(Agency.name, Agency.id, Office.id, Office.name)
        .join(Office, Office.agency_id == Agency.id)
        .where(
            Office.active,
            exists().where(
                Counter.agency_id == Office.agency_id,
                Counter.office_id == Office.id,
                Counter.active,
                code if rated else true(),
            ),
        )
        .order_by(Agency.name, Office.name)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def open_counters(agency_id: int, office_id: int) -> list[OpenCounter]:
    """The counters of an office that have a code in force, by label."""
    newest = (
        select(PrintedCode.counter_id, func.max(PrintedCode.version).label("version"))
        .where(
            PrintedCode.agency_id == agency_id,
            ~exists().where(DeskCode.code == PrintedCode.code),
        )
        .group_by(PrintedCode.counter_id)
        .subquery()
    )
    revoked = exists().where(CodeEvent.code == PrintedCode.code, CodeEvent.kind == "revoked")
    rows = db.session.execute(
        select(Counter.id, Counter.label, Counter.place, PrintedCode.code)
        .join(newest, newest.c.counter_id == Counter.id)
        .join(
            PrintedCode,
            and_(
                PrintedCode.agency_id == Counter.agency_id,
                PrintedCode.counter_id == Counter.id,
                PrintedCode.version == newest.c.version,
            ),
        )
        .where(
            Counter.agency_id == agency_id,
            Counter.office_id == office_id,
            Counter.active,
            ~revoked,
        )
        .order_by(Counter.label)
    )
    return [OpenCounter(row[0], row[1], row[2], row[3]) for row in rows]
