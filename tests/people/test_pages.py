"""The administrator's pages: who may open what, what is stored, what is refused."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from portal.access import ROLES
from portal.db import db
from portal.people import actions, agency_actions, employee_actions
from portal.people.models import (
    Account,
    Agency,
    AuditEvent,
    Employee,
    Employment,
    Holiday,
    Office,
    OutboxMessage,
)
from portal.people.words import PAGE_HINTS
from tests.conftest import NOW
from tests.factories import make_account, make_agency, make_employee, make_office, sign_in

TODAY = date(2026, 11, 23)


@pytest.fixture
def city(app: Flask) -> SimpleNamespace:
    """Two offices, one with a branch, and another agency; an employee and an account in each."""
    app.config["WTF_CSRF_ENABLED"] = False
    dukcapil, other = make_office(), make_office(code="other")
    branch = make_office(code="branch", parent_id=dukcapil.id)
    abroad = make_office(make_agency("abroad"), code="abroad")
    city = SimpleNamespace(own=dukcapil, branch=branch, other=other, abroad=abroad)
    places = {"own": dukcapil, "branch": branch, "other": other, "abroad": abroad}
    city.employees = {name: make_employee(office).id for name, office in places.items()}
    city.accounts = {
        name: make_account("coordinator", office).id for name, office in places.items()
    }
    city.offices = {name: office.id for name, office in places.items()}
    city.whole = make_account("administrator").id
    city.local = make_account("administrator", dukcapil).id
    return city


@pytest.fixture
def whole(client: FlaskClient, city: SimpleNamespace) -> FlaskClient:
    return sign_in(client, db.session.get_one(Account, city.whole))


@pytest.fixture
def local(client: FlaskClient, city: SimpleNamespace) -> FlaskClient:
    return sign_in(client, db.session.get_one(Account, city.local))


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def acts() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action)))


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


AGENCY = {
    "name": "Kota Cempaka Raya",
    "initials": "KCR",
    "colour": "#123456",
    "timezone": "Asia/Makassar",
    "opens_at": "07:30",
    "closes_at": "15:30",
    "working_days": ["6", "1"],
    "report_name": "WBS",
    "report_url": "https://wbs.kota.example",
    "release_at": "01:00",
}


def test_the_agency_is_changed_and_the_change_noted(whole) -> None:
    assert whole.post("/agency", data=AGENCY).status_code == 302
    agency = db.session.get_one(Agency, 1)
    assert (agency.name, agency.timezone, agency.working_days) == (
        "Kota Cempaka Raya",
        "Asia/Makassar",
        "16",
    )
    assert acts() == ["edit_agency"]


ANOTHER = {
    "name": "Kabupaten Melati",
    "code": "kab-melati",
    "timezone": "Asia/Jayapura",
    "person": "Rini Astuti",
    "email": "Rini@melati.example",
}


def test_another_agency_comes_with_its_first_administrator_and_is_noted_in_both(whole) -> None:
    assert whole.post("/agencies/new", data=ANOTHER).status_code == 302
    agency = db.session.scalars(select(Agency).where(Agency.code == "kab-melati")).one()
    assert (agency.name, agency.initials, agency.timezone) == (
        *("Kabupaten Melati", "KM", "Asia/Jayapura"),
    )
    account = db.session.scalars(select(Account).where(Account.agency_id == agency.id)).one()
    assert (account.name, account.email) == ("Rini Astuti", "rini@melati.example")
    assert [(held.role, held.office_id) for held in account.grants] == [("administrator", None)]
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.agency_id, mail.recipient) == (agency.id, "rini@melati.example")
    assert "/recover/" in mail.body
    noted = db.session.execute(select(AuditEvent.agency_id, AuditEvent.action)).all()
    assert sorted(noted) == [
        *((1, "create_agency"), (agency.id, "create_account"), (agency.id, "create_agency")),
    ]
    assert "Kabupaten Melati" in whole.get("/agencies/new").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Kab Melati"},
        {"code": "kota"},  # taken
        {"email": "no-address"},
        {"timezone": "Europe/Berlin"},
        {"name": " "},
        {"person": ""},
    ],
)
def test_a_wrong_agency_is_explained_and_nothing_of_it_is_kept(
    whole, wrong: dict[str, str]
) -> None:
    before = len(db.session.scalars(select(Agency)).all())
    answer = whole.post("/agencies/new", data=ANOTHER | wrong)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert 'value="Rini@melati.example"' in answer.text or "email" in wrong
    assert len(db.session.scalars(select(Agency)).all()) == before
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_only_who_administers_all_changes_the_agency(local) -> None:
    assert local.get("/agency").status_code == 200
    assert local.post("/agency", data=AGENCY).status_code == 403
    assert local.post("/agency/holidays", data={"day": "2026-12-25"}).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"closes_at": "07:00"},
        {"timezone": "Europe/Berlin"},
        {"colour": "red"},
        {"working_days": []},
        {"report_url": "javascript:alert(1)"},
        {"name": "\x00"},
        {"opens_at": "25:00"},
        {"initials": "TOOLONG"},
    ],
)
def test_a_wrong_agency_is_explained_and_not_stored(whole, wrong: dict[str, object]) -> None:
    answer = whole.post("/agency", data=AGENCY | wrong)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert db.session.get_one(Agency, 1).name == "Kota Kota"


def test_a_day_that_closes_early_has_its_hours(whole) -> None:
    early = {"day": "2026-12-24", "holiday": "Menjelang Natal", "opens": "08:00", "closes": "12:00"}
    for wrong in ({"closes": ""}, {"opens": ""}, {"closes": "07:00"}):
        assert whole.post("/agency/holidays", data=early | wrong).status_code == 422
    assert whole.post("/agency/holidays", data=early).status_code == 302
    assert "buka 08.00–12.00" in whole.get("/agency").text


def test_holidays_come_and_go(whole) -> None:
    holiday = {"day": "2026-12-25", "holiday": "Hari Natal"}
    assert whole.post("/agency/holidays", data=holiday).status_code == 302
    assert 'role="alert"' in whole.post("/agency/holidays", data=holiday).text
    assert "Hari Natal" in whole.get("/agency").text
    assert whole.post("/agency/holidays/2026-12-25/remove").status_code == 302
    assert whole.post("/agency/holidays/2026-12-25/remove").status_code == 404
    assert whole.post("/agency/holidays/never/remove").status_code == 404
    assert db.session.scalars(select(Holiday)).all() == []
    assert sorted(acts()) == ["add_holiday", "remove_holiday"]


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


def test_nothing_is_written_without_the_forms_token(client, app: Flask) -> None:
    sign_in(client, make_account("administrator"))
    assert client.post("/offices/new", data=office_form()).status_code == 400


def test_the_first_page_says_of_every_page_of_the_menu_what_it_is_for(app) -> None:
    with app.test_request_context("/"):
        pages = {url_for(entry.endpoint) for entry in app.extensions["menu"].values()}
    assert pages - set(PAGE_HINTS) == {"/home"}
