"""A page opened again without network: its form is the spare of the one that was read before."""

from datetime import timedelta

import pytest

from tests.conftest import NOW, set_clock
from tests.factories import make_code, make_counter, make_duty, make_employee
from tests.ratings.test_scan_and_rate import CODE, ratings, send


@pytest.fixture
def counter(app):
    counter = make_counter()
    make_code(counter, CODE)
    make_duty(make_employee(), counter)
    return counter


def test_a_form_and_its_spare_are_two_ratings_and_no_more(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    send(client, page, overall="4")
    spare = send(client, page, overall="1", spare="1")
    again = send(client, page, overall="1", spare="1")
    assert spare.location == again.location
    named, unnamed = sorted(ratings(), key=lambda rating: -rating.overall)
    assert (named.counts_for, named.attributed_by) == ("A", "one_on_duty")
    assert (unnamed.counts_for, unnamed.attributed_by) == ("O", "opened_offline")
    assert (unnamed.employee_id, unnamed.channel, unnamed.tries) == (None, "poster", 1)


def test_a_spare_that_comes_back_is_still_the_spare_of_the_same_form(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    asked = send(client, page, spare="1")  # without a face, so the form comes back
    assert asked.status_code == 422
    assert '<input type="hidden" name="spare" value="1">' in asked.text
    again = [send(client, text, overall="3", spare="1").location for text in (asked.text, page)]
    assert len(set(again)) == 1
    assert [rating.attributed_by for rating in ratings()] == ["opened_offline"]


def test_nobody_is_rated_through_the_spare_of_a_page_that_named_somebody(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    send(client, page, overall="1", spare="1", who="n0")
    assert [(rating.counts_for, rating.employee_id) for rating in ratings()] == [("O", None)]


@pytest.mark.parametrize(
    ("waited", "rated_on"),
    [
        (3 * 3600, 26),
        (25 * 3600, 25),
        (9_999_999, 23),  # a clock that jumped: not before the form was issued
        (0, 26),
        ("-5", 26),
        ("x" * 50, 26),
    ],
)
def test_the_spare_belongs_to_the_day_on_which_it_was_filled_in(
    client, counter, monkeypatch, waited: int | str, rated_on: int
) -> None:
    page = client.get(f"/n/{CODE}").text
    set_clock(monkeypatch, NOW + timedelta(days=3))
    send(client, page, overall="2", spare="1", waited=str(waited))
    (rating,) = ratings()
    assert rating.rated_on.day == rated_on


def test_the_spare_of_a_quarter_stays_in_it(client, counter, monkeypatch) -> None:
    set_clock(monkeypatch, NOW.replace(month=12, day=30))
    page = client.get(f"/n/{CODE}").text
    set_clock(monkeypatch, NOW.replace(year=2027, month=1, day=3))
    send(client, page, overall="2", spare="1", waited="60")
    (rating,) = ratings()
    assert (rating.period, rating.rated_on.isoformat()) == ("2026-Q4", "2026-12-31")


def test_a_script_learns_the_receipt_without_reading_its_page(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    plain = send(client, page, overall="4").location
    token = page.split('name="token" value="')[1].split('"')[0]
    answer = client.post(
        f"/n/{CODE}",
        data={"token": token, "overall": "4"},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.location, answer.data) == (201, plain, b"")


def test_going_back_leads_to_the_same_form(client, counter) -> None:
    """A browser takes it from its cache, unless it is told that cookies make it another page."""
    headers = client.get(f"/n/{CODE}").headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" not in headers["Vary"]


def test_switching_the_language_stores_nothing_and_keeps_the_form(client, counter) -> None:
    page = client.get(f"/n/{CODE}").text
    switched = send(
        client, page, f"/n/{CODE}?lang=su", lang="su", overall="2", comment="Antre", who="x"
    )
    assert switched.status_code == 200
    assert "lang=su" in switched.headers["Set-Cookie"]
    assert "Antre" in switched.text
    assert 'value="2" id="o2" required checked' in switched.text
    assert ratings() == []
    assert send(client, switched.text, overall="2").status_code == 303
    assert ratings()[0].counts_for == "A"
