"""The graded-response model, worked out by hand and against differences."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from portal.scoring.cells import home_services
from portal.scoring.likelihood import Likelihood, Shape
from portal.scoring.model import information, probabilities, tabulate
from portal.scoring.posterior import Widening, office_variance
from portal.scoring.start import facets
from tests.scoring.makers import count, draw, params_with


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_probabilities_of_the_four_faces_by_hand() -> None:
    p = probabilities(np.array([-2.0, 0.0, 1.0]), 1.0, np.array([0.5]))[0]
    f = [0, logistic(-2.5), logistic(-0.5), logistic(0.5), 1]
    assert p.tolist() == pytest.approx([f[j + 1] - f[j] for j in range(4)])


def test_information_is_the_expected_square_of_the_slope_of_log_p() -> None:
    c, a, eta, step = np.array([-2.0, 0.0, 1.0]), 1.4, 0.3, 1e-5
    up, down = (probabilities(c, a, np.array([eta + d]))[0] for d in (step, -step))
    p = probabilities(c, a, np.array([eta]))[0]
    slope = (np.log(up) - np.log(down)) / (2 * step)
    assert information(c, a, np.array([eta]))[0] == pytest.approx(float(p @ slope**2), rel=1e-6)


def test_the_gradient_of_the_likelihood_is_its_slope() -> None:
    cells = count(draw(3, employees=40, services=3, offices=4, each=10).ratings)
    parts = facets(cells)
    shape = Shape((4, 13), 0, parts.design.shape[1], 3)
    likelihood = Likelihood(cells, parts, shape, home_services(cells), np.linspace(-6, 6, 41))
    rng = np.random.default_rng(1)
    x = rng.normal(0, 0.2, shape.size)
    x[:3] = -3.0, 0.2, 0.5
    value, gradient = likelihood.evaluate(x)
    for place in range(shape.size):
        step = np.zeros(shape.size)
        step[place] = 1e-5
        slope = (likelihood.evaluate(x + step)[0] - likelihood.evaluate(x - step)[0]) / 2e-5
        assert gradient[place] == pytest.approx(slope, rel=1e-4, abs=1e-3)
    assert value < 0


def test_the_standard_curve_is_the_mean_over_the_frozen_national_mix() -> None:
    params = params_with(services={"ktp": 0.5, "izin": -0.5})
    group_share = ((("ktp", "poster", ""), 0.25), (("izin", "poster", ""), 0.75))
    weights = type(params.weights)({"short": 1.0, "full": 0.0}, group_share)
    params = params_with(services=params.services, weights=weights)
    cells = count(draw(1, employees=3, services=1, offices=1, each=3).ratings)
    tables = tabulate(params, cells.instrument, cells.group)
    c = np.array(params.thresholds["short"])
    ikm = np.array([25.0, 50, 75, 100])
    at = 80  # theta = 0
    ktp, izin = (float(probabilities(c, 1.0, np.array([e]))[0] @ ikm) for e in (0.5, -0.5))
    assert tables.theta[at] == pytest.approx(0)
    assert tables.target[at] == pytest.approx(0.25 * ktp + 0.75 * izin)


@pytest.mark.parametrize("grid", [(-7.0, 7.0, 61), (-7.0, 7.0, 161)])
@pytest.mark.parametrize("square", [0.0, 0.012])
def test_widening_averages_the_likelihood_over_what_the_office_may_add(
    grid: tuple[float, float, int], square: float
) -> None:
    """Against the integral itself, of somebody near the ceiling, whose answers tell little above
    and much below. The variance is the person's own however coarse the grid."""
    params = params_with(grid=grid, s2=0.05, service_se={"ktp": 0.3})
    theta = params.theta
    c = np.array(params.thresholds["short"])

    def likelihood(at: NDArray[np.float64]) -> NDArray[np.float64]:
        p = probabilities(c, 1.0, at)
        return np.asarray(np.exp(29 * np.log(p[..., 3] / 0.95) + np.log(p[..., 0] / 0.01)))

    s2 = 0.05 + square
    found = Widening(params).of(likelihood(theta)[None, :], np.array([s2]))[0]
    office = np.linspace(-2, 2, 801)
    weight = np.exp(-(office**2) / (2 * s2))
    own = likelihood(theta[:, None] + office) @ weight
    middle = (theta > -2) & (theta < 6)
    assert found[middle] / found.max() == pytest.approx(own[middle] / own.max(), abs=2e-3)


def test_a_curve_that_says_where_a_person_stands_is_widened_by_exactly_so_much() -> None:
    params = params_with(s2=0.05, service_se={"ktp": 0.3, "kk": 0.1})
    theta = params.theta
    s2 = np.array([0.05, 0.06, 0.14])
    found = Widening(params).of(np.tile(np.exp(-25 * (theta - 0.4) ** 2), (3, 1)), s2)
    found /= found.sum(axis=1, keepdims=True)
    mean = found @ theta
    assert mean == pytest.approx(np.full(3, 0.4), abs=1e-6)
    assert found @ theta**2 - mean**2 == pytest.approx(0.02 + s2, abs=1e-6)


@pytest.mark.parametrize(("office", "s2"), [(0.04, 0.05), (0.04, 0.2), (0.04, 0.4), (0.0, 0.05)])
def test_a_chance_says_what_it_means_whichever_service_is_known_least(
    office: float, s2: float
) -> None:
    """One service known very badly leaves the chances of those in other services alone."""
    params = params_with(s2=office, service_se={"ktp": 0.8, "kk": 0.1})
    theta = params.theta
    found = Widening(params).of(np.exp(-(theta**2) / (2 * 0.03))[None, :], np.array([s2]))[0]
    c = np.cumsum(found) - found / 2
    for p in (0.8, 0.9, 0.95):
        standard = special.ndtri(p) * np.sqrt(s2 + 0.03)
        assert np.interp(standard, theta, c / found.sum()) == pytest.approx(p, abs=0.005)


def test_the_office_variance_is_found_again() -> None:
    rng = np.random.default_rng(8)
    found = []
    for _ in range(20):
        office = rng.integers(0, 60, 3000)
        truth = rng.normal(0, np.sqrt(0.64), 3000) + rng.normal(0, 0.3, 60)[office]
        tau2 = 0.64 + 0.09
        error = rng.uniform(0.05, 0.4, 3000)
        z = truth + rng.normal(0, np.sqrt(error))
        r = tau2 / (tau2 + error)
        found.append(office_variance(r * z, error * r, office, tau2=tau2, usual=0.07))
    assert np.mean(found) == pytest.approx(0.09, rel=0.08)


def test_one_office_says_nothing_of_the_variance_between_offices() -> None:
    """What is left is the prior: normal with exponential variance, Laplace (m/2)^(1/2) wide."""
    one = np.zeros(9, dtype=np.int64)
    found = office_variance(np.linspace(-1, 1, 9), np.full(9, 0.2), one, tau2=0.8, usual=0.01)
    assert np.sqrt(found) * 1.959964 == pytest.approx(np.sqrt(0.01 / 2) * np.log(20), rel=0.01)


def test_the_fewer_the_offices_the_wider_what_is_not_known_of_them() -> None:
    persons = np.random.default_rng(2).normal(0, 0.6, 10)
    persons -= persons.mean()

    def found(pairs: int) -> float:
        gap = np.tile(np.concatenate([persons - 0.3, persons + 0.3]), pairs)
        office = np.arange(len(gap)) // 10
        return office_variance(gap, np.full(len(gap), 0.1), office, tau2=0.5, usual=0.05)

    assert found(1) > found(4) > found(40) > 0.03
