"""Trainings: they follow from evidence, stand before the employee, are taken and counted."""

import json
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.overview.report_queries import figures, month_in
from portal.people.models import AuditEvent
from portal.records.models import PublicResult
from portal.records.proposals import PlannedStep
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, make_office
from tests.records.cast import DAY, PERIOD, enter
from tests.records.test_decisions import Story, letters


def test_a_training_is_planned_taken_and_told_to_both_and_counted_for_the_office(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    story.advise("guidance_candidate")
    today = NOW.astimezone(story.clerk.agency.zone).date()
    steps = (
        PlannedStep("Pendampingan", today + 5 * DAY),
        PlannedStep("Pelatihan menyapa", today + 3 * DAY, training=True),
    )
    made = story.decide("guidance", steps=steps)
    note = f"/decisions/{made.id}/trainings/2"
    enter(client, story.clerk)
    page = client.get("/my").text
    assert page.index("Pelatihan saya") < page.index("Pelatihan menyapa")
    assert "Catat sudah diikuti" in client.get(f"/decisions/{made.id}").text
    for wrong in (today + DAY, today - DAY):  # not yet, and before it was decided
        send(client, note, taken_on=wrong.isoformat())
        assert "Sudah ikut?" in client.get("/my").text
    assert send(client, note.replace("/2", "/1"), taken_on=today.isoformat()).status_code == 404
    enter(client, make_account("supervisor", make_office(code="lain")))
    assert send(client, note, taken_on=today.isoformat()).status_code == 404
    enter(client, story.clerk)
    send(client, note, taken_on=today.isoformat())
    assert "diikuti 23 November 2026" in client.get("/my").text
    assert "Catat sudah diikuti" not in client.get(f"/decisions/{made.id}").text
    assert any("Pelatihan" in body for to, body in letters() if to == story.supervisor.email)
    assert "note_training" in db.session.scalars(select(AuditEvent.action)).all()
    [told] = json.loads(client.get("/my/data.json").text)["decisions"]
    assert told["trainings"] == [
        {"what": "Pelatihan menyapa", "until": "2026-11-26", "taken_on": "2026-11-23"}
    ]
    month = month_in(story.clerk.agency.zone, date(2026, 11, 1), date(2026, 11, 30))
    result = PublicResult(period=PERIOD)
    assert figures(story.office, result, month)["trainings"] == {"taken": 1, "due": 1, "late": 0}


def test_who_decides_reads_which_trainings_the_evidence_asks_for(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    enter(client, story.supervisor)
    page = client.get(f"/records/{story.employee.id}/{PERIOD}/decide").text
    assert "tidak menunjukkan kebutuhan pelatihan" in page
