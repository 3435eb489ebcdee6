"""A duty confirmed or corrected afterwards speaks on the ratings given meanwhile."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.counters.check_in_actions import check_in
from portal.counters.duty_actions import cancel_duty, confirm_duty, correct_duty
from portal.counters.leave import Away
from portal.counters.leave_actions import add_leave
from portal.counters.models import Counter
from portal.counters.ticket_actions import issue_own_ticket, issue_queue_ticket, note_times
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

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATER = NOW + timedelta(minutes=30)
QUEUE = 1  # the key of a queue system


@pytest.fixture
def counter(app: Flask):
    counter = make_counter()
    make_code(counter, CODE)
    return counter


def rate_at(client, monkeypatch, moment, code: str = CODE, **fields: str) -> Rating:
    set_clock(monkeypatch, moment)
    send(client, client.get(f"/n/{code}").text, f"/n/{code}", overall="4", **fields)
    db.session.rollback()
    return db.session.scalars(select(Rating)).one()


def draw_at(moment, counter: Counter, reference: str) -> str:
    """A ticket of a queue system that has not called its number yet."""
    return issue_queue_ticket(
        counter.agency_id,
        QUEUE,
        counter.id,
        reference=reference,
        service_id=None,
        called_at=None,
        finished_at=None,
        number="",
        now=moment,
    )


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


def test_a_duty_that_was_over_by_then_does_not_confirm_who_checked_in_off_the_roster(
    app, client, counter, monkeypatch
) -> None:
    sari, budi = make_employee(), make_employee(name="Budi Santoso")
    make_duty(sari, counter, NOW - HOUR, NOW)
    check_in(make_account("employee", employee=sari), counter.id, NOW + 10 * MINUTE)
    beside = make_duty(budi, counter, NOW - HOUR, NOW + 6 * HOUR, confirmed=False)
    sari_id, who = sari.id, f"n{sorted([sari.id, budi.id]).index(sari.id)}"
    rating = rate_at(client, monkeypatch, LATER, who=who)
    assert (rating.employee_id, rating.counts_for) == (sari_id, "O")
    confirm_duty(make_account("coordinator", make_office()), beside.id, LATER + MINUTE)
    assert reattribute_due(LATER + MINUTE) == 0
    assert attribution_events() == []


def test_a_queue_ticket_names_who_served_when_it_was_called_and_its_rating_follows(
    app, client, counter, monkeypatch
) -> None:
    sari, budi = make_employee(), make_employee(name="Budi Santoso")
    make_duty(sari, counter, NOW - HOUR, LATER)
    make_duty(budi, counter, LATER, NOW + 6 * HOUR)
    used, unused = (draw_at(NOW, counter, reference) for reference in ("A-031", "A-032"))
    agency_id, sari_id, budi_id = counter.agency_id, sari.id, budi.id
    assert "Ibu Sari W." in client.get(f"/n/{unused}").text
    called, told = LATER + 2 * MINUTE, LATER + 5 * MINUTE
    assert rate_at(client, monkeypatch, told, used).employee_id == sari_id
    for code in (used, unused):
        note_times(agency_id, QUEUE, code, called_at=called, finished_at=None, now=told)
    assert "Ibu Budi S." in client.get(f"/n/{unused}").text
    assert reattribute_due(told) == 1
    assert attribution_events() == [(budi_id, "A", "duty_corrected")]
    assert reattribute_due(told + MINUTE) == 0
    assert db.session.scalars(select(Rating)).one().employee_id == sari_id


def test_queue_tickets_used_or_not_follow_a_correction_and_a_cancellation_of_the_duty(
    app, client, counter, monkeypatch
) -> None:
    sari, budi = make_employee(), make_employee(name="Budi Santoso")
    coordinator = make_account("coordinator", make_office())
    duty_id = check_in(make_account("employee", employee=sari), counter.id, NOW).duty_id
    confirm_duty(coordinator, duty_id, NOW + MINUTE)
    used, unused = (draw_at(LATER, counter, reference) for reference in ("A-031", "A-032"))
    sari_id, budi_id = sari.id, budi.id
    assert rate_at(client, monkeypatch, LATER + MINUTE, used).employee_id == sari_id
    correct_duty(
        coordinator,
        duty_id,
        employee_id=budi_id,
        starts_at=NOW,
        ends_at=NOW + 5 * HOUR,
        reason="Bertukar tempat tanpa dicatat",
        now=LATER + HOUR,
    )
    assert reattribute_due(LATER + HOUR) == 1
    assert "Ibu Budi S." in client.get(f"/n/{unused}").text
    cancel_duty(coordinator, duty_id, "Loketnya kosong", LATER + 2 * HOUR)
    assert reattribute_due(LATER + 2 * HOUR) == 1
    assert "Budi" not in client.get(f"/n/{unused}").text
    corrected = [(budi_id, "A", "duty_corrected"), (None, "O", "duty_corrected")]
    assert attribution_events() == corrected


def test_an_own_ticket_off_the_roster_counts_for_the_office_until_a_coordinator_confirms(
    app, client, counter, monkeypatch
) -> None:
    sari = make_employee()
    account = make_account("employee", employee=sari)
    duty_id = check_in(account, counter.id, NOW).duty_id
    code = issue_own_ticket(account, counter.id, None, "tap", LATER)
    sari_id = sari.id
    rating = rate_at(client, monkeypatch, LATER + MINUTE, code)
    assert (rating.employee_id, rating.counts_for) == (sari_id, "O")
    assert reattribute_due(LATER + MINUTE) == 0
    confirm_duty(make_account("coordinator", make_office()), duty_id, LATER + HOUR)
    assert reattribute_due(LATER + HOUR) == 1
    assert reattribute_due(LATER + HOUR) == 0
    assert attribution_events() == [(sari_id, "A", "duty_confirmed")]
