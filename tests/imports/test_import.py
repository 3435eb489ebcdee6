"""Importing files: all or nothing, every bad line named, the same file twice changes nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.counters.duty import rebuild_duty
from portal.counters.models import (
    CodeEvent,
    Counter,
    CounterService,
    Duty,
    DutyEvent,
    OfficeService,
    PrintedCode,
    Service,
)
from portal.db import db
from portal.imports.actions import KINDS, NoSuchAgency, import_file
from portal.imports.plan import Report
from portal.people.actions import new_agency
from portal.people.models import (
    Account,
    Agency,
    AuditEvent,
    Employee,
    Employment,
    Holiday,
    Office,
    OutboxMessage,
    RoleGrant,
)
from tests.conftest import NOW
from tests.factories import make_agency, make_counter, make_employee, make_office

SAMPLES = Path(__file__).parents[2] / "docs" / "import"
TABLES = (
    *(Office, Service, OfficeService, Counter, CounterService, PrintedCode, CodeEvent),
    *(Employee, Employment, Account, RoleGrant, OutboxMessage, Duty, DutyEvent, Holiday),
    AuditEvent,
)


@pytest.fixture
def bring(app: Flask, tmp_path: Path) -> Callable[..., Report]:
    """Import lines, given as text, into the agency `kota`."""

    def run(kind: str, text: str, **options: object) -> Report:
        path = tmp_path / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        given: dict[str, Any] = {"dry_run": False, "now": NOW} | options
        return import_file(kind, path, "kota", **given)

    return run


def bring_samples(now: datetime = NOW) -> list[Report]:
    return [
        import_file(
            kind,
            SAMPLES / f"{kind}.csv",
            "contoh",
            dry_run=False,
            now=now,
            new_agency=lambda: new_agency("contoh", "Kota Contoh", "Asia/Makassar"),
        )
        for kind in KINDS
    ]


def sizes() -> dict[str, int]:
    return {
        table.__tablename__: db.session.scalars(select(func.count()).select_from(table)).one()
        for table in TABLES
    }


def reasons(report: Report) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in report.problems]


def test_the_samples_import_cleanly_into_a_new_agency(app: Flask) -> None:
    reports = bring_samples()
    assert [report.problems for report in reports] == [[]] * 8
    assert [report.created for report in reports] == [5, 5, 4, 5, 2, 5, 4, 4]
    found = sizes()
    assert (found["office_service"], found["counter_service"]) == (4, 5)
    assert (found["printed_code"], found["code_event"]) == (4, 4)
    assert (found["account"], found["outbox_message"], found["role_grant"]) == (5, 5, 7)
    parent = db.session.scalar(
        select(Office.name).where(
            Office.id
            == select(Office.parent_id).where(Office.code == "kel-melati").scalar_subquery()
        )
    )
    assert parent == "Kecamatan Cempaka Utara"


def test_the_samples_twice_change_nothing(app: Flask) -> None:
    bring_samples()
    before = sizes()
    reports = bring_samples()
    assert sizes() == before
    assert [(report.created, report.updated) for report in reports] == [(0, 0)] * 8


def test_times_of_duties_are_the_agencys_local_times(app: Flask) -> None:
    bring_samples()
    starts = db.session.scalar(select(func.min(Duty.starts_at)))
    assert starts == datetime(2027, 1, 4, 0, 0, tzinfo=UTC)  # 08.00 WITA


def test_every_imported_duty_can_be_rebuilt_from_its_events(app: Flask) -> None:
    bring_samples()
    for duty in db.session.scalars(select(Duty)):
        events = db.session.scalars(select(DutyEvent).where(DutyEvent.duty_id == duty.id)).all()
        state = rebuild_duty(events)
        assert (state.starts_at, state.ends_at) == (duty.starts_at, duty.ends_at)
        assert (state.confirmed, state.source) == (duty.confirmed, duty.source)


def test_an_import_is_noted_without_personal_data(app: Flask) -> None:
    bring_samples()
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.subject == "import:employees")
    ).one()
    assert (event.action, event.detail) == ("import", {"created": 5, "updated": 0})


def test_an_agency_that_is_not_there_is_not_made_by_accident(bring) -> None:
    with pytest.raises(NoSuchAgency):
        bring("holidays", "date,name\n2027-01-01,Tahun Baru\n")


def test_a_dry_run_writes_nothing_not_even_the_agency(app: Flask) -> None:
    report = import_file(
        "offices",
        SAMPLES / "offices.csv",
        "contoh",
        dry_run=True,
        now=NOW,
        new_agency=lambda: new_agency("contoh", "Kota Contoh", "Asia/Jakarta"),
    )
    assert (report.accepted, report.created) == (True, 5)
    assert db.session.scalars(select(Agency)).all() == []


BAD_EMPLOYEES = """nip,name,kind,office,email,since
198609262015051001,Budi Santoso,pns,dukcapil,budi@kota.example,
1986092620150510,Wrong Length,pns,dukcapil,,
198613262015051001,Wrong Birth,pns,dukcapil,,
198609262015211001,Wrong Month,pns,dukcapil,,
,Without Number,pppk,dukcapil,,
198609262015051002,With Number,non_asn,dukcapil,,
198609262015051003,Nowhere,pns,nowhere,,
198609262015051004,,pns,dukcapil,,
198609262015051005,Odd Kind,honorer,dukcapil,,
198609262015051006,Bad Mail,pns,dukcapil,bad,
198609262015051007,Same Mail,pns,dukcapil,BUDI@kota.example,
198609262015051001,Twice,pns,dukcapil,,
198609262015051008,Bad Day,pns,dukcapil,,32/01/2026
198609262015051009,Short,pns
"""


@pytest.mark.parametrize("dry_run", [True, False])
def test_every_bad_line_is_named_and_no_line_is_imported(bring, dry_run: bool) -> None:
    make_office()
    before = sizes()
    report = bring("employees", BAD_EMPLOYEES, dry_run=dry_run)
    assert reasons(report) == [
        (3, "nip"),
        (4, "nip"),
        (5, "nip"),
        (6, "nip"),
        (7, "nip"),
        (8, "office"),
        (9, "name"),
        (10, "kind"),
        (11, "email"),
        (12, "email"),
        (13, "nip"),
        (14, "since"),
        (15, ""),
    ]
    assert sizes() == before


def test_no_problem_repeats_a_personal_number(bring) -> None:
    make_office()
    report = bring("employees", BAD_EMPLOYEES)
    assert not any("1986" in str(problem) for problem in report.problems)


def test_a_thousand_bad_lines_are_a_thousand_problems(bring) -> None:
    make_office()
    lines = "".join(f"{number},Name {number},pns,dukcapil\n" for number in range(1000))
    report = bring("employees", "nip,name,kind,office\n" + lines)
    assert len(report.problems) == 1000


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (b"", 1, "date"),
        (b"date\n2027-01-01\n", 1, "name"),
        (b"date,name,colour\n", 1, "colour"),
        (b"date,date,name\n", 1, "date"),
        (b"date,name\n2027-01-01,Caf\xe9\n", 2, ""),
        (b'date,name\n2027-01-01,"open\n', 2, ""),
        (b"date,name\n2027-02-29,Kabisat\n", 2, "date"),
        (b"date,name\n2027-01-01,a\n\n2027-01-01,b\n", 4, "date"),
        (b"date,name\n2027-01-01," + b"x" * 121 + b"\n", 2, "name"),
        (b"date,name\n2027-01-01,a\x00b\n", 2, "name"),
    ],
)
def test_a_broken_file_is_explained(
    app: Flask, tmp_path: Path, content: bytes, line: int, column: str
) -> None:
    make_agency()
    path = tmp_path / "holidays.csv"
    path.write_bytes(content)
    report = import_file("holidays", path, "kota", dry_run=False, now=NOW)
    assert (line, column) in reasons(report)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffdate,name\r\n2027-01-01,Tahun Baru\r\n",
        "name;date\nTahun Baru;2027-01-01\n",
        'date,name\n2027-01-01,"Tahun Baru"',
    ],
)
def test_files_as_spreadsheets_write_them_are_understood(bring, content: str) -> None:
    make_agency()
    assert bring("holidays", content).problems == []
    assert db.session.scalars(select(Holiday.name)).all() == ["Tahun Baru"]


def test_a_day_that_closes_early_closes_after_it_opens(bring) -> None:
    make_agency()
    report = bring(
        "holidays",
        "date,name,opens,closes\n"
        "2027-01-04,Terbalik,12:00,08:00\n"
        "2027-01-05,Sekejap,08:00,08:00\n"
        "2027-01-06,Tanpa akhir,08:00,\n"
        "2027-01-07,Setengah hari,08:00,12:00\n",
    )
    assert reasons(report) == [(2, "closes"), (3, "closes"), (4, "closes")]


def test_offices_may_stand_in_any_order_but_not_below_themselves(bring) -> None:
    make_agency()
    header = "code,name,kind,parent\n"
    assert bring("offices", header + "b,B,kelurahan,a\na,A,kecamatan,\n").accepted
    report = bring("offices", header + "a,A,kecamatan,b\nc,C,upt,c\nd,D,upt,nowhere\n")
    assert reasons(report) == [(2, "parent"), (3, "parent"), (4, "parent")]


def test_what_differs_is_updated_and_what_is_missing_stays(bring) -> None:
    make_office(code="dukcapil", name="Old")
    make_office(code="other")
    report = bring("offices", "code,name,kind,active\ndukcapil,New,badan,no\n")
    assert (report.updated, report.created) == (1, 0)
    office = db.session.scalars(select(Office).where(Office.code == "dukcapil")).one()
    assert (office.name, office.kind, office.active) == ("New", "badan", False)
    assert db.session.scalars(select(Office).where(Office.code == "other")).one().active


def test_a_counters_services_are_those_of_the_file(bring) -> None:
    make_counter()
    bring("services", "code,name\nktp,KTP-el\nkk,Kartu Keluarga\n")
    bring("counters", "office,label,services\ndukcapil,Loket 3,ktp kk\n")
    assert bring("counters", "office,label,services\ndukcapil,Loket 3,kk\n").updated == 1
    names = select(Service.code).join(CounterService, CounterService.service_id == Service.id)
    assert db.session.scalars(names).all() == ["kk"]
    assert bring("counters", "office,label\ndukcapil,Loket 3\n").unchanged == 1


def test_new_counters_after_known_ones_keep_the_order_of_foreign_keys(bring) -> None:
    make_counter()
    bring("services", "code,name\nktp,KTP-el\n")
    text = "office,label,services\ndukcapil,Loket 3,ktp\ndukcapil,Loket 4,ktp\n"
    assert bring("counters", text).accepted


EMPLOYEE = "nip,name,kind,office,email,since\n198609262015051001,Budi Santoso,pns,{},{},{}\n"


def test_a_known_employee_with_another_office_moves_there(bring) -> None:
    make_office()
    make_office(code="other")
    bring("employees", EMPLOYEE.format("dukcapil", "", "2026-01-05"))
    assert bring("employees", EMPLOYEE.format("other", "", "2026-07-01")).updated == 1
    places = db.session.scalars(select(Employment).order_by(Employment.starts_on)).all()
    assert [(place.starts_on, place.ends_on) for place in places] == [
        (date(2026, 1, 5), date(2026, 6, 30)),
        (date(2026, 7, 1), None),
    ]
    assert bring("employees", EMPLOYEE.format("other", "", "2026-07-01")).unchanged == 1


def test_a_move_into_the_past_of_the_latest_place_is_refused(bring) -> None:
    make_office()
    make_office(code="other")
    bring("employees", EMPLOYEE.format("dukcapil", "", "2026-01-05"))
    report = bring("employees", EMPLOYEE.format("other", "", "2026-01-05"))
    assert reasons(report) == [(2, "since")]


def test_an_address_makes_an_account_and_an_invitation_once(bring) -> None:
    make_office()
    text = EMPLOYEE.format("dukcapil", "Budi@Kota.example", "")
    assert bring("employees", text).invited == 1
    assert bring("employees", text).invited == 0
    account = db.session.scalars(select(Account)).one()
    assert (account.email, account.password, account.role_names) == (
        "budi@kota.example",
        "",
        {"employee"},
    )
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert "https://loket.kota.example/recover/" in mail.body


def test_an_address_of_another_account_is_refused(bring) -> None:
    make_office()
    bring("employees", EMPLOYEE.format("dukcapil", "budi@kota.example", ""))
    other = EMPLOYEE.replace("198609262015051001", "198609262015051002")
    report = bring("employees", other.format("dukcapil", "budi@kota.example", ""))
    assert reasons(report) == [(2, "email")]


def test_non_asn_staff_are_known_by_name_and_office(bring) -> None:
    make_office()
    text = "nip,name,kind,office,job\n,Rina Marlina,non_asn,dukcapil,{}\n"
    assert bring("employees", text.format("Petugas")).created == 1
    assert bring("employees", text.format("Petugas loket")).updated == 1


DUTY = "nip,name,office,counter,date,starts,ends,confirmed\n"


@pytest.fixture
def sari(app: Flask) -> Employee:
    make_counter()
    return make_employee(nip="199004122019032014")


def test_bad_duties_are_named(bring, sari: Employee) -> None:
    make_office(code="other")
    make_counter(make_office(code="other"), label="Loket 1")
    lines = [
        "199004122019032014,,dukcapil,Loket 3,2027-01-04,08:00,12:00,yes",
        "199004122019032014,,dukcapil,Loket 3,2027-01-04,11:00,13:00,yes",
        "199004122019032015,,dukcapil,Loket 3,2027-01-05,08:00,12:00,yes",
        "199004122019032014,,dukcapil,Loket 9,2027-01-05,08:00,12:00,yes",
        "199004122019032014,,nowhere,Loket 3,2027-01-05,08:00,12:00,yes",
        "199004122019032014,,dukcapil,Loket 3,2025-01-05,08:00,12:00,yes",
        "199004122019032014,,other,Loket 1,2027-01-05,08:00,12:00,yes",
        "199004122019032014,,dukcapil,Loket 3,2027-01-06,12:00,08:00,yes",
        "199004122019032014,,dukcapil,Loket 3,2027-01-07,8,24:01,yes",
        "199004122019032014,,dukcapil,Loket 3,2027-01-08,08:00,12:00,maybe",
        ",Nobody,dukcapil,Loket 3,2027-01-09,08:00,12:00,yes",
        ",,dukcapil,Loket 3,2027-01-09,08:00,12:00,yes",
    ]
    report = bring("duties", DUTY + "\n".join(lines))
    assert reasons(report) == [
        (3, "starts"),
        (4, "nip"),
        (5, "counter"),
        (6, "office"),
        (7, "date"),
        (8, "date"),
        (9, "ends"),
        (10, "ends"),
        (10, "starts"),
        (11, "confirmed"),
        (12, "name"),
        (13, "nip"),
    ]
    assert db.session.scalars(select(Duty)).all() == []


def duty_events() -> list[str]:
    return list(db.session.scalars(select(DutyEvent.kind).order_by(DutyEvent.at)))


def test_a_planned_duty_can_be_confirmed_and_lengthened_by_another_import(bring, sari) -> None:
    text = DUTY + "199004122019032014,,dukcapil,Loket 3,2027-01-04,08:00,{},{}\n"
    bring("duties", text.format("12:00", "no"))
    assert bring("duties", text.format("13:00", "yes")).updated == 1
    duty = db.session.scalars(select(Duty)).one()
    assert (duty.confirmed, duty.ends_at) == (True, datetime(2027, 1, 4, 6, 0, tzinfo=UTC))
    assert duty_events() == ["planned", "planned", "confirmed"]
    assert reasons(bring("duties", text.format("13:00", "no"))) == [(2, "confirmed")]


def test_a_duty_that_has_begun_is_imported_as_a_correction_and_then_stands(bring, sari) -> None:
    text = DUTY + "199004122019032014,,dukcapil,Loket 3,2026-11-20,08:00,{},yes\n"
    assert bring("duties", text.format("12:00")).created == 1
    assert duty_events() == ["corrected"]
    assert bring("duties", text.format("12:00")).unchanged == 1
    assert reasons(bring("duties", text.format("13:00"))) == [(2, "ends")]


def test_two_thousand_employees_are_invited_and_the_progress_is_told(bring) -> None:
    make_office()
    lines = [
        f"{date(1970 + number % 25, 1 + number % 12, 1 + number % 28):%Y%m%d}2020012"
        f"{number % 1000:03},Name {number},pns,dukcapil,name{number}@kota.example\n"
        for number in range(2000)
    ]
    numbers = {line.split(",")[0] for line in lines}
    assert len(numbers) == 2000
    seen: list[tuple[int, int]] = []
    report = bring(
        "employees",
        "nip,name,kind,office,email\n" + "".join(lines),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert (report.problems, report.created, report.invited) == ([], 2000, 2000)
    assert seen[-1] == (2000, 2000)
