"""Steps of a plan: noted as done once, by who may decide; what is late stays until then."""

import json
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select

from portal.db import db
from portal.people.models import Account, AuditEvent, RoleGrant
from portal.records import plan_steps
from portal.records.decision_actions import OwnRecord, Superseded, contest, rule
from portal.records.decision_words import plan_in_words
from portal.records.models import Decision
from portal.records.proposal_models import DecisionPlan
from portal.records.proposals import PlannedStep
from portal.records.step_actions import AlreadyDone, NoSuchStep, NotThatDay, note_step
from portal.records.step_models import StepDone
from tests.conftest import NOW, set_clock
from tests.counters.staff import send
from tests.factories import LONG_AGO, make_account, make_office, save
from tests.records.cast import DAY, enter
from tests.records.test_decision_sheet import printed
from tests.records.test_decisions import Story, letters

TODAY = date(2026, 11, 23)
STEPS = (
    PlannedStep("Pendampingan dua pagi", TODAY + timedelta(days=5)),
    PlannedStep("Pelatihan menyapa", TODAY + timedelta(days=3), training=True),
    PlannedStep("Bicarakan lagi", TODAY + timedelta(days=60)),
)
AFTER = NOW + 10 * DAY  # of the three, the first two are late
LATE = "lewat tenggat 28 November 2026"


def guided(story: Story) -> Decision:
    story.advise("guidance_candidate")
    return story.decide("guidance", steps=STEPS)


def done() -> int:
    return db.session.scalar(select(func.count()).select_from(StepDone)) or 0


def test_the_supervisor_notes_a_step_as_done_once_and_the_employee_reads_it(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    made = guided(story)
    page, path = f"/decisions/{made.id}", f"/decisions/{made.id}/steps/1"
    enter(client, story.supervisor)
    assert client.get(page).text.count("Catat selesai") == 2
    for _again in range(2):
        send(client, path, done_on="2026-11-23", note=" Empat pagi ")
    assert done() == 1
    told = client.get(page).text
    assert "selesai 23 November 2026" in told
    assert "Empat pagi" in told
    assert told.count("Catat selesai") == 1
    enter(client, story.clerk)
    for mine in ("/my", page):
        told = client.get(mine).text
        assert "selesai 23 November 2026" in told
        assert "Empat pagi" in told
        assert "Catat selesai" not in told
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert acts.count("note_step") == 1
    assert len([to for to, body in letters() if "selesai" in body]) == 1


def test_what_was_typed_about_a_step_stays_when_it_is_refused(
    app: Flask, client: FlaskClient
) -> None:
    made = guided(Story())
    enter(client, db.session.get_one(Account, made.decided_by))
    not_yet, before, note = "2026-11-24", "2026-11-22", "Empat pagi"
    days = {
        not_yet: "paling lambat hari ini",
        before: "Sejak keputusan",
        "kapan": "Tulis tanggal yang ada di kalender",
        "": "Tuliskan tanggalnya",
    }
    sent = [(day, note, "done_on", told) for day, told in days.items()]
    for day, words, field, told in [*sent, ("2026-11-23", "x" * 301, "note", "300 huruf")]:
        answer = send(client, f"/decisions/{made.id}/steps/3", done_on=day, note=words)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text
        asked = re.findall(r"<form[^>]*/steps/(\d)\"(.*?)</form>", answer.text, re.DOTALL)
        assert [step for step, _form in asked] == ["1", "3"]
        untouched, refused = (form for _step, form in asked)
        assert f'value="{words}"' in refused
        assert f'value="{day}"' in refused
        assert told in refused
        assert words not in untouched
        assert told not in untouched
    assert done() == 0
    # The page says on its own address which languages there are.
    again = client.get(f"/decisions/{made.id}/steps/3?lang=en")
    assert again.location == f"/decisions/{made.id}#plan"
    assert "lang=en" in again.headers["Set-Cookie"]


def test_neither_the_employee_nor_other_offices_nor_hr_note_a_step(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    made = guided(story)
    path = f"/decisions/{made.id}/steps/1"
    elsewhere = make_account("supervisor", make_office(code="lain"))
    for account, status in ((story.clerk, 403), (make_account("hr"), 403), (elsewhere, 404)):
        enter(client, account)
        assert client.get(path).status_code == status
        assert send(client, path, done_on="2026-11-23").status_code == status
    own = {"agency_id": story.clerk.agency_id, "account_id": story.clerk.id}
    save(RoleGrant(**own, role="supervisor", office_id=story.office.id, granted_at=LONG_AGO))
    enter(client, story.clerk)
    assert send(client, path, done_on="2026-11-23").status_code == 404
    assert "Catat selesai" not in client.get(f"/decisions/{made.id}").text
    with pytest.raises(OwnRecord):
        note_step(story.clerk, made.id, 1, TODAY, NOW)
    db.session.rollback()
    enter(client, story.supervisor)
    assert client.post(path, data={"done_on": "2026-11-23"}).status_code == 400  # no token
    assert done() == 0


def test_a_training_is_noted_as_one_and_no_step_can_be_made_up(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    made = guided(story)
    enter(client, story.supervisor)
    for step in (0, 2, 4):
        path = f"/decisions/{made.id}/steps/{step}"
        assert send(client, path, done_on="2026-11-23").status_code == 404
    with pytest.raises(NoSuchStep):
        note_step(story.supervisor, made.id, 2, TODAY, NOW)


def test_the_same_is_refused_whoever_calls(app: Flask) -> None:
    story = Story()
    made = guided(story)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(NotThatDay):
            note_step(story.supervisor, made.id, 1, day, NOW)
        db.session.rollback()
    note_step(story.supervisor, made.id, 1, TODAY, NOW)
    with pytest.raises(AlreadyDone):
        note_step(story.supervisor, made.id, 1, TODAY, NOW, note="Lagi")


def test_a_late_step_stays_before_both_until_it_is_noted(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    made = guided(story)
    enter(client, story.supervisor)
    assert "lewat tenggat" not in client.get("/today").text
    set_clock(monkeypatch, NOW + 3 * DAY)  # the training's own day: not late yet
    enter(client, story.supervisor)
    assert "lewat tenggat" not in client.get("/today").text
    set_clock(monkeypatch, AFTER)
    enter(client, story.clerk)
    for page in ("/my", f"/decisions/{made.id}"):
        told = client.get(page).text
        assert LATE in told
        assert "lewat tenggat 26 November 2026" in told  # the training
        assert "sampai 22 Januari 2027" in told
    enter(client, story.supervisor)
    told = client.get("/today").text
    assert "2 langkah pembinaan lewat tenggat" in told
    assert f"/decisions/{made.id}#plan" in told
    assert told.count(story.employee.name) == 1
    other = make_account("supervisor", story.office)
    enter(client, other)  # not their decision, though they may note the step
    assert "langkah pembinaan lewat" not in client.get("/today").text
    send(client, f"/decisions/{made.id}/steps/1", done_on="2026-11-27")
    enter(client, story.supervisor)
    assert "1 langkah pembinaan lewat tenggat" in client.get("/today").text
    enter(client, story.clerk)
    send(client, f"/decisions/{made.id}/trainings/2", taken_on="2026-11-26")
    assert "lewat tenggat" not in client.get("/my").text
    enter(client, story.supervisor)
    assert "langkah pembinaan lewat" not in client.get("/today").text


def test_older_plans_of_which_nothing_is_late_hide_no_late_step(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    made = guided(story)
    columns = inspect(Decision).columns.keys()
    before = {"id": 5, "period": "2026-Q3", "decided_at": NOW - DAY}
    save(Decision(**{name: getattr(made, name) for name in columns} | before))
    far = [{"what": "Bicarakan lagi", "until": "2027-06-30", "training": False}]
    save(DecisionPlan(agency_id=made.agency_id, decision_id=5, steps=far))
    set_clock(monkeypatch, AFTER)
    enter(client, story.supervisor)
    monkeypatch.setattr(plan_steps, "LOOKED_AT", (1, 2))
    assert "Sedikitnya 2 langkah pembinaan lewat tenggat" in client.get("/today").text
    monkeypatch.setattr(plan_steps, "LOOKED_AT", (1, 3))
    assert "Sedikitnya" not in client.get("/today").text
    monkeypatch.setattr(plan_steps, "LOOKED_AT", (1, 1))
    assert "langkah pembinaan lewat" not in client.get("/today").text


@pytest.mark.parametrize("moves", [True, False])
def test_whoever_supervises_now_is_reminded_of_what_the_one_before_left(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, moves: bool
) -> None:
    story = Story()
    made, before = guided(story), story.supervisor
    other = make_office(code="lain")
    supervises = {"agency_id": before.agency_id, "role": "supervisor", "granted_at": LONG_AGO}
    save(RoleGrant(**supervises, account_id=story.clerk.id, office_id=story.office.id))
    successor = make_account("supervisor", story.office)
    above = make_account("supervisor", story.above)
    below = make_account("supervisor", make_office(code="loket", parent_id=story.office.id))
    beside = make_account("supervisor", other)
    set_clock(monkeypatch, AFTER)
    everybody = [successor, above, below, beside, story.clerk]
    assert reminded(client, everybody) == []  # the one who decided still sees to it
    if moves:
        before.grants[0].ended_at = AFTER
        save(RoleGrant(**supervises, account_id=before.id, office_id=other.id))
    else:
        before.active = False
        db.session.commit()
    assert reminded(client, everybody) == [successor, above]
    enter(client, successor)
    send(client, f"/decisions/{made.id}/steps/1", done_on="2026-11-27")
    assert "1 langkah pembinaan lewat tenggat" in client.get("/today").text


def reminded(client: FlaskClient, accounts: list[Account]) -> list[Account]:
    """Who of some accounts reads on the first page that two steps are late, and can go there."""
    found = []
    for account in accounts:
        enter(client, account)
        page = client.get("/today").text
        if "2 langkah pembinaan lewat tenggat" in page:
            [path] = re.findall(r'"(/decisions/\d+)#plan"', page)
            assert client.get(path).status_code == 200
            found.append(account)
    return found


def test_of_a_decision_that_was_replaced_nothing_is_late_and_nothing_noted(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    made = guided(story)
    story.decide("none", second_reason="Bukti baru", supersedes_id=made.id)
    set_clock(monkeypatch, AFTER)
    enter(client, story.supervisor)
    page = client.get(f"/decisions/{made.id}").text
    assert "Catat selesai" not in page
    assert "lewat tenggat" not in page + client.get("/today").text
    send(client, f"/decisions/{made.id}/steps/1", done_on="2026-11-23")
    with pytest.raises(Superseded):
        note_step(story.supervisor, made.id, 1, TODAY, AFTER)
    db.session.rollback()
    enter(client, story.clerk)
    assert "Pendampingan dua pagi" not in client.get("/my").text
    assert done() == 0


def test_a_revoked_decision_asks_for_nothing_more(app: Flask) -> None:
    story = Story()
    made = guided(story)
    objection = contest(story.clerk, made.id, "Keliru", NOW)
    rule(story.officer, objection.id, "revoked", "Benar", NOW)
    with pytest.raises(Superseded):
        note_step(story.supervisor, made.id, 1, TODAY, NOW)


def test_the_sheets_and_the_file_hold_what_was_noted(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    made = guided(story)
    note_step(story.supervisor, made.id, 1, TODAY, NOW, note="Empat pagi")
    set_clock(monkeypatch, AFTER)
    enter(client, story.clerk)
    [told] = json.loads(client.get("/my/data.json").text)["decisions"]
    assert told["steps"] == [
        {
            "what": "Pendampingan dua pagi",
            "until": "2026-11-28",
            "done_on": "2026-11-23",
            "note": "Empat pagi",
        },
        {"what": "Bicarakan lagi", "until": "2027-01-22", "done_on": None, "note": ""},
    ]
    sheet = " ".join(printed(client.get(f"/decisions/{made.id}/sheet.pdf").data).split())
    assert "selesai 23 November 2026 Empat pagi" in sheet
    assert "lewat tenggat 26 November 2026" in sheet
    own = " ".join(printed(client.get("/my/data.pdf").data).split())
    assert "Pendampingan dua pagi 28 November 2026 23 November 2026 Empat pagi" in own


def test_a_training_whose_name_says_so_is_not_called_one_twice(app: Flask) -> None:
    days = {"until": "2026-11-26", "training": True}
    names = ("Pelatihan menyapa", "pelatihan: menyapa", "Menyapa warga", "Pelatihannya nanti")
    plan = DecisionPlan(steps=[{"what": name, **days} for name in names])
    until = ", sampai 26 November 2026"
    assert plan_in_words(plan) == [
        f"Pelatihan menyapa{until}",
        f"pelatihan: menyapa{until}",
        f"Pelatihan: Menyapa warga{until}",
        f"Pelatihan: Pelatihannya nanti{until}",
    ]
