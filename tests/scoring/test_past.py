"""What closed periods add to the next: carried, capped, fading."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scoring import (
    Past,
    Policy,
    bring,
    count_cells,
    evidence_of,
    explain_all,
    fallen,
    fit,
    levels,
    score,
    together,
)
from tests.scoring.makers import all_count, count, draw, faces, make_ratings, params_with

POLICY = Policy()
PARAMS = params_with(s2=0.05)


def ani(*answers: int) -> Past:
    """What so many answers about one person say."""
    return evidence_of(count(make_ratings(["ani"] * len(answers), faces(*answers))), PARAMS, POLICY)


def test_the_steps_with_the_past_add_up_to_the_score_for_everybody() -> None:
    first, second = draw(9, employees=80), draw(9, employees=120)
    cells = count_cells(second.ratings, all_count(second.ratings), 4)
    params = fit(cells, None, POLICY)
    before = evidence_of(count(first.ratings), params, POLICY)
    brought = bring(before, 1, evidence_of(cells, params, POLICY), POLICY)
    alone, both = score(cells, params, POLICY), score(cells, params, POLICY, past=brought)
    steps = explain_all(cells, params, POLICY, alone, past=brought, final=both)
    total = steps.start + steps.excluded + steps.circumstances + steps.caution + steps.past
    assert np.abs(total - both.score).max() < 1e-9
    newcomer = ~np.isin(cells.employee, before.employee)
    assert newcomer.any()
    assert (both.score[newcomer] == alone.score[newcomer]).all()
    assert (both.periods == np.where(newcomer, 1, 2)).all()
    assert (alone.periods == 1).all()
    assert both.variance.mean() < 0.9 * alone.variance.mean()


def test_a_bad_past_fades_and_never_weighs_more_than_the_present() -> None:
    bad, good = ani(*[1, 2] * 40), ani(*[4, 4, 3] * 10)
    assert bad.precision[0] > good.precision[0]
    assert bring(bad, 1, good, POLICY).precision[0] == good.precision[0]
    plenty = ani(*[4, 4, 3] * 400)
    left = [bring(bad, periods, plenty, POLICY).precision[0] for periods in (1, 2, 4)]
    assert left == [
        pytest.approx(1 / (1 / bad.precision[0] + periods * 0.04)) for periods in (1, 2, 4)
    ]
    shares, past = [], bad
    for _ in range(5):
        brought = bring(past, 1, good, POLICY)
        past = together(good, brought)
        shares.append((past.centre[0] - good.centre[0]) / (bad.centre[0] - good.centre[0]))
    assert shares == sorted(shares, reverse=True)
    assert shares[4] < 0.07


def test_the_office_is_not_averaged_away_by_further_quarters() -> None:
    """Ratings of two quarters in one office leave the doubt that the same ratings of one leave."""
    half = count(make_ratings(["ani"] * 4000, faces(*[4, 3] * 2000)))
    whole = count(make_ratings(["ani"] * 8000, faces(*[4, 3] * 4000)))
    still = dataclasses.replace(POLICY, drift_sd=0.0)
    now = evidence_of(half, PARAMS, still)
    both = score(half, PARAMS, still, past=bring(now, 1, now, still))
    assert both.variance[0] == pytest.approx(score(whole, PARAMS, still).variance[0], rel=0.1)
    assert both.score[0] == pytest.approx(score(whole, PARAMS, still).score[0], abs=0.05)


def test_who_has_no_rating_now_stands_at_the_common_prior() -> None:
    cells = count(make_ratings(["ani"], faces(4)))
    nobody = count_cells(
        make_ratings(["ani"], faces(4)), all_count(make_ratings(["ani"], faces(4))).reviewed(
            np.zeros(1)), 4)  # fmt: skip
    now = evidence_of(nobody, PARAMS, POLICY)
    brought = bring(evidence_of(cells, PARAMS, POLICY), 1, now, POLICY)
    alone = score(nobody, PARAMS, POLICY)
    assert score(nobody, PARAMS, POLICY, past=brought).score[0] == pytest.approx(alone.score[0])


def test_a_fall_below_the_own_past_is_flagged_a_steady_level_is_not() -> None:
    keys = ["ani"] * 60 + ["budi"] * 60
    before = count(make_ratings(keys, faces(*[4] * 60, *[4, 3] * 30)))
    now = count(make_ratings(keys, faces(*[2, 1] * 30, *[4, 3] * 30)))
    past = evidence_of(before, PARAMS, POLICY)
    found = fallen(score(now, PARAMS, POLICY), past, PARAMS, POLICY)
    assert found.employee.tolist() == ["ani", "budi"]
    assert found.flagged.tolist() == [True, False]
    assert levels(past, PARAMS)["ani"] > levels(past, PARAMS)["budi"] > PARAMS.mu - 2


def test_where_offices_or_services_are_hardly_known_a_fall_is_less_certain() -> None:
    cells = count(make_ratings(["ani"] * 60, faces(*[4, 4, 4, 4, 3] * 12)))
    certain = []
    for params in (PARAMS, params_with(s2=0.3), params_with(service_se={"ktp": 0.6})):
        past = evidence_of(count(make_ratings(["ani"] * 60, faces(*[4] * 60))), params, POLICY)
        certain.append(float(fallen(score(cells, params, POLICY), past, params, POLICY).p_fell[0]))
    assert certain[0] > 0.9
    assert max(certain[1:]) < certain[0] - 0.02


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=5, max_size=40),
    st.floats(-3, 3),
    st.floats(0.5, 30),
)
def test_one_more_best_answer_lowers_no_score_whatever_the_past(
    answers: list[int], centre: float, precision: float
) -> None:
    """More ratings let more of the past count; from the five on that are shown, a four outweighs
    that even with a past far below."""
    past = Past(np.array([1]), np.array([centre]), np.array([precision]))

    def scored(given: list[int]) -> float:
        cells = count(make_ratings([1] * len(given), faces(*given)))
        now = evidence_of(cells, PARAMS, POLICY)
        return float(score(cells, PARAMS, POLICY, past=bring(past, 1, now, POLICY)).score[0])

    assert scored([*answers, 4]) >= scored(answers) - 1e-9
