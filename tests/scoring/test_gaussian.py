"""The Gaussian cross-check against another program, and raters who return."""

import dataclasses
import warnings

import numpy as np
import pytest

from portal.scoring import NothingToCompare, Policy, Ratings, fit_gaussian
from portal.scoring.gaussian import rows_of_ratings
from portal.scoring.severity import rater_severity, severity_shift
from tests.scoring.makers import all_count, count, faces, make_ratings


def drawn(seed: int, size: int, employees: int, raters: int, rater_sd: float) -> Ratings:
    rng = np.random.default_rng(seed)
    e, s, t, u = (rng.integers(0, k, size) for k in (employees, 4, 3, raters))
    level = 3 + rng.normal(0, 0.4, employees)[e] + 0.2 * s - 0.1 * t
    level = level + rng.normal(0, rater_sd, raters)[u]
    answers = np.clip(np.round(level[:, None] + rng.normal(0, 0.7, (size, 3))), 1, 5)
    return make_ratings(
        e.tolist(), answers, service=[f"s{i}" for i in s], period=[f"p{i}" for i in t],
        rater=u, points=5, has_face=False, office=e % 3,
    )  # fmt: skip


def design(ratings: Ratings) -> tuple[np.ndarray, np.ndarray]:
    y = ratings.answers.mean(axis=1)
    s, t = ratings.coded("service")[0], ratings.coded("period")[0]
    columns = [
        np.ones(len(y)),
        *((s == k) * 1.0 for k in (1, 2, 3)),
        *((t == k) * 1.0 for k in (1, 2)),
    ]
    return y, np.stack(columns, axis=1)


def test_equal_to_the_mixed_model_of_statsmodels() -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM  # seconds, for this test alone

    ratings = drawn(3, 900, 40, 900, 0.0)
    y, x = design(ratings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = MixedLM(y, x, groups=ratings.employee).fit(reml=True, method=["powell", "bfgs"])
    found = fit_gaussian(ratings)
    assert found.tau2 == pytest.approx(float(other.cov_re[0, 0]), rel=1e-4)
    assert found.sigma2 == pytest.approx(float(other.scale), rel=1e-4)
    assert found.reml == pytest.approx(-2 * float(other.llf), abs=1e-4)
    assert list(found.fixed.values()) == pytest.approx(other.fe_params.tolist(), abs=1e-4)
    theirs = np.array([other.random_effects[int(key)].iloc[0] for key in found.employee])
    assert np.abs(theirs - found.blup).max() < 1e-4


def test_rows_and_cells_give_the_same_fit() -> None:
    ratings = drawn(4, 600, 20, 600, 0.0)
    by_row, by_cell = fit_gaussian(ratings), fit_gaussian(count(ratings))
    assert by_cell.tau2 == pytest.approx(by_row.tau2, rel=1e-6)
    assert np.abs(by_cell.blup - by_row.blup).max() < 1e-7


def test_the_terms_are_named_and_the_first_levels_are_the_reference() -> None:
    found = fit_gaussian(drawn(4, 600, 20, 600, 0.0))
    assert list(found.fixed) == [
        "intercept", "service:s1", "service:s2", "service:s3", "period:p1", "period:p2"
    ]  # fmt: skip
    assert found.n == 600


def test_a_service_confounded_with_its_period_is_left_at_the_reference() -> None:
    rng = np.random.default_rng(1)
    service = ["a"] * 100 + ["b"] * 100
    ratings = make_ratings(
        [f"e{i % 9}" for i in range(200)], rng.integers(1, 5, (200, 1)), service=service,
        period=["p" + s for s in service],
    )  # fmt: skip
    found = fit_gaussian(ratings)
    assert found.fixed["period:pb"] == 0
    assert np.isfinite(found.blup).all()


def test_two_persons_are_the_least() -> None:
    with pytest.raises(NothingToCompare):
        fit_gaussian(make_ratings(["ani"] * 9, faces(*[4, 3, 2] * 3)))


def crossed_effects(ratings: Ratings, tau2: float, tau_u2: float, sigma2: float) -> np.ndarray:
    """Employees' effects of the crossed mixed model at given variances, by one dense solve."""
    y, x = design(ratings)
    e, u = ratings.coded("employee")[0], ratings.coded("rater")[0]
    z = np.eye(e.max() + 1)[e]
    v = sigma2 * np.eye(len(y)) + tau2 * z @ z.T + tau_u2 * (u[:, None] == u[None, :])
    inverse = np.linalg.inv(v)
    b = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
    return np.asarray(tau2 * z.T @ inverse @ (y - x @ b))


def test_backfitting_reaches_the_crossed_mixed_model() -> None:
    ratings = drawn(5, 1200, 40, 100, 0.35)
    found = rater_severity(ratings, "all")
    exact = crossed_effects(ratings, found.fit.tau2, found.tau2, found.fit.sigma2)
    plain = fit_gaussian(ratings).blup
    assert found.tau2 == pytest.approx(0.35**2, rel=0.35)
    assert np.sqrt(np.mean((found.fit.blup - exact) ** 2)) < 0.005
    assert np.sqrt(np.mean((plain - exact) ** 2)) > 0.02


def test_only_raters_who_return_to_several_people_are_eligible() -> None:
    rng = np.random.default_rng(2)
    rater = ["busy"] * 6 + ["loyal"] * 6 + ["rare"] * 2 + [""] * 40
    employee = ["a", "b", "c"] * 2 + ["a"] * 6 + ["a", "b"] + ["a", "b", "c", "d"] * 10
    ratings = make_ratings(employee, rng.integers(1, 5, (54, 1)), rater=rater)
    assert rater_severity(ratings, "eligible").rater.tolist() == ["busy"]
    assert rater_severity(ratings, "all").rater.tolist() == ["busy", "loyal", "rare"]


def test_a_rating_never_tells_how_severe_its_own_rater_is() -> None:
    rng = np.random.default_rng(4)
    answers = np.concatenate([[[1]] * 30, [[4]] * 30, rng.integers(1, 5, (120, 1))])
    rater = ["strict"] * 30 + ["mild"] * 29 + ["once"] + [f"u{at}" for at in range(120)]
    ratings = make_ratings([f"e{at % 12}" for at in range(180)], answers, rater=rater)
    shift = severity_shift(ratings, all_count(ratings), "all", Policy())
    assert shift is not None
    assert (shift[:30] < -0.5).all()
    assert (shift[30:59] > 0.5).all()
    assert not shift[59:].any()  # of whoever rates once nothing is known, whatever the answer
    other = answers.copy()
    other[0] = 4  # of the others' words about the strict one nothing has changed
    again = dataclasses.replace(ratings, answers=other.astype(np.int8))
    changed = severity_shift(again, all_count(again), "all", Policy())
    assert changed is not None
    assert changed[0] == shift[0]


def test_ratings_that_were_set_aside_tell_nothing_of_raters() -> None:
    rng = np.random.default_rng(6)
    names = [f"e{at % 12}" for at in range(480)]
    raters = [f"u{at % 40}" for at in range(480)]
    answers = rng.choice([2, 3, 4, 4, 4], (480, 1))
    honest = make_ratings(names, answers, rater=raters)
    attacked = make_ratings(
        names + ["e0"] * 120, np.concatenate([answers, [[1]] * 120]), rater=raters + ["x"] * 120
    )
    verdicts = all_count(attacked)
    verdicts.weight[480:] = 0
    alone = severity_shift(honest, all_count(honest), "all", Policy())
    beside = severity_shift(attacked, verdicts, "all", Policy())
    assert alone is not None
    assert beside is not None
    assert beside[:480].tolist() == alone.tolist()


def test_a_kiosk_is_no_severe_rater() -> None:
    answers = [[1]] * 30 + [[4]] * 30 + [[3]] * 60
    rater = ["kiosk"] * 30 + ["mild"] * 30 + [""] * 60
    channel = ["kiosk"] * 30 + ["poster"] * 90
    ratings = make_ratings(
        [f"e{at % 12}" for at in range(120)], answers, rater=rater, channel=channel
    )
    shift = severity_shift(ratings, all_count(ratings), "all", Policy())
    assert shift is not None
    assert not shift[:30].any()
    assert (shift[30:60] > 0.25).all()


def test_without_any_known_rater_nothing_is_taken_off() -> None:
    ratings = make_ratings(["a", "b"] * 20, np.resize([[4], [3], [2]], (40, 1)))
    found = rater_severity(ratings, "all")
    assert not found.offset.any()
    assert found.fit.blup.tolist() == fit_gaussian(rows_of_ratings(ratings)).blup.tolist()
