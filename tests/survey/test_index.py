"""The satisfaction index: formula, rounding and grades, beside figures that offices published."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.survey.index import (
    NINE_UNSUR,
    WEIGHTS,
    WeightsDoNotApply,
    explain,
    grade,
    half_up,
    ikm,
    reproduces,
)

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "skm_cases.json").read_text("utf-8"))
}
WITH_TABLE = [name for name, case in CASES.items() if case["unsur"]]


def means_of(case: dict[str, Any]) -> dict[str, Fraction]:
    """A case's table on the 1-4 scale, exact where the answer frequencies are known."""
    if "answer_frequencies" in case:
        return {
            unsur: Fraction(case["totals"][unsur], case["respondents"]) for unsur in case["totals"]
        }
    per_point = 25 if case["scale_of_unsur"].startswith("0-100") else 1
    return {u: Fraction(str(value)) / per_point for u, value in case["unsur"].items()}


def same_mean(mean: str, count: int = 9) -> dict[str, Fraction]:
    return {f"unsur {number}": Fraction(mean) for number in range(count)}


def test_there_are_eight_published_cases_three_with_their_table():
    assert len(CASES) == 8
    assert len(WITH_TABLE) == 3


@pytest.mark.parametrize("name", CASES)
def test_the_published_grade_follows_from_the_published_index(name):
    assert grade(Fraction(str(CASES[name]["published_ikm"]))) == CASES[name]["published_grade"]


@pytest.mark.parametrize("name", WITH_TABLE)
@pytest.mark.parametrize(
    ("weights", "key"), [("exact", "ikm_w_1/9"), ("0.111", "ikm_w_0.111"), ("0.11", "ikm_w_0.11")]
)
def test_the_index_of_a_published_table_is_right_with_each_weight(name, weights, key):
    expected = Decimal(str(CASES[name]["check"][key]))
    assert half_up(ikm(means_of(CASES[name]), weights)) == expected


@pytest.mark.parametrize("name", WITH_TABLE)
def test_a_published_index_is_explained_by_the_weights_that_reproduce_it(name):
    case = CASES[name]
    published = Decimal(str(case["published_ikm"]))
    assert explain(means_of(case), published) == case["check"]["reproduces_with"]
    assert not reproduces(means_of(case), published, "exact")


def test_a_truncated_published_index_still_matches():
    """Simpang Kapuak: mean 3.095 is 77.375, printed 77.37, by our rounding 77.38."""
    case = CASES["simpang_kapuak_2021"]
    means = same_mean(str(case["mean_nrr_published"]))
    assert half_up(ikm(means)) == Decimal("77.38")
    assert explain(means, Decimal(str(case["published_ikm"]))) == "exact"


def test_a_published_index_two_hundredths_away_does_not_match():
    assert reproduces(same_mean("3.2"), Decimal("80.01"), "exact")
    assert not reproduces(same_mean("3.2"), Decimal("80.02"), "exact")


def test_a_coarsely_printed_index_matches_within_half_of_its_last_digit():
    means = same_mean("3.6296")  # 90.74
    assert explain(means, Decimal("90.7")) == "exact"
    assert explain(means, Decimal(91)) == "exact"
    assert explain(means, Decimal(91), "0.111") == "0.111"
    assert explain(means, Decimal("90.8")) is None


@pytest.mark.parametrize(
    ("value", "letter"),
    [
        ("100", "A"),
        ("88.31", "A"),
        ("88.305", "A"),
        ("88.3049", "B"),
        ("76.61", "B"),
        ("76.605", "B"),
        ("76.60", "C"),
        ("65", "C"),
        ("64.995", "C"),
        ("64.9949", "D"),
        ("25", "D"),
    ],
)
def test_the_grade_is_read_from_the_rounded_value_so_that_no_gap_swallows_it(value, letter):
    assert grade(Fraction(value)) == letter


def test_rounding_goes_up_at_the_half_and_not_to_the_even_digit():
    assert [str(half_up(Fraction(x))) for x in ("2.125", "2.135", "2.1249", "2")] == [
        "2.13",
        "2.14",
        "2.12",
        "2.00",
    ]


def test_rounded_weights_can_change_the_grade():
    means = same_mean("3.09")
    assert [grade(ikm(means, weights)) for weights in WEIGHTS] == ["B", "B", "C"]


def test_the_best_answers_give_a_hundred_only_with_exact_weights():
    assert [half_up(ikm(same_mean("4"), weights)) for weights in WEIGHTS] == [
        Decimal("100.00"),
        Decimal("99.90"),
        Decimal("99.00"),
    ]


@pytest.mark.parametrize("count", [4, 8, 10, 16])
def test_another_number_of_unsur_weighs_all_alike_and_knows_no_rounded_ninth(count):
    means = same_mean("3.2", count)
    assert ikm(means) == 80
    assert explain(means, Decimal("79.92")) is None
    with pytest.raises(WeightsDoNotApply, match=f"not for {count}"):
        ikm(means, "0.111")


@given(st.lists(st.integers(0, 3000), min_size=4, max_size=16), st.randoms())
def test_the_index_stays_on_its_scale_whatever_the_order_of_the_unsur(thousandths, random):
    means = {str(n): 1 + Fraction(t, 1000) for n, t in enumerate(thousandths)}
    shuffled = list(means.items())
    random.shuffle(shuffled)
    assert 25 <= ikm(means) <= 100
    assert ikm(dict(shuffled)) == ikm(means)


def test_the_nine_are_known_by_name():
    assert len(set(NINE_UNSUR)) == 9
