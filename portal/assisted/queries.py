"""Reads for those who enter ratings for others: counters, who served there, batches."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, func, select

from portal.assisted.models import BallotBatch, BallotEntry
from portal.counters.models import Counter
from portal.counters.periods import period_of
from portal.counters.queries import duties_at
from portal.db import db
from portal.people.models import Account, Agency, Office
from portal.people.queries import Scope
from portal.ratings.attribution import Candidate, Offer
from portal.ratings.queries import on_duty
from portal.ratings.tokens import Form

CHANNEL = "assisted"
# Memory fades, and quarters close: older visits are not entered any more.
DAYS_BACK = 14
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Visit:
    """A counter on a day, with those who served there: whoever enters for it chooses among them."""

    agency: Agency
    counter: Counter
    office: Office
    day: date
    served: tuple[Candidate, ...]
    names: tuple[str, ...]

    def involves(self, account: Account) -> bool:
        """Whether this account's own employee served there: then somebody else enters."""
        return any(one.employee_id == account.employee_id for one in self.served)

    def form(self, rating_id: uuid.UUID) -> Form:
        """The form that stands for one person's visit, about whomever of them is chosen."""
        noon = datetime.combine(self.day, time(12), self.agency.zone)
        return Form(
            id=rating_id,
            code="",
            agency_id=self.agency.id,
            counter_id=self.counter.id,
            code_version=None,
            channel=CHANNEL,
            period=period_of(self.day),
            zone=self.agency.timezone,
            issued_at=noon,
            offer=Offer("choose", self.served) if self.served else Offer("nobody"),
        )

    def who(self, employee_id: int | None) -> str:
        """The answer that names this employee, as the citizen's page would send it."""
        keys = [one.employee_id for one in self.served]
        return f"n{keys.index(employee_id)}" if employee_id in keys else ""


def counters_in(scope: Scope) -> list[tuple[Counter, Office]]:
    """The open counters of a scope, by office."""
    statement = (
        select(Counter, Office)
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(Counter.agency_id == scope.agency_id, Counter.active)
        .order_by(Office.name, Counter.label, Counter.id)
    )
    if scope.offices is not None:
        statement = statement.where(Counter.office_id.in_(scope.offices))
    return [(counter, office) for counter, office in db.session.execute(statement)]


def visit_at(scope: Scope, counter_id: int, day: date) -> Visit | None:
    """The counter on that day, if it is one of the scope."""
    found = next((row for row in counters_in(scope) if row[0].id == counter_id), None)
    if found is None:
        return None
    counter, office = found
    agency = db.session.get_one(Agency, scope.agency_id)
    end = datetime.combine(day, time(), agency.zone) + A_DAY
    rows = duties_at(agency.id, counter.id, end - timedelta(seconds=1), A_DAY)
    people: dict[int, tuple[Candidate, str]] = {}
    for row, duty in zip(rows, on_duty(agency.id, CHANNEL, rows), strict=True):
        known = people.get(row.employee_id)
        countable = duty.countable or (known is not None and known[0].countable)
        candidate = Candidate(row.employee_id, countable, duty.civil_servant)
        people[row.employee_id] = (candidate, row.public_name)
    ordered = sorted(people.values(), key=lambda one: one[1])
    return Visit(
        agency,
        counter,
        office,
        day,
        tuple(candidate for candidate, _name in ordered),
        tuple(name for _candidate, name in ordered),
    )


@dataclass(frozen=True)
class BatchRow:
    """A batch as listed: how many have entered it, and on which numbers they differ."""

    batch: BallotBatch
    counter: str
    office: str
    readers: tuple[int, ...]  # accounts
    differ: tuple[int, ...]

    @property
    def state(self) -> str:
        """stored, differs, agreed (and about to be stored), once (a second reader is awaited), or
        open."""
        if self.batch.stored_at is not None:
            return "stored"
        if len(self.readers) == 2:
            return "differs" if self.differ else "agreed"
        return "once" if self.readers else "open"


_BATCHES = (
    select(BallotBatch, Counter.label, Office.name, Office.id)
    .join(
        Counter,
        and_(Counter.agency_id == BallotBatch.agency_id, Counter.id == BallotBatch.counter_id),
    )
    .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
)


def batches_in(scope: Scope, since: datetime) -> list[BatchRow]:
    """The batches of a scope since a moment, the newest first."""
    statement = _BATCHES.where(
        BallotBatch.agency_id == scope.agency_id, BallotBatch.opened_at >= since
    ).order_by(BallotBatch.opened_at.desc(), BallotBatch.id)
    rows = [row for row in db.session.execute(statement) if row[3] in scope]
    return [_row(batch, label, office) for batch, label, office, _id in rows]


def batch_row(scope: Scope, batch_id: int) -> BatchRow | None:
    """One batch, if its counter is one of the scope."""
    statement = _BATCHES.where(BallotBatch.agency_id == scope.agency_id, BallotBatch.id == batch_id)
    found = db.session.execute(statement).first()
    return _row(*found[:3]) if found is not None and found[3] in scope else None


def ballots_known(agency_id: int, counter_id: int, served_on: date) -> int:
    """How many ballots of a counter and day were entered or are being entered."""
    found: int = db.session.scalars(
        select(func.coalesce(func.sum(BallotBatch.ballots), 0)).where(
            BallotBatch.agency_id == agency_id,
            BallotBatch.counter_id == counter_id,
            BallotBatch.served_on == served_on,
        )
    ).one()
    return found


def entries_of(batch: BallotBatch, account_id: int) -> dict[int, BallotEntry]:
    """By number, what this account read."""
    return {entry.number: entry for entry in _entries(batch) if entry.account_id == account_id}


def _row(batch: BallotBatch, counter: str, office: str) -> BatchRow:
    read: dict[int, dict[int, object]] = {}
    for entry in _entries(batch):
        read.setdefault(entry.account_id, {})[entry.number] = entry.read
    differ: list[int] = []
    if len(read) == 2:
        one, other = read.values()
        differ = [number for number in one if one[number] != other.get(number)]
    return BatchRow(batch, counter, office, tuple(sorted(read)), tuple(sorted(differ)))


def _entries(batch: BallotBatch) -> list[BallotEntry]:
    return list(
        db.session.scalars(
            select(BallotEntry)
            .where(BallotEntry.agency_id == batch.agency_id, BallotEntry.batch_id == batch.id)
            .order_by(BallotEntry.account_id, BallotEntry.number)
        )
    )
