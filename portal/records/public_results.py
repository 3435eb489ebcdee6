"""What the public reads of an office, made in a release from the evidence that everybody reads.

Nothing that is kept here could unmask a citizen or judge a person:

- no figure speaks of fewer than five ratings, and the parts of a whole are told in fives;
- a result moves only when at least five ratings have come, gone or changed since the last one, so
  that comparing two states of a page gives the sum of a group, never one answer;
- nothing is told by service, day or counter, nor summed over offices or quarters: there is no
  total from which a hidden part could be taken away;
- where fewer than three people are known to serve, the index would be the score of a person: then
  only numbers, and causes that are nobody's, are told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

import numpy as np
from sqlalchemy import Integer, and_, case, func, select

from portal.counters.models import Counter, ServedCount, VisitTicket
from portal.counters.periods import first_day, last_day
from portal.db import db
from portal.ratings.models import ELEMENTS, Rating
from portal.records.appraisal import POINTS
from portal.records.companions import values
from portal.records.disclosure import LEAST, in_fives
from portal.records.evidence import COUNTS_FOR_OFFICE, Moment, ratings_as_of
from portal.records.models import PublicResult
from portal.records.reading import CAUSES, Evidence, Flags, Floats, Ints
from portal.records.results import Row

LEAST_PEOPLE = 3  # each with LEAST ratings: else the index is the score of a person
Z95 = 1.959964
# One imagined answer for each face: few ratings never look certain.
PRIOR = np.arange(1, POINTS + 1) * (100 / POINTS)

Days = dict[tuple[int, date], int]  # by counter and day


@dataclass(frozen=True)
class Counted:
    """What stands after a release, parallel to the evidence.

    `joined`: the release with which a rating first took part; `judged`: those that have a verdict
    and were not withdrawn; `counted`: those of them that count for the office.
    """

    evidence: Evidence
    joined: Any
    judged: Flags
    counted: Flags


def public_rows(found: Counted, moment: Moment, day: date, *, closes: bool) -> list[Row]:
    """The rows of `public_result` that move with this release, for offices with enough ratings."""
    known = {row.office_id: row for row in _known(moment)}
    ratings = by_place(found.evidence.office)
    due = [office for office, here in ratings.items() if _due(found, here, known.get(office))]
    served = served_of(moment, due)
    return [
        {
            "agency_id": moment.agency_id,
            "period": moment.period,
            "office_id": office,
            "release": moment.release,
            "local_day": day,
            "final": closes,
            **figures_of(found, ratings[office]),
            **served.get(office, {"served": None, "answered": None}),
        }
        for office in due
    ]


def by_place(names: Ints) -> dict[int, Ints]:
    """Where each name stands: sorted once, not sought for each."""
    order = np.argsort(names, kind="stable")
    names, first = np.unique(names[order], return_index=True)
    parts = np.split(order, first[1:]) if len(order) else []
    return dict(zip(names.tolist(), parts, strict=True))


def _known(moment: Moment) -> list[PublicResult]:
    return list(
        db.session.scalars(
            select(PublicResult).where(
                PublicResult.agency_id == moment.agency_id, PublicResult.period == moment.period
            )
        )
    )


def _due(found: Counted, here: Ints, known: PublicResult | None) -> bool:
    return moves(found, here, None if known is None else (known.release, known.counted))


def moves(found: Counted, here: Ints, known: tuple[int, int] | None) -> bool:
    """Whether enough of some ratings have changed since what is known of them: the release that
    it comes from, and how many counted then."""
    counted = here[found.counted[here]]
    number = len(counted)
    if known is None or number < LEAST:
        return number >= LEAST
    release, before = known
    added = int((found.joined[counted] > release).sum())
    return added + abs(before + added - number) >= LEAST


def figures_of(found: Counted, here: Ints) -> Row:
    """What is told of an office, from what stands about its ratings after a release."""
    chosen = found.evidence.select(here[found.counted[here]])
    people = known_people(chosen.employee) >= LEAST_PEOPLE
    aside = int((found.judged[here] & ~found.counted[here]).sum())
    mean, lo, hi = index(values(chosen.answers)) if people else (None, None, None)
    return {
        "counted": len(chosen),
        "set_aside": aside if aside == 0 or aside >= LEAST else None,
        "mean": mean,
        "lo": lo,
        "hi": hi,
        "figures": {
            "faces": _faces(chosen) if people else [],
            "elements": _elements(chosen) if people else {},
            "causes": _causes(chosen, people=people),
        },
    }


def known_people(employees: Ints) -> int:
    """How many people at least five of some ratings are each about; 0 stands for nobody."""
    _people, number = np.unique(employees[employees > 0], return_counts=True)
    return int((number >= LEAST).sum())


def index(ratings: Floats) -> tuple[float, float, float]:
    """The mean of ratings on the 25-100 scale and its 95 % interval, as told: to one decimal.

    The interval is that of the mean with one more rating of each face (the idea of Agresti and
    Coull 1998, who add two successes and two failures to a proportion): it holds the mean even
    where all are equal, and vanishes into the usual one as ratings grow in number.
    """
    wide = np.concatenate([ratings, PRIOR])
    half = Z95 * float(wide.std()) / sqrt(len(wide))
    mean, centre = float(ratings.mean()), float(wide.mean())
    lo, hi = max(centre - half, 25.0), min(centre + half, 100.0)
    return round(mean, 1), round(min(lo, mean), 1), round(max(hi, mean), 1)


def _faces(chosen: Evidence) -> list[int]:
    """How many chose each face, from the worst, in fives: from the number of all ratings no small
    class can then be worked out."""
    number = np.bincount(chosen.answers[:, 0].astype(np.int64), minlength=POINTS + 1)[1:]
    return [in_fives(int(count)) for count in number]


def _elements(chosen: Evidence) -> dict[str, list[float]]:
    told: dict[str, list[float]] = {}
    for place, name in enumerate(ELEMENTS, 1):
        answers = chosen.answers[:, place]
        given: Floats = answers[answers > 0].astype(np.float64) * (100 / POINTS)
        if len(given) >= LEAST:
            told[name] = [len(given), *index(given)]
    return told


def _causes(chosen: Evidence, *, people: bool) -> dict[str, int]:
    """How often each cause was named, in fives; the person as a cause is not told where everybody
    knows which."""
    number = np.bincount(chosen.cause, minlength=len(CAUSES))
    return {
        name: in_fives(int(number[place]))
        for place, name in enumerate(CAUSES)
        if name and number[place] >= LEAST and (people or name != "person")
    }


def served_of(moment: Moment, offices: list[int]) -> dict[int, Row]:
    """By office: people served on the counters' days of which it is known, and who rated then."""
    if not offices:
        return {}
    known = _known_days(moment, offices)
    if not known:
        return {}
    counters = {counter for counter, _day in known}
    rows = db.session.execute(
        ratings_as_of(moment, Rating.counter_id, Rating.rated_on, func.count())
        .where(COUNTS_FOR_OFFICE, Rating.counter_id.in_(counters))
        .group_by(Rating.counter_id, Rating.rated_on)
    )
    rated: Days = {(counter, day): number for counter, day, number in rows}
    places = db.session.execute(
        select(Counter.id, Counter.office_id).where(
            Counter.agency_id == moment.agency_id, Counter.id.in_(counters)
        )
    )
    return _by_office(dict(places.all()), known, rated)


def _by_office(places: Mapping[int, int], known: Days, rated: Days) -> dict[int, Row]:
    totals: dict[int, list[int]] = {}
    for (counter, day), people in known.items():
        total = totals.setdefault(places[counter], [0, 0])
        total[0] += people
        total[1] += min(rated.get((counter, day), 0), people)
    return {
        office: {"served": served, "answered": answered}
        for office, (served, answered) in totals.items()
        if answered >= LEAST
    }


def _known_days(moment: Moment, offices: list[int]) -> Days:
    """People served by counter and day: as the queue system knows it, or the office's register,
    whichever saw more of them."""
    found: Days = {}
    at_counter = and_(Counter.agency_id == moment.agency_id, Counter.office_id.in_(offices))
    finished = func.sum(case((VisitTicket.finished_at.is_not(None), 1), else_=0), type_=Integer)
    queue = (
        select(VisitTicket.counter_id, VisitTicket.served_on, finished)
        .join(Counter, and_(at_counter, Counter.id == VisitTicket.counter_id))
        .where(
            VisitTicket.agency_id == moment.agency_id,
            VisitTicket.period == moment.period,
            VisitTicket.issuer == "queue",
        )
        .group_by(VisitTicket.counter_id, VisitTicket.served_on)
    )
    register = (
        select(ServedCount.counter_id, ServedCount.day, func.sum(ServedCount.people))
        .join(Counter, and_(at_counter, Counter.id == ServedCount.counter_id))
        .where(
            ServedCount.agency_id == moment.agency_id,
            ServedCount.day.between(first_day(moment.period), last_day(moment.period)),
        )
        .group_by(ServedCount.counter_id, ServedCount.day)
    )
    for query in (queue, register):
        for counter, day, people in db.session.execute(query):
            if people:
                found[counter, day] = max(found.get((counter, day), 0), int(people))
    return found
