"""Accounts and their roles: nobody reaches beyond their own scope, somebody always remains."""

import re
from types import SimpleNamespace

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.db import db
from portal.people import account_actions as accounts
from portal.people.actions import EmailTaken, NameTaken, NoSuchRole
from portal.people.models import Account, AuditEvent, OutboxMessage, RoleGrant
from portal.people.queries import scope_of
from tests.conftest import NOW
from tests.counters.test_duty_together import at_once
from tests.factories import make_account, make_employee, make_office, sign_in


@pytest.fixture
def city(app: Flask) -> SimpleNamespace:
    app.config["WTF_CSRF_ENABLED"] = False
    own = make_office()
    branch = make_office(code="branch", parent_id=own.id)
    other = make_office(code="other")
    return SimpleNamespace(
        own=own.id,
        branch=branch.id,
        other=other.id,
        whole=make_account("administrator").id,
        local=make_account("administrator", own).id,
        supervisor=make_account("supervisor", branch).id,
        outsider=make_account("supervisor", other).id,
    )


def account(key: int) -> Account:
    found = db.session.get_one(Account, key)
    db.session.refresh(found)
    return found


def stranger(client: FlaskClient) -> FlaskClient:
    """Another browser. Tests share one application context, which remembers the last reader."""
    g.pop("_login_user", None)
    return client.application.test_client()


def held(key: int) -> set[tuple[str, int | None]]:
    return {(row.role, row.office_id) for row in account(key).grants if row.ended_at is None}


def new_account_form(office_id: int | str, **values: str) -> dict[str, str]:
    return {
        "name": "Ratna Kusuma",
        "email": "Ratna.Kusuma@kota.example",
        "language": "id",
        "role": "supervisor",
        "office": str(office_id),
    } | values


def test_a_new_account_is_invited_and_its_link_sets_the_first_password(
    client: FlaskClient, city
) -> None:
    sign_in(client, account(city.whole))
    answer = client.post("/accounts/new", data=new_account_form(city.own))
    made = db.session.scalars(select(Account).where(Account.name == "Ratna Kusuma")).one()
    assert answer.location == f"/accounts/{made.id}"
    assert (made.email, made.password) == ("ratna.kusuma@kota.example", "")
    assert held(made.id) == {("supervisor", city.own)}
    mail = db.session.scalars(select(OutboxMessage)).one()
    link = re.search(r"https://loket\.kota\.example(/recover/\S+)", mail.body)
    assert link
    fresh = stranger(client)
    password = {"password": "melati-putih-harum", "password_confirm": "melati-putih-harum"}
    assert fresh.post(link[1], data=password).location == "/sign-in"
    entry = {"email": "ratna.kusuma@kota.example", "password": "melati-putih-harum"}
    assert fresh.post("/sign-in", data=entry).location == "/start"


def test_nobody_signs_in_before_the_invitation_was_used(client: FlaskClient, city) -> None:
    sign_in(client, account(city.whole))
    client.post("/accounts/new", data=new_account_form(city.own))
    fresh = stranger(client)
    for password in ("", "anything-at-all"):
        entry = {"email": "ratna.kusuma@kota.example", "password": password}
        assert fresh.post("/sign-in", data=entry).status_code == 200


def test_an_employees_account_starts_from_the_employee(client: FlaskClient, city) -> None:
    employee = make_employee(make_office()).id
    sign_in(client, account(city.whole))
    path = f"/accounts/new?employee={employee}"
    assert "Sari Wulandari" in client.get(path).text
    client.post(path, data=new_account_form(city.own, role="employee"))
    made = db.session.scalars(select(Account).where(Account.name == "Ratna Kusuma")).one()
    assert made.employee_id == employee
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no-address"},
        {"email": "a@b"},
        {"email": "a@b.example\nBcc: c@d.example"},
        {"role": "emperor"},
        {"office": "77"},
        {"language": "xx"},
        {"name": " "},
    ],
)
def test_a_wrong_account_is_explained(client: FlaskClient, city, wrong: dict[str, str]) -> None:
    sign_in(client, account(city.whole))
    answer = client.post("/accounts/new", data=new_account_form(city.own, **wrong))
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_an_address_signs_in_to_one_account(client: FlaskClient, city) -> None:
    sign_in(client, account(city.whole))
    client.post("/accounts/new", data=new_account_form(city.own))
    again = client.post("/accounts/new", data=new_account_form(city.own, name="Rina"))
    assert "sudah dipakai" in again.text


def test_nobody_has_two_accounts_with_which_to_be_their_own_second_person(
    client: FlaskClient, city
) -> None:
    employee = make_employee()
    make_account("supervisor", None, employee)
    again = {"name": "S. Wulandari", "email": "lain@kota.example", "role": "hr", "office_id": None}
    with pytest.raises(accounts.HasAccount):
        accounts.add_account(
            account(city.whole), **again, employee_id=employee.id, language="id", now=NOW
        )
    db.session.rollback()
    with pytest.raises(IntegrityError):  # nor by any other way than the page
        make_account("hr", None, employee)
    db.session.rollback()


def test_whoever_is_no_employee_is_told_from_others_by_name(client: FlaskClient, city) -> None:
    sign_in(client, account(city.whole))
    client.post("/accounts/new", data=new_account_form(city.own))
    other = {"email": "lain@kota.example", "role": "hr"}
    for name in ("Ratna Kusuma", " ratna  kusuma"):
        answer = client.post("/accounts/new", data=new_account_form(city.own, name=name, **other))
        assert (answer.status_code, "Satu orang memakai satu akun" in answer.text) == (422, True)
    employee = make_employee(make_office(), "Ratna Kusuma").id  # nor an employee beside it
    path = f"/accounts/new?employee={employee}"
    assert client.post(path, data=new_account_form(city.own, **other)).status_code == 422
    told = new_account_form(city.own, name="Ratna Kusuma, Inspektorat", **other)
    assert client.post("/accounts/new", data=told).status_code == 302
    made = db.session.scalars(select(Account).where(Account.email == "lain@kota.example")).one()
    renamed = new_account_form("", name="Ratna Kusuma", **other)
    assert client.post(f"/accounts/{made.id}", data=renamed).status_code == 422


def test_two_administrators_at_once_make_one_account_of_a_name(app: Flask, city) -> None:
    makers = [city.whole, make_account("administrator").id, make_account("administrator").id]

    def make(by: Account) -> Account:
        address = f"ratna{by.id}@kota.example"
        person = {"name": "Ratna Kusuma", "email": address, "employee_id": None}
        return accounts.add_account(by, **person, role="hr", office_id=None, language="id", now=NOW)

    outcomes = at_once(app, [(maker, make) for maker in makers])
    refused = [one for one in outcomes if isinstance(one, NameTaken)]
    assert len(refused) == 2, outcomes
    db.session.rollback()
    named = select(Account).where(Account.name == "Ratna Kusuma")
    assert len(db.session.scalars(named).all()) == 1


def test_a_closed_account_is_not_reopened_beside_another_of_its_name(
    client: FlaskClient, city
) -> None:
    sign_in(client, account(city.whole))
    client.post("/accounts/new", data=new_account_form(city.own))
    first = db.session.scalars(select(Account).where(Account.name == "Ratna Kusuma")).one().id
    client.post(f"/accounts/{first}/active", data={"active": "0"})
    client.post("/accounts/new", data=new_account_form(city.own, email="lain@kota.example"))
    answer = client.post(f"/accounts/{first}/active", data={"active": "1"}, follow_redirects=True)
    assert "Satu orang memakai satu akun" in answer.text
    assert not account(first).active


def test_roles_are_given_within_ones_own_scope_only(client: FlaskClient, city) -> None:
    sign_in(client, account(city.local))
    path = f"/accounts/{city.supervisor}/roles"
    for office in ("", str(city.other)):
        answer = client.post(path, data={"role": "coordinator", "office": office})
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    client.post(path, data={"role": "coordinator", "office": str(city.branch)})
    assert held(city.supervisor) == {("supervisor", city.branch), ("coordinator", city.branch)}


def test_the_action_itself_refuses_what_lies_beyond_the_scope(app: Flask, city) -> None:
    for office_id in (None, city.other):
        with pytest.raises(accounts.BeyondScope):
            accounts.grant_role(
                account(city.local),
                account(city.supervisor),
                role="administrator",
                office_id=office_id,
                now=NOW,
            )
    with pytest.raises(NoSuchRole):
        accounts.grant_role(
            account(city.whole), account(city.supervisor), role="emperor", office_id=None, now=NOW
        )


def test_nobody_gives_or_takes_their_own_roles(client: FlaskClient, city) -> None:
    sign_in(client, account(city.whole))
    before = held(city.whole)
    own = account(city.whole).grants[0].id
    client.post(f"/accounts/{city.whole}/roles", data={"role": "supervisor", "office": ""})
    client.post(f"/accounts/{city.whole}/roles/{own}/end")
    client.post(f"/accounts/{city.whole}/active", data={"active": "0"})
    assert held(city.whole) == before
    assert account(city.whole).active


def test_a_role_ends_and_stays_on_record(client: FlaskClient, city) -> None:
    sign_in(client, account(city.local))
    grant = account(city.supervisor).grants[0].id
    client.post(f"/accounts/{city.supervisor}/roles/{grant}/end")
    assert held(city.supervisor) == set()
    assert not scope_of(account(city.supervisor), "supervisor")
    row = db.session.scalars(select(RoleGrant).where(RoleGrant.id == grant)).one()
    assert row.ended_at == NOW
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == ("end_role", f"account:{city.supervisor}")


def test_a_grant_is_ended_only_through_its_own_account(client: FlaskClient, city) -> None:
    sign_in(client, account(city.whole))
    grant = account(city.outsider).grants[0].id
    assert client.post(f"/accounts/{city.supervisor}/roles/{grant}/end").status_code == 404


def test_the_last_administrator_of_an_agency_cannot_be_removed(app: Flask, city) -> None:
    second = make_account("administrator")
    key = second.id
    grant = account(city.whole).grants[0]
    accounts.end_role(account(key), grant, NOW)
    with pytest.raises(accounts.BeyondScope):
        accounts.end_role(account(city.local), account(key).grants[0], NOW)
    with pytest.raises(accounts.LastAdministrator):
        accounts._check_another_administrator(account(key))


def test_a_closed_administrator_does_not_count_as_another(app: Flask, city) -> None:
    second = make_account("administrator").id
    accounts.set_account_active(account(city.whole), account(second), False, NOW)
    with pytest.raises(accounts.LastAdministrator):
        accounts._check_another_administrator(account(city.whole))


def test_closing_an_account_signs_the_person_out_everywhere(client: FlaskClient, city) -> None:
    sign_in(client, account(city.supervisor))
    assert client.get("/home").status_code == 200
    by = account(city.whole)
    accounts.set_account_active(by, account(city.supervisor), False, NOW)
    g.pop("_login_user", None)
    assert client.get("/home").status_code == 302
    account(city.supervisor).name = "Yang dibuka kembali"  # a name of its own
    db.session.commit()
    accounts.set_account_active(account(city.whole), account(city.supervisor), True, NOW)
    g.pop("_login_user", None)
    assert client.get("/home").status_code == 302


def test_an_account_with_roles_elsewhere_cannot_be_taken_over(app: Flask, city) -> None:
    """Whoever changes the address gets the recovery link."""
    accounts.grant_role(
        account(city.whole),
        account(city.supervisor),
        role="auditor",
        office_id=None,
        now=NOW,
    )
    by, wider = account(city.local), account(city.supervisor)
    with pytest.raises(accounts.BeyondScope):
        accounts.edit_account(by, wider, name="x", email="me@evil.example", language="id", now=NOW)
    with pytest.raises(accounts.BeyondScope):
        accounts.invite_again(by, wider, NOW)
    with pytest.raises(accounts.BeyondScope):
        accounts.set_account_active(by, wider, False, NOW)


def test_the_old_address_is_told_of_another_and_not_which(client: FlaskClient, city) -> None:
    old = account(city.supervisor).email
    sign_in(client, account(city.whole))
    form = {"name": "Baru", "email": "baru@kota.example", "language": "en"}
    assert client.post(f"/accounts/{city.supervisor}", data=form).status_code == 302
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert mail.recipient == old
    assert "baru@kota.example" not in mail.body
    event = db.session.scalars(select(AuditEvent)).one()
    assert event.detail == {"changed": ["name", "email", "language"]}


def test_an_address_in_use_cannot_be_taken(app: Flask, city) -> None:
    taken = account(city.outsider).email
    with pytest.raises(EmailTaken):
        accounts.edit_account(
            account(city.whole),
            account(city.supervisor),
            name="x",
            email=taken.upper(),
            language="id",
            now=NOW,
        )
    assert db.session.scalars(select(OutboxMessage)).all() == []
