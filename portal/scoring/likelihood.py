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

PIECE = 1 << 17
"""Numbers of a table at a time."""
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

    def tables(self, point: Point) -> list[Floats]:
        """log p (R m, G) per instrument."""
        eta = self._eta(point)
        tables = [np.empty((len(eta), m, len(self.theta))) for m in self.shape.bins]

        def fill(work: tuple[int, slice]) -> None:
            number, groups = work
            inner = _cumulative(point.c[number], point.a[number], eta[groups])
            np.log(_differences(inner), out=tables[number][groups])

        for _ in in_threads(fill, self._pieces(), self.threads):
            pass
        return [table.reshape(-1, len(self.theta)) for table in tables]

    def _eta(self, point: Point) -> Floats:
        """theta and what is known of each group, (R, G)."""
        known = self.facets.design @ point.effects + self.cells.group.known
        return np.asarray(known[:, None] + self.theta[None, :])

    def _pieces(self) -> list[tuple[int, slice]]:
        """Instruments, and groups at a time: a table of them stays in the processor's cache, and
        memory holds no more than the tables that the E-step reads and fills."""
        size = len(self.cells.group)
        return [
            (number, part)
            for number, m in enumerate(self.shape.bins)
            for part in blocks(size, max(1, PIECE // (m * len(self.theta))))
        ]

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
        found = self.expect(point, self.tables(point))
        gradient = np.zeros(self.shape.size)
        by_group = self._add_gradient(gradient, x, point, found)
        gradient[self.shape.effect] = self.facets.design.T @ by_group
        self._spread(gradient, point, found)
        return found.loglik, gradient

    def _add_gradient(self, gradient: Floats, x: Floats, point: Point, found: Expected) -> Floats:
        """Gradient for thresholds and slopes, from the expected counts; returns that for what is
        known of each group, (R,)."""
        eta = self._eta(point)

        def pulled(work: tuple[int, slice]) -> tuple[Floats, Floats, float]:
            number, groups = work
            here = eta[groups]
            n = found.counts[number].reshape(len(eta), -1, here.shape[1])[groups]
            inner = _cumulative(point.c[number], point.a[number], here)
            per_p = n / _differences(inner)
            pull = (inner * (n[:, :-1] + n[:, 1:])).sum(axis=1) + n[:, -1] - n.sum(axis=1)
            density = inner * (1 - inner)
            to_c = (density * (per_p[:, :-1] - per_p[:, 1:])).sum(axis=(0, 2))
            return to_c, pull.sum(axis=1), float((here * pull).sum())

        pieces = self._pieces()
        by_group = np.zeros(len(eta))
        to_c = [np.zeros(m - 1) for m in self.shape.bins]
        to_a = np.zeros(len(self.shape.bins))
        told = in_threads(pulled, pieces, self.threads)
        for (number, groups), (steps, pull, slope) in zip(pieces, told, strict=True):
            to_c[number] += steps
            by_group[groups] += point.a[number] * pull
            to_a[number] += point.a[number] * slope
        for number, part in enumerate(self.shape.thresholds):
            tail = np.cumsum(to_c[number][::-1])[::-1]
            gradient[part] = np.concatenate([tail[:1], tail[1:] * np.exp(x[part][1:])])
            if number != self.shape.reference:
                gradient[part.stop] = to_a[number]
        return by_group

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
        return self.expect(point, self.tables(point))


def _cumulative(c: Floats, a: float, eta: Floats) -> Floats:
    """F_j (R, m-1, G)."""
    return np.asarray(expit(c[None, :, None] - a * eta[:, None, :]))


def _differences(inner: Floats) -> Floats:
    """p_j (R, m, G) of the F_j."""
    p = np.empty((inner.shape[0], inner.shape[1] + 1, inner.shape[2]))
    p[:, 0], p[:, -1] = inner[:, 0], 1 - inner[:, -1]
    np.subtract(inner[:, 1:], inner[:, :-1], out=p[:, 1:-1])
    return np.maximum(p, FLOOR, out=p)
