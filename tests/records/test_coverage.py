"""The coverage of counters: planned, served and open hours, and ratings that name nobody."""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.counters.check_in_actions import check_in, check_out
from portal.counters.coverage import cover, covered
from portal.counters.coverage_queries import coverage_week, week_days
from portal.counters.duty_actions import plan_duty
from portal.counters.leave import NOON
from portal.counters.models import Counter, DutyEvent, Leave
from portal.db import db
from portal.people.models import Agency, Holiday
from portal.ratings.models import AttributionEvent, Rating, Verdict, Withdrawal
from portal.records.coverage import Nameless, nameless_ratings
from tests.conftest import NOW, set_clock
from tests.counters.staff import act_as
from tests.counters.test_duty_together import Cast, attempt, deeds
from tests.factories import (
    make_account,
    make_counter,
    make_employee,
    make_office,
    make_rating,
    save,
)
from tests.records.cast import attribute, release, withdraw

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
    assert "2 dari 8 jam" in page  # until the check-out: what was planned then ended
    assert ">1,5 jam<" in page.replace("> ", ">").replace(" <", "<")
    assert f"/duties/new?office={office.id}&amp;counter={counter.id}&amp;day=2026-11-23" in page
    assert "from=10:00" in page.replace("%3A", ":")
    save(Holiday(agency_id=office.agency_id, day=EIGHT.date(), name="Hari Uji"))
    assert "Libur: Hari Uji" in client.get(f"/coverage?office={office.id}").text


def test_who_is_on_leave_and_did_not_come_is_a_gap_and_not_a_full_roster(
    client: FlaskClient, counter
) -> None:
    office = make_office()
    sari, coordinator = make_employee(office), make_account("coordinator", office)
    times = {"starts_at": EIGHT, "ends_at": after(8)}
    plan_duty(coordinator, counter_id=counter.id, employee_id=sari.id, **times, now=EIGHT - HOUR)
    path = f"/coverage?office={office.id}"
    act_as(client, coordinator)
    assert "kosong 32 jam" in words(client.get(path).text)  # the other four days of the week
    own = {"agency_id": office.agency_id, "employee_id": sari.id}
    away = save(Leave(**own, starts_on=EIGHT.date(), ends_on=EIGHT.date(), from_time=NOON))
    page = words(client.get(path).text)
    assert "kosong 36 jam" in page
    assert "4 dari 8 jam" in page
    assert "12.00–16.00" in page
    check_in(make_account("employee", office, sari), counter.id, after(5))
    assert "kosong 32 jam" in words(client.get(path).text)  # she came after all
    away.cancelled = True
    db.session.commit()
    assert "kosong 32 jam" in words(client.get(path).text)


def test_a_day_that_closes_early_is_covered_by_then(client: FlaskClient, counter) -> None:
    office = make_office()
    early = {"name": "Rapat", "opens_at": time(8), "closes_at": time(11, 30)}
    save(Holiday(agency_id=office.agency_id, day=EIGHT.date(), **early))
    act_as(client, make_account("coordinator", office))
    page = words(client.get(f"/coverage?office={office.id}").text)
    assert "0 dari 3,5 jam" in page
    assert "kosong 35,5 jam" in page
    assert "08.00–11.30" in page


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


def test_coverage_is_for_those_who_keep_or_supervise_the_office(
    client: FlaskClient, counter
) -> None:
    office = make_office()
    act_as(client, make_account("hr", office))
    assert client.get("/coverage").status_code == 403
    for role in ("coordinator", "supervisor"):
        act_as(client, make_account(role, make_office(code="dpmptsp")))
        assert client.get(f"/coverage?office={office.id}").status_code == 404


MINUTE = timedelta(minutes=1)


def replayed(now: datetime) -> dict[tuple[int, date], tuple[int, int, int, int]]:
    """By counter and day of the week the minutes planned, served, open and unserved: counted one
    by one from the events alone."""
    history: dict[int, list[DutyEvent]] = {}
    for event in db.session.scalars(select(DutyEvent).order_by(DutyEvent.at)):
        history.setdefault(event.duty_id, []).append(event)
    duties = [
        (
            events[-1],
            any(one.kind in {"confirmed", "corrected"} for one in events),
            min((one.at for one in events if one.kind == "checked_in"), default=None),
            any(one.kind == "corrected" for one in events),
        )
        for events in history.values()
        if all(one.kind != "cancelled" for one in events)
    ]
    found = {}
    for counter_id in db.session.scalars(select(Counter.id)):
        here = [one for one in duties if one[0].counter_id == counter_id]
        for day in range(5):
            planned = served = covered = unserved = 0
            for number in range(8 * 60):
                at = EIGHT + timedelta(days=day) + number * MINUTE
                on = [
                    one
                    for one in here
                    if one[0].starts_at <= at and (one[0].ends_at is None or at < one[0].ends_at)
                ]
                there = at < now and any(
                    corrected or (came is not None and came <= at) for _, _, came, corrected in on
                )
                planned += bool(on)
                served += there
                covered += any(sure for _, sure, _, _ in on)
                unserved += bool(on) and at < now and not there
            key = (counter_id, (EIGHT + timedelta(days=day)).date())
            found[key] = (planned, served, 8 * 60 - covered, unserved)
    return found


def test_every_hour_of_the_page_is_what_the_events_add_up_to(app: Flask) -> None:
    cast, clock = Cast(), [EIGHT - HOUR]
    office = make_office()
    agency = db.session.get_one(Agency, office.agency_id)

    @settings(max_examples=6, deadline=None, database=None)
    @given(st.lists(deeds, min_size=4, max_size=12))
    def a_while(week: list[tuple[str, int, int, int]]) -> None:
        for deed, who, where, minutes in week:
            clock[0] = min(clock[0] + minutes * MINUTE, EIGHT + 107 * HOUR)
            attempt(deed, who, where, clock[0], cast)
        clock[0] = min(clock[0] + 5 * HOUR, EIGHT + 107 * HOUR)
        assert told(clock[0]) == replayed(clock[0])

    def told(now: datetime) -> dict[tuple[int, date], tuple[int, int, int, int]]:
        db.session.expire_all()
        days = week_days(agency, EIGHT.date())
        return {
            (row.counter_id, day.whole[0].astimezone(agency.zone).date()): tuple(
                int(part / MINUTE)
                for part in (
                    one.planned,
                    one.served,
                    sum((end - start for start, end in one.gaps), 0 * HOUR),
                    one.unserved,
                )
            )
            for row in coverage_week(agency, office.id, EIGHT.date(), days, now)
            for day, one in zip(days, row.days, strict=True)
        }

    a_while()


def test_every_number_of_ratings_is_what_the_rows_add_up_to(app: Flask, counter) -> None:
    office, chance = make_office(), random.Random(4)
    staff = [None, make_employee(office), make_employee(office, "Budi Santoso")]
    days = [date(2026, 11, day) for day in range(16, 21)]
    for _ in range(80):
        at = datetime(2026, 11, chance.randint(16, 20), 2, tzinfo=UTC) + chance.random() * HOUR
        rating = make_rating(counter, chance.choice(staff), rated_at=at)
        if chance.random() < 0.2:
            attribute(rating, chance.choice(staff[1:]), at + HOUR)
        if chance.random() < 0.2:
            withdraw(rating, at + 2 * HOUR)
    release(counter, NOW)
    gone = set(db.session.scalars(select(Withdrawal.rating_id)))
    lost = {one.rating_id for one in db.session.scalars(select(Verdict).where(Verdict.weight == 0))}
    changed = {
        one.rating_id: one.counts_for
        for one in db.session.scalars(select(AttributionEvent).order_by(AttributionEvent.at))
    }
    rows = [one for one in db.session.scalars(select(Rating)) if one.id not in gone | lost]
    found = nameless_ratings(office.agency_id, [counter.id], days)
    for day in days:
        own = [changed.get(one.id, one.counts_for) for one in rows if one.rated_on == day]
        assert found[counter.id, day] == Nameless(len(own), sum(kind != "A" for kind in own))
