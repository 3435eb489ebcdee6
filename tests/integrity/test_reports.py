"""A report to the inspectorate: sealed, answered in a mailbox, seen by nobody else."""

from datetime import date, timedelta

import pytest
from flask import g
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from portal.db import db
from portal.operations.due_work import run_once
from portal.people.models import AuditEvent, Holiday, OutboxMessage
from portal.ratings.models import Rating, RatingComment
from tests.conftest import NOW, set_clock
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    save,
    sign_in,
)
from tests.integrity.reports import (
    PASSPHRASE,
    WORDS,
    answer,
    as_inspector,
    csrf,
    everything_stored,
    fields_of,
    file,
    hidden,
    mailbox,
    messages,
    office_with_key,
    path_of,
    quick_keys,
    read_report,
    reports,
    unlock,
)
from tests.ratings.test_scan_and_rate import CODE
from tests.records.cast import DAY, rate, release, score_of


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    quick_keys(monkeypatch)


@pytest.fixture
def office(app):
    return office_with_key()


@pytest.fixture
def citizen(app):
    return app.test_client()


# From the counter to the inspectorate and back.


def test_the_rating_page_and_the_receipt_lead_to_a_report_about_that_counter(
    client, office
) -> None:
    counter = make_counter(office)
    make_code(counter, CODE)
    make_duty(make_employee(office), counter)
    page = client.get(f"/n/{CODE}").text
    assert f'href="{path_of(office)}/{counter.id}"' in page
    sent = client.post(f"/n/{CODE}", data={"token": hidden(page, "token"), "overall": "1"})
    assert f'href="{path_of(office)}"' in client.get(sent.location).text
    assert "Loket 3" in client.get(f"{path_of(office)}/{counter.id}").text


def test_a_report_reaches_the_inspector_and_the_answer_reaches_the_citizen(
    citizen, client, office
) -> None:
    code = file(citizen, office, kind="levy", when="Senin pagi")
    assert "Belum ada jawaban" in mailbox(citizen, code).text

    as_inspector(client)
    locked = read_report(client)
    assert "Laporan terkunci" in locked
    assert WORDS not in locked
    assert WORDS in unlock(client, report=str(reports()[0].id)).text
    opened = read_report(client)
    assert "Diminta uang atau barang" in opened
    assert "Senin pagi" in opened
    assert "PP 94/2021" in opened
    answer(client, "Kami sudah memanggil petugasnya.\nTerima kasih.")

    box = mailbox(citizen, code.lower()).text
    assert "Kami sudah memanggil petugasnya." in box
    assert "Dikonfirmasi inspektorat" in box
    assert WORDS not in box  # whoever forces a citizen to open it reads answers only
    mailbox(citizen, code, text="Besok saya bawa kuitansinya", sending=hidden(box, "sending"))
    again = read_report(client)
    assert "Besok saya bawa kuitansinya" in again
    assert "ada pesan warga" in client.get("/inspectorate").text


def test_acknowledging_and_closing_are_seen_in_the_mailbox(citizen, client, office) -> None:
    code = file(citizen, office)
    as_inspector(client)
    unlock(client)
    path = f"/inspectorate/{reports()[0].id}"
    client.post(f"{path}/acknowledge", data={"csrf_token": csrf(client, path)})
    assert reports()[0].acknowledged_on == date(2026, 11, 23)
    answer(client, "Sudah diperiksa; petugas ditegur.", closes="y")
    assert "Selesai ditangani" in mailbox(citizen, code).text
    mailbox(citizen, code, text="Terjadi lagi kemarin")
    assert reports()[0].closed_on is None  # a closed report that is written to is open again


def test_without_a_key_citizens_are_led_to_the_agencys_other_channel(client, app) -> None:
    office = make_office()
    page = client.get(path_of(office))
    assert page.status_code == 200
    assert "https://www.lapor.go.id" in page.text
    assert "data-report-form" not in page.text


def test_the_other_channel_is_offered_beside_the_form(client, office) -> None:
    assert "https://www.lapor.go.id" in client.get(path_of(office)).text


# What is kept, and who sees it.


def test_a_copy_of_the_database_tells_neither_words_nor_code_nor_time(
    citizen, client, office
) -> None:
    code = file(citizen, office, when="Senin pagi")
    as_inspector(client)
    unlock(client)
    answer(client, "Kami periksa hari ini")
    stored = everything_stored()
    for secret in (WORDS, "Senin pagi", "Kami periksa", code, PASSPHRASE):
        assert secret not in stored
    (report,) = reports()
    assert (report.office_id, report.received_on) == (office.id, date(2026, 11, 23))
    moments = [value for value in vars(report).values() if hasattr(value, "hour")]
    assert moments == []


@pytest.mark.parametrize(
    "role", ["employee", "coordinator", "supervisor", "hr", "auditor", "administrator"]
)
def test_no_other_role_opens_the_pages(client, office, role: str) -> None:
    file(client, office)
    sign_in(client, make_account(role))
    for path in ("/inspectorate", "/inspectorate/key", f"/inspectorate/{reports()[0].id}"):
        assert client.get(path).status_code == 403


def test_a_report_about_another_office_is_a_404_and_not_listed(citizen, client, office) -> None:
    file(citizen, office)
    other = make_office(code="kauman", name="Kelurahan Kauman", kind="kelurahan")
    as_inspector(client, other)
    assert office.name not in client.get("/inspectorate").text
    report = reports()[0].id
    assert client.get(f"/inspectorate/{report}").status_code == 404
    token = csrf(client)
    for deed in ("acknowledge", "answer"):
        data = {"csrf_token": token, "text": "x"}
        assert client.post(f"/inspectorate/{report}/{deed}", data=data).status_code == 404
    assert client.get("/inspectorate/key").status_code == 404  # of the whole agency only


def test_each_opening_is_in_the_audit_log_which_administrators_do_not_see_there(
    citizen, client, office
) -> None:
    file(citizen, office)
    as_inspector(client)
    unlock(client, "kata sandi yang keliru")
    unlock(client)
    read_report(client)
    db.session.rollback()
    acts = list(db.session.scalars(select(AuditEvent.action)))
    for act in ("integrity_open_failed", "integrity_opened", "integrity_report_read"):
        assert acts.count(act) == 1
    shown = {}
    for role in ("administrator", "auditor"):
        g.pop("_login_user", None)
        sign_in(client, make_account(role))
        shown[role] = client.get("/audit").text
    assert "Membaca laporan integritas" in shown["auditor"]
    for hint in ("integrity_report", "laporan integritas", "kunci inspektorat"):
        assert hint not in shown["administrator"]
    assert office.name not in shown["auditor"]


def test_a_report_changes_no_rating_and_no_score(citizen, app, office) -> None:
    counter, employee = make_counter(office), make_employee(office)
    rate(counter, employee, 4, 4, 3, 4, 4)
    release(counter)
    before = score_of(employee)
    assert before
    known = (before.score, before.lo, before.hi, before.counted, before.set_aside)
    for _number in range(6):
        file(citizen, office, text=f"{employee.name} {WORDS}")
    assert db.session.query(Rating).count() == 5
    assert db.session.query(RatingComment).count() == 0
    release(counter, NOW + DAY)
    after = score_of(employee)
    assert after
    assert (after.score, after.lo, after.hi, after.counted, after.set_aside) == known


# The code.


def test_the_code_stands_in_no_address_and_no_cookie_is_set(citizen, office) -> None:
    form = citizen.get(path_of(office))
    data = {**fields_of(form.text, "token", "code"), "text": WORDS}
    sent = citizen.post(path_of(office), data=data)
    box = mailbox(citizen, data["code"])
    typed = citizen.get("/find", query_string={"code": data["code"]})
    for page in (form, sent, box, typed):
        assert "Set-Cookie" not in page.headers
        assert data["code"] not in page.headers.get("Location", "")
        assert "no-store" in page.headers["Cache-Control"]
    assert typed.location.endswith("/report")


@pytest.mark.parametrize("code", ["", "7K3M", "0" * 20, "../../etc/passwd", "7K3M9QXA7K3M9QXA7K3M"])
def test_an_unknown_code_opens_nothing(citizen, office, code: str) -> None:
    file(citizen, office)
    page = mailbox(citizen, code)
    assert page.status_code == 404
    assert "Kode tidak dikenal" in page.text


# The deadline.


def test_three_working_days_end_after_weekend_and_holiday(citizen, office, monkeypatch) -> None:
    save(Holiday(agency_id=office.agency_id, day=date(2026, 11, 30), name="Hari libur"))
    set_clock(monkeypatch, NOW + timedelta(days=3))  # Thursday
    code = file(citizen, office)
    assert reports()[0].due_on == date(2026, 12, 2)
    assert "2 Desember 2026" in mailbox(citizen, code).text


def test_the_inspectorate_is_told_the_next_morning_and_once_more_when_it_is_late(
    app, citizen, client, office, monkeypatch
) -> None:
    inspector = as_inspector(client)
    stranger = make_account("inspector", make_office(code="lain"))
    code = file(citizen, office)

    def told_after(days: int) -> list[OutboxMessage]:
        set_clock(monkeypatch, NOW + timedelta(days=days))
        for _time in range(2):
            assert run_once() == []
        db.session.rollback()
        return list(db.session.scalars(select(OutboxMessage)))

    assert told_after(0) == []  # a mail at the moment of a report would tell when it came
    (first,) = told_after(1)
    assert first.recipient == inspector.email
    assert first.recipient != stranger.email
    assert office.name not in first.subject
    assert len(told_after(3)) == 1
    assert len(told_after(4)) == 2
    assert reports()[0].overdue_on == date(2026, 11, 27)
    sign_in(client, inspector)
    assert "terlambat" in client.get("/inspectorate").text
    assert "Inspektorat terlambat" in mailbox(citizen, code).text


def test_years_after_it_was_closed_a_report_is_removed(
    citizen, client, office, monkeypatch
) -> None:
    file(citizen, office)
    as_inspector(client)
    unlock(client)
    answer(client, "Selesai", closes="y")
    set_clock(monkeypatch, NOW + timedelta(days=4 * 365))
    assert run_once() == []
    assert len(reports()) == 1
    set_clock(monkeypatch, NOW + timedelta(days=5 * 366 + 31))
    assert run_once() == []
    assert reports() == messages() == []


# The key.


def test_words_are_never_changed_and_not_removed_while_the_report_is_open(citizen, office) -> None:
    file(citizen, office)
    for deed in (
        "UPDATE integrity_message SET written_on = written_on",
        "UPDATE integrity_message SET author = 'inspectorate'",
        "DELETE FROM integrity_message",
    ):
        with pytest.raises(DatabaseError), db.engine.begin() as connection:
            connection.execute(text(deed))
    assert len(messages()) == 1


def test_another_agencys_inspector_sees_nothing(citizen, client, office) -> None:
    file(citizen, office)
    as_inspector(client, agency=make_agency("lain"))
    assert office.name not in client.get("/inspectorate").text
    assert client.get(f"/inspectorate/{reports()[0].id}").status_code == 404
