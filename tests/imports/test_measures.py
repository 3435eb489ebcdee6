"""Objective measures come in from a file: all or nothing, in place of what was there."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal import imports
from portal.db import db
from portal.imports import words
from portal.imports.actions import ChangedMeanwhile, import_file
from portal.imports.plan import Report
from portal.people.models import AuditEvent, Employee, Employment
from portal.records.measure_models import ObjectiveMeasure
from portal.records.retention_actions import forget_measures
from tests.conftest import NOW
from tests.counters.staff import act_as, send
from tests.factories import make_account, make_agency, make_employee, make_office, save

HEAD = "nip,period,measure,value,unit\n"
SARI, BUDI = "199004122019032014", "198609262015051001"
PAGE = "/fairness/measures"


@pytest.fixture
def sari(app: Flask) -> Employee:
    return make_employee(make_office(), nip=SARI)


@pytest.fixture
def bring(app: Flask, tmp_path: Path) -> Callable[..., Report]:
    """Import lines below the usual header into the agency `kota`."""

    def run(text: str, *, head: str = HEAD, dry_run: bool = False, **more: Any) -> Report:
        path = tmp_path / "measures.csv"
        path.write_text(head + text, encoding="utf-8")
        return import_file("measures", path, "kota", dry_run=dry_run, now=NOW, **more)

    return run


def kept() -> dict[tuple[str, str, str], tuple[float, str]]:
    rows = db.session.execute(
        select(Employee.name, ObjectiveMeasure).join(
            Employee,
            (Employee.agency_id == ObjectiveMeasure.agency_id)
            & (Employee.id == ObjectiveMeasure.employee_id),
        )
    )
    return {(name, one.period, one.measure): (one.value, one.unit) for name, one in rows}


def told(report: Report) -> list[str]:
    return [str(problem) for problem in report.problems]


def test_a_value_is_kept_with_its_unit_and_a_comma_is_a_point(bring, sari: Employee) -> None:
    assert bring(f"{SARI},2026-q4,Menit per layanan,11.4,menit\n").created == 1
    assert bring(f'{SARI},2026-Q4,Tepat standar,"96,25",%\n').created == 1
    assert kept() == {
        ("Sari Wulandari", "2026-Q4", "Menit per layanan"): (11.4, "menit"),
        ("Sari Wulandari", "2026-Q4", "Tepat standar"): (96.25, "%"),
    }
    events = db.session.scalars(select(AuditEvent)).all()
    assert [(one.subject, one.detail) for one in events] == [
        ("import:measures", {"created": 1, "updated": 0})
    ] * 2


def test_every_bad_line_is_named_and_nothing_is_kept(bring, sari: Employee) -> None:
    make_employee(name="Rina", kind="non_asn", nip=None)
    late = make_employee(name="Dewi", nip=BUDI)
    db.session.execute(
        update(Employment)
        .where(Employment.employee_id == late.id)
        .values(starts_on=date(2026, 10, 1))
    )
    db.session.commit()
    lines = [
        f"{SARI},2026-Q4,Menit,11.4,menit",
        f"{SARI},2026-Q4,Menit,12,menit",
        f"{SARI},2026-Q5,Menit,12,menit",
        f"{SARI},2027-Q1,Menit,12,menit",
        f"{SARI},2021-Q3,Menit,12,menit",
        f"{SARI},2026-Q3,Menit,1.500,menit",
        f"{SARI},2026-Q3,Menit,-1,menit",
        f"{SARI},2026-Q3,Menit,,menit",
        f"{SARI},2026-Q3,,12,menit",
        f"{SARI},2026-Q3,Menit,12,",
        f"{BUDI},2026-Q4,Menit,12,jam",
        f"{BUDI},2026-Q3,Menit,12,menit",
        "123456789012345678,2026-Q4,Menit,12,menit",
        ",2026-Q4,Menit,12,menit",
    ]
    assert told(bring("\n".join(lines) + "\n")) == [
        "line 3, column measure: the same person and measure stand on line 2",
        "line 4, column period: must be a quarter such as 2026-Q4",
        "line 5, column period: has not begun yet",
        "line 6, column period: is older than measures are kept",
        "line 7, column value: must be a number such as 12.5, with two decimals at most",
        "line 8, column value: must be a number such as 12.5, with two decimals at most",
        "line 9, column value: must be a number such as 12.5, with two decimals at most",
        "line 10, column measure: is empty",
        "line 11, column unit: is empty",
        "line 12, column unit: is menit on line 2 for the same measure",
        "line 13, column nip: no PNS or PPPK with this number worked here in that quarter",
        "line 14, column nip: no PNS or PPPK with this number worked here in that quarter",
        "line 15, column nip: is empty, and so is name or office",
    ]
    assert kept() == {}


def test_somebody_is_named_by_name_and_office_unless_two_bear_it(bring, sari: Employee) -> None:
    make_employee(name="Rina", kind="non_asn", nip=None)
    head = "nip,name,office,period,measure,value,unit\n"
    line = ",{},{},2026-Q4,Menit,12,menit\n"
    assert bring(line.format("Sari Wulandari", "dukcapil"), head=head).created == 1
    for name, office, told_of in (
        ("Rina", "dukcapil", "no PNS or PPPK of this name worked there in that quarter"),
        ("Sari Wulandari", "nowhere", "there is no office with the code nowhere"),
    ):
        assert told_of in told(bring(line.format(name, office), head=head))[0]
    make_employee(nip=BUDI)
    report = bring(line.format("Sari Wulandari", "dukcapil"), head=head)
    assert "several people have this name in the office" in told(report)[0]


def test_a_file_takes_the_place_of_the_same_measure_of_the_same_quarter(
    bring, sari: Employee
) -> None:
    make_employee(name="Budi", nip=BUDI)
    both = f"{SARI},2026-Q4,Menit,11,menit\n{BUDI},2026-Q4,Menit,14,menit\n"
    bring(both + f"{BUDI},2026-Q4,Tepat,90,%\n{BUDI},2026-Q3,Menit,15,menit\n")
    again = bring(both)
    assert (again.created, again.updated, again.unchanged, again.removed) == (0, 0, 2, 0)
    report = bring(f"{SARI},2026-Q4,Menit,0.2,jam\n")
    assert (report.created, report.updated, report.removed) == (0, 1, 1)
    assert kept() == {
        ("Sari Wulandari", "2026-Q4", "Menit"): (0.2, "jam"),
        ("Budi", "2026-Q4", "Tepat"): (90, "%"),
        ("Budi", "2026-Q3", "Menit"): (15, "menit"),
    }
    acts = db.session.scalars(select(AuditEvent.detail)).all()
    assert {"created": 0, "updated": 1, "removed": 1} in acts


def test_a_dry_run_says_what_would_go_and_lets_it_stay(bring, sari: Employee) -> None:
    make_employee(name="Budi", nip=BUDI)
    bring(f"{SARI},2026-Q4,Menit,11,menit\n{BUDI},2026-Q4,Menit,14,menit\n")
    before = kept()
    report = bring(f"{SARI},2026-Q4,Menit,12,menit\n", dry_run=True)
    assert (report.updated, report.removed) == (1, 1)
    assert kept() == before


def test_a_quarter_has_few_measures(bring, sari: Employee) -> None:
    lines = [f"{SARI},2026-Q4,Ukuran {number},1,kali" for number in range(9)]
    assert told(bring("\n".join(lines))) == [
        "line 10, column measure: a quarter has at most 8 measures"
    ]
    assert bring("\n".join(lines[:8])).created == 8
    assert told(bring(lines[8])) == ["line 2, column measure: a quarter has at most 8 measures"]


def test_people_of_another_agency_are_not_there(bring, sari: Employee) -> None:
    elsewhere = make_office(make_agency("kabupaten"), "dukcapil")
    make_employee(elsewhere, name="Budi", nip=BUDI)
    report = bring(f"{BUDI},2026-Q4,Menit,12,menit\n")
    assert [problem.column for problem in report.problems] == ["nip"]


def test_the_database_takes_no_other_agencys_people_and_no_impossible_value(
    sari: Employee,
) -> None:
    other = make_agency("kabupaten")
    own = {"period": "2026-Q4", "employee_id": sari.id, "imported_at": NOW}
    good = {"agency_id": sari.agency_id, "measure": "Menit", "value": 1.0, "unit": "menit"}
    bad: list[dict[str, object]] = [
        {"agency_id": other.id},
        {"measure": " "},
        {"unit": ""},
        {"value": -0.1},
        {"value": float("inf")},
        {"value": 1e9},
    ]
    for one in bad:
        with pytest.raises(IntegrityError):
            save(ObjectiveMeasure(**own | good | one))
        db.session.rollback()


def test_measures_go_five_years_after_their_quarter(bring, sari: Employee) -> None:
    bring(f"{SARI},2026-Q3,Menit,11,menit\n{SARI},2026-Q4,Menit,12,menit\n")
    assert forget_measures(datetime(2031, 9, 30, 12, tzinfo=UTC)) == 0
    assert forget_measures(datetime(2031, 10, 1, 12, tzinfo=UTC)) == 1
    assert [period for _name, period, _measure in kept()] == ["2026-Q4"]
    assert forget_measures(datetime(2032, 1, 1, 12, tzinfo=UTC)) == 1
    assert kept() == {}


def upload(client: FlaskClient, text: str):
    return send(client, PAGE, file=(io.BytesIO((HEAD + text).encode()), "ukuran.csv"))


def test_a_file_is_looked_through_on_screen_and_imported_when_that_is_confirmed(
    client: FlaskClient, sari: Employee
) -> None:
    officer = make_account("hr")
    act_as(client, officer)
    assert "Belum ada ukuran objektif" in client.get(PAGE).text
    page = upload(client, f"{SARI},2026-Q4,Menit per layanan,11.4,menit\n").text
    assert "Semua 1 baris benar: 1 baru" in " ".join(page.split())
    assert kept() == {}
    (checked,) = re.findall(r'name="checked" type="hidden" value="([^"]+)"', page)
    answer = send(client, PAGE, checked=checked)
    page = client.get(answer.location).text
    assert "Diimpor: 1 baru" in page
    assert "Menit per layanan" in page
    assert "11.4" not in page.split("Bentuk berkas")[0]  # nobody's figure is shown
    act = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "import")).one()
    assert act.account_id == officer.id


def test_what_is_wrong_is_told_on_screen_and_what_would_go_too(
    client: FlaskClient, sari: Employee
) -> None:
    make_employee(name="Budi", nip=BUDI)
    act_as(client, make_account("hr"))
    answer = upload(client, f"{SARI},2026-Q4,Menit,1.500,menit\n")
    assert answer.status_code == 422
    assert "tulis angka seperti 12,5 dengan paling banyak dua desimal" in answer.text
    both = f"{SARI},2026-Q4,Menit,11,menit\n{BUDI},2026-Q4,Menit,14,menit\n"
    (checked,) = re.findall(
        r'name="checked" type="hidden" value="([^"]+)"', upload(client, both).text
    )
    send(client, PAGE, checked=checked)
    page = upload(client, f"{SARI},2026-Q4,Menit,11,menit\n").text
    assert "1 yang tersimpan tidak ada lagi di berkas" in page


def test_a_measure_is_taken_back(client: FlaskClient, bring, sari: Employee) -> None:
    bring(f"{SARI},2026-Q4,Menit,11,menit\n{SARI},2026-Q4,Tepat,90,%\n")
    act_as(client, make_account("hr"))
    answer = send(client, f"{PAGE}/2026-Q4/remove", measure="Menit")
    assert "angka 1 pegawai" in client.get(answer.location).text
    assert [measure for _name, _period, measure in kept()] == ["Tepat"]
    act = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "remove_measure")).one()
    assert act.detail == {"measure": "Menit", "removed": 1}
    assert send(client, f"{PAGE}/2026-Q4/remove", measure="Menit").status_code == 404


def test_an_officer_of_some_offices_knows_their_people_alone(
    client: FlaskClient, bring, sari: Employee
) -> None:
    elsewhere = make_office(code="kecamatan", kind="kecamatan")
    make_employee(elsewhere, name="Budi", nip=BUDI)
    bring(f"{SARI},2026-Q4,Menit,11,menit\n{BUDI},2026-Q4,Menit,14,menit\n")
    act_as(client, make_account("hr", elsewhere))
    page = upload(client, f"{SARI},2026-Q4,Menit,1,menit\n").text
    assert "tidak ada PNS atau PPPK dengan nomor ini" in page
    page = upload(client, f"{BUDI},2026-Q4,Menit,1,jam\n").text
    assert "menit untuk ukuran yang sama di unit kerja lain" in page
    page = upload(client, f"{BUDI},2026-Q4,Menit,15,menit\n").text
    assert "tidak ada lagi di berkas" not in page  # the others' values stay
    (checked,) = re.findall(r'name="checked" type="hidden" value="([^"]+)"', page)
    send(client, PAGE, checked=checked)
    send(client, f"{PAGE}/2026-Q4/remove", measure="Menit")
    assert kept() == {("Sari Wulandari", "2026-Q4", "Menit"): (11, "menit")}


@pytest.mark.parametrize("role", ["auditor", "supervisor", "employee", "administrator"])
def test_others_neither_see_nor_bring_them(app: Flask, client: FlaskClient, role: str) -> None:
    act_as(client, make_account(role))
    assert client.get(PAGE).status_code == 403
    assert send(client, f"{PAGE}/2026-Q4/remove", measure="Menit").status_code == 403


def test_every_reason_of_a_file_of_measures_has_its_words() -> None:
    source = Path(imports.__file__).with_name("measures.py").read_text(encoding="utf-8")
    reasons = re.findall(r"refuse\(\s*\"\w+\",\s*\"([^\"]+)\"", source)
    reasons += re.findall(r"reason = \"([^\"]+)\"", source)
    assert len(reasons) >= 10
    assert set(reasons) <= words.REASONS.keys()


def test_of_two_files_of_one_new_measure_at_once_the_later_changes_nothing(
    sari: Employee, bring: Callable[..., Report]
) -> None:
    def meanwhile(done: int, total: int) -> None:
        bring(f"{SARI},2026-Q3,Berkas,3,per jam\n")

    with pytest.raises(ChangedMeanwhile):
        bring(f"{SARI},2026-Q3,Berkas,5,per jam\n", progress=meanwhile)
    assert kept() == {(sari.name, "2026-Q3", "Berkas"): (3.0, "per jam")}
