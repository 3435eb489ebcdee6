"""Who is put where: the prior of the home services' means, and how it is learnt (section 4)."""

from dataclasses import dataclass

import numpy as np

from .data import Floats

EM_STEPS = 60
SMALLEST_VARIANCE = 1e-3
LINE = 6
"""Taken from the homes when their variance is judged: two for the line itself, four because the
mean of what the variance may be is wanted, not the likeliest value, which is too often none."""


@dataclass(frozen=True)
class Roster:
    """Staff at home in service h have mean ability slope x (effect of h) with this variance
    around the line (logits^2). Mundlak 1978: when weak staff sit at hard services, staff and
    services are not independent, and a fit that took them so would blame the services.
    """

    slope: float
    variance: float

    def near(self, other: "Roster", part: float = 1.0) -> bool:
        """Whether another round is not worth its time."""
        return (
            abs(self.variance - other.variance) < 0.02 * part * other.variance
            and abs(self.slope - other.slope) < 0.02 * part
        )

    def precision(self, homes: int, effects: int) -> Floats:
        """Precision that the line brings to (facet effects, home means); the first `homes` of
        the effects are those of the home services."""
        row = np.zeros((homes, effects + homes))
        at = np.arange(homes)
        row[at, effects + at] = 1.0
        row[at, at] = -self.slope
        return np.asarray(row.T @ row / self.variance)

    def around(self, means: Floats, share: Floats) -> "Roster":
        """Without a line: the variance of the home means alone."""
        spread = float(share @ (means - share @ means) ** 2)
        return Roster(0.0, max(SMALLEST_VARIANCE, spread))


def learn(now: Roster, at: Floats, information: Floats, share: Floats, slope_sd: float) -> Roster:
    """How staff are rostered, from the quadratic model of the likelihood at some place.

    `at`: facet effects and home means there; `information` of these, with the line `now`;
    `share` of the staff of each home. EM steps whose means and uncertainty cost no pass over the
    counts. The uncertainty of the means is part of the variance: without it, whatever services
    and their staff share would go to the services, and weak staff at hard services would look
    good.
    """
    homes = len(share)
    effects = len(at) - homes
    pulled = information @ at
    curvature = information - now.precision(homes, effects)
    for _ in range(EM_STEPS):
        before = now
        joint = np.asarray(
            np.linalg.inv(curvature + before.precision(homes, effects)), dtype=np.float64
        )
        now = _step(joint @ pulled, joint, share, before, slope_sd)
        if now.near(before, 0.1):
            break
    return now


def _step(mean: Floats, covariance: Floats, share: Floats, now: Roster, slope_sd: float) -> Roster:
    """One EM step: the line through the home means given their joint distribution."""
    homes = len(share)
    effect, home = slice(0, homes), slice(len(mean) - homes, len(mean))
    centre = np.eye(homes) - share[None, :]

    def moment(a: slice, b: slice) -> float:
        spread = np.einsum("ij,jk,ik->i", centre, covariance[a, b], centre, optimize=True)
        return float(share @ ((centre @ mean[a]) * (centre @ mean[b]) + spread))

    ridge = now.variance / slope_sd**2 / homes
    both, own = moment(effect, home), moment(effect, effect)
    slope = both / (own + ridge)
    variance = moment(home, home) - 2 * slope * both + slope**2 * own
    variance *= homes / max(homes - LINE, 1)
    return Roster(slope, max(SMALLEST_VARIANCE, variance))
