"""The steps from the plain mean to the score."""

import numpy as np
import pytest

from portal.scoring import (
    Policy,
    Verdicts,
    Weights,
    count_cells,
    explain,
    explain_all,
    fit,
    funnel,
    score,
)
from tests.scoring.makers import all_count, count, draw, faces, make_ratings, params_with

POLICY = Policy()


def test_the_steps_add_up_to_the_score_for_everybody() -> None:
    drawn = draw(9, employees=150, office_sd=0.2)
    weight = (np.arange(len(drawn.ratings)) % 7 > 0).astype(float)
    cells = count_cells(drawn.ratings, all_count(drawn.ratings).reviewed(weight), 4)
    params = fit(cells, None, POLICY)
    scores = score(cells, params, POLICY)
    steps = explain_all(cells, params, POLICY, scores)
    total = steps.start + steps.excluded + steps.circumstances + steps.caution
    assert np.abs(total - scores.score).max() < 1e-9
    some = int(cells.employee[17])
    one = explain(some, cells, params, POLICY, scores)
    assert one.raw_mean == pytest.approx(float(cells.raw_mean[17]))
    assert one.score == scores.score[17]
    assert one.start + one.excluded + one.circumstances + one.caution == pytest.approx(one.score)


def test_what_was_set_aside_is_the_first_step_with_its_reasons() -> None:
    ratings = make_ratings(["ani"] * 4, faces(4, 4, 4, 1))
    reasons = np.array(["", "", "", "burst;quarantine"], dtype=object)
    verdicts = Verdicts(np.array([1.0, 1, 1, 0]), np.array([0.0, 0, 0, 4]), reasons)
    cells = count_cells(ratings, verdicts, 4)
    steps = explain("ani", cells, params_with(), POLICY)
    assert steps.start == 81.25
    assert steps.excluded == 18.75
    assert steps.reasons == {"quarantine": 1}
    assert steps.caution < 0  # three fours are no proof


def test_a_hard_service_is_made_good_in_the_second_step() -> None:
    params = params_with(services={"izin": -1.0, "ktp": 1.0})
    ratings = make_ratings(["ani"] * 20, faces(*[3, 4] * 10), service=["izin"] * 20)
    assert explain("ani", count(ratings), params, POLICY).circumstances > 3


def test_somebody_with_nothing_counted_stands_at_the_prior() -> None:
    ratings = make_ratings(["ani"], faces(1))
    cells = count_cells(ratings, all_count(ratings).reviewed(np.zeros(1)), 4)
    steps = explain("ani", cells, params_with(), POLICY)
    assert steps.start == 25
    assert steps.start + steps.excluded == steps.score
    assert steps.caution == pytest.approx(0)
    assert steps.services == ()


def test_needed_ratings_end_at_zero_when_reached_and_suffice_when_given() -> None:
    params = params_with(s2=0.02)
    pattern = [4, 3, 4, 2, 3]
    few = make_ratings(["ani"] * 5, faces(*pattern))
    needed = explain("ani", count(few), params, POLICY).needed
    assert needed is not None
    assert needed > 0
    times = 1 + -(-needed // 5)
    many = make_ratings(["ani"] * 5 * times, faces(*pattern * times))
    assert explain("ani", count(many), params, POLICY).needed == 0


@pytest.mark.parametrize(("error", "enough"), [(0.0, 11), (0.3, 15), (0.5, 43), (0.6, None)])
def test_the_number_told_does_not_move_away_as_ratings_come_in(
    error: float, enough: int | None
) -> None:
    """A service of which little is known widens intervals for good: then no number is told."""
    params = params_with(s2=0.02, service_se={"ktp": error})
    for n in (5, 20, 40):
        rows = make_ratings(["ani"] * n, faces(*[4, 3, 4, 2, 3] * (n // 5)))
        found = explain("ani", count(rows), params, POLICY)
        assert found.needed == (None if enough is None else max(enough - n, 0))
        assert found.shared == (enough is None)


def test_where_offices_differ_as_much_as_persons_no_number_suffices() -> None:
    few = make_ratings(["ani"] * 5, faces(4, 3, 4, 2, 3))
    steps = explain("ani", count(few), params_with(s2=0.8), POLICY)
    assert (steps.needed, steps.shared) == (None, True)


def test_at_the_ceiling_it_is_not_offices_or_services_that_forbid_a_number() -> None:
    best = make_ratings(["ani"] * 20, faces(*[4] * 20))
    steps = explain("ani", count(best), params_with(s2=0.0, mu=4.0), POLICY)
    assert (steps.needed, steps.shared) == (None, False)


def test_ten_more_best_answers_are_what_ten_more_best_answers_would_do() -> None:
    params = params_with(service_se={"ktp": 0.3})
    rows = [4, 3, 2, 4]
    now = explain("ani", count(make_ratings(["ani"] * 4, faces(*rows))), params, POLICY)
    later = make_ratings(["ani"] * 14, faces(*rows, *[4] * 10))
    then = score(count(later), params, POLICY)
    assert now.what_if_score == pytest.approx(then.score[0], abs=1e-9)
    assert now.what_if_lo == pytest.approx(then.lo[0], abs=1e-9)
    assert now.what_if_p_above == pytest.approx(then.p_above[0], abs=1e-9)


def test_each_service_is_shown_with_what_a_colleague_would_get_there() -> None:
    params = params_with(services={"izin": -1.0, "ktp": 1.0})
    ratings = make_ratings(["ani"] * 6, faces(4, 4, 3, 3, 3, 2), service=["ktp"] * 3 + ["izin"] * 3)
    izin, ktp = explain("ani", count(ratings), params, POLICY).services
    assert (izin.service, izin.n, ktp.service, ktp.n) == ("izin", 3, "ktp", 3)
    assert izin.expected < ktp.expected
    assert ktp.lo < ktp.score < ktp.hi


def test_the_funnel_is_what_average_people_in_differing_offices_draw() -> None:
    faces_only = Weights({"short": 1.0}, ((("", "poster", ""), 1.0),))
    params = params_with(s2=0.05, weights=faces_only)
    found = funnel(params)
    rng, n = np.random.default_rng(3), 40
    level = params.mu + rng.normal(0, params.s2**0.5, 4_000)
    c = np.asarray(params.thresholds["short"])
    steps = 1 / (1 + np.exp(-(c - level[:, None])))
    draws = rng.random((len(level), n, 1)) > steps[:, None, :]
    means = 25 * (1 + draws.sum(axis=2)).mean(axis=1)
    assert found.centre == pytest.approx(means.mean(), abs=0.3)
    spread = found.variance / n + found.office_variance
    assert spread == pytest.approx(means.var(), rel=0.1)
    assert found.office_variance > 0.3  # the part that no number of ratings takes away


def test_a_stranger_has_no_steps() -> None:
    with pytest.raises(KeyError):
        explain("nobody", count(make_ratings(["ani"], faces(4))), params_with(), POLICY)
