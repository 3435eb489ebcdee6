"""Reads for the poster walk: which posters were checked this month, and what hung there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from portal.counters.models import PosterCheck
from portal.counters.page_queries import CounterRow, printable
from portal.db import db
from portal.people.queries import Scope


@dataclass(frozen=True)
class WalkRow:
    """A counter on the walk, or a desk at it, with what was found there last."""

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
        select(PosterCheck.counter_id, PosterCheck.desk, func.max(PosterCheck.at).label("at"))
        .where(PosterCheck.agency_id == scope.agency_id)
        .group_by(PosterCheck.counter_id, PosterCheck.desk)
        .subquery()
    )
    rows = db.session.execute(
        select(
            PosterCheck.counter_id,
            PosterCheck.desk,
            PosterCheck.outcome,
            PosterCheck.at,
            PosterCheck.found,
        )
        .join(
            latest,
            and_(
                latest.c.counter_id == PosterCheck.counter_id,
                latest.c.desk == PosterCheck.desk,
                latest.c.at == PosterCheck.at,
            ),
        )
        .where(PosterCheck.agency_id == scope.agency_id)
        .order_by(PosterCheck.id)
    )
    known: dict[tuple[int, str], tuple[str | None, datetime | None, str]] = {
        (counter_id, desk): (outcome, at, found) for counter_id, desk, outcome, at, found in rows
    }
    found = []
    for counter in printable(scope, office_id):
        outcome, at, paper = known.get((counter.id, counter.desk), (None, None, ""))
        found.append(WalkRow(counter, outcome, at, paper, since))
    return sorted(found, key=lambda row: row.checked)


@dataclass
class Unchecked:
    """An office with how many of its papers there are, and how many were looked at this month."""

    office_id: int
    counters: int = 0
    checked: int = 0


def unchecked(scope: Scope, since: datetime) -> dict[int, Unchecked]:
    """By office of the scope."""
    seen = {
        (counter_id, desk)
        for counter_id, desk in db.session.execute(
            select(PosterCheck.counter_id, PosterCheck.desk)
            .where(PosterCheck.agency_id == scope.agency_id, PosterCheck.at >= since)
            .distinct()
        )
    }
    found: dict[int, Unchecked] = {}
    for counter in printable(scope, None):
        office = found.setdefault(counter.office_id, Unchecked(counter.office_id))
        office.counters += 1
        office.checked += (counter.id, counter.desk) in seen
    return found
