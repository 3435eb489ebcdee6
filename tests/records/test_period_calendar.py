"""The calendar of quarters: days, closing, last days for objections, and what comes next."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.people.queries import scope_of
from portal.records.closing_actions import close_period, closes_from
from portal.records.decision_actions import contest, rule
from portal.records.period_calendar import Quarter, quarters
from portal.records.policies import current_policy
from tests.conftest import NOW, set_clock
from tests.factories import make_account, make_agency, make_counter, make_employee, make_office
from tests.records.cast import DAY, PERIOD, enter, rate
from tests.records.test_closing import CLOSED
from tests.records.test_decisions import Story


def quarter(story: Story, today: date, role: str = "supervisor") -> Quarter:
    agency = story.supervisor.agency
    reader = story.supervisor if role == "supervisor" else make_account(role)
    found = quarters(agency, scope_of(reader, role), current_policy(agency.id), today)
    return next(one for one in found if one.period == PERIOD)


def test_a_quarter_goes_from_running_over_closing_and_objections_to_done(app: Flask) -> None:
    story = Story()
    agency = story.supervisor.agency
    assert quarter(story, date(2026, 12, 31)).step == "runs"
    waiting = quarter(story, date(2027, 1, 10))
    assert (waiting.step, waiting.closable) == ("waits", date(2027, 1, 11))
    assert waiting.closable == closes_from(agency, PERIOD).date()
    assert quarter(story, date(2027, 1, 11)).step == "closable"
    close_period(agency.code, PERIOD, CLOSED)
    closed = CLOSED.astimezone(agency.zone).date()
    done = quarter(story, closed)
    assert (done.step, done.closed_at is not None, done.objections) == ("done", True, None)
    decision = story.decide(now=CLOSED)
    told = quarter(story, closed)
    assert (told.step, told.objections) == ("object", closed + 14 * DAY)
    assert quarter(story, closed + 15 * DAY).step == "done"
    objection = contest(story.clerk, decision.id, "Tidak benar", CLOSED + DAY)
    told = quarter(story, closed + DAY)
    assert (told.step, told.contests, told.rulings) == ("rule", 1, closed + 15 * DAY)
    rule(story.officer, objection.id, "upheld", "Buktinya cukup", CLOSED + 2 * DAY)
    assert quarter(story, closed + 2 * DAY).step == "done"


def test_candidates_without_a_decision_are_counted_within_the_readers_offices(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = make_counter()
    rate(counter, make_employee(), *[1, 2] * 40)
    rate(counter, make_employee(name="Budi Santoso"), *[4, 4] * 40)
    close_period(make_agency().code, PERIOD, CLOSED)
    set_clock(monkeypatch, CLOSED + DAY)
    told = {}
    for role, office in (
        ("hr", None), ("supervisor", make_office()), ("supervisor", make_office(code="lain")),
        ("administrator", None),
    ):  # fmt: skip
        enter(client, make_account(role, office))
        told[role, office and office.code] = client.get("/periods").text
    for page in told.values():
        assert "Oktober–Desember 2026" in page
        assert "11 Januari 2027" in page
    assert "1 calon" in told["hr", None]
    assert "1 calon" in told["supervisor", "dukcapil"]
    assert "calon" not in told["supervisor", "lain"].partition("<table")[2].partition("</table")[0]
    assert "Keberatan sampai" not in told["administrator", None]


def test_before_the_first_rating_the_calendar_has_this_quarter_and_the_next(
    app: Flask, client: FlaskClient
) -> None:
    enter(client, make_account("auditor"))
    page = client.get("/periods").text
    assert NOW.year == 2026
    assert page.index("Januari–Maret 2027") < page.index("Oktober–Desember 2026")
    assert "Susun jadwal" in page
