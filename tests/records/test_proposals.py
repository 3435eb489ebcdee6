"""Drafts, and decisions that take effect only with a second person's word."""

import gc
from datetime import date
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from portal.db import db
from portal.people.models import Account, AuditEvent
from portal.records import decision_actions as deeds
from portal.records import proposals
from portal.records.appeals import may_rule
from portal.records.decision_actions import Proposal, contest, decide
from portal.records.evidence import Moment, digest_of
from portal.records.models import Decision, Policy, ScoringRun
from portal.records.proposal_actions import (
    approve,
    drop_draft,
    give_back,
    save_draft,
    withdraw,
)
from portal.records.proposal_models import DecisionDraft, ProposalAnswer, ProposedDecision
from portal.records.proposals import PlannedStep, plan_of, waiting_for
from portal.records.replay import replay
from portal.records.retention_actions import forget_drafts
from portal.records.second_person import AlreadyAnswered, NotProposer, NotSecond
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, make_employee, make_office, save
from tests.records.cast import DAY, PERIOD, enter, rate, release
from tests.records.test_decisions import Story, letters


class Proposed(Story):
    """A decision against the advice, and who may say the second word."""

    def __init__(self) -> None:
        super().__init__()
        self.advise("award_candidate")
        self.hr = make_account("hr")
        made = self.propose()
        assert isinstance(made, ProposedDecision)
        self.made = made

    def propose(self, kind: str = "none", **changes: Any) -> Decision | ProposedDecision:
        values: dict[str, Any] = {"reason": "Sesuai bukti", "second_reason": "Ada bukti lain"}
        run_id, values = self.score.run_id, values | changes
        supersedes = values.pop("supersedes_id", None)
        proposal = Proposal(
            kind, values.pop("reason"), values.pop("second_reason"), run_id, supersedes, **values
        )
        return decide(self.supervisor, self.employee.id, PERIOD, proposal, NOW)


def decisions() -> int:
    return db.session.scalar(select(func.count()).select_from(Decision)) or 0


def test_against_the_advice_nothing_takes_effect_before_a_second_person_agrees(
    app: Flask, client: FlaskClient
) -> None:
    story = Proposed()
    assert decisions() == 0
    told = {recipient for recipient, _ in letters()}
    assert told == {story.hr.email}  # the employee is not told, nor the proposer
    page = enter(client, story.clerk).get(f"/records/{story.employee.id}/{PERIOD}").text
    assert "Usulan" not in page
    assert client.get(f"/proposals/{story.made.id}").status_code == 403
    made = approve(story.hr, story.made.id, "", NOW + 3 * DAY)
    assert (made.id, made.decided_by) == (story.made.id, story.supervisor.id)
    until = deeds.contest_until(made, story.clerk.agency, 14)
    assert until == date(2026, 12, 10)  # time to object runs from the approval
    assert story.clerk.email in {recipient for recipient, _ in letters()}
    acts = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.at)).all()
    assert acts[-1] == "approve_decision"
    with pytest.raises(AlreadyAnswered):
        give_back(story.hr, made.id, "Ternyata tidak", NOW + 4 * DAY)


def test_the_second_person_is_authorised_there_and_neither_proposer_nor_rated(
    app: Flask,
) -> None:
    story = Proposed()
    elsewhere = make_account("supervisor", make_office(code="kecamatan"))
    auditor = make_account("auditor")
    story.clerk.employee_id = None
    db.session.commit()
    rated = make_account("hr", None, story.employee)  # HR is rated here
    for account in (story.supervisor, elsewhere, auditor, rated):
        assert waiting_for(account) == []
        with pytest.raises(NotSecond):
            approve(account, story.made.id, "", NOW)
    assert decisions() == 0
    above = make_account("supervisor", story.above)
    assert [one.proposed.id for one in waiting_for(above)] == [story.made.id]
    made = approve(above, story.made.id, "", NOW)
    assert decisions() == 1
    assert made.against_advice


def test_ones_own_proposals_crowd_out_nothing_that_waits_for_ones_word(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Proposed()
    above = make_account("supervisor", story.above)
    of_made = {
        column.key: getattr(story.made, column.key) for column in inspect(ProposedDecision).columns
    }
    of_own = {"id": 5, "proposed_by": above.id, "proposed_at": NOW + DAY}
    save(ProposedDecision(**of_made | of_own))
    monkeypatch.setattr(proposals, "MOST", 1)
    assert [one.proposed.id for one in waiting_for(above)] == [story.made.id]


def test_who_approved_does_not_rule_on_the_objection(app: Flask) -> None:
    story = Proposed()
    officer = make_account("appeals_officer")
    assert may_rule(officer, [approve(story.hr, story.made.id, "", NOW)]) == {story.made.id}
    save(type(officer.grants[0])(
        agency_id=officer.agency_id, account_id=story.hr.id, role="appeals_officer", granted_at=NOW
    ))  # fmt: skip
    db.session.refresh(story.hr)
    decision = db.session.get_one(Decision, (officer.agency_id, story.made.id))
    assert may_rule(story.hr, [decision]) == set()


def test_evidence_is_frozen_when_proposed_though_newer_figures_come(app: Flask) -> None:
    story = Story()
    save(
        Policy(
            agency_id=story.employee.agency_id,
            version=1,
            thresholds={"second_person": 2},
            created_at=NOW,
        )
    )
    story.advise("guidance_candidate")
    run = db.session.get_one(ScoringRun, (story.employee.agency_id, story.score.run_id))
    steps = (PlannedStep("Pendampingan", date(2026, 12, 31)),)
    proposal = Proposal("guidance", "Lemah", "", run.id, None, steps=steps)
    made = decide(story.supervisor, story.employee.id, PERIOD, proposal, NOW)
    assert isinstance(made, ProposedDecision)  # the policy asks for it, though the advice agrees
    rate(story.counter, story.employee, 4, 4, 4, 4, 4, since=6)
    release(story.counter, NOW + DAY)
    assert story.score.run_id != run.id
    decision = approve(make_account("hr"), made.id, "", NOW + 2 * DAY)
    moment = Moment(run.agency_id, PERIOD, run.release, run.as_of)
    assert decision.evidence_digest == digest_of(moment, story.employee.id)
    assert replay(decision.id).differences == [  # of what this test put into the score by hand
        f"employee {story.employee.id}: advice is insufficient, stored guidance_candidate"
    ]
    plan = plan_of(decision.agency_id, decision.id)
    assert plan is not None
    assert plan.steps == [{"what": "Pendampingan", "until": "2026-12-31"}]


def test_one_proposal_at_a_time_and_none_overtakes_a_decision(app: Flask) -> None:
    story = Proposed()
    with pytest.raises(deeds.AlreadyProposed):
        story.propose()
    give_back(story.hr, story.made.id, "Dengarkan pegawai dahulu", NOW)
    again = story.propose("award")  # with the advice: no second person
    assert isinstance(again, Decision)
    contest(story.clerk, again.id, "Keberatan", NOW)
    with pytest.raises(deeds.UnderContest):
        story.propose(supersedes_id=again.id)


def test_what_is_given_back_returns_to_its_author_as_a_draft(
    app: Flask, client: FlaskClient
) -> None:
    story = Proposed()
    path = f"/proposals/{story.made.id}"
    enter(client, story.hr)
    assert send(client, path, approved="no", reason=" ").status_code == 422
    assert send(client, path, approved="no", reason="Dengarkan dahulu").status_code == 302
    page = enter(client, story.supervisor).get(path).text
    assert "Dengarkan dahulu" in page
    page = client.get(f"/records/{story.employee.id}/{PERIOD}/decide").text
    assert "Sesuai bukti" in page
    assert "Ini draf Anda" in page


def test_who_proposed_takes_it_back_with_a_reason_and_has_the_words_as_a_draft(
    app: Flask, client: FlaskClient
) -> None:
    story = Proposed()
    path = f"/proposals/{story.made.id}"
    enter(client, story.supervisor)
    assert "Tarik usulan ini" in client.get(path).text
    assert send(client, path, reason=" ").status_code == 422
    assert send(client, path, reason="Salah baca bukti").status_code == 302
    assert "Salah baca bukti" in client.get(path).text
    assert "Sesuai bukti" in client.get(f"/records/{story.employee.id}/{PERIOD}/decide").text
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert "withdraw_decision" in acts
    assert [recipient for recipient, body in letters() if "ditarik" in body] == [story.hr.email]
    gc.collect()  # the answer that the page has read is nobody's any more
    with pytest.raises(AlreadyAnswered):
        approve(story.hr, story.made.id, "", NOW)
    with pytest.raises(AlreadyAnswered):
        withdraw(story.supervisor, story.made.id, "Lagi", NOW)
    again = story.propose()  # nothing stands in its way
    assert isinstance(again, ProposedDecision)
    with pytest.raises(NotProposer):
        withdraw(story.hr, again.id, "Bukan milik saya", NOW)
    db.session.rollback()
    word = {"agency_id": again.agency_id, "proposal_id": again.id, "at": NOW, "reason": "ya"}
    own = {"proposed_by": again.proposed_by, "answered_by": again.proposed_by}
    for outcome in ({"approved": True}, {"approved": True, "withdrawn": True}):
        with pytest.raises(IntegrityError):
            save(ProposalAnswer(**word, **own, **outcome))
        db.session.rollback()


def test_going_back_to_before_there_was_a_way_back_lets_the_proposal_wait_again(
    app: Flask,
) -> None:
    story = Proposed()
    withdraw(story.supervisor, story.made.id, "Salah baca bukti", NOW)
    own, hr = story.made.id, story.hr.id
    db.session.remove()
    flask_migrate.downgrade(revision="0029")
    assert db.session.execute(text("SELECT count(*) FROM proposal_answer")).scalar() == 0
    db.session.remove()
    flask_migrate.upgrade()
    assert [one.proposed.id for one in waiting_for(db.session.get_one(Account, hr))] == [own]


def test_a_draft_nobody_touches_goes_after_90_days(app: Flask) -> None:
    story = Story()
    save_draft(story.supervisor, story.employee.id, PERIOD, {"reason": "Baru separuh"}, NOW)
    assert forget_drafts(NOW + 90 * DAY) == 0
    assert forget_drafts(NOW + 91 * DAY) == 1
    assert db.session.scalars(select(DecisionDraft)).all() == []


def test_a_draft_is_its_authors_alone_and_goes_with_the_decision(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    record = f"/records/{story.employee.id}/{PERIOD}"
    enter(client, story.supervisor)
    answer = send(client, f"{record}/draft", deed="insert",
                  template="wait", reason="Baru separuh", until1="2026-12-31")  # fmt: skip
    assert answer.location == f"{record}/decide"
    page = client.get(answer.location).text
    assert "Baru separuh" in page
    assert "Buktinya belum cukup kuat" in page
    assert "2026-12-31" in page
    assert "Draf keputusan" in client.get("/today").text
    other = make_account("supervisor", story.office)
    assert "Baru separuh" not in enter(client, other).get(f"{record}/decide").text
    assert "Baru separuh" not in enter(client, story.clerk).get(record).text
    assert letters() == []
    story.decide()
    assert db.session.scalars(select(DecisionDraft)).all() == []
    save_draft(other, story.employee.id, PERIOD, {"reason": "Lagi"}, NOW)
    drop_draft(other, story.employee.id, PERIOD)
    assert db.session.scalars(select(DecisionDraft)).all() == []


def test_a_supervisor_proposes_on_the_page_and_a_colleague_finds_it(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    story.advise("guidance_candidate")
    record = f"/records/{story.employee.id}/{PERIOD}"
    enter(client, story.supervisor)
    fields = {"kind": "none", "reason": "Baru pindah", "second_reason": "Dilatih dahulu"}
    run = str(story.score.run_id)
    answer = send(client, f"{record}/decide", run=run, what1="Pelatihan", **fields)
    assert answer.status_code == 422  # a step without its day
    unfinished = fields | {"reason": "Yang disepakati: …"}
    assert send(client, f"{record}/decide", run=run, **unfinished).status_code == 422
    answer = send(client, f"{record}/decide", run=run, **fields)
    assert answer.location.startswith("/proposals/")
    twice = send(client, f"{record}/decide", run=run, **fields)
    assert twice.location == answer.location  # a second tap
    assert "menunggu persetujuan" in client.get(answer.location).text
    assert send(client, answer.location, approved="yes").status_code == 422  # not a proposer's form
    assert decisions() == 0
    colleague = make_account("supervisor", story.above, make_employee(story.above, "Budi S"))
    enter(client, colleague)
    assert answer.location in client.get("/today").text
    assert answer.location in client.get("/proposals").text
    assert answer.location in client.get(record).text
    approved = send(client, answer.location, approved="yes")
    assert "Disetujui orang kedua" in client.get(approved.location).text
