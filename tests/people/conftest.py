"""A city to administer: offices, employees and accounts inside and outside a reader's scope."""

from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.db import db
from portal.people.models import Account
from tests.factories import make_account, make_agency, make_employee, make_office, sign_in


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
