"""Whoever sees somebody's score leaves a trace that the employee can read."""

import csv
import io
import re
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.db import db
from portal.i18n import number
from portal.people.models import AuditEvent, Employee
from portal.records.blueprint import READERS
from portal.records.listings import LISTS, listings
from portal.records.proposals import PlannedStep
from portal.records.queries import shown_score
from tests.conftest import NOW
from tests.factories import make_account, make_agency, make_office
from tests.records.cast import DAY, PERIOD, enter
from tests.records.test_decisions import Story
from tests.rules.test_scope import World, on_sqlite, pages

FILE = re.compile(r"\.(png|svg|pdf|xlsx|parquet|bin|zip)$")


def traces(employee_id: int) -> int:
    """Acts that stand on the employee's own page: a record read, a list read."""
    read = (AuditEvent.action == "record_read") & (AuditEvent.subject == f"employee:{employee_id}")
    listed = AuditEvent.action.in_(LISTS) & (AuditEvent.subject == PERIOD)
    return db.session.scalar(select(func.count()).where(read | listed)) or 0


@on_sqlite
def test_no_page_shows_somebodys_score_without_a_trace(app: Flask, client: FlaskClient) -> None:
    world, roles = World(), pages(app)
    names, seen = world.names, set()
    key = (make_office().agency_id, names["employee_id"])
    shown, rated = shown_score(*key, PERIOD), db.session.get_one(Employee, key).name
    assert shown
    told = {number(shown.score.score), f"{shown.score.score:.2f}"}
    for role in READERS:
        enter(client, world.accounts["own office", role])
        for page, allowed in roles.items():
            if role not in allowed or FILE.search(page):
                continue
            if not set(re.findall(r"{(\w+)}", page)) <= set(names):
                continue
            before = traces(names["employee_id"])
            answer = client.get(page.format(**names))  # some are files
            text = answer.get_data().decode(errors="replace")
            if rated in text and any(one in text for one in told):
                seen.add(page)
                assert traces(names["employee_id"]) > before, (role, page)
    assert {"/records", "/decisions", "/contests/{contest_id}"} <= seen


def test_the_employee_reads_which_lists_were_read_by_whom_and_only_those_that_hold_them(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    elsewhere = make_account("hr", make_office(code="kecamatan"))
    for account in (elsewhere, story.supervisor, story.supervisor):
        enter(client, account)
        assert client.get("/records").status_code == 200
    auditor = make_account("auditor")
    enter(client, auditor)
    client.get("/decisions")  # before there is one about the employee
    agency = story.supervisor.agency
    (one,) = listings(agency, story.employee.id, READERS)
    assert (one.act, one.period) == ("records_listed", PERIOD)
    assert one.roles == (("supervisor", story.office.name),)
    story.decide(now=NOW - DAY)
    enter(client, auditor)
    client.get("/decisions")
    found = listings(agency, story.employee.id, READERS)
    assert {(two.act, two.roles) for two in found} == {
        ("decisions_read", (("auditor", None),)),
        ("records_listed", (("supervisor", story.office.name),)),
    }
    enter(client, story.clerk)
    page = client.get("/my").text.partition("Juga dibaca dalam daftar")[2]
    assert "Membaca daftar keputusan" in page
    assert story.supervisor.name not in page
    assert '"list": "records_listed"' in client.get("/my/data.json").text


SKP = (
    "nip,employee,office,period,decided_on,decision,state,plan,behaviour,feedback_line,decided_by,"
    "second_person,evidence_digest,decision_id"
)


def test_hr_takes_the_decisions_of_a_quarter_for_the_performance_application(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    story.advise("guidance_candidate")
    step = PlannedStep("=Latihan menyapa", NOW.date() + 9 * DAY)
    decision = story.decide("guidance", steps=(step,))
    path = f"/decisions/{PERIOD}/skp.csv"
    enter(client, make_account("hr", story.office))
    answer = client.get(f"{path}?lang=en")  # the application is Indonesian, whoever reads
    assert answer.data.startswith(b"\xef\xbb\xbf" + SKP.encode())
    (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (row["nip"], row["employee"]) == (story.employee.nip, story.employee.name)
    assert (row["decision"], row["evidence_digest"]) == ("guidance", decision.evidence_digest)
    assert row["plan"] == "'=Latihan menyapa, sampai 2 Desember 2026"
    assert row["behaviour"] == "Perilaku kerja: Berorientasi Pelayanan"
    assert row["feedback_line"].startswith("23 November 2026: dari 5 penilaian warga")
    assert row["feedback_line"].endswith(f"Bukti: keputusan nomor {decision.id}.")
    assert "Latihan menyapa" in client.get("/decisions").text
    assert "skp_exported" in db.session.scalars(select(AuditEvent.action)).all()
    for account, status in ((make_account("auditor"), 403), (story.supervisor, 403)):
        enter(client, account)
        assert client.get(path).status_code == status


def test_nobody_takes_decisions_of_other_offices_and_agencies(
    app: Flask, client: FlaskClient
) -> None:
    Story().decide()
    other = make_agency("kabupaten")
    for account, lines in (
        (make_account("hr"), 2),
        (make_account("hr", make_office(code="kecamatan")), 1),
        (make_account("hr", make_office(other)), 1),
        (make_account("hr", agency=other), 1),
    ):
        enter(client, account)
        assert client.get(f"/decisions/{PERIOD}/skp.csv").text.count("\r\n") == lines


def test_a_workbook_keeps_a_personal_number_whole_and_holds_no_formula(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    story.advise("guidance_candidate")
    steps = (PlannedStep("=Latihan menyapa", NOW.date() + 9 * DAY),)
    decision = story.decide("guidance", steps=steps)
    enter(client, make_account("hr"))
    file = io.BytesIO(client.get(f"/decisions/{PERIOD}/skp.xlsx").data)
    with ZipFile(file) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    for told in (story.employee.nip, str(decision.id), "=Latihan menyapa", *SKP.split(",")):
        assert f">{told}" in texts
    assert "<f>" not in sheet
    assert set(re.findall(r'<c [^>]*?t="(\w+)"', sheet)) == {"s"}
    assert len(re.findall("<c ", sheet)) == 2 * len(SKP.split(","))


@pytest.mark.parametrize("asked", ["2026-Q5", "x"])
def test_no_quarter_no_file(app: Flask, client: FlaskClient, asked: str) -> None:
    enter(client, make_account("hr"))
    assert client.get(f"/decisions/{asked}/skp.csv").status_code == 404
