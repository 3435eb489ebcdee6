"""Scanning a counter's screen: fresh it names who serves, an hour later it counts for nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.counters.models import RefusedScan
from portal.counters.otp import display_keys, minute_of, otp
from portal.db import db
from portal.ratings.models import Rating
from tests.conftest import KEY, NOW, set_clock
from tests.factories import (
    make_check_in,
    make_code,
    make_counter,
    make_display,
    make_duty,
    make_employee,
    save,
)

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def counter(app):
    return make_counter()


@pytest.fixture
def display(counter):
    return make_display(counter)


def shown(display, at=NOW) -> str:
    """The path that the screen's code holds at a moment."""
    key = display_keys([KEY], display.agency_id, display.id)[-1]
    return f"/N/{display.code}/{otp(key, minute_of(at))}"


def send(client, page, **fields):
    token = page.split('name="token" value="')[1].split('"')[0]
    action = page.split('action="')[1].split('"')[0]
    return client.post(action, data={"token": token, "overall": "4", **fields})


def refusals() -> dict[str, int]:
    db.session.rollback()
    return {row.kind: row.times for row in db.session.scalars(select(RefusedScan))}


def only_rating() -> Rating:
    db.session.rollback()
    return db.session.scalars(select(Rating)).one()


def test_a_fresh_code_leads_to_the_form_and_counts_for_who_serves(client, counter, display):
    employee = make_employee()
    make_duty(employee, counter)
    page = client.get(shown(display)).text
    assert "Ibu Sari W." in page
    answer = send(client, page)
    assert answer.location.startswith("/t/")
    rating = only_rating()
    assert (rating.channel, rating.code_version) == ("display", None)
    assert (rating.employee_id, rating.counts_for) == (employee.id, "A")


def test_upper_and_lower_case_are_one_address_and_reading_writes_nothing(client, display):
    upper = client.get(shown(display))
    lower = client.get(shown(display).lower())
    assert upper.status_code == lower.status_code == 200
    assert "Set-Cookie" not in upper.headers
    assert refusals() == {}


def test_who_has_just_checked_in_is_named_although_the_shift_has_just_changed(
    client, counter, display
):
    budi, sari = make_employee(name="Budi Santoso"), make_employee()
    make_check_in(make_duty(budi, counter, NOW - timedelta(hours=3), NOW - timedelta(minutes=4)))
    make_check_in(make_duty(sari, counter, NOW - timedelta(minutes=4)))
    send(client, client.get(shown(display)).text)
    assert only_rating().employee_id == sari.id


def test_whom_it_is_about_is_who_served_when_the_code_stood_on_the_screen(
    client, counter, display, monkeypatch
):
    budi, sari = make_employee(name="Budi Santoso"), make_employee()
    change = NOW + timedelta(minutes=3)
    make_check_in(make_duty(budi, counter, NOW - timedelta(hours=3), change))
    make_check_in(make_duty(sari, counter, change))
    set_clock(monkeypatch, NOW + timedelta(minutes=4))
    page = client.get(shown(display, at=NOW)).text
    assert page.index("Budi") < page.index("kirim".title())
    send(client, page)
    assert only_rating().employee_id == budi.id


def test_a_photo_an_hour_later_says_what_to_do_and_leads_to_the_office(
    client, counter, display, monkeypatch
):
    make_code(counter)
    make_duty(make_employee(), counter)
    path = shown(display)
    set_clock(monkeypatch, LATER)
    answer = client.get(path)
    assert answer.status_code == 410
    assert "Kode di layar sudah berganti" in answer.text
    assert "Sari" not in answer.text
    listed = answer.text.split('class="button quiet" href="')[1].split('"')[0]
    send(client, client.get(listed).text)
    rating = only_rating()
    assert (rating.channel, rating.employee_id, rating.counts_for) == ("list", None, "O")
    assert refusals() == {"stale_display": 1}


def test_a_photo_cut_down_to_its_first_half_is_worth_no_more(client, counter, display):
    make_duty(make_employee(), counter)
    for _time in range(2):
        answer = client.get(f"/n/{display.code}")
        assert answer.status_code == 410
        assert "data-rating-form" not in answer.text
    assert refusals() == {"stale_display": 2}


def test_a_form_that_was_opened_in_time_may_be_sent_much_later(
    client, counter, display, monkeypatch
):
    make_duty(make_employee(), counter)
    page = client.get(shown(display)).text
    set_clock(monkeypatch, LATER)
    assert send(client, page).status_code == 303
    assert only_rating().counts_for == "A"


def test_a_form_sent_without_a_face_comes_again_with_what_was_filled_in(client, display):
    page = client.get(shown(display)).text
    again = send(client, page, overall="", comment="Lama sekali")
    assert again.status_code == 422
    assert "Lama sekali" in again.text
    assert send(client, again.text).status_code == 303


def test_a_token_that_cannot_be_read_leads_back_to_the_screen(client, display):
    answer = client.post(f"/n/{display.code}", data={"token": "x", "overall": "4"})
    assert answer.status_code == 410
    assert "Kode di layar sudah berganti" in answer.text


def test_codes_of_a_revoked_screen_and_of_a_closed_counter_lead_to_no_form(
    client, counter, display
):
    path = shown(display)
    display.revoked_at = NOW
    save(display)
    assert client.get(path).status_code == 410
    display.revoked_at = None
    counter.active = False
    save(counter)
    assert client.get(path).status_code == 410
    assert refusals() == {"ended_display": 1, "closed_counter": 1}


def test_a_code_that_no_screen_ever_showed_is_unknown(client, display):
    assert client.get(f"/n/{display.code}/00000000").status_code == 404
    assert client.get("/n/00000000/00000000").status_code == 404
    assert refusals() == {}


def test_the_code_below_the_picture_can_be_typed(client, display):
    typed = shown(display).removeprefix("/N/").replace("/", "-")
    answer = client.get("/find", query_string={"code": typed.lower()})
    assert client.get(answer.location).status_code == 200


def test_scans_of_poster_codes_out_of_use_are_counted(client, counter):
    make_code(counter)
    make_code(counter, "8QXA7K3M", version=2)
    assert client.get("/n/7K3M9QXA").status_code == 410
    counter.active = False
    save(counter)
    assert client.get("/n/8QXA7K3M").status_code == 410
    assert refusals() == {"replaced": 1, "closed_counter": 1}
