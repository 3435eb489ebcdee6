"""Reads for the poster walk: which posters were checked this month, and what hung there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from portal.counters.models import Counter, PosterCheck
from portal.counters.page_queries import CounterRow, printable
from portal.db import db
from portal.people.queries import Scope


@dataclass(frozen=True)
class WalkRow:
    """A counter on the walk, with what was found there last."""

    counter: CounterRow
    outcome: str | None
    at: datetime | None
    found: str
    since: datetime  # the beginning of the month

    @property
    def checked(self) -> bool:
        """Whether somebody has looked this month."""
        return self.at is not None and self.at >= self.since

    @property
    def wrong(self) -> bool:
        """Whether what was found last is still to be put right."""
        return self.outcome not in {None, "good"}


def walk(scope: Scope, office_id: int, since: datetime) -> list[WalkRow]:
    """The open counters of an office, those not checked this month first."""
    latest = (
        select(PosterCheck.counter_id, func.max(PosterCheck.at).label("at"))
        .where(PosterCheck.agency_id == scope.agency_id)
        .group_by(PosterCheck.counter_id)
        .subquery()
    )
    rows = db.session.execute(
        select(PosterCheck.counter_id, PosterCheck.outcome, PosterCheck.at, PosterCheck.found)
        .join(
            latest,
            and_(latest.c.counter_id == PosterCheck.counter_id, latest.c.at == PosterCheck.at),
        )
        .where(PosterCheck.agency_id == scope.agency_id)
        .order_by(PosterCheck.id)
    )
    known: dict[int, tuple[str | None, datetime | None, str]] = {
        counter_id: (outcome, at, found) for counter_id, outcome, at, found in rows
    }
    found = []
    for counter in printable(scope, office_id):
        outcome, at, paper = known.get(counter.id, (None, None, ""))
        found.append(WalkRow(counter, outcome, at, paper, since))
    return sorted(found, key=lambda row: row.checked)


@dataclass(frozen=True)
class Unchecked:
    """An office with how many of its counters nobody has looked at this month."""

    office_id: int
    counters: int
    checked: int


def unchecked(scope: Scope, since: datetime) -> dict[int, Unchecked]:
    """By office of the scope."""
    seen = (
        select(PosterCheck.id)
        .where(
            PosterCheck.agency_id == Counter.agency_id,
            PosterCheck.counter_id == Counter.id,
            PosterCheck.at >= since,
        )
        .correlate(Counter)
        .exists()
    )
    statement = (
        select(Counter.office_id, func.count(), func.count().filter(seen))
        .where(Counter.agency_id == scope.agency_id, Counter.active)
        .group_by(Counter.office_id)
    )
    if scope.offices is not None:
        statement = statement.where(Counter.office_id.in_(scope.offices))
    return {row[0]: Unchecked(*row) for row in db.session.execute(statement)}
