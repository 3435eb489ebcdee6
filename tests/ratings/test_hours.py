"""Outside opening hours, on holidays, with nobody on duty: what a rating is about then."""

from datetime import date, datetime, time, timedelta

from portal.db import db
from portal.people.models import Agency, Holiday
from tests.conftest import NOW, set_clock
from tests.factories import make_code, make_counter, make_duty, make_employee, save
from tests.ratings.test_scan_and_rate import CODE, counter, ratings, send

__all__ = ["counter"]


def test_outside_working_hours_the_shift_is_chosen_and_the_office_is_rated(
    client, app, monkeypatch
) -> None:
    counter = make_counter()
    make_code(counter, CODE)
    make_duty(make_employee(), counter, NOW - timedelta(hours=2), NOW + timedelta(hours=6))
    set_clock(monkeypatch, NOW + timedelta(hours=11))  # 21.00 WIB
    page = client.get(f"/n/{CODE}").text
    assert "Kapan Anda dilayani?" in page
    assert "23 November 2026, 08.00–16.00" in page
    send(client, page, overall="2", day="0")
    (rating,) = ratings()
    assert (rating.counts_for, rating.attributed_by) == ("O", "outside_hours")
    assert rating.rated_on.isoformat() == "2026-11-23"


def test_a_confirmed_duty_outside_opening_hours_counts_for_the_office(
    client, counter, monkeypatch
) -> None:
    def names_sari(clock: str, day: int = 23) -> bool:
        set_clock(monkeypatch, datetime.fromisoformat(f"2026-11-{day}T{clock}:00+07:00"))
        return "Ibu Sari W." in client.get(f"/n/{CODE}").text

    # Six minutes of grace, as much as the engine gives to clocks that differ.
    assert [names_sari(one) for one in ("07:53", "07:54")] == [False, True]
    assert [names_sari(one) for one in ("16:05", "16:06")] == [True, False]
    assert not names_sari("10:00", day=22)  # a Sunday
    page = client.get(f"/n/{CODE}").text
    assert "Kapan Anda dilayani?" in page
    send(client, page, overall="1", who="n0")
    (rating,) = ratings()
    assert (rating.employee_id, rating.counts_for) == (None, "O")
    assert rating.attributed_by == "outside_hours"
    # Days with hours of their own, and agencies that only try the portal out.
    sunday = {"day": date(2026, 11, 22), "opens_at": time(9), "closes_at": time(11)}
    save(Holiday(agency_id=counter.agency_id, name="Layanan Minggu", **sunday))
    assert names_sari("10:00", day=22)
    assert not names_sari("11:30", day=22)
    db.session.get_one(Agency, counter.agency_id).trial = True
    db.session.commit()
    assert names_sari("21:00")


def test_on_a_holiday_the_shift_of_the_day_before_can_be_rated(client, app, monkeypatch) -> None:
    counter = make_counter()
    make_code(counter, CODE)
    make_duty(make_employee(), counter, NOW - timedelta(hours=20), NOW - timedelta(hours=14))
    day = save(Holiday(agency_id=counter.agency_id, day=NOW.date(), name="Hari besar"))
    assert "Kapan Anda dilayani?" in client.get(f"/n/{CODE}").text
    day.opens_at, day.closes_at = time(8), time(9)  # closed an hour ago
    db.session.commit()
    assert "Kapan Anda dilayani?" in client.get(f"/n/{CODE}").text
    day.closes_at = time(11)
    db.session.commit()
    assert "Tidak ada petugas yang tercatat" in client.get(f"/n/{CODE}").text


def test_once_the_counters_have_closed_early_nobody_is_named_who_was_only_on_the_roster(
    client, counter
) -> None:
    """The day was declared after the roster: its duties still stand."""
    early = {"name": "Rapat", "opens_at": time(8), "closes_at": time(8, 30)}
    day = save(Holiday(agency_id=counter.agency_id, day=NOW.date(), **early))
    page = client.get(f"/n/{CODE}").text
    assert "Kapan Anda dilayani?" in page
    assert "Sari" not in page
    send(client, page, overall="1", day="0")
    (rating,) = ratings()
    assert (rating.employee_id, rating.counts_for) == (None, "O")
    day.closes_at = time(11)
    db.session.commit()
    assert "Ibu Sari W." in client.get(f"/n/{CODE}").text


def test_nobody_on_duty_in_working_hours_still_takes_the_rating_for_the_office(client, app) -> None:
    make_code(make_counter(), CODE)
    page = client.get(f"/n/{CODE}").text
    assert "Tidak ada petugas yang tercatat" in page
    assert send(client, page, overall="3").status_code == 303
