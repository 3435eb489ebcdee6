"""Advice: absolute standards, minimum evidence, false discovery."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.scoring import BadPolicy, Policy, Scores, advise, score
from portal.scoring.decide import discover
from tests.scoring.makers import count, faces, make_ratings, params_with

POLICY = Policy()


def some_scores(**given: list[float]) -> Scores:
    """Scores of a few employees with chosen probabilities."""
    size = len(next(iter(given.values())))
    ratings = make_ratings([f"e{i}" for i in range(size)], faces(*[4] * size))
    found = score(count(ratings), params_with(), POLICY)
    base = {"n": [30.0] * size, "reliability": [0.8] * size, "p_above": [0.0] * size,
            "p_below": [0.0] * size, "periods": [2] * size}  # fmt: skip
    columns: dict[str, Any] = {k: np.array(v) for k, v in (base | given).items()}
    return dataclasses.replace(found, **columns)


def test_the_list_ends_where_one_name_in_twenty_would_be_wrong() -> None:
    # wrong: .01 .05 .07 .09; running mean .01 .03 .043 .055
    found = advise(some_scores(p_above=[0.91, 0.99, 0.93, 0.95]), POLICY)
    assert found.award.tolist() == [False, True, True, True]


def test_below_the_certainty_nobody_is_a_candidate() -> None:
    found = advise(some_scores(p_above=[0.999, 0.89]), POLICY)
    assert found.advice.tolist() == ["award_candidate", "none"]


def test_an_award_from_a_single_period_asks_for_more_guidance_does_not() -> None:
    sure = [0.94, 0.94, 0.96, 0.96]
    found = advise(some_scores(p_above=sure, periods=[1, 2, 1, 0]), POLICY)
    assert found.award.tolist() == [False, True, True, True]
    below = some_scores(p_below=[0.97, 0.96, 0.93], periods=[1, 1, 1])
    assert advise(below, POLICY).guidance.all()


def test_it_never_asks_for_less_than_of_everybody() -> None:
    strict = dataclasses.replace(POLICY, certainty=0.97)
    assert advise(some_scores(p_above=[0.96], periods=[1]), strict).advice.tolist() == ["none"]


@given(st.lists(st.floats(0.85, 1), min_size=1, max_size=12))
def test_a_first_list_of_awards_is_the_surer_part_of_a_later_one(sure: list[float]) -> None:
    later = some_scores(p_above=sure)
    first = dataclasses.replace(later, periods=later.periods - 1)
    named = advise(first, POLICY).award
    assert (named == (advise(later, POLICY).award & (later.p_above >= 0.95))).all()


def test_guidance_uses_the_same_rule_at_the_other_end() -> None:
    found = advise(some_scores(p_below=[0.97, 0.5], p_above=[0.0, 0.0]), POLICY)
    assert found.advice.tolist() == ["guidance_candidate", "none"]
    assert found.guidance.tolist() == [True, False]


def test_a_less_certain_name_joins_the_guidance_list_only_while_few_of_it_are_wrong() -> None:
    # wrong: .01 .02 .14, mean .057; then .01 .01 .01 .14, mean .043
    some = advise(some_scores(p_below=[0.99, 0.98, 0.86]), POLICY)
    more = advise(some_scores(p_below=[0.99, 0.99, 0.99, 0.86]), POLICY)
    assert some.guidance.tolist() == [True, True, False]
    assert more.guidance.tolist() == [True] * 4
    assert not advise(some_scores(p_below=[0.84]), POLICY).guidance.any()


@pytest.mark.parametrize("lacking", [{"n": [9.0]}, {"reliability": [0.69]}])
def test_too_little_evidence_is_insufficient_whatever_it_says(
    lacking: dict[str, list[float]],
) -> None:
    found = advise(some_scores(p_above=[1.0], **lacking), POLICY)
    assert found.advice.tolist() == ["insufficient"]


def test_equal_probabilities_are_taken_in_the_order_of_keys() -> None:
    p = np.array([0.94, 0.94, 0.94])
    keys = np.array(["c", "a", "b"], dtype=object)
    assert discover(p, np.ones(3, bool), keys, 0.07).tolist() == [True, True, True]
    assert discover(p, np.ones(3, bool), keys, 0.05).tolist() == [False, False, False]


def test_nobody_eligible_nobody_chosen() -> None:
    assert not discover(np.array([0.99]), np.array([False]), np.array(["a"]), 0.05).any()


def test_a_guidance_standard_above_the_award_standard_is_refused() -> None:
    with pytest.raises(BadPolicy):
        Policy(guidance_standard=96.0)


def test_every_field_of_the_policy_has_a_reason_and_survives_storage() -> None:
    assert all(Policy.reasons().values())
    changed = Policy(version="kota-3", award_standard=97.0)
    assert Policy.from_dict(changed.to_dict()) == changed
    assert changed.digest != POLICY.digest


@pytest.mark.parametrize("own", ["guidance_certainty", "lone_certainty"])
def test_a_policy_stored_before_a_list_had_its_own_certainty_keeps_its_meaning(own: str) -> None:
    stored = Policy(certainty=0.92).to_dict()
    del stored[own]
    assert getattr(Policy.from_dict(stored), own) == 0.92


def test_whoever_changes_a_value_of_the_policy_gives_the_rules_a_new_version() -> None:
    digests = {"2026.8": "ae6def02915e"}  # version: what it stands for
    assert digests[POLICY.version] == POLICY.digest
