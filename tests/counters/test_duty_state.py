"""What events add up to, and what the duties of a day leave open or cover twice."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.counters.duty import Span, gaps, overlaps, rebuild_duty

EIGHT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DAY = 8 * 60  # minutes of a working day


@dataclass(frozen=True)
class Fact:
    kind: str
    at: datetime
    employee_id: int = 1
    counter_id: int = 3
    starts_at: datetime = EIGHT
    ends_at: datetime | None = None


def after(minutes: int) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


def test_the_first_event_says_how_a_duty_came_to_be_known() -> None:
    for kind, source in (
        ("planned", "roster"),
        ("checked_in", "check_in"),
        ("corrected", "correction"),
    ):
        assert rebuild_duty([Fact(kind, EIGHT)]).source == source


def test_a_check_in_alone_confirms_nothing() -> None:
    state = rebuild_duty([Fact("planned", EIGHT), Fact("checked_in", after(1))])
    assert not state.confirmed


def test_the_latest_event_holds_in_whatever_order_they_are_read() -> None:
    facts = [
        Fact("corrected", after(9), employee_id=2),
        Fact("planned", EIGHT),
        Fact("confirmed", after(5)),
    ]
    state = rebuild_duty(facts)
    assert (state.employee_id, state.confirmed, state.source) == (2, True, "roster")


def test_nothing_undoes_a_cancellation() -> None:
    assert rebuild_duty([Fact("cancelled", after(1)), Fact("planned", EIGHT)]).cancelled


def test_a_duty_without_events_is_none() -> None:
    with pytest.raises(ValueError, match="begins with an event"):
        rebuild_duty([])


def span(first: int, last: int) -> Span:
    return after(first), after(last)


def test_an_empty_day_is_one_gap() -> None:
    assert gaps([], span(0, DAY)) == [span(0, DAY)]


def test_a_lunch_break_is_a_gap() -> None:
    assert gaps([span(0, 240), span(300, DAY)], span(0, DAY)) == [span(240, 300)]


def test_what_lies_outside_working_hours_is_no_gap() -> None:
    assert gaps([span(-60, DAY + 60)], span(0, DAY)) == []
    assert gaps([span(-60, -30), span(DAY + 5, DAY + 9)], span(0, DAY)) == [span(0, DAY)]


def test_one_after_the_other_is_no_overlap() -> None:
    assert overlaps([span(0, 240), span(240, DAY)]) == []


def test_three_at_once_are_one_overlap() -> None:
    assert overlaps([span(0, 300), span(60, 240), span(120, 360)]) == [span(60, 300)]


spans = st.lists(
    st.tuples(st.integers(-60, DAY + 60), st.integers(1, 200)).map(
        lambda pair: span(pair[0], pair[0] + pair[1])
    ),
    max_size=8,
)


def minutes_in(found: list[Span]) -> set[int]:
    return {
        minute
        for minute in range(-90, DAY + 300)
        if any(start <= after(minute) < stop for start, stop in found)
    }


@given(spans)
def test_gaps_are_the_minutes_of_the_day_that_nobody_covers(covered: list[Span]) -> None:
    assert minutes_in(gaps(covered, span(0, DAY))) == set(range(DAY)) - minutes_in(covered)


@given(spans)
def test_overlaps_are_the_minutes_that_two_cover(covered: list[Span]) -> None:
    twice = {
        minute
        for minute in range(-90, DAY + 300)
        if sum(start <= after(minute) < stop for start, stop in covered) > 1
    }
    assert minutes_in(overlaps(covered)) == twice
