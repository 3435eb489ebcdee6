"""A new version of an agency's thresholds: proposed by one, approved by another; the old ones stay,
with all that was decided on them."""

from datetime import datetime
from typing import Any

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.records.decision_actions import flush_unless
from portal.records.models import Policy
from portal.records.notices import tell
from portal.records.policies import (
    PROCEDURE,
    AgencyPolicy,
    current_policy,
    full_policy,
    policy_version,
)
from portal.records.policy_models import PolicyAnswer, ProposedPolicy
from portal.records.policy_proposals import others_who_set, sets_alone, sets_policy
from portal.records.second_person import end, may_end


class PolicyMoved(Exception):
    """Somebody has set a newer version since the page was opened."""


class NothingChanged(Exception):
    """The thresholds are those in force."""


def with_thresholds(held: AgencyPolicy, values: dict[str, Any]) -> AgencyPolicy:
    """What a policy would be with other thresholds; raises scoring.BadPolicy where they clash."""
    procedure = {name: getattr(held, name) for name in PROCEDURE}
    procedure |= {name: value for name, value in values.items() if name in PROCEDURE}
    shipped = full_policy(AgencyPolicy()).to_dict()
    engine = held.engine | {name: value for name, value in values.items() if name in shipped}
    engine = {name: value for name, value in engine.items() if value != shipped[name]}
    edited = AgencyPolicy(held.version, held.agency_id, engine, **procedure)
    full_policy(edited)
    return edited


def changes_between(held: AgencyPolicy, edited: AgencyPolicy) -> dict[str, tuple[Any, Any]]:
    """What differs: the value in force and the new one."""
    before = full_policy(held).to_dict() | {name: getattr(held, name) for name in PROCEDURE}
    after = full_policy(edited).to_dict() | {name: getattr(edited, name) for name in PROCEDURE}
    return {
        name: (before[name], after[name])
        for name in before
        if before[name] != after[name] and name != "version"
    }


def propose_policy(
    by: Account, values: dict[str, Any], based_on: int, reason: str, now: datetime
) -> ProposedPolicy | None:
    """Put new thresholds forward: they hold once another account has approved them, from the next
    release on; closed quarters keep theirs.

    None: they hold at once, being an agency's first ones where nobody else could approve them.
    Raises PolicyMoved and NothingChanged.
    """
    begin_write()
    held = current_policy(by.agency_id)
    if held.version != based_on:
        raise PolicyMoved
    edited = with_thresholds(held, values)
    changes = changes_between(held, edited)
    if not changes:
        raise NothingChanged
    thresholds = {name: getattr(edited, name) for name in PROCEDURE} | edited.engine
    detail: dict[str, object] = {
        "reason": reason.strip(),
        "changes": {name: list(two) for name, two in changes.items()},
    }
    if sets_alone(by, held):
        _put_in_force(by, based_on + 1, thresholds, now)
        note_act(by, "set_policy", now, subject=f"policy:{based_on + 1}", detail=detail)
        db.session.commit()
        return None
    made = ProposedPolicy(
        agency_id=by.agency_id,
        based_on=based_on,
        thresholds=thresholds,
        reason=reason.strip(),
        proposed_by=by.id,
        proposed_at=now,
    )
    db.session.add(made)
    db.session.flush()
    note_act(by, "propose_policy", now, subject=f"policy:{based_on + 1}", detail=detail)
    for account in others_who_set(by):
        tell(account, "policy_proposed", f"/policy/proposals/{made.id}", now)
    db.session.commit()
    return made


def _put_in_force(by: Account, version: int, thresholds: dict[str, Any], now: datetime) -> None:
    db.session.add(
        Policy(
            agency_id=by.agency_id,
            version=version,
            thresholds=thresholds,
            approved_by=by.id,
            created_at=now,
        )
    )
    flush_unless(PolicyMoved)


def approve_policy(by: Account, proposal_id: int, reason: str, now: datetime) -> int:
    """The second person agrees: the number of the version that holds from the next release on.

    Raises NotSecond, AlreadyAnswered, and PolicyMoved where another version holds meanwhile.
    """
    proposed = _answer(by, proposal_id, "approved", reason, now)
    version = proposed.based_on + 1
    if current_policy(by.agency_id).version != proposed.based_on:
        db.session.rollback()
        raise PolicyMoved
    _put_in_force(by, version, proposed.thresholds, now)
    held = policy_version(by.agency_id, proposed.based_on)
    edited = policy_version(by.agency_id, version)
    changes = {name: list(two) for name, two in changes_between(held, edited).items()}
    detail: dict[str, object] = {"reason": reason.strip(), "changes": changes}
    note_act(by, "approve_policy", now, subject=f"policy:{version}", detail=detail)
    _tell_proposer(proposed, "policy_approved", now)
    db.session.commit()
    return version


def return_policy(by: Account, proposal_id: int, reason: str, now: datetime) -> None:
    """The second person does not agree, and says why. Raises NotSecond and AlreadyAnswered."""
    proposed = _answer(by, proposal_id, "returned", reason, now)
    _note_end(by, "return_policy", proposed, reason, now)
    _tell_proposer(proposed, "policy_returned", now)
    db.session.commit()


def withdraw_policy(by: Account, proposal_id: int, reason: str, now: datetime) -> None:
    """Who proposed takes it back, with a reason. Raises NotProposer and AlreadyAnswered."""
    proposed = _answer(by, proposal_id, "withdrawn", reason, now)
    _note_end(by, "withdraw_policy", proposed, reason, now)
    db.session.commit()


def _note_end(by: Account, deed: str, proposed: ProposedPolicy, reason: str, now: datetime) -> None:
    subject = f"policy:{proposed.based_on + 1}"
    note_act(by, deed, now, subject=subject, detail={"reason": reason.strip()})


def _tell_proposer(proposed: ProposedPolicy, event: str, now: datetime) -> None:
    author = db.session.get(Account, proposed.proposed_by)
    tell(author, event, f"/policy/proposals/{proposed.id}", now)


def _answer(
    by: Account, proposal_id: int, outcome: str, reason: str, now: datetime
) -> ProposedPolicy:
    begin_write()
    proposed = db.session.get_one(ProposedPolicy, (by.agency_id, proposal_id))
    may_end(by, proposed, withdraws=outcome == "withdrawn", second=sets_policy(by))
    end(
        PolicyAnswer(
            agency_id=by.agency_id,
            proposal_id=proposal_id,
            proposed_by=proposed.proposed_by,
            outcome=outcome,
            reason=reason.strip(),
            answered_by=by.id,
            at=now,
        )
    )
    return proposed
