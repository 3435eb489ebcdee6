"""Deeds on decisions on their way: keeping a draft, the second person's word, taking it back."""

from datetime import datetime

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.records.decision_actions import (
    may_follow,
    one_at_a_time,
    put_in_force,
)
from portal.records.judgements import latest_decision
from portal.records.models import Decision
from portal.records.notices import tell
from portal.records.proposal_models import DecisionDraft, ProposalAnswer, ProposedDecision
from portal.records.proposals import draft_of, may_answer, second_persons
from portal.records.second_person import end, may_end


def save_draft(
    by: Account, employee_id: int, period: str, fields: dict[str, str], now: datetime
) -> None:
    """Keep what was typed, for its author only."""
    begin_write()
    draft = draft_of(by, employee_id, period)
    if draft is None:
        draft = DecisionDraft(
            agency_id=by.agency_id,
            employee_id=employee_id,
            period=period,
            account_id=by.id,
            fields={},
            saved_at=now,
        )
        db.session.add(draft)
    draft.fields, draft.saved_at = fields, now
    db.session.commit()


def drop_draft(by: Account, employee_id: int, period: str) -> None:
    """Throw one's own draft away."""
    begin_write()
    draft = draft_of(by, employee_id, period)
    if draft is not None:
        db.session.delete(draft)
    db.session.commit()


def approve(by: Account, proposal_id: int, reason: str, now: datetime) -> Decision:
    """The second person agrees: the decision takes effect now, on the evidence as proposed.

    Raises NotSecond, AlreadyAnswered, UnderContest, and AlreadyDecided where a later decision
    stands meanwhile.
    """
    proposed = _answer(by, proposal_id, reason, now, approved=True)
    may_follow(
        latest_decision(by.agency_id, proposed.employee_id, proposed.period),
        proposed.supersedes_id,
    )
    made = Decision(
        agency_id=proposed.agency_id,
        id=proposed.id,
        employee_id=proposed.employee_id,
        period=proposed.period,
        run_id=proposed.run_id,
        kind=proposed.kind,
        reason=proposed.reason,
        against_advice=proposed.against_advice,
        second_reason=proposed.second_reason,
        evidence_digest=proposed.evidence_digest,
        decided_by=proposed.proposed_by,
        decided_at=now,
        supersedes_id=proposed.supersedes_id,
    )
    put_in_force(made, proposed.award, proposed.steps, now)
    subject = f"decision:{made.id}"
    note_act(by, "approve_decision", now, subject=subject, detail={"kind": made.kind})
    tell(db.session.get(Account, proposed.proposed_by), "approved", f"/decisions/{made.id}", now)
    db.session.commit()
    return made


def give_back(by: Account, proposal_id: int, reason: str, now: datetime) -> None:
    """The second person does not agree: the proposer reads why and finds the words as a draft."""
    proposed = _answer(by, proposal_id, reason, now, approved=False)
    author = _back_to_draft(proposed, now)
    subject = f"decision:{proposed.id}"
    note_act(by, "return_decision", now, subject=subject, detail={"kind": proposed.kind})
    tell(author, "returned", f"/proposals/{proposed.id}", now)
    db.session.commit()


def withdraw(by: Account, proposal_id: int, reason: str, now: datetime) -> None:
    """Who proposed takes it back and finds the words as a draft; the second persons are told.

    Raises NotProposer and AlreadyAnswered.
    """
    begin_write()
    proposed = db.session.get_one(ProposedDecision, (by.agency_id, proposal_id))
    may_end(by, proposed, withdraws=True, second=False)
    one_at_a_time(by.agency_id, proposed.employee_id)
    _last_word(by, proposed, reason, now, withdrawn=True)
    _back_to_draft(proposed, now)
    subject = f"decision:{proposed.id}"
    note_act(by, "withdraw_decision", now, subject=subject, detail={"kind": proposed.kind})
    for account in second_persons(proposed):
        tell(account, "withdrawn", f"/proposals/{proposed.id}", now)
    db.session.commit()


def _back_to_draft(proposed: ProposedDecision, now: datetime) -> Account:
    """What was proposed is its author's draft again, unless there is a newer one."""
    author = db.session.get_one(Account, proposed.proposed_by)
    if draft_of(author, proposed.employee_id, proposed.period) is None:
        db.session.add(
            DecisionDraft(
                agency_id=proposed.agency_id,
                employee_id=proposed.employee_id,
                period=proposed.period,
                account_id=author.id,
                fields=_as_typed(proposed),
                saved_at=now,
            )
        )
    return author


def _as_typed(proposed: ProposedDecision) -> dict[str, str]:
    fields = {
        "kind": proposed.kind,
        "reason": proposed.reason,
        "second_reason": proposed.second_reason,
        "award": proposed.award,
    }
    for at, step in enumerate(proposed.steps, 1):
        fields |= {f"what{at}": step["what"], f"until{at}": step["until"]}
        if step.get("training"):
            fields[f"training{at}"] = "y"
    return fields


def _answer(
    by: Account, proposal_id: int, reason: str, now: datetime, *, approved: bool
) -> ProposedDecision:
    begin_write()
    proposed = db.session.get_one(ProposedDecision, (by.agency_id, proposal_id))
    may_end(by, proposed, withdraws=False, second=may_answer(by, proposed))
    one_at_a_time(by.agency_id, proposed.employee_id)
    _last_word(by, proposed, reason, now, approved=approved)
    return proposed


def _last_word(
    by: Account,
    proposed: ProposedDecision,
    reason: str,
    now: datetime,
    *,
    approved: bool = False,
    withdrawn: bool = False,
) -> None:
    end(
        ProposalAnswer(
            agency_id=by.agency_id,
            proposal_id=proposed.id,
            proposed_by=proposed.proposed_by,
            approved=approved,
            withdrawn=withdrawn,
            reason=reason.strip(),
            answered_by=by.id,
            at=now,
        )
    )
