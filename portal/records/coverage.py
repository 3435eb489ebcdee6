"""How many ratings of a counter's day name nobody; from finished releases, never small numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func

from portal.counters.periods import period_of
from portal.db import db
from portal.ratings.models import PERSON, Rating
from portal.records.evidence import (
    COUNTS_FOR,
    COUNTS_FOR_OFFICE,
    SETTLED,
    Moment,
    last_release,
    ratings_as_of,
)

LEAST = 5  # of fewer ratings nothing is told


@dataclass(frozen=True)
class Nameless:
    """The ratings of a counter on one day, and those of them that count for nobody in person."""

    ratings: int
    nameless: int

    @property
    def told(self) -> bool:
        """Enough ratings that none of them can be made out."""
        return self.ratings >= LEAST

    @property
    def few(self) -> bool:
        return 0 < self.nameless < LEAST


def nameless_ratings(
    agency_id: int, counters: Iterable[int], days: list[date]
) -> dict[tuple[int, date], Nameless]:
    """By counter and day, as the last finished release of each period left it."""
    found: dict[tuple[int, date], Nameless] = {}
    wanted = list(counters)
    for period in sorted({period_of(day) for day in days}):
        last = last_release(agency_id, period)
        if last is None or not wanted:
            continue
        moment = Moment(agency_id, period, last.number, last.started_at)
        rows = db.session.execute(
            ratings_as_of(
                moment,
                Rating.counter_id,
                Rating.rated_on,
                func.count(),
                func.sum(case((COUNTS_FOR == PERSON, 0), else_=1)),
            )
            .where(
                COUNTS_FOR_OFFICE,
                SETTLED,
                Rating.counter_id.in_(wanted),
                Rating.rated_on.in_(days),
            )
            .group_by(Rating.counter_id, Rating.rated_on)
        )
        for counter_id, day, ratings, nameless in rows:
            found[counter_id, day] = Nameless(ratings, int(nameless))
    return found
