"""How many more ratings make a figure reliable: each further one at the person's own mix."""

from dataclasses import dataclass

import numpy as np

from .data import Cells, Flags, Floats, Ints, Scores
from .model import Tables, probabilities
from .params import Params
from .policy import Policy
from .posterior import Slack, Widening, blocks, log_likelihood, weights


@dataclass(frozen=True)
class Needed:
    """Per employee: further ratings until the reliability suffices, 0 where it does, -1 where no
    number asked of anyone would do; `shared`: it would do if office and services were known
    exactly, so that it is they, not a ceiling, that more ratings of this person leave as it is."""

    more: Ints
    shared: Flags


def needed(
    cells: Cells, params: Params, policy: Policy, tables: Tables, scores: Scores, *,
    prior: Floats,
) -> Needed:  # fmt: skip
    """The least number m for which the likelihood times (n + m)/n, widened anew, passes
    policy.min_reliability: found by halving, judged by the posterior itself.

    `prior`: log of the scores' prior on the grid, (G,) or (E, G). Newcomers are taken to be
    average, in the national mix.
    """
    more = np.where(scores.reliability >= policy.min_reliability, 0, -1).astype(np.int64)
    shared = np.zeros(len(cells), dtype=bool)
    widening, slack = Widening(params), Slack(cells, params)
    newcomer = _Newcomer(cells, params)
    n = cells.n
    for part in blocks(len(cells)):
        short = np.flatnonzero(more[part] < 0)
        if len(short):
            likelihood = log_likelihood(cells, tables.log_p, part)[short]
            some = _Some(
                likelihood, n[part][short], slack.of(part, n[part])[short], tables.theta, params,
                widening, policy.min_reliability, prior if prior.ndim == 1 else prior[part][short],
            )  # fmt: skip
            newcomer.stand_in(some)
            rows = part.start + short
            more[rows] = some.least(policy.needed_reliability_ratings)
            shared[rows] = (more[rows] < 0) & some.alone(policy.needed_reliability_ratings)
    return Needed(more, shared)


@dataclass
class _Some:
    """Some employees whose figures are not reliable yet; one row each of likelihood (B, G), told
    by so many ratings, of which they have `at_hand`, and of s2, (B,) each."""

    likelihood: Floats
    at_hand: Floats
    s2: Floats
    theta: Floats
    params: Params
    widening: Widening
    least_reliability: float
    prior: Floats

    def __post_init__(self) -> None:
        self.told_by = np.maximum(self.at_hand, 1.0)  # of a newcomer, one usual answer

    def enough(self, more: Ints, *, widened: bool = True) -> Flags:
        """Whether so many more ratings of each, as those at hand, suffice."""
        likelihood = ((self.at_hand + more) / self.told_by)[:, None] * self.likelihood
        if widened and self.widening.any:
            likelihood = np.log(self.widening.of(weights(likelihood), self.s2))
        posterior = weights(likelihood + self.prior)
        total = posterior.sum(axis=1)
        mean = posterior @ self.theta / total
        variance = posterior @ self.theta**2 / total - mean**2
        return np.asarray(1 - variance / self.params.prior_sd**2 >= self.least_reliability)

    def least(self, limit: int) -> Ints:
        """The least sufficient number up to the limit, -1 where there is none."""
        low = np.zeros(len(self.at_hand), dtype=np.int64)
        high = np.full(len(self.at_hand), limit, dtype=np.int64)
        none = ~self.enough(high)
        while (high - low > 1).any():
            middle = (low + high) // 2
            good = self.enough(middle)
            low, high = np.where(good, low, middle), np.where(good, middle, high)
        return np.where(none, -1, high)

    def alone(self, limit: int) -> Flags:
        """Whether the limit would do if nothing but the person were unknown."""
        return self.enough(np.full(len(self.at_hand), limit), widened=False)


class _Newcomer:
    """One answer of the average person over the national mix, for those who have none."""

    def __init__(self, cells: Cells, params: Params) -> None:
        national, share = params.national()
        eta = params.effects(national)[:, None]
        instruments = [item for item in cells.instrument if item.name in params.thresholds]
        volume = np.array([params.weights.instrument.get(i.name, 0.0) for i in instruments])
        volume = (
            volume / volume.sum() if volume.sum() > 0 else np.full(len(volume), 1 / len(volume))
        )
        self.likelihood = np.zeros(len(params.theta))
        for item, v in zip(instruments, volume, strict=True):
            c, a = np.asarray(params.thresholds[item.name]), params.slopes[item.name]
            usual = probabilities(c, a, eta + params.mu)
            told = np.log(probabilities(c, a, eta + params.theta[None, :]))
            self.likelihood += v * np.einsum("r,rj,rgj->g", share, usual[:, 0], told)
        error = sum(part * params.service_se.get(service, 0.0) ** 2
                    for service, part in params.weights.by_service().items())  # fmt: skip
        self.s2 = params.s2 + error

    def stand_in(self, some: _Some) -> None:
        """Give those without a rating the average person's answer in place of their own."""
        rows = some.at_hand == 0
        some.likelihood[rows] = self.likelihood
        some.s2 = np.where(rows, self.s2, some.s2)
