"""The graded-response model on a grid: probabilities, their logarithms, information, curves.

P(Y <= j | theta, r, k) = expit(c_kj - a_k (theta + eta_r)); see Samejima 1969 and, for the
facets, Linacre 1989.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from .data import Cells, Floats, Groups, Instrument
from .params import Params
from .posterior import blocks

AT_ONCE = 100
"""Groups laid out at a time, for the memory's sake."""
FLOOR = 1e-12
"""Smallest probability of a bin: one impossible answer must not rule a person out."""


def cumulative(c: Floats, a: float, eta: Floats) -> Floats:
    """F_j = P(Y <= j) for j = 1..m-1, shape eta.shape + (m-1,)."""
    return np.asarray(expit(c - a * eta[..., None]), dtype=np.float64)


def probabilities(c: Floats, a: float, eta: Floats) -> Floats:
    """p_j for j = 1..m, shape eta.shape + (m,)."""
    inner = cumulative(c, a, eta)
    ends = np.zeros((*eta.shape, 1)), np.ones((*eta.shape, 1))
    steps = np.diff(np.concatenate([ends[0], inner, ends[1]], axis=-1), axis=-1)
    return np.maximum(steps, FLOOR)


def information(c: Floats, a: float, eta: Floats) -> Floats:
    """Fisher information about theta in one answer: a^2 sum_j p_j (F_j + F_{j-1} - 1)^2."""
    inner = cumulative(c, a, eta)
    ends = np.zeros((*eta.shape, 1)), np.ones((*eta.shape, 1))
    full = np.concatenate([ends[0], inner, ends[1]], axis=-1)
    p = np.maximum(np.diff(full, axis=-1), FLOOR)
    slope = full[..., 1:] + full[..., :-1] - 1
    return np.asarray(a * a * (p * slope * slope).sum(axis=-1))


@dataclass(frozen=True)
class Tables:
    """One parameter version laid out on its grid for a list of groups.

    `log_p[k]` is (R m_k, G), row r m_k + j; `curve[k]` (R, G) the expected IKM of one answer;
    `target` (G,) is nationally standardised (frozen shares).
    """

    theta: Floats
    log_p: tuple[Floats, ...]
    curve: tuple[Floats, ...]
    target: Floats


def known(cells: Cells, params: Params) -> Cells:
    """The cells without instruments that nobody answered and the parameters do not know."""
    if cells.points != params.points:
        raise UnknownInstrument(f"{cells.points} points", cells.instrument[-1].bins)
    keep = [
        number
        for number, item in enumerate(cells.instrument)
        if cells.counts[number].nnz or item.name in params.thresholds
    ]
    if len(keep) == len(cells.instrument):
        return cells
    return dataclasses.replace(
        cells,
        instrument=tuple(cells.instrument[number] for number in keep),
        counts=tuple(cells.counts[number] for number in keep),
    )


def tabulate(params: Params, instruments: tuple[Instrument, ...], group: Groups) -> Tables:
    """Tables for the instruments and groups of some cells, from stored parameters."""
    theta = params.theta
    eta = params.effects(group)[:, None] + theta[None, :]
    log_p, curve = [], []
    for item in instruments:
        c, a = _shape(params, item)
        table, expected = np.empty((len(eta), item.bins, len(theta))), np.empty(eta.shape)
        for part in blocks(len(eta), AT_ONCE):
            p = probabilities(c, a, eta[part])
            expected[part] = p @ item.values
            table[part] = np.log(p).transpose(0, 2, 1)
        curve.append(expected)
        log_p.append(table.reshape(-1, len(theta)))
    return Tables(theta, tuple(log_p), tuple(curve), standardised(params))


def standardised(params: Params) -> Floats:
    """The expected IKM q (G,) over the national mix."""
    national, share = params.national()
    eta = params.effects(national)[:, None] + params.theta[None, :]
    target = np.zeros(eta.shape[1])
    total = 0.0
    for item in params.instruments:
        v = params.weights.instrument.get(item.name, 0.0)
        if v > 0:
            target += v * (share @ (probabilities(*_shape(params, item), eta) @ item.values))
            total += v
    return target / total


def _shape(params: Params, item: Instrument) -> tuple[Floats, float]:
    c = params.thresholds.get(item.name)
    if c is None or len(c) + 1 != item.bins:
        raise UnknownInstrument(item.name, item.bins)
    return np.asarray(c), params.slopes[item.name]


class UnknownInstrument(ValueError):
    """Ratings on a form for which these parameters were not fitted."""

    def __init__(self, name: str, bins: int) -> None:
        super().__init__(f"the parameters know no instrument '{name}' with {bins} bins")


def spread_at(params: Params, theta: float) -> tuple[float, float, float]:
    """Mean and variance of one answer (IKM) of a person at theta over the national mix, and
    the slope of the mean."""
    national, share = params.national()
    total = sum(params.weights.instrument.values())
    moments = np.zeros(3)
    for item in params.instruments:
        v = params.weights.instrument.get(item.name, 0.0) / total
        for number, at in enumerate((theta, theta - 0.01, theta + 0.01)):
            p = share @ probabilities(*_shape(params, item), params.effects(national) + at)
            moments[number] += v * float(p @ item.values)
    variance = 0.0
    for item in params.instruments:
        v = params.weights.instrument.get(item.name, 0.0) / total
        p = share @ probabilities(*_shape(params, item), params.effects(national) + theta)
        variance += v * float(p @ (item.values - moments[0]) ** 2)
    return float(moments[0]), variance, float(moments[2] - moments[1]) / 0.02
