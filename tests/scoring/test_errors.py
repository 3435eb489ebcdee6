"""How well service effects are known: against the curvature itself, and by integration."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from portal.scoring.cells import home_services
from portal.scoring.data import Floats
from portal.scoring.errors import told_of_facets, variances
from portal.scoring.likelihood import Likelihood, Shape
from portal.scoring.roster import Evidence, Roster
from portal.scoring.start import between_information, facets
from tests.scoring.makers import count, make_ratings

THETA = np.linspace(-7, 7, 161)


def test_answers_of_staff_near_the_ceiling_count_for_what_they_tell() -> None:
    """The information is that of the marginal likelihood, whose gradient is differenced here.
    Taken at an average person in an average service, as for the search, it is half as large again
    and more."""
    rng = np.random.default_rng(5)
    gamma = np.array([1.6, 0.8, 0.4, -0.2])
    home = np.arange(300) % 4
    who = np.repeat(np.arange(300), 40)
    service = np.where(rng.random(len(who)) < 0.3, (home[who] + 1) % 4, home[who])
    theta = rng.normal(0.9, 0.7, 300)
    felt = theta[who] + gamma[service] + rng.logistic(size=len(who))
    c = np.array([-3.0, -2.0, -0.6])
    answer = 1 + (felt[:, None] > c).sum(axis=1)
    cells = count(make_ratings(who.tolist(), answer[:, None], service=[f"s{s}" for s in service]))
    design = facets(cells)
    homes = home_services(cells)
    shape = Shape((4,), 0, design.design.shape[1], 4)
    likelihood = Likelihood(cells, design, shape, homes, THETA)
    x = np.concatenate([c[:1], np.log(np.diff(c)), gamma, [0.0, 0.0], [0.9] * 4, [np.log(0.7)]])
    at = slice(shape.effect.start, shape.effect.start + 4)
    step = 1e-3 * np.eye(shape.size)[at]
    observed = np.array([likelihood.evaluate(x - h)[1] - likelihood.evaluate(x + h)[1]
                         for h in step])[:, at] / 2e-3  # fmt: skip
    point = shape.unpack(x)
    told = told_of_facets(cells, design, point, THETA, likelihood.posterior(x).mean)
    found = between_information(told, design, home=homes, homes=4, tau2=point.tau**2)[:4, :4]
    assert np.diag(found) == pytest.approx(np.diag(observed), rel=0.05)


def test_errors_contain_that_the_roster_is_itself_an_estimate() -> None:
    """Against the true errors of draws in which few tell services from staff. Errors that took
    the estimated roster for the truth are too small."""
    homes = 24
    eye = np.eye(homes)
    information = np.block([[100 * eye, 60 * eye], [60 * eye, 60 * eye]])
    pick = np.zeros((2 * homes, homes))
    pick[:homes] = eye - 1 / homes
    start, free = Roster(0.0, 0.1, 1.0), np.arange(homes)
    sums = np.zeros(3)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        effect = rng.normal(0, 0.6, homes)
        true = np.concatenate([effect, 0.5 * effect + rng.normal(0, 0.2, homes)])
        pulled = information @ rng.multivariate_normal(true, np.linalg.inv(information))

        def found_with(roster: Roster, pulled: Floats = pulled) -> Evidence:
            joint = information + roster.precision(homes, homes, free)
            at = np.asarray(np.linalg.solve(joint, pulled))
            return Evidence(information, at, roster, homes, free, 0.5, 0.5, 1.0)

        found = found_with(found_with(start).likeliest())
        joint = found.with_line(found.found_with)
        inside = (pick * np.linalg.solve(joint, pick)).sum()
        off = float((((found.at - true) @ pick) ** 2).sum())
        sums += [variances(found, pick).sum(), off, inside]
    assert sums[0] == pytest.approx(sums[1], rel=0.12)
    assert sums[2] < 0.93 * sums[1]


@pytest.mark.parametrize("pinned", ["slope_sd", "home_sd", "service_sd"])
def test_the_less_is_known_of_each_of_the_three_the_larger_are_the_errors(pinned: str) -> None:
    """Slope, variance around it, spread of the services: a prior that leaves one of them no room
    takes its part away."""
    homes = 8
    eye = np.eye(homes)
    information = np.block([[10 * eye, 8 * eye], [8 * eye, 8 * eye]])
    pick = np.concatenate([eye - 1 / homes, np.zeros((homes, homes))])
    roster = Roster(0.3, 0.1, 0.3)
    pulled = information @ np.random.default_rng(1).normal(0, 0.6, 2 * homes)
    joint = information + roster.precision(homes, homes, np.arange(homes))
    at = np.asarray(np.linalg.solve(joint, pulled))
    free = Evidence(information, at, roster, homes, np.arange(homes), 0.5, 0.5, 1.0)
    room: dict[str, Any] = {pinned: 0.01}
    narrow = dataclasses.replace(free, **room)
    assert variances(narrow, pick).sum() < 0.995 * variances(free, pick).sum()


def test_the_roster_found_is_the_likeliest_one_of_estimates_that_err() -> None:
    """Against a general optimiser on the joint distribution of the estimates, which knows nothing
    of information matrices. Three homes hold most of the staff: counted by their staff, as homes
    once were, they drew the line alone (off by .12)."""
    homes = 24
    staff = np.where(np.arange(homes) < 3, 200.0, 12.0)
    own = 2.0 * np.diag(staff)
    information = np.block([[1.2 * own, own], [own, own]])
    blur = np.linalg.inv(information)
    eye = np.eye(homes)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        effect = rng.normal(0, 0.6, homes)
        true = np.concatenate([effect, 0.5 * effect + rng.normal(0, 0.2, homes)])
        estimate = rng.multivariate_normal(true, blur)

        def unlikely(place: Floats, estimate: Floats = estimate) -> float:
            slope, sd, wide = place[0], np.exp(place[1] / 2), np.exp(place[2] / 2)
            spread = wide**2 * np.block([[eye, slope * eye], [slope * eye, slope**2 * eye]])
            spread[homes:, homes:] += sd**2 * eye
            data = stats.multivariate_normal.logpdf(estimate, cov=spread + blur)
            prior = stats.norm.logpdf(slope, scale=0.5) + stats.halfnorm.logpdf(sd, scale=0.4)
            prior += stats.halfnorm.logpdf(wide, scale=0.8)
            # the densities of the logarithms of the variances, not of their roots
            return -float(data + prior + np.log(sd) + np.log(wide))

        best = optimize.minimize(unlikely, [0.0, -2.0, -1.0], method="Nelder-Mead",
                                 options={"xatol": 1e-6, "fatol": 1e-9}).x  # fmt: skip
        start, free = Roster(0.0, 0.1, 1.0), np.arange(homes)
        joint = information + start.precision(homes, homes, free)
        at = np.asarray(np.linalg.solve(joint, information @ estimate))
        found = Evidence(information, at, start, homes, free, 0.5, 0.4, 0.8).likeliest()
        assert found.slope == pytest.approx(best[0], abs=1e-3)
        assert np.log(found.variance) == pytest.approx(best[1], abs=1e-3)
        assert np.log(found.spread) == pytest.approx(best[2], abs=1e-3)
