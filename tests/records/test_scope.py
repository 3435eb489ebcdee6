"""Who may open which record: one's own, and where and when somebody worked in one's offices.

The table of all pages and roles stands in `tests/rules/test_scope.py`.
"""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.counters.periods import last_day
from portal.people.models import Employee, Employment, Office
from portal.records.decision_actions import Proposal, decide
from portal.records.queries import workplaces
from tests.conftest import NOW, set_clock
from tests.factories import (
    make_account,
    make_counter,
    make_employee,
    make_office,
    save,
)
from tests.records.cast import DAY, PERIOD, enter, rate, release, score_of


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


def test_hr_goes_on_from_an_employee_to_the_latest_record_that_hr_may_open(
    app: Flask, client: FlaskClient
) -> None:
    office, other = make_office(), make_office(code="kecamatan")
    employee, newcomer = scored_employee(office), make_employee(office)
    without = make_employee(office, kind="non_asn")
    enter(client, make_account("hr", office))
    for one in (employee, newcomer):
        link = f"/records/{one.id}"
        assert f'href="{link}"' in client.get(f"/employees/{one.id}").text
        assert client.get(link).location == f"/records/{one.id}/{PERIOD}"
        assert client.get(f"/records/{one.id}/{PERIOD}").status_code == 200
    assert f'href="/records/{without.id}"' not in client.get(f"/employees/{without.id}").text
    # Who reads records at another office, or administers here, is led to none.
    enter(client, make_account("hr", other))
    assert client.get(f"/records/{employee.id}").status_code == 404
    enter(client, make_account("administrator", office))
    assert f'href="/records/{employee.id}"' not in client.get(f"/employees/{employee.id}").text


def test_a_record_of_somebody_who_moved_leads_each_reader_to_the_time_in_their_own_office(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = make_office(), make_office(code="kecamatan")
    employee = scored_employee(before)
    (place,) = workplaces(employee.agency_id, employee.id)
    place.ends_on = last_day(PERIOD)
    own = {"agency_id": employee.agency_id, "employee_id": employee.id, "office_id": after.id}
    save(Employment(**own, starts_on=last_day(PERIOD) + DAY))
    set_clock(monkeypatch, NOW + 60 * DAY)
    for office, period in ((before, PERIOD), (after, "2027-Q1")):
        enter(client, make_account("supervisor", office))
        assert client.get(f"/records/{employee.id}").location == f"/records/{employee.id}/{period}"
