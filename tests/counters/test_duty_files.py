"""Duties as files: what leaves as CSV or calendar comes in again and changes nothing."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters.check_in_actions import check_in, check_out
from portal.counters.duty_actions import cancel_duty, plan_duty
from portal.counters.icalendar import Event, escape, fold, write_calendar
from portal.counters.leave import NOON, Away
from portal.counters.leave_actions import add_leave, cancel_leave
from portal.counters.models import Duty
from portal.counters.swap_actions import answer_swap, ask_swap, confirm_swap
from portal.db import db
from portal.imports.actions import import_file
from portal.imports.plan import Report
from portal.people.models import AuditEvent
from tests.conftest import NOW
from tests.counters.staff import act_as
from tests.factories import make_account, make_agency, make_counter, make_employee, make_office

MONDAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


def at(day: int, clock: str) -> datetime:
    return datetime.combine(
        MONDAY + timedelta(days=day), time.fromisoformat(clock), make_agency().zone
    )


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    office = make_office()
    return SimpleNamespace(
        office=office,
        sari=make_employee(office),
        counter=make_counter(office, "Loket 3, lantai 2"),
        coordinator=make_account("coordinator", office),
    )


def plan(cast: SimpleNamespace, day: int, starts: str, ends: str, **more) -> int:
    return plan_duty(
        cast.coordinator,
        counter_id=cast.counter.id,
        employee_id=more.get("employee", cast.sari).id,
        starts_at=at(day, starts),
        ends_at=at(day, ends),
        now=NOW - timedelta(days=9),
        confirmed=more.get("confirmed", True),
    )


def bring(content: bytes, folder: Path, name: str, **options: object) -> Report:
    path = folder / name
    path.write_bytes(content)
    return import_file("duties", path, "kota", **{"dry_run": False, "now": NOW} | options)


def file_of(client: FlaskClient, cast: SimpleNamespace, kind: str) -> bytes:
    act_as(client, cast.coordinator)
    answer = client.get(f"/roster/week.{kind}?office={cast.office.id}&day={MONDAY}")
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.data


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


@pytest.mark.parametrize("kind", ["csv", "ics"])
def test_what_is_exported_is_imported_again_without_a_change(
    client: FlaskClient, cast: SimpleNamespace, tmp_path: Path, kind: str
) -> None:
    plan(cast, 0, "08:00", "09:00")
    plan(cast, 3, "08:00", "12:00", confirmed=False)
    phone = make_account("employee", cast.office, cast.sari)
    seconds = timedelta(seconds=17, microseconds=5)
    duty_id = check_in(phone, cast.counter.id, NOW - HOUR + seconds).duty_id
    check_out(phone, duty_id, NOW - HOUR / 2 + seconds)
    content = file_of(client, cast, kind)
    report = bring(content, tmp_path, f"duties.{kind}")
    assert report.problems == []
    assert (report.created, report.updated, report.unchanged) == (0, 0, 3)
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert "export_duties" in acts


@pytest.mark.parametrize("kind", ["csv", "ics"])
def test_a_week_moves_to_an_empty_portal_by_file(
    client: FlaskClient, cast: SimpleNamespace, tmp_path: Path, kind: str
) -> None:
    plan(cast, 2, "08:00", "12:00")
    plan(cast, 3, "13:00", "16:00", confirmed=False)
    content = file_of(client, cast, kind)
    for duty in db.session.scalars(select(Duty)):
        duty.cancelled = True
    db.session.commit()
    assert bring(content, tmp_path, f"duties.{kind}").created == 2
    stored = db.session.scalars(select(Duty).where(~Duty.cancelled).order_by(Duty.starts_at)).all()
    assert [(duty.starts_at, duty.ends_at, duty.confirmed) for duty in stored] == [
        (at(2, "08:00"), at(2, "12:00"), True),
        (at(3, "13:00"), at(3, "16:00"), False),
    ]


@pytest.mark.parametrize("kind", ["csv", "ics"])
def test_a_shift_that_ends_at_midnight_ends_there_in_a_file_and_after_it(
    client: FlaskClient, cast: SimpleNamespace, tmp_path: Path, kind: str
) -> None:
    plan(cast, 2, "16:00", "23:00")
    duty = db.session.scalars(select(Duty)).one()
    duty.ends_at = at(3, "00:00")
    db.session.commit()
    content = file_of(client, cast, kind)
    assert bring(content, tmp_path, f"duties.{kind}").unchanged == 1
    duty.cancelled = True
    db.session.commit()
    assert bring(content, tmp_path, f"duties.{kind}").created == 1
    stored = db.session.scalars(select(Duty).where(~Duty.cancelled)).one()
    assert (stored.starts_at, stored.ends_at) == (at(2, "16:00"), at(3, "00:00"))


def test_a_night_and_a_whole_day_are_a_line_for_each_day(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    plan(cast, 1, "20:00", "23:00")
    duty = db.session.scalars(select(Duty)).one()
    duty.ends_at = at(3, "06:00")
    db.session.commit()
    lines = file_of(client, cast, "csv").decode().split("\r\n")[1:-1]
    assert [line.split(",")[-4:-1] for line in lines] == [
        ["2026-11-24", "20:00", "24:00"],
        ["2026-11-25", "00:00", "24:00"],
        ["2026-11-26", "00:00", "06:00"],
    ]


def test_what_was_cancelled_leaves_the_calendars_that_have_it(
    client: FlaskClient, cast: SimpleNamespace, tmp_path: Path
) -> None:
    duty_id = plan(cast, 2, "08:00", "12:00")
    before = unfolded(file_of(client, cast, "ics"))
    cancel_duty(cast.coordinator, duty_id, "Loket tutup", NOW)
    content = file_of(client, cast, "ics")
    after = unfolded(content)
    uid = f"UID:duty-{cast.office.agency_id}-{duty_id}@loket.kota.example"
    assert uid in before
    assert uid in after
    assert ("STATUS:CONFIRMED" in before, "STATUS:CANCELLED" in after) == (True, True)
    assert _revision(after) > _revision(before)
    assert bring(content, tmp_path, "duties.ics").created == 0
    assert "2026-11-25" not in file_of(client, cast, "csv").decode()


def test_a_duty_that_a_colleague_took_over_leaves_ones_own_calendar(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    mine = plan(cast, 2, "08:00", "12:00")
    budi = make_employee(cast.office, "Budi Santoso")
    phone = make_account("employee", cast.office, cast.sari)
    other = make_account("employee", cast.office, budi)
    swap_id = ask_swap(phone, mine, budi.id, NOW)
    answer_swap(other, swap_id, NOW, agrees=True)
    confirm_swap(cast.coordinator, swap_id, NOW)
    calendars = []
    for account in (phone, other):
        act_as(client, account)
        calendars.append(unfolded(client.get("/my-roster/calendar.ics").data))
    (saris, budis), uid = calendars, f"UID:duty-{cast.office.agency_id}-{mine}@loket.kota.example"
    assert (uid in saris, "STATUS:CANCELLED" in saris) == (True, True)
    assert (uid in budis, "STATUS:CONFIRMED" in budis) == (True, True)


def _revision(lines: list[str]) -> int:
    return next(int(line.partition(":")[2]) for line in lines if line.startswith("SEQUENCE:"))


def test_a_number_leaves_only_where_the_name_does_not_tell(
    client: FlaskClient, cast: SimpleNamespace, tmp_path: Path
) -> None:
    plan(cast, 2, "08:00", "12:00")
    assert str(cast.sari.nip).encode() not in file_of(client, cast, "csv")
    namesake = make_employee(cast.office)
    plan(cast, 2, "08:00", "12:00", employee=namesake)
    content = file_of(client, cast, "csv")
    assert str(cast.sari.nip).encode() in content
    assert bring(content, tmp_path, "duties.csv").unchanged == 2


def test_another_offices_week_is_no_file(client: FlaskClient, cast: SimpleNamespace) -> None:
    other = make_office(code="dpmptsp")
    act_as(client, cast.coordinator)
    for kind in ("csv", "ics"):
        assert client.get(f"/roster/week.{kind}?office={other.id}").status_code == 404


def test_an_employees_calendar_holds_their_duties_and_nobody_elses(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    mine = plan(cast, 1, "08:00", "12:00")
    plan(cast, 1, "08:00", "12:00", employee=make_employee(cast.office, "Budi Santoso"))
    act_as(client, make_account("employee", cast.office, cast.sari))
    answer = client.get("/my-roster/calendar.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    lines = unfolded(answer.data)
    assert lines.count("BEGIN:VEVENT") == 1
    assert f"UID:duty-{cast.office.agency_id}-{mine}@loket.kota.example" in lines
    assert "DTSTART:20261124T010000Z" in lines
    assert "SUMMARY:Bertugas di Loket 3\\, lantai 2" in lines
    assert str(cast.sari.nip) not in answer.text
    assert client.get("/my-roster/calendar.ics").data == answer.data  # the same until it changes


def test_an_account_without_employee_has_an_empty_calendar(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, make_account("employee", cast.office))
    assert b"VEVENT" not in client.get("/my-roster/calendar.ics").data


def test_lines_are_folded_at_75_octets_between_letters() -> None:
    for text in ("x" * 300, "é" * 200, "a" + "🙂" * 60, "short"):
        folded = fold(text)
        assert folded.endswith(b"\r\n")
        lines = folded.removesuffix(b"\r\n").split(b"\r\n")
        assert all(len(line) <= 75 for line in lines)
        assert all(line.startswith(b" ") for line in lines[1:])
        for line in lines:
            line.decode()  # no letter is cut in two
        assert folded.decode().replace("\r\n ", "").removesuffix("\r\n") == text


def test_commas_semicolons_backslashes_and_breaks_are_escaped() -> None:
    assert escape("a,b;c\\d\ne\x07") == "a\\,b\\;c\\\\d\\ne"


def test_a_calendar_is_a_calendar() -> None:
    event = Event("u", NOW, NOW + HOUR, NOW, "s", "l", "c", "TENTATIVE")
    lines = unfolded(write_calendar("Jadwal", [event]))
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert {"DTSTAMP:20261123T030000Z", "STATUS:TENTATIVE"} <= set(lines)
    assert NOW.tzinfo == UTC


HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
ENTRY = (
    "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Sari\r\n  Wulandari\r\nLOCATION:Loket 3\\, lantai 2\r\n"
    "CATEGORIES:dukcapil\r\n{}END:VEVENT\r\n"
)
ALARM = "BEGIN:VALARM\r\nSUMMARY:Bangun\r\nEND:VALARM\r\n"


@pytest.mark.parametrize(
    "times",
    [
        "DTSTART:20261125T010000Z\r\nDTEND:20261125T050000Z\r\n",
        "DTSTART:20261125T080000\r\nDTEND:20261125T120000\r\n",
        "DTSTART;TZID=Asia/Makassar:20261125T090000\r\nDTEND;TZID=Asia/Makassar:20261125T130000\r\n",
        ALARM + "DTSTART:20261125T010000Z\r\nDTEND:20261125T050000Z\r\nSTATUS:CONFIRMED\r\n",
    ],
)
def test_calendars_as_other_programs_write_them_are_understood(
    cast: SimpleNamespace, tmp_path: Path, times: str
) -> None:
    content = (HEAD + ENTRY.format(times) + "END:VCALENDAR\r\n").encode()
    report = bring(content, tmp_path, "jadwal.ICS")
    assert report.problems == []
    (duty,) = db.session.scalars(select(Duty))
    assert (duty.starts_at, duty.ends_at) == (at(2, "08:00"), at(2, "12:00"))
    assert duty.confirmed


@pytest.mark.parametrize(
    ("times", "line", "reason"),
    [
        ("RRULE:FREQ=WEEKLY\r\nDTSTART:20261125T010000Z\r\n", 9, "repeats"),
        ("DTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261126\r\n", 9, "must be a moment"),
        ("DTSTART:20261125T010000Z\r\nDTEND:20261126T010000Z\r\n", 10, "day of DTSTART"),
        ("DTSTART;TZID=Mars/Base:20261125T010000\r\nDTEND:20261125T02\r\n", 9, "must be a moment"),
        ("DTSTART:20261125T010000Z\r\n", 3, "must be a moment"),
        ("nonsense\r\n", 9, "no line of an iCalendar"),
    ],
)
def test_what_a_calendar_asks_in_vain_is_named_with_its_line(
    cast: SimpleNamespace, tmp_path: Path, times: str, line: int, reason: str
) -> None:
    report = bring((HEAD + ENTRY.format(times)).encode(), tmp_path, "jadwal.ics")
    assert any(one.line == line and reason in one.reason for one in report.problems)
    assert db.session.scalars(select(Duty)).all() == []


def test_cancelled_entries_are_left_out_and_no_calendar_is_said_to_be_none(
    cast: SimpleNamespace, tmp_path: Path
) -> None:
    times = "DTSTART:20261125T010000Z\r\nDTEND:20261125T050000Z\r\nSTATUS:CANCELLED\r\n"
    report = bring((HEAD + ENTRY.format(times)).encode(), tmp_path, "jadwal.ics")
    assert (report.problems, report.created) == ([], 0)
    (problem,) = bring(b"X:y\r\n", tmp_path, "jadwal.ics").problems
    assert "no VEVENT" in problem.reason


def test_ones_own_calendar_holds_ones_leave_and_the_half_that_is_left_of_a_duty(
    client: FlaskClient, cast: SimpleNamespace, tmp_path: Path
) -> None:
    duty_id = plan(cast, 1, "08:00", "16:00")
    tuesday = MONDAY + timedelta(days=1)
    away = Away(tuesday, tuesday, NOON)
    leave_id = add_leave(cast.coordinator, cast.sari.id, away, NOW, agreed=[duty_id])
    phone = make_account("employee", cast.office, cast.sari)
    act_as(client, phone)
    lines = unfolded(client.get("/my-roster/calendar.ics").data)
    assert f"UID:leave-{cast.office.agency_id}-{leave_id}@loket.kota.example" in lines
    assert lines.count("DTSTART:20261124T050000Z") == 1  # away from noon
    assert lines.count("DTEND:20261124T050000Z") == 1  # on duty until then
    assert "mulai pukul 12.00" in client.get("/my-roster").text
    content = file_of(client, cast, "csv")
    assert b"2026-11-24,08:00,12:00,yes" in content
    assert bring(content, tmp_path, "duties.csv").unchanged == 1
    cancel_leave(cast.coordinator, leave_id, NOW)
    act_as(client, phone)
    assert "STATUS:CANCELLED" in unfolded(client.get("/my-roster/calendar.ics").data)
