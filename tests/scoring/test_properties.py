"""What must hold for any ratings: order, names, splitting, one more best answer."""

import dataclasses

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.scoring import (
    Cells,
    Policy,
    Ratings,
    Scores,
    Weights,
    explain_all,
    score,
    select_employees,
)
from tests.scoring.makers import count, make_ratings, params_with

POLICY = Policy()
PARAMS = params_with(s2=0.0, services={"s0": 0.4, "s1": -0.3, "s2": 0.1}, grid=(-7.0, 7.0, 61))
WIDENED = dataclasses.replace(PARAMS, s2=0.1, version="")
UNSURE = dataclasses.replace(WIDENED, service_se={"s0": 0.1, "s1": 0.3, "s2": 0.45}, version="")
SHOWN = ("score", "lo", "hi", "p_above", "p_below", "reliability", "percentile")

answer = st.one_of(
    st.integers(1, 4).map(lambda face: (face, 0, 0, 0)),
    st.tuples(*[st.integers(1, 4)] * 4),
)
row = st.tuples(st.integers(0, 3), st.integers(0, 2), answer)
rows = st.lists(row, min_size=1, max_size=30)
Rows = list[tuple[int, int, tuple[int, ...]]]  # employee, service, answers
quick = settings(max_examples=40, deadline=None)


def build(data: Rows) -> Ratings:
    return make_ratings(
        [e for e, _, _ in data], [a for _, _, a in data], service=[f"s{s}" for _, s, _ in data]
    )


def same(first: Scores, second: Scores, tolerance: float = 1e-9) -> bool:
    return all(
        np.allclose(getattr(first, name), getattr(second, name), atol=tolerance) for name in SHOWN
    )


@quick
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(data: Rows, order: object) -> None:
    mixed = list(data)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    first = score(count(build(data)), WIDENED, POLICY)
    second = score(count(build(mixed)), WIDENED, POLICY)
    assert all((getattr(first, name) == getattr(second, name)).all() for name in SHOWN)


@quick
@given(rows)
def test_names_of_employees_change_nothing(data: Rows) -> None:
    renamed = [(9 - e, s, a) for e, s, a in data]
    first = score(count(build(data)), WIDENED, POLICY)
    second = score(count(build(renamed)), WIDENED, POLICY)
    back = np.argsort(9 - second.employee)
    assert np.allclose(first.score, second.score[back], atol=1e-9)
    assert np.allclose(first.percentile, second.percentile[back], atol=1e-9)


@quick
@given(rows, st.permutations(range(3)), st.permutations(range(2)))
def test_names_of_services_channels_and_offices_change_nothing(
    data: Rows, services: list[int], channels: list[int]
) -> None:
    """The same letters shuffled, ratings and parameters alike."""

    def scored(service: list[int], channel: list[int], office: str) -> Scores:
        ways = ("poster", "kiosk")
        ratings = make_ratings(
            [e for e, _, _ in data], [a for _, _, a in data],
            service=[f"s{service[s]}" for _, s, _ in data],
            channel=[ways[channel[s % 2]] for _, s, _ in data],
            office=[f"{office}{e}" for e, _, _ in data],
        )  # fmt: skip
        params = dataclasses.replace(
            UNSURE, version="",
            services={f"s{service[at]}": UNSURE.services[f"s{at}"] for at in range(3)},
            service_se={f"s{service[at]}": UNSURE.service_se[f"s{at}"] for at in range(3)},
            channels={ways[channel[0]]: 0.2, ways[channel[1]]: -0.2},
            weights=Weights({"short": 0.6, "full": 0.4}, tuple(
                ((f"s{service[at]}", ways[channel[at % 2]], "2026-Q4"), share)
                for at, share in enumerate((0.5, 0.3, 0.2)))),
        )  # fmt: skip
        return score(count(ratings), params, POLICY)

    assert same(scored([0, 1, 2], [0, 1], "o"), scored(services, channels, "dinas-"))


@quick
@given(rows)
def test_cells_may_be_split_and_added(data: Rows) -> None:
    cells = count(build(data))
    parts = []
    for matrix in cells.counts:
        left = matrix.copy()
        left.data = np.floor(left.data / 2)
        parts.append(sp.csr_matrix(left + (matrix - left)))
    again = dataclasses.replace(cells, counts=tuple(parts))
    assert same(score(cells, WIDENED, POLICY), score(again, WIDENED, POLICY))


@quick
@given(rows)
def test_twice_the_same_ratings_are_twice_the_counts(data: Rows) -> None:
    once, twice = count(build(data)), count(build(data * 2))
    doubled = dataclasses.replace(once, counts=tuple(2 * part for part in once.counts))
    assert same(score(twice, WIDENED, POLICY), score(doubled, WIDENED, POLICY))


@quick
@given(rows, st.integers(0, 3), st.integers(0, 2), st.booleans())
def test_one_more_best_answer_never_lowers_a_score(
    data: Rows, employee: int, service: int, full: bool
) -> None:
    best = (4, 4, 4, 4) if full else (4, 0, 0, 0)
    base = [*data, (employee, service, (3, 0, 0, 0))]
    before = score(count(build(base)), PARAMS, POLICY)
    after = score(count(build([*base, (employee, service, best)])), PARAMS, POLICY)
    at = int(np.flatnonzero(before.employee == employee)[0])
    for name in ("score", "lo", "hi", "p_above"):
        assert getattr(after, name)[at] >= getattr(before, name)[at] - 1e-9
    assert after.p_below[at] <= before.p_below[at] + 1e-9


@quick
@given(rows)
def test_everybody_is_scored_as_if_alone(data: Rows) -> None:
    """Only the percentile looks at others."""
    cells = count(build(data))
    together = score(cells, WIDENED, POLICY)
    for at in range(len(cells)):
        alone = score(select_employees(cells, np.array([at])), WIDENED, POLICY)
        for name in ("score", "lo", "hi", "p_above", "p_below", "reliability"):
            assert abs(getattr(alone, name)[0] - getattr(together, name)[at]) < 1e-9


@quick
@given(rows)
def test_numbers_stay_within_their_scales_and_steps_add_up(data: Rows) -> None:
    cells: Cells = count(build(data))
    found = score(cells, WIDENED, POLICY)
    steps = explain_all(cells, WIDENED, POLICY, found)
    assert ((found.lo >= 25) & (found.hi <= 100)).all()
    assert ((found.lo <= found.score) & (found.score <= found.hi)).all()
    assert ((found.percentile >= 0) & (found.percentile <= 100)).all()
    total = steps.start + steps.excluded + steps.circumstances + steps.caution
    assert np.abs(total - found.score).max() < 1e-9


@settings(max_examples=15, deadline=None)
@given(rows)
def test_the_further_ratings_told_suffice_at_the_same_mix_and_not_one_fewer(data: Rows) -> None:
    cells = count(build(data))
    needed = explain_all(cells, UNSURE, POLICY).needed

    def reliability(at: int, more: int) -> float:
        one = select_employees(cells, np.array([at]))
        n = float(one.n[0])
        grown = tuple(part * ((n + more) / n) for part in one.counts)
        grown_cells = dataclasses.replace(one, counts=grown)
        return float(score(grown_cells, UNSURE, POLICY).reliability[0])

    for at, more in enumerate(needed.tolist()):
        most = POLICY.needed_reliability_ratings
        assert (reliability(at, most if more < 0 else more) >= POLICY.min_reliability) == (
            more >= 0
        )
        assert more <= 0 or reliability(at, more - 1) < POLICY.min_reliability
