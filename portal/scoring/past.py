"""What closed periods add to the next one: carried as evidence, capped, and fading (section 8).

Two numbers an employee are kept of a period: centre and precision of the normal curve that, times
the common prior, has the mean and variance of the unwidened posterior (moment matching, as in
Minka 2001). Between periods a person drifts, so a precision J becomes 1 / (1/J + d drift_sd^2)
after d periods (Kalman 1960): what was long ago fades, good or bad. Nor does it ever weigh more
than the ratings of the period itself: who has few now is judged by few.

In the next period this curve joins the likelihood *before* both are widened together: who stays
keeps office and services, and no number of quarters averages them away.
"""

import numpy as np

from .data import Cells, Floats, Keys, Scores
from .decide import discover
from .model import known
from .params import Params
from .periods import Trend, by_itself
from .policy import Policy
from .posterior import blocks, normal_prior, softmax
from .score import NOTHING, Pass, Past, curve_of


def evidence_of(cells: Cells, params: Params, policy: Policy) -> Past:
    """What the ratings of one period alone say of every employee of the cells."""
    run = Pass(known(cells, params), params, policy)
    theta, common = run.tables.theta, run.common
    mean, variance = np.empty(len(cells)), np.empty(len(cells))
    for part in blocks(len(cells)):
        posterior = softmax(run.likelihood(part) + common)
        mean[part] = posterior @ theta
        variance[part] = posterior @ theta**2 - mean[part] ** 2
    usual = np.exp(common)
    middle = float(usual @ theta)
    spread = float(usual @ theta**2) - middle**2
    inverse = 1 / np.maximum(variance, 1e-12)
    return _normal(cells.employee, inverse - 1 / spread, mean * inverse - middle / spread, params)


def _normal(employee: Keys, precision: Floats, pull: Floats, params: Params) -> Past:
    told = precision > NOTHING
    centre = np.where(told, pull / np.where(told, precision, 1.0) - params.mu, 0.0)
    return Past(employee, centre, np.where(told, precision, 0.0))


def bring(past: Past, periods: int, now: Past, policy: Policy) -> Past:
    """What counts of the past so many periods later, for the employees of `now`, beside what
    this period says of them (`now`): drifted, and never more than that."""
    mine = past.of(now.employee)
    told = mine.told
    lost = periods * policy.drift_sd**2
    left = np.where(told, 1 / (1 / np.where(told, mine.precision, 1.0) + lost), 0.0)
    return Past(now.employee, mine.centre, np.minimum(left, now.precision))


def together(now: Past, brought: Past) -> Past:
    """Both as one curve, parallel: what this period leaves to the next."""
    precision = now.precision + brought.precision
    told = precision > NOTHING
    pull = now.precision * now.centre + brought.precision * brought.centre
    return Past(
        now.employee,
        np.where(told, pull / np.where(told, precision, 1.0), 0.0),
        np.where(told, precision, 0.0),
    )


def fallen(now: Scores, past: Past, params: Params, policy: Policy) -> Trend:
    """Who has probably fallen below the own earlier level: the test of `periods.trend`, with
    what was carried in place of the earlier quarters' posterior."""
    before = past.of(now.employee)
    rows = np.flatnonzero(before.told & (now.n > 0))
    slack = 1 + (params.s2 if now.s2 is None else now.s2) * before.precision
    settled = Past(now.employee, before.centre, before.precision / slack)
    above = now.grid - params.mu
    common = normal_prior(now.grid, params.mu, params.prior_sd)
    p_before = softmax(curve_of(settled, rows, above) + common)
    p_now = by_itself(now, rows, params, policy)
    p_fell = (p_now * (1 - np.cumsum(p_before, axis=1) + p_before / 2)).sum(axis=1)
    eligible = (p_fell > policy.trend_certainty) & (now.n[rows] >= policy.min_ratings)
    keys = now.employee[rows]
    return Trend(keys, p_fell, discover(p_fell, eligible, keys, policy.false_discovery))


def levels(past: Past, params: Params) -> dict[int | str, float]:
    """The posterior mean of theta of everybody of whom the past says something."""
    settled = past.precision / (1 + params.s2 * past.precision)
    prior = 1 / params.prior_sd**2
    mean = params.mu + settled * past.centre / (settled + prior)
    told = past.told
    return dict(zip(past.employee[told].tolist(), mean[told].tolist(), strict=True))
