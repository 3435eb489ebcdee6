"""Offices and employees on their pages: what is stored, what is refused."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.people import agency_actions, employee_actions
from portal.people.models import Account, AuditEvent, Employee, Employment, Office
from portal.people.queries import with_descendants
from tests.conftest import NOW
from tests.factories import make_account, sign_in
from tests.people.test_agency_pages import acts

TODAY = date(2026, 11, 23)


def office_form(**values: str) -> dict[str, str]:
    return {
        "name": "Kelurahan Melati",
        "code": "melati",
        "kind": "kelurahan",
        "parent": "",
    } | values


def test_an_office_is_added_below_another(whole, city) -> None:
    parent = city.offices["own"]
    answer = whole.post("/offices/new", data=office_form(parent=str(parent)))
    assert answer.status_code == 302
    office = db.session.scalars(select(Office).where(Office.code == "melati")).one()
    assert office.parent_id == parent
    assert acts() == ["add_office"]
    assert "melati" in whole.get("/offices").text


def test_an_office_with_a_known_code_is_explained(whole) -> None:
    answer = whole.post("/offices/new", data=office_form(code="other"))
    assert "sudah dipakai" in answer.text


def test_an_administrator_of_an_office_adds_only_below_it(local, city) -> None:
    for parent in ("", str(city.offices["other"]), str(city.offices["abroad"])):
        assert 'role="alert"' in local.post("/offices/new", data=office_form(parent=parent)).text
    own = str(city.offices["own"])
    assert local.post("/offices/new", data=office_form(parent=own)).status_code == 302


def test_an_office_cannot_stand_below_itself(whole, city) -> None:
    key = city.offices["own"]
    form = office_form(code="dukcapil", parent=str(city.offices["branch"]), active="y")
    assert 'role="alert"' in whole.post(f"/offices/{key}", data=form).text
    with pytest.raises(agency_actions.OwnDescendant):
        agency_actions.edit_office(
            db.session.get_one(Account, city.whole),
            db.session.get_one(Office, (1, key)),
            NOW,
            code="x",
            name="x",
            kind="dinas",
            address="",
            parent_id=city.offices["branch"],
            active=True,
        )


def test_an_office_that_came_below_another_meanwhile_is_seen_under_the_lock(app, city) -> None:
    """Two administrators at once would else make a ring that hangs below nothing."""
    own, other = city.offices["own"], city.offices["other"]
    by = db.session.get_one(Account, city.whole)
    with app.test_request_context(method="POST"):
        assert other not in with_descendants(1, {own})  # as the page has read it
        db.session.get_one(Office, (1, other)).parent_id = own
        db.session.commit()
        with pytest.raises(agency_actions.OwnDescendant):
            agency_actions.edit_office(
                by,
                db.session.get_one(Office, (1, own)),
                NOW,
                code="x",
                name="x",
                kind="dinas",
                address="",
                parent_id=other,
                active=True,
            )


def test_an_office_closes_after_those_below_it(whole, city) -> None:
    form = office_form(code="dukcapil")
    assert 'role="alert"' in whole.post(f"/offices/{city.offices['own']}", data=form).text
    branch = office_form(code="branch", parent=str(city.offices["own"]))
    assert whole.post(f"/offices/{city.offices['branch']}", data=branch).status_code == 302
    assert whole.post(f"/offices/{city.offices['own']}", data=form).status_code == 302
    assert not db.session.get_one(Office, (1, city.offices["own"])).active


def employee_form(city, **values: str) -> dict[str, str]:
    return {
        "title": "Bapak",
        "name": "Agus Setiawan",
        "kind": "pppk",
        "nip": "19860926 202121 1 001",
        "job": "",
        "office": str(city.offices["own"]),
        "starts_on": "2026-11-01",
        "active": "y",
    } | values


def test_a_pppk_is_added_with_their_place(whole, city) -> None:
    answer = whole.post("/employees/new", data=employee_form(city))
    employee = db.session.scalars(select(Employee).where(Employee.kind == "pppk")).one()
    assert answer.location == f"/employees/{employee.id}"
    assert employee.nip == "198609262021211001"
    place = db.session.scalars(
        select(Employment).where(Employment.employee_id == employee.id)
    ).one()
    assert (place.office_id, place.starts_on) == (city.offices["own"], date(2026, 11, 1))
    assert acts() == ["add_employee"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "pns"},
        {"kind": "non_asn"},
        {"nip": ""},
        {"nip": "123"},
        {"starts_on": "0001-01-01"},
        {"starts_on": "9999-12-31"},
        {"office": "7"},
        {"name": ""},
        {"name": "x" * 161},
    ],
)
def test_a_wrong_employee_is_explained(whole, city, wrong: dict[str, str]) -> None:
    answer = whole.post("/employees/new", data=employee_form(city, **wrong))
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_a_number_belongs_to_one_employee(whole, city) -> None:
    whole.post("/employees/new", data=employee_form(city))
    assert "sudah dipakai" in whole.post("/employees/new", data=employee_form(city)).text


def test_an_empty_number_keeps_the_one_there_is(whole, city) -> None:
    key = city.employees["own"]
    nip = db.session.scalar(select(Employee.nip).where(Employee.id == key))
    form = employee_form(city, kind="pns", nip="")
    assert whole.post(f"/employees/{key}", data=form).status_code == 302
    employee = db.session.get_one(Employee, (1, key))
    assert (employee.name, employee.nip) == ("Agus Setiawan", nip)
    change = db.session.scalars(select(AuditEvent)).one()
    assert change.detail == {"changed": ["title", "name"]}


def test_another_kind_needs_another_number(whole, city) -> None:
    key = city.employees["own"]
    form = employee_form(city, kind="pppk", nip="")
    assert 'role="alert"' in whole.post(f"/employees/{key}", data=form).text
    form = employee_form(city, kind="non_asn", nip="")
    assert whole.post(f"/employees/{key}", data=form).status_code == 302
    assert db.session.get_one(Employee, (1, key)).nip is None


def test_a_move_ends_the_earlier_place_the_day_before(whole, city) -> None:
    key = city.employees["own"]
    form = {"office": str(city.offices["other"]), "on": "2026-12-01"}
    assert whole.post(f"/employees/{key}/move", data=form).status_code == 302
    places = db.session.scalars(
        select(Employment).where(Employment.employee_id == key).order_by(Employment.starts_on)
    ).all()
    assert places[0].ends_on == date(2026, 11, 30)
    assert (places[1].office_id, places[1].ends_on) == (city.offices["other"], None)
    assert "Dinas Dukcapil" in whole.get("/employees").text
    early = {"office": str(city.offices["own"]), "on": "2026-06-01"}
    assert 'role="alert"' in whole.post(f"/employees/{key}/move", data=early).text


def test_an_employee_who_moved_away_is_no_longer_ours(local, city) -> None:
    key = city.employees["own"]
    form = {"office": str(city.offices["other"]), "on": TODAY.isoformat()}
    assert local.post(f"/employees/{key}/move", data=form).location == "/employees"
    assert local.get(f"/employees/{key}").status_code == 404


def test_a_last_day_is_kept_and_the_employee_stays_findable(whole, city) -> None:
    key = city.employees["own"]
    answer = whole.post(f"/employees/{key}/leave", data={"last_day": "2026-10-31"})
    assert answer.status_code == 302
    assert whole.get(f"/employees/{key}").status_code == 200
    assert db.session.scalar(
        select(Employment.ends_on).where(Employment.employee_id == key)
    ) == date(2026, 10, 31)
    early = whole.post(f"/employees/{key}/leave", data={"last_day": "2020-01-01"})
    assert 'role="alert"' in early.text


def test_two_places_never_overlap(app: Flask, city) -> None:
    by = db.session.get_one(Account, city.whole)
    employee = db.session.get_one(Employee, (1, city.employees["own"]))
    with pytest.raises(employee_actions.MoveTooEarly):
        employee_actions.move_employee(
            by, employee, office_id=city.offices["other"], on=date(2026, 1, 1), now=NOW
        )


def test_nothing_is_written_without_the_forms_token(client, app: Flask) -> None:
    sign_in(client, make_account("administrator"))
    assert client.post("/offices/new", data=office_form()).status_code == 400
