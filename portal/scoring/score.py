"""From counts to a score with its interval and probabilities (sections 5 and 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .cells import by_group
from .data import Cells, Codes, Flags, Floats, Ints, Keys, Scores
from .model import Tables, known, tabulate
from .params import Params
from .policy import Policy
from .posterior import (
    SMALLEST,
    Slack,
    Widening,
    blocks,
    in_threads,
    log_likelihood,
    normal_prior,
    rows_of,
    weights,
)

Mix = Literal["national", "own"]
NOTHING = 1e-9
"""Precisions below this (1 / logits^2) say nothing."""
ROOT = 4
"""Single precision holds a probability down to 1e-45, its fourth root one down to 1e-150: whoever
was excellent for years may be poor this quarter."""
LEAST_CARRIED = 1e-150
FARTHEST = -690.0
"""Log of the least that is told apart, about that of SMALLEST."""


@dataclass(frozen=True)
class Past:
    """What earlier periods say of some employees, as a normal curve of evidence without a prior:
    `centre` is theta less the average person's (logits), `precision` in 1 / logits^2."""

    employee: Keys
    centre: Floats
    precision: Floats

    @property
    def told(self) -> Flags:
        """Of whom it says anything."""
        return np.asarray(self.precision > NOTHING)

    def of(self, employees: Keys) -> "Past":
        """The same in the order of some keys; precision 0 for whoever has none."""
        place = {key: at for at, key in enumerate(self.employee.tolist())}
        found = np.array([place.get(key, -1) for key in employees.tolist()], dtype=np.int64)
        here = found >= 0
        centre, precision = np.zeros(len(employees)), np.zeros(len(employees))
        centre[here], precision[here] = self.centre[found[here]], self.precision[found[here]]
        return Past(employees, centre, precision)


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
    past: Past | None = None,
    population: Floats | None = None,
    keep_posterior: bool = True,
    ranked: bool = True,
    threads: int = 1,
) -> Scores:
    """Score every employee of the cells with a stored parameter version.

    `prior`: log prior on the grid, (G,) or (E, G); by default the common N(mu, sd_employees^2),
    so that equal ratings in equal services give equal scores. `mix="own"` standardises to each
    person's own services (comparable with plain means; never for decisions). `past`: evidence
    of earlier periods, drifted to this one (see `past`). `population` is the grid distribution
    that percentiles refer to; by default the persons scored here. Without `keep_posterior`
    memory stays small and the percentile takes a second pass, which without `ranked` is spared:
    the percentiles are then NaN. The number of threads changes no figure.
    """
    cells = known(cells, params)
    run = Pass(cells, params, policy, mix=mix, past=past, threads=threads)
    if prior is not None:
        run.prior = lambda part: prior if prior.ndim == 1 else prior[part]
    run.keep(posterior=keep_posterior, likelihood=keep_posterior)
    return run.scores(population, ranked=ranked)


class Pass:
    """One pass over the employees of some cells, block by block, in one or more threads.

    `prior(part)` gives the log prior of a block, (G,) or (B, G); `earlier(part)` what earlier
    periods say of it, drifted to this one: log of the curve of evidence without a prior, (B, G);
    `before`, how many do. `kept` receives the posteriors, `unwidened` the log-likelihoods, where
    they are given. After `advance` the figures are read off the `state` that it left.
    """

    def __init__(
        self, cells: Cells, params: Params, policy: Policy, *, mix: Mix = "national",
        past: Past | None = None, threads: int = 1,
    ) -> None:  # fmt: skip
        self.cells, self.params, self.policy, self.threads = cells, params, policy, threads
        self.tables = tabulate(params, cells.instrument, cells.group)
        self.common = common = normal_prior(self.tables.theta, params.mu, params.prior_sd)
        self.prior: Callable[[slice], Floats] = lambda _: common  # of itself, it would never go
        self.n = cells.n
        self.earlier: Callable[[slice], Floats] | None = None
        self.before: Codes = np.zeros(len(cells), dtype=np.int16)
        if past is not None:
            mine, above = past.of(cells.employee), self.tables.theta - params.mu
            self.earlier = lambda part: curve_of(mine, part, above)
            self.before = mine.told.astype(np.int16)
        self.widening, self.slack = Widening(params), Slack(cells, params)
        self.own = OwnMix(cells, self.tables) if mix == "own" else None
        self.kept: Floats | None = None
        self.unwidened: Floats | None = None
        self.s2 = np.zeros(len(cells))
        self.state: NDArray[Any] | None = None
        self.out = _Columns.empty(len(cells))
        self.linear = self._linear()

    def _linear(self) -> Floats:
        """All that is a sum over the grid, as columns (G, 6): 1, theta, theta^2, q, and the
        shares below the two standards. One product of matrices reads them off the posterior."""
        theta, q, policy = self.tables.theta, self.tables.target, self.policy
        mid = np.triu(np.ones((len(theta), len(theta)))) - np.eye(len(theta)) / 2
        below = (share_below(mid, q, standard)
                 for standard in (policy.award_standard, policy.guidance_standard))  # fmt: skip
        return np.column_stack([np.ones_like(theta), theta, theta * theta, q, *below])

    def keep(self, *, posterior: bool, likelihood: bool) -> None:
        """Which of the two is wanted for every employee, (E, G) each."""
        shape = (len(self.cells), len(self.tables.theta))
        self.kept = np.empty(shape) if posterior else None
        self.unwidened = np.empty(shape) if likelihood else None

    def likelihood(self, part: slice) -> Floats:
        """Log-likelihood of a block with what earlier periods say, not yet widened."""
        if self.state is not None:
            return told_by(self.state[part].astype(np.float64) ** ROOT, self.common)
        found = log_likelihood(self.cells, self.tables.log_p, part)
        if self.earlier is not None:
            found += self.earlier(part)
        return found

    def weighed(self, part: slice, likelihood: Floats) -> Floats:
        """Posteriors of a block from its log-likelihood, which is overwritten; not normalised.
        What came earlier is widened together with what is new: who stays keeps office and
        services, and waiting averages neither away."""
        prior = self.prior(part)
        if not self.widening.any:
            return weights(np.add(likelihood, prior, out=likelihood))
        self.s2[part] = self.slack.of(part, self.n[part])
        curve = self.widening.of(weights(likelihood), self.s2[part])
        curve *= np.exp(prior - prior.max(axis=-1, keepdims=True))
        return curve

    def posterior(self) -> Floats:
        """Everybody's posterior, (E, G), and nothing else."""
        found = np.empty((len(self.cells), len(self.tables.theta)))

        def take(part: slice) -> None:
            weight = self.weighed(part, self.likelihood(part))
            np.divide(weight, weight.sum(axis=1, keepdims=True), out=found[part])

        for _ in in_threads(take, blocks(len(self.cells)), self.threads):
            pass
        return found

    def advance(self, state: NDArray[Any], kernel: Floats | None = None) -> None:
        """Leave everybody's unwidened posterior in `state`, as fourth roots, and compute nothing
        else. With a `kernel`, the state holds that of the quarter before, which drifts through
        it first."""
        first = np.exp(self.common)

        def take(part: slice) -> None:
            curve = weights(log_likelihood(self.cells, self.tables.log_p, part))
            np.maximum(curve, SMALLEST, out=curve)
            if kernel is None:
                curve *= first
            else:
                drifted = state[part].astype(np.float64) ** ROOT @ kernel
                curve *= np.maximum(drifted, LEAST_CARRIED, out=drifted)
            curve /= curve.sum(axis=1, keepdims=True)
            state[part] = np.sqrt(np.sqrt(curve, out=curve), out=curve)

        for _ in in_threads(take, blocks(len(self.cells)), self.threads):
            pass
        self.state = state

    def scores(self, population: Floats | None = None, *, ranked: bool = True) -> Scores:
        """All numbers of everybody; percentiles only with `ranked`."""
        size = len(self.cells)
        mass = np.zeros(len(self.tables.theta))
        for share in in_threads(self._summarise, blocks(size), self.threads):
            mass += share
        if not ranked:
            return self._named(np.full(size, np.nan), None)
        if population is None:
            population = mass / max(float(mass.sum()), 1e-300)
        rank = 100 * (np.cumsum(population) - population / 2)
        columns = np.column_stack([np.ones_like(rank), rank])
        percentile = np.empty(size)

        def place(part: slice) -> None:
            if self.kept is not None:
                percentile[part] = self.kept[part] @ rank
                return
            read = self._sums(part, columns)
            percentile[part] = read[:, 1] / read[:, 0]

        for _ in in_threads(place, blocks(size), self.threads):
            pass
        return self._named(percentile, rank)

    def _sums(self, part: slice, columns: Floats) -> Floats:
        """What the posteriors of a block, already weighed once, sum to with each column; not
        normalised."""
        likelihood, prior = self.likelihood(part), self.prior(part)
        if not self.widening.any or prior.ndim > 1:
            return self.weighed(part, likelihood) @ columns
        under = np.exp(prior - prior.max())[:, None] * columns
        return self.widening.sums(weights(likelihood), self.s2[part], under)

    def _ranked(self, at: Floats, rank: Floats) -> Floats:
        """The percentile that belongs to a score of each employee, read off the own curve."""
        if self.own is None:
            return np.interp(at, self.tables.target, rank)
        found = np.empty(len(at))
        for part in blocks(len(at)):
            found[part] = _between(self.own.curve(part), rank, at[part, None])
        return found

    def _named(self, percentile: Floats, rank: Floats | None) -> Scores:
        cells, out = self.cells, self.out
        return Scores(
            employee=cells.employee, n=self.n, n_excluded=cells.n_excluded,
            periods=cells.periods + self.before, raw_mean=cells.mean_of(self.n),
            score=out.score, lo=out.lo, hi=out.hi,
            reliability=1 - out.variance / self.params.prior_sd**2, percentile=percentile,
            p_above=out.p_above, p_below=out.p_below, mean=out.mean, variance=out.variance,
            grid=self.tables.theta, posterior=self.kept, likelihood=self.unwidened,
            s2=None if self.unwidened is None else self.s2,
            points=cells.points, params_version=self.params.version,
            policy_version=self.policy.version,
            percentile_lo=None if rank is None else self._ranked(out.lo, rank),
            percentile_hi=None if rank is None else self._ranked(out.hi, rank),
        )  # fmt: skip

    def _summarise(self, part: slice) -> Floats:
        """Fill the columns for a block; returns the sum of its posteriors."""
        likelihood = self.likelihood(part)
        if self.unwidened is not None:
            np.subtract(likelihood, likelihood.max(axis=1, keepdims=True), out=self.unwidened[part])
        weight = self.weighed(part, likelihood)
        if self.kept is not None:
            weight /= weight.sum(axis=1, keepdims=True)
            self.kept[part] = weight
        return self._read(part, weight)

    def _read(self, part: slice, weight: Floats) -> Floats:
        """The figures of a block from its posteriors, which need not be normalised."""
        out, policy = self.out, self.policy
        read = weight @ self.linear
        total = read[:, :1].copy()
        read /= total
        _, out.mean[part], square, out.score[part], above, out.p_below[part] = read.T
        out.variance[part] = np.maximum(square - out.mean[part] ** 2, 0.0)
        out.p_above[part] = 1 - above
        mass = (1 / total[:, 0]) @ weight
        q = self.tables.target if self.own is None else self.own.curve(part)
        c = np.cumsum(weight, axis=1)
        if self.own is not None:
            out.score[part] = (weight * q).sum(axis=1) / total[:, 0]
        weight /= 2
        c -= weight
        out.lo[part], out.hi[part] = quantile(c, q, 0.025 * total), quantile(c, q, 0.975 * total)
        if self.own is not None:
            c /= total
            out.p_above[part] = 1 - share_below(c, q, policy.award_standard)
            out.p_below[part] = share_below(c, q, policy.guidance_standard)
        return np.asarray(mass)


def told_by(posterior: Floats, log_prior: Floats) -> Floats:
    """Log of the curve of evidence that, times a prior, gave some posteriors (B, G). Where the
    prior itself says nothing it is as low as anywhere."""
    found = np.log(np.maximum(posterior, SMALLEST))
    found -= log_prior
    found[:, log_prior < FARTHEST + 90] = -np.inf
    return np.asarray(np.maximum(found, found.max(axis=1, keepdims=True) + FARTHEST, out=found))


def curve_of(past: Past, part: slice | Ints, above: Floats) -> Floats:
    """Log of the curve of evidence of some rows, (B, G); `above`: the grid less the average."""
    gap = above[None, :] - past.centre[part, None]
    return np.asarray(-0.5 * past.precision[part, None] * gap * gap)


def quantile(c: Floats, q: Floats, p: float | Floats) -> Floats:
    """Value of q at which the mid-cumulative c reaches p: linear between points, ends clamp.

    `p`: one number, or a column with one per row (where the rows of c sum to something else
    than 1)."""
    return _between(c, q, p)


def share_below(c: Floats, q: Floats, standard: float) -> Floats:
    """P(q < standard): the mid-cumulative c read at the standard."""
    if q.ndim == 2:
        return _between(q, c, standard)
    last = len(q) - 1
    right = int(np.clip(np.searchsorted(q, standard), 1, last))
    step = (standard - q[right - 1]) / max(q[right] - q[right - 1], 1e-300)
    part = float(np.clip(step, 0.0, 1.0))
    return np.asarray(c[:, right - 1] * (1 - part) + c[:, right] * part)


def _between(x: Floats, y: Floats, at: float | Floats) -> Floats:
    """y where x, rising along each row, reaches `at`: linear between points, ends clamp."""
    right = np.clip(np.count_nonzero(x < at, axis=1), 1, x.shape[1] - 1)
    row = np.arange(len(x))
    x0, x1 = x[row, right - 1], x[row, right]
    y0, y1 = (y[right - 1], y[right]) if y.ndim == 1 else (y[row, right - 1], y[row, right])
    part = np.clip((np.ravel(at) - x0) / np.maximum(x1 - x0, 1e-300), 0.0, 1.0)
    return np.asarray(y0 + part * (y1 - y0))


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
