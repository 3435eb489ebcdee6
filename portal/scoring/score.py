"""From counts to a score with its interval and probabilities (sections 5 and 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .cells import by_group
from .data import Cells, Floats, Scores
from .model import Tables, known, tabulate
from .params import Params
from .policy import Policy
from .posterior import (
    Slack,
    blocks,
    in_threads,
    log_likelihood,
    normal_prior,
    rows_of,
    softmax,
    widening,
)

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
    threads: int = 1,
) -> Scores:
    """Score every employee of the cells with a stored parameter version.

    `prior`: log prior on the grid, (G,) or (E, G); by default the common N(mu, sd_employees^2),
    so that equal ratings in equal services give equal scores. `mix="own"` standardises to each
    person's own services (comparable with plain means; never for decisions). `population` is
    the grid distribution that percentiles refer to; by default the persons scored here.
    Without `keep_posterior` memory stays small and the percentile takes a second pass. The
    number of threads changes no figure.
    """
    cells = known(cells, params)
    run = Pass(cells, params, policy, mix=mix, threads=threads)
    if prior is not None:
        run.prior = lambda part: prior if prior.ndim == 1 else prior[part]
    if keep_posterior:
        shape = (len(cells), len(run.tables.theta))
        run.kept, run.evidence = np.empty(shape), np.empty(shape)
    return run.scores(population)


class Pass:
    """One pass over the employees of some cells, block by block, in one or more threads.

    `prior(part)` gives the log prior of a block, (G,) or (B, G). `kept` receives the posteriors
    (in its own precision), `evidence` the widened log-likelihoods, where they are given.
    """

    def __init__(
        self, cells: Cells, params: Params, policy: Policy, *, mix: Mix = "national",
        threads: int = 1,
    ) -> None:  # fmt: skip
        self.cells, self.params, self.policy, self.threads = cells, params, policy, threads
        self.tables = tabulate(params, cells.instrument, cells.group)
        self.common = normal_prior(self.tables.theta, params.mu, params.prior_sd)
        self.prior: Callable[[slice], Floats] = lambda _: self.common
        self.n_k = cells.n_k
        self.slack = Slack(cells, params)
        self.own = OwnMix(cells, self.tables) if mix == "own" else None
        self.kept: NDArray[Any] | None = None
        self.evidence: Floats | None = None
        self.out = _Columns.empty(len(cells))

    def posterior(self, part: slice) -> tuple[Floats, Floats]:
        """Posterior and widened log-likelihood of a block."""
        widened = widened_likelihood(
            self.cells, self.tables, self.n_k[part], part, log_prior=self.common, slack=self.slack
        )
        return softmax(widened + self.prior(part)), widened

    def scores(self, population: Floats | None = None) -> Scores:
        """All numbers of everybody."""
        size = len(self.cells)
        mass = np.zeros(len(self.tables.theta))
        for share in in_threads(self._summarise, blocks(size), self.threads):
            mass += share
        if population is None:
            population = mass / max(float(mass.sum()), 1e-300)
        rank = 100 * (np.cumsum(population) - population / 2)
        percentile = np.empty(size)

        def place(part: slice) -> None:
            seen = self.posterior(part)[0] if self.kept is None else self.kept[part]
            percentile[part] = seen @ rank

        for _ in in_threads(place, blocks(size), self.threads):
            pass
        return self._named(percentile)

    def _named(self, percentile: Floats) -> Scores:
        cells, out = self.cells, self.out
        return Scores(
            employee=cells.employee, n=self.n_k.sum(axis=1), n_excluded=cells.n_excluded,
            raw_mean=cells.raw_mean, score=out.score, lo=out.lo, hi=out.hi,
            reliability=1 - out.variance / self.params.prior_sd**2, percentile=percentile,
            p_above=out.p_above, p_below=out.p_below, mean=out.mean, variance=out.variance,
            grid=self.tables.theta, posterior=self.kept, evidence=self.evidence,
            points=cells.points, params_version=self.params.version,
            policy_version=self.policy.version,
        )  # fmt: skip

    def _summarise(self, part: slice) -> Floats:
        """Fill the columns for a block; returns the sum of its posteriors."""
        posterior, widened = self.posterior(part)
        out, theta, policy = self.out, self.tables.theta, self.policy
        q = self.tables.target if self.own is None else self.own.curve(part)
        if self.evidence is not None:
            self.evidence[part] = widened - widened.max(axis=1, keepdims=True)
        if self.kept is not None:
            self.kept[part] = posterior
        moments = posterior @ np.stack([theta, theta * theta], axis=1)
        out.mean[part] = moments[:, 0]
        out.variance[part] = np.maximum(moments[:, 1] - moments[:, 0] ** 2, 0.0)
        out.score[part] = posterior @ q if q.ndim == 1 else (posterior * q).sum(axis=1)
        mass = posterior.sum(axis=0)
        c = np.cumsum(posterior, axis=1)
        posterior /= 2
        c -= posterior
        out.lo[part] = quantile(c, q, 0.025)
        out.hi[part] = quantile(c, q, 0.975)
        out.p_above[part] = 1 - share_below(c, q, policy.award_standard)
        out.p_below[part] = share_below(c, q, policy.guidance_standard)
        return np.asarray(mass)


def widened_likelihood(
    cells: Cells, tables: Tables, n_k: Floats, part: slice, *, log_prior: Floats, slack: Slack
) -> Floats:
    """Log-likelihood of a block of employees, divided for what more ratings do not remove."""
    likelihood = log_likelihood(cells, tables.log_p, part)
    if slack.any:
        first = softmax(likelihood + log_prior)
        likelihood /= widening(first, tables.info, n_k, slack.of(part, n_k))
    return likelihood


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
