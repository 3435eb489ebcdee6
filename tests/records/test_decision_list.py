"""HR and auditors read a quarter's decisions by office and one by one."""

import csv
import io

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.people.models import AuditEvent
from portal.people.queries import Scope
from portal.records.decision_actions import contest, rule
from portal.records.decision_list import OfficeCount, count_by_office, lines
from portal.records.release_actions import release_period
from tests.conftest import NOW
from tests.factories import make_account, make_office
from tests.records.cast import DAY, PERIOD, enter, rate, release
from tests.records.test_decisions import Story


def evidence_of(story: Story) -> str:
    (line,) = lines(story.office.agency_id, PERIOD, [story.employee])
    return line.evidence


def test_each_decision_counts_once_for_what_became_of_it(app: Flask) -> None:
    story = Story()
    own = Scope(story.office.agency_id, {story.office.id})
    story.advise("award_candidate")
    first = story.decide("none", second_reason="Baru sebulan bertugas")
    second = story.decide("guidance", supersedes_id=first.id, second_reason="Dilihat sendiri")
    assert count_by_office(own, PERIOD) == [OfficeCount(story.office.name, 0, 1, 0, 1, 0, 0)]
    objection = contest(story.clerk, second.id, "Tidak benar", NOW)
    assert count_by_office(own, PERIOD) == [OfficeCount(story.office.name, 0, 1, 0, 1, 1, 0)]
    rule(story.officer, objection.id, "revoked", "Buktinya tidak cukup", NOW)
    assert count_by_office(own, PERIOD) == [OfficeCount(story.office.name, 0, 0, 0, 0, 0, 1)]


def test_a_decision_says_when_newer_figures_are_shown(app: Flask) -> None:
    story = Story()
    story.decide("none")
    assert evidence_of(story) == "as_decided"
    rate(story.counter, story.employee, 1, 1, 1, 1, 1, 1, since=4)
    release(story.counter, NOW + DAY)
    assert evidence_of(story) == "moved"


def test_the_page_begins_with_the_newest_quarter_in_which_anything_was_decided(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    story.decide("none")
    release_period(story.office.agency_id, "2027-Q1", NOW + 60 * DAY)
    enter(client, make_account("hr", story.office))
    assert story.employee.name in client.get("/decisions").text
    assert story.employee.name not in client.get("/decisions?period=2027-Q1").text


def test_the_page_keeps_to_the_readers_offices_and_is_noted(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    story.decide("none")
    enter(client, make_account("hr", story.office))
    page = client.get("/decisions").text
    assert story.employee.name in page
    assert "tidak berubah" in page
    assert story.employee.name not in client.get("/decisions?kind=award").text
    assert client.get(f"/decisions?office={story.above.id}").status_code == 404
    file = client.get(f"/decisions/{PERIOD}.csv").data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [(row["employee"], row["decision"], row["state"]) for row in rows] == [
        (story.employee.name, "none", "standing")
    ]
    assert story.employee.nip not in str(rows)
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert {"decisions_read", "decisions_exported"} <= set(acts)
    enter(client, make_account("hr", make_office(code="other")))
    assert story.employee.name not in client.get("/decisions").text
    assert story.employee.name not in client.get(f"/decisions/{PERIOD}.csv").text
    enter(client, story.supervisor)
    assert client.get("/decisions").status_code == 403
