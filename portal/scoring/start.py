"""Where the fit begins: facets, pooled thresholds, within-employee service effects (section 4)."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from .cells import by_group
from .data import Cells, Floats, Ints


@dataclass(frozen=True)
class Facets:
    """Levels of service, channel and period, and the code of each group in them.

    `design` (R, S + C + T) has three ones a row: the facet effects of a group add up.
    """

    services: tuple[str, ...]
    channels: tuple[str, ...]
    periods: tuple[str, ...]
    design: sp.csr_matrix

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of services, channels, periods."""
        return len(self.services), len(self.channels), len(self.periods)


def facets(cells: Cells) -> Facets:
    """The facets of some cells, levels in sorted order."""
    levels, columns = [], []
    offset = 0
    for name in ("service", "channel", "period"):
        keys, code = np.unique(getattr(cells.group, name).astype(str), return_inverse=True)
        levels.append(tuple(keys.tolist()))
        columns.append(code + offset)
        offset += len(keys)
    size = len(cells.group)
    place = np.stack(columns, axis=1).ravel()
    design = sp.csr_matrix(
        (np.ones(3 * size), (np.repeat(np.arange(size), 3), place)), shape=(size, offset)
    )
    return Facets(levels[0], levels[1], levels[2], design)


def pooled_thresholds(volume: Floats, spread: float) -> Floats:
    """Cumulative logits of pooled counts; half an answer is added to each bin.

    Pooling over persons flattens the curve; the factor restores the slope at a typical person.
    """
    share = np.cumsum(volume + 0.5) / (volume.sum() + 0.5 * len(volume))
    steeper = float(np.sqrt(1 + spread**2 / 2.9))
    return np.asarray(np.log(share[:-1] / (1 - share[:-1])) * steeper)


def within_effects(cells: Cells, design: Facets, slope: list[float], ridge: Floats) -> Floats:
    """Facet effects (logits) from comparisons within employees only.

    Solves (diag(n) - N' diag(1/n_e) N + ridge) b = sum of within-employee deviations, answers
    divided by the slope of their expectation. Persons cancel, however the rosters were made.
    """
    y_f = np.zeros(design.design.shape[1])
    y_e = np.zeros(len(cells))
    for number, part in enumerate(by_group(cells)):
        answers = cells.counts[number]
        bins = cells.instrument[number].bins
        worth = np.tile(np.arange(bins) / slope[number], len(cells.group))
        weighted = np.bincount(
            answers.indices // bins, answers.data * worth[answers.indices], part.shape[1]
        )
        y_f += design.design.T @ weighted
        y_e += answers @ worth
    n_ef, volume = usual_worth(cells, design, [1.0] * len(cells.instrument))
    n_e = np.maximum(np.asarray(n_ef.sum(axis=1)).ravel() / 3, 1)
    matrix = _crossed(design, volume) - (n_ef.T @ n_ef.multiply(1 / n_e[:, None])).toarray()
    right = y_f - n_ef.T @ (y_e / n_e)
    return np.asarray(np.linalg.solve(matrix + np.diag(ridge), right))


def usual_worth(cells: Cells, design: Facets, worth: list[float]) -> tuple[sp.csr_matrix, Floats]:
    """Ratings per employee and facet level, (E, F), and per group, (R,), each instrument's times
    its worth."""
    total = sp.csr_matrix((len(cells), design.design.shape[1]))
    volume = np.zeros(len(cells.group))
    for unit, part in zip(worth, by_group(cells), strict=True):
        total = total + unit * (part @ design.design)
        volume += unit * np.asarray(part.sum(axis=0)).ravel()
    return sp.csr_matrix(total), volume


def _crossed(design: Facets, volume: Floats) -> Floats:
    weighted = design.design.multiply(volume[:, None])
    return np.asarray((design.design.T @ weighted).todense())


def between_information(
    told: tuple[sp.csr_matrix, Floats], design: Facets, *, home: Ints, homes: int, tau2: float
) -> Floats:
    """Approximate information about (facet effects, home means), persons integrated out.

    The Gaussian mixed model; `told`: information of everybody's answers per facet level and of
    all answers per group (`usual_worth`, `errors.told_of_facets`). The quasi-Newton search uses
    it as its metric; with it, services joined by few movers no longer make the search slow.
    """
    n_ef, volume = told
    n_e = np.asarray(n_ef.sum(axis=1)).ravel() / 3
    w = 1 / (n_e + 1 / tau2)
    shared = (n_ef.T @ n_ef.multiply(w[:, None])).toarray()
    effects = _crossed(design, volume) - shared
    if not homes:
        return np.asarray(effects)
    member = sp.csr_matrix((np.ones(len(home)), (home, np.arange(len(home)))),
                           shape=(homes, len(home)))  # fmt: skip
    cross = (member @ n_ef.multiply((1 - n_e * w)[:, None])).toarray()
    own = np.diag(np.bincount(home, weights=n_e - n_e * n_e * w, minlength=homes))
    return np.asarray(np.block([[effects, cross.T], [cross, own]]))
