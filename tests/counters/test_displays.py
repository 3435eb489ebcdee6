"""Screens at counters: set up by a coordinator, signed in once, revoked; what a screen is given."""

from base64 import b64decode
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from portal.counters.device_actions import LIFE, PAIRING
from portal.counters.models import Counter, CounterService, Device, OfficeService
from portal.counters.otp import display_keys, minute_of, otp
from portal.db import db
from portal.people.models import AuditEvent
from tests.conftest import KEY, NOW, set_clock
from tests.counters.staff import act_as, send
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_display,
    make_duty,
    make_employee,
    make_office,
    make_service,
    save,
)


@pytest.fixture
def counter(app):
    return make_counter()


@pytest.fixture
def coordinator(counter):
    return make_account("coordinator", make_office())


@pytest.fixture
def page(client, coordinator, counter) -> str:
    """The coordinator's page of a screen that waits to be signed in."""
    act_as(client, coordinator)
    return send(client, f"/counters/{counter.id}/displays", label="Tablet kiri").location


@pytest.fixture
def word(client, page) -> str:
    text = client.get(page).text
    return text.split("big-code nowrap")[1].split(">")[1].split("<")[0]


def only_device() -> Device:
    db.session.rollback()
    return db.session.scalars(select(Device)).one()


def test_the_coordinator_gets_a_word_that_signs_the_screen_in(app, client, page, word):
    screen = app.test_client()
    answer = screen.get("/display/", query_string={"code": word.lower()})
    answer = screen.get(answer.location)
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    shown = screen.get(answer.location).text
    assert "Loket 3" in shown
    assert only_device().code in shown
    assert "menyala" in client.get(page).text


def test_a_screen_says_free_where_every_service_is_and_the_tariff_elsewhere(client, page, word):
    counter = db.session.scalars(select(Counter)).one()
    service = make_service()
    whose = {"agency_id": counter.agency_id, "service_id": service.id}
    save(CounterService(**whose, counter_id=counter.id))
    standard = save(OfficeService(**whose, office_id=counter.office_id, cost="Gratis"))
    client.get(f"/display/{word}")
    assert "Layanan ini gratis. Diminta uang?" in client.get("/display/").text
    standard.cost = "Rp 50.000"
    db.session.commit()
    shown = client.get("/display/").text
    assert "sesuai tarif resmi" in shown
    assert "gratis" not in shown


def test_neither_word_nor_key_are_kept(app, page, word):
    screen = app.test_client()
    screen.get(f"/display/{word}")
    key = screen.get_cookie("display", path="/display").value
    device = only_device()
    held = {getattr(device, column.name) for column in Device.__table__.columns}
    assert not {word, word.replace("-", ""), key, key.rpartition(".")[2]} & held
    assert word.replace("-", "") not in str(db.session.scalars(select(AuditEvent.detail)).all())


def test_a_word_is_worth_nothing_after_a_quarter_of_an_hour(app, page, word, monkeypatch):
    set_clock(monkeypatch, NOW + PAIRING + timedelta(seconds=1))
    screen = app.test_client()
    answer = screen.get(f"/display/{word}")
    assert answer.status_code == 404
    assert "tidak dikenal atau sudah lewat" in answer.text
    assert screen.get_cookie("display", path="/display") is None


def test_a_screen_signed_in_anew_takes_the_place_of_the_one_before(app, page, word):
    first, second = app.test_client(), app.test_client()
    first.get(f"/display/{word}")
    second.get(f"/display/{word}")
    assert first.get("/display/state").status_code == 401
    assert second.get("/display/state").status_code == 200


def test_a_revoked_screen_is_told_to_sign_in_again(app, client, page, word):
    screen = app.test_client()
    screen.get(f"/display/{word}")
    send(client, f"{page}/revoke")
    assert screen.get("/display/state").status_code == 401
    assert screen.get("/display/codes").status_code == 401
    assert "Hubungkan layar ini" in screen.get("/display/").text
    assert screen.get(f"/display/{word}").status_code == 404
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert {"add_display", "pair_display", "revoke_display"} <= set(acts)


def test_a_screen_has_to_be_signed_in_again_after_a_year(app, page, word, monkeypatch):
    screen = app.test_client()
    screen.get(f"/display/{word}")
    set_clock(monkeypatch, NOW + LIFE + timedelta(seconds=1))
    assert screen.get("/display/state").status_code == 401


@pytest.mark.parametrize("forged", ["", "x", "1.2.3", "9.9.abcdefghijklmnopqrstuvwxyz", "ä.ö.ü"])
def test_a_forged_key_opens_nothing(app, page, forged):
    screen = app.test_client()
    screen.set_cookie("display", forged, path="/display")
    assert screen.get("/display/state").status_code == 401


def test_the_screen_shows_who_is_on_duty_as_citizens_may_read_it(app, counter, page, word):
    make_duty(make_employee(), counter)
    screen = app.test_client()
    screen.get(f"/display/{word}")
    state = screen.get("/display/state").json
    assert state == {
        "now": NOW.timestamp(),
        "names": ["Ibu Sari W."],
        "expected": ["Ibu Sari W."],
        "number": "",
    }
    shown = screen.get("/display/").text
    assert "Ibu Sari W." in shown
    assert "Wulandari" not in shown


def test_the_codes_of_a_day_ahead_are_those_that_the_portal_will_accept(app, page, word):
    screen = app.test_client()
    screen.get(f"/display/{word}")
    tomorrow = minute_of(NOW) + 24 * 60
    given = screen.get("/display/codes", query_string={"first": tomorrow, "count": 2}).json
    device = only_device()
    key = display_keys([KEY], device.agency_id, device.id)[-1]
    assert [one["otp"] for one in given["codes"]] == [otp(key, tomorrow), otp(key, tomorrow + 1)]
    code = given["codes"][0]
    address = f"HTTPS://LOKET.KOTA.EXAMPLE/N/{device.code}/{code['otp']}"
    assert decoded(code) == address


def decoded(code: dict[str, str]) -> str:
    """What a phone reads when the bits are drawn."""
    size = int(code["size"])
    bits = "".join(f"{byte:08b}" for byte in b64decode(code["qr"]))
    picture = Image.new("L", (size + 8, size + 8), 255)
    for place in range(size * size):
        if bits[place] == "1":
            picture.putpixel((place % size + 4, place // size + 4), 0)
    (found,) = zxingcpp.read_barcodes(picture.resize((400, 400), Image.Resampling.NEAREST))
    return found.text


def test_a_screen_is_given_no_codes_of_yesterday_nor_of_next_week(app, page, word):
    screen = app.test_client()
    screen.get(f"/display/{word}")
    now = minute_of(NOW)
    for asked, first in ((0, now - 1), (now + 99_999, now + 24 * 60)):
        answer = screen.get("/display/codes", query_string={"first": asked, "count": 9999})
        assert answer.json["first"] == first
        assert len(answer.json["codes"]) == 60


def test_another_offices_screen_does_not_exist_for_a_coordinator(client, page):
    elsewhere = make_account("coordinator", make_office(code="kelurahan"))
    abroad = make_account("coordinator", make_office(make_agency("kabupaten")))
    for stranger in (elsewhere, abroad):
        act_as(client, stranger)
        assert client.get(page).status_code == 404
        assert client.get(f"{page}/pairing.svg").status_code == 404
        assert send(client, f"{page}/revoke").status_code == 404
        assert "Loket 3" not in client.get("/displays").text
    assert only_device().revoked_at is None


def test_the_counters_page_lists_its_screens_and_the_scans_that_led_nowhere(
    client, page, counter, coordinator
):
    client.get(f"/n/{only_device().code}")
    act_as(client, coordinator)
    text = client.get(f"/counters/{counter.id}").text
    assert "Tablet kiri" in text
    assert "Kode layar yang sudah berganti" in text
    assert "Tablet kiri" in client.get("/displays").text


def shown_by(display, at=NOW) -> str:
    """Both halves of what a screen shows at a moment."""
    key = display_keys([KEY], display.agency_id, display.id)[-1]
    return display.code + otp(key, minute_of(at))


def test_the_screen_says_who_is_to_be_on_duty_until_they_have_checked_in(
    client, counter, word, monkeypatch
):
    sari, budi = make_employee(), make_employee(name="Budi Santoso")
    make_duty(sari, counter, NOW - timedelta(hours=1), NOW + timedelta(hours=2))
    make_duty(budi, counter, NOW + timedelta(minutes=50), NOW + timedelta(hours=5))
    make_duty(make_employee(name="Dewi"), counter, NOW + timedelta(hours=2))
    client.get(f"/display/{word}")
    page = client.get("/display/").text
    assert "<b data-expected>Ibu Sari W., Ibu Budi S.</b>" in page
    assert sari.nip not in page
    act_as(client, make_account("employee", make_office(), sari))
    send(client, f"/check-in/{counter.id}")
    assert client.get("/display/state").json["expected"] == ["Ibu Budi S."]
    assert client.get("/display/state").json["names"] == ["Ibu Sari W."]


def test_an_employee_begins_serving_by_the_code_on_the_screen(app, client, counter):
    display, sari = make_display(counter), make_employee()
    code = shown_by(display)
    act_as(client, make_account("employee", make_office(), sari))
    scanned = client.get(f"/N/{code[:8]}/{code[8:]}").text
    assert f'href="/check-in/at/{code}"' in scanned
    typed = client.get("/check-in/at", query_string={"code": f"{code[:8].lower()}-{code[8:]}"})
    assert typed.location == f"/check-in/at/{code}"
    page = client.get(typed.location).text
    begin = page.split('action="/check-in/')[1].split('"')[0]
    send(client, f"/check-in/{begin}")
    assert "Anda bertugas di Loket 3" in client.get(typed.location).text
    assert "Petugas?" not in app.test_client().get(f"/N/{code[:8]}/{code[8:]}").text


def test_a_photo_of_the_screen_begins_nothing(client, counter, monkeypatch):
    code = shown_by(make_display(counter))
    act_as(client, make_account("employee", make_office(), make_employee()))
    assert 'action="/check-in/' in client.get(f"/check-in/at/{code}").text
    set_clock(monkeypatch, NOW + timedelta(hours=1))
    page = client.get(f"/check-in/at/{code}").text
    assert "sudah tidak tampil di layar loket" in page
    assert 'action="/check-in/' not in page


def test_codes_of_no_screen_of_a_revoked_one_and_of_another_agency_begin_nothing(client, counter):
    revoked = make_display(counter)
    revoked.revoked_at = NOW
    db.session.commit()
    foreign = make_display(make_counter(make_office(make_agency("kabupaten"))), "8QXA7K3N")
    act_as(client, make_account("employee", make_office(), make_employee()))
    assert 'action="/check-in/' not in client.get(f"/check-in/at/{shown_by(revoked)}").text
    never_shown = f"{revoked.code}00000000"
    for code in (shown_by(foreign), never_shown, revoked.code):
        assert client.get(f"/check-in/at/{code}").status_code == 404
        typed = client.get("/check-in/at", query_string={"code": code})
        assert typed.location == f"/check-in?code={code}"
        page = client.get(typed.location).text
        assert "Kode itu tidak dikenal" in page
        assert f'value="{code}"' in page
    assert client.get("/check-in/at?code=7K3").location == "/check-in?code=7K3"
    assert "tidak lengkap" in client.get("/check-in").text
