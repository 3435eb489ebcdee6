"""A sample of the employees, on which a fit begins: where the maximum is, and how it curves.

A search with the right curvature is done after a handful of passes over all employees, with a
guessed one after a hundred. The sample decides only how fast the maximum is found, not where.
"""

import numpy as np

from .cells import select_employees
from .data import Floats
from .likelihood import Likelihood

SIZE = 1_000
"""Employees of a sample: enough that its curvature is that of all to within a few per cent."""
LARGEST = 200
"""Parameters beyond which so many passes over the sample cost more than they save."""
STEP = 1e-3
"""Of the differences between gradients, in logits."""


class Sample:
    """Every k-th employee; their likelihood counts for all."""

    def __init__(self, whole: Likelihood) -> None:
        rows = np.arange(0, len(whole.home), len(whole.home) // SIZE)
        self.part = Likelihood(
            select_employees(whole.cells, rows), whole.facets, whole.shape, whole.home[rows],
            whole.theta,
        )  # fmt: skip
        self.scale = len(whole.home) / len(rows)

    @staticmethod
    def pays(whole: Likelihood) -> bool:
        """Whether there are so many employees, and so few parameters, that a sample saves time."""
        return len(whole.home) >= 2 * SIZE and whole.shape.size <= LARGEST

    def evaluate(self, x: Floats) -> tuple[float, Floats]:
        """Marginal log-likelihood and its gradient at x, as if of all employees."""
        value, gradient = self.part.evaluate(x)
        return value * self.scale, gradient * self.scale

    def information(self, x: Floats) -> Floats:
        """Minus the second derivatives of the log-likelihood at x, by differences."""
        here = self.evaluate(x)[1]
        shifted = x + STEP * np.eye(len(x))
        rows = np.stack([here - self.evaluate(at)[1] for at in shifted]) / STEP
        return np.asarray((rows + rows.T) / 2)
