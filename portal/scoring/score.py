"""From counts to a score with its interval and probabilities (sections 5 and 6)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .cells import by_group
from .data import Cells, Floats, Scores
from .model import Tables, known, tabulate
from .params import Params
from .policy import Policy
from .posterior import blocks, log_likelihood, normal_prior, rows_of, softmax, widening

Mix = Literal["national", "own"]


@dataclass
class _Columns:
    score: Floats
    lo: Floats
    hi: Floats
    p_above: Floats
    p_below: Floats
    mean: Floats
    variance: Floats

    @classmethod
    def empty(cls, size: int) -> "_Columns":
        return cls(*(np.empty(size) for _ in range(7)))


def score(
    cells: Cells,
    params: Params,
    policy: Policy,
    *,
    mix: Mix = "national",
    prior: Floats | None = None,
    population: Floats | None = None,
    keep_posterior: bool = True,
) -> Scores:
    """Score every employee of the cells with a stored parameter version.

    `prior`: log prior on the grid, (G,) or (E, G); by default the common N(mu, sd_employees^2),
    so that equal ratings in equal services give equal scores. `mix="own"` standardises to each
    person's own services (comparable with plain means; never for decisions). `population` is
    the grid distribution that percentiles refer to; by default the persons scored here.
    Without `keep_posterior` memory stays small and the percentile takes a second pass.
    """
    cells = known(cells, params)
    tables = tabulate(params, cells.instrument, cells.group)
    common = normal_prior(tables.theta, params.mu, params.prior_sd)
    log_prior = common if prior is None else prior
    size, points = len(cells), len(tables.theta)
    n_k = cells.n_k
    out = _Columns.empty(size)
    own = OwnMix(cells, tables) if mix == "own" else None
    kept = np.empty((size, points)) if keep_posterior else None
    evidence = np.empty((size, points)) if keep_posterior else None
    mass = np.zeros(points)
    for part in blocks(size):
        widened = widened_likelihood(cells, tables, n_k, part, log_prior=common, s2=params.s2)
        here = log_prior if log_prior.ndim == 1 else log_prior[part]
        if evidence is not None:
            evidence[part] = widened - widened.max(axis=1, keepdims=True)
        posterior = softmax(widened + here)
        mass += posterior.sum(axis=0)
        q = tables.target if own is None else own.curve(part)
        _summarise(out, part, posterior, q=q, theta=tables.theta, policy=policy)
        if kept is not None:
            kept[part] = posterior
    if population is None:
        population = mass / max(mass.sum(), 1e-300)
    rank = 100 * (np.cumsum(population) - population / 2)
    percentile = np.empty(size)
    for part in blocks(size):
        if kept is None:
            widened = widened_likelihood(cells, tables, n_k, part, log_prior=common, s2=params.s2)
            here = log_prior if log_prior.ndim == 1 else log_prior[part]
            percentile[part] = softmax(widened + here) @ rank
        else:
            percentile[part] = kept[part] @ rank
    return Scores(
        employee=cells.employee, n=n_k.sum(axis=1), n_excluded=cells.n_excluded,
        raw_mean=cells.raw_mean, score=out.score, lo=out.lo, hi=out.hi,
        reliability=1 - out.variance / params.prior_sd**2, percentile=percentile,
        p_above=out.p_above, p_below=out.p_below, mean=out.mean, variance=out.variance,
        grid=tables.theta, posterior=kept, evidence=evidence, points=cells.points,
        params_version=params.version, policy_version=policy.version,
    )  # fmt: skip


def widened_likelihood(
    cells: Cells, tables: Tables, n_k: Floats, part: slice, *, log_prior: Floats, s2: float
) -> Floats:
    """Log-likelihood of a block of employees, divided for the office's variance."""
    likelihood = log_likelihood(cells, tables.log_p, part)
    if s2 > 0:
        first = softmax(likelihood + log_prior)
        likelihood /= widening(first, tables.info, n_k[part], s2)
    return likelihood


def _summarise(
    out: _Columns, part: slice, posterior: Floats, *, q: Floats, theta: Floats, policy: Policy
) -> None:
    moments = posterior @ np.stack([theta, theta * theta], axis=1)
    out.mean[part] = moments[:, 0]
    out.variance[part] = np.maximum(moments[:, 1] - moments[:, 0] ** 2, 0.0)
    out.score[part] = posterior @ q if q.ndim == 1 else (posterior * q).sum(axis=1)
    c = np.cumsum(posterior, axis=1)
    c -= posterior / 2
    out.lo[part] = quantile(c, q, 0.025)
    out.hi[part] = quantile(c, q, 0.975)
    out.p_above[part] = 1 - share_below(c, q, policy.award_standard)
    out.p_below[part] = share_below(c, q, policy.guidance_standard)


def quantile(c: Floats, q: Floats, p: float) -> Floats:
    """Value of q at which the mid-cumulative c reaches p: linear between points, ends clamp."""
    last = c.shape[1] - 1
    right = np.clip((c < p).sum(axis=1), 1, last)
    row = np.arange(len(c))
    c0, c1 = c[row, right - 1], c[row, right]
    q0, q1 = (q[right - 1], q[right]) if q.ndim == 1 else (q[row, right - 1], q[row, right])
    part = np.clip((p - c0) / np.maximum(c1 - c0, 1e-300), 0.0, 1.0)
    return np.asarray(q0 + part * (q1 - q0))


def share_below(c: Floats, q: Floats, standard: float) -> Floats:
    """P(q < standard): the mid-cumulative c read at the standard."""
    if q.ndim == 2:
        return np.array([np.interp(standard, curve, row) for curve, row in zip(q, c, strict=True)])
    last = len(q) - 1
    right = int(np.clip(np.searchsorted(q, standard), 1, last))
    step = (standard - q[right - 1]) / max(q[right] - q[right - 1], 1e-300)
    part = float(np.clip(step, 0.0, 1.0))
    return np.asarray(c[:, right - 1] * (1 - part) + c[:, right] * part)


class OwnMix:
    """q_e, the expected IKM over a person's own services, channels, periods and instruments."""

    def __init__(self, cells: Cells, tables: Tables) -> None:
        self.parts = by_group(cells)
        self.tables = tables
        self.n = cells.n

    def curve(self, part: slice) -> Floats:
        """q_e for a block of employees, (B, G); the national curve for those without ratings."""
        total = np.zeros((part.stop - part.start, len(self.tables.theta)))
        for counts, curve in zip(self.parts, self.tables.curve, strict=True):
            total += rows_of(counts, part) @ curve
        n = self.n[part, None]
        return np.where(n > 0, total / np.maximum(n, 1), self.tables.target)
