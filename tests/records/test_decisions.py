"""Decisions, replies, objections and rulings; and that their evidence can be computed again."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update

from portal.db import db
from portal.people.models import Account, AuditEvent, Employee, Office, OutboxMessage, RoleGrant
from portal.ratings.models import Verdict
from portal.records import decision_actions as deeds
from portal.records import reading
from portal.records.closing_actions import close_period
from portal.records.decision_actions import Proposal, contest, decide, reply, rule
from portal.records.evidence import Moment, digest_of
from portal.records.judgements import judgement, latest_decision, objections
from portal.records.models import Decision, Score, ScoringRun
from portal.records.proposal_actions import approve
from portal.records.replay import NoSuchDecision, replay, verify
from portal.records.retention_actions import forget_exact_times
from tests.conftest import NOW
from tests.factories import make_account, make_counter, make_employee, make_office
from tests.records.cast import DAY, PERIOD, attribute, rate, release, score_of, withdraw
from tests.records.test_closing import CLOSED


class Story:
    """A clerk with a score, a supervisor, an appeals officer."""

    def __init__(self, *answers: int) -> None:
        self.above: Office = make_office(code="sekretariat")
        self.office: Office = make_office(parent_id=self.above.id)
        self.counter = make_counter(self.office)
        self.employee: Employee = make_employee(self.office)
        rate(self.counter, self.employee, *(answers or (4, 4, 3, 4, 4)))
        release(self.counter)
        self.supervisor = make_account("supervisor", self.office)
        self.officer = make_account("appeals_officer", self.above)
        self.clerk = make_account("employee", self.office, self.employee)

    @property
    def score(self) -> Score:
        found = score_of(self.employee)
        assert found is not None
        return found

    def decide(self, kind: str = "none", by: Account | None = None, **changes: Any) -> Decision:
        values: dict[str, Any] = {
            "kind": kind,
            "reason": "Sesuai bukti",
            "second_reason": "",
            "run_id": self.score.run_id,
            "supersedes_id": None,
        }
        now = changes.pop("now", NOW)
        proposal = Proposal(**(values | changes))
        made = decide(by or self.supervisor, self.employee.id, PERIOD, proposal, now)
        if isinstance(made, Decision):
            return made
        return approve(make_account("hr"), made.id, "", now)

    def advise(self, advice: str) -> None:
        """Give the shown score another advice, as the engine would after more ratings."""
        self.change(advice=advice)

    def change(self, **figures: Any) -> None:
        """Give the shown score other figures."""
        score = self.score
        values = {
            column.name: getattr(score, column.name) for column in Score.__table__.columns
        } | figures
        db.session.execute(delete(Score))
        db.session.execute(Score.__table__.insert(), values)
        db.session.commit()


def letters() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.created_at))
    return [(row.recipient, row.body) for row in rows]


def test_a_decision_freezes_its_evidence_and_the_employee_is_told(app: Flask) -> None:
    story = Story()
    decision = story.decide("none", reason="  Belum cukup bukti  ")
    assert decision.reason == "Belum cukup bukti"
    assert decision.run_id == story.score.run_id
    assert len(decision.evidence_digest) == 64
    [(recipient, body)] = letters()
    assert recipient == story.clerk.email
    assert f"https://loket.kota.example/decisions/{decision.id}" in body
    assert story.employee.name not in body
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert acts == ["decide"]


def test_the_letter_is_in_the_language_of_the_account(app: Flask) -> None:
    story = Story()
    story.clerk.language = "en"
    db.session.commit()
    story.decide()
    ((_recipient, body),) = letters()
    assert "Please sign in to read it:" in body
    assert "Silakan" not in body


def test_nobody_decides_on_their_own_record(app: Flask) -> None:
    story = Story()
    boss = make_account("supervisor", story.office, make_employee(story.office, "Budi S"))
    boss.employee_id, story.clerk.employee_id = None, None
    db.session.commit()
    boss.employee_id = story.employee.id
    db.session.commit()
    with pytest.raises(deeds.OwnRecord):
        story.decide(by=boss)


@pytest.mark.parametrize("kind", ["award", "guidance"])
def test_neither_award_nor_guidance_on_insufficient_evidence(app: Flask, kind: str) -> None:
    story = Story()
    assert story.score.advice == "insufficient"
    with pytest.raises(deeds.NotEnoughEvidence):
        story.decide(kind, second_reason="Saya yakin")
    assert db.session.scalars(select(Decision)).all() == []


@pytest.mark.parametrize(
    ("advice", "kind", "against"),
    [
        ("award_candidate", "award", False),
        ("award_candidate", "none", True),
        ("award_candidate", "guidance", True),
        ("guidance_candidate", "guidance", False),
        ("guidance_candidate", "none", True),
        ("none", "none", False),
        ("none", "award", True),
        ("insufficient", "none", False),
    ],
)
def test_against_the_advice_only_with_a_second_reason_and_marked(
    app: Flask, advice: str, kind: str, against: bool
) -> None:
    story = Story()
    story.advise(advice)
    if against:
        with pytest.raises(deeds.SecondReasonMissing):
            story.decide(kind, second_reason=" ")
    decision = story.decide(kind, second_reason="Ada bukti lain")
    assert decision.against_advice is against
    assert decision.second_reason == ("Ada bukti lain" if against else "")


def test_a_later_decision_names_the_one_it_replaces(app: Flask) -> None:
    story = Story()
    first = story.decide()
    with pytest.raises(deeds.AlreadyDecided):
        story.decide()
    second = story.decide(supersedes_id=first.id)
    with pytest.raises(deeds.AlreadyDecided):
        story.decide(supersedes_id=first.id)
    latest = latest_decision(story.employee.agency_id, story.employee.id, PERIOD)
    assert latest is not None
    assert latest.decision.id == second.id
    old = judgement(first.agency_id, first.id)
    assert old is not None
    assert old.state == "superseded"


def test_evidence_that_moved_since_the_page_was_opened_is_read_again(app: Flask) -> None:
    story = Story()
    seen = story.score.run_id
    rate(story.counter, story.employee, 4, 4, 4, 4, 4, since=6)
    release(story.counter, NOW + DAY)
    with pytest.raises(deeds.EvidenceMoved):
        story.decide(run_id=seen)


def test_without_a_score_there_is_nothing_to_decide_on(app: Flask) -> None:
    story = Story()
    other = make_employee(story.office, "Budi Santoso")
    with pytest.raises(deeds.NothingToDecideOn):
        decide(story.supervisor, other.id, PERIOD, Proposal("none", "x", "", 1, None), NOW)


def test_a_run_with_a_decision_on_it_stays(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    rate(story.counter, story.employee, 1, 1, 1, 1, 1, since=6)
    release(story.counter, NOW + DAY)
    assert db.session.get(Score, (decision.agency_id, decision.run_id, decision.employee_id))
    assert replay(decision.id).same


def test_an_objection_goes_to_an_appeals_officer_who_is_not_the_decider(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    made = contest(story.clerk, decision.id, "Saya tidak diajak bicara", NOW + DAY)
    assert f"/contests/{made.id}" in "".join(
        body for recipient, body in letters() if recipient == story.officer.email
    )
    with pytest.raises(deeds.OwnDecision):
        rule(story.supervisor, made.id, "upheld", "Benar", NOW + 2 * DAY)
    rule(story.officer, made.id, "revoked", "Pegawai belum didengar", NOW + 2 * DAY)
    with pytest.raises(deeds.AlreadyRuled):
        rule(story.officer, made.id, "upheld", "Ternyata benar", NOW + 3 * DAY)
    told = [recipient for recipient, _ in letters()]
    assert told.count(story.clerk.email) == 2  # of the decision and of the ruling
    assert told.count(story.supervisor.email) == 2  # of the objection and of the ruling
    judged = judgement(decision.agency_id, decision.id)
    assert judged is not None
    assert judged.revoked


def test_a_decision_under_objection_is_not_replaced(app: Flask) -> None:
    story = Story()
    first = story.decide()
    made = contest(story.clerk, first.id, "Keberatan", NOW)
    with pytest.raises(deeds.UnderContest):
        story.decide(supersedes_id=first.id)
    rule(story.officer, made.id, "upheld", "Sudah tepat", NOW + DAY)
    story.decide(supersedes_id=first.id)
    assert _state(first) == "superseded"


def test_a_later_decision_does_not_hide_that_one_was_revoked(app: Flask) -> None:
    story = Story()
    first = story.decide()
    made = contest(story.clerk, first.id, "Keberatan", NOW)
    rule(story.officer, made.id, "revoked", "Belum didengar", NOW + DAY)
    with pytest.raises(deeds.AlreadyDecided):
        story.decide()
    story.decide(supersedes_id=first.id)
    assert _state(first) == "revoked"


def _state(decision: Decision) -> str:
    found = judgement(decision.agency_id, decision.id)
    assert found
    return found.state


def test_only_an_officer_above_the_decider_rules(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    made = contest(story.clerk, decision.id, "Keberatan", NOW)
    same, beside = story.office, make_office(code="beside", parent_id=story.above.id)
    below = make_office(code="below", parent_id=same.id)
    told = {recipient for recipient, _ in letters()}
    for office in (same, beside, below):
        officer = make_account("appeals_officer", office)
        assert objections(officer) == []
        with pytest.raises(deeds.NotAbove):
            rule(officer, made.id, "upheld", "Benar", NOW)
    whole = make_account("appeals_officer")
    for officer in (story.officer, whole):
        assert [item.contest.id for item in objections(officer)] == [made.id]
    assert story.officer.email in told
    rule(whole, made.id, "upheld", "Benar", NOW)


def test_above_a_decider_of_the_whole_agency_is_only_the_whole_agency(app: Flask) -> None:
    story = Story()
    decision = story.decide(by=make_account("supervisor"))
    made = contest(story.clerk, decision.id, "Keberatan", NOW)
    with pytest.raises(deeds.NotAbove):
        rule(story.officer, made.id, "upheld", "Benar", NOW)
    rule(make_account("appeals_officer"), made.id, "upheld", "Benar", NOW)


def test_a_grant_that_ended_since_still_says_where_the_decider_stood(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    [grant] = story.supervisor.grants
    db.session.execute(update(RoleGrant).where(RoleGrant.id == grant.id).values(ended_at=NOW + DAY))
    db.session.commit()
    made = contest(story.clerk, decision.id, "Keberatan", NOW + 2 * DAY)
    rule(story.officer, made.id, "upheld", "Benar", NOW + 3 * DAY)


def test_nobody_rules_on_an_objection_of_their_own(app: Flask) -> None:
    story = Story()
    made = contest(story.clerk, story.decide().id, "Keberatan", NOW)
    with pytest.raises(deeds.OwnRecord):
        rule(story.clerk, made.id, "revoked", "Saya benar", NOW)


def test_the_deadline_is_fourteen_days_in_the_zone_of_the_agency(app: Flask) -> None:
    story = Story()
    decision = story.decide()  # Monday 23 November, 10.00 WIB
    last_moment = NOW + 14 * DAY + timedelta(hours=13, minutes=59)
    with pytest.raises(deeds.TooLate):
        contest(story.clerk, decision.id, "Terlambat", last_moment + timedelta(minutes=1))
    made = contest(story.clerk, decision.id, "Tepat waktu", last_moment)
    assert (made.due_on - made.at.date()).days == 14
    with pytest.raises(deeds.AlreadyContested):
        contest(story.clerk, decision.id, "Sekali lagi", last_moment)


def test_only_the_employee_objects_and_replies_and_only_to_what_stands(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    with pytest.raises(PermissionError):
        contest(story.supervisor, decision.id, "Bukan saya", NOW)
    with pytest.raises(PermissionError):
        reply(story.supervisor, story.employee.id, PERIOD, "Bukan saya", NOW)
    story.decide(supersedes_id=decision.id)
    with pytest.raises(deeds.Superseded):
        contest(story.clerk, decision.id, "Sudah diganti", NOW)


def test_replies_are_kept_and_the_decider_is_told(app: Flask) -> None:
    story = Story()
    reply(story.clerk, story.employee.id, PERIOD, "Antrean sedang panjang", NOW)
    decision = story.decide()
    reply(story.clerk, story.employee.id, PERIOD, "Terima kasih", NOW, decision_id=decision.id)
    judged = judgement(decision.agency_id, decision.id)
    assert judged is not None
    assert [row.text for row in judged.replies] == ["Terima kasih"]
    assert story.supervisor.email in [recipient for recipient, _ in letters()]


def test_replay_gives_the_same_figures_to_the_last_bit(app: Flask) -> None:
    story = Story(4, 4, 3, 4, 4, 2, 1, 4)
    decision = story.decide()
    found = replay(decision.id)
    assert (found.same, found.exact, found.notes) == (True, True, [])
    with pytest.raises(NoSuchDecision):
        replay(1)


def test_what_happens_after_the_run_does_not_touch_its_replay(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    other = make_employee(story.office, "Budi Santoso")
    late = rate(story.counter, story.employee, 1, 1, 1, 1, 1, since=6)
    withdraw(late[0], NOW + timedelta(hours=1))
    attribute(late[1], other, NOW + timedelta(hours=1))
    release(story.counter, NOW + DAY)
    assert replay(decision.id).same


def test_replay_says_what_was_tampered_with(app: Flask) -> None:
    story = Story()
    decision = story.decide()
    one = db.session.scalars(select(Verdict.rating_id).limit(1)).one()
    db.session.execute(update(Verdict).where(Verdict.rating_id == one).values(weight=0))
    db.session.commit()
    found = replay(decision.id)
    assert not found.same
    said = "\n".join(found.differences)
    assert "digest" in said
    assert "the evidence about this employee" in said
    assert "counted is 4, stored 5" in said
    assert "weigh 1 of the ratings otherwise" in said


def test_after_forgetting_the_stored_verdicts_are_used_and_replay_says_so(app: Flask) -> None:
    story = Story()
    close_period("kota", PERIOD, CLOSED)
    decision = story.decide()
    forget_exact_times(CLOSED + 10 * DAY)
    found = replay(decision.id)
    assert found.same
    assert found.notes == ["exact times are forgotten: the stored verdicts were used"]


def test_verify_recomputes_all_that_is_shown_and_finds_what_was_changed(app: Flask) -> None:
    story = Story()
    rate(story.counter, make_employee(story.office, "Budi Santoso"), 2, 3, 2, 4, 4, 1, since=8)
    rate(story.counter, None, 3, since=9)
    release(story.counter, NOW + DAY)
    # Each run, what the offices heard, what the public reads.
    assert [found.differences for _, found in verify()] == [[], [], [], []]
    db.session.execute(text("UPDATE office_result SET counted = counted + 1"))
    db.session.execute(text("UPDATE histogram SET bins = '[9, 9, 9, 9]'"))
    db.session.commit()
    found = [
        line for _, replayed in verify(story.counter.agency_id) for line in replayed.differences
    ]
    assert sum("counts of answers differ" in line for line in found) == 2
    assert sum("office" in line for line in found) == 1


def test_the_digest_of_one_person_is_the_same_in_sql_and_in_arrays(app: Flask) -> None:
    story = Story(4, 2, 3)
    rate(story.counter, story.employee, 4, 4, 4, since=5, ramah=4, cakap=3, cekatan=4)
    release(story.counter, NOW + DAY)
    run = db.session.scalars(select(ScoringRun)).one()
    moment = Moment(run.agency_id, run.period, run.release, run.as_of)
    arrays = reading.read(moment)
    rows = arrays.about_person & arrays.settled & (arrays.employee == story.employee.id)
    whole = reading.digest(arrays.select(rows), arrays.final_weight[rows])
    assert digest_of(moment, story.employee.id) == whole == run.input_digest
