"""What a rule would do by chance in an agency like this one, before it is put in force."""

import json
from dataclasses import dataclass
from functools import lru_cache
from statistics import quantiles
from typing import TYPE_CHECKING

from portal.db import db
from portal.records.models import Score, ScoringRun
from portal.records.policies import AgencyPolicy, engine_policy
from portal.records.queries import last_parameters, periods_with_figures, visible_scores

if TYPE_CHECKING:
    from portal import scoring

FIFTHS = slice(0, None, 2)  # of nine deciles those in the middle of each fifth of the staff
USUAL = [10, 20, 30, 50, 80]  # ratings a quarter, where nobody was rated yet
DRAWS = 150
QUARTERS = 4
FEW = 5  # employees from whose numbers of ratings nothing can be said
MOST = 500  # further ratings change nothing more
WEAK = 5.0  # IKM points below the guidance standard
STRONG = 3.0  # IKM points above the award standard, where the scale has so much room


@dataclass(frozen=True)
class Fate:
    """What becomes of somebody within a year: chances between 0 and 1."""

    award: float
    guidance: float
    by_volume: list[tuple[int, float, float]]  # ratings a quarter, award, guidance


@dataclass(frozen=True)
class Person:
    """Somebody of a known true level, under each of the rules."""

    who: str  # average, weak or strong
    level: float
    fates: list[Fate]


@dataclass(frozen=True)
class Trial:
    """`learnt`: the parameters are the agency's own; `rated`: so are the volumes."""

    people: list[Person]
    sufficient: list[float]  # per rule: chance that an average quarter suffices for any advice
    volumes: list[int]  # ratings a quarter, each for a fifth of the staff
    learnt: bool
    rated: bool

    @property
    def draws(self) -> int:
        """Simulated people behind each figure."""
        return DRAWS * len(self.volumes)


def try_rules(agency_id: int, policies: list[AgencyPolicy]) -> Trial:
    """The same simulated people under each policy; the first is the one in force.

    The true levels are set by the first, so that all judge the same people.
    """
    learnt = last_parameters(agency_id)
    counted = _counted(agency_id)
    volumes = _volumes(counted)
    people, sufficient = _simulated(
        json.dumps(learnt) if learnt else None,
        tuple(engine_policy(policy) for policy in policies),
        tuple(volumes),
        DRAWS,
    )
    return Trial(people, sufficient, volumes, learnt is not None, len(counted) >= FEW)


@lru_cache(maxsize=16)  # whoever edits a rule opens the page again and again
def _simulated(
    learnt: str | None, rules: tuple["scoring.Policy", ...], volumes: tuple[int, ...], draws: int
) -> tuple[list[Person], list[float]]:
    # The engine brings scipy: a web process loads it when somebody edits the thresholds.
    from portal import scoring  # noqa: PLC0415

    params = (
        scoring.Params.from_dict(json.loads(learnt)) if learnt else scoring.default_params(rules[0])
    )
    award, guidance = rules[0].award_standard, rules[0].guidance_standard
    levels = {
        "average": params.mu,
        "weak": scoring.level_of(params, guidance - WEAK),
        "strong": scoring.level_of(params, min(award + STRONG, (award + 100) / 2)),
    }
    people: list[Person] = []
    sufficient: list[float] = []
    for who, theta in levels.items():
        rates = scoring.compare_error_rates(
            params, rules, volumes, theta=theta, draws=draws, quarters=QUARTERS
        )
        people.append(Person(who, rates[0].true_level, [_fate(rate) for rate in rates]))
        sufficient = sufficient or [float(rate.sufficient.mean()) for rate in rates]
    return people, sufficient


def _volumes(counted: list[int]) -> list[int]:
    """Five usual numbers of ratings, each for a fifth of the staff."""
    if len(counted) < FEW:
        return USUAL
    return [min(max(round(n), 1), MOST) for n in quantiles(counted, n=10)[FIFTHS]]


def _fate(rate: "scoring.ErrorRates") -> Fate:
    listed = zip(rate.n.tolist(), rate.award.tolist(), rate.guidance.tolist(), strict=True)
    by_volume = [(int(n), award, guidance) for n, award, guidance in listed]
    return Fate(float(rate.award.mean()), float(rate.guidance.mean()), by_volume)


def _counted(agency_id: int) -> list[int]:
    """Ratings that counted, by employee, in the last quarter that is over, else in this one."""
    periods = periods_with_figures(agency_id)[:2]
    if not periods:
        return []
    rows = db.session.execute(
        visible_scores(Score.employee_id, Score.counted)
        .where(Score.agency_id == agency_id, Score.period == periods[-1])
        .order_by(ScoringRun.release)
    )
    latest: dict[int, int] = dict(rows.all())  # the last one stays
    return [counted for counted in latest.values() if counted]
