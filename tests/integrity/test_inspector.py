"""Words of money asked for reach the inspector, and nobody else."""

import re
from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import select

from portal.db import db
from portal.integrity import queries
from portal.integrity.models import AllegationFinding
from portal.people.models import AuditEvent, Employee
from portal.ratings.comments import for_inspector
from portal.ratings.models import Release
from tests.conftest import NOW, set_clock
from tests.counters import staff
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
from tests.ratings.test_scan_and_rate import CODE, send
from tests.records.cast import DAY, enter, rate, release


def page_for(client, role: str, office=None, agency=None):
    g.pop("_login_user", None)
    sign_in(client, make_account(role, office, agency=agency))
    return client.get("/integrity")


@pytest.fixture
def alleged(app, client):
    counter = make_counter()
    make_code(counter, CODE)
    make_duty(make_employee(), counter)
    page = client.get(f"/n/{CODE}").text
    send(client, page, overall="1", comment="Saya diminta uang rokok 50 ribu")
    return counter


def test_the_inspector_reads_the_words_without_name_counter_or_time(client, alleged) -> None:
    page = page_for(client, "inspector").text
    assert "diminta uang rokok" in page
    assert "Dinas Dukcapil" in page
    assert "Sari" not in page
    assert "Loket 3" not in page
    db.session.rollback()
    assert "integrity_read" in set(db.session.scalars(select(AuditEvent.action)))


@pytest.mark.parametrize("role", ["supervisor", "coordinator", "hr", "administrator", "employee"])
def test_no_other_role_opens_the_page(client, alleged, role: str) -> None:
    assert page_for(client, role).status_code == 403


def test_an_inspector_of_another_office_or_agency_sees_nothing_of_it(client, alleged) -> None:
    other = make_office(code="kauman", name="Kelurahan Kauman", kind="kelurahan")
    assert "uang rokok" not in page_for(client, "inspector", other).text
    assert "uang rokok" not in page_for(client, "inspector", agency=make_agency("lain")).text


def path_of(client) -> str:
    return re.findall(r'"(/integrity/2026-Q4/[0-9a-f-]{36})"', client.get("/integrity").text)[0]


def moderators_list(client) -> str:
    return client.get("/comments").text + client.get("/comments?show=others").text


def test_the_inspector_notes_the_next_step_and_the_page_says_which_wait(
    client, alleged, monkeypatch
) -> None:
    inspector = make_account("inspector")
    enter(client, inspector)
    path = path_of(client)
    for refused in ({}, {"outcome": "examined"}, {"outcome": "jailed", "reason": "Ya"}):
        assert staff.send(client, path, **refused).status_code == 422
    staff.send(client, path, outcome="dismissed", reason="Tarif resmi")
    set_clock(monkeypatch, NOW + timedelta(minutes=5))
    staff.send(client, path, outcome="examined", reason="Surat tugas 12")
    page = client.get("/integrity").text
    assert "Langkah untuk setiap komentar sudah dicatat" in page
    waiting, done = page.split("Sudah ditindaklanjuti")
    assert "uang rokok" not in waiting
    assert "Surat tugas 12" in done
    assert "Tarif resmi" not in done  # the latest holds
    page = client.get(path).text
    assert page.index("Tarif resmi") < page.index("Surat tugas 12")
    acts = db.session.execute(
        select(AuditEvent.subject, AuditEvent.detail, AuditEvent.account_id)
        .where(AuditEvent.action == "integrity_finding")
        .order_by(AuditEvent.at)
    ).all()
    office = f"office:{alleged.office_id}"
    assert [act.detail["outcome"] for act in acts] == ["dismissed", "examined"]
    assert {(act.subject, act.account_id) for act in acts} == {(office, inspector.id)}


def test_a_list_too_long_to_show_says_that_older_ones_follow(client, alleged, monkeypatch) -> None:
    assert "yang terbaru tampil" not in page_for(client, "inspector").text
    monkeypatch.setattr(queries, "MOST", 1)
    assert "Hanya 1 yang terbaru tampil" in page_for(client, "inspector").text


def test_no_other_role_or_office_nor_the_one_it_is_about_takes_the_step(client, alleged) -> None:
    enter(client, make_account("inspector"))
    path = path_of(client)
    clerk = db.session.scalars(select(Employee)).one()
    other = make_office(code="kauman", name="Kelurahan Kauman", kind="kelurahan")
    for account, status in (
        (make_account("moderator"), 403),
        (make_account("hr"), 403),
        (make_account("inspector", other), 404),
        (make_account("inspector", agency=make_agency("lain")), 404),
        (make_account("inspector", employee=clerk), 404),
    ):
        enter(client, account)
        assert client.get(path).status_code == status
        assert staff.send(client, path, outcome="handed", reason="Ya").status_code == status
        if status == 404:
            assert "uang rokok" not in client.get("/integrity").text
    assert db.session.scalars(select(AllegationFinding)).all() == []


def test_what_is_no_allegation_goes_to_the_moderators_with_the_next_release(
    client, alleged
) -> None:
    inspector, moderator = make_account("inspector"), make_account("moderator")
    enter(client, inspector)
    path = path_of(client)
    staff.send(client, path, outcome="handed", reason="Uang kembalian, bukan pungutan")
    assert "uang rokok" not in client.get("/integrity").text
    assert client.get(path).status_code == 404
    enter(client, moderator)
    assert "uang rokok" not in moderators_list(client)
    rate(alleged, db.session.scalars(select(Employee)).one(), 4, 4, 4, 4, 4)
    release(alleged, NOW + DAY)
    enter(client, moderator)
    assert "uang rokok" in moderators_list(client)


@pytest.mark.parametrize("outcome", ["examined", "handed"])
def test_a_step_that_is_sent_twice_is_kept_once(client, alleged, outcome: str) -> None:
    enter(client, make_account("inspector"))
    path = path_of(client)
    for _tap in range(2):
        answer = staff.send(client, path, outcome=outcome, reason="Surat tugas 12")
        assert answer.location == "/integrity"
    assert len(db.session.scalars(select(AllegationFinding)).all()) == 1
    acts = select(AuditEvent).where(AuditEvent.action == "integrity_finding")
    assert len(db.session.scalars(acts).all()) == 1


def test_what_is_handed_over_stands_on_a_record_only_when_its_figures_move_again(
    client, alleged
) -> None:
    clerk = db.session.scalars(select(Employee)).one()
    rate(alleged, clerk, 4, 4, 4, 4, 4)
    release(alleged, NOW + DAY)
    enter(client, make_account("inspector"))
    staff.send(client, path_of(client), outcome="handed", reason="Uang kembalian")
    supervisor = enter(client, make_account("supervisor"))
    assert "uang rokok" not in supervisor.get(f"/records/{clerk.id}/2026-Q4").text
    rate(alleged, clerk, 4, 4, 4, 4, 4, since=20)
    release(alleged, NOW + 2 * DAY)
    assert "uang rokok" in supervisor.get(f"/records/{clerk.id}/2026-Q4").text


def test_the_number_of_a_letter_stays_as_written_and_numbers_of_persons_are_refused(
    client, alleged
) -> None:
    enter(client, make_account("inspector"))
    path = path_of(client)
    for words in ("NIK 3171234567890123", "NIP 198501012010011001", "HP 0812-3456-7890", "a@b.id"):
        refused = staff.send(client, path, outcome="examined", reason=words)
        assert refused.status_code == 422
        assert "Jangan tulis NIK" in refused.text
    letter, end = "Surat tugas 700.1.2/1234/2026", "sampai kata terakhir"
    longest = f"{letter} {'x ' * 480}"[: 1000 - len(end)] + end
    assert staff.send(client, path, outcome="examined", reason=longest + "x").status_code == 422
    staff.send(client, path, outcome="examined", reason=longest)
    page = client.get(path).text
    assert letter in page
    assert end in page


def test_of_a_closed_quarter_nothing_is_handed_over_that_would_reach_nobody(
    client, alleged
) -> None:
    rate(alleged, None, 4, 4, 4, 4, 4)
    release(alleged, closes=True)
    enter(client, make_account("inspector"))
    path = path_of(client)
    assert "Diserahkan ke moderator" not in client.get(path).text
    assert staff.send(client, path, outcome="handed", reason="Ya").status_code == 422
    assert "uang rokok" in client.get("/integrity").text


def test_while_a_quarter_is_being_closed_nothing_is_handed_over_any_more(client, alleged) -> None:
    """The closing may have looked already for what it brings to the moderators."""
    enter(client, make_account("inspector"))
    path = path_of(client)
    assert "Diserahkan ke moderator" in client.get(path).text
    key = {"agency_id": alleged.agency_id, "period": "2026-Q4", "number": 1}
    save(Release(**key, local_day=NOW.date(), started_at=NOW, closes=True))
    assert "Diserahkan ke moderator" not in client.get(path).text
    assert staff.send(client, path, outcome="handed", reason="Ya").status_code == 422


@pytest.mark.parametrize(
    "words",
    [
        "Ada pungli di sini",
        "Saya dimintai uang rokok",
        "disuruh bayar lebih tanpa kuitansi",
        "Petugas meraba tangan saya",
        "Kula dijaluki dhuwit",
        "Abdi dipenta duit",
        "They asked for money",
        "saya disuruh bayar 50 ribu",
        "minta Rp50.000",
        "dimintain 50rb buat rokok",
        "disuruh nambah 20rb",
        "dimintai sejumlah uang",
        "minta sedikit uang",
        "petugas minta duwit",
        "ini pemerasan",
        "asked us for money",
    ],
)
def test_words_of_a_levy_or_harassment_are_noticed(words: str) -> None:
    assert for_inspector(words)


@pytest.mark.parametrize(
    "words",
    [
        "Ramah dan cepat",
        "Kertasnya tipis",
        "Antre lama, tolong ditambah loket",
        "Gratis!",
        "Bayar pajak jadi mudah",
    ],
)
def test_ordinary_words_are_not(words: str) -> None:
    assert not for_inspector(words)
