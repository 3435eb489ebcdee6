"""Codes of desks, where several serve at one counter: each names whose desk it is, on no paper."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters.actions import CounterHasCode, NotOfThisOffice, issue_desk_code, replace_code
from portal.counters.duty_actions import correct_duty, plan_duty
from portal.counters.models import DeskCode, PosterCheck
from portal.db import db
from portal.people.models import AuditEvent
from portal.ratings.models import AttributionEvent, Rating
from portal.ratings.reattribution_actions import reattribute_due
from tests.conftest import NOW, set_clock
from tests.counters.paper import text_of
from tests.counters.staff import act_as, send
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_employee,
    make_office,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    office = make_office()
    sari, budi = make_employee(office), make_employee(office, "Budi Santoso")
    found = SimpleNamespace(
        office=office,
        sari=sari,
        budi=budi,
        counter=make_counter(office),
        coordinator=make_account("coordinator", office),
    )
    make_code(found.counter)
    found.duties = [plan(found, one) for one in (sari, budi)]
    found.a, found.b = (
        issue_desk_code(found.coordinator, found.counter.id, desk, one.id, NOW - HOUR)
        for desk, one in (("Meja A", sari), ("Meja B", budi))
    )
    return found


def plan(cast: SimpleNamespace, employee) -> SimpleNamespace:
    duty_id = plan_duty(
        cast.coordinator,
        counter_id=cast.counter.id,
        employee_id=employee.id,
        starts_at=NOW - HOUR,
        ends_at=NOW + HOUR,
        now=NOW - 2 * HOUR,
    )
    return SimpleNamespace(id=duty_id, employee_id=employee.id)


def rate(client: FlaskClient, code: str) -> Rating:
    page = client.get(f"/N/{code}").text
    token = page.split('name="token" value="')[1].split('"')[0]
    assert client.post(f"/n/{code}", data={"token": token, "overall": "4"}).status_code == 303
    db.session.rollback()
    return db.session.scalars(select(Rating).order_by(Rating.code_version.desc())).first()


def test_of_two_at_one_counter_each_desks_code_counts_for_its_own(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    assert "Siapa yang melayani Anda?" in client.get("/n/7K3M9QXA").text  # the counter's own asks
    for code, employee in ((cast.a, cast.sari), (cast.b, cast.budi)):
        rating = rate(client, code)
        assert (rating.employee_id, rating.counts_for) == (employee.id, "A")
        assert (rating.counter_id, rating.channel) == (cast.counter.id, "poster")


def test_no_paper_of_a_desk_names_who_sits_there(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, cast.coordinator)
    text = text_of(client.get(f"/codes/{cast.a}/poster.pdf?paper=tent").data)
    assert "Loket 3 · Meja A" in text
    assert f"{cast.a[:4]}-{cast.a[4:]}" in text
    for word in ("Sari", "Wulandari", str(cast.sari.nip)):
        assert word not in text
    page = client.get(f"/posters?office={cast.office.id}").text
    assert all(f"{code[:4]}-{code[4:]}" in page for code in (cast.a, cast.b, "7K3M9QXA"))


def test_a_desk_has_one_code_and_a_new_one_leaves_the_other_papers_in_force(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    with pytest.raises(CounterHasCode):
        issue_desk_code(cast.coordinator, cast.counter.id, "Meja A", cast.budi.id, NOW)
    db.session.rollback()
    newer = replace_code(cast.coordinator, cast.counter.id, cast.a, "Sobek", NOW)
    assert client.get(f"/n/{cast.a}").status_code == 410
    assert [client.get(f"/n/{code}").status_code for code in (newer, cast.b, "7K3M9QXA")] == [
        200
    ] * 3
    assert db.session.get(DeskCode, newer).employee_id == cast.sari.id
    replace_code(cast.coordinator, cast.counter.id, "7K3M9QXA", "Sobek", NOW)
    assert [client.get(f"/n/{code}").status_code for code in (newer, cast.b)] == [200] * 2


def test_a_revoked_desk_may_become_somebody_elses(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, cast.coordinator)
    send(client, f"/counters/{cast.counter.id}/code/revoke", code=cast.a, reason="Pindah meja")
    assert client.get(f"/n/{cast.a}").status_code == 410
    send(client, f"/counters/{cast.counter.id}/desks", desk="Meja A", employee=cast.budi.id)
    page = client.get(f"/counters/{cast.counter.id}").text
    assert "Kode meja dibuat" in page
    assert "Pindah meja" in page
    holders = db.session.scalars(
        select(DeskCode.employee_id).where(DeskCode.desk == "Meja A", DeskCode.code != cast.a)
    ).all()
    assert holders == [cast.budi.id]
    assert "issue_desk_code" in db.session.scalars(select(AuditEvent.action)).all()


def test_nobody_of_elsewhere_gets_a_desk_and_no_counter_of_elsewhere_has_one(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    stranger = make_employee(make_office(make_agency("kabupaten")))
    with pytest.raises(NotOfThisOffice):
        issue_desk_code(cast.coordinator, cast.counter.id, "Meja C", stranger.id, NOW)
    db.session.rollback()
    act_as(client, make_account("coordinator", make_office(code="kelurahan")))
    fields = {"desk": "Meja C", "employee": cast.sari.id}
    assert send(client, f"/counters/{cast.counter.id}/desks", **fields).status_code == 404
    assert client.get(f"/codes/{cast.a}/poster.pdf").status_code == 404


def test_whoever_was_not_at_their_desk_is_not_counted_for_when_the_duty_is_corrected(
    client: FlaskClient, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rating = rate(client, cast.a)
    assert rating.employee_id == cast.sari.id
    later = NOW + timedelta(minutes=30)
    # A word about the other desk changes nothing at this one.
    correct_duty_of(cast, cast.duties[1], NOW - HOUR / 2, later)
    assert reattribute_due(later + timedelta(minutes=1)) == 0
    correct_duty_of(cast, cast.duties[0], NOW + HOUR / 4, later + timedelta(minutes=2))
    assert reattribute_due(later + timedelta(minutes=3)) == 1
    (event,) = db.session.scalars(select(AttributionEvent))
    assert (event.employee_id, event.counts_for) == (None, "O")


def correct_duty_of(cast: SimpleNamespace, duty, starts_at, now) -> None:
    correct_duty(
        cast.coordinator,
        duty.id,
        employee_id=duty.employee_id,
        starts_at=starts_at,
        ends_at=NOW + HOUR,
        reason="Datang terlambat",
        now=now,
    )


def test_cards_of_two_desks_that_were_exchanged_are_found_on_the_walk(
    client: FlaskClient, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    act_as(client, cast.coordinator)
    page = client.get("/walk").text
    assert "0 dari 3 poster diperiksa bulan ini" in page
    assert "Loket 3, Meja A" in page
    link = client.get(f"/N/{cast.a}").text.split('<a href="/walk/')[1].split('"')[0]
    assert 'name="desk" value="Meja A"' in client.get(f"/walk/{link}").text
    send(client, f"/walk/{cast.counter.id}", found=cast.a, desk="Meja A")
    set_clock(monkeypatch, NOW + timedelta(minutes=1))
    send(client, f"/walk/{cast.counter.id}", found=cast.a, desk="Meja B")
    set_clock(monkeypatch, NOW + timedelta(minutes=2))
    send(client, f"/walk/{cast.counter.id}", found=cast.a)
    rows = db.session.scalars(select(PosterCheck).order_by(PosterCheck.at))
    assert [(row.desk, row.outcome) for row in rows] == [
        ("Meja A", "good"),
        ("Meja B", "misplaced"),
        ("", "misplaced"),
    ]
    assert "3 dari 3 poster diperiksa bulan ini" in client.get("/walk").text
