"""Who may open which page of records: 200, 403 or 404, as designed."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.access import ROLES
from portal.people.models import Employee, Office
from portal.records.decision_actions import Proposal, contest, decide
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
)
from tests.records.cast import PERIOD, enter, rate, release, score_of

READERS = {"supervisor", "hr", "appeals_officer", "auditor"}


def scored_employee(office: Office) -> Employee:
    employee = make_employee(office)
    counter = make_counter(office, f"Loket {employee.id}")
    rate(counter, employee, *[4, 4, 3, 4, 4, 4] * 2)
    release(counter)
    return employee


def decided(employee: Employee, office: Office) -> int:
    score = score_of(employee)
    assert score
    proposal = Proposal("none", "Baik", "Beda", score.run_id, None)
    decision = decide(make_account("supervisor", office), employee.id, PERIOD, proposal, NOW)
    return decision.id


PAGES = {
    "/records": READERS,
    "/records/{employee}/{period}": READERS,
    "/records/{employee}/{period}/decide": {"supervisor"},
    "/records/{employee}/{period}/reply": set(),
    "/decisions/{decision}": READERS,
    "/decisions/{decision}/reply": set(),
    "/decisions/{decision}/contest": set(),
    "/contests": {"appeals_officer"},
    "/contests/{contest}": {"appeals_officer"},
    "/policy": {"hr", "administrator", "auditor"},
    "/proposals": {"supervisor", "hr"},
}
# What a role may open at all, but only about oneself, or in one's scope.
OPEN_TO = {
    page: roles | ({"employee"} if "{employee}" in page or "{decision}" in page else set())
    for page, roles in PAGES.items()
}
OPEN_TO["/records/{employee}/{period}/decide"] = {"supervisor"}
LISTS = {"/records", "/contests", "/policy", "/proposals"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_it_should_in_its_office_and_nothing_elsewhere(
    app: Flask, client: FlaskClient, role: str
) -> None:
    above = make_office(code="sekretariat")
    office = make_office(parent_id=above.id)
    employee = scored_employee(office)
    decision = decided(employee, office)
    colleague = scored_employee(office)
    objector = make_account("employee", office, colleague)
    made = contest(objector, decided(colleague, office), "Tidak adil", NOW)
    accounts = {
        "own office": make_account(role, above if role == "appeals_officer" else office),
        "another office": make_account(role, make_office(code="kecamatan")),
        "another agency": make_account(role, make_office(make_agency("lain"))),
    }
    names = {
        "employee": employee.id, "period": PERIOD, "decision": decision, "contest": made.id,
    }  # fmt: skip
    found: dict[tuple[str, str], int] = {}
    wanted: dict[tuple[str, str], int] = {}
    for where, account in accounts.items():
        enter(client, account)
        for page, roles in PAGES.items():
            found[where, page] = client.get(page.format(**names)).status_code
            if role not in OPEN_TO[page]:
                wanted[where, page] = 403
            elif page in LISTS or (where == "own office" and role in roles):
                wanted[where, page] = 200
            else:
                wanted[where, page] = 404
    assert found == wanted


def test_employees_open_their_own_record_and_nobody_elses(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    employee, colleague = scored_employee(office), scored_employee(office)
    decision, others = decided(employee, office), decided(colleague, office)
    enter(client, make_account("employee", office, employee))
    mine = client.get("/records/mine")
    assert mine.headers["Location"] == f"/records/{employee.id}/{PERIOD}"
    own: dict[str, Any] = {"employee": employee.id, "period": PERIOD, "decision": decision}
    for page in PAGES:
        if "employee" in OPEN_TO[page]:
            assert client.get(page.format(**own)).status_code == 200, page
    theirs = {"employee": colleague.id, "period": PERIOD, "decision": others}
    for page in PAGES:
        if "employee" in OPEN_TO[page]:
            assert client.get(page.format(**theirs)).status_code == 404, page


def test_access_follows_the_office_of_that_period(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    employee = scored_employee(office)
    enter(client, make_account("supervisor", office))
    assert client.get(f"/records/{employee.id}/2025-Q4").status_code == 404  # not yet employed
    assert client.get(f"/records/{employee.id}/2026-Q1").status_code == 200
    assert client.get(f"/records/{employee.id}/2026-Q5").status_code == 404
    assert client.get(f"/records/{employee.id}/musim-hujan").status_code == 404


def test_a_supervisor_above_sees_the_offices_below(app: Flask, client: FlaskClient) -> None:
    above = make_office(code="kecamatan")
    below = make_office(code="kelurahan", parent_id=above.id)
    employee = scored_employee(below)
    enter(client, make_account("supervisor", above))
    assert client.get(f"/records/{employee.id}/{PERIOD}").status_code == 200
    assert employee.name in client.get("/records").text
