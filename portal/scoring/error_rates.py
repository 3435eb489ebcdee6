"""How often a rule would err by chance: for whoever edits the policy."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .data import Cells, Floats, Groups, Instrument
from .model import probabilities, standardised
from .params import Params
from .policy import Policy
from .score import score


@dataclass(frozen=True)
class ErrorRates:
    """Per number of ratings: how often somebody of a given true level passes the rule's
    certainty, reliability and least number; `needed_share`: how often the evidence suffices."""

    n: Floats
    award: Floats
    guidance: Floats
    sufficient: Floats
    true_level: float


def error_rates(
    params: Params,
    policy: Policy,
    n: Floats,
    *,
    theta: float | None = None,
    draws: int = 400,
    seed: int = 1,
) -> ErrorRates:
    """Draw people of one true ability (default: average) in offices that differ as s2 says.

    'This rule would flag an average employee so often by chance' at each number of ratings,
    before false-discovery control, which can only lower the figures.
    """
    rng = np.random.default_rng(seed)
    level = params.mu if theta is None else theta
    group, share = params.national()
    item = Instrument(*_main(params))
    c, a = np.asarray(params.thresholds[item.name]), params.slopes[item.name]
    effects = params.effects(group)
    rates = []
    for size in np.asarray(n, dtype=np.int64).tolist():
        office = rng.normal(0, np.sqrt(params.s2), draws)
        where = rng.choice(len(share), (draws, size), p=share / share.sum())
        p = probabilities(c, a, level + office[:, None] + effects[where])
        place = (rng.random((draws, size, 1)) > np.cumsum(p, axis=-1)).sum(axis=-1)
        cells = _cells(where, np.minimum(place, item.bins - 1), group, item, params)
        found = score(cells, params, policy, keep_posterior=False)
        enough = (found.n >= policy.min_ratings) & (found.reliability >= policy.min_reliability)
        rates.append([
            float((enough & (found.p_above >= policy.certainty)).mean()),
            float((enough & (found.p_below >= policy.guidance_certainty)).mean()),
            float(enough.mean()),
        ])  # fmt: skip
    table = np.array(rates).reshape(-1, 3)
    _, target = standardised(params, (item,))
    true_level = float(np.interp(level, params.theta, target))
    return ErrorRates(np.asarray(n, float), table[:, 0], table[:, 1], table[:, 2], true_level)


def _main(params: Params) -> tuple[str, int]:
    """The instrument most ratings come through."""
    name = max(params.weights.instrument, key=lambda key: params.weights.instrument[key])
    return name, len(params.thresholds[name]) + 1


def _cells(
    where: np.ndarray, place: np.ndarray, group: Groups, item: Instrument, params: Params
) -> Cells:
    draws, size = where.shape
    rows = np.repeat(np.arange(draws), size)
    columns = (where * item.bins + place).ravel()
    counts = sp.csr_matrix(
        (np.ones(len(rows)), (rows, columns)), shape=(draws, len(group) * item.bins)
    )
    nothing = np.zeros(draws)
    return Cells(
        employee=np.arange(draws), group=group, instrument=(item,), counts=(counts,),
        office=np.zeros(draws, dtype=object), seen_n=nothing, seen_sum=nothing, excluded={},
        points=params.points,
    )  # fmt: skip
