"""Reads for the page of controls: what was noticed and set aside, by office, counter and day.

The figures are those of the last release of each period, and none below LEAST is told.
"""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, case, func, select

from portal.counters.models import Counter, RefusedScan
from portal.db import db
from portal.people.models import Office
from portal.people.queries import Scope
from portal.records.coverage import LEAST
from portal.records.models import ControlCount

HONEYPOT = "honeypot"
KIOSK_PACE = "kiosk_pace"  # a kiosk asked for forms too fast: they are about nobody
FLOOD = "flood"  # noted through the day beside what a release counts; told by steps only


@dataclass(frozen=True)
class Flood:
    """A counter at which far more ratings came in an hour than usual; more than `over`."""

    office: str
    counter: str
    day: date
    over: int


@dataclass(frozen=True)
class CounterDay:
    """What the controls noticed at a counter on one day; ratings by control, scans that led to no
    form, and forms that a machine filled in."""

    office: str
    counter: str
    day: date
    noticed: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    trapped: int = 0

    @property
    def told(self) -> bool:
        """Whether there is a number that is large enough to be told."""
        return self.refused + self.trapped > 0 or any(
            number >= LEAST for number in self.noticed.values()
        )


def counter_days(scope: Scope, since: date) -> list[CounterDay]:
    """The newest day first; days on which nothing can be told are left out."""
    found: dict[tuple[int, date], CounterDay] = {}
    places = _places(scope)
    own = (
        ControlCount.agency_id == scope.agency_id,
        ControlCount.day >= since,
        ControlCount.control != FLOOD,
    )
    refused = (RefusedScan.agency_id == scope.agency_id, RefusedScan.day >= since)
    # Most counters have a few numbers each day that are too small to be told: these stay there.
    told = (
        select(ControlCount.counter_id, ControlCount.day)
        .where(*own, ControlCount.ratings >= LEAST)
        .union(select(RefusedScan.counter_id, RefusedScan.day).where(*refused))
        .subquery()
    )
    counts = (
        select(
            ControlCount.counter_id, ControlCount.day, ControlCount.control, ControlCount.ratings
        )
        .join(
            told,
            and_(told.c.counter_id == ControlCount.counter_id, told.c.day == ControlCount.day),
        )
        .where(*own)
    )
    for counter_id, day, control, ratings in db.session.execute(counts):
        if counter_id in places:
            row = found.setdefault((counter_id, day), CounterDay(*places[counter_id], day))
            row.noticed[control] = ratings
    scans = (
        select(
            RefusedScan.counter_id,
            RefusedScan.day,
            func.sum(case((RefusedScan.kind == HONEYPOT, 0), else_=RefusedScan.times)),
            func.sum(case((RefusedScan.kind == HONEYPOT, RefusedScan.times), else_=0)),
        )
        .where(*refused)
        .group_by(RefusedScan.counter_id, RefusedScan.day)
    )
    for counter_id, day, *times in db.session.execute(scans):
        if counter_id in places:
            held = found.get((counter_id, day))
            noticed = held.noticed if held else {}
            found[counter_id, day] = CounterDay(
                *places[counter_id], day, noticed, *(int(number) for number in times)
            )
    rows = [row for row in found.values() if row.told]
    return sorted(rows, key=lambda row: (-row.day.toordinal(), row.office, row.counter))


def floods(scope: Scope, since: date) -> list[Flood]:
    """Floods from a day on, the newest first."""
    rows = db.session.execute(
        select(ControlCount.counter_id, ControlCount.day, ControlCount.ratings).where(
            ControlCount.agency_id == scope.agency_id,
            ControlCount.control == FLOOD,
            ControlCount.day >= since,
        )
    ).all()
    places = _places(scope) if rows else {}
    found = [Flood(*places[at], day, over) for at, day, over in rows if at in places]
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.office, one.counter))


def totals(rows: list[CounterDay]) -> dict[str, int]:
    """Ratings by control over these days, of numbers that are told only; and of the field that
    people do not see, every time: nobody's rating is behind it."""
    found: dict[str, int] = {HONEYPOT: sum(row.trapped for row in rows)}
    for row in rows:
        for control, number in row.noticed.items():
            if number >= LEAST:
                found[control] = found.get(control, 0) + number
    return found


def _places(scope: Scope) -> dict[int, tuple[str, str]]:
    """Office and counter by id, of the offices in scope."""
    rows = db.session.execute(
        select(Counter.id, Counter.office_id, Office.name, Counter.label)
        .join(Office, (Office.agency_id == Counter.agency_id) & (Office.id == Counter.office_id))
        .where(Counter.agency_id == scope.agency_id)
    )
    return {number: (office, label) for number, at, office, label in rows if at in scope}
