"""Ratings to counts."""

import dataclasses

import numpy as np
import pytest

from portal.scoring import Policy, Ratings, Verdicts, count_cells, score, select_periods
from portal.scoring.cells import by_group
from tests.scoring.makers import all_count, count, faces, make_ratings, params_with


def test_a_submission_belongs_to_one_instrument_and_counts_once() -> None:
    cells = count(make_ratings(["ani"] * 3, [[4, 0, 0, 0], [3, 4, 4, 4], [2, 4, 0, 1]]))
    assert [item.name for item in cells.instrument] == ["short", "full"]
    assert [item.bins for item in cells.instrument] == [4, 13]
    short, full = (part.toarray()[0] for part in cells.counts)
    assert short.tolist() == [0, 1, 0, 1]  # the partly filled form counts by its face
    assert np.flatnonzero(full).tolist() == [11]  # 3+4+4+4 = 15, the twelfth of 4..16


@pytest.mark.parametrize(
    ("columns", "points", "has_face", "bins"),
    [(4, 4, True, [4, 13]), (1, 4, True, [4]), (3, 5, False, [13]), (1, 5, False, [5])],
)
def test_bins_follow_from_columns_and_points(
    columns: int, points: int, has_face: bool, bins: list[int]
) -> None:
    ratings = make_ratings(["ani"], [[1] * columns], points=points, has_face=has_face)
    assert [item.bins for item in count(ratings).instrument] == bins


def test_without_a_face_an_incomplete_row_is_told_but_not_scored() -> None:
    ratings = make_ratings(["ani"] * 2, [[5, 5, 5], [5, 0, 5]], points=5, has_face=False)
    cells = count(ratings)
    assert cells.n.tolist() == [1]
    assert cells.excluded["incomplete"].tolist() == [1]
    assert cells.seen_n.tolist() == [1]


def test_ikm_of_a_face_is_25_a_point_and_of_a_full_form_the_mean_of_its_answers() -> None:
    cells = count(make_ratings(["ani", "budi"], [[3, 0, 0, 0], [4, 3, 2, 4]]))
    assert cells.raw_mean.tolist() == pytest.approx([75, 25 * 13 / 4])


def test_set_aside_ratings_keep_their_reason_and_their_employee() -> None:
    ratings = make_ratings(["ani", "ani", "ani", "budi"], faces(4, 4, 1, 4))
    reasons = np.array(["repeat;duplicate", "pace;quarantine", "", "duplicate;quarantine"], object)
    cells = count_cells(ratings, Verdicts(np.array([0.0, 0, 0, 0]), np.zeros(4), reasons), 4)
    assert cells.employee.tolist() == ["ani", "budi"]
    assert cells.n.tolist() == [0, 0]
    assert cells.excluded["duplicate"].tolist() == [1, 1]
    assert cells.excluded["quarantine"].tolist() == [1, 0]
    assert cells.excluded["review"].tolist() == [1, 0]
    assert cells.n_excluded.tolist() == [3, 1]
    assert cells.seen_sum.tolist() == [225, 100]


def test_the_office_is_where_most_ratings_are_and_of_equals_the_smallest() -> None:
    ratings = make_ratings(["ani"] * 5, faces(4, 4, 4, 4, 4), office=["c", "b", "a", "b", "a"])
    assert count(ratings).office.tolist() == ["a"]


def test_periods_can_be_taken_out_of_cells() -> None:
    period = ["2026-Q3", "2026-Q4", "2026-Q4"]
    cells = count(make_ratings(["ani", "ani", "budi"], faces(1, 4, 4), period=period))
    chosen = select_periods(cells, {"2026-Q3"})
    assert chosen.n.tolist() == [1, 0]
    assert chosen.raw_mean[0] == 25


def test_an_empty_channel_is_a_poster_and_an_unknown_one_is_refused() -> None:
    assert count(make_ratings(["ani"], faces(4), channel=[""])).group.channel.tolist() == ["poster"]
    with pytest.raises(ValueError, match="unknown channel: fax"):
        make_ratings(["ani"], faces(4), channel=["fax"])


def test_answers_beyond_the_scale_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0"):
        make_ratings(["ani"], faces(5))


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="office has 2 entries"):
        make_ratings(["ani"], faces(4), office=["a", "b"])


def test_integers_and_text_are_both_keys() -> None:
    numbers = count(make_ratings([7, 3, 7], faces(4, 4, 4), service=[1, 2, 1]))
    assert numbers.employee.tolist() == [3, 7]
    assert numbers.group.service.tolist() == ["1", "2"]
    empty = make_ratings([], np.zeros((0, 4)))
    assert isinstance(empty, Ratings)
    assert len(count_cells(empty, all_count(empty), 4)) == 0


def test_cells_held_in_bytes_add_up_without_overflow() -> None:
    cells = count(make_ratings(["ani"] * 400, faces(*[4, 3] * 200)))
    in_bytes = dataclasses.replace(cells, counts=tuple(p.astype(np.uint8) for p in cells.counts))
    assert by_group(in_bytes)[0].sum() == 400
    assert (cells.counts[0] + cells.counts[0]).max() == 400
    params, policy = params_with(), Policy()
    assert score(in_bytes, params, policy).score == score(cells, params, policy).score
