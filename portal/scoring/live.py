"""One more rating, or one withdrawn: all numbers of one employee at once (section 12)."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from .data import Floats
from .model import probabilities, standardised
from .params import Params
from .policy import Policy
from .posterior import Widening, normal_prior

Group = tuple[str, str, str]


@dataclass(frozen=True)
class Standing:
    """What is kept of one employee: log-likelihood on the grid, ratings per service, IKM sum of
    the counted ratings."""

    likelihood: Floats
    services: dict[str, int]
    raw_sum: float

    @property
    def n(self) -> int:
        """Counted ratings."""
        return sum(self.services.values())


@dataclass(frozen=True)
class Numbers:
    """The same figures as in `Scores`, for one employee."""

    n: int
    raw_mean: float
    score: float
    lo: float
    hi: float
    reliability: float
    p_above: float
    p_below: float
    percentile: float | None


class Live:
    """A parameter version laid out for single ratings; equals the nightly pass to 1e-9.

    `population`: the grid distribution that percentiles refer to (of the last full run).
    """

    def __init__(self, params: Params, policy: Policy, population: Floats | None = None) -> None:
        self.params, self.policy = params, policy
        self.theta = params.theta
        self.instruments = params.instruments
        self.values = {item.name: item.values for item in self.instruments}
        self.widening = Widening(params)
        self.prior = normal_prior(self.theta, params.mu, params.prior_sd)
        self.target = standardised(params)
        self.rank: Floats | None = None
        if population is not None:
            self.rank = 100 * (np.cumsum(population) - population / 2)
        self._log_p: dict[tuple[str, Group], Floats] = {}

    def nobody(self) -> Standing:
        """An employee without ratings."""
        zero = np.zeros(len(self.theta))
        return Standing(zero, {}, 0.0)

    def add(self, at: Standing, instrument: str, place: int, group: Group) -> Standing:
        """One more rating: its instrument, its bin (from 0) and (service, channel, period)."""
        return self._changed(at, instrument, place, group, 1)

    def withdraw(self, at: Standing, instrument: str, place: int, group: Group) -> Standing:
        """One rating less."""
        return self._changed(at, instrument, place, group, -1)

    def _changed(
        self, at: Standing, instrument: str, place: int, group: Group, sign: int
    ) -> Standing:
        services = dict(at.services)
        services[group[0]] = services.get(group[0], 0) + sign
        value = float(self.values[instrument][place])
        return dataclasses.replace(
            at, likelihood=at.likelihood + sign * self._table(instrument, group)[place],
            services=services, raw_sum=at.raw_sum + sign * value,
        )  # fmt: skip

    def _table(self, instrument: str, group: Group) -> Floats:
        """log p (bins, G) of an instrument in a group, computed once."""
        key = (instrument, group)
        if key not in self._log_p:
            params = self.params
            eta = (
                params.services.get(group[0], 0.0)
                + params.channels.get(group[1], 0.0)
                + params.periods.get(group[2], 0.0)
            )
            c = np.asarray(params.thresholds[instrument])
            p = probabilities(c, params.slopes[instrument], self.theta + eta)
            self._log_p[key] = np.log(p).T
        return self._log_p[key]

    def numbers(self, at: Standing) -> Numbers:
        """All figures of one employee, in well under a millisecond."""
        if self.widening.any:
            sharp = np.exp(at.likelihood - at.likelihood.max())[None, :]
            curve = self.widening.of(sharp, np.array([self._slack(at)]))[0]
            posterior = curve * np.exp(self.prior - self.prior.max())
        else:
            log_weight = at.likelihood + self.prior
            posterior = np.exp(log_weight - log_weight.max())
        posterior /= posterior.sum()
        c, q = np.cumsum(posterior) - posterior / 2, self.target
        mean = float(posterior @ self.theta)
        variance = max(float(posterior @ self.theta**2) - mean**2, 0.0)
        return Numbers(
            n=at.n, raw_mean=at.raw_sum / at.n if at.n else float("nan"),
            score=float(posterior @ q),
            lo=float(np.interp(0.025, c, q)), hi=float(np.interp(0.975, c, q)),
            reliability=1 - variance / self.params.prior_sd**2,
            p_above=1 - float(np.interp(self.policy.award_standard, q, c)),
            p_below=float(np.interp(self.policy.guidance_standard, q, c)),
            percentile=None if self.rank is None else float(posterior @ self.rank),
        )  # fmt: skip

    def _slack(self, at: Standing) -> float:
        """Office variance and the errors of the own services' effects, logits squared."""
        n = max(at.n, 1)
        errors = self.params.service_se
        own = sum((k / n) ** 2 * errors.get(name, 0.0) ** 2 for name, k in at.services.items())
        return self.params.s2 + own
