"""Reads about policy versions on their way, and who may say the second word."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.people.models import Account, RoleGrant
from portal.people.queries import scope_of
from portal.records.models import Policy
from portal.records.policies import AgencyPolicy, as_version, current_policy, policy_version
from portal.records.policy_models import PolicyAnswer, ProposedPolicy

MOST = 20


def sets_policy(account: Account) -> bool:
    """Whether somebody proposes and approves: thresholds hold for the whole agency, so who sets
    them answers for all of it."""
    return account.active and "hr" in account.role_names and scope_of(account, "hr").offices is None


def others_who_set(account: Account) -> list[Account]:
    """The other accounts of the agency that may say the second word."""
    statement = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            Account.agency_id == account.agency_id,
            Account.id != account.id,
            Account.active,
            RoleGrant.agency_id == account.agency_id,
            RoleGrant.role == "hr",
            RoleGrant.office_id.is_(None),
            RoleGrant.ended_at.is_(None),
        )
        .order_by(Account.id)
        .distinct()
    )
    return list(db.session.scalars(statement))


def sets_alone(account: Account, held: AgencyPolicy) -> bool:
    """Whether a new version needs no second person: an agency's very first one, where nobody else
    could approve it. Otherwise a new agency could never begin."""
    return held.version == 0 and not others_who_set(account)


@dataclass(frozen=True)
class PolicyProposal:
    """A proposed version, who made it, the last word on it, and what is in force by now."""

    proposed: ProposedPolicy
    proposer: str
    answer: PolicyAnswer | None
    answerer: str | None
    in_force: int

    @property
    def state(self) -> str:
        """open, approved, returned, withdrawn, or overtaken by another new version."""
        if self.answer is not None:
            return self.answer.outcome
        return "open" if self.proposed.based_on == self.in_force else "overtaken"

    @cached_property
    def held(self) -> AgencyPolicy:
        """The version that it would replace."""
        return policy_version(self.proposed.agency_id, self.proposed.based_on)

    @cached_property
    def edited(self) -> AgencyPolicy:
        """The version that it would be."""
        one = self.proposed
        return as_version(one.agency_id, one.based_on, one.thresholds)


def policy_proposals(agency_id: int) -> list[PolicyProposal]:
    """The proposals of an agency, the latest first."""
    return _found(ProposedPolicy.agency_id == agency_id, agency_id=agency_id)


def policy_proposal(agency_id: int, proposal_id: int) -> PolicyProposal | None:
    found = _found(
        ProposedPolicy.agency_id == agency_id,
        ProposedPolicy.id == proposal_id,
        agency_id=agency_id,
    )
    return found[0] if found else None


def policies_waiting_for(account: Account) -> list[PolicyProposal]:
    """The open ones of others, where an account may say the second word."""
    if not sets_policy(account):
        return []
    return [
        one
        for one in policy_proposals(account.agency_id)
        if one.state == "open" and one.proposed.proposed_by != account.id
    ]


def _found(*which: ColumnElement[bool], agency_id: int) -> list[PolicyProposal]:
    second = aliased(Account)
    rows = db.session.execute(
        select(ProposedPolicy, Account.name, PolicyAnswer, second.name)
        .join(Account, Account.id == ProposedPolicy.proposed_by)
        .outerjoin(PolicyAnswer, _answers())
        .outerjoin(second, second.id == PolicyAnswer.answered_by)
        .where(*which)
        .order_by(ProposedPolicy.proposed_at.desc(), ProposedPolicy.id)
        .limit(MOST)
    ).all()
    in_force = current_policy(agency_id).version if rows else 0
    return [PolicyProposal(*row, in_force) for row in rows]


def _answers() -> ColumnElement[bool]:
    return and_(
        PolicyAnswer.agency_id == ProposedPolicy.agency_id,
        PolicyAnswer.proposal_id == ProposedPolicy.id,
    )


def approved_for(agency_id: int) -> dict[int, str]:
    """Who proposed the versions that a second person approved: {version: name}."""
    rows: Any = db.session.execute(
        select(ProposedPolicy.based_on + 1, Account.name)
        .join(PolicyAnswer, _answers())
        .join(Account, Account.id == ProposedPolicy.proposed_by)
        .join(
            Policy,
            and_(
                Policy.agency_id == ProposedPolicy.agency_id,
                Policy.version == ProposedPolicy.based_on + 1,
            ),
        )
        .where(ProposedPolicy.agency_id == agency_id, PolicyAnswer.outcome == "approved")
    )
    return dict(rows.all())
