"""The coverage of counters: planned, served and open hours, and ratings that name nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.counters.check_in_actions import check_in, check_out
from portal.counters.coverage import cover, covered
from portal.counters.duty_actions import plan_duty
from portal.people.models import Holiday
from tests.conftest import NOW, set_clock
from tests.counters.staff import act_as
from tests.factories import (
    make_account,
    make_counter,
    make_employee,
    make_office,
    make_rating,
    save,
)
from tests.records.cast import release

HOUR = timedelta(hours=1)
EIGHT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08.00 WIB; NOW is 10.00
DAY = (EIGHT, EIGHT + 8 * HOUR)


def after(hours: float) -> datetime:
    return EIGHT + hours * HOUR


def test_time_is_counted_once_however_many_sit_there() -> None:
    assert covered([(after(0), after(3)), (after(2), after(4))], DAY) == 4 * HOUR
    assert covered([(after(-2), after(1)), (after(7), after(12))], DAY) == 2 * HOUR
    assert covered([], DAY) == covered([DAY], (EIGHT, EIGHT)) == 0 * HOUR


def test_what_was_planned_and_is_over_without_anybody_is_unserved() -> None:
    found = cover(
        DAY, [(after(0), after(6))], [(after(0), after(4))], [(after(1), after(2))], after(4)
    )
    assert (found.planned, found.served, found.unserved) == (6 * HOUR, HOUR, 3 * HOUR)
    assert found.gaps == [(after(4), after(8))]


def test_a_free_day_has_nothing_to_cover() -> None:
    found = cover(None, [DAY], [DAY], [DAY], after(9))
    assert (found.planned, found.gaps, found.whole) == (0 * HOUR, [], False)


def words(page: str) -> str:
    return " ".join(page.split())


@pytest.fixture
def counter(app: Flask):
    return make_counter(make_office())


def test_the_page_shows_planned_served_and_open_hours_with_the_next_step(
    client: FlaskClient, counter, monkeypatch
) -> None:
    office = make_office()
    sari, coordinator = make_employee(office), make_account("coordinator", office)
    plan_duty(
        coordinator,
        counter_id=counter.id,
        employee_id=sari.id,
        starts_at=EIGHT,
        ends_at=after(6),
        now=EIGHT - 9 * HOUR,
    )
    phone = make_account("employee", office, sari)
    duty_id = check_in(phone, counter.id, after(0.5)).duty_id
    check_out(phone, duty_id, after(2))
    set_clock(monkeypatch, after(7))
    act_as(client, coordinator)
    page = words(client.get(f"/coverage?office={office.id}").text)
    assert "2,0 dari 8,0" in page  # until the check-out: what was planned then ended
    assert ">1,5<" in page.replace("> ", ">").replace(" <", "<")
    assert f"/duties/new?office={office.id}&amp;counter={counter.id}&amp;day=2026-11-23" in page
    assert "from=10:00" in page.replace("%3A", ":")
    save(Holiday(agency_id=office.agency_id, day=EIGHT.date(), name="Hari Uji"))
    assert "Libur: Hari Uji" in client.get(f"/coverage?office={office.id}").text


def test_ratings_without_a_name_are_told_after_a_release_and_never_in_small_numbers(
    client: FlaskClient, counter
) -> None:
    office = make_office()
    sari = make_employee(office)
    act_as(client, make_account("coordinator", office))
    path = f"/coverage?office={office.id}&day=2026-11-20"
    thursday, friday = (datetime(2026, 11, day, 3, tzinfo=UTC) for day in (19, 20))
    for number in range(6):
        make_rating(counter, None, rated_at=thursday + number * HOUR / 4)
        make_rating(counter, sari, rated_at=thursday + number * HOUR / 4)
        make_rating(counter, sari, rated_at=friday + number * HOUR / 4)
    make_rating(counter, None, rated_at=friday)
    for number in range(4):  # one too few to be told
        make_rating(counter, None, rated_at=friday - 2 * 24 * HOUR + number * HOUR / 4)
    assert "6 dari 12" not in words(client.get(path).text)
    release(counter, NOW)
    page = words(client.get(path).text)
    assert "6 dari 12" in page
    assert "kurang dari 5 dari 7" in page
    assert page.count("kurang dari 5 penilaian") == 3  # Wednesday's four, and days without any


def test_coverage_is_for_the_coordinator_of_the_office(client: FlaskClient, counter) -> None:
    office = make_office()
    act_as(client, make_account("supervisor", office))
    assert client.get("/coverage").status_code == 403
    act_as(client, make_account("coordinator", make_office(code="dpmptsp")))
    assert client.get(f"/coverage?office={office.id}").status_code == 404
