"""A kiosk at the exit: signed in by its own key, its forms bound to it and to its counter."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.counters.device_actions import await_pairing, pair, pairing_word
from portal.counters.models import Device, RefusedScan
from portal.db import db
from portal.ratings import kiosk as kiosks
from portal.ratings.kiosk_views import MOST_SPARES
from portal.ratings.models import Rating
from tests.conftest import KEY, NOW, set_clock
from tests.counters.staff import act_as
from tests.counters.staff import send as staff_send
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_display,
    make_duty,
    make_employee,
    make_office,
)

JSON = {"Accept": "application/json"}


@pytest.fixture
def counter(app):
    return make_counter()


@pytest.fixture
def tablet(app, client, counter):
    """A tablet that a coordinator has set up and that is signed in as a kiosk."""
    act_as(client, make_account("coordinator", make_office()))
    staff_send(client, f"/counters/{counter.id}/displays", kind="kiosk")
    db.session.rollback()
    device = db.session.scalars(select(Device)).one()
    assert device.kind == "kiosk"
    tablet = app.test_client()
    typed = tablet.get("/display/", query_string={"code": pairing_word(KEY, device)})
    assert tablet.get(typed.location).location == "/kiosk/"
    return tablet


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def rate(tablet, token: str, overall: str = "4", **fields: str):
    return tablet.post("/kiosk/", data={"token": token, "overall": overall, **fields})


def ratings() -> list[Rating]:
    db.session.rollback()
    return list(db.session.scalars(select(Rating).order_by(Rating.received_at)))


def test_one_tap_without_a_script_stores_a_rating_about_who_is_on_duty(
    tablet, counter, monkeypatch
) -> None:
    sari = make_employee()
    make_duty(sari, counter)
    page = tablet.get("/kiosk/").text
    assert "Ibu Sari W." in page
    answer = rate(tablet, token_in(page))
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="5' in answer.text
    (rating,) = ratings()
    assert (rating.channel, rating.overall) == ("kiosk", 4)
    assert (rating.employee_id, rating.counts_for) == (sari.id, "A")
    set_clock(monkeypatch, NOW + timedelta(hours=11))  # long after closing time
    rate(tablet, token_in(tablet.get("/kiosk/").text))
    assert (ratings()[1].employee_id, ratings()[1].attributed_by) == (None, "outside_hours")


@pytest.mark.parametrize("people", [0, 2])
def test_with_nobody_or_two_on_duty_it_counts_for_the_office(tablet, counter, people) -> None:
    for number in range(people):
        make_duty(make_employee(name=f"Pegawai {number}"), counter)
    page = tablet.get("/kiosk/").text
    assert "Pegawai 0" not in page
    rate(tablet, token_in(page))
    assert [(one.counts_for, one.employee_id) for one in ratings()] == [("O", None)]


def test_whoever_was_served_by_somebody_else_says_so(tablet, counter) -> None:
    make_duty(make_employee(), counter)
    rate(tablet, token_in(tablet.get("/kiosk/").text), who="x", cause="system")
    (rating,) = ratings()
    assert (rating.counts_for, rating.attributed_by) == ("O", "not_this_person")
    assert rating.cause == "system"


def test_a_form_sent_again_is_one_rating(tablet, counter) -> None:
    token = token_in(tablet.get("/kiosk/").text)
    for _time in range(3):
        answer = tablet.post("/kiosk/", data={"token": token, "overall": "2"}, headers=JSON)
        assert answer.status_code == 201
    assert [rating.tries for rating in ratings()] == [2]


def test_spare_forms_are_each_good_once_about_nobody_and_keep_the_day(
    tablet, counter, monkeypatch
) -> None:
    make_duty(make_employee(), counter)
    told = tablet.get("/kiosk/forms?spares=3").get_json()
    assert len(set(told["spares"])) == 3
    assert told["names"] == ["Ibu Sari W."]
    set_clock(monkeypatch, NOW + timedelta(days=1, hours=2))
    for token in told["spares"]:
        answer = tablet.post(
            "/kiosk/", data={"token": token, "overall": "3", "waited": "7200"}, headers=JSON
        )
        assert answer.status_code == 201
    found = {(one.counts_for, one.attributed_by, one.rated_on.day) for one in ratings()}
    assert found == {("O", "opened_offline", 24)}
    assert len(ratings()) == 3


def test_no_more_spare_forms_than_asked_and_never_many_at_once(tablet) -> None:
    assert tablet.get("/kiosk/forms").get_json()["spares"] == []
    assert len(tablet.get("/kiosk/forms?spares=9999").get_json()["spares"]) == MOST_SPARES


def test_what_is_tapped_faster_than_people_come_by_counts_for_the_office(
    tablet, counter, monkeypatch
) -> None:
    monkeypatch.setattr(kiosks, "PACE", "1 per minute")
    make_duty(make_employee(), counter)
    for _time in range(2):
        rate(tablet, tablet.get("/kiosk/forms").get_json()["token"], overall="1")
    known = [(one.counts_for, one.attributed_by) for one in ratings()]
    assert sorted(known) == [("A", "one_on_duty"), ("O", "kiosk_pace")]


def test_forms_are_bound_to_their_kiosk(app, tablet, counter) -> None:
    other = make_display(make_counter(label="Loket 4"), code="8WXM4TQ3", kind="kiosk")
    waiting(other)
    second = app.test_client()
    second.get(f"/display/{pairing_word(KEY, other)}")
    stolen = token_in(tablet.get("/kiosk/").text)
    assert rate(second, stolen).status_code == 422
    assert ratings() == []
    printed = app.test_client().post("/n/8WXM4TQ3", data={"token": stolen, "overall": "4"})
    assert printed.status_code != 303
    assert ratings() == []


def test_what_waited_when_the_tablet_was_signed_in_anew_is_kept_once_and_for_its_own_office(
    app, client, tablet, counter
) -> None:
    make_duty(make_employee(), counter)
    token = token_in(tablet.get("/kiosk/").text)
    assert rate(tablet, token).status_code == 200  # the answer was lost
    waits = token_in(tablet.get("/kiosk/").text)
    db.session.rollback()
    elsewhere = make_display(make_counter(label="Loket 4"), code="8WXM4TQ3", kind="kiosk")
    waiting(elsewhere)
    tablet.get(f"/display/{pairing_word(KEY, elsewhere)}")
    for one in (token, waits, waits):
        assert rate(tablet, one, former="1").status_code == 200
    found = sorted((one.counts_for, one.tries) for one in ratings())
    assert found == [("A", 1), ("O", 1)]
    assert {one.counter_id for one in ratings()} == {counter.id}
    office = make_office(make_agency("lain"), code="lain")
    foreign = make_display(make_counter(office), code="7WXM4TQ3", kind="kiosk")
    waiting(foreign)
    tablet.get(f"/display/{pairing_word(KEY, foreign)}")
    assert rate(tablet, waits, former="1").status_code == 422


def waiting(device: Device) -> None:
    await_pairing(device, KEY, NOW + timedelta(minutes=5))
    db.session.commit()


def test_a_tablet_that_is_not_signed_in_is_told_how_and_stores_nothing(app, tablet) -> None:
    token = token_in(tablet.get("/kiosk/").text)
    stranger = app.test_client()
    assert "Kode pasang" in stranger.get("/kiosk/").text
    assert rate(stranger, token).status_code == 401
    assert stranger.get("/kiosk/forms").status_code == 401


def test_a_revoked_kiosk_rates_no_more(app, client, tablet) -> None:
    token = token_in(tablet.get("/kiosk/").text)
    device = db.session.scalars(select(Device)).one()
    staff_send(client, f"/displays/{device.id}/revoke")
    assert rate(tablet, token).status_code == 401
    assert "Kode pasang" in tablet.get("/kiosk/").text


def test_the_key_of_a_display_opens_no_kiosk_and_the_other_way_round(app, counter) -> None:
    display = make_display(counter)
    waiting(display)
    signed_in = pair(pairing_word(KEY, display), NOW)
    client = app.test_client()
    client.set_cookie("kiosk", signed_in.credential, path="/kiosk")
    assert client.get("/kiosk/forms").status_code == 401


def test_what_a_kiosk_held_in_vain_is_counted_for_the_office_once(tablet, monkeypatch) -> None:
    old = tablet.get("/kiosk/forms?spares=1").get_json()["spares"][0]
    set_clock(monkeypatch, NOW + timedelta(days=9))
    data = {"token": old, "overall": "4"}
    for again in ({}, {"again": "1"}, {"again": "1"}):
        answer = tablet.post("/kiosk/", data={**data, **again}, headers=JSON)
        assert (answer.status_code, answer.json) == (422, {"why": "old"})
    db.session.rollback()
    assert [(one.kind, one.times) for one in db.session.scalars(select(RefusedScan))] == [
        ("kiosk", 1)
    ]
    assert ratings() == []


@pytest.mark.parametrize("fields", [{"overall": "5"}, {"overall": ""}, {"token": "x"}, {}])
def test_a_hostile_form_stores_nothing(tablet, counter, fields) -> None:
    data = {"token": token_in(tablet.get("/kiosk/").text), **fields}
    assert tablet.post("/kiosk/", data=data).status_code == 422
    assert ratings() == []


@pytest.mark.parametrize("language", ["id", "en", "jv", "su"])
def test_the_page_holds_its_texts_in_every_language(tablet, language: str) -> None:
    words = {"id": "Terima kasih", "en": "Thank you", "jv": "Matur nuwun", "su": "Hatur nuhun"}
    assert words[language] in tablet.get("/kiosk/").text
