"""Learn a parameter version from cells by marginal maximum likelihood (section 4)."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import optimize

from .cells import home_services, office_codes, select_employees
from .data import Cells, Floats, Ints, Keys
from .errors import told_of_facets, variances
from .graph import connections
from .likelihood import Expected, Likelihood, Point, Shape
from .model import information
from .params import Params, Weights, default_thresholds, volume_weights, without_data
from .policy import Policy
from .posterior import office_variance
from .roster import Evidence, Roster
from .sample import Sample
from .start import (
    Facets,
    between_information,
    facets,
    pooled_thresholds,
    usual_worth,
    within_effects,
)

LOOSE = 3e-2
"""Tolerance of all rounds but the last, in standard errors."""
CONVERGED = 1e-2
"""A fit still farther than this from the maximum, in standard errors of all parameters together,
is an error: whatever it could still gain, no figure would show. The search itself goes on to
policy.gradient_tolerance, as far as the likelihood's last digits allow."""
ROUNDS = 8
"""Times the variance between home services is refreshed."""
DENSE = 4000
"""Beyond so many effects the search uses a diagonal metric."""


class NotConverged(RuntimeError):
    """The fit did not reach the maximum; its numbers must not be used. `gradient`: as in Params."""

    def __init__(self, iterations: int, gradient: float) -> None:
        super().__init__(
            f"no maximum after {iterations} iterations (still {gradient:.2g} standard errors away)"
        )
        self.iterations = iterations
        self.gradient = gradient


class NothingToFit(ValueError):
    """A plain fit was asked for on data without a single counted rating."""


def fit(
    cells: Cells,
    offices: Keys | Mapping[Any, Any] | None = None,
    policy: Policy | None = None,
    *,
    plain: bool = False,
    overdispersion: bool = True,
    prior: Params | None = None,
    types: Mapping[str, str] | None = None,
    threads: int = 1,
) -> Params:
    """Fit the many-facet graded-response model and return one immutable parameter version.

    `offices`: office of each employee (parallel to `cells.employee`, or by key; default: the
    cells' own). `prior`: an earlier or national version; services with little data borrow from
    it, through `types` (service -> national type) where the keys differ. `plain`: unpenalised
    effects, one common N(0, tau^2), no office variance: comparable with `ordinal::clmm`.
    Too little data (policy.fit_min_*) yields the prior, else the shipped parameters, with
    `source="default"`. Raises NotConverged where the last gradient is above CONVERGED.
    """
    policy = policy or Policy()
    counted = np.flatnonzero(cells.n > 0)
    people = select_employees(cells, counted)
    office = office_codes(cells, offices)[counted]
    if plain and not len(counted):
        raise NothingToFit("no counted rating")
    few = cells.n.sum() < policy.fit_min_ratings or len(counted) < policy.fit_min_employees
    if few and not plain:
        return without_data(cells, policy, prior)
    search = _Search(
        people, office, policy, plain=plain, overdispersion=overdispersion, prior=prior,
        types=types or {}, threads=threads,
    )  # fmt: skip
    return search.run()


class _Search:
    """One fit: start, quasi-Newton rounds, centring, scoring prior, office variance."""

    def __init__(
        self, cells: Cells, office: Ints, policy: Policy, *, plain: bool, overdispersion: bool,
        prior: Params | None, types: Mapping[str, str], threads: int,
    ) -> None:  # fmt: skip
        self.policy, self.plain, self.prior, self.types = policy, plain, prior, types
        self.threads = threads
        self.office, self.overdispersion = office, overdispersion and not plain
        volume = [float(part.sum()) for part in cells.counts]
        if plain:  # an instrument without a single answer cannot be estimated without a prior
            used = [number for number, total in enumerate(volume) if total > 0]
            cells = dataclasses.replace(
                cells, instrument=tuple(cells.instrument[number] for number in used),
                counts=tuple(cells.counts[number] for number in used),
            )  # fmt: skip
            volume = [volume[number] for number in used]
        self.cells = cells
        self.facets: Facets = facets(cells)
        services = len(self.facets.services)
        self.home = np.zeros(len(cells), np.int64) if plain else home_services(cells)
        self.homes = 0 if plain else services
        reference = next(number for number, total in enumerate(volume) if total > 0)
        bins = tuple(item.bins for item in cells.instrument)
        self.shape = Shape(bins, reference, self.facets.design.shape[1], self.homes)
        size = max(policy.grid_points, 161) if plain else policy.grid_points
        self.grid = (policy.grid_lo, policy.grid_hi, size)
        search = self.grid if plain else (*self.grid[:2], min(size, policy.fit_grid_points))
        first = self.shape.effect.start
        self.own_service = slice(first, first + self.homes)
        self.likelihood = self._on_grid(search)
        self.iterations = 0
        self.free: Ints = np.zeros(0, dtype=np.int64)
        """Service effects, by their place, that borrow from nowhere: their spread is learnt."""
        self.centre, self.precision = self._priors()
        self.roster = Roster(0.0, 0.1, policy.service_sd**2)
        self.curvature: Floats | None = None

    def _on_grid(self, grid: tuple[float, float, int]) -> Likelihood:
        theta = np.linspace(*grid)
        return Likelihood(
            self.cells, self.facets, self.shape, self.home, theta, threads=self.threads
        )

    def run(self) -> Params:
        """The rounds of section 4, the last steps on the grid of the scores (whose step, unlike
        the search's, is finer than the posterior of a person with hundreds of ratings), then
        everything a score needs."""
        x = self._start()
        if Sample.pays(self.likelihood) and not self.plain:
            x = self._begin_on_sample(x)
        for _ in range(ROUNDS if self.homes else 0):
            x, _ = self._climb(x, max(LOOSE, self.policy.gradient_tolerance))
            before, self.roster = self.roster, self._learn_roster(x)
            if self.roster.near(before):
                break
        self.likelihood = self._on_grid(self.grid)
        x, gradient = self._arrive(x)
        return self._finish(self._centred(x), gradient)

    def _arrive(self, x: Floats) -> tuple[Floats, float]:
        """The maximum on the grid of the scores. However the search ended, its last gradient is
        judged by one bar; a search that tired too early begins once more where it stood."""
        gradient = np.inf
        for _ in range(2):
            x, gradient = self._climb(x, self.policy.gradient_tolerance)
            if gradient <= CONVERGED:
                return x, gradient
        raise NotConverged(self.iterations, gradient)

    def _priors(self) -> tuple[Floats, Floats]:
        """Gaussian penalty of each entry of x: centre and precision."""
        shape, policy = self.shape, self.policy
        centre, precision = np.zeros(shape.size), np.zeros(shape.size)
        centre[-1] = np.log(0.9)
        if self.plain:
            precision[shape.effect] = 1 / policy.plain_variance
            return centre, precision
        for number, part in enumerate(shape.thresholds):
            c = default_thresholds(shape.bins[number])
            centre[part] = np.concatenate([c[:1], np.log(np.diff(c))])
            precision[part] = 1 / policy.spacing_sd**2
            precision[part.start] = 1 / policy.threshold_sd**2
            if number != shape.reference:
                precision[part.stop] = 1 / policy.slope_sd**2
        services, channels, _ = self.facets.sizes
        widths = np.full(shape.effects, policy.period_sd)
        widths[services : services + channels] = policy.channel_sd
        at = shape.effect.start
        borrowed = self._borrowed()
        for number, mean in borrowed.items():
            centre[at + number], widths[number] = mean, policy.borrowed_sd
        self.free = np.setdiff1d(np.arange(services), list(borrowed))
        precision[shape.effect] = 1 / widths**2
        precision[at + self.free] = 0.0  # that of the roster
        precision[-1] = 1 / policy.spread_sd**2
        return centre, precision

    def _borrowed(self) -> dict[int, float]:
        """Services with little data of their own, and the effect they borrow."""
        if self.prior is None:
            return {}
        count = sum(
            part @ np.kron(self.facets.design.toarray(), np.ones((item.bins, 1)))
            for item, part in zip(self.cells.instrument, self.cells.counts, strict=True)
        )
        count = np.asarray(count)
        out = {}
        for number, service in enumerate(self.facets.services):
            few = count[:, number].sum() < self.policy.borrow_below
            kind = self.types.get(service, service)
            if (few or (count[:, number] > 0).sum() <= 1) and kind in self.prior.services:
                out[number] = self.prior.services[kind]
        return out

    def _start(self) -> Floats:
        """Pooled thresholds, slopes 1, within-employee effects, no home differences."""
        x = self.centre.copy()
        spread = 0.8
        slope = []
        for number, part in enumerate(self.shape.thresholds):
            bins = self.shape.bins[number]
            volume = np.asarray(self.cells.counts[number].sum(axis=0)).reshape(-1, bins).sum(axis=0)
            if volume.sum() > 0:
                c = pooled_thresholds(volume, spread)
                x[part] = np.concatenate([c[:1], np.log(np.maximum(np.diff(c), 1e-3))])
            else:
                c = default_thresholds(bins)
            slope.append(float((1 / (1 + np.exp(-c)) * (1 / (1 + np.exp(c)))).sum()))
            if number != self.shape.reference:
                x[part.stop] = 0.0
        ridge = 1e-3 + self.precision[self.shape.effect]
        effects = within_effects(self.cells, self.facets, slope, ridge)
        x[self.shape.effect] = np.clip(self._remove_means(effects), -2.5, 2.5)
        x[-1] = np.log(spread)
        return x

    def _remove_means(self, effects: Floats) -> Floats:
        out = effects.copy()
        for part, share in self._facet_shares():
            out[part] -= float(out[part] @ share)
        return out

    def _facet_shares(self) -> list[tuple[slice, Floats]]:
        """Volume shares of the levels of each facet, with their place among the effects."""
        volume = np.zeros(len(self.cells.group))
        for item, part in zip(self.cells.instrument, self.cells.counts, strict=True):
            volume += np.asarray(part.sum(axis=0)).reshape(-1, item.bins).sum(axis=1)
        total = self.facets.design.T @ volume / volume.sum()
        out, at = [], 0
        for size in self.facets.sizes:
            out.append((slice(at, at + size), total[at : at + size]))
            at += size
        return out

    def _guessed(self, x: Floats) -> Floats:
        """About the information at x; only its diagonal when there are too many effects."""
        point = self.shape.unpack(x)
        worth = [
            float(information(c, a, np.zeros(1))[0]) for c, a in zip(point.c, point.a, strict=True)
        ]
        curvature = np.ones(self.shape.size)
        for number, part in enumerate(self.shape.thresholds):
            total = float(self.cells.counts[number].sum()) + 1
            curvature[part] = 0.1 * total
            if number != self.shape.reference:
                curvature[part.stop] = 0.3 * total
        curvature[-1] = 2.0 * len(self.home)
        if self.shape.effects + self.homes > DENSE:
            curvature[self.shape.effect] = 100.0
            curvature[self.shape.home] += 1 / self.roster.variance
            curvature[self.shape.effect.start + self.free] += 1 / self.roster.spread
            return curvature + self.precision
        matrix = np.diag(curvature + self.precision)
        joint = between_information(
            usual_worth(self.cells, self.facets, worth), self.facets, home=self.home,
            homes=self.homes, tau2=point.tau**2,
        )  # fmt: skip
        at = slice(self.shape.effect.start, self.shape.home.stop)
        matrix[at, at] = joint + np.diag(self.precision[at] + 1e-6)
        if self.homes:
            matrix[at, at] += self._roster_precision()
        return matrix

    def _begin_on_sample(self, x: Floats) -> Floats:
        """The maximum of a sample, whose curvature is the metric of all further searches."""
        sample = Sample(self.likelihood)
        x, _ = self._climb(x, LOOSE, sample)
        self.curvature = sample.information(x) + np.diag(self.precision)
        return x

    def _whitening(self, x: Floats) -> Floats:
        """W with W' W about the inverse of the information: in z, x = x0 + W' z, the search meets
        a landscape that is round. From the curvature of a sample where there is one."""
        if self.curvature is not None:
            matrix = self.curvature.copy()
            at = slice(self.shape.effect.start, self.shape.home.stop)
            matrix[at, at] += self._roster_precision()
            try:
                return _inverse_factor(matrix)
            except np.linalg.LinAlgError:  # the sample's maximum is too far from here
                self.curvature = None
        return _inverse_factor(self._guessed(x))

    def _climb(
        self, x0: Floats, tolerance: float, sample: Sample | None = None
    ) -> tuple[Floats, float]:
        """Quasi-Newton search from x0; returns x and the norm of the gradient there. In these
        coordinates the information is about 1, so that the norm is the distance from the maximum
        in standard errors, all parameters together."""
        white = self._whitening(x0)
        evaluate = (sample or self.likelihood).evaluate

        def objective(z: Floats) -> tuple[float, Floats]:
            x = x0 + z @ white
            value, gradient = evaluate(x)
            gap = x - self.centre
            value -= 0.5 * float(self.precision @ gap**2)
            gradient = gradient - self.precision * gap
            value -= self._roster_penalty(x, gradient)
            return -value, -(white @ gradient)

        limit = self.policy.max_iterations
        result = optimize.minimize(
            objective, np.zeros(len(x0)), jac=True, method="L-BFGS-B",
            options={"maxiter": limit, "maxfun": 4 * limit, "gtol": tolerance, "ftol": 1e-13,
                     "maxcor": 20},
        )  # fmt: skip
        self.iterations += int(result.nit)
        return x0 + result.x @ white, float(np.linalg.norm(result.jac))

    def _roster_penalty(self, x: Floats, gradient: Floats) -> float:
        """Penalty of the home means around the roster's line and of the service effects; its
        slope enters the gradient."""
        if not self.homes:
            return 0.0
        slope, variance, spread = self.roster.slope, self.roster.variance, self.roster.spread
        gap = x[self.shape.home] - slope * x[self.own_service]
        gradient[self.shape.home] -= gap / variance
        gradient[self.own_service] += slope * gap / variance
        free = self.shape.effect.start + self.free
        gradient[free] -= x[free] / spread
        return float(gap @ gap) / (2 * variance) + float(x[free] @ x[free]) / (2 * spread)

    def _roster_precision(self) -> Floats:
        return self.roster.precision(self.homes, self.shape.effects, self.free)

    def _learn_roster(self, x: Floats) -> Roster:
        """How staff are rostered, judged at x."""
        if self.shape.effects + self.homes > DENSE:
            people = np.bincount(self.home, minlength=self.homes)
            return self.roster.around(x[self.shape.home], people / people.sum())
        at = slice(self.shape.effect.start, self.shape.home.stop)
        return self._evidence(x, self._guessed(x)[at, at] - self._roster_precision()).likeliest()

    def _evidence(self, x: Floats, information: Floats) -> Evidence:
        at, policy = slice(self.shape.effect.start, self.shape.home.stop), self.policy
        return Evidence(
            information, x[at], self.roster, self.homes, self.free,
            policy.roster_sd, policy.home_sd, policy.service_sd,
        )  # fmt: skip

    def _centred(self, x: Floats) -> Floats:
        """Effects and home means with mean 0; what is removed moves into the thresholds."""
        out = x.copy()
        effects = self._remove_means(x[self.shape.effect])
        shift = sum(
            float(x[self.shape.effect][part] @ share) for part, share in self._facet_shares()
        )
        out[self.shape.effect] = effects
        if self.homes:
            people = np.bincount(self.home, minlength=self.homes)
            mean = float(people @ x[self.shape.home] / people.sum())
            out[self.shape.home] -= mean
            shift += mean
        point = self.shape.unpack(x)
        for part, a in zip(self.shape.thresholds, point.a, strict=True):
            out[part.start] -= a * shift
        return out

    def _finish(self, x: Floats, gradient: float) -> Params:
        """The common scoring prior, the office variance, and the bookkeeping."""
        point = self.shape.unpack(x)
        found = self.likelihood.posterior(x)
        theta = self.likelihood.theta
        mass = found.by_home.sum(axis=0) / found.by_home.sum()
        mu = 0.0 if self.plain else float(mass @ theta)
        tau2 = point.tau**2 if self.plain else float(mass @ (theta - mu) ** 2)
        s2 = self._office_variance(point, found) if self.overdispersion else 0.0
        parts = connections(self.cells)
        effects = [float(value) for value in point.effects]
        services, channels, _ = self.facets.sizes
        names = [item.name for item in self.cells.instrument]
        return Params(
            points=self.cells.points,
            thresholds={name: tuple(c.tolist()) for name, c in zip(names, point.c, strict=True)},
            slopes=dict(zip(names, point.a, strict=True)),
            services=dict(zip(self.facets.services, effects[:services], strict=True)),
            channels=dict(zip(self.facets.channels, effects[services : services + channels],
                              strict=True)),
            periods=dict(zip(self.facets.periods, effects[services + channels :], strict=True)),
            mu=mu, sd_employees=float(np.sqrt(tau2)), sd_fit=point.tau, s2=s2,
            weights=volume_weights(self.cells, Weights({}, ())),
            grid=self.grid, loglik=found.loglik, converged=True, iterations=self.iterations,
            gradient=gradient, components=parts.components, part_of=parts.part_of,
            alone=parts.alone, lone_channels=parts.lone_channels,
            service_se=self._service_errors(x, found.mean), source="fit",
            ratings=int(self.cells.n.sum()), employees=len(self.home),
            policy_version=self.policy.version,
        )  # fmt: skip

    def _service_errors(self, x: Floats, mean: Floats) -> dict[str, float]:
        """Standard errors of the service effects at x, each against their mean, from everybody's
        posterior `mean`; none where nothing is to be widened, nor where there are too many."""
        if not self.overdispersion:
            return {}
        variance = np.zeros(len(self.facets.services))
        if self.shape.effects + self.homes <= DENSE:
            at = slice(self.shape.effect.start, self.shape.home.stop)
            point = self.shape.unpack(x)
            told = told_of_facets(self.cells, self.facets, point, self.likelihood.theta, mean)
            joint = between_information(
                told, self.facets, home=self.home, homes=self.homes, tau2=point.tau**2
            )
            evidence = self._evidence(x, joint + np.diag(self.precision[at] + 1e-6))
            _, share = self._facet_shares()[0]
            pick = np.zeros((len(x[at]), len(share)))
            np.fill_diagonal(pick, 1.0)
            pick[: len(share)] -= share[:, None]
            variance = variances(evidence, pick)
        return dict(zip(self.facets.services, np.sqrt(variance).tolist(), strict=True))

    def _office_variance(self, point: Point, found: Expected) -> float:
        """s2 from the posteriors of the fit: what colleagues share beyond their home service."""
        tau2 = point.tau**2
        centre = point.home[self.home] if self.homes else 0.0
        return office_variance(
            found.mean - centre, found.variance, self.office, tau2=tau2,
            usual=self.policy.office_share * tau2,
        )  # fmt: skip


def _inverse_factor(information: Floats) -> Floats:
    """The inverse of the lower factor of a matrix, or of one given by its diagonal."""
    if information.ndim == 1:
        return np.diag(1 / np.sqrt(information))
    return np.asarray(np.tril(np.linalg.inv(np.linalg.cholesky(information))), dtype=np.float64)
