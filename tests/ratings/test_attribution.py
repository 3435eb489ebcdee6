"""Whom a rating is about: each row of the attribution table is a test."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from portal.ratings.attribution import (
    CLOSED,
    Attribution,
    Offer,
    OnDuty,
    attribute,
    offer,
    offer_of_ticket,
)
from portal.ratings.tokens import Form

SARI, BUDI, WATI, DEWI, JOKO = 1, 2, 3, 4, 5
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # 12.00 WIB
HOUR = timedelta(hours=1)
MORNING = NOON - timedelta(hours=4)
EVENING = NOON + timedelta(hours=4)


def on_duty(
    employee: int,
    start: datetime = MORNING,
    end: datetime | None = EVENING,
    *,
    confirmed: bool = True,
    civil_servant: bool = True,
    checked_in: bool = False,
) -> OnDuty:
    return OnDuty(employee, civil_servant, confirmed, start, end, checked_in)


def rated(offered: Offer, answer: str = "") -> tuple[int | None, str]:
    found: Attribution = attribute(offered, answer)
    return found.employee_id, found.counts_for


def test_a_ticket_counts_for_the_employee_it_names() -> None:
    for issuer, how in (("queue", "queue_ticket"), ("self", "own_ticket"), ("sheet", "own_ticket")):
        offered = offer_of_ticket(issuer, SARI, civil_servant=True, confirmed=True)
        assert attribute(offered, "") == Attribution(SARI, "A", how)
        assert rated(offered, "x") == (None, "O")


def test_a_ticket_that_names_nobody_or_no_civil_servant_counts_for_the_office() -> None:
    nobody = offer_of_ticket("queue", None, civil_servant=False, confirmed=True)
    assert rated(nobody) == (None, "O")
    assert rated(offer_of_ticket("self", SARI, civil_servant=False, confirmed=True)) == (SARI, "O")
    unsure = offer_of_ticket("self", SARI, civil_servant=True, confirmed=False)
    assert attribute(unsure, "") == Attribution(SARI, "O", "unconfirmed_duty")


def test_a_display_code_counts_for_the_one_employee_checked_in_even_after_a_change() -> None:
    just_started = on_duty(SARI, NOON - timedelta(minutes=5), checked_in=True)
    just_left = on_duty(BUDI, MORNING, NOON - timedelta(minutes=5), checked_in=True)
    assert rated(offer("display", [just_started, just_left], NOON)) == (SARI, "A")


def test_a_display_names_who_has_checked_in_beside_somebody_who_is_only_on_the_roster() -> None:
    offered = offer("display", [on_duty(SARI, checked_in=True), on_duty(BUDI)], NOON)
    assert rated(offered) == (SARI, "A")
    assert rated(offered, "o0") == (BUDI, "A")


def test_a_display_where_nobody_checked_in_asks_after_a_change_as_a_poster_does() -> None:
    just_started = on_duty(SARI, NOON - timedelta(minutes=5))
    just_left = on_duty(BUDI, MORNING, NOON - timedelta(minutes=5))
    offered = offer("display", [just_started, just_left], NOON)
    assert offered.kind == "choose"
    assert rated(offered) == (None, "O")


def test_a_display_with_two_checked_in_names_both_and_counts_only_a_choice() -> None:
    both = [on_duty(SARI, checked_in=True), on_duty(BUDI, checked_in=True)]
    offered = offer("display", both, NOON)
    assert offered.kind == "choose"
    assert rated(offered) == (None, "O")
    assert rated(offered, "n1") == (BUDI, "A")


def test_a_poster_with_one_confirmed_employee_on_duty_counts_for_the_person() -> None:
    offered = offer("poster", [on_duty(SARI)], NOON)
    assert offered.kind == "one"
    assert rated(offered) == (SARI, "A")


def test_a_poster_with_two_on_duty_preselects_nobody() -> None:
    offered = offer("poster", [on_duty(SARI), on_duty(BUDI)], NOON)
    assert offered.kind == "choose"
    assert rated(offered) == (None, "O")
    assert rated(offered, "n0") == (SARI, "A")
    assert rated(offered, "x") == (None, "O")


@pytest.mark.parametrize(
    ("scanned", "kind", "named"),
    [
        (NOON - timedelta(minutes=2), "one", [SARI]),  # 11.58: Sari, as all morning
        (NOON + timedelta(minutes=3), "choose", [SARI, BUDI]),  # 12.03: either of the two
        (NOON + timedelta(minutes=14), "choose", [SARI, BUDI]),
        (NOON + timedelta(minutes=16), "one", [BUDI]),
    ],
)
def test_a_change_of_shift_at_noon_names_both_for_15_minutes(scanned, kind, named) -> None:
    shift = [on_duty(SARI, MORNING, NOON), on_duty(BUDI, NOON, EVENING)]
    offered = offer("poster", shift, scanned)
    assert offered.kind == kind
    assert [candidate.employee_id for candidate in offered.named] == named
    assert rated(offered, "n0") == (named[0], "A")


def test_who_goes_on_at_noon_has_not_changed() -> None:
    same = [on_duty(SARI, MORNING, NOON), on_duty(SARI, NOON, EVENING)]
    assert rated(offer("poster", same, NOON + timedelta(minutes=5))) == (SARI, "A")


def test_who_came_early_counts_from_the_confirmed_start_and_not_before() -> None:
    nine = MORNING + timedelta(hours=1)
    early = [on_duty(SARI, MORNING, nine, confirmed=False), on_duty(SARI, nine, EVENING)]
    assert rated(offer("poster", early, nine - timedelta(minutes=5))) == (SARI, "O")
    assert rated(offer("poster", early, nine + timedelta(minutes=5))) == (SARI, "A")


def test_going_on_after_a_pause_is_a_change() -> None:
    paused = [on_duty(SARI, MORNING, NOON - timedelta(minutes=9)), on_duty(SARI, NOON, EVENING)]
    assert offer("poster", paused, NOON + timedelta(minutes=5)).kind == "choose"


def test_a_form_read_at_1158_and_sent_at_1203_stays_with_the_one_it_named() -> None:
    shift = [on_duty(SARI, MORNING, NOON), on_duty(BUDI, NOON, EVENING)]
    offered = offer("poster", shift, NOON - timedelta(minutes=2))
    assert rated(offered) == (SARI, "A")


def test_somebody_who_came_a_moment_ago_is_named_but_not_preselected() -> None:
    offered = offer("poster", [on_duty(SARI, NOON - timedelta(minutes=5))], NOON)
    assert offered.kind == "choose"
    assert rated(offered) == (None, "O")
    assert rated(offered, "n0") == (SARI, "A")


def test_a_desks_code_names_whose_desk_it_is_as_long_as_the_roster_does() -> None:
    found = offer("poster", [on_duty(SARI), on_duty(BUDI)], NOON, SARI)
    assert rated(found) == (SARI, "A")
    assert rated(found, "o0") == (BUDI, "A")
    unconfirmed = offer("poster", [on_duty(SARI, confirmed=False), on_duty(BUDI)], NOON, SARI)
    assert rated(unconfirmed) == (SARI, "O")


def test_somebody_else_at_a_desk_is_asked_for_and_never_taken_for_granted() -> None:
    found = offer("poster", [on_duty(BUDI)], NOON, SARI)
    assert found.kind == "choose"
    assert rated(found) == (None, "O")
    assert rated(found, "n0") == (BUDI, "A")
    assert offer("poster", [], NOON, SARI).kind == "nobody"


def test_whoever_has_just_come_to_their_desk_is_not_preselected() -> None:
    just = NOON - timedelta(minutes=5)
    found = offer("poster", [on_duty(SARI, just), on_duty(BUDI)], NOON, SARI)
    assert {one.employee_id for one in found.named} == {SARI, BUDI}
    assert rated(found) == (None, "O")
    # A change at the other desk is none at this one.
    assert rated(offer("poster", [on_duty(SARI), on_duty(BUDI, just)], NOON, SARI)) == (SARI, "A")


def test_a_duty_that_is_over_vouches_for_nobody_at_the_desk() -> None:
    over, again = NOON - timedelta(minutes=40), NOON - timedelta(minutes=30)
    known = [on_duty(SARI, end=over), on_duty(SARI, again, confirmed=False)]
    assert rated(offer("poster", known, NOON, SARI)) == (SARI, "O")


def test_not_this_person_picked_among_three_counts_for_the_picked() -> None:
    left = NOON - timedelta(minutes=40)
    earlier = [on_duty(person, MORNING, left) for person in (BUDI, WATI, DEWI)]
    offered = offer("poster", [on_duty(SARI), *earlier], NOON)
    assert offered.kind == "one"
    assert rated(offered, "o1") == (WATI, "A")


def test_not_this_person_picked_among_four_counts_for_the_office() -> None:
    left = NOON - timedelta(minutes=40)
    earlier = [on_duty(person, MORNING, left) for person in (BUDI, WATI, DEWI, JOKO)]
    offered = offer("poster", [on_duty(SARI), *earlier], NOON)
    assert rated(offered, "o1") == (None, "O")


def test_not_this_person_without_a_pick_counts_for_the_office() -> None:
    offered = offer("poster", [on_duty(SARI)], NOON)
    assert rated(offered, "x") == (None, "O")


@pytest.mark.parametrize("channel", ["poster", "display", "kiosk"])
def test_an_unconfirmed_roster_or_check_in_counts_for_the_office_but_keeps_the_name(
    channel: str,
) -> None:
    offered = offer(channel, [on_duty(SARI, confirmed=False)], NOON)
    assert rated(offered) == (SARI, "O")
    assert attribute(offered, "").by == "unconfirmed_duty"


def test_nobody_on_duty_counts_for_the_office() -> None:
    assert rated(offer("poster", [], NOON)) == (None, "O")
    long_gone = on_duty(SARI, MORNING, NOON - timedelta(minutes=50))
    assert rated(offer("poster", [long_gone], NOON), "o0") == (None, "O")


def test_outside_hours_nobody_is_named_and_it_counts_for_the_office() -> None:
    for answer in ("", "n0", "o0", "x"):
        assert attribute(CLOSED, answer) == Attribution(None, "O", "outside_hours")


def test_opened_offline_with_the_spare_token_names_nobody_and_counts_for_the_office() -> None:
    named = offer("poster", [on_duty(SARI), on_duty(BUDI, end=NOON - HOUR / 2)], NOON)
    form = Form(uuid.uuid4(), "", 1, 1, 1, "poster", "2026-Q4", "Asia/Jakarta", NOON, named)
    assert rated(form.offer) == (SARI, "A")
    for answer in ("", "n0", "o0", "x"):
        spare = form.spare("token.c2lnbmF0dXJl").offer
        assert attribute(spare, answer) == Attribution(None, "O", "opened_offline")


def test_found_by_list_names_nobody_and_counts_for_the_office() -> None:
    offered = offer("list", [on_duty(SARI)], NOON)
    assert offered == Offer("nobody")
    assert rated(offered, "n0") == (None, "O")


def test_a_kiosk_with_one_employee_on_duty_counts_for_the_person() -> None:
    assert rated(offer("kiosk", [on_duty(SARI)], NOON)) == (SARI, "A")


def test_a_kiosk_with_two_or_nobody_counts_for_the_office() -> None:
    assert rated(offer("kiosk", [on_duty(SARI), on_duty(BUDI)], NOON), "n0") == (None, "O")
    assert rated(offer("kiosk", [], NOON)) == (None, "O")


def test_assisted_entry_counts_for_the_candidate_that_was_chosen() -> None:
    offered = offer("assisted", [on_duty(SARI), on_duty(BUDI)], NOON)
    assert rated(offered, "n1") == (BUDI, "A")
    assert rated(offered) == (None, "O")


@pytest.mark.parametrize("channel", ["poster", "display", "kiosk", "assisted"])
def test_staff_who_are_no_civil_servants_count_for_the_office(channel: str) -> None:
    offered = offer(channel, [on_duty(SARI, civil_servant=False)], NOON)
    assert rated(offered)[1] == "O"
    assert rated(offered, "n0")[1] == "O"


@pytest.mark.parametrize("answer", ["n7", "o7", "zz", "n-1", "n00"])
def test_an_answer_the_page_never_offered_counts_for_the_office(answer: str) -> None:
    offered = offer("poster", [on_duty(SARI)], NOON)
    assert rated(offered, answer) == (None, "O")
