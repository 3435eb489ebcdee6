"""Scores of the Gaussian cross-check in IKM points, in the shape of all other scores."""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

from .data import LEAST, MOST, Cells, Floats, Scores
from .gaussian import GaussianFit
from .policy import Policy
from .posterior import blocks

Z95 = 1.959963984540054


def gaussian_scores(found: GaussianFit, cells: Cells, policy: Policy) -> Scores:
    """score = fixed part at the national shares + blup, lo and hi +-1.96 blup_sd (IKM).

    Reliability n/(n + lambda); p_above, p_below and percentile from the same normal
    distributions. Intervals may leave the scale: a normal curve knows no ceiling.
    """
    per_point = (MOST - LEAST) / (cells.points - 1)
    level = LEAST + (found.centre + found.blup - 1) * per_point
    sd = found.blup_sd * per_point
    lo, hi = level - Z95 * sd, level + Z95 * sd
    empty = np.zeros(len(level))
    percentile, below = _percentile(level, sd)
    return Scores(
        employee=cells.employee, n=cells.n, n_excluded=cells.n_excluded, periods=cells.periods,
        raw_mean=cells.raw_mean, score=level, lo=lo, hi=hi,
        reliability=found.reliability, percentile=percentile,
        p_above=1 - ndtr((policy.award_standard - level) / sd),
        p_below=ndtr((policy.guidance_standard - level) / sd),
        mean=found.blup, variance=found.blup_sd**2, grid=empty[:0], posterior=None,
        likelihood=None, points=cells.points, params_version="gaussian",
        policy_version=policy.version, percentile_lo=below(lo), percentile_hi=below(hi),
    )  # fmt: skip


def _percentile(level: Floats, sd: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Expected percentile: each normal curve read against the mean of all of them; and the share
    of that mean below some level, in per cent."""
    wide = 6 * float(sd.max())
    at = np.linspace(level.min() - wide, level.max() + wide, 801)
    share = np.zeros(len(at))
    for part in blocks(len(level), 2048):
        share += ndtr((at[None, :] - level[part, None]) / sd[part, None]).sum(axis=0)
    share /= len(level)
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    total = np.zeros(len(level))
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        total += weight * np.interp(level + node * sd, at, share)
    return 100 * total, lambda x: 100 * np.interp(x, at, share)
