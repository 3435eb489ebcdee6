"""The administrator's pages: who may open what, and what they show."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask import url_for
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from portal.access import ROLES
from portal.db import db
from portal.people import actions
from portal.people.models import Account, Employee, Office
from portal.people.words import PAGE_HINTS
from tests.conftest import NOW
from tests.factories import make_account, make_employee, make_office, sign_in

TODAY = date(2026, 11, 23)


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_lands_on_a_page_with_a_next_step(client: FlaskClient, role: str) -> None:
    person = make_employee() if role == "employee" else None
    sign_in(client, make_account(role, None, person))
    page = client.get("/home")
    assert page.status_code == 200
    steps = page.text.split('id="next"')[1].split("</ul>")[0]
    paths = re.findall(r'href="([^"]+)"', steps)
    own = [path for path in paths if path not in {"/", "/password", "/home"}]
    assert own, "nothing but what everybody has"
    assert client.get(own[0]).status_code == 200


PAGES = {
    "/agencies/new": {"administrator"},
    "/agency": {"administrator"},
    "/offices": {"administrator"},
    "/offices/new": {"administrator"},
    "/employees": {"administrator", "hr"},
    "/employees/new": {"administrator"},
    "/accounts": {"administrator"},
    "/accounts/new": {"administrator"},
    "/audit": {"administrator", "auditor"},
}


@pytest.mark.parametrize("role", ROLES)
def test_each_page_opens_for_its_roles_and_no_others(client: FlaskClient, role: str) -> None:
    make_office()
    sign_in(client, make_account(role))
    for path, roles in PAGES.items():
        assert client.get(path).status_code == (200 if role in roles else 403), path


@pytest.mark.parametrize("kind", ["offices", "employees", "accounts"])
@pytest.mark.parametrize(
    ("place", "status"), [("own", 200), ("branch", 200), ("other", 404), ("abroad", 404)]
)
def test_an_administrator_of_an_office_sees_it_and_what_is_below(
    local, city, kind: str, place: str, status: int
) -> None:
    path = f"/{kind}/{getattr(city, kind)[place]}"
    assert local.get(path).status_code == status
    if status == 404:
        assert local.post(path, data={"name": "Changed"}).status_code == 404


@pytest.mark.parametrize("kind", ["offices", "employees", "accounts"])
def test_an_administrator_of_all_sees_the_agency_but_no_other(whole, city, kind: str) -> None:
    for place, key in getattr(city, kind).items():
        status = 404 if place == "abroad" else 200
        assert whole.get(f"/{kind}/{key}").status_code == status


def test_an_impossible_number_in_an_address_is_a_page_not_found(whole) -> None:
    for path in ("/offices/9", "/employees/99999999999999999999", "/accounts/0"):
        assert whole.get(path).status_code == 404
    assert whole.get("/employees?office=99999999999999999999&page=9999999999").status_code == 200


def test_hr_reads_employees_and_changes_nothing(client, city) -> None:
    sign_in(client, make_account("hr"))
    key = city.employees["own"]
    page = client.get(f"/employees/{key}").text
    assert "<form" not in page.split("<main")[1]
    assert client.post(f"/employees/{key}", data={"name": "X"}).status_code == 404
    assert client.post(f"/employees/{key}/move").status_code == 403


def test_numbers_of_employees_are_shown_masked(whole, city) -> None:
    employee = db.session.scalars(select(Employee).where(Employee.agency_id == 1)).first()
    nip = employee.nip
    for path in ("/employees", f"/employees/{employee.id}", "/audit"):
        assert nip not in whole.get(path).text
    assert nip[-3:] in whole.get("/employees").text


def test_a_searched_number_leads_to_the_employee_and_never_into_an_address(whole, city) -> None:
    key = city.employees["own"]
    nip = db.session.scalar(select(Employee.nip).where(Employee.id == key))
    answer = whole.post("/employees", data={"q": f"{nip[:8]} {nip[8:]}"})
    assert answer.location == f"/employees/{key}"
    assert whole.post("/employees", data={"q": "9" * 18}).location == "/employees"


def test_employees_are_found_by_name_and_office(whole, city) -> None:
    make_employee(make_office(code="branch"), "Budi Santoso")
    answer = whole.post(
        "/employees", data={"q": "budi", "office": str(city.offices["own"]), "state": "active"}
    )
    page = whole.get(answer.location).text
    assert "Budi Santoso" in page
    assert "Sari" not in page
    assert "Budi" not in whole.get(f"/employees?office={city.offices['other']}").text


@pytest.mark.parametrize("path", ["/employees", "/accounts", "/offices", "/audit", "/home"])
def test_long_lists_need_few_queries(whole, city, path: str) -> None:
    office = make_office()
    for number in range(60):
        make_account("employee", office, make_employee(office, f"Name {number}"))
    whole.get(path)
    with counted_queries() as statements:
        assert whole.get(path).status_code == 200
    assert len(statements) <= 10, statements


def test_a_thousand_offices_come_a_page_at_a_time_and_are_found_by_name_or_code(
    local, city
) -> None:
    db.session.add_all(
        Office(
            agency_id=city.own.agency_id,
            parent_id=city.own.id,
            code=f"kel-{number:03}",
            name=f"Kelurahan {number:03}",
            kind="kelurahan",
        )
        for number in range(120)
    )
    db.session.commit()
    first, second = local.get("/offices").text, local.get("/offices?page=2").text
    assert "Kelurahan 000" in first
    assert "Kelurahan 119" not in first
    assert "Kelurahan 119" in second
    assert "di bawah Dinas Dukcapil" in second
    found = local.get("/offices?q=KEL-119").text
    assert "Kelurahan 119" in found
    assert "Kelurahan 118" not in found
    assert "Tidak ada yang cocok" in local.get("/offices?q=other").text


def test_audit_is_read_by_action_and_day(whole, city) -> None:
    by = db.session.get_one(Account, city.whole)
    for days in range(60):
        actions.note_act(by, "edit_office", NOW - timedelta(days=days), subject=f"office:{days}")
    actions.note_act(by, "unheard_of", NOW)
    actions.note_act(None, "sign_in", NOW, agency_id=2, subject="account:elsewhere")
    db.session.commit()
    assert "unheard_of" in whole.get("/audit").text
    assert "elsewhere" not in whole.get("/audit").text
    narrowed = whole.get("/audit?action=edit_office&since=2026-11-20&until=2026-11-21").text
    assert narrowed.count("unit kerja ") == 2
    assert "unheard_of" not in narrowed.partition("<tbody>")[2]
    assert whole.get("/audit?since=nonsense&action=none&page=2").status_code == 200


def test_an_auditor_of_an_office_reads_the_acts_of_its_people(client, city) -> None:
    local, whole = (db.session.get_one(Account, key) for key in (city.local, city.whole))
    actions.note_act(local, "edit_office", NOW, subject="office:inside")
    actions.note_act(whole, "edit_office", NOW, subject="office:outside")
    db.session.commit()
    sign_in(client, make_account("auditor", make_office()))
    page = client.get("/audit").text
    assert "unit kerja inside" in page
    assert "unit kerja outside" not in page


def test_the_first_page_says_of_every_page_of_the_menu_what_it_is_for(app) -> None:
    with app.test_request_context("/"):
        pages = {url_for(entry.endpoint) for entry in app.extensions["menu"].values()}
    assert pages - set(PAGE_HINTS) == {"/home"}
