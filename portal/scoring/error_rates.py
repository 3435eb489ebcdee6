"""How often a rule would err by chance: for whoever edits the policy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .data import Cells, Flags, Floats, Instrument, Ints
from .decide import asked_of_awards
from .model import probabilities, standardised
from .params import Params
from .policy import Policy
from .score import Pass, share_below


@dataclass(frozen=True)
class ErrorRates:
    """Per number of ratings a quarter: how often somebody of a given true level is flagged at
    least once within the quarters that were drawn (certainty, reliability and least number of
    the rule); `sufficient`: how often the evidence of one quarter suffices for any advice."""

    n: Floats
    award: Floats
    guidance: Floats
    sufficient: Floats
    true_level: float


def error_rates(
    params: Params,
    policy: Policy,
    n: Floats | Sequence[int],
    *,
    theta: float | None = None,
    draws: int = 400,
    seed: int = 1,
    quarters: int = 1,
) -> ErrorRates:
    """`compare_error_rates` of a single rule."""
    return compare_error_rates(
        params, [policy], n, theta=theta, draws=draws, seed=seed, quarters=quarters
    )[0]


def compare_error_rates(
    params: Params,
    policies: Sequence[Policy],
    n: Floats | Sequence[int],
    *,
    theta: float | None = None,
    draws: int = 400,
    seed: int = 1,
    quarters: int = 1,
) -> list[ErrorRates]:
    """Draw people of one true ability (default: average) in offices that differ as s2 says.

    'This rule would flag an average employee so often by chance' at each number of ratings,
    before false-discovery control, which can only lower the figures. An office stays the same
    for all `quarters` of a person and at each number of ratings; the first of them is a person's
    first period, the others have one behind them. The policies may differ in what
    they decide (standards, certainty, minimum evidence) and all judge the same draws.
    """
    rng = np.random.default_rng(seed)
    level = params.mu if theta is None else theta
    item = Instrument(*_main(params))
    target = standardised(params)
    sizes = np.asarray(n, dtype=np.int64)
    office = rng.normal(0, np.sqrt(params.s2), draws)
    cells = _cells(params, item, level + office, np.repeat(sizes, quarters), rng)
    judged = Pass(cells, params, policies[0])
    posterior = judged.posterior()
    shape = (draws, len(sizes), quarters)
    true_level = float(np.interp(level, params.theta, target))
    found = []
    nth = np.tile(np.arange(1, quarters + 1), draws * len(sizes))
    for policy in policies:
        asked = asked_of_awards(nth, policy)
        award, guidance, enough = _flags(judged, posterior, target, policy, asked)
        found.append(
            ErrorRates(
                n=sizes.astype(np.float64),
                award=award.reshape(shape).any(axis=2).mean(axis=0),
                guidance=guidance.reshape(shape).any(axis=2).mean(axis=0),
                sufficient=enough.reshape(shape).mean(axis=(0, 2)),
                true_level=true_level,
            )
        )
    return found


def level_of(params: Params, ikm: float) -> float:
    """The ability (theta) whose true level, standardised to the national mix, is so high."""
    return float(np.interp(ikm, standardised(params), params.theta))


def _flags(
    judged: Pass, posterior: Floats, target: Floats, policy: Policy, asked: Floats
) -> tuple[Flags, Flags, Flags]:
    """Award, guidance, enough evidence: by this rule, from posteriors that no rule changes.
    `asked`: the certainty that an award asks for."""
    theta, prior = judged.params.theta, judged.params.prior_sd**2
    mean, square = (posterior @ np.column_stack([theta, theta * theta])).T
    reliable = 1 - (square - mean * mean) / prior >= policy.min_reliability
    enough = (judged.n >= policy.min_ratings) & reliable
    c = np.cumsum(posterior, axis=1) - posterior / 2
    above = 1 - share_below(c, target, policy.award_standard) >= asked
    below = share_below(c, target, policy.guidance_standard) >= policy.guidance_certainty
    return enough & above, enough & below, enough


def _main(params: Params) -> tuple[str, int]:
    """The instrument most ratings come through."""
    name = max(params.weights.instrument, key=lambda key: params.weights.instrument[key])
    return name, len(params.thresholds[name]) + 1


def _cells(
    params: Params, item: Instrument, theta: Floats, sizes: Ints, rng: np.random.Generator
) -> Cells:
    """Everybody's answers in several quarters, one row each: so many, over the national mix."""
    group, share = params.national()
    c, a = np.asarray(params.thresholds[item.name]), params.slopes[item.name]
    p = probabilities(c, a, theta[:, None] + params.effects(group)) * share[:, None]
    answers = p.reshape(len(theta), -1).cumsum(axis=1)
    bins, rows = answers.shape[1], len(theta) * len(sizes)
    row = np.repeat(np.arange(rows), np.tile(sizes, len(theta)))
    person = row // len(sizes)
    # One search for all: each person's distribution, rising by one, stands after the one before.
    ladder = (answers / answers[:, -1:] + np.arange(len(theta))[:, None]).ravel()
    answer = np.searchsorted(ladder, person + rng.random(len(row)), side="right") - person * bins
    answer = np.minimum(answer, bins - 1)
    counts = sp.csr_matrix((np.ones(len(row)), (row, answer)), shape=(rows, bins))
    nothing = np.zeros(rows)
    return Cells(
        employee=np.arange(rows), group=group, instrument=(item,), counts=(counts,),
        office=np.zeros(rows, dtype=object), seen_n=nothing, seen_sum=nothing, excluded={},
        points=params.points,
    )  # fmt: skip
