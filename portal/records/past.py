"""The past of a period: what its predecessor's closed runs left, and what becomes of it now.

A run stores which runs it built on, and those are never changed: computed again, it reads the
same figures, whatever has been corrected since.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select

from portal import scoring
from portal.counters.periods import next_period
from portal.db import db
from portal.ratings.models import Release
from portal.records.models import Score, ScoringRun
from portal.records.queries import visible_scores
from portal.records.reading import Evidence, Flags, Floats, Ints

FINAL = ("closing", "correction")


@dataclass(frozen=True)
class Sources:
    """The closed period before another, and its final runs, oldest first."""

    period: str
    runs: list[int]

    def to_dict(self) -> dict[str, Any]:
        return {"period": self.period, "runs": self.runs}


@dataclass(frozen=True)
class Earlier:
    """What those runs left of each employee, with the office where most of it was heard.

    `periods`: how many periods lie between then and now, 1 for neighbours.
    """

    sources: Sources
    periods: int
    past: scoring.Past
    office: Ints

    def staying(self, office: dict[int, int]) -> scoring.Past:
        """The past of those whose main office (`office`, by employee) is still the same: another
        office is another beginning, because what an office adds to its people is not theirs."""
        people = self.past.employee.tolist()
        same = np.array(
            [office.get(who) == at for who, at in zip(people, self.office.tolist(), strict=True)],
            dtype=bool,
        )
        return scoring.Past(
            self.past.employee[same], self.past.centre[same], self.past.precision[same]
        )


def sources_of(agency_id: int, period: str) -> Sources | None:
    """The last closed period before this one, as its runs now stand; none in a first period."""
    before = db.session.scalar(
        select(func.max(Release.period)).where(
            Release.agency_id == agency_id,
            Release.period < period,
            Release.closes,
            Release.done_at.is_not(None),
        )
    )
    if before is None:
        return None
    runs = db.session.scalars(
        visible_scores(ScoringRun.id)
        .where(
            ScoringRun.agency_id == agency_id,
            ScoringRun.period == before,
            ScoringRun.kind.in_(FINAL),
        )
        .group_by(ScoringRun.id, ScoringRun.release, ScoringRun.as_of)
        .order_by(ScoringRun.release, ScoringRun.as_of)
    )
    return Sources(before, list(runs))


def earlier(agency_id: int, period: str, sources: Sources | None) -> Earlier | None:
    """What the runs left; of a person in several the latest. None where they left nothing."""
    if sources is None or not sources.runs:
        return None
    rows = db.session.execute(
        select(Score.employee_id, Score.detail["carried"])
        .join(
            ScoringRun, (ScoringRun.agency_id == Score.agency_id) & (ScoringRun.id == Score.run_id)
        )
        .where(Score.agency_id == agency_id, Score.run_id.in_(sources.runs))
        .order_by(Score.employee_id, ScoringRun.release, ScoringRun.as_of)
    )
    kept = {who: carried for who, carried in rows if carried is not None}
    if not kept:
        return None
    figures = np.array(list(kept.values()), dtype=np.float64)
    who = np.array(list(kept), dtype=np.int64)
    offices = np.array([carried[2] for carried in kept.values()], dtype=np.int64)
    past = scoring.Past(who, figures[:, 0].copy(), figures[:, 1].copy())
    return Earlier(sources, _between(sources.period, period), past, offices)


def earlier_of_run(run: ScoringRun) -> Earlier | None:
    """What a stored run was built on."""
    kept = run.parameters.get("past")
    sources = None if kept is None else Sources(kept["period"], kept["runs"])
    return earlier(run.agency_id, run.period, sources)


def _between(before: str, period: str) -> int:
    number = 1
    while (before := next_period(before)) < period:
        number += 1
    return number


@dataclass(frozen=True)
class Carried:
    """Of everybody in a run, in its order: what it leaves to the next period (`left`, `office`),
    the part of the evidence that is past, and whether the own level fell or an alarm rang."""

    sources: Sources | None
    brought: scoring.Past | None
    left: scoring.Past
    office: Ints
    share: Floats
    fell: Flags
    warned: Flags


def main_offices(evidence: Evidence, rows: Flags) -> dict[int, int]:
    """Where most of each employee's ratings were given; of equal numbers the smaller key."""
    people, who = np.unique(evidence.employee[rows], return_inverse=True)
    offices, where = np.unique(evidence.office[rows], return_inverse=True)
    pair, number = np.unique(who * len(offices) + where, return_counts=True)
    order = np.lexsort((-pair, number))  # the last one stays
    who, where = np.divmod(pair[order], max(len(offices), 1))
    return dict(zip(people[who].tolist(), offices[where].tolist(), strict=True))
