"""The fairness audit."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from portal.scoring import Policy, Scores, audit, score
from portal.scoring.fairness import group_means, halo, rate_ratio
from tests.scoring.makers import count, faces, make_ratings, params_with

POLICY = Policy()


def scores_of(level: np.ndarray, **given: Any) -> Scores:
    size = len(level)
    ratings = make_ratings([f"e{i:03d}" for i in range(size)], faces(*[4] * size))
    found = score(count(ratings), params_with(), POLICY)
    base = {"score": level, "raw_mean": level, "n": np.full(size, 30.0),
            "reliability": np.full(size, 0.9)}  # fmt: skip
    return dataclasses.replace(found, **(base | given))


def test_a_gap_between_groups_is_found_with_its_interval() -> None:
    rng = np.random.default_rng(1)
    level = np.r_[rng.normal(90, 3, 200), rng.normal(87, 3, 200)]
    groups = np.array(["a"] * 200 + ["b"] * 200, dtype=object)
    a, b = audit(scores_of(level), groups, POLICY).groups
    assert a.gap.value == pytest.approx(3, abs=1)
    assert a.gap.lo < a.gap.value < a.gap.hi
    assert b.gap.value == pytest.approx(-a.gap.value)
    assert "gap" in a.flags


def test_a_gap_in_scores_stands_beside_the_gap_in_an_objective_measure() -> None:
    rng = np.random.default_rng(2)
    level = np.r_[rng.normal(90, 3, 200), rng.normal(87, 3, 200)]
    minutes = rng.normal(12, 4, 400)
    minutes[::7] = np.nan
    groups = np.array(["a"] * 200 + ["b"] * 200, dtype=object)
    group, _ = audit(scores_of(level), groups, POLICY, anchors={"minutes": minutes}).groups
    beside = group.anchors["minutes"]
    assert group.gap.lo > 0
    assert beside.employees == np.isfinite(minutes[:200]).sum()
    assert beside.gap.lo < 0 < beside.gap.hi
    assert beside.gap.value == pytest.approx(np.nanmean(minutes[:200]) - np.nanmean(minutes[200:]))


def test_a_measure_says_nothing_of_the_few_that_have_it_in_a_group() -> None:
    groups = np.array(["a"] * 12 + ["b"] * 12 + ["c"] * 12, dtype=object)
    told = []
    for lone in (1.0, 1000.0):
        minutes = np.linspace(10, 20, 36)
        minutes[25:] = np.nan  # one of group c alone has a value
        minutes[24] = lone
        report = audit(scores_of(np.full(36, 85.0)), groups, POLICY, anchors={"minutes": minutes})
        told.append([group.anchors for group in report.groups])
    assert told[0] == told[1]
    first, second, third = told[0]
    assert first["minutes"].gap.value == pytest.approx(-second["minutes"].gap.value)
    assert third == {}


def test_a_measure_of_one_group_alone_is_held_against_nothing() -> None:
    groups = np.array(["a"] * 12 + ["b"] * 12, dtype=object)
    minutes = np.r_[np.linspace(10, 20, 12), np.full(12, np.nan)]
    report = audit(scores_of(np.full(24, 85.0)), groups, POLICY, anchors={"minutes": minutes})
    assert [group.anchors for group in report.groups] == [{}, {}]


def test_groups_of_fewer_than_ten_are_not_shown() -> None:
    groups = np.array(["a"] * 30 + ["b"] * 30 + ["c"] * 9 + [""] * 5, dtype=object)
    found = audit(scores_of(np.linspace(80, 90, 74)), groups, POLICY)
    assert [report.group for report in found.groups] == ["a", "b"]
    assert found.suppressed == 1


def test_what_is_printed_says_nothing_of_a_group_too_small_to_show() -> None:
    groups = np.array(["a"] * 30 + ["b"] * 40 + ["c"], dtype=object)
    printed = []
    for lone in (40.0, 100.0):
        level = np.r_[np.linspace(80, 90, 70), lone]
        certain = np.r_[np.full(35, 0.999), np.zeros(35), float(lone > 90)]
        found = scores_of(level, p_above=certain, p_below=1 - certain)
        report = audit(found, groups, POLICY)
        assert report.suppressed == 1
        printed.append(report.groups)
    assert printed[0] == printed[1]
    assert [report.group for report in printed[0]] == ["a", "b"]


def test_one_group_beside_small_ones_has_nothing_to_be_held_against() -> None:
    groups = np.array(["a"] * 30 + ["b"] * 6 + ["c"] * 6, dtype=object)
    found = audit(scores_of(np.linspace(80, 90, 42)), groups, POLICY)
    assert (found.groups, found.suppressed) == ((), 2)


def test_an_award_rate_below_four_fifths_is_flagged() -> None:
    above = np.r_[np.full(20, 0.999), np.zeros(80), np.full(4, 0.999), np.zeros(96)]
    groups = np.array(["a"] * 100 + ["b"] * 100, dtype=object)
    a, b = audit(scores_of(np.full(200, 85.0), p_above=above), groups, POLICY).groups
    assert (a.award_rate, b.award_rate) == (0.2, 0.04)
    assert "award_below_four_fifths" in b.flags
    assert "award_below_four_fifths" not in a.flags
    assert a.guidance_ratio is None


def test_the_ratio_of_two_rates_by_hand() -> None:
    case = np.zeros(200, dtype=bool)
    case[:20] = case[100:110] = True
    mine = np.arange(200) < 100
    found = rate_ratio(case, mine, ~mine)
    assert found is not None
    assert found.value == pytest.approx(20.5 / 10.5)
    half = 1.959964 * np.sqrt(1 / 20.5 - 1 / 100.5 + 1 / 10.5 - 1 / 100.5)
    assert found.hi == pytest.approx(found.value * np.exp(half), rel=1e-5)


def test_the_mean_of_a_group_counts_each_employee_once() -> None:
    values = [None, *np.linspace(-1, 1, 11), *[0.5] * 9]
    found = group_means(values, ["a"] * 12 + ["b"] * 9)
    assert list(found) == ["a"]
    assert found["a"].value == pytest.approx(0)
    half = 1.959964 * np.linspace(-1, 1, 11).std(ddof=1) / np.sqrt(11)
    assert found["a"].hi == pytest.approx(half, rel=1e-5)


def test_halo_is_the_correlation_of_the_answers() -> None:
    rng = np.random.default_rng(1)
    face = rng.integers(1, 5, 500)
    answers = np.column_stack([face, face, rng.integers(1, 5, 500), face])
    found = halo(answers.astype(float))
    assert found[0, 1] == pytest.approx(1)
    assert abs(found[0, 2]) < 0.15
