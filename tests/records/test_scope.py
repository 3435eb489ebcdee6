"""Who may open which record: one's own, and where and when somebody worked in one's offices.

The table of all pages and roles stands in `tests/rules/test_scope.py`.
"""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from portal.people.models import Employee, Office
from portal.records.decision_actions import Proposal, decide
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_counter,
    make_employee,
    make_office,
)
from tests.records.cast import PERIOD, enter, rate, release, score_of


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


ABOUT_ONESELF = (
    "/records/{employee}/{period}",
    "/records/{employee}/{period}/reply",
    "/decisions/{decision}",
    "/decisions/{decision}/reply",
    "/decisions/{decision}/contest",
)


def test_employees_open_their_own_record_and_nobody_elses(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    employee, colleague = scored_employee(office), scored_employee(office)
    decision, others = decided(employee, office), decided(colleague, office)
    enter(client, make_account("employee", office, employee))
    mine = client.get("/records/mine")
    assert mine.headers["Location"] == f"/records/{employee.id}/{PERIOD}"
    own: dict[str, Any] = {"employee": employee.id, "period": PERIOD, "decision": decision}
    for page in ABOUT_ONESELF:
        assert client.get(page.format(**own)).status_code == 200, page
    theirs = {"employee": colleague.id, "period": PERIOD, "decision": others}
    for page in ABOUT_ONESELF:
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
