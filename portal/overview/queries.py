"""Reads for the page of an office: stored figures of finished releases."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, select

from portal.counters.models import Counter, CounterService
from portal.db import db
from portal.people.models import Office
from portal.records.disclosure import in_fives
from portal.records.models import PublicResult
from portal.records.office_models import OfficeParts

MOST_LIKE = 12  # offices held beside this one


@dataclass(frozen=True)
class Part:
    """A service, a channel or an hour: its number in fives, and its index where that is told."""

    key: str
    number: int
    mean: int | None
    lo: int | None
    hi: int | None


@dataclass(frozen=True)
class Divided:
    """How an office's ratings divide; each list in the order of its keys."""

    tickets: int
    service: list[Part]
    channel: list[Part]
    hour: list[Part]
    weekday_hour: dict[tuple[int, int], int]  # weekday (1: Monday) and hour: number in fives


def divided(office: Office, period: str) -> Divided:
    """The parts of an office's period; empty lists where none has five ratings."""
    row = db.session.get(OfficeParts, (office.agency_id, period, office.id))
    parts = row.parts if row else {}

    def told(kind: str) -> list[Part]:
        found = parts.get(kind, {})
        return [Part(key, in_fives(n), *index) for key, (_at, n, *index) in found.items()]

    return Divided(
        tickets=row.tickets if row else 0,
        service=sorted(told("service"), key=lambda one: (-one.number, int(one.key))),
        channel=sorted(told("channel"), key=lambda one: (-one.number, one.key)),
        hour=sorted(told("hour"), key=lambda one: int(one.key)),
        weekday_hour={_cell(one.key): one.number for one in told("weekday_hour")},
    )


def _cell(key: str) -> tuple[int, int]:
    weekday, hour = key.split("-")
    return int(weekday), int(hour)


@dataclass(frozen=True)
class Like:
    """An office that does the same work, and how its interval lies beside this one's: overlaps,
    above or below."""

    code: str
    name: str
    mean: float
    lo: float
    hi: float
    beside: str


def offices_like(office: Office, own: PublicResult) -> list[Like]:
    """Offices that share at least half of all services given by either, with an index of the same
    period; by name, never by figure."""
    alike = _alike(office)
    if own.mean is None or not alike:
        return []
    rows: Any = db.session.execute(
        select(Office.code, Office.name, PublicResult.mean, PublicResult.lo, PublicResult.hi)
        .join(
            PublicResult,
            and_(PublicResult.agency_id == Office.agency_id, PublicResult.office_id == Office.id),
        )
        .where(
            Office.agency_id == office.agency_id,
            Office.id.in_(alike),
            PublicResult.period == own.period,
            PublicResult.mean.is_not(None),
        )
        .order_by(Office.name, Office.id)
        .limit(MOST_LIKE)
    )
    return [
        Like(code, name, mean, lo, hi, _beside(own, lo, hi)) for code, name, mean, lo, hi in rows
    ]


def _beside(own: PublicResult, lo: float, hi: float) -> str:
    assert own.lo is not None  # noqa: S101  with a mean there is an interval
    assert own.hi is not None  # noqa: S101
    if own.hi < lo:
        return "above"
    return "below" if hi < own.lo else "overlaps"


def _alike(office: Office) -> list[int]:
    """Offices whose services are at least half the same (Jaccard's index)."""
    given = (
        select(Counter.office_id, CounterService.service_id)
        .join(
            CounterService,
            and_(
                CounterService.agency_id == Counter.agency_id,
                CounterService.counter_id == Counter.id,
            ),
        )
        .where(Counter.agency_id == office.agency_id, Counter.active)
        .distinct()
        .subquery()
    )
    own = select(given.c.service_id).where(given.c.office_id == office.id)
    common = func.sum(case((given.c.service_id.in_(own), 1), else_=0))
    number = db.session.scalar(select(func.count()).select_from(own.subquery())) or 0
    rows = db.session.execute(
        select(given.c.office_id, func.count(), common)
        .where(given.c.office_id != office.id)
        .group_by(given.c.office_id)
        .having(common > 0)
    )
    return [one for one, all_, both in rows if 2 * both >= all_ + number - both]
