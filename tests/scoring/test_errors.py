"""How well service effects are known: against the curvature itself, and by integration."""

import numpy as np
import pytest

from portal.scoring.cells import home_services
from portal.scoring.errors import Known, told_of_facets
from portal.scoring.likelihood import Likelihood, Shape
from portal.scoring.roster import Roster
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
    """Against the law of total variance, slope and variance of the roster integrated on a grid.
    Of one draw the normal picture may say too much or too little; over some it agrees, and errors
    that took the estimate for the truth are too small."""
    homes = 24
    eye = np.eye(homes)
    information = np.block([[73 * eye, 60 * eye], [60 * eye, 60 * eye]])  # hardly told apart
    pick = np.zeros((2 * homes, homes))
    pick[:homes] = eye - 1 / homes
    grid = [Roster(slope, float(np.exp(log)))
            for slope in np.linspace(-0.5, 1.3, 19) for log in np.linspace(-7, 0, 22)]  # fmt: skip
    sums = np.zeros(3)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        effect = rng.normal(0, 0.6, homes)
        home = 0.5 * effect + rng.normal(0, 0.2, homes)
        noise = np.linalg.cholesky(np.linalg.inv(information)) @ rng.normal(size=2 * homes)
        pulled = information @ (np.concatenate([effect, home]) + noise)
        log_p, mean, inside = [], [], []
        for roster in grid:
            joint = information + roster.precision(homes, homes)
            mean.append(np.linalg.solve(joint, pulled))
            inside.append((pick * np.linalg.solve(joint, pick)).sum(axis=0))
            log_p.append(
                (
                    pulled @ mean[-1]
                    - np.linalg.slogdet(joint)[1]
                    - homes * np.log(roster.variance)
                    - (roster.slope / 0.5) ** 2
                )
                / 2
            )
        weight = np.exp(np.array(log_p) - np.max(log_p))
        weight /= weight.sum()
        at, best = np.array(mean) @ pick, int(np.argmax(log_p))
        total = weight @ (np.array(inside) + at**2) - (weight @ at) ** 2
        found = Known(
            information, np.asarray(mean[best], np.float64), homes, grid[best], 0.5
        ).variances(pick)
        sums += [found.sum(), total.sum(), inside[best].sum()]
    assert sums[0] == pytest.approx(sums[1], rel=0.12)
    assert sums[2] < 0.93 * sums[1]
