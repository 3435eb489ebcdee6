"""Posteriors on the grid, block by block (section 5)."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

import numpy as np
import scipy.sparse as sp
from scipy import optimize
from scipy.sparse.linalg import expm
from scipy.special import ndtr, ndtri

from .data import Cells, Floats, Ints
from .params import Params

P = TypeVar("P")
T = TypeVar("T")
BLOCK = 4096
"""Employees at a time: a block of the grid stays in the processor's cache."""
SMALLEST = 1e-300
"""Probabilities below this are no longer told apart; keeps logarithms finite."""
RUNG = 1.5
"""How much larger each variance of a kernel is than the one before."""
LEAST_RUNG = 0.002
"""Variance (logits^2) that no figure shows."""
OFFICE_GRID = 80
UPPER = 0.975


def blocks(size: int, width: int = BLOCK) -> Iterator[slice]:
    """Consecutive slices that cover 0..size."""
    for start in range(0, size, width):
        yield slice(start, min(start + width, size))


def in_threads(work: Callable[[P], T], parts: Iterable[P], threads: int) -> Iterator[T]:
    """Results of the work on each part, in order. numpy lets go of the interpreter's lock in its
    loops, so two threads use two cores; the figures do not depend on their number."""
    if threads <= 1:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, parts)


def rows_of(matrix: sp.csr_matrix, part: slice) -> sp.csr_matrix:
    """Some consecutive rows without copying their contents."""
    first, last = matrix.indptr[part.start], matrix.indptr[part.stop]
    return sp.csr_matrix(
        (
            matrix.data[first:last],
            matrix.indices[first:last],
            matrix.indptr[part.start : part.stop + 1] - first,
        ),
        shape=(part.stop - part.start, matrix.shape[1]),
        copy=False,
    )


def log_likelihood(cells: Cells, log_p: tuple[Floats, ...], part: slice) -> Floats:
    """LL_e(g) = sum over instruments, groups and bins of h log p, for a block of employees."""
    total: Floats | None = None
    for counts, table in zip(cells.counts, log_p, strict=True):
        if counts.nnz:
            here = rows_of(counts, part) @ table
            total = here if total is None else np.add(total, here, out=total)
    return np.zeros((part.stop - part.start, log_p[0].shape[1])) if total is None else total


def normal_prior(theta: Floats, mu: float, sd: float) -> Floats:
    """Log of a normal density on the grid, normalised there."""
    log_w = -0.5 * ((theta - mu) / sd) ** 2
    return np.asarray(log_w - log_w.max() - np.log(np.exp(log_w - log_w.max()).sum()))


def weights(log_weight: Floats) -> Floats:
    """Weights along the last axis, the largest 1, not yet divided by their sum; the argument is
    overwritten."""
    log_weight -= log_weight.max(axis=-1, keepdims=True)
    return np.asarray(np.exp(log_weight, out=log_weight))


def softmax(log_weight: Floats) -> Floats:
    """Probabilities along the last axis; the argument is overwritten."""
    weights(log_weight)
    log_weight /= log_weight.sum(axis=-1, keepdims=True)
    return log_weight


class Widening:
    """What more ratings of a person do not remove: the part of their office, and the errors of
    the service effects. Whatever the person's own ability, the answers were earned beside an
    office's part drawn from N(0, s2), so the likelihood of the ability is the one of the answers
    averaged over it: as a curve on the grid, blurred. It is as wide where answers tell little
    (near the ceiling) as where they tell much; dividing the log-likelihood, as is done for
    over-dispersion otherwise, widens most where little is known already.

    Each s2 that occurs lies between the office's variance and that plus the largest error of a
    service. The kernels of some variances in between, each half as large again as the one before,
    serve all: a person's is mixed of the two that are next, so that the variance is exact. (The
    mixture's tails are a little heavier: a chance of .90 then states .003 too much at most.)
    """

    def __init__(self, params: Params) -> None:
        most = params.s2 + max((se**2 for se in params.service_se.values()), default=0.0)
        self.any = most > 0
        steps = [params.s2]
        while steps[-1] < most:
            steps.append(min(max(RUNG * steps[-1], LEAST_RUNG), most))
        self.rungs = np.array(steps)
        self.kernels = [_blur(params.grid, s2) for s2 in steps]

    def of(self, likelihood: Floats, s2: Floats) -> Floats:
        """The curves of a block, (B, G): likelihoods, not logarithms, each up to a constant
        factor; `s2` (B,) in logits^2."""
        wide = self._through(self.kernels, likelihood, s2)
        return np.asarray(np.maximum(wide, SMALLEST, out=wide))

    def sums(self, likelihood: Floats, s2: Floats, columns: Floats) -> Floats:
        """What the curves sum to with each of some columns (G, C), without laying them out."""
        found = self._through([k @ columns for k in self.kernels], likelihood, s2)
        return np.asarray(found + SMALLEST * columns.sum(axis=0))

    def _through(self, kernels: list[Floats], likelihood: Floats, s2: Floats) -> Floats:
        if len(kernels) == 1:
            return likelihood @ kernels[0]
        wide = np.empty((len(likelihood), kernels[0].shape[1]))
        below = np.clip(np.searchsorted(self.rungs, s2, side="right") - 1, 0, len(kernels) - 2)
        for rung in np.unique(below).tolist():
            rows = np.flatnonzero(below == rung)
            low, high = self.rungs[rung : rung + 2]
            some = likelihood[rows]
            narrow, mixed = some @ kernels[rung], some @ kernels[rung + 1]
            mixed -= narrow
            mixed *= ((s2[rows] - low) / (high - low))[:, None]
            mixed += narrow
            wide[rows] = mixed
        return wide


@lru_cache(maxsize=64)
def _blur(grid: tuple[float, float, int], s2: float) -> Floats:
    """Moves each grid point to its neighbours with variance s2, exactly so however coarse the
    grid (heat flow on its points; Lindeberg 1990, IEEE Trans Pattern Anal 12:234); symmetric, and
    it never turns the order of two curves. Not to be written to."""
    size, step = grid[2], (grid[1] - grid[0]) / (grid[2] - 1)
    left = np.eye(size, k=1) + np.eye(size, k=-1)
    flow = left - np.diag(left.sum(axis=1))
    found = np.asarray(expm(s2 / (2 * step**2) * flow))
    found.flags.writeable = False
    return found


class Slack:
    """Variance (logits^2) of each person that more ratings do not remove: s2 of the office, and
    the errors of the service effects, sum_s pi_es^2 se_s^2 with the person's own shares pi."""

    def __init__(self, cells: Cells, params: Params) -> None:
        self.s2 = params.s2
        services = sorted(params.service_se)
        place = {name: number for number, name in enumerate(services)}
        of_group = np.array([place.get(name, -1) for name in cells.group.service.tolist()])
        known = np.flatnonzero(of_group >= 0)
        self.square = np.array([params.service_se[name] ** 2 for name in services])
        self.joins = [
            sp.csr_matrix(
                (np.ones(len(known) * item.bins),
                 ((known[:, None] * item.bins + np.arange(item.bins)).ravel(),
                  np.repeat(of_group[known], item.bins))),
                shape=(len(cells.group) * item.bins, max(len(services), 1)),
            )
            for item in cells.instrument
        ]  # fmt: skip
        self.counts = cells.counts

    def of(self, part: slice, n: Floats) -> Floats:
        """One number for each of a block of employees with so many ratings, (B,)."""
        size = part.stop - part.start
        if not self.square.any():
            return np.full(size, self.s2)
        total = sp.csr_matrix((size, len(self.square)))
        for counts, join in zip(self.counts, self.joins, strict=True):
            total = total + rows_of(counts, part) @ join
        total.data = total.data**2
        return np.asarray(self.s2 + total @ self.square / np.maximum(n, 1) ** 2)


def office_variance(
    gap: Floats, variance: Floats, office: Ints, *, tau2: float, usual: float
) -> float:
    """s2, the variance between offices, as an interval of 95 % needs it.

    `gap`, `variance`: posterior mean of each person less the mean of the prior N(mean, tau2), and
    posterior variance. Shrunken means vary too little, so each is first de-shrunken: z = gap/r
    with error variance v/r, r = 1 - v/tau2. The restricted likelihood of z (Patterson & Thompson
    1971) times an exponential prior with mean `usual` is the posterior of s2. Few offices tell s2
    only roughly; the value returned is the variance of the normal distribution whose central 95 %
    are those of N(0, s2) averaged over that posterior.
    """
    if not len(gap):
        return 0.0
    r = np.clip(1 - variance / tau2, 0.05, 1)
    z, error = gap / r, variance / r
    sigma = np.sqrt(tau2) * (np.arange(OFFICE_GRID) + 0.5) / OFFICE_GRID
    log_p = np.array([_restricted(z, error + tau2, office, s * s) for s in sigma.tolist()])
    log_p += np.log(sigma) - sigma**2 / usual
    weight = np.exp(log_p - log_p.max())
    weight /= weight.sum()

    def missed(x: float) -> float:
        return float(weight @ ndtr(x / sigma)) - UPPER

    reach = optimize.brentq(missed, 0.0, 10 * float(sigma[-1]))
    return float((reach / ndtri(UPPER)) ** 2)


def _restricted(z: Floats, total: Floats, office: Ints, s2: float) -> float:
    """Restricted log-likelihood of independent z with variance `total`, s2 of it the office's."""
    w = 1 / (total - s2)
    precision = np.bincount(office, weights=w)
    here = precision > 0
    precision = precision[here]
    centre = np.bincount(office, weights=w * z)[here] / precision
    between = 1 / (s2 + 1 / precision)
    mean = float(between @ centre) / float(between.sum())
    inside = float(np.log(w).sum() - w @ z**2 - np.log(precision).sum() + precision @ centre**2)
    across = float(np.log(between).sum() - between @ (centre - mean) ** 2 - np.log(between.sum()))
    return (inside + across) / 2
