"""What may be said of small numbers beside a score."""

from hypothesis import given
from hypothesis import strategies as st

from portal.records.disclosure import disclosed
from portal.records.models import Score


def score(**detail: object) -> Score:
    whole = {"services": [], "reasons": {}, "other_causes": {}, "with_others": None}
    causes = detail.get("other_causes", {})
    assert isinstance(causes, dict)
    return Score(counted=40, set_aside=0, other_causes=sum(causes.values()), detail=whole | detail)


def line(service: int, n: int) -> dict[str, float]:
    return {"service": service, "n": n, "mean": 90.0, "all": 88.0, "score": 91, "lo": 85, "hi": 95}


def test_a_single_small_service_is_covered_by_the_next_smallest() -> None:
    told = disclosed(score(services=[line(1, 120), line(2, 1), line(3, 17)]), 5).services
    assert [each.n for each in told] == [120, None, "cover"]
    assert [each.mean for each in told] == [90.0, None, None]
    assert [each.all for each in told] == [88.0, None, None]


def test_small_ones_that_cover_each_other_need_no_third() -> None:
    told = disclosed(score(other_causes={"system": 3, "facilities": 4, "procedure": 20}), 5)
    assert told.causes == [("system", None), ("facilities", None), ("procedure", 20)]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(2, 8))
def test_the_whole_less_what_is_told_is_nothing_or_no_small_number(
    numbers: list[int], least: int
) -> None:
    told = disclosed(score(other_causes={str(at): n for at, n in enumerate(numbers)}), least)
    rest = sum(numbers) - sum(n for _, n in told.causes if isinstance(n, int))
    if sum(numbers) >= least:  # else the whole is not told either
        assert rest == 0 or rest >= least
    assert sum(n == "cover" for _, n in told.causes) <= 1


def test_a_few_set_aside_do_not_show_by_their_weight_in_the_mean() -> None:
    for few, shown in ((0, True), (1, False), (4, False), (5, True)):
        of_few = score()
        of_few.set_aside = few
        assert disclosed(of_few, 5).shows_set_aside is shown
