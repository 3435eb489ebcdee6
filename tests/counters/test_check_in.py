"""Check-in and check-out: what they begin, confirm and end, and for whom."""

from datetime import timedelta

import pytest

from portal.counters import duty_actions as duties
from portal.counters import duty_rules
from portal.counters.check_in_actions import check_in, check_out, check_out_due
from portal.counters.queries import duties_at
from tests.conftest import NOW
from tests.counters.test_duty import (
    HOUR,
    Cast,
    all_duties,
    assert_events_add_up,
    cast,
    kinds_of,
    the,
)
from tests.factories import make_account, make_counter, make_office

__all__ = ["cast"]
CLOSING = NOW.replace(hour=9)  # 16.00 WIB


def test_check_in_off_the_roster_is_provisional_and_ends_at_closing_time(cast: Cast) -> None:
    outcome = check_in(cast.phone, cast.three.id, NOW)
    assert not outcome.confirmed
    duty = the(outcome.duty_id)
    assert (duty.starts_at, duty.ends_at, duty.source) == (NOW, CLOSING, "check_in")
    (row,) = duties_at(cast.office.agency_id, cast.three.id, NOW, timedelta(minutes=15))
    assert (row.public_name, row.confirmed) == ("Ibu Sari W.", False)


def test_check_in_after_closing_time_ends_at_midnight(cast: Cast) -> None:
    evening = NOW.replace(hour=11)  # 18.00 WIB
    duty = the(check_in(cast.phone, cast.three.id, evening).duty_id)
    assert duty.ends_at == NOW.replace(hour=17)


def test_check_in_that_agrees_with_the_roster_is_that_duty(cast: Cast) -> None:
    planned = cast.plan(start=NOW, end=NOW + 3 * HOUR, now=NOW - HOUR)
    outcome = check_in(cast.phone, cast.three.id, NOW + timedelta(minutes=12))
    assert outcome.duty_id == planned
    assert outcome.confirmed
    assert the(planned).starts_at == NOW  # a late tap does not take back what was confirmed
    assert len(all_duties()) == 1


def test_an_early_check_in_leaves_the_confirmed_start_and_is_provisional_until_then(
    cast: Cast,
) -> None:
    start = NOW + timedelta(minutes=50)
    planned = cast.plan(start=start)
    outcome = check_in(cast.phone, cast.three.id, NOW)
    assert not outcome.confirmed
    assert outcome.planned_from == the(planned).starts_at == start
    early = the(outcome.duty_id)
    assert (early.starts_at, early.ends_at, early.confirmed) == (NOW, start, False)
    assert kinds_of(planned) == ["planned", "confirmed", "checked_in"]
    later = check_in(cast.phone, cast.three.id, start + timedelta(minutes=5))
    assert later.already
    assert later.duty_id == planned
    assert_events_add_up()


def test_an_early_check_in_begins_a_roster_that_nobody_confirmed(cast: Cast) -> None:
    planned = cast.plan(start=NOW + timedelta(minutes=20), confirmed=False)
    assert check_in(cast.phone, cast.three.id, NOW).duty_id == planned
    assert the(planned).starts_at == NOW
    assert not the(planned).confirmed


def test_leaving_before_the_confirmed_start_cancels_nothing_that_was_confirmed(cast: Cast) -> None:
    planned = cast.plan(start=NOW + timedelta(minutes=50))
    check_in(cast.phone, cast.three.id, NOW)
    check_in(cast.phone, cast.four.id, NOW + timedelta(minutes=10))
    assert not the(planned).cancelled


def test_who_was_planned_anew_is_confirmed_at_the_new_time_only(cast: Cast) -> None:
    planned = cast.plan(start=NOW, end=NOW + 3 * HOUR, now=NOW - 2 * HOUR)
    duties.correct_duty(
        cast.coordinator,
        planned,
        employee_id=cast.sari.id,
        starts_at=NOW + 2 * HOUR,
        ends_at=NOW + 3 * HOUR,
        reason="Datang siang",
        now=NOW - HOUR,
    )
    assert not check_in(cast.phone, cast.three.id, NOW).confirmed


def test_check_in_long_before_a_planned_duty_ends_where_that_begins(cast: Cast) -> None:
    planned = cast.plan(start=NOW + 2 * HOUR, end=NOW + 4 * HOUR)
    duty = the(check_in(cast.phone, cast.three.id, NOW).duty_id)
    assert duty.id != planned
    assert not duty.confirmed
    assert duty.ends_at == NOW + 2 * HOUR


def test_check_in_on_a_roster_that_nobody_confirmed_stays_provisional(cast: Cast) -> None:
    planned = cast.plan(start=NOW, now=NOW - HOUR, confirmed=False)
    outcome = check_in(cast.phone, cast.three.id, NOW)
    assert outcome.duty_id == planned
    assert not outcome.confirmed


def test_checking_in_twice_changes_nothing(cast: Cast) -> None:
    first = check_in(cast.phone, cast.three.id, NOW)
    second = check_in(cast.phone, cast.three.id, NOW + HOUR)
    assert second.already
    assert second.duty_id == first.duty_id
    assert kinds_of(first.duty_id) == ["checked_in"]


def test_check_in_at_another_counter_checks_out_of_the_first(cast: Cast) -> None:
    first = check_in(cast.phone, cast.three.id, NOW)
    second = check_in(cast.phone, cast.four.id, NOW + HOUR)
    assert second.left == ("Loket 3",)
    assert the(first.duty_id).ends_at == NOW + HOUR
    assert kinds_of(first.duty_id) == ["checked_in", "checked_out"]


def test_who_is_planned_at_two_counters_serves_at_both_until_going_to_another(cast: Cast) -> None:
    end, soon = NOW + 3 * HOUR, NOW + HOUR / 2
    three, four = (
        cast.plan(counter=counter, start=NOW, end=end, now=NOW - HOUR)
        for counter in (cast.three, cast.four)
    )
    assert check_in(cast.phone, cast.three.id, NOW).left == ()
    assert check_in(cast.phone, cast.four.id, NOW).left == ()
    assert the(three).ends_at == the(four).ends_at == end
    check_out(cast.phone, three, soon)  # for a break
    assert check_in(cast.phone, cast.three.id, NOW + HOUR).left == ()
    assert check_in(cast.phone, cast.four.id, NOW + HOUR).left == ()
    other = make_counter(cast.office, "Loket 5").id
    assert set(check_in(cast.phone, other, NOW + 2 * HOUR).left) == {"Loket 3", "Loket 4"}
    assert_events_add_up()


def test_check_out_ends_the_duty_now(cast: Cast) -> None:
    duty_id = check_in(cast.phone, cast.three.id, NOW).duty_id
    check_out(cast.phone, duty_id, NOW + HOUR)
    assert the(duty_id).ends_at == NOW + HOUR
    with pytest.raises(duty_rules.NotOnDuty):
        check_out(cast.phone, duty_id, NOW + 2 * HOUR)


def test_check_out_at_the_instant_of_check_in_leaves_no_duty(cast: Cast) -> None:
    duty_id = check_in(cast.phone, cast.three.id, NOW).duty_id
    check_out(cast.phone, duty_id, NOW)
    assert the(duty_id).cancelled


def test_closing_time_checks_out_whoever_forgot_once(cast: Cast) -> None:
    planned = cast.plan(start=NOW, end=NOW + 3 * HOUR, now=NOW - HOUR)
    check_in(cast.phone, cast.three.id, NOW)
    other = make_account("employee", cast.office, cast.budi)
    off_roster = check_in(other, cast.four.id, NOW).duty_id
    cast.plan(counter=cast.four, start=NOW + HOUR, end=NOW + 2 * HOUR)  # nobody came
    assert check_out_due(NOW + HOUR) == 0
    assert check_out_due(NOW + 3 * HOUR) == 1
    assert check_out_due(CLOSING) == 1
    assert check_out_due(CLOSING) == check_out_due(CLOSING + 24 * HOUR) == 0
    assert kinds_of(planned)[-1] == kinds_of(off_roster)[-1] == "checked_out"
    assert (the(planned).ends_at, the(off_roster).ends_at) == (NOW + 3 * HOUR, CLOSING)
    assert_events_add_up()


def test_a_duty_without_end_is_ended_at_closing_time(cast: Cast) -> None:
    duty_id = check_in(cast.phone, cast.three.id, NOW).duty_id
    duties.correct_duty(
        cast.coordinator,
        duty_id,
        employee_id=cast.sari.id,
        starts_at=NOW,
        ends_at=None,
        reason="Belum selesai",
        now=NOW + HOUR,
    )
    assert check_out_due(CLOSING - timedelta(seconds=1)) == 0
    assert check_out_due(CLOSING + HOUR) == 1
    assert the(duty_id).ends_at == CLOSING


def test_nobody_checks_out_somebody_else(cast: Cast) -> None:
    duty_id = check_in(cast.phone, cast.three.id, NOW).duty_id
    other = make_account("employee", cast.office, cast.budi)
    with pytest.raises(duty_rules.NotOnDuty):
        check_out(other, duty_id, NOW + HOUR)


def test_return_from_a_break_within_a_confirmed_roster_is_confirmed(cast: Cast) -> None:
    planned = cast.plan(start=NOW, end=NOW + 3 * HOUR, now=NOW - HOUR)
    check_out(cast.phone, planned, NOW + HOUR)
    outcome = check_in(cast.phone, cast.three.id, NOW + 2 * HOUR)
    assert outcome.confirmed
    assert the(outcome.duty_id).ends_at == NOW + 3 * HOUR
    assert kinds_of(outcome.duty_id) == ["checked_in", "confirmed"]


def test_check_in_counts_from_the_office_of_today(cast: Cast) -> None:
    elsewhere = make_counter(make_office(code="dpmptsp"))
    with pytest.raises(duty_rules.NotEmployedThere):
        check_in(cast.phone, elsewhere.id, NOW)
    without_employee = make_account("employee", cast.office)
    with pytest.raises(duty_rules.NotEmployedThere):
        check_in(without_employee, cast.three.id, NOW)
