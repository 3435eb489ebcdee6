"""The pages of duty: a coordinator's day and an employee's thumb."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters import duty_actions as deeds
from portal.counters.check_in_actions import check_in
from portal.counters.duty_queries import CounterDay, counter_days, day_of, own_counters
from portal.counters.models import Duty, DutyEvent
from portal.db import db
from portal.people.models import Agency, Holiday
from tests.conftest import NOW
from tests.counters.staff import act_as, send, statements
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    save,
)

TODAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


def cast_of(office_code: str = "dukcapil") -> SimpleNamespace:
    office = make_office(code=office_code)
    sari = make_employee(office)
    return SimpleNamespace(
        office=office,
        sari=sari,
        counter=make_counter(office),
        coordinator=make_account("coordinator", office),
        phone=make_account("employee", office, sari),
    )


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    return cast_of()


@pytest.fixture
def keeper(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return act_as(client, cast.coordinator)


def wib(clock: str) -> datetime:
    return datetime.combine(TODAY, time.fromisoformat(clock), make_agency().zone)


def a_day(cast: SimpleNamespace, day: date = TODAY) -> CounterDay:
    agency = db.session.get_one(Agency, cast.office.agency_id)
    (found,) = counter_days(agency, cast.office.id, day_of(agency, day))
    return found


def stored() -> Duty:
    db.session.expire_all()
    return db.session.scalars(select(Duty)).one()


def test_gaps_are_working_hours_without_anybody_sure(cast: SimpleNamespace) -> None:
    make_duty(cast.sari, cast.counter, wib("07:30"), wib("12:00"))
    make_duty(cast.sari, cast.counter, wib("13:00"), wib("14:00"), confirmed=False)
    make_duty(cast.sari, cast.counter, wib("15:00"), wib("16:30"))
    make_duty(cast.sari, cast.counter, wib("12:00"), wib("13:00"), cancelled=True)
    day = a_day(cast)
    assert day.gaps == [(wib("12:00"), wib("15:00"))]
    assert [line.kind for line in day.lines] == ["shift", "unsure", "shift", "shift"]


def test_overlaps_are_times_with_two_people_sure(cast: SimpleNamespace) -> None:
    budi = make_employee(cast.office, "Budi Santoso")
    make_duty(cast.sari, cast.counter, wib("08:00"), wib("12:00"))
    make_duty(budi, cast.counter, wib("11:30"), None)
    rina = make_employee(cast.office, "Rina Kartika")
    make_duty(rina, cast.counter, wib("08:00"), wib("09:00"), confirmed=False)
    day = a_day(cast)
    assert day.overlaps == [(wib("11:30"), wib("12:00"))]
    assert day.gaps == []


def test_a_day_off_has_no_gaps(cast: SimpleNamespace) -> None:
    assert a_day(cast, date(2026, 11, 22)).gaps == []  # a Sunday
    save(Holiday(agency_id=cast.office.agency_id, day=TODAY, name="Hari Uji"))
    assert a_day(cast).gaps == []


def test_the_day_page_shows_who_what_is_missing_and_what_is_double(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    make_duty(cast.sari, cast.counter, wib("08:00"), wib("12:00"))
    budi = make_employee(cast.office, "Budi Santoso")
    make_duty(budi, cast.counter, wib("11:00"), wib("13:00"))
    page = keeper.get("/duties").text
    for words in ("08.00–12.00", "Sari Wulandari", "dua orang bertugas", "13.00–16.00", "kosong"):
        assert words in page
    assert "Bukan hari kerja" in keeper.get("/duties?day=2026-11-22").text
    save(Holiday(agency_id=cast.office.agency_id, day=TODAY, name="Hari Uji"))
    assert "Hari Uji" in keeper.get("/duties?day=2026-11-23").text
    for strange in ("besok", "0001-01-01", "9999-12-31"):
        assert "23 November 2026" in keeper.get(f"/duties?day={strange}").text


def test_a_duty_is_planned_by_form_in_local_time(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    path = f"/duties/new?office={cast.office.id}&day=2026-11-24&from=09:30"
    assert 'value="09:30"' in keeper.get(path).text
    answer = send(
        keeper,
        path,
        employee=cast.sari.id,
        counter=cast.counter.id,
        day="2026-11-24",
        starts="08:00",
        ends="12:00",
        confirmed="y",
    )
    assert answer.status_code == 302
    assert (stored().starts_at, stored().ends_at) == (
        wib("08:00") + 24 * HOUR,
        wib("12:00") + 24 * HOUR,
    )
    assert stored().confirmed


def test_the_form_says_what_is_wrong(keeper: FlaskClient, cast: SimpleNamespace) -> None:
    path = f"/duties/new?office={cast.office.id}"
    fields = {"employee": cast.sari.id, "counter": cast.counter.id, "day": "2026-11-24"}
    wrong = send(keeper, path, **fields, starts="12:00", ends="08:00").text
    assert "sesudah jam mulai" in wrong
    early = fields | {"day": "0001-01-01"}
    assert "terlalu jauh" in send(keeper, path, **early, starts="08:00", ends="09:00").text
    assert "Tulis jam" in send(keeper, path, **fields, starts="pagi", ends="08:00").text
    past = fields | {"day": "2026-11-20"}
    assert "alasan perlu diisi" in send(keeper, path, **past, starts="08:00", ends="09:00").text
    stranger = make_employee(make_office(code="lain"), "Rina Kartika")
    other = fields | {"employee": stranger.id}
    assert "Pilih salah satu" in send(keeper, path, **other, starts="08:00", ends="09:00").text
    assert db.session.scalars(select(Duty)).all() == []


def test_a_provisional_duty_waits_on_the_page_and_is_confirmed_there(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    duty_id = check_in(cast.phone, cast.counter.id, NOW - HOUR).duty_id
    assert "Menunggu kepastian Anda" in keeper.get("/duties").text
    answer = send(keeper, f"/duties/{duty_id}/confirm")
    assert answer.location.endswith(f"/duties?office={cast.office.id}&day=2026-11-23")
    assert stored().confirmed
    assert "Menunggu kepastian Anda" not in keeper.get("/duties").text
    send(keeper, f"/duties/{duty_id}/confirm")
    assert "sudah dipastikan" in keeper.get("/duties").text


def test_a_duty_is_cancelled_and_corrected_with_a_reason(
    keeper: FlaskClient, cast: SimpleNamespace
) -> None:
    budi = make_employee(cast.office, "Budi Santoso")
    duty_id = check_in(cast.phone, cast.counter.id, NOW - HOUR).duty_id
    path = f"/duties/{duty_id}/correct"
    assert 'value="09:00"' in keeper.get(path).text
    fields = {"employee": budi.id, "day": "2026-11-23", "starts": "08:30", "ends": "10:00"}
    assert "Alasan perlu diisi" in send(keeper, path, **fields).text
    assert send(keeper, path, **fields, reason="Budi yang duduk").status_code == 302
    assert (stored().employee_id, stored().starts_at) == (budi.id, wib("08:30"))
    page = keeper.get(f"/duties/{duty_id}").text
    assert "Budi yang duduk" in page
    assert "Sari Wulandari" in page
    assert "Alasan perlu diisi" in send(keeper, f"/duties/{duty_id}/cancel").text
    send(keeper, f"/duties/{duty_id}/cancel", reason="Ternyata loket tutup")
    assert stored().cancelled
    again = send(keeper, f"/duties/{duty_id}/cancel", reason="Sekali lagi")
    assert "sudah dibatalkan" in again.text


def test_my_own_duty_that_has_begun_is_for_somebody_else(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    both = make_account("coordinator", cast.office, make_employee(cast.office, "Budi Santoso"))
    duty_id = check_in(both, cast.counter.id, NOW - HOUR).duty_id
    act_as(client, both)
    assert "penugasan Anda sendiri" in client.get("/duties").text
    send(client, f"/duties/{duty_id}/confirm")
    assert "diputuskan oleh koordinator lain" in client.get("/duties").text
    assert not stored().confirmed
    act_as(client, cast.coordinator)
    send(client, f"/duties/{duty_id}/confirm")
    assert stored().confirmed


def test_another_offices_duties_are_not_there(client: FlaskClient, cast: SimpleNamespace) -> None:
    elsewhere = cast_of("dpmptsp")
    duty_id = check_in(elsewhere.phone, elsewhere.counter.id, NOW).duty_id
    act_as(client, cast.coordinator)
    for path in (
        f"/duties?office={elsewhere.office.id}",
        f"/duties/new?office={elsewhere.office.id}",
        "/duties/new",
        f"/duties/{duty_id}",
        f"/duties/{duty_id}/correct",
        "/duties/1",
    ):
        assert client.get(path).status_code == 404, path
    for deed in ("confirm", "cancel", "correct"):
        assert send(client, f"/duties/{duty_id}/{deed}", reason="Iseng saja").status_code == 404
    assert not stored().confirmed
    assert "Menunggu kepastian" not in client.get("/duties").text


def test_other_roles_are_told_that_it_is_not_theirs(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, cast.phone)
    for path in ("/duties", "/duties/new", "/duties/1"):
        assert client.get(path).status_code == 403, path
    act_as(client, cast.coordinator)
    assert client.get("/check-in").status_code == 403


def test_an_employee_checks_in_and_out_on_the_phone(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, cast.phone)
    assert "sedang tidak bertugas" in client.get("/check-in").text
    send(client, f"/check-in/{cast.counter.id}")
    page = client.get("/check-in").text
    assert "Koordinator akan memastikan" in page
    assert "Anda sedang bertugas di" in page
    assert "belum dipastikan" in page
    send(client, f"/check-in/{cast.counter.id}")
    assert "memang sudah bertugas" in client.get("/check-in").text
    send(client, f"/check-in/{stored().id}/end")
    assert "sedang tidak bertugas" in client.get("/check-in").text
    send(client, f"/check-in/{stored().id}/end")
    assert "sudah berakhir" in client.get("/check-in").text


def test_the_phone_proposes_what_the_roster_says(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    deeds.plan_duty(
        cast.coordinator,
        counter_id=cast.counter.id,
        employee_id=cast.sari.id,
        starts_at=NOW,
        ends_at=NOW + 2 * HOUR,
        now=NOW - HOUR,
    )
    later = make_counter(cast.office, "Loket 7")
    make_duty(cast.sari, later, NOW + 3 * HOUR, NOW + 4 * HOUR)
    act_as(client, cast.phone)
    page = client.get("/check-in").text
    assert "Menurut jadwal Anda bertugas di" in page
    assert "Jadwal berikutnya hari ini" in page
    send(client, f"/check-in/{cast.counter.id}")
    page = client.get("/check-in").text
    assert "Selamat bertugas." in page
    assert "Anda sedang bertugas di" in page


def test_moving_to_another_counter_says_that_the_first_duty_ended(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    other = make_counter(cast.office, "Loket 7")
    check_in(cast.phone, cast.counter.id, NOW - HOUR)
    act_as(client, cast.phone)
    assert "Tugas Anda di Loket 3 akan diakhiri" in client.get("/check-in").text
    send(client, f"/check-in/{other.id}")
    assert "Tugas Anda di Loket 3 sudah diakhiri" in client.get("/check-in").text


def test_nobody_checks_in_at_another_offices_counter(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    elsewhere = cast_of("dpmptsp")
    act_as(client, cast.phone)
    send(client, f"/check-in/{elsewhere.counter.id}")
    send(client, "/check-in/1")
    assert "tidak bertugas di loket itu" in client.get("/check-in").text
    assert db.session.scalars(select(DutyEvent)).all() == []


def test_the_printed_code_leads_whoever_is_signed_in_to_check_in_there(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    code = make_code(cast.counter)
    make_duty(make_employee(cast.office, "Budi Santoso"), cast.counter, NOW - HOUR)
    assert "Petugas?" not in client.get(f"/n/{code}").text
    act_as(client, cast.phone)
    scanned = client.get(f"/n/{code}")
    assert f'href="/check-in/at/{code}"' in scanned.text
    assert "Mulai bertugas di Loket 3" in scanned.text
    page = client.get(f"/check-in/at/{code}").text
    assert "<h1>Mulai bertugas di Loket 3</h1>" in page
    assert "Sedang bertugas: Budi Santoso" in page
    send(client, f"/check-in/{cast.counter.id}")
    page = client.get(f"/check-in/at/{code}").text
    assert "Budi Santoso juga bertugas di loket ini" in page
    assert "Anda bertugas di Loket 3" in page


def test_a_visitor_without_session_gets_the_page_that_a_signed_in_one_has_not_changed(
    app: Flask, client: FlaskClient, cast: SimpleNamespace
) -> None:
    code = make_code(cast.counter)
    stranger = app.test_client()
    stranger.get(f"/n/{code}")
    act_as(client, cast.phone).get(f"/n/{code}")
    assert "check-in" not in stranger.get(f"/n/{code}").text
    assert "check-in" in client.get(f"/n/{code}").text


def test_a_scanned_code_of_elsewhere_or_of_old_explains_itself(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    elsewhere = make_code(cast_of("dpmptsp").counter, "AAAA1111")
    old = make_code(cast.counter, "BBBB2222")
    make_code(cast.counter, "CCCC3333", version=2)
    foreign_agency = make_agency("kabupaten")
    foreign = make_code(make_counter(make_office(foreign_agency, "asing")), "DDDD4444")
    act_as(client, cast.phone)
    assert "Anda tidak bertugas di unit kerja ini" in client.get(f"/check-in/at/{elsewhere}").text
    assert "kertas ini perlu dilepas" in client.get(f"/check-in/at/{old}").text
    for code in (foreign, "ZZZZ9999", "x"):
        assert client.get(f"/check-in/at/{code}").status_code == 404


def test_an_early_check_in_says_when_the_roster_begins(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    make_duty(cast.sari, cast.counter, NOW + HOUR / 2, NOW + 4 * HOUR)
    act_as(client, cast.phone)
    send(client, f"/check-in/{cast.counter.id}")
    assert "Jadwal Anda mulai pukul 10.30" in client.get("/check-in").text


def test_an_account_without_employee_is_told_whom_to_ask(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, make_account("employee", cast.office))
    assert "Belum ada loket untuk Anda" in client.get("/check-in").text


def test_the_phone_names_who_is_there_already(cast: SimpleNamespace) -> None:
    budi = make_employee(cast.office, "Budi Santoso")
    make_duty(budi, cast.counter, NOW - HOUR)
    (shown,) = own_counters(cast.office.agency_id, cast.sari.id, TODAY, NOW)
    assert shown.others == ["Budi Santoso"]


@pytest.mark.parametrize("path", ["/duties", "/check-in"])
def test_a_full_office_costs_no_more_statements(
    client: FlaskClient, cast: SimpleNamespace, path: str
) -> None:
    who = cast.phone if path == "/check-in" else cast.coordinator
    act_as(client, who)
    client.get(path)
    with statements() as few:
        client.get(path)
    office = make_office()
    for number in range(20, 40):
        employee = make_employee(office, f"Pegawai {number}")
        counter = make_counter(office, f"Loket {number}")
        make_duty(employee, counter, NOW - HOUR, NOW + HOUR, confirmed=number % 2 == 0)
        make_duty(employee, counter, NOW + HOUR, NOW + 2 * HOUR)
    with statements() as many:
        assert "Loket 39" in client.get(path).text
    assert len(many) == len(few) <= 12
