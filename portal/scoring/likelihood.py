"""The penalised marginal log-likelihood and its gradient (section 4).

By Fisher's identity the gradient of the marginal log-likelihood equals that of the complete-data
objective at the current posterior: one evaluation is one pass over the counts and one over the
expected counts.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.special import expit

from .data import Cells, Floats, Ints
from .model import FLOOR
from .posterior import blocks, in_threads, log_likelihood, rows_of
from .start import Facets

SPLIT = 4_000
"""From so many employees on, the E-step runs in two halves."""


@dataclass(frozen=True)
class Shape:
    """Where each parameter stands in the vector x.

    Per instrument: first threshold, logarithms of the steps between thresholds, and the log
    slope unless it is the reference; then services, channels, periods; home means; log tau.
    """

    bins: tuple[int, ...]
    reference: int
    effects: int
    homes: int

    @property
    def thresholds(self) -> list[slice]:
        """Per instrument, first threshold and log steps."""
        out, at = [], 0
        for number, m in enumerate(self.bins):
            out.append(slice(at, at + m - 1))
            at += m - 1 + (number != self.reference)
        return out

    @property
    def effect(self) -> slice:
        """Facet effects."""
        start = sum(m - 1 for m in self.bins) + len(self.bins) - 1
        return slice(start, start + self.effects)

    @property
    def home(self) -> slice:
        """Home means."""
        return slice(self.effect.stop, self.effect.stop + self.homes)

    @property
    def size(self) -> int:
        """Length of x; the last entry is log tau."""
        return int(self.home.stop) + 1

    def unpack(self, x: Floats) -> "Point":
        """The parameters in their own units."""
        c, a = [], []
        for number, part in enumerate(self.thresholds):
            first, steps = x[part][:1], np.exp(np.minimum(x[part][1:], 50.0))
            c.append(np.concatenate([first, first + np.cumsum(steps)]))
            a.append(1.0 if number == self.reference else float(np.exp(x[part.stop])))
        tau = float(np.exp(x[-1]))
        return Point(c, a, x[self.effect], x[self.home], tau)


@dataclass
class Point:
    """One set of parameters: thresholds, slopes, facet effects, home means, tau."""

    c: list[Floats]
    a: list[float]
    effects: Floats
    home: Floats
    tau: float


@dataclass
class Expected:
    """What one pass over the counts yields: log-likelihood, expected counts N per instrument
    (R m, G), posterior mass per home (H, G), and on request the posterior moments."""

    loglik: float
    counts: list[Floats]
    by_home: Floats
    mean: Floats
    variance: Floats


class Likelihood:
    """Counts of the employees with at least one counted rating, ready for evaluation."""

    def __init__(
        self,
        cells: Cells,
        facets: Facets,
        shape: Shape,
        home: Ints,
        theta: Floats,
        *,
        threads: int = 1,
    ) -> None:
        self.cells = cells
        self.facets = facets
        self.shape = shape
        self.home = home
        self.theta = theta
        self.threads = threads
        self.moments = np.stack([theta, theta**2], axis=1)
        levels = max(shape.homes, 1)
        self.member = sp.csr_matrix(
            (np.ones(len(home)), (home, np.arange(len(home)))), shape=(levels, len(home))
        ).tocsc()

    def _prior(self, point: Point) -> Floats:
        """log w_h(g), normalised on the grid, (H, G)."""
        centre = point.home if self.shape.homes else np.zeros(1)
        log_w = -0.5 * ((self.theta[None, :] - centre[:, None]) / point.tau) ** 2
        top = log_w.max(axis=1, keepdims=True)
        return np.asarray(log_w - top - np.log(np.exp(log_w - top).sum(axis=1, keepdims=True)))

    def tables(self, point: Point) -> tuple[list[Floats], list[Floats], Floats]:
        """F_j (R, m-1, G) and log p (R m, G) per instrument, and eta (R, G)."""
        known = self.facets.design @ point.effects + self.cells.group.known
        eta = known[:, None] + self.theta[None, :]
        cumulative, log_p = [], []
        for c, a in zip(point.c, point.a, strict=True):
            inner = expit(c[None, :, None] - a * eta[:, None, :])
            p = np.empty((len(eta), len(c) + 1, len(self.theta)))
            p[:, 0], p[:, -1] = inner[:, 0], 1 - inner[:, -1]
            np.subtract(inner[:, 1:], inner[:, :-1], out=p[:, 1:-1])
            np.maximum(p, FLOOR, out=p)
            cumulative.append(inner)
            log_p.append(np.log(p).reshape(-1, len(self.theta)))
        return cumulative, log_p, eta

    def expect(self, point: Point, log_p: list[Floats]) -> Expected:
        """E-step, block by block, so that memory does not grow with the employees.

        Always in the same two halves, whatever the number of threads: sums of floating-point
        numbers depend on their order, and a parameter version must not depend on the machine.
        """
        prior = self._prior(point)
        size = len(self.home)
        mean, variance = np.empty(size), np.empty(size)

        def half(rows: slice) -> Expected:
            out = Expected(0.0, [np.zeros_like(table) for table in log_p], np.zeros_like(prior),
                           mean, variance)  # fmt: skip
            for part in blocks(rows.stop - rows.start):
                self._take(
                    out, slice(rows.start + part.start, rows.start + part.stop), log_p, prior
                )
            return out

        halves = [slice(0, size // 2), slice(size // 2, size)] if size > SPLIT else [slice(0, size)]
        first, *rest = in_threads(half, halves, self.threads)
        for other in rest:
            first.loglik += other.loglik
            first.by_home += other.by_home
            for number, theirs in enumerate(other.counts):
                first.counts[number] += theirs
        return first

    def _take(self, out: Expected, part: slice, log_p: list[Floats], prior: Floats) -> None:
        """Add a block of employees to the expected counts."""
        weight = log_likelihood(self.cells, tuple(log_p), part)
        weight += prior[self.home[part]]
        top = weight.max(axis=1, keepdims=True)
        weight -= top
        np.exp(weight, out=weight)
        total = weight.sum(axis=1, keepdims=True)
        weight /= total
        out.loglik += float((top + np.log(total)).sum())
        for number, counts in enumerate(self.cells.counts):
            if counts.nnz:
                out.counts[number] += rows_of(counts, part).T @ weight
        out.by_home += self.member[:, part] @ weight
        moment = weight @ self.moments
        out.mean[part] = moment[:, 0]
        out.variance[part] = np.maximum(moment[:, 1] - moment[:, 0] ** 2, 0)

    def evaluate(self, x: Floats) -> tuple[float, Floats]:
        """Marginal log-likelihood and its gradient at x."""
        point = self.shape.unpack(x)
        cumulative, log_p, eta = self.tables(point)
        found = self.expect(point, log_p)
        gradient = np.zeros(self.shape.size)
        by_group = np.zeros(len(eta))
        for number, inner in enumerate(cumulative):
            n = found.counts[number].reshape(inner.shape[0], -1, inner.shape[2])
            part = self.shape.thresholds[number]
            gradient[part] = _to_thresholds(x[part], inner, n, log_p[number])
            pull = (inner * (n[:, :-1] + n[:, 1:])).sum(axis=1) + n[:, -1] - n.sum(axis=1)
            by_group += point.a[number] * pull.sum(axis=1)
            if number != self.shape.reference:
                gradient[part.stop] = point.a[number] * float((eta * pull).sum())
        gradient[self.shape.effect] = self.facets.design.T @ by_group
        self._spread(gradient, point, found)
        return found.loglik, gradient

    def _spread(self, gradient: Floats, point: Point, found: Expected) -> None:
        """Gradient for home means and log tau: observed less expected moments of the prior."""
        prior = np.exp(self._prior(point))
        centre = point.home if self.shape.homes else np.zeros(1)
        gap = self.theta[None, :] - centre[:, None]
        people = found.by_home.sum(axis=1)
        tau2 = point.tau**2
        first = (found.by_home * gap).sum(axis=1) - people * (prior * gap).sum(axis=1)
        second = (found.by_home * gap**2).sum(axis=1) - people * (prior * gap**2).sum(axis=1)
        if self.shape.homes:
            gradient[self.shape.home] = first / tau2
        gradient[-1] = float(second.sum()) / tau2

    def posterior(self, x: Floats) -> Expected:
        """One pass at x, for its moments and masses."""
        point = self.shape.unpack(x)
        _, log_p, _ = self.tables(point)
        return self.expect(point, log_p)


def _to_thresholds(x: Floats, inner: Floats, n: Floats, log_p: Floats) -> Floats:
    """Gradient for one instrument's first threshold and log steps (x), from the cumulative
    probabilities F (R, m-1, G) and the expected counts N (R, m, G)."""
    per_p = n * np.exp(-log_p).reshape(n.shape)
    density = inner * (1 - inner)
    to_c = (density * (per_p[:, :-1] - per_p[:, 1:])).sum(axis=(0, 2))
    tail = np.cumsum(to_c[::-1])[::-1]
    return np.concatenate([tail[:1], tail[1:] * np.exp(x[1:])])
