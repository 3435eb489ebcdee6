"""How well the effects of services are known: what widens intervals beside the office (section 6).

The persons are integrated out as in the search's metric, but each answer is worth what it tells
of the person who earned it in the service where it was given: staff near the ceiling tell little.
How staff are rostered is itself an estimate; Kass & Steffey 1989 (J Am Stat Assoc 84:717) add to
the variance of an effect what it moves with that estimate. Without the two, the errors stated in
simulated cities are a twelfth smaller.
"""

import numpy as np
import scipy.sparse as sp

from .cells import by_group
from .data import Cells, Floats
from .likelihood import Point
from .model import AT_ONCE, information
from .posterior import blocks
from .roster import Evidence, Roster
from .start import Facets

STEP = np.array([0.1, 0.2, 0.2])
"""Of the differences, in units of the roster's own prior: slope, log variance, log spread."""
FLOOR = 0.25
"""Least information about any of them; where the quadratic picture of the likelihood says less,
it no longer is one."""


def told_of_facets(
    cells: Cells, design: Facets, point: Point, theta: Floats, mean: Floats
) -> tuple[sp.csr_matrix, Floats]:
    """Information (1 / logits^2) of everybody's answers per facet level, (E, F), and of all
    answers per group, (R,). `mean`: each person's posterior mean, taken to the nearest of the
    grid's points `theta`."""
    known = design.design @ point.effects + cells.group.known
    eta = known[:, None] + theta[None, :]
    place = np.clip(np.round((mean - theta[0]) / (theta[1] - theta[0])), 0, len(theta) - 1)
    total = sp.csr_matrix((len(cells), design.design.shape[1]))
    volume = np.zeros(len(known))
    for c, a, part in zip(point.c, point.a, by_group(cells), strict=True):
        worth = np.empty(eta.shape)
        for groups in blocks(len(eta), AT_ONCE):
            worth[groups] = information(c, a, eta[groups])
        person = np.repeat(place.astype(np.int64), np.diff(part.indptr))
        answers = sp.csr_matrix(
            (part.data * worth[part.indices, person], part.indices, part.indptr), shape=part.shape
        )
        total = total + answers @ design.design
        volume += np.asarray(answers.sum(axis=0)).ravel()
    return sp.csr_matrix(total), volume


def variances(evidence: Evidence, pick: Floats) -> Floats:
    """Variances of some combinations of effects, the columns of `pick`, with the roster that the
    evidence was found with."""
    joint = evidence.with_line(evidence.found_with)
    own = np.asarray((pick * np.linalg.solve(joint, pick)).sum(axis=0))
    return own + _of_the_roster(evidence, pick)


def _of_the_roster(evidence: Evidence, pick: Floats) -> Floats:
    """What the combinations move with slope, log variance and log spread, times the variance of
    these: the inverse of the curvature of their likelihood, the effects integrated out."""
    here = evidence.found_with
    size = len(STEP)

    def judged(step: Floats) -> tuple[float, Floats]:
        """So many steps away."""
        slope, variance, spread = step * STEP
        likely, best = evidence.judge(
            Roster(
                here.slope + slope * evidence.slope_sd,
                here.variance * float(np.exp(variance)),
                here.spread * float(np.exp(spread)),
            )
        )
        return likely, pick.T @ best

    middle = judged(np.zeros(size))[0]
    curvature, moves = np.zeros((size, size)), []
    for at, step in enumerate(np.eye(size)):
        up, down = judged(step), judged(-step)
        curvature[at, at] = 2 * middle - up[0] - down[0]
        moves.append((up[1] - down[1]) / (2 * STEP[at]))
        for other in np.eye(size)[:at]:
            corner = sum(a * b * judged(a * step + b * other)[0] for a in (1, -1) for b in (1, -1))
            curvature[at, other > 0] = curvature[other > 0, at] = -corner / 4
    worth, axes = np.linalg.eigh(curvature / np.outer(STEP, STEP))
    return np.asarray(
        ((axes.T @ np.stack(moves)) ** 2 / np.maximum(worth, FLOOR)[:, None]).sum(axis=0)
    )
