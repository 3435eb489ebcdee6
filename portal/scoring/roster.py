"""Who is put where: the prior of the home services' means, and how it is learnt (section 4)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize

from .data import Floats

SMALLEST_VARIANCE, LARGEST_VARIANCE = 1e-3, 1.0
STEEPEST = 3.0


@dataclass(frozen=True)
class Roster:
    """Staff at home in service h have mean ability slope x (effect of h) with this variance
    around the line (logits^2). Mundlak 1978: when weak staff sit at hard services, staff and
    services are not independent, and a fit that took them so would blame the services.
    """

    slope: float
    variance: float

    def near(self, other: "Roster") -> bool:
        """Whether another round is not worth its time."""
        return (
            abs(self.variance - other.variance) < 0.02 * other.variance
            and abs(self.slope - other.slope) < 0.02
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


@dataclass(frozen=True)
class Evidence:
    """What data and priors say of (facet effects, home means): their `information` without the
    roster's line, and their place `at` the maximum found with the line `found_with`. `homes`:
    number of home means, 0 where there is no line. The likelihood is taken for quadratic, so that
    effects and means are integrated out without a pass over the counts.

    Priors: the line's slope N(0, `slope_sd`^2); the standard deviation around it half-normal of
    width `home_sd` (Gelman 2006, Bayesian Anal 1:515), whose mode on the log scale is never none.
    """

    information: Floats
    at: Floats
    found_with: Roster
    homes: int
    slope_sd: float
    home_sd: float

    def with_line(self, roster: Roster) -> Floats:
        """Information once the line is known."""
        return self.information + roster.precision(self.homes, len(self.at) - self.homes)

    @cached_property
    def pulled(self) -> Floats:
        """Information times place, which no line changes."""
        return np.asarray(self.with_line(self.found_with) @ self.at)

    def judge(self, roster: Roster) -> tuple[float, Floats]:
        """Log posterior density of (slope, log variance), up to a constant, and the effects and
        means that are then the likeliest: with J the information and h the `pulled`,
        (h' J^-1 h - log |J| - homes log v) / 2 and the priors. Each home counts once, as in the
        fit's penalty: its mean is one draw from around the line, however many work there."""
        joint = self.with_line(roster)
        best = np.asarray(np.linalg.solve(joint, self.pulled))
        log_variance = float(np.log(roster.variance))
        twice = float(self.pulled @ best) - float(np.linalg.slogdet(joint)[1])
        twice -= self.homes * log_variance + (roster.slope / self.slope_sd) ** 2
        return (twice + log_variance - roster.variance / self.home_sd**2) / 2, best

    def likeliest(self) -> Roster:
        """Slope and variance where `judge` is greatest."""
        start = self.found_with

        def unlikely(place: Floats) -> tuple[float, Floats]:
            roster = Roster(float(place[0]), float(np.exp(place[1])))
            return -self.judge(roster)[0], -self._rise(roster)

        found = optimize.minimize(
            unlikely, np.array([start.slope, np.log(start.variance)]), jac=True, method="L-BFGS-B",
            bounds=[(-STEEPEST, STEEPEST), tuple(np.log([SMALLEST_VARIANCE, LARGEST_VARIANCE]))],
        )  # fmt: skip
        return Roster(float(found.x[0]), float(np.exp(found.x[1])))

    def _rise(self, roster: Roster) -> Floats:
        """Gradient of `judge`, by Fisher's identity: the expected gradient of the joint density.
        The uncertainty of effects and means is part of what is expected; without it, whatever
        services and their staff share would go to the services, and weak staff at hard services
        would look good."""
        covariance = np.linalg.inv(self.with_line(roster))
        mean = covariance @ self.pulled
        effect, home = slice(0, self.homes), slice(len(mean) - self.homes, None)

        def moment(a: slice, b: slice) -> float:
            return float(mean[a] @ mean[b] + np.trace(covariance[a, b]))

        slope, variance = roster.slope, roster.variance
        both, own = moment(effect, home), moment(effect, effect)
        around = moment(home, home) - 2 * slope * both + slope**2 * own
        return np.array([
            (both - slope * own) / variance - slope / self.slope_sd**2,
            (around / variance - self.homes + 1 - variance / self.home_sd**2) / 2,
        ])  # fmt: skip
