"""The last word on a proposal, whatever it proposes: once, by a second person or its proposer."""

from portal.db import db
from portal.people.models import Account
from portal.records.decision_actions import flush_unless
from portal.records.policy_models import PolicyAnswer, ProposedPolicy
from portal.records.proposal_models import ProposalAnswer, ProposedDecision


class NotSecond(Exception):
    """Not somebody who may answer this proposal."""


class NotProposer(Exception):
    """Only who proposed takes a proposal back."""


class AlreadyAnswered(Exception):
    """The proposal has had its last word."""


def may_end(
    by: Account, proposed: ProposedDecision | ProposedPolicy, *, withdraws: bool, second: bool
) -> None:
    """Raises NotProposer where somebody else takes it back, NotSecond where the proposer or one
    who may not answers it; `second`: whether the account may."""
    own = proposed.proposed_by == by.id
    if withdraws and not own:
        raise NotProposer
    if not withdraws and (own or not second):
        db.session.rollback()
        raise NotSecond


def end(answer: ProposalAnswer | PolicyAnswer) -> None:
    """Put the last word down, unless there is one already: AlreadyAnswered."""
    db.session.add(answer)
    flush_unless(AlreadyAnswered)
