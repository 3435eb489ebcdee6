"""What people decide about a record: decision, reply, objection, ruling; each with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from portal.db import begin_write, db
from portal.people.actions import note_act, note_view
from portal.people.models import Account, Agency, AuditEvent, Employee
from portal.records import evidence
from portal.records.appeals import appeals_officers, may_rule
from portal.records.attachments import Checked, attach
from portal.records.evidence import Moment
from portal.records.judgements import Judged, latest_decision
from portal.records.models import Contest, ContestRuling, Decision, Reply, ScoringRun
from portal.records.notices import account_of, tell
from portal.records.policies import current_policy
from portal.records.proposal_models import DecisionPlan, ProposedDecision
from portal.records.proposals import (
    PlannedStep,
    asks_for_second,
    draft_of,
    open_proposal,
    second_persons,
)
from portal.records.queries import Shown, shown_score

# What the engine advises, and the decision that follows it.
FOLLOWS = {"award_candidate": "award", "guidance_candidate": "guidance"}


class NothingToDecideOn(Exception):
    """The employee has no score in this period."""


class OwnRecord(Exception):
    """Nobody decides or rules on their own record."""


class EvidenceMoved(Exception):
    """A release has moved the evidence since the page was opened."""


class NotEnoughEvidence(Exception):
    """Neither award nor guidance while the advice is `insufficient`."""


class SecondReasonMissing(Exception):
    """Deciding against the advice asks for a second reason."""


class AlreadyDecided(Exception):
    """There is a decision that this one does not name."""


class AlreadyProposed(Exception):
    """A proposal about the same record waits for its second person."""


class UnderContest(Exception):
    """An objection to the decision that stands waits for its ruling."""


class Superseded(Exception):
    """A later decision stands in the place of this one."""


class TooLate(Exception):
    """The deadline for objections has passed."""


class AlreadyContested(Exception):
    """An objection was made already: one to each decision."""


class OwnDecision(Exception):
    """Nobody rules on an objection to their own decision."""


class NotAbove(Exception):
    """An officer who does not stand above the decider does not rule."""


class AlreadyRuled(Exception):
    """The objection has been answered; that is final."""


@dataclass(frozen=True)
class Proposal:
    """What a supervisor has filled in, on the evidence of a run, in place of an old decision."""

    kind: str
    reason: str
    second_reason: str
    run_id: int
    supersedes_id: int | None
    award: str = ""
    steps: tuple[PlannedStep, ...] = ()


def against_advice(kind: str, advice: str) -> bool:
    """Whether a decision parts from the advice. Insufficient evidence advises nothing."""
    return advice != "insufficient" and kind != FOLLOWS.get(advice, "none")


def note_reading(by: Account, employee_id: int, period: str, now: datetime) -> None:
    """Somebody opened another person's record."""
    note_view(by, "record_read", now, subject=f"employee:{employee_id}", detail={"period": period})


def note_audit(by: Account, action: str, period: str, now: datetime) -> None:
    """Somebody read or took away a list, or the fairness audit, of a period."""
    note_view(by, action, now, subject=period)


def note_listing(by: Account, action: str, period: str, now: datetime) -> None:
    """Somebody saw a list of names and scores; each list of a period once a day."""
    midnight = datetime.combine(now.astimezone(by.agency.zone), time(), tzinfo=by.agency.zone)
    noted = exists().where(
        AuditEvent.agency_id == by.agency_id,
        AuditEvent.subject == period,
        AuditEvent.at >= midnight,
        AuditEvent.action == action,
        AuditEvent.account_id == by.id,
    )
    if not db.session.scalar(select(noted)):
        note_audit(by, action, period, now)


def decide(
    by: Account, employee_id: int, period: str, proposal: Proposal, now: datetime
) -> Decision | ProposedDecision:
    """Record a decision on the evidence that is shown, with its digest; tell the employee.

    Where it asks for a second person it is only proposed: it takes effect when approved, and
    until then the employee is not told.
    """
    begin_write()
    shown = _decidable(by, employee_id, period, proposal)
    against = against_advice(proposal.kind, shown.score.advice)
    values: dict[str, Any] = {
        "agency_id": by.agency_id,
        "employee_id": employee_id,
        "period": period,
        "run_id": shown.run.id,
        "kind": proposal.kind,
        "reason": proposal.reason.strip(),
        "against_advice": against,
        "second_reason": proposal.second_reason.strip() if against else "",
        "evidence_digest": evidence.digest_of(_moment_of(shown.run), employee_id),
        "supersedes_id": proposal.supersedes_id,
    }
    award, steps = _plan(proposal)
    made: Decision | ProposedDecision
    if asks_for_second(current_policy(by.agency_id), proposal.kind, against=against):
        made = ProposedDecision(
            **values, award=award, steps=steps, proposed_by=by.id, proposed_at=now
        )
        _put_forward(made, now)
        deed = "propose_decision"
    else:
        made = Decision(**values, decided_by=by.id, decided_at=now)
        put_in_force(made, award, steps, now)
        deed = "decide"
    note_act(by, deed, now, subject=f"decision:{made.id}", detail={"kind": made.kind})
    draft = draft_of(by, employee_id, period)
    if draft is not None:
        db.session.delete(draft)
    db.session.commit()
    return made


def _decidable(by: Account, employee_id: int, period: str, proposal: Proposal) -> Shown:
    """What is decided on, if this decision may be made on it."""
    if by.employee_id == employee_id:
        raise OwnRecord
    one_at_a_time(by.agency_id, employee_id)
    shown = shown_score(by.agency_id, employee_id, period)
    if shown is None:
        raise NothingToDecideOn
    if shown.run.id != proposal.run_id:
        raise EvidenceMoved
    advice = shown.score.advice
    if advice == "insufficient" and proposal.kind != "none":
        raise NotEnoughEvidence
    if against_advice(proposal.kind, advice) and not proposal.second_reason.strip():
        raise SecondReasonMissing
    may_follow(latest_decision(by.agency_id, employee_id, period), proposal.supersedes_id)
    if open_proposal(by.agency_id, employee_id, period) is not None:
        raise AlreadyProposed
    return shown


def _plan(proposal: Proposal) -> tuple[str, list[dict[str, Any]]]:
    """The award of an award, the steps of guidance; nothing else has either."""
    if proposal.kind == "award":
        return proposal.award, []
    steps = proposal.steps if proposal.kind == "guidance" else ()
    return "", [
        {"what": step.what, "until": step.until.isoformat()}
        | ({"training": True} if step.training else {})
        for step in steps
    ]


def put_in_force(made: Decision, award: str, steps: list[dict[str, Any]], now: datetime) -> None:
    """A decision takes effect, with its plan: the employee is told and may object from now on."""
    db.session.add(made)
    flush_unless(AlreadyDecided)
    if award or steps:
        db.session.add(
            DecisionPlan(agency_id=made.agency_id, decision_id=made.id, award=award, steps=steps)
        )
    owner = account_of(made.agency_id, made.employee_id)
    tell(owner, "decided", f"/decisions/{made.id}", now)


def _put_forward(made: ProposedDecision, now: datetime) -> None:
    """A proposal waits: who may say the second word is told, the employee is not."""
    db.session.add(made)
    db.session.flush()
    for account in second_persons(made):
        tell(account, "proposed", f"/proposals/{made.id}", now)


def may_follow(latest: Judged | None, supersedes_id: int | None) -> None:
    """A decision names the one before it, and does not end an objection by replacing it."""
    if latest is not None and latest.open:
        raise UnderContest
    if (latest.decision.id if latest else None) != supersedes_id:
        raise AlreadyDecided


def one_at_a_time(agency_id: int, employee_id: int) -> None:
    """Who decides or objects while another does: the second one waits, and then sees the first."""
    db.session.execute(
        select(Employee.id)
        .where(Employee.agency_id == agency_id, Employee.id == employee_id)
        .with_for_update()
    )


def _moment_of(run: ScoringRun) -> Moment:
    return Moment(run.agency_id, run.period, run.release, run.as_of)


def flush_unless(error: type[Exception]) -> None:
    """Send the row; where a constraint refuses it, somebody else was first."""
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise error from None


def reply(
    by: Account,
    employee_id: int,
    period: str,
    text: str,
    now: datetime,
    *,
    decision_id: int | None = None,
    files: Sequence[Checked] = (),
) -> Reply:
    """The employee's answer to the evidence of a period, or to a decision."""
    begin_write()
    if by.employee_id != employee_id:
        raise PermissionError("only the employee replies")
    answer = Reply(
        agency_id=by.agency_id,
        employee_id=employee_id,
        period=period,
        decision_id=decision_id,
        text=text.strip(),
        at=now,
    )
    db.session.add(answer)
    attach(answer, employee_id, files, now)
    note_act(by, "reply", now, subject=f"employee:{employee_id}", detail={"period": period})
    if decision_id is not None:
        decision = db.session.get_one(Decision, (by.agency_id, decision_id))
        decider = db.session.get(Account, decision.decided_by)
        tell(decider, "replied", f"/decisions/{decision_id}", now)
    db.session.commit()
    return answer


def contest_until(decision: Decision, agency: Agency, days: int) -> date:
    """The last day on which an objection can be made, in the agency's time zone."""
    return decision.decided_at.astimezone(agency.zone).date() + timedelta(days=days)


def contest(
    by: Account,
    decision_id: int,
    reason: str,
    now: datetime,
    *,
    files: Sequence[Checked] = (),
) -> Contest:
    """The employee objects to a decision, within the deadline; appeals officers are told."""
    begin_write()
    agency_id = by.agency_id
    decision = db.session.get_one(Decision, (agency_id, decision_id))
    if by.employee_id != decision.employee_id:
        raise PermissionError("only the employee objects")
    one_at_a_time(agency_id, decision.employee_id)
    latest = latest_decision(agency_id, decision.employee_id, decision.period)
    if latest is None or latest.decision.id != decision.id:
        raise Superseded
    policy = current_policy(agency_id)
    today = now.astimezone(by.agency.zone).date()
    if today > contest_until(decision, by.agency, policy.contest_days):
        raise TooLate
    made = Contest(
        agency_id=agency_id,
        decision_id=decision_id,
        reason=reason.strip(),
        at=now,
        due_on=today + timedelta(days=policy.ruling_days),
    )
    db.session.add(made)
    flush_unless(AlreadyContested)
    attach(made, decision.employee_id, files, now)
    note_act(by, "contest", now, subject=f"decision:{decision_id}")
    for officer in appeals_officers(decision):
        tell(officer, "contested", f"/contests/{made.id}", now)
    tell(
        db.session.get(Account, decision.decided_by), "contested", f"/decisions/{decision_id}", now
    )
    db.session.commit()
    return made


def rule(by: Account, contest_id: int, outcome: str, reason: str, now: datetime) -> ContestRuling:
    """The appeals officer's word: the decision stands, or is revoked."""
    begin_write()
    made = db.session.get_one(Contest, (by.agency_id, contest_id))
    decision = db.session.get_one(Decision, (by.agency_id, made.decision_id))
    if decision.decided_by == by.id:
        raise OwnDecision
    if by.employee_id is not None and by.employee_id == decision.employee_id:
        raise OwnRecord
    if not may_rule(by, [decision]):
        raise NotAbove
    if db.session.get(ContestRuling, (by.agency_id, contest_id)) is not None:
        raise AlreadyRuled
    ruling = ContestRuling(
        agency_id=by.agency_id,
        contest_id=contest_id,
        outcome=outcome,
        reason=reason.strip(),
        decided_by=by.id,
        at=now,
    )
    db.session.add(ruling)
    flush_unless(AlreadyRuled)
    note_act(by, "rule", now, subject=f"contest:{contest_id}", detail={"outcome": outcome})
    path = f"/decisions/{decision.id}"
    tell(account_of(by.agency_id, decision.employee_id), "ruled", path, now)
    tell(db.session.get(Account, decision.decided_by), "ruled", path, now)
    db.session.commit()
    return ruling
