"""A duty confirmed or corrected afterwards speaks on the ratings given meanwhile."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.counters.check_in_actions import check_in
from portal.counters.duty_actions import confirm_duty, correct_duty
from portal.counters.leave import Away
from portal.counters.leave_actions import add_leave
from portal.db import db
from portal.ratings.models import AttributionEvent, Rating
from portal.ratings.reattribution_actions import reattribute_due
from tests.conftest import NOW, set_clock
from tests.factories import (
    make_account,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
)
from tests.ratings.test_scan_and_rate import CODE, send

LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def counter(app: Flask):
    counter = make_counter()
    make_code(counter, CODE)
    return counter


def rate_at(client, monkeypatch, moment, **fields: str) -> Rating:
    set_clock(monkeypatch, moment)
    send(client, client.get(f"/n/{CODE}").text, overall="4", **fields)
    db.session.rollback()
    return db.session.scalars(select(Rating)).one()


def attribution_events() -> list[tuple[int | None, str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(AttributionEvent).order_by(AttributionEvent.at))
    return [(row.employee_id, row.counts_for, row.attributed_by) for row in rows]


def test_confirming_an_off_roster_check_in_raises_the_ratings_given_meanwhile(
    app, client, counter, monkeypatch
) -> None:
    sari = make_employee()
    account = make_account("employee", employee=sari)
    duty = check_in(account, counter.id, NOW)
    rating = rate_at(client, monkeypatch, LATER)
    assert (rating.employee_id, rating.counts_for) == (sari.id, "O")
    assert reattribute_due(LATER) == 0
    confirm_duty(make_account("coordinator", make_office()), duty.duty_id, LATER)
    moment = LATER + timedelta(minutes=1)
    assert reattribute_due(moment) == 1
    assert attribution_events() == [(sari.id, "A", "duty_confirmed")]
    assert reattribute_due(moment) == 0


def test_correcting_who_sat_there_moves_the_rating_to_that_person(
    app, client, counter, monkeypatch
) -> None:
    sari, budi = make_employee(), make_employee(name="Budi Santoso")
    coordinator = make_account("coordinator", make_office())
    duty = check_in(make_account("employee", employee=sari), counter.id, NOW)
    confirm_duty(coordinator, duty.duty_id, NOW + timedelta(minutes=1))
    rating = rate_at(client, monkeypatch, LATER)
    assert (rating.employee_id, rating.counts_for) == (sari.id, "A")
    correct_duty(
        coordinator,
        duty.duty_id,
        employee_id=budi.id,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=5),
        reason="Bertukar tempat tanpa dicatat",
        now=LATER + timedelta(hours=1),
    )
    assert reattribute_due(LATER + timedelta(hours=1)) == 1
    assert attribution_events() == [(budi.id, "A", "duty_corrected")]
    db.session.rollback()
    assert db.session.scalars(select(Rating)).one().employee_id == sari.id


def test_a_rating_given_on_a_day_of_leave_names_whoever_was_there_and_not_who_was_away(
    app, client, counter, monkeypatch
) -> None:
    """A sick note comes in after the day has begun: the roster still named the person."""
    sari, coordinator = make_employee(), make_account("coordinator", make_office())
    duty = make_duty(sari, counter, NOW - timedelta(hours=2), NOW + timedelta(hours=6))
    rating = rate_at(client, monkeypatch, LATER)
    assert (rating.employee_id, rating.counts_for) == (sari.id, "A")
    today, sent = Away(NOW.date(), NOW.date()), LATER + timedelta(minutes=1)
    add_leave(coordinator, sari.id, today, sent, agreed=[duty.id])
    assert reattribute_due(sent) == 1
    assert attribution_events() == [(None, "O", "duty_corrected")]
    assert "Sari" not in client.get(f"/n/{CODE}").text


def test_who_checked_in_keeps_the_ratings_of_a_day_that_is_noted_as_leave(
    app, client, counter, monkeypatch
) -> None:
    sari, coordinator = make_employee(), make_account("coordinator", make_office())
    duty = make_duty(sari, counter, NOW - timedelta(hours=2), NOW + timedelta(hours=6))
    check_in(make_account("employee", employee=sari), counter.id, NOW)
    rate_at(client, monkeypatch, LATER)
    today, sent = Away(NOW.date(), NOW.date()), LATER + timedelta(minutes=1)
    add_leave(coordinator, sari.id, today, sent, agreed=[duty.id])
    assert reattribute_due(sent) == 0
    assert attribution_events() == []
