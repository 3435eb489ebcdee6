"""How an office's ratings divide: by service, by channel and, of a closed period, by hour.

The rules of records.public_results, for parts of an office:

- a part is told from five ratings on, moves when five of its own have come, gone or changed, and
  its number is told in fives: neither two states of a page nor the whole less the other parts
  give one answer;
- its index is told, as a whole number, where at least three people are known to serve in it;
- hours are told once, when the period closes: until then a busy hour of the first weeks would be
  the hour of somebody who is remembered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select

from portal.counters.models import Counter, VisitTicket
from portal.db import db
from portal.ratings.models import CHANNELS
from portal.records.companions import values
from portal.records.disclosure import LEAST
from portal.records.evidence import Moment
from portal.records.office_models import OfficeParts
from portal.records.public_results import (
    LEAST_PEOPLE,
    Counted,
    by_place,
    index,
    known_people,
    moves,
)
from portal.records.reading import GONE, Evidence, Ints
from portal.records.results import Row

BY_HOUR = ("hour", "weekday_hour")
KINDS = ("service", "channel", *BY_HOUR)
# Whose form is opened at the counter, or soon after. A kiosk's and a clerk's lie open all day.
HOURLY = [CHANNELS.index(name) for name in ("poster", "display", "ticket")]
HOUR, DAY = 3600, 86_400

Part = list[Any]
Parts = dict[str, dict[str, Part]]


@dataclass(frozen=True)
class Clock:
    """Whether hours are told now, and how far the agency's clock is east of Greenwich."""

    tells: bool
    offset: int  # seconds


def told_clock(now: datetime, zone: ZoneInfo, *, tells: bool) -> Clock:
    offset = now.astimezone(zone).utcoffset() or timedelta()
    return Clock(tells, int(offset.total_seconds()))


def parts_rows(found: Counted, moment: Moment, clock: Clock) -> list[Row]:
    """The rows of `office_parts` of which some part moves with this release."""
    known = {row.office_id: row for row in _known(moment)}
    moved: dict[int, Parts] = {}
    for office, here in by_place(found.evidence.office).items():
        before = known[office].parts if office in known else {}
        after = _after(found, here, before, moment.release, clock)
        if after != before:
            moved[office] = after
    tickets = _tickets(moment, list(moved))
    return [
        {
            "agency_id": moment.agency_id,
            "period": moment.period,
            "office_id": office,
            "tickets": tickets.get(office) or (known[office].tickets if office in known else 0),
            "parts": parts,
        }
        for office, parts in moved.items()
    ]


def _known(moment: Moment) -> list[OfficeParts]:
    own = (OfficeParts.agency_id == moment.agency_id, OfficeParts.period == moment.period)
    return list(db.session.scalars(select(OfficeParts).where(*own)))


def _after(
    found: Counted, here: Ints, before: Mapping[str, Any], release: int, clock: Clock
) -> Parts:
    """All parts of an office after a release: those that do not move as they were before."""
    after = {kind: dict(before[kind]) for kind in KINDS if kind in before}
    for kind, key, rows in divided(found.evidence, here, clock):
        old = after.get(kind, {}).get(key)
        if moves(found, rows, None if old is None else (old[0], old[1])):
            after.setdefault(kind, {})[key] = [release, *figures(found, rows)]
    return after


def divided(evidence: Evidence, here: Ints, clock: Clock) -> Iterator[tuple[str, str, Ints]]:
    """Kind, key and ratings of each part of an office's ratings `here`."""
    for service, rows in by_place(evidence.service[here]).items():
        yield "service", str(service), here[rows]
    for channel, rows in by_place(evidence.channel[here]).items():
        yield "channel", CHANNELS[channel], here[rows]
    if not clock.tells:
        return
    timed = here[np.isin(evidence.channel[here], HOURLY) & (evidence.issued[here] != GONE)]
    day, second = np.divmod(evidence.issued[timed] + clock.offset, DAY)
    hour, weekday = second // HOUR, (day + 3) % 7 + 1  # ISO; day 0 was a Thursday
    for one, rows in by_place(hour).items():
        yield "hour", str(one), timed[rows]
    for one, rows in by_place(weekday * 24 + hour).items():
        yield "weekday_hour", f"{one // 24}-{one % 24:02}", timed[rows]


def figures(found: Counted, rows: Ints) -> Part:
    """Number of counted ratings of a part, their index and its interval."""
    chosen = rows[found.counted[rows]]
    if len(chosen) < LEAST or known_people(found.evidence.employee[chosen]) < LEAST_PEOPLE:
        return [len(chosen), None, None, None]
    told = index(values(found.evidence.answers[chosen]))
    return [len(chosen), *(round(end) for end in told)]


def _tickets(moment: Moment, offices: list[int]) -> dict[int, int]:
    """By office, how many tickets were handed out; none once they are forgotten."""
    if not offices:
        return {}
    rows = db.session.execute(
        select(Counter.office_id, func.count())
        .select_from(VisitTicket)
        .join(
            Counter,
            (Counter.agency_id == VisitTicket.agency_id) & (Counter.id == VisitTicket.counter_id),
        )
        .where(
            VisitTicket.agency_id == moment.agency_id,
            VisitTicket.period == moment.period,
            Counter.office_id.in_(offices),
        )
        .group_by(Counter.office_id)
    )
    return dict(rows.all())
