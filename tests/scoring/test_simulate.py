"""The simulated city: believable, repeatable, and what the engine makes of it."""

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import rankdata

from portal.scoring import (
    City,
    Params,
    Policy,
    Ratings,
    Scores,
    Truth,
    compare_error_rates,
    count_cells,
    dense_blocks,
    error_rates,
    fit,
    level_of,
    score,
    simulate,
    weigh,
)
from portal.scoring import blocks as search
from portal.scoring.command import score_files
from portal.scoring.simulate_command import simulate_files, truth_files
from portal.scoring.visits import Habits
from tests.scoring.makers import NINE, faces, make_ratings, params_with

SMALL = City(employees=600, services=12, offices=30)
POLICY = Policy(grid_points=121)


@dataclasses.dataclass
class Walk:
    """A simulated city scored once for all tests of this file."""

    ratings: Ratings
    truth: Truth
    weight: np.ndarray
    fraud: np.ndarray
    params: Params
    scores: Scores
    target: np.ndarray


@pytest.fixture(scope="module")
def walk() -> Walk:
    ratings, truth = simulate(SMALL, 4)
    verdicts = weigh(ratings, POLICY)
    cells = count_cells(ratings, verdicts, 4)
    params = fit(cells, None, POLICY)
    scores = score(cells, params, POLICY)
    place = np.searchsorted(truth.employee.astype(str), scores.employee.astype(str))
    chosen = Truth(**{
        field.name: value if field.name in ("forged", "ease") else value[place]
        for field in dataclasses.fields(Truth) for value in (getattr(truth, field.name),)
    })  # fmt: skip
    return Walk(
        ratings, chosen, verdicts.weight, verdicts.fraud_score, params, scores, chosen.score
    )


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    tiny = City(employees=40, offices=4, services=4)
    first, second, other = (simulate(tiny, seed)[0] for seed in (1, 1, 2))
    assert (first.answers == second.answers).all()
    assert first.rater.tolist() == second.rater.tolist()
    assert len(first) != len(other) or (first.answers != other.answers).any()


def test_the_city_has_a_ceiling_heavy_tailed_volumes_and_partly_filled_forms(walk: Walk) -> None:
    face = walk.ratings.answers[:, 0]
    assert 0.55 < (face == 4).mean() < 0.85
    n = np.bincount(walk.ratings.coded("employee")[0])
    assert np.percentile(n, 95) > 3.5 * np.median(n)
    given = (walk.ratings.answers > 0).sum(axis=1)
    assert {1, 2, 4} <= set(given.tolist())


def test_weak_staff_sit_at_hard_services(walk: Walk) -> None:
    assert np.corrcoef(walk.truth.theta, walk.truth.difficulty)[0, 1] < -0.2


def test_forged_ratings_are_told_from_honest_ones_which_are_hardly_ever_set_aside(
    walk: Walk,
) -> None:
    forged = walk.truth.forged
    assert 1 - walk.weight[~forged].mean() < 0.002
    assert 1 - walk.weight[forged].mean() > 0.85
    rank = rankdata(walk.fraud)
    n = int(forged.sum())
    above = rank[forged].sum() - n * (n + 1) / 2
    assert above / (n * (len(rank) - n)) > 0.96


def test_a_campaign_of_twos_in_two_days_moves_nobody_much_and_bad_weeks_are_heard() -> None:
    city = City(employees=240, services=8, offices=12, attacked=0.15, campaigns="twos",
                careless_stuffers=0, careful_stuffers=0, bad_days=0.05, bad_weeks=0.05)  # fmt: skip
    ratings, truth = simulate(city, 6)
    verdicts = weigh(ratings, POLICY)
    twos = ~truth.forged & (ratings.answers[:, 0] == 2)
    assert 1 - verdicts.weight[truth.forged].mean() > 0.9
    assert 1 - verdicts.weight[~truth.forged].mean() < 0.003  # one in seven is under attack
    assert 1 - verdicts.weight[twos].mean() < 0.02
    cells = count_cells(ratings, verdicts, 4)
    scores = score(cells, fit(cells, None, POLICY), POLICY)
    place = np.searchsorted(truth.employee.astype(str), scores.employee.astype(str))
    attacked = truth.role[place] == "attacked"
    assert abs((scores.score - truth.score[place])[attacked].mean()) < 2.5


def test_tickets_and_those_who_come_back_are_what_they_are_in_an_office() -> None:
    city = City(employees=120, services=6, offices=8, ticket_pickers=0.3, attacked=0, quarters=2,
                regulars=0.5, habits=Habits(severity_sd=1.5))  # fmt: skip
    ratings, truth = simulate(city, 2)
    # A queue system gives each visit its number; in its offices there are no other tickets.
    handed, ticket = ratings.channel == "ticket", ratings.ticket
    assert ticket is not None
    numbers = ticket[ticket >= 0]
    assert len(np.unique(numbers)) == len(numbers) > 100
    assert handed[ticket >= 0].all()
    queued = np.unique(ratings.office[ticket >= 0])
    assert not (handed & (ticket < 0) & np.isin(ratings.office, queued)).any()
    # Elsewhere staff hand tickets out, some of them to the happy only.
    role = truth.role[np.searchsorted(truth.employee.astype(str), ratings.employee.astype(str))]
    picked = handed & (role == "ticket_picker")
    assert picked.sum() > 100
    assert (ratings.answers[picked, 0] == 4).all()
    assert not (picked & (ticket >= 0)).any()
    # Who comes back keeps a telephone and a severity.
    known = np.char.startswith(ratings.rater.astype(str), "d2") & ~truth.forged
    best = (ratings.answers[known, 0] == 4).astype(float)
    who = np.unique(ratings.rater[known], return_inverse=True)[1]
    n = np.bincount(who)
    spread = (np.bincount(who, best) / n)[n >= 8].var()
    assert spread > 2.5 * (best.var() / n[n >= 8]).mean()


def test_a_city_knows_no_campaign_of_another_kind() -> None:
    with pytest.raises(ValueError, match="kind"):
        simulate(City(employees=10, offices=2, services=2, campaigns="rumour"), 1)


def test_the_score_is_nearer_to_the_truth_than_the_plain_mean(walk: Walk) -> None:
    rated = walk.scores.n > 0
    error = walk.scores.score - walk.target
    plain = walk.scores.raw_mean - walk.target
    assert np.sqrt(np.mean(error[rated] ** 2)) < 0.8 * np.sqrt(np.mean(plain[rated] ** 2))
    honest = walk.truth.role == "honest"
    inside = (walk.scores.lo <= walk.target) & (walk.target <= walk.scores.hi)
    assert 0.91 < inside[honest].mean() < 0.98


def test_the_written_city_is_read_by_the_score_command(tmp_path: Path) -> None:
    ratings, truth = tmp_path / "ratings.csv", tmp_path / "truth.csv"
    written = simulate_files(ratings, truth, employees=40, seed=2)
    report = score_files(ratings, tmp_path / "scores.csv")
    assert report.ratings == written
    with truth.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 40
    assert {row["role"] for row in rows} <= {
        "honest", "careless_stuffer", "careful_stuffer", "attacked", "coach", "ticket_picker"
    }  # fmt: skip
    forged, services = (file.read_text(encoding="utf-8").split() for file in truth_files(truth))
    assert len(forged) == written + 1
    assert {line[-2:] for line in forged[1:]} == {",0", ",1"}
    assert len(services) == City().services + 1


def test_a_ring_of_phones_is_a_dense_block_and_scattered_citizens_are_none() -> None:
    rng = np.random.default_rng(1)
    crowd = 400
    employee = [f"e{i}" for i in rng.integers(0, 40, crowd)] + [f"e{i % 2}" for i in range(60)]
    rater = [f"d{i}" for i in range(crowd)] + [f"ring{i // 4}" for i in range(60)]
    ratings = make_ratings(employee, faces(*[4] * len(rater)), rater=rater,
                           submitted_at=NINE + np.arange(len(rater)))  # fmt: skip
    first = dense_blocks(ratings, Policy())[0]
    assert all(str(device).startswith("ring") for device in first.devices)
    assert first.employees.tolist() == ["e0", "e1"]
    assert not dense_blocks(ratings.select(np.arange(crowd)), Policy())
    # Telephones that rated once are in no block: without them the same ones are found.
    codes, who = ratings.coded("rater")[0], ratings.coded("employee")[0]
    twice = np.flatnonzero(np.bincount(codes)[codes] > 1)
    assert len(twice) < len(codes)
    read = dense_blocks(ratings.select(twice), Policy(), received=np.bincount(who)[who][twice])
    found = dense_blocks(ratings, Policy())
    assert [twice[one.rows].tolist() for one in read] == [one.rows.tolist() for one in found]


def test_blocks_are_the_same_without_the_shortcut_past_single_ratings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    cities = []
    for _ in range(30):
        size = int(rng.integers(5, 120))
        employee = [f"e{i}" for i in rng.integers(0, 6, size)]
        rater = [f"d{i}" for i in rng.integers(0, max(2, size // 2), size)]
        cities.append(make_ratings(employee, faces(*[4] * size), rater=rater))

    def found() -> list[list[list[int]]]:
        return [[one.rows.tolist() for one in dense_blocks(city, Policy())] for city in cities]

    quick = found()
    assert sum(map(len, quick)) > 10
    monkeypatch.setattr(search, "_core", lambda left, *_: np.ones(len(left), dtype=bool))
    assert quick == found()


def test_an_average_employee_is_hardly_ever_flagged_by_chance() -> None:
    params = params_with(s2=0.03)
    found = error_rates(params, Policy(), np.array([5, 40, 120]), draws=150)
    assert found.award[0] == found.guidance[0] == found.sufficient[0] == 0
    assert (found.award <= 0.05).all()
    assert (found.guidance <= 0.05).all()
    assert found.sufficient[2] > 0.9
    weak = error_rates(params, Policy(), np.array([120]), theta=-2.5, draws=60)
    assert weak.guidance[0] > 0.9
    assert weak.true_level < found.true_level


def test_rules_are_tried_on_the_same_draws_and_a_year_adds_up() -> None:
    params, shipped = params_with(s2=0.03), Policy()
    lower = dataclasses.replace(shipped, award_standard=88.0)
    one, other = compare_error_rates(params, [shipped, lower], [60], draws=200)
    assert other.award[0] > one.award[0]
    assert other.guidance[0] == one.guidance[0]
    assert other.sufficient[0] == one.sufficient[0]
    year = error_rates(params, lower, [60], draws=200, quarters=4)
    assert other.award[0] < year.award[0] <= 4 * other.award[0] + 0.1
    surer = dataclasses.replace(lower, lone_certainty=0.99)
    assert error_rates(params, surer, [60], draws=200).award[0] < other.award[0]
    later = error_rates(params, surer, [60], draws=200, quarters=4)
    assert other.award[0] < later.award[0] < year.award[0]
    assert error_rates(
        params, shipped, [60], theta=level_of(params, 80.0), draws=20
    ).true_level == (pytest.approx(80.0))
