"""Which ratings are set aside, and why."""

import dataclasses

import numpy as np
import pytest

from portal.scoring import Policy, employee_fraud, weigh
from tests.scoring.makers import DAY, MONDAY, NINE, faces, make_ratings

POLICY = Policy()


def test_honest_ratings_count_and_carry_no_reason() -> None:
    found = weigh(make_ratings(["ani"] * 5, faces(4, 3, 4, 1, 4)), POLICY)
    assert found.weight.tolist() == [1] * 5
    assert set(found.reasons.tolist()) <= {"", "off_hours"}  # the fifth day is a Friday


def test_nobody_rated_nothing_to_weigh() -> None:
    assert len(weigh(make_ratings([], np.zeros((0, 4))), POLICY).weight) == 0


def test_the_same_device_on_the_same_day_counts_once_the_first_in_time() -> None:
    ratings = make_ratings(
        ["ani"] * 3, faces(1, 4, 2), rater=["d"] * 3, submitted_at=[NINE + 60, NINE, NINE + DAY]
    )
    found = weigh(ratings, POLICY)
    assert found.weight.tolist() == [0, 1, 1]
    assert "duplicate" in found.reasons[0].split(";")


def test_distinct_tickets_prove_distinct_visits() -> None:
    ratings = make_ratings(
        ["ani"] * 3, faces(3, 3, 3), rater=["d"] * 3, ticket=["t1", "t2", "t2"],
        submitted_at=[NINE, NINE + 3600, NINE + 7200],
    )  # fmt: skip
    assert weigh(ratings, POLICY).weight.tolist() == [1, 1, 0]


def test_a_rating_without_ticket_beside_one_with_ticket_is_a_repeat() -> None:
    ratings = make_ratings(
        ["ani"] * 2, faces(3, 3), rater=["d"] * 2, ticket=["", "t1"],
        submitted_at=[NINE, NINE + 3600],
    )  # fmt: skip
    assert weigh(ratings, POLICY).weight.tolist() == [1, 0]


def test_from_the_fourth_of_one_device_in_a_period_ratings_are_set_aside() -> None:
    days = NINE + 7 * DAY * np.arange(6)
    ratings = make_ratings(
        ["ani"] * 6, faces(3, 3, 3, 3, 3, 3), rater=["d"] * 6, submitted_at=days,
        period=["2026-Q4"] * 5 + ["2027-Q1"],
    )  # fmt: skip
    assert weigh(ratings, POLICY).weight.tolist() == [1, 1, 1, 0, 0, 1]


def test_unknown_raters_are_not_one_person() -> None:
    ratings = make_ratings(["ani"] * 4, faces(3, 3, 3, 3), submitted_at=[NINE] * 4)
    assert weigh(ratings, POLICY).weight.tolist() == [1] * 4


@pytest.mark.parametrize("channel", ["kiosk", "assisted"])
def test_a_shared_device_by_design_is_not_suspect(channel: str) -> None:
    rows = 6
    ratings = make_ratings(
        ["ani"] * rows, faces(*[4, 2] * 3), rater=["kiosk-1"] * rows, channel=[channel] * rows,
        submitted_at=MONDAY + 6 * 3600 + 30 * np.arange(rows),
    )  # fmt: skip
    found = weigh(ratings, POLICY)
    assert found.weight.tolist() == [1] * rows
    assert not any("pace" in text or "off_hours" in text for text in found.reasons)


def test_the_terms_of_the_score_add_up_as_written() -> None:
    # one device, twice on one employee only, 200 seconds apart, on a Sunday; both all fours
    sunday = MONDAY - DAY + 9 * 3600
    ratings = make_ratings(
        ["ani", "ani", "ani"], faces(4, 4, 2), rater=["d", "d", ""],
        submitted_at=[sunday, sunday + 200, NINE + 20 * DAY],
    )  # fmt: skip
    found = weigh(ratings, Policy(burst_history=0, circle_share=0.0))
    repeat = 1.2 * np.log(2) + 0.3
    lone = 0.5
    pace = 0.9 * np.log(2)
    c, t, a, n = 2, 2, 3, 2
    days = round(22 * 260 / 365)  # Sunday to the Sunday three weeks on: 22 days
    assert days == 16
    lam = (t - c + 0.5) / (days - 1)
    poisson = 1 - np.exp(-lam) * (1 + lam)
    share = (t - c + 1) / (a - n + 3)
    composition = -np.log10(share**2)
    burst = composition + 0.25 * composition / 2 * -np.log10(poisson)
    assert found.fraud_score[0] == pytest.approx(repeat + lone + pace + 0.35 * burst + 1.5)
    assert found.fraud_score[2] == 0  # a neutral answer is never suspected
    assert found.reasons[0] == "repeat;lone_device;pace;burst;off_hours;quarantine"
    assert found.reasons[1] == "repeat;lone_device;pace;burst;off_hours;duplicate;quarantine"


@pytest.mark.parametrize("crowd", [60, 100, 150])
@pytest.mark.parametrize("fours", [0.5, 0.75])
def test_volume_alone_is_no_guilt(crowd: int, fours: float) -> None:
    """A mass-service day: twenty to fifty times the usual number, the usual mixture of answers."""
    rng = np.random.default_rng(5)
    usual = NINE + np.repeat(np.arange(40), 3) * DAY
    mass = NINE + 42 * DAY + rng.integers(0, 6 * 3600, crowd)
    answers = rng.choice([2, 3, 4], 120 + crowd, p=[0.1, 0.9 - fours, fours])
    ratings = make_ratings(
        ["ani"] * (120 + crowd), faces(*answers), submitted_at=np.r_[usual, mass],
        off_hours=np.zeros(120 + crowd, dtype=bool),
    )  # fmt: skip
    aside = weigh(ratings, POLICY).weight[120:] == 0
    assert aside.mean() <= 0.1
    crowded = Policy(pace_weight=0.0)  # the burst term alone
    assert weigh(ratings, crowded).weight[120:].mean() == 1


def test_a_day_of_one_polarity_is_a_burst() -> None:
    usual = NINE + np.repeat(np.arange(30), 2) * DAY
    attack = NINE + 33 * DAY + 1200 * np.arange(12)
    ratings = make_ratings(
        ["ani"] * 72, faces(*[4, 3] * 30, *[1] * 12), submitted_at=np.r_[usual, attack],
        off_hours=np.zeros(72, dtype=bool),
    )  # fmt: skip
    found = weigh(ratings, POLICY)
    assert found.weight[:60].tolist() == [1] * 60
    assert found.weight[60:].tolist() == [0] * 12
    assert "burst" in found.reasons[60].split(";")


def against(attack: list[int], usual: list[int]) -> np.ndarray:
    """Weights of an attack of two days, 20 minutes apart, on somebody with two ratings a day."""
    at = NINE + np.r_[np.repeat(np.arange(30), 2), 33 + np.arange(len(attack)) % 2] * DAY
    at[60:] += 1200 * (np.arange(len(attack)) // 2)
    size = 60 + len(attack)
    ratings = make_ratings(["ani"] * size, faces(*np.resize(usual, 60), *attack), submitted_at=at,
                           off_hours=np.zeros(size, dtype=bool))  # fmt: skip
    return weigh(ratings, POLICY).weight[60:]


@pytest.mark.parametrize("attack", [[2] * 30, [1, 2] * 15, [2, 2, 1, 2, 3] * 6])
def test_a_burst_of_twos_is_found_as_one_of_ones_is(attack: list[int]) -> None:
    weight = against(attack, [4, 3])
    assert weight[np.array(attack) <= 2].sum() == 0
    assert weight[np.array(attack) == 3].all()  # a three harms nobody and is heard


def test_the_burst_of_mild_answers_is_the_exact_tail_of_a_bad_day() -> None:
    # eight twos of nine on a day; 40 others on 20 days, 4 of them low
    at = NINE + np.r_[np.repeat(np.arange(20), 2), [27] * 9] * DAY + np.r_[[0] * 40, range(9)] * 900
    ratings = make_ratings(
        ["ani"] * 49, faces(*[4, 3, 4, 4, 3, 4, 4, 4, 3, 2] * 4, *[2] * 8, 4), submitted_at=at,
        off_hours=np.zeros(49, dtype=bool),
    )  # fmt: skip
    score = weigh(ratings, Policy(campaign_days=0, campaign_long_days=0)).fraud_score
    usual = (4 + 1) / (40 + 3)
    bad = 1 / (1 + np.exp(-1.0) * (1 - usual) / usual)
    composition = -np.log10(9 * bad**8 * (1 - bad) + bad**9)
    days = round(28 * 260 / 365)
    lam = (4 + 0.5) / (days - 1)
    tail = 1 - np.exp(-lam) * sum(lam**k / np.prod(np.arange(1, k + 1)) for k in range(8))
    assert score[40] == pytest.approx(0.35 * (composition - 0.25 * np.log10(tail)))
    assert score[48] < 0.001  # a four: only as one of thirty-two fours
    assert score[9:40:10].max() == 0  # a two on an ordinary day is not suspected at all


def test_a_truly_bad_time_and_a_hard_service_are_heard() -> None:
    rng = np.random.default_rng(3)
    # Nobody else came: service was bad for three days, then for a week.
    for days in (3, 5):
        assert against([2, 1, 2, 3, 2, 2][: 2 * days], [4, 3]).mean() == 1
    # A crowd came, queues were long, and answers were worse than usual by a logit.
    usual = [4, 3, 4, 2, 4, 4, 3, 4, 1, 4]
    crowds = [rng.choice([1, 2, 3, 4], 80, p=[0.17, 0.23, 0.25, 0.35]) for _ in range(10)]
    assert np.mean([against(crowd.tolist(), usual).mean() for crowd in crowds]) > 0.99


def test_who_works_at_a_hard_service_every_day_is_known_there() -> None:
    """What others get in a service is allowed for only as far as one's own ratings in it do not
    say more: a campaign against somebody who does well there is found."""
    crowd = 800
    attack = [2, 1, 2, 2, 1, 3] * 6
    at, answers = steady(12, 5, [4, 3])
    begun = NINE + 12 * 7 * DAY
    size = len(at) + len(attack)
    ratings = make_ratings(
        ["ani"] * size + [f"other{i % 40}" for i in range(crowd)],
        faces(*answers, *attack, *[2, 1, 2, 4, 3] * (crowd // 5)),
        submitted_at=np.r_[at, begun + np.arange(len(attack)) % 5 * DAY
                           + 1200 * (np.arange(len(attack)) // 5),
                           NINE + np.arange(crowd) // 40 * 4 * DAY],
        service=["hard"] * (size + crowd), off_hours=np.zeros(size + crowd, dtype=bool),
    )  # fmt: skip
    weight = weigh(ratings, POLICY).weight
    assert weight[: len(at)].all()
    assert weight[size:].all()
    assert weight[len(at) : size][np.array(attack) < 3].sum() == 0


def steady(
    weeks: int, a_week: int, answers: list[int], *, every: int = 1
) -> tuple[np.ndarray, list[int]]:
    """Times and faces of so many ratings a week over some weeks, Monday to Friday, on duty every
    week or every so many."""
    place = np.arange(weeks * a_week)
    at = NINE + (place // a_week * 7 * every + place % a_week % 5) * DAY + 1500 * (place % 4)
    return at, [answers[i % len(answers)] for i in place.tolist()]


@pytest.mark.parametrize("first", [0, 2, 4])
def test_a_campaign_spread_over_two_weeks_is_found_whole_on_whatever_day_it_begins(
    first: int,
) -> None:
    at, usual = steady(13, 2, [4, 3, 4, 2, 4])
    place = np.arange(30)
    working = first + place % 10
    attack = NINE + (21 + working // 5 * 7 + working % 5) * DAY + 600 * (place % 20) + 311
    ratings = make_ratings(
        ["ani"] * 56, faces(*usual, *[1] * 30), submitted_at=np.r_[at, attack],
        off_hours=np.zeros(56, dtype=bool),
    )  # fmt: skip
    weight = weigh(ratings, POLICY).weight
    assert weight[:26].tolist() == [1] * 26
    assert weight[26:].mean() <= 0.1
    # Without looking again, the campaign itself would pass for a habit.
    hasty = weigh(ratings, Policy(habit_rounds=1, campaign_long_days=0)).weight
    assert hasty[26:].mean() > 0.3


@pytest.mark.parametrize(("early", "late"), [([2, 1, 3, 2], [4]), ([4, 3, 4], [1, 1, 2])])
@pytest.mark.parametrize(("weeks", "a_week", "every"), [(13, 4, 1), (13, 15, 1), (7, 30, 2)])
def test_who_has_changed_for_better_or_worse_is_heard(
    early: list[int], late: list[int], weeks: int, a_week: int, every: int
) -> None:
    at, _ = steady(weeks, a_week, [4], every=every)
    before = weeks // 2 * a_week
    answers = [(early if i < before else late)[i % 3 % len(late)] for i in range(len(at))]
    ratings = make_ratings(["ani"] * len(at), faces(*answers), submitted_at=at,
                           off_hours=np.zeros(len(at), dtype=bool))  # fmt: skip
    crowded_days = Policy(pace_weight=0.0)  # the times of day of this test mean nothing
    assert weigh(ratings, crowded_days).weight.mean() == 1


def test_what_is_set_aside_for_its_telephone_makes_no_week_odd_for_the_others() -> None:
    at, usual = steady(13, 6, [4, 3, 4, 2])
    late = NINE + np.repeat([8, 29, 50], 8) * DAY + 8 * 3600 + 60 * (np.arange(24) % 8)
    ratings = make_ratings(
        ["ani"] * 102, faces(*usual, *[4] * 24), rater=[""] * 78 + ["own phone"] * 24,
        submitted_at=np.r_[at, late],
    )  # fmt: skip
    weight = weigh(ratings, POLICY).weight
    assert weight[78:].sum() == 0
    assert weight[:78].sum() == 78


def test_telephones_that_return_to_one_person_only_to_praise_are_set_aside() -> None:
    at, usual = steady(13, 2, [4, 2, 3, 4])
    again = NINE + (np.arange(18) * 5 % 61) * DAY + 9000
    who = ["ani"] * 44
    rater = [""] * 26 + [f"d{i // 3}" for i in range(18)]
    times, hours = np.r_[at, again], np.zeros(44, dtype=bool)
    praise = make_ratings(who, faces(*usual, *[4] * 18), rater=rater, submitted_at=times,
                          off_hours=hours)  # fmt: skip
    found = weigh(praise, POLICY)
    assert found.weight[:26].tolist() == [1] * 26
    assert found.weight[26:].mean() <= 0.1
    # Regulars of a small office answer as everybody does there: they are heard.
    regulars = make_ratings(who, faces(*usual, *[4, 2, 3, 4, 3, 4] * 3), rater=rater,
                            submitted_at=times, off_hours=hours)  # fmt: skip
    assert weigh(regulars, POLICY).weight.tolist() == [1] * 44


@pytest.mark.parametrize("days", [1, 5])
def test_a_newcomers_first_days_are_no_burst(days: int) -> None:
    """All ratings of an employee lie in one week, as in the first releases of any quarter."""
    answers = [4, 4, 3] * 8
    at = NINE + np.arange(24) % days * DAY + 600 * np.arange(24)
    ratings = make_ratings(["ani"] * 24, faces(*answers), submitted_at=at)
    assert weigh(ratings, POLICY).weight.tolist() == [1] * 24


def test_a_week_at_an_easier_counter_is_no_campaign() -> None:
    hard = NINE + np.repeat(np.arange(40), 3) * DAY
    easy = NINE + (42 + np.repeat(np.arange(5), 6)) * DAY + 1500 * np.arange(30) % 20_000
    ratings = make_ratings(
        ["ani"] * 150, faces(*[4, 3, 2] * 40, *[4] * 30), submitted_at=np.r_[hard, easy],
        service=["hard"] * 120 + ["easy"] * 30, off_hours=np.zeros(150, dtype=bool),
    )  # fmt: skip
    assert weigh(ratings, POLICY).weight[120:].mean() >= 0.9


def test_who_stands_in_for_a_week_at_a_harder_counter_is_heard() -> None:
    easy = NINE + np.repeat(np.arange(40), 4) * DAY
    week = NINE + (42 + np.repeat(np.arange(5), 7)) * DAY + 1500 * np.arange(35) % 20_000
    there = NINE + np.repeat(np.arange(40), 3) * DAY
    size = 160 + 35 + 120
    ratings = make_ratings(
        ["ani"] * 195 + ["budi"] * 120,
        faces(*np.resize([4, 4, 3, 4, 4, 2, 4, 4, 3, 4], 160), *[2, 1, 3, 1, 2, 4, 1] * 5,
              *np.resize([1, 2, 4, 1, 3], 120)),
        submitted_at=np.r_[easy, week, there], off_hours=np.zeros(size, dtype=bool),
        service=["easy"] * 160 + ["hard"] * 155,
    )  # fmt: skip
    assert weigh(ratings, POLICY).weight.mean() == 1
    # The same week at her own counter is a campaign.
    own = dataclasses.replace(ratings, service=np.array(["easy"] * 195 + ["hard"] * 120))
    assert weigh(own, POLICY).weight[160:195].mean() < 0.4


def test_hours_are_local_and_the_caller_may_know_better() -> None:
    at = [MONDAY + 1 * 3600 + 1800] * 2  # 01:30 UTC
    plain = make_ratings(["a", "b"], faces(4, 4), submitted_at=at)
    wib = make_ratings(["a", "b"], faces(4, 4), submitted_at=at, utc_offset=7 * 3600)
    told = make_ratings(["a", "b"], faces(4, 4), submitted_at=at, off_hours=[False, True])
    assert [r != "" for r in weigh(plain, POLICY).reasons] == [True, True]
    assert [r != "" for r in weigh(wib, POLICY).reasons] == [False, False]
    assert weigh(told, POLICY).reasons.tolist() == ["", "off_hours"]


def test_the_order_of_rows_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    size = 300
    ratings = make_ratings(
        [f"e{i}" for i in rng.integers(0, 9, size)], rng.integers(0, 5, (size, 4)).clip(1),
        rater=[f"d{i}" if i < 20 else "" for i in rng.integers(0, 40, size)],
        submitted_at=NINE + rng.integers(0, 5, size) * DAY + rng.integers(0, 3, size) * 100,
        ticket=["t" if i else "" for i in rng.integers(0, 2, size)],
    )  # fmt: skip
    order = rng.permutation(size)
    straight, mixed = weigh(ratings, POLICY), weigh(ratings.select(order), POLICY)
    assert np.allclose(straight.fraud_score[order], mixed.fraud_score)
    key = [(*map(int, ratings.answers[i]), straight.weight[i]) for i in order]
    other = [(*map(int, ratings.answers[i]), w) for i, w in zip(order, mixed.weight, strict=True)]
    assert sorted(key) == sorted(other)


def test_the_inspectors_figure_adds_the_loud_ratings_of_an_employee() -> None:
    ratings = make_ratings(["ani", "ani", "budi"], faces(4, 4, 4))
    found = weigh(ratings, POLICY)
    loud = type(found)(found.weight, np.array([2.0, 1.0, 1.4]), found.reasons)
    keys, figure = employee_fraud(ratings, loud, POLICY)
    assert keys.tolist() == ["ani", "budi"]
    assert figure.tolist() == pytest.approx([2 / np.sqrt(7), 0])


def test_many_ratings_are_weighed_in_parts_with_the_same_verdicts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    size = 500
    ratings = make_ratings(
        [f"e{i}" for i in rng.integers(0, 25, size)], rng.integers(1, 5, (size, 4)),
        rater=[f"d{i}" for i in rng.integers(0, 120, size)],
        submitted_at=NINE + rng.integers(0, 9, size) * DAY,
    )  # fmt: skip
    whole = weigh(ratings, POLICY)
    monkeypatch.setattr("portal.scoring.integrity.PART", 60)
    for threads in (1, 2):
        parts = weigh(ratings, POLICY, threads=threads)
        assert whole.fraud_score.tolist() == parts.fraud_score.tolist()
        assert whole.weight.tolist() == parts.weight.tolist()
        assert whole.reasons.tolist() == parts.reasons.tolist()
