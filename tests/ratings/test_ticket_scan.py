"""Rating by a visit ticket: once, by whoever holds it, also across the end of a period."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal import create_app
from portal.counters.models import RefusedScan
from portal.db import db
from portal.ratings.models import Rating
from tests.conftest import KEY, NOW, set_clock, settings_for
from tests.factories import (
    make_counter,
    make_duty,
    make_employee,
    make_service,
    make_ticket,
    save,
)

PATH = "/N/K7M3Q9XA42"


@pytest.fixture
def counter(app):
    return make_counter()


@pytest.fixture
def employee(counter):
    return make_employee()


@pytest.fixture
def ticket(counter, employee):
    return make_ticket(counter, employee)


def send(client, page, **fields):
    token = page.split('name="token" value="')[1].split('"')[0]
    action = page.split('action="')[1].split('"')[0]
    return client.post(action, data={"token": token, "overall": "4", **fields})


def refusals() -> dict[str, int]:
    db.session.rollback()
    return {row.kind: row.times for row in db.session.scalars(select(RefusedScan))}


def ratings() -> list[Rating]:
    db.session.rollback()
    return list(db.session.scalars(select(Rating)))


def test_a_ticket_counts_for_its_employee_whoever_serves_now(client, counter, employee, ticket):
    make_duty(make_employee(name="Budi Santoso"), counter)
    make_duty(employee, counter, ends_at=NOW + timedelta(minutes=1))
    page = client.get(PATH).text
    assert "Ibu Sari W." in page
    assert "Budi" not in page
    assert send(client, page).location.startswith("/t/")
    (rating,) = ratings()
    assert (rating.id, rating.period, rating.channel) == (ticket.rating_id, "2026-Q4", "ticket")
    assert (rating.employee_id, rating.counts_for) == (employee.id, "A")
    assert rating.attributed_by == "own_ticket"


def test_tickets_of_queue_systems_are_told_apart(client, counter, employee):
    make_ticket(counter, employee, issuer="queue")
    send(client, client.get(PATH).text)
    assert ratings()[0].attributed_by == "queue_ticket"


def test_a_ticket_that_names_nobody_counts_for_the_office(client, counter):
    make_duty(make_employee(), counter)
    make_ticket(counter)
    page = client.get(PATH).text
    assert "Sari" not in page
    send(client, page)
    assert (ratings()[0].employee_id, ratings()[0].counts_for) == (None, "O")


def test_the_tickets_service_is_the_ratings(client, counter, employee):
    ktp, kk = make_service(), make_service(code="kk", name="Kartu keluarga")
    counter = make_counter(label="Loket 4", services=(ktp, kk))
    make_ticket(counter, employee, service_id=kk.id)
    page = client.get(PATH).text
    assert "KTP-el" not in page
    send(client, page)
    assert ratings()[0].service_id == kk.id


def test_a_second_rating_by_the_same_ticket_is_not_kept_and_learns_nothing_of_the_first(
    app, client, ticket
):
    receipt = send(client, client.get(PATH).text, overall="1").location
    other = app.test_client()
    answer = send(other, other.get(PATH).text, overall="4")
    assert answer.status_code == 410
    assert "Karcis ini sudah dipakai" in answer.text
    assert receipt.split("/t/")[1][:12] not in answer.text
    assert [rating.overall for rating in ratings()] == [1]
    assert refusals() == {"used_ticket": 1}


def test_two_forms_opened_before_either_was_sent_are_still_one_rating(app, client, ticket):
    other = app.test_client()
    first, second = client.get(PATH).text, other.get(PATH).text
    assert send(client, first, overall="1").status_code == 303
    assert send(other, second, overall="4").status_code == 410
    assert [rating.overall for rating in ratings()] == [1]


def test_sending_the_same_form_again_gives_the_same_receipt(client, ticket):
    page = client.get(PATH).text
    assert send(client, page).location == send(client, page).location
    assert [rating.tries for rating in ratings()] == [1]


def test_sending_it_again_after_the_keys_have_changed_is_still_the_same_rating(app, client, ticket):
    page = client.get(PATH).text
    receipt = send(client, page).location
    keys = f"another-key-for-tests-that-is-long-enough,{KEY}"
    url = app.config["SETTINGS"].database_url
    rotated = create_app(settings_for(url, secret_keys=keys))
    with rotated.app_context():
        again = send(rotated.test_client(), page)
        db.engine.dispose()
    assert again.location == receipt


def without_token(page: str) -> str:
    """The page itself; each form has a token of its own."""
    return re.sub(r'name="token" value="[^"]+"', "", page)


def test_opening_a_used_ticket_tells_only_the_phone_that_used_it(app, client, ticket):
    """Whoever issued the ticket could look, too."""
    issuer = app.test_client()
    unused = issuer.get(PATH)
    send(client, client.get(PATH).text)
    used = issuer.get(PATH)
    assert used.status_code == unused.status_code == 200
    assert without_token(used.text) == without_token(unused.text)
    own = client.get(PATH)
    assert own.status_code == 410
    assert "Anda sudah menilai dengan karcis ini" in own.text


def test_a_ticket_issued_in_one_period_and_used_in_the_next_is_one_rating_of_the_first(
    app, client, counter, employee, monkeypatch
):
    evening = datetime(2026, 12, 31, 8, 0, tzinfo=UTC)
    make_ticket(counter, employee, issued_at=evening, expires_at=evening + timedelta(days=3))
    set_clock(monkeypatch, evening + timedelta(minutes=1))
    early = client.get(PATH).text
    set_clock(monkeypatch, evening + timedelta(days=1))
    other = app.test_client()
    assert send(other, other.get(PATH).text).status_code == 303
    assert send(client, early).status_code == 410
    assert [rating.period for rating in ratings()] == ["2026-Q4"]


@pytest.mark.parametrize(
    ("column", "words", "kind"),
    [
        ("expires_at", "sudah lewat waktunya", "expired_ticket"),
        ("revoked_at", "sudah dicabut", "revoked_ticket"),
    ],
)
def test_a_ticket_out_of_use_leads_to_the_office(client, ticket, column, words, kind):
    setattr(ticket, column, NOW)
    save(ticket)
    answer = client.get(PATH)
    assert answer.status_code == 410
    assert words in answer.text
    assert "Sari" not in answer.text
    assert "/find/" in answer.text.split('class="button quiet" href="')[1].split('"')[0]
    assert refusals() == {kind: 1}


def test_a_visit_at_a_counter_that_was_closed_since_can_still_be_rated(client, counter, ticket):
    counter.active = False
    save(counter)
    assert send(client, client.get(PATH).text).status_code == 303


def test_a_form_without_a_face_comes_again_with_the_name_and_what_was_filled_in(client, ticket):
    again = send(client, client.get(PATH).text, overall="", comment="Cepat")
    assert again.status_code == 422
    assert "Cepat" in again.text
    assert "Ibu Sari W." in again.text
    assert send(client, again.text).status_code == 303


def test_a_token_that_cannot_be_read_leads_to_a_new_form(client, ticket):
    answer = client.post("/n/K7M3Q9XA42", data={"token": "x", "overall": "4"})
    assert (answer.status_code, answer.location) == (303, "/n/K7M3Q9XA42")


def test_a_ticket_is_typed_with_its_hyphen_and_an_unknown_one_is_unknown(client, ticket):
    answer = client.get("/find", query_string={"code": "k7m3q-9xa42"})
    assert client.get(answer.location).status_code == 200
    assert client.get("/n/0000000000").status_code == 404
    assert db.session.scalar(select(func.count()).select_from(RefusedScan)) == 0
