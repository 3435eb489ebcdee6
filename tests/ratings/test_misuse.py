"""What paper and screens are misused for: it counts for nobody, and the coordinator sees it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.counters.actions import revoke_code
from portal.counters.codes import show_code
from portal.counters.otp import display_keys, minute_of, otp
from portal.counters.words import REFUSALS
from portal.db import db
from portal.ratings.models import Rating
from tests.conftest import KEY, NOW
from tests.counters.staff import act_as, send
from tests.factories import (
    make_account,
    make_code,
    make_counter,
    make_display,
    make_duty,
    make_employee,
    make_office,
    make_ticket,
    save,
)


@pytest.fixture
def counter(app):
    counter = make_counter()
    make_code(counter)
    make_duty(make_employee(), counter)
    return counter


@pytest.fixture
def coordinator(counter):
    return make_account("coordinator", make_office())


def shown(display, at) -> str:
    """The path that the screen's code holds at a moment."""
    key = display_keys([KEY], display.agency_id, display.id)[-1]
    return f"/N/{display.code}/{otp(key, minute_of(at))}"


def photo_of_the_screen(counter, coordinator, client) -> str:
    return shown(make_display(counter), NOW - timedelta(hours=1))


def revoked_screen(counter, coordinator, client) -> str:
    return shown(make_display(counter, revoked_at=NOW), NOW)


def revoked_ticket(counter, coordinator, client) -> str:
    return f"/N/{make_ticket(counter, make_employee(), revoked_at=NOW).code}"


def expired_ticket(counter, coordinator, client) -> str:
    return f"/N/{make_ticket(counter, make_employee(), expires_at=NOW).code}"


def replaced_code(counter, coordinator, client) -> str:
    make_code(counter, "8QXA7K3M", version=2)
    return "/N/7K3M9QXA"


def revoked_code(counter, coordinator, client) -> str:
    revoke_code(coordinator, counter.id, "7K3M9QXA", "Ditempeli stiker", NOW)
    return "/N/7K3M9QXA"


def closed_counter(counter, coordinator, client) -> str:
    counter.active = False
    save(counter)
    return "/N/7K3M9QXA"


MISUSES = {
    "stale_display": photo_of_the_screen,
    "ended_display": revoked_screen,
    "revoked_ticket": revoked_ticket,
    "expired_ticket": expired_ticket,
    "replaced": replaced_code,
    "revoked": revoked_code,
    "closed_counter": closed_counter,
}


@pytest.mark.parametrize(("kind", "misuse"), MISUSES.items(), ids=MISUSES)
def test_it_leads_to_a_page_without_a_form_and_stands_on_the_counters_page(
    client: FlaskClient, counter, coordinator, kind: str, misuse: Callable[..., str]
) -> None:
    path = misuse(counter, coordinator, client)
    for _time in range(3):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "data-rating-form" not in answer.text
        assert "Sari" not in answer.text
        assert answer.text.count("<h1>") == 1
    assert db.session.scalar(select(func.count()).select_from(Rating)) == 0
    act_as(client, coordinator)
    page = client.get(f"/counters/{counter.id}").text
    seen = page.split(f"<dt>{REFUSALS[kind]}</dt>")[1].split("</dd>")[0]
    assert seen.endswith(">3")


def test_a_ticket_used_twice_is_one_rating_and_stands_on_the_counters_page(
    app, client: FlaskClient, counter, coordinator
) -> None:
    path = f"/N/{make_ticket(counter, make_employee()).code}"
    other = app.test_client()
    pages = [phone.get(path).text for phone in (client, other)]
    answers = []
    for phone, page in zip((client, other), pages, strict=True):
        token = page.split('name="token" value="')[1].split('"')[0]
        action = page.split('action="')[1].split('"')[0]
        answers.append(phone.post(action, data={"token": token, "overall": "4"}).status_code)
    assert answers == [303, 410]
    assert db.session.scalar(select(func.count()).select_from(Rating)) == 1
    act_as(client, coordinator)
    page = client.get(f"/counters/{counter.id}").text
    assert page.split(f"<dt>{REFUSALS['used_ticket']}</dt>")[1].split("</dd>")[0].endswith(">1")


def test_a_sticker_of_somebody_elses_address_is_found_on_the_walk(
    client: FlaskClient, counter, coordinator
) -> None:
    act_as(client, coordinator)
    send(client, f"/walk/{counter.id}", found="https://loket.kota.example.judi.example/N/7K3M9QXA")
    page = client.get("/walk").text
    assert "judi.example" in page
    assert "Lepas stikernya" in page
    assert show_code("7K3M9QXA") in page  # whose poster it hangs over
