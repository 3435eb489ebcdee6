"""Quarters: filter, trend, early warning."""

import dataclasses
import gc
import weakref
from typing import Any

import numpy as np
import pytest

from portal.scoring import (
    Policy,
    PosteriorNotKept,
    early_warning,
    filter_period,
    filter_quarters,
    score,
    select_periods,
    trend,
)
from tests.scoring.makers import all_count, count, draw, faces, make_ratings, params_with

POLICY = Policy()
PARAMS = params_with(s2=0.0)
WIDE = params_with(s2=0.05)


def quarter(name: str, *people: tuple[str, list[int]]) -> dict[str, list[Any]]:
    employee = [who for who, answers in people for _ in answers]
    return {
        "employee": list(employee),
        "answers": [a for _, answers in people for a in answers],
        "period": [name] * len(employee),
    }


def test_the_first_quarter_begins_with_the_common_prior() -> None:
    cells = count(make_ratings(["ani"] * 4, faces(4, 4, 3, 2)))
    first = filter_period(None, cells, PARAMS, POLICY)
    assert first.score.tolist() == score(cells, PARAMS, POLICY).score.tolist()


def test_a_quarter_without_ratings_keeps_the_level_and_widens_the_interval() -> None:
    first = score(count(make_ratings(["ani"] * 40, faces(*[4] * 40))), PARAMS, POLICY)
    nothing = count(make_ratings(["budi"], faces(4)))
    second = filter_period(first, nothing, PARAMS, POLICY)
    assert second.employee.tolist() == ["ani", "budi"]
    assert second.n.tolist() == [0, 1]
    assert filter_period(second, nothing, PARAMS, POLICY).periods.tolist() == [1, 2]
    assert second.mean[0] == pytest.approx(first.mean[0], abs=0.02)
    assert second.variance[0] == pytest.approx(first.variance[0] + 0.2**2, rel=0.05)


def test_what_came_before_sharpens_the_quarter() -> None:
    good, same = faces(*[4] * 40), faces(*[4, 4, 4, 4, 3])
    first = score(count(make_ratings(["ani"] * 40, good)), PARAMS, POLICY)
    now = count(make_ratings(["ani"] * 5, same))
    alone, filtered = score(now, PARAMS, POLICY), filter_period(first, now, PARAMS, POLICY)
    assert filtered.hi[0] - filtered.lo[0] < alone.hi[0] - alone.lo[0]
    assert filtered.score[0] > alone.score[0]


def test_a_quarter_that_has_been_carried_on_leaves_memory_at_once() -> None:
    """Its grids are the largest arrays of a run; no circle of references may keep them."""
    cells = count(make_ratings(["ani"] * 4, faces(4, 4, 3, 2)))
    gc.disable()
    try:
        first = filter_period(None, cells, PARAMS, POLICY, keep_posterior=False)
        second = filter_period(first, cells, PARAMS, POLICY, keep_posterior=False)
        assert first.likelihood is not None
        assert second.likelihood is not None
        grid = weakref.ref(first.likelihood)
        del first
        assert grid() is None
    finally:
        gc.enable()


def test_quarters_are_widened_together_so_that_waiting_averages_no_office_away() -> None:
    still = dataclasses.replace(POLICY, drift_sd=1e-3)
    ratings = make_ratings(["ani"] * 400, faces(*[4, 3, 4, 2] * 100),
                           period=[f"q{i // 100}" for i in range(400)])  # fmt: skip
    cells = count(ratings)
    pooled = score(cells, WIDE, still)
    last = None
    for name in ("q0", "q1", "q2", "q3"):
        last = filter_period(last, select_periods(cells, {name}), WIDE, still, keep_posterior=False)
    assert last is not None
    assert last.posterior is None
    assert last.variance[0] == pytest.approx(pooled.variance[0], rel=0.02)
    assert last.score[0] == pytest.approx(pooled.score[0], abs=0.05)
    assert last.variance[0] > 0.8 * WIDE.s2


def test_a_fall_is_flagged_and_a_steady_person_is_not() -> None:
    before = score(
        count(make_ratings(["fell"] * 60 + ["steady"] * 60, faces(*[4] * 60, *[4, 3, 2] * 20))),
        PARAMS,
        POLICY,
    )
    now = score(count(make_ratings(
        ["fell"] * 30 + ["new"] * 2 + ["steady"] * 30,
        faces(*[2, 1, 3] * 10, 4, 4, *[4, 3, 2] * 10))), PARAMS, POLICY)  # fmt: skip
    found = trend(now, before, PARAMS, POLICY)
    assert found.employee.tolist() == ["fell", "steady"]
    assert found.flagged.tolist() == [True, False]
    assert found.p_fell[0] > 0.999
    assert 0.2 < found.p_fell[1] < 0.8


def test_where_offices_differ_a_fall_is_less_certain() -> None:
    before = score(count(make_ratings(["ani"] * 90, faces(*[4, 3, 4] * 30))), WIDE, POLICY)
    now = score(count(make_ratings(["ani"] * 90, faces(*[4, 3, 3] * 30))), WIDE, POLICY)
    sharp = dataclasses.replace(now, s2=np.zeros(1), params_version=PARAMS.version)
    known, unsure = (
        float(trend(one, before, params, POLICY).p_fell[0])
        for one, params in ((sharp, PARAMS), (now, WIDE))
    )
    with pytest.raises(ValueError, match="other parameters"):
        trend(now, before, PARAMS, POLICY)
    assert 0.9 < unsure < known - 0.005


def test_a_fall_told_by_few_ratings_is_not_flagged() -> None:
    before = score(count(make_ratings(["ani"] * 60, faces(*[4] * 60))), PARAMS, POLICY)
    now = score(count(make_ratings(["ani"] * 9, faces(*[1] * 9))), PARAMS, POLICY)
    assert not trend(now, before, PARAMS, POLICY).flagged.any()


def test_scores_without_posteriors_cannot_be_carried_on() -> None:
    cells = count(make_ratings(["ani"], faces(4)))
    slim = score(cells, PARAMS, POLICY, keep_posterior=False)
    with pytest.raises(PosteriorNotKept):
        filter_period(slim, cells, PARAMS, POLICY)
    with pytest.raises(PosteriorNotKept):
        trend(slim, slim, PARAMS, POLICY)


Levels = dict[int | str, float]


def usual_level() -> float:
    """Where somebody stands who gets fours and threes."""
    cells = count(make_ratings(["ani"] * 40, faces(*[4, 3] * 20)))
    return float(score(cells, PARAMS, POLICY).mean[0])


def test_the_alarm_rings_after_a_row_of_bad_ratings_then_starts_again() -> None:
    good: Levels = {"ani": usual_level()}
    ratings = make_ratings(["ani"] * 40, faces(*[1] * 40))
    found = early_warning(ratings, all_count(ratings), good, PARAMS, POLICY)
    assert len(found.row) > 1
    assert found.row[0] < 15
    assert set(found.signalled.tolist()) == {"ani"}
    assert 0 <= found.level[0] <= POLICY.alarm_level
    quiet = make_ratings(["ani"] * 40, faces(*[4, 3] * 20))
    assert not len(early_warning(quiet, all_count(quiet), good, PARAMS, POLICY).row)


def alarms(ability: float, people: int, each: int) -> int:
    """Signals about so many people, believed to be average, from ratings drawn with a seed: six
    in ten the face alone, the others complete forms."""
    rng = np.random.default_rng(7)
    size = people * each
    latent, full = ability + rng.logistic(size=size), rng.random(size) >= 0.6
    face = 1 + (latent[:, None] > np.asarray(PARAMS.thresholds["short"])).sum(axis=1)
    total = (latent[:, None] > np.asarray(PARAMS.thresholds["full"])).sum(axis=1)
    answers = 1 + total[:, None] // 4 + (np.arange(4) < total[:, None] % 4)
    answers[~full] = 0
    answers[~full, 0] = face[~full]
    ratings = make_ratings(np.repeat(np.arange(people), each).tolist(), answers)
    known: Levels = dict.fromkeys(range(people), 0.0)
    return len(early_warning(ratings, all_count(ratings), known, PARAMS, POLICY).row)


def test_an_average_person_is_warned_of_by_chance_once_in_about_2800_ratings() -> None:
    assert 2_200 < 120_000 / alarms(PARAMS.mu, people=100, each=1_200) < 3_600


def test_after_a_fall_the_warning_comes_within_about_55_ratings() -> None:
    assert 45 < 40_000 / alarms(PARAMS.mu - POLICY.alarm_shift, people=20, each=2_000) < 65


def test_what_is_set_aside_rings_no_alarm() -> None:
    good: Levels = {"ani": usual_level()}
    ratings = make_ratings(["ani"] * 40, faces(*[1] * 40))
    verdicts = all_count(ratings).reviewed(np.zeros(40))
    assert not len(early_warning(ratings, verdicts, good, PARAMS, POLICY).row)


def test_the_nations_drift_is_not_a_persons() -> None:
    """With beta known, a bad quarter for everybody is nobody's fall."""
    drift = dataclasses.replace(PARAMS, periods={"q1": 0.0, "q2": -2.5}, version="")
    rows = quarter("q1", ("ani", [4] * 50)), quarter("q2", ("ani", [4, 3] * 25))
    cells = count(make_ratings(
        rows[0]["employee"] + rows[1]["employee"],
        faces(*rows[0]["answers"], *rows[1]["answers"]),
        period=rows[0]["period"] + rows[1]["period"]))  # fmt: skip
    for params, low, high in ((PARAMS, 0.99, 1.0), (drift, 0.0, 0.95)):
        now = score(select_periods(cells, {"q2"}), params, POLICY)
        before = score(select_periods(cells, {"q1"}), params, POLICY)
        assert low <= trend(now, before, params, POLICY).p_fell[0] <= high


def test_whoever_was_excellent_and_is_poor_now_is_heard_in_the_nations_filter_too() -> None:
    """What is kept between quarters must hold what was next to impossible."""
    cells = count(make_ratings(["ani"] * 240, faces(*[4] * 120, *[1] * 120),
                               period=["q1"] * 120 + ["q2"] * 120))  # fmt: skip
    quarters = [select_periods(cells, {name}) for name in ("q1", "q2")]
    nation = filter_quarters(quarters, WIDE, POLICY)
    person = filter_period(
        filter_period(None, quarters[0], WIDE, POLICY), quarters[1], WIDE, POLICY
    )
    assert nation.score[0] == pytest.approx(person.score[0], abs=0.1)
    assert person.score[0] < 60


@pytest.mark.parametrize("sd", [0.05, 0.15])
def test_where_staff_hardly_differ_the_filters_still_tell_good_from_poor(sd: float) -> None:
    alike = params_with(sd_employees=sd, s2=0.01)
    cells = count(make_ratings(["bad"] * 80 + ["good"] * 80, faces(*[1] * 80, *[4] * 80),
                               period=(["q1"] * 40 + ["q2"] * 40) * 2))  # fmt: skip
    quarters = [select_periods(cells, {name}) for name in ("q1", "q2")]
    nation = filter_quarters(quarters, alike, POLICY)
    person = filter_period(filter_period(None, quarters[0], alike, POLICY), quarters[1], alike,
                           POLICY)  # fmt: skip
    assert nation.score == pytest.approx(person.score, abs=0.1)
    assert np.isfinite(nation.percentile).all()
    usual = score(quarters[1], alike, POLICY).score
    assert person.score[0] <= usual[0] < usual[1] <= person.score[1]


def test_a_nation_is_filtered_as_a_person_is_whatever_the_number_of_threads() -> None:
    """In single precision between the quarters, hence not to the last digit."""
    ratings = draw(4, employees=60, services=3, each=30).ratings
    names = np.array(["q1", "q2", "q3"], dtype=object)
    seen_in = 1 + ratings.employee % 3
    ratings = dataclasses.replace(ratings, period=names[np.arange(len(ratings)) % seen_in])
    cells = count(ratings)
    quarters = [select_periods(cells, {name}) for name in names]
    one_by_one = None
    for quarter_cells in quarters:
        one_by_one = filter_period(one_by_one, quarter_cells, WIDE, POLICY)
    assert one_by_one is not None
    nation, twice = (filter_quarters(quarters, WIDE, POLICY, threads=n) for n in (1, 2))
    for name in ("score", "lo", "hi", "p_above", "p_below", "percentile", "reliability"):
        found = getattr(nation, name)
        assert np.abs(found - getattr(one_by_one, name)).max() < 1e-4
        assert (found == getattr(twice, name)).all()
    assert nation.n.tolist() == one_by_one.n.tolist()
    assert nation.periods.tolist() == one_by_one.periods.tolist() == cells.periods.tolist()
    assert set(cells.periods.tolist()) == {1, 2, 3}
