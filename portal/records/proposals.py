"""Reads about decisions on their way, and who may say the second word."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true

from portal.counters.periods import first_day, last_day
from portal.db import db
from portal.people.account_queries import accounts_with
from portal.people.models import Account, Employee, Employment
from portal.people.queries import scope_of
from portal.records.models import Decision
from portal.records.policies import AgencyPolicy
from portal.records.proposal_models import (
    DecisionDraft,
    DecisionPlan,
    ProposalAnswer,
    ProposedDecision,
)
from portal.records.queries import offices_during

APPROVERS = ("supervisor", "hr")
MOST = 100


def asks_for_second(policy: AgencyPolicy, kind: str, *, against: bool) -> bool:
    """Whether a decision waits for a second person: always against the advice, and where the
    policy says so: 1 for guidance, 2 for every award and guidance."""
    asked = {"guidance": policy.second_person >= 1, "award": policy.second_person >= 2}
    return against or asked.get(kind, False)


def open_proposal(agency_id: int, employee_id: int, period: str) -> ProposedDecision | None:
    """The one that waits about an employee in a period: at most one does."""
    return db.session.scalars(
        _open(agency_id).where(
            ProposedDecision.employee_id == employee_id, ProposedDecision.period == period
        )
    ).first()


def _open(agency_id: int) -> Select[ProposedDecision]:
    answered = exists().where(
        ProposalAnswer.agency_id == ProposedDecision.agency_id,
        ProposalAnswer.proposal_id == ProposedDecision.id,
    )
    return select(ProposedDecision).where(ProposedDecision.agency_id == agency_id, ~answered)


def may_answer(account: Account, proposed: ProposedDecision) -> bool:
    """Whether somebody is the second person: authorised there, neither proposer nor rated."""
    if not account.active or account.id == proposed.proposed_by:
        return False
    if account.employee_id is not None and account.employee_id == proposed.employee_id:
        return False
    return _decides_there(account, proposed)


def may_read(account: Account, proposed: ProposedDecision) -> bool:
    """Whether somebody sees the proposal: its author, and who may answer it."""
    return account.id == proposed.proposed_by or may_answer(account, proposed)


def _decides_there(account: Account, proposed: ProposedDecision) -> bool:
    if account.agency_id != proposed.agency_id:
        return False
    mine = scope_of(account, *APPROVERS)
    places = offices_during(proposed.agency_id, proposed.employee_id, proposed.period)
    return any(office in mine for office in places)


def second_persons(proposed: ProposedDecision) -> list[Account]:
    """All who may answer a proposal."""
    approvers = accounts_with(proposed.agency_id, *APPROVERS)
    return [account for account in approvers if may_answer(account, proposed)]


@dataclass(frozen=True)
class Waiting:
    """A proposal with whom it is about, who made it, and the answer once there is one."""

    proposed: ProposedDecision
    employee: Employee
    proposer: Account
    answer: ProposalAnswer | None


def proposals_for(account: Account) -> list[Waiting]:
    """What an account proposed or may answer: the open ones first, then the latest."""
    found = _waiting(account.agency_id, _concerns(account))
    second = _answerable(account, found)
    return [one for one in found if one.proposer.id == account.id or one.proposed.id in second]


def waiting_for(account: Account) -> list[Waiting]:
    """The open ones to which an account may say the second word."""
    others = ProposedDecision.proposed_by != account.id  # one's own are many, and fill no list
    found = _waiting(
        account.agency_id, _concerns(account), others, ProposalAnswer.proposal_id.is_(None)
    )
    second = _answerable(account, found)
    return [one for one in found if one.proposed.id in second]


def _concerns(account: Account) -> ColumnElement[bool]:
    """Proposals of an account, or about somebody who works or worked in its offices."""
    mine = scope_of(account, *APPROVERS)
    if mine.offices is None:
        return true()
    there = exists().where(
        Employment.agency_id == ProposedDecision.agency_id,
        Employment.employee_id == ProposedDecision.employee_id,
        Employment.office_id.in_(mine.offices),
    )
    return or_(ProposedDecision.proposed_by == account.id, there)


def _answerable(account: Account, found: list[Waiting]) -> set[int]:
    """`may_answer` of many at once: one statement, however many they are."""
    mine = scope_of(account, *APPROVERS)
    places: dict[int, list[Employment]] = {}
    for place in db.session.scalars(
        select(Employment).where(
            Employment.agency_id == account.agency_id,
            Employment.employee_id.in_({one.employee.id for one in found}),
        )
    ):
        places.setdefault(place.employee_id, []).append(place)
    return {
        one.proposed.id
        for one in found
        if one.proposer.id != account.id
        and one.employee.id != account.employee_id
        and any(
            place.office_id in mine and _during(place, one.proposed.period)
            for place in places.get(one.employee.id, [])
        )
    }


def _during(place: Employment, period: str) -> bool:
    ends = place.ends_on or date.max
    return place.starts_on <= last_day(period) and ends >= first_day(period)


def proposal(account: Account, proposal_id: int) -> Waiting | None:
    """One, if the account may see it."""
    found = _waiting(account.agency_id, ProposedDecision.id == proposal_id)
    return next((one for one in found if may_read(account, one.proposed)), None)


def _waiting(agency_id: int, *which: Any) -> list[Waiting]:
    rows = db.session.execute(
        select(ProposedDecision, Employee, Account, ProposalAnswer)
        .join(
            Employee,
            and_(
                Employee.agency_id == ProposedDecision.agency_id,
                Employee.id == ProposedDecision.employee_id,
            ),
        )
        .join(Account, Account.id == ProposedDecision.proposed_by)
        .outerjoin(
            ProposalAnswer,
            and_(
                ProposalAnswer.agency_id == ProposedDecision.agency_id,
                ProposalAnswer.proposal_id == ProposedDecision.id,
            ),
        )
        .where(ProposedDecision.agency_id == agency_id, *which)
        .order_by(ProposalAnswer.at.is_not(None), ProposedDecision.proposed_at.desc())
        .limit(MOST)
    )
    return [Waiting(*row) for row in rows]


def second_person_of(decision: Decision) -> tuple[ProposalAnswer, str] | None:
    """Who approved a decision, with the name; none where nobody had to."""
    row = db.session.execute(
        select(ProposalAnswer, Account.name)
        .join(Account, Account.id == ProposalAnswer.answered_by)
        .where(
            ProposalAnswer.agency_id == decision.agency_id,
            ProposalAnswer.proposal_id == decision.id,
        )
    ).first()
    return (row[0], row[1]) if row else None


def approved_by(account: Account, decisions: list[int]) -> set[int]:
    """Those of some decisions that an account approved."""
    return set(
        db.session.scalars(
            select(ProposalAnswer.proposal_id).where(
                ProposalAnswer.agency_id == account.agency_id,
                ProposalAnswer.answered_by == account.id,
                ProposalAnswer.proposal_id.in_(decisions),
            )
        )
    )


def plan_of(agency_id: int, decision_id: int) -> DecisionPlan | None:
    return db.session.get(DecisionPlan, (agency_id, decision_id))


def plans_of(agency_id: int, decisions: Collection[int]) -> dict[int, DecisionPlan]:
    """The plans made with some decisions, by decision."""
    plans = db.session.scalars(
        select(DecisionPlan).where(
            DecisionPlan.agency_id == agency_id, DecisionPlan.decision_id.in_(decisions)
        )
    )
    return {plan.decision_id: plan for plan in plans}


def second_persons_of(agency_id: int, decisions: Collection[int]) -> dict[int, str]:
    """The names of who approved some decisions, by decision, where somebody had to."""
    rows = db.session.execute(
        select(ProposalAnswer.proposal_id, Account.name)
        .join(Account, Account.id == ProposalAnswer.answered_by)
        .where(
            ProposalAnswer.agency_id == agency_id,
            ProposalAnswer.proposal_id.in_(decisions),
            ProposalAnswer.approved,
        )
    )
    return dict(rows.all())


class PlannedStep(NamedTuple):
    """A step of a plan: what, until when, and whether it is a training."""

    what: str
    until: date
    training: bool = False


def steps_of(steps: list[dict[str, Any]]) -> list[PlannedStep]:
    """The steps of a plan as they are shown."""
    return [
        PlannedStep(step["what"], date.fromisoformat(step["until"]), step.get("training", False))
        for step in steps
    ]


def draft_of(account: Account, employee_id: int, period: str) -> DecisionDraft | None:
    """What an account has written and not yet decided."""
    key = (account.agency_id, employee_id, period, account.id)
    return db.session.get(DecisionDraft, key)


def drafts_of(account: Account) -> list[tuple[DecisionDraft, str]]:
    """All that an account has written, with the name of whom it is about, the latest first."""
    rows = db.session.execute(
        select(DecisionDraft, Employee.name)
        .join(
            Employee,
            and_(
                Employee.agency_id == DecisionDraft.agency_id,
                Employee.id == DecisionDraft.employee_id,
            ),
        )
        .where(DecisionDraft.agency_id == account.agency_id, DecisionDraft.account_id == account.id)
        .order_by(DecisionDraft.saved_at.desc())
        .limit(MOST)
    )
    return [(draft, name) for draft, name in rows]
