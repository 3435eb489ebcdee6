"""From counts to score, interval, probabilities."""

import dataclasses
import math

import numpy as np
import pytest

from portal.scoring import Params, Policy, Weights, fit, score, select_employees
from portal.scoring.cells import align
from portal.scoring.model import UnknownInstrument, standardised
from portal.scoring.posterior import normal_prior
from portal.scoring.score import quantile, share_below
from tests.scoring.makers import count, draw, faces, make_ratings, params_with

POLICY = Policy()
C = np.array([[0.125, 0.5, 0.875]])  # mid-cumulative of P = 1/4, 1/2, 1/4
Q = np.array([0.0, 10.0, 20.0])


@pytest.mark.parametrize(
    ("p", "value"), [(0.5, 10), (0.3125, 5), (0.025, 0), (0.975, 20), (0.875, 20), (0.6875, 15)]
)
def test_a_quantile_is_read_off_the_mid_cumulative_and_ends_clamp(p: float, value: float) -> None:
    assert quantile(C, Q, p)[0] == pytest.approx(value)
    assert quantile(C, Q[None, :], p)[0] == pytest.approx(value)


@pytest.mark.parametrize(("standard", "share"), [(15, 0.6875), (10, 0.5), (-5, 0.125), (99, 0.875)])
def test_the_share_below_a_standard_is_the_same_line_read_the_other_way(
    standard: float, share: float
) -> None:
    assert share_below(C, Q, standard)[0] == pytest.approx(share)
    assert share_below(C, Q[None, :], standard)[0] == pytest.approx(share)


def by_hand(answers: list[int], params: Params) -> tuple[float, float, float]:
    """Score, mean and variance of theta for faces in the one known service, in plain Python."""
    lo, hi, points = params.grid
    theta = [lo + (hi - lo) * g / (points - 1) for g in range(points)]
    c = [-math.inf, *params.thresholds["short"], math.inf]

    def p(j: int, t: float) -> float:
        upper = 1 / (1 + math.exp(t - c[j])) if c[j] < math.inf else 1.0
        lower = 1 / (1 + math.exp(t - c[j - 1])) if c[j - 1] > -math.inf else 0.0
        return max(upper - lower, 1e-12)

    weight = [
        math.exp(-0.5 * ((t - params.mu) / params.sd_employees) ** 2)
        * math.prod(p(answer, t) for answer in answers)
        for t in theta
    ]
    total = sum(weight)
    q = [sum(25 * j * p(j, t) for j in (1, 2, 3, 4)) for t in theta]
    mean = sum(w * t for w, t in zip(weight, theta, strict=True)) / total
    square = sum(w * t * t for w, t in zip(weight, theta, strict=True)) / total
    level = sum(w * x for w, x in zip(weight, q, strict=True)) / total
    return level, mean, square - mean**2


def test_score_reliability_and_spread_by_hand() -> None:
    weights = Weights({"short": 1.0}, ((("ktp", "poster", "2026-Q4"), 1.0),))
    params = params_with(s2=0.0, mu=0.1, weights=weights, grid=(-6.0, 6.0, 41))
    answers = [4, 3, 4, 1]
    found = score(count(make_ratings(["ani"] * 4, faces(*answers))), params, POLICY)
    level, mean, variance = by_hand(answers, params)
    assert found.score[0] == pytest.approx(level, abs=1e-9)
    assert found.mean[0] == pytest.approx(mean, abs=1e-9)
    assert found.reliability[0] == pytest.approx(1 - variance / 0.81, abs=1e-9)
    assert found.raw_mean[0] == 75
    assert found.on_points(found.score)[0] == pytest.approx(1 + (level - 25) / 25)


def test_without_a_rating_the_prior_speaks() -> None:
    ratings = make_ratings(["ani", "budi"], faces(4, 4))
    cells = count(ratings.select(np.array([0])))
    both = align(cells, np.array(["ani", "budi"], dtype=object))
    found = score(both, params_with(), POLICY)
    assert found.n.tolist() == [1, 0]
    assert np.isnan(found.raw_mean[1])
    assert found.reliability[1] == pytest.approx(0, abs=1e-3)
    assert found.lo[1] < found.score[1] < found.hi[1]


def test_equal_ratings_in_equal_services_give_equal_scores() -> None:
    """The home service's mean belongs to the fit, never to a person's score."""
    drawn = draw(6, employees=200, services=4)
    params = fit(count(drawn.ratings), None, Policy(grid_points=61))
    same = dict.fromkeys(params.services, 0.0)
    params = dataclasses.replace(params, services=same, service_se=same, version="")
    twins = make_ratings(
        ["a"] * 3 + ["b"] * 3, faces(4, 3, 4, 4, 3, 4), service=["s00"] * 3 + ["s03"] * 3
    )
    found = score(count(twins), params, POLICY)
    assert found.score[0] == found.score[1]
    assert found.lo[0] == found.lo[1]


def test_simpson_the_better_of_two_in_both_services_scores_higher() -> None:
    """Ani is better in the easy and in the hard service, but sits mostly at the hard one."""
    easy, hard = "salinan", "izin"
    ani = [(easy, 4)] * 10 + [(hard, 3)] * 55 + [(hard, 2)] * 35
    budi = [(easy, 4)] * 72 + [(easy, 3)] * 18 + [(hard, 3)] * 4 + [(hard, 2)] * 6
    rest = draw(2, employees=40, services=1, each=1).ratings
    rows = ani + budi
    ratings = make_ratings(
        ["ani"] * len(ani) + ["budi"] * len(budi), faces(*(a for _, a in rows)),
        service=[s for s, _ in rows],
    )  # fmt: skip
    cells = count(ratings)
    assert cells.raw_mean[0] < cells.raw_mean[1]
    params = fit(cells, None, Policy(fit_min_ratings=1, fit_min_employees=1))
    found = score(cells, params, POLICY)
    assert found.score[0] > found.score[1]
    assert len(rest) > 0


def test_more_ratings_of_the_same_kind_narrow_the_interval() -> None:
    ratings = make_ratings(["a"] * 5 + ["b"] * 50, faces(*[4, 4, 3, 4, 2] * 11))
    found = score(count(ratings), params_with(), POLICY)
    width = found.hi - found.lo
    assert width[1] < 0.6 * width[0]


def test_percentiles_average_to_fifty_and_probabilities_agree_with_the_interval() -> None:
    cells = count(draw(5, employees=300).ratings)
    params = params_with()
    found = score(cells, params, POLICY)
    assert found.percentile.mean() == pytest.approx(50, abs=1e-9)
    low = dataclasses.replace(POLICY, guidance_standard=float(found.lo[7]), version="x")
    assert score(cells, params, low).p_below[7] == pytest.approx(0.025, abs=1e-9)


def test_the_percentile_has_the_interval_of_the_posterior_it_is_read_from() -> None:
    cells = count(draw(5, employees=300).ratings)
    for mix in ("national", "own"):
        found = score(cells, params_with(), POLICY, mix=mix)
        assert found.posterior is not None
        assert found.percentile_lo is not None
        assert found.percentile_hi is not None
        share = found.posterior.mean(axis=0)
        rank = 100 * (np.cumsum(share) - share / 2)
        c = np.cumsum(found.posterior, axis=1) - found.posterior / 2
        for p, ends in ((0.025, found.percentile_lo), (0.975, found.percentile_hi)):
            expected = [np.interp(p, row, rank) for row in c]
            assert np.abs(ends - expected).max() < 1e-6
        assert (found.percentile_lo <= found.percentile).all()
        assert (found.percentile <= found.percentile_hi).all()


def test_a_pass_without_kept_posteriors_gives_the_same_numbers() -> None:
    cells = count(draw(5, employees=120).ratings)
    full, slim = (score(cells, params_with(), POLICY, keep_posterior=k) for k in (True, False))
    assert slim.posterior is None
    for name in ("score", "lo", "hi", "percentile", "percentile_lo", "p_above", "reliability"):
        assert np.allclose(getattr(full, name), getattr(slim, name), atol=1e-12)


def test_a_prior_of_each_persons_own_gives_the_same_percentile_without_kept_posteriors() -> None:
    params = params_with()
    cells = count(draw(5, employees=40).ratings)
    own = np.stack([normal_prior(params.theta, mu, 0.8) for mu in np.linspace(-1, 1, len(cells))])
    full, slim = (score(cells, params, POLICY, prior=own, keep_posterior=k) for k in (True, False))
    assert np.allclose(full.percentile, slim.percentile, atol=1e-9)


def test_neither_threads_nor_the_place_in_the_file_change_a_figure() -> None:
    """Blocks are worked on in any order; the same person stands at a block's start and end."""
    twins = np.tile(np.arange(7), 1400)
    cells = select_employees(count(draw(5, employees=7, each=20).ratings), twins)
    cells = dataclasses.replace(cells, employee=np.arange(len(twins)))
    one, two = (score(cells, params_with(), POLICY, keep_posterior=False, threads=n)
                for n in (1, 2))  # fmt: skip
    for name in ("score", "lo", "hi", "percentile", "p_above", "p_below", "reliability"):
        assert (getattr(one, name) == getattr(two, name)).all()
        assert np.ptp(getattr(one, name).reshape(-1, 7), axis=0).max() < 1e-11


def test_the_own_mix_keeps_the_difficulty_of_the_own_service() -> None:
    params = params_with(
        services={"ktp": 1.0, "izin": -1.0},
        weights=Weights({"short": 1.0}, tuple(
            ((s, "poster", "2026-Q4"), 0.5) for s in ("izin", "ktp"))),
    )  # fmt: skip
    ratings = make_ratings(["a"] * 40, faces(*[4, 3, 3, 2] * 10), service=["izin"] * 40)
    national = score(count(ratings), params, POLICY)
    own = score(count(ratings), params, POLICY, mix="own")
    assert own.score[0] < national.score[0] - 5
    assert abs(own.score[0] - national.raw_mean[0]) < 4


def test_ratings_on_an_unknown_form_are_refused() -> None:
    ratings = make_ratings(["a"], [[1, 2, 3]], points=5, has_face=False)
    with pytest.raises(UnknownInstrument):
        score(count(ratings), params_with(), POLICY)


def test_intervals_cover_the_truth_at_this_grid_and_at_a_finer_one() -> None:
    hits: dict[int, list[float]] = {161: [], 321: []}
    for seed in range(4):
        drawn = draw(100 + seed, employees=800, services=8, offices=60, each=40)
        cells = count(drawn.ratings)
        params = fit(cells, None, POLICY)
        for points, seen in hits.items():
            fine = dataclasses.replace(params, grid=(-7.0, 7.0, points), version="")
            found = score(cells, fine, POLICY)
            target = standardised(fine)
            truth = np.interp(drawn.theta[found.employee], fine.theta, target)
            seen.append(float(((found.lo <= truth) & (truth <= found.hi)).mean()))
    assert 0.93 <= np.mean(hits[161]) <= 0.97
    assert abs(np.mean(hits[161]) - np.mean(hits[321])) < 0.006
