"""How the score moved after a decision, with its uncertainty: what changed, never why."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from sqlalchemy import select

from portal.db import db
from portal.records.disclosure import shows_score
from portal.records.judgements import Judged
from portal.records.models import Decision, Score


@dataclass(frozen=True)
class Change:
    """A later quarter's score less the one that was decided on, on the 25-100 scale.

    lo, hi  95 % interval of the difference
    """

    period: str
    difference: float
    lo: float
    hi: float

    @property
    def sure(self) -> bool:
        """Whether chance alone hardly explains it."""
        return self.lo > 0 or self.hi < 0


@dataclass(frozen=True)
class Effect:
    """A decision that stands, and the quarters after it, the oldest first."""

    decision: Decision
    changes: list[Change]

    @property
    def last(self) -> Change:
        return self.changes[-1]


def change(before: Score, after: Score) -> Change:
    """The difference of two scores as if they were independent.

    Their variances are added. A later score may hold some of the earlier evidence: then the
    difference is a little too small and its interval a little too wide, never too narrow.
    """
    difference = after.score - before.score
    half = sqrt(((before.hi - before.lo) / 2) ** 2 + ((after.hi - after.lo) / 2) ** 2)
    return Change(after.period, difference, difference - half, difference + half)


def effects(judged: Sequence[Judged], later: Sequence[Score], until: str) -> list[Effect]:
    """Of awards and guidance that stand, made on quarters up to `until`; `later`: the scores that
    may be shown, the oldest first."""
    standing = [
        one.decision
        for one in judged
        if one.state in {"standing", "upheld"}
        and one.decision.kind != "none"
        and one.decision.period <= until
        and any(score.period > one.decision.period for score in later)
    ]
    if not standing:
        return []
    first = standing[0]
    rows = db.session.scalars(
        select(Score).where(
            Score.agency_id == first.agency_id,
            Score.employee_id == first.employee_id,
            Score.run_id.in_({decision.run_id for decision in standing}),
        )
    )
    before = {score.run_id: score for score in rows}
    return [
        Effect(
            decision,
            [
                change(before[decision.run_id], score)
                for score in later
                if score.period > decision.period
            ],
        )
        for decision in standing
        if shows_score(before[decision.run_id], 1)
    ]
