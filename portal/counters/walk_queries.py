"""Reads for the poster walk: which posters were checked this month, and what hung there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from portal.counters.models import PosterCheck
from portal.counters.page_queries import CounterRow, papers, printable
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
    counters = printable(scope, office_id)
    here = and_(
        PosterCheck.agency_id == scope.agency_id,
        PosterCheck.counter_id.in_({counter.id for counter in counters}),
    )
    latest = (
        select(PosterCheck.counter_id, PosterCheck.desk, func.max(PosterCheck.at).label("at"))
        .where(here)
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
        .where(here)
        .order_by(PosterCheck.id)
    )
    known: dict[tuple[int, str], tuple[str | None, datetime | None, str]] = {
        (counter_id, desk): (outcome, at, found) for counter_id, desk, outcome, at, found in rows
    }
    found = []
    for counter in counters:
        outcome, at, paper = known.get((counter.id, counter.desk), (None, None, ""))
        found.append(WalkRow(counter, outcome, at, paper, since))
    return sorted(found, key=lambda row: row.checked)


@dataclass(frozen=True)
class Unchecked:
    """An office with how many of its papers there are, and how many were looked at this month."""

    office_id: int
    counters: int
    checked: int


def unchecked(scope: Scope, since: datetime) -> dict[int, Unchecked]:
    """By office of the scope."""
    return {row[0]: Unchecked(*row) for row in db.session.execute(papers(scope, since))}
