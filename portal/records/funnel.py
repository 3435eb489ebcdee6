"""The funnel plot of a record or an office: all colleagues of the agency, unnamed, and what chance
explains.

Means are corrected for service, channel and period, and not yet drawn towards the average, so
that everybody stands on one scale; the limits around the common mean narrow with the number of
ratings and are widened by the variance between offices (Spiegelhalter 2005).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt
from statistics import quantiles
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select

from portal.db import db
from portal.people.models import Employment
from portal.records.models import Histogram, Score, ScoringRun
from portal.records.queries import Shown, employed_during, run_parameters, visible_scores

LEAST_PEERS = 5  # of fewer colleagues each dot could be told
MOST_PEERS = 400  # enough to see the crowd; keys are random, so the first are a fair draw
Z95, Z998 = 1.959964, 3.090232
TICKS = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
BEFORE_CAUTION = 3  # the mean, what was set aside, and what made the service hard
STEPS = 40  # points of a limit's curve


@dataclass(frozen=True)
class Limits:
    """Where the mean of so many ratings about an average person stays by chance."""

    n: float
    lo95: float
    hi95: float
    lo998: float
    hi998: float


@dataclass(frozen=True)
class Dot:
    """One employee: number of counted ratings and their corrected mean (25-100)."""

    n: int
    mean: float


@dataclass(frozen=True)
class SameWork:
    """Colleagues who give at least one of the same services: how many, and between which corrected
    means half of them stand."""

    people: int
    lo: float
    hi: float


@dataclass(frozen=True)
class Funnel:
    """`peers` never holds fewer than five, and no name; `marked`: the one employee of a record, or
    those of an office."""

    centre: float
    variance: float
    office_variance: float
    marked: list[Dot]
    peers: list[Dot]

    @property
    def own(self) -> Dot:
        return self.marked[0]

    def limits(self, n: float) -> Limits:
        spread = sqrt(self.variance / n + self.office_variance)
        ends = [self.centre + z * spread for z in (-Z95, Z95, -Z998, Z998)]
        lo95, hi95, lo998, hi998 = (min(max(end, 25.0), 100.0) for end in ends)
        return Limits(n, lo95, hi95, lo998, hi998)

    @property
    def place(self) -> str:
        """inside, between (outside 95 %) or outside (99.8 %), with the direction."""
        at = self.limits(self.own.n)
        if at.lo95 <= self.own.mean <= at.hi95:
            return "inside"
        side = "above" if self.own.mean > at.hi95 else "below"
        beyond = self.own.mean > at.hi998 or self.own.mean < at.lo998
        return f"outside_{side}" if beyond else f"between_{side}"

    @property
    def inside(self) -> int:
        """How many of the colleagues lie within the 95 % limits."""
        return self._within(self.peers)

    @property
    def marked_inside(self) -> int:
        return self._within(self.marked)

    def _within(self, dots: list[Dot]) -> int:
        within = {n: self.limits(n) for n in {dot.n for dot in dots}}
        return sum(within[dot.n].lo95 <= dot.mean <= within[dot.n].hi95 for dot in dots)

    @cached_property
    def ends(self) -> tuple[int, int]:
        """The least and the most ratings of anybody."""
        numbers = [dot.n for dot in (*self.marked, *self.peers)]
        return min(numbers), max(*numbers, min(numbers) + 1)

    @cached_property
    def heights(self) -> tuple[float, float]:
        """The axis of means: everybody in it, and the 99.8 % limits of a usual number."""
        least, most = self.ends
        usual = self.limits(sqrt(least * most))
        means = [dot.mean for dot in (*self.marked, *self.peers)]
        lo, hi = min(*means, usual.lo998), max(*means, usual.hi998)
        return max(5.0 * int((lo - 1) / 5), 25.0), min(5.0 * (int((hi + 1) / 5) + 1), 100.0)

    def across(self, n: float) -> float:
        """Where a number of ratings stands between both ends, in per cent, on a log scale."""
        least, most = self.ends
        return round(100 * log(n / least) / log(most / least), 1)

    def down(self, mean: float) -> float:
        """Where a mean stands from the top of the axis, in per cent."""
        low, high = self.heights
        return round(100 * (high - min(max(mean, low), high)) / (high - low), 1)

    @property
    def places(self) -> list[tuple[float, float]]:
        """Where the colleagues stand, across and down: a large office has a thousand."""
        return [(self.across(dot.n), self.down(dot.mean)) for dot in self.peers]

    @cached_property
    def curve(self) -> list[Limits]:
        """The limits from end to end, in even steps of the plot."""
        least, most = self.ends
        return [self.limits(least * (most / least) ** (at / STEPS)) for at in range(STEPS + 1)]

    @property
    def ticks(self) -> list[Limits]:
        """The limits at round numbers of ratings."""
        least, most = self.ends
        return [self.limits(n) for n in TICKS if least <= n <= most]


def funnel(shown: Shown, least: int) -> Funnel | None:
    """The funnel around a shown score; None where the run kept none (made before there was one)
    or where too few colleagues have a score that may be shown."""
    score = shown.score
    peers = _dots(score.agency_id, score.period, least, Score.employee_id != score.employee_id)
    own = _dot(score.counted, score.detail["steps"])
    return _funnel(shown.run.parameters, [own], peers)


def same_work(shown: Shown, least: int) -> SameWork | None:
    """The band of those who do the same work as the employee of a score; None where fewer than
    five of them have a score that may be shown."""
    score = shown.score
    services = [line["service"] for line in score.detail["services"] if line["service"]]
    theirs = exists().where(
        Histogram.agency_id == Score.agency_id,
        Histogram.period == Score.period,
        Histogram.employee_id == Score.employee_id,
        Histogram.service_id.in_(services),
    )
    whose = and_(Score.employee_id != score.employee_id, theirs)
    dots = _dots(score.agency_id, score.period, least, whose) if services else []
    if len(dots) < LEAST_PEERS:
        return None
    lo, _median, hi = quantiles([dot.mean for dot in dots], n=4, method="inclusive")
    return SameWork(len(dots), lo, hi)


def office_funnel(agency_id: int, office_id: int, period: str, least: int) -> Funnel | None:
    """The funnel with the employees of an office in that period marked; None also where none of
    them has a score that may be shown."""
    theirs = Score.employee_id.in_(
        select(Employment.employee_id).where(
            Employment.agency_id == agency_id,
            Employment.office_id == office_id,
            employed_during(period),
        )
    )
    marked = _dots(agency_id, period, least, theirs)
    parameters = run_parameters(agency_id, period)
    if not marked or parameters is None:
        return None
    return _funnel(parameters, marked, _dots(agency_id, period, least, ~theirs))


def _funnel(parameters: dict[str, Any], marked: list[Dot], peers: list[Dot]) -> Funnel | None:
    kept = parameters.get("funnel")
    if kept is None or len(peers) < LEAST_PEERS:
        return None
    return Funnel(marked=marked, peers=peers, **kept)


def _dots(agency_id: int, period: str, least: int, whose: ColumnElement[bool]) -> list[Dot]:
    """Some employees of the agency with a visible score; what they do is in their means already."""
    # As text: the database reads each detail once, and the driver leaves it as it is.
    steps = Score.detail["steps"].as_string()
    rows = db.session.execute(
        visible_scores(Score.employee_id, Score.counted, steps)
        .where(
            Score.agency_id == agency_id,
            Score.period == period,
            whose,
            Score.counted >= max(least, 1),
        )
        .order_by(Score.employee_id, ScoringRun.release)
        .limit(MOST_PEERS)
    )
    latest = {employee_id: (n, steps) for employee_id, n, steps in rows}  # the last one stays
    return [_dot(n, json.loads(steps)) for n, steps in latest.values()]


def _dot(counted: int, steps: list[float]) -> Dot:
    return Dot(counted, sum(steps[:BEFORE_CAUTION]))
