"""The first page says what needs whom today, each with one step, and asks little for it."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from portal.db import db
from portal.followups.opening_actions import open_cases
from portal.people.models import AuditEvent, RoleGrant
from portal.records.decision_actions import Proposal, contest, decide
from portal.records.models import PublicResult
from portal.records.queries import shown_score
from tests.conftest import NOW, set_clock
from tests.factories import (
    LONG_AGO,
    make_account,
    make_agency,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    save,
)
from tests.records.cast import DAY, PERIOD, enter, rate, release
from tests.records.test_decisions import Story

CLOSING = NOW + 60 * DAY  # in the quarter after


def today(client: FlaskClient) -> str:
    answer = client.get("/today")
    assert answer.status_code == 200
    return answer.text


def result(
    office: Any, period: str, served: int, answered: int, index: tuple[float, ...] = (86, 88.5, 91)
) -> None:
    own = {"agency_id": office.agency_id, "office_id": office.id, "period": period}
    figures: dict[str, Any] = {"faces": None, "elements": {}, "causes": {}}
    numbers = {"counted": 60, **dict(zip(("lo", "mean", "hi"), index, strict=True))}
    told = {"served": served, "answered": answered, "figures": figures}
    save(PublicResult(**own, **numbers, **told, release=1, local_day=date(2026, 11, 20)))


def statements(client: FlaskClient) -> int:
    counted = 0

    def count(*_given: object) -> None:
        nonlocal counted
        counted += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        today(client)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return counted


def test_where_nothing_waits_the_page_says_so_kindly(app: Flask, client: FlaskClient) -> None:
    enter(client, make_account("supervisor", make_office()))
    page = today(client)
    assert "Tidak ada yang menunggu" in page
    assert "Belum ada hasil" in page


def test_cases_shifts_answers_and_falling_response_each_have_one_step(
    app: Flask, client: FlaskClient
) -> None:
    counter = make_counter()
    office, other = make_office(), make_office(code="kecamatan")
    rate(counter, None, 1, 4, 4, 4, 4)
    release(counter)
    open_cases(NOW)
    make_duty(make_employee(), counter, NOW - DAY, NOW - DAY / 2, confirmed=False)
    db.session.query(PublicResult).delete()
    result(office, "2026-Q3", 100, 60)
    result(office, PERIOD, 100, 20)
    result(other, PERIOD, 100, 20)
    enter(client, make_account("coordinator", office))
    page = today(client)
    for told, path in (
        ("1 tindak lanjut menunggu", "/follow-ups"),
        ("1 penugasan belum dipastikan", f"/duties?office={office.id}&amp;day=2026-11"),
        ("belum menjawab warga", f"/answers?office={office.id}"),
        ("Dari 60% menjadi 20%", "/overview?office="),
    ):
        assert told in page
        assert path in page
    assert "Dinas Kecamatan" not in page
    assert "<svg" in page
    assert "86,0–91,0" in page.replace("\u00a0", "")


def test_a_closed_quarter_brings_its_candidates_and_an_objection_its_decision(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, weak = make_counter(), make_employee()
    peer = make_employee(name="Budi Santoso")
    rate(counter, weak, *[1, 2] * 40)
    rate(counter, peer, *[4, 4] * 40)
    release(counter, closes=True)
    set_clock(monkeypatch, CLOSING)
    supervisor = make_account("supervisor", make_office())
    enter(client, supervisor)
    page = today(client)
    assert "Calon pembinaan" in page
    assert "candidates_listed" in db.session.scalars(select(AuditEvent.action)).all()
    assert f"/records/{weak.id}/{PERIOD}" in page
    shown = shown_score(weak.agency_id, weak.id, PERIOD)
    assert shown is not None
    proposal = Proposal("guidance", "Perlu dibimbing", "", shown.run.id, None)
    decision = decide(supervisor, weak.id, PERIOD, proposal, CLOSING)
    assert "Calon pembinaan" not in today(client)
    own = make_account("employee", make_office(), employee=weak)
    contest(own, decision.id, "Alat cetak macet", CLOSING)
    page = today(client)
    assert "Keberatan atas keputusan Anda: Sari Wulandari" in page
    assert f"/decisions/{decision.id}" in page
    elsewhere = make_account("supervisor", make_office(code="kecamatan"))
    enter(client, elsewhere)
    assert "Sari" not in today(client)


def test_a_small_fall_and_one_among_few_people_are_not_told(
    app: Flask, client: FlaskClient
) -> None:
    for code, served, before, now in (
        ("jatuh", 100, 60, 39),
        ("turun", 100, 60, 41),
        ("sepi", 49, 40, 4),
    ):
        office = make_office(code=code)
        result(office, "2026-Q3", served, before)
        result(office, PERIOD, served, now)
    enter(client, make_account("supervisor"))
    page = today(client)
    assert "Makin sedikit warga menilai di Dinas Jatuh" in page
    assert page.count("Makin sedikit warga menilai") == 1


def test_the_charts_of_all_offices_share_one_scale(app: Flask, client: FlaskClient) -> None:
    office, other = make_office(), make_office(code="kecamatan")
    result(office, PERIOD, 0, 0, (56, 58.5, 61))
    result(other, PERIOD, 0, 0, (94, 95, 96))
    enter(client, make_account("supervisor"))
    charts = today(client).split('class="plot plot-trend')[1:]
    levels = [re.findall(r'class="level"[^>]*>([\d,]+)<', chart) for chart in charts]
    assert levels == [["55", "77,5", "100"]] * 2


def test_who_may_open_the_page(app: Flask, client: FlaskClient) -> None:
    for role, status in {"supervisor": 200, "coordinator": 200, "employee": 403, "hr": 403}.items():
        enter(client, make_account(role, make_office()))
        assert client.get("/today").status_code == status, role
    result(make_office(), PERIOD, 100, 20)
    enter(client, make_account("supervisor", make_office(make_agency("lain"), "dukcapil")))
    assert "88,5" not in today(client)


def test_the_page_asks_as_much_of_one_office_as_of_many(app: Flask, client: FlaskClient) -> None:
    account = make_account("supervisor")
    own = {"agency_id": account.agency_id, "account_id": account.id, "granted_at": LONG_AGO}
    for role in ("coordinator", "moderator"):
        save(RoleGrant(**own, role=role))
    result(make_office(), PERIOD, 100, 20)
    enter(client, account)
    today(client)
    few = statements(client)
    assert few <= 40
    for number in range(14):
        office = make_office(code=f"kantor-{number:02}")
        result(office, "2026-Q3", 100, 60)
        result(office, PERIOD, 100, 20)
    today(client)
    assert statements(client) == few
    page = today(client)
    assert page.count("plot-trend") == 12
    assert "Dinas Kantor-13" not in page.partition('id="glance"')[2]
    waiting = page.partition('id="glance"')[0]
    assert "Semua 14: " in waiting  # offices with fewer answers: six open, the others below
    assert "Makin sedikit warga menilai di Dinas Kantor-13" in waiting
    told = waiting.rpartition('id="todo"')[2]
    assert f"({told.count('<b>')})" in told
    rest = client.get("/today?page=2").text
    assert rest.count("plot-trend") == 3
    assert "Dinas Kantor-13" in rest


def test_supervisors_see_shifts_that_nobody_vouched_for_and_cannot_change_them(
    app: Flask, client: FlaskClient
) -> None:
    counter = make_counter()
    office = make_office()
    make_duty(make_employee(), counter, NOW - DAY, NOW - DAY / 2, confirmed=False)
    enter(client, make_account("supervisor", office))
    page = today(client)
    path = f"/coverage?office={office.id}&amp;day=2026-11-22"
    assert "1 penugasan belum dipastikan" in page
    assert path in page
    coverage = client.get(path.replace("&amp;", "&")).text
    assert counter.label in coverage
    assert "/duties" not in coverage.rpartition("<main")[2]
    enter(client, make_account("supervisor", make_office(code="lain")))
    assert "belum dipastikan" not in today(client)


def test_whose_level_fell_stands_there_as_long_as_it_is_so(app: Flask, client: FlaskClient) -> None:
    story = Story()
    past = {"period": "2026-Q3", "share": 0.4, "fell": False, "warned": True}
    story.change(detail=story.score.detail | {"past": past})
    elsewhere = make_account("supervisor", make_office(code="lain"))
    enter(client, story.supervisor)
    page = today(client)
    assert "Peringatan dini" in page
    assert f"/records/{story.employee.id}/{PERIOD}" in page
    enter(client, elsewhere)
    assert "Peringatan dini" not in today(client)
    enter(client, story.supervisor)
    story.change(detail=story.score.detail | {"past": past | {"warned": False}})
    assert "Peringatan dini" not in today(client)
