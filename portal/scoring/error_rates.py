"""How often a rule would err by chance: for whoever edits the policy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .data import Cells, Flags, Floats, Instrument, Scores
from .model import probabilities, standardised
from .params import Params
from .policy import Policy
from .score import score, share_below


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
    for all `quarters` of a person. The policies may differ in what they decide (standards,
    certainty, minimum evidence) and all judge the same draws.
    """
    rng = np.random.default_rng(seed)
    level = params.mu if theta is None else theta
    item = Instrument(*_main(params))
    _, target = standardised(params, (item,))
    rates = np.empty((len(policies), len(n), 3))
    for at, size in enumerate(np.asarray(n, dtype=np.int64).tolist()):
        office = np.repeat(rng.normal(0, np.sqrt(params.s2), draws), quarters)
        cells = _cells(params, item, level + office, size, rng)
        found = score(cells, params, policies[0])
        for which, policy in enumerate(policies):
            flags = _flags(found, target, policy)
            ever = [flag.reshape(draws, quarters).any(axis=1).mean() for flag in flags[:2]]
            rates[which, at] = [*ever, flags[2].mean()]
    true_level = float(np.interp(level, params.theta, target))
    sizes = np.asarray(n, float)
    return [ErrorRates(sizes, table[:, 0], table[:, 1], table[:, 2], true_level) for table in rates]


def level_of(params: Params, ikm: float) -> float:
    """The ability (theta) whose true level, standardised to the national mix, is so high."""
    _, target = standardised(params, (Instrument(*_main(params)),))
    return float(np.interp(ikm, target, params.theta))


def _flags(found: Scores, target: Floats, policy: Policy) -> tuple[Flags, Flags, Flags]:
    """Award, guidance, enough evidence: by this rule, from posteriors that no rule changes."""
    if found.posterior is None:
        raise ValueError("the posterior is needed")
    c = np.cumsum(found.posterior, axis=1) - found.posterior / 2
    enough = (found.n >= policy.min_ratings) & (found.reliability >= policy.min_reliability)
    above = 1 - share_below(c, target, policy.award_standard) >= policy.certainty
    below = share_below(c, target, policy.guidance_standard) >= policy.guidance_certainty
    return enough & above, enough & below, enough


def _main(params: Params) -> tuple[str, int]:
    """The instrument most ratings come through."""
    name = max(params.weights.instrument, key=lambda key: params.weights.instrument[key])
    return name, len(params.thresholds[name]) + 1


def _cells(
    params: Params, item: Instrument, theta: Floats, size: int, rng: np.random.Generator
) -> Cells:
    """Everybody's answers in one quarter: `size` each, spread over the national mix."""
    group, share = params.national()
    c, a = np.asarray(params.thresholds[item.name]), params.slopes[item.name]
    p = probabilities(c, a, theta[:, None] + params.effects(group))
    where = rng.multinomial(size, share / share.sum(), size=len(theta))
    drawn = rng.multinomial(where, p / p.sum(axis=-1, keepdims=True))
    counts = sp.csr_matrix(drawn.reshape(len(theta), -1).astype(np.float64))
    nothing = np.zeros(len(theta))
    return Cells(
        employee=np.arange(len(theta)), group=group, instrument=(item,), counts=(counts,),
        office=np.zeros(len(theta), dtype=object), seen_n=nothing, seen_sum=nothing, excluded={},
        points=params.points,
    )  # fmt: skip
