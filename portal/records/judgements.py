"""Reads about what people said and decided: decisions, replies, objections and their rulings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.people.models import Account, Employee
from portal.records.appeals import may_rule
from portal.records.models import Contest, ContestRuling, Decision, Reply

# An objection was made and nobody has ruled on it; of rows `with_ruling`.
AWAITS_RULING = and_(Contest.id.is_not(None), ContestRuling.contest_id.is_(None))


@dataclass
class Judged:
    """A decision with everything that followed it."""

    decision: Decision
    decider: Account
    contest: Contest | None = None
    ruling: ContestRuling | None = None
    ruler: str | None = None
    replies: list[Reply] = field(default_factory=list)
    superseded: bool = False

    @property
    def open(self) -> bool:
        """Whether an objection to it waits for a ruling."""
        return self.contest is not None and self.ruling is None

    @property
    def revoked(self) -> bool:
        return self.ruling is not None and self.ruling.outcome == "revoked"

    @property
    def stands(self) -> bool:
        return not self.revoked and not self.superseded

    @property
    def state(self) -> str:
        """standing, superseded, contested, upheld or revoked; that it was revoked stays visible."""
        if self.revoked:
            return "revoked"
        if self.superseded:
            return "superseded"
        if self.ruling is not None:
            return self.ruling.outcome
        return "contested" if self.contest else "standing"


def judgements_about(agency_id: int, employee_id: int) -> list[Judged]:
    """All decisions about an employee, of whatever period, newest first."""
    return _judged(agency_id, Decision.employee_id == employee_id)


def judgement(agency_id: int, decision_id: int) -> Judged | None:
    found = _judged(agency_id, Decision.id == decision_id)
    return found[0] if found else None


def latest_decisions(agency_id: int, employees: Iterable[int], period: str) -> dict[int, Judged]:
    """The decision about each of some employees that no later one stands in the place of.

    It may have been revoked; then no decision is in force.
    """
    rows = db.session.execute(
        with_ruling(Decision, Account, Contest, ContestRuling).where(
            Decision.agency_id == agency_id,
            Decision.period == period,
            Decision.employee_id.in_(list(employees)),
            not_superseded(agency_id),
        )
    )
    found = [Judged(*row) for row in rows]
    return {judged.decision.employee_id: judged for judged in found}


def latest_decision(agency_id: int, employee_id: int, period: str) -> Judged | None:
    return latest_decisions(agency_id, [employee_id], period).get(employee_id)


def unanswered(agency_id: int, employee_id: int, since: datetime) -> list[Decision]:
    """Decisions in place, made since a moment, to which the employee has not objected."""
    return list(
        db.session.scalars(
            with_ruling(Decision)
            .where(
                Decision.agency_id == agency_id,
                Decision.employee_id == employee_id,
                Decision.decided_at >= since,
                not_superseded(agency_id),
                Contest.id.is_(None),
            )
            .order_by(Decision.decided_at)
        )
    )


def with_ruling(*columns: Any) -> Select[Any]:
    """Decisions with who made them, about whom, the objection and its ruling, where there are
    such."""
    return (
        select(*columns)
        .select_from(Decision)
        .join(Account, Account.id == Decision.decided_by)
        .join(
            Employee,
            and_(Employee.agency_id == Decision.agency_id, Employee.id == Decision.employee_id),
        )
        .outerjoin(
            Contest,
            and_(Contest.agency_id == Decision.agency_id, Contest.decision_id == Decision.id),
        )
        .outerjoin(
            ContestRuling,
            and_(
                ContestRuling.agency_id == Contest.agency_id,
                ContestRuling.contest_id == Contest.id,
            ),
        )
    )


def not_superseded(agency_id: int) -> ColumnElement[bool]:
    """Whether no later decision stands in the place of one."""
    later = select(Decision.supersedes_id).where(
        Decision.agency_id == agency_id, Decision.supersedes_id.is_not(None)
    )
    return Decision.id.not_in(later)


def _judged(agency_id: int, *which: ColumnElement[bool]) -> list[Judged]:
    ruler = aliased(Account)
    rows = db.session.execute(
        with_ruling(Decision, Account, Contest, ContestRuling, ruler.name)
        .outerjoin(ruler, ruler.id == ContestRuling.decided_by)
        .where(Decision.agency_id == agency_id, *which)
        .order_by(Decision.decided_at.desc(), Decision.id)
    ).all()
    found = [Judged(*row) for row in rows]
    ids = [judged.decision.id for judged in found]
    later = set(
        db.session.scalars(
            select(Decision.supersedes_id).where(
                Decision.agency_id == agency_id, Decision.supersedes_id.in_(ids)
            )
        )
    )
    replies = db.session.scalars(
        select(Reply)
        .where(Reply.agency_id == agency_id, Reply.decision_id.in_(ids))
        .order_by(Reply.at)
    ).all()
    for judged in found:
        judged.superseded = judged.decision.id in later
        judged.replies = [row for row in replies if row.decision_id == judged.decision.id]
    return found


def replies_to_evidence(agency_id: int, employee_id: int, period: str) -> list[Reply]:
    """What the employee answered to the evidence itself."""
    return list(
        db.session.scalars(
            select(Reply)
            .where(
                Reply.agency_id == agency_id,
                Reply.employee_id == employee_id,
                Reply.period == period,
                Reply.decision_id.is_(None),
            )
            .order_by(Reply.at)
        )
    )


@dataclass(frozen=True)
class Objection:
    """An objection with the decision it is about and, once answered, the ruling."""

    contest: Contest
    decision: Decision
    employee: Employee
    decider: Account
    ruling: ContestRuling | None

    def late(self, now: datetime) -> bool:
        today = now.astimezone(self.decider.agency.zone).date()
        return self.ruling is None and today > self.contest.due_on


def objections(officer: Account) -> list[Objection]:
    """Objections on which an officer may rule: the open ones, the nearest deadline first."""
    return _before(officer, _objections(officer.agency_id))


def objection(officer: Account, contest_id: int) -> Objection | None:
    found = _before(officer, _objections(officer.agency_id, Contest.id == contest_id))
    return found[0] if found else None


def open_objections(officer: Account) -> list[Objection]:
    """Those that wait for an answer, the nearest deadline first."""
    return _before(officer, _objections(officer.agency_id, AWAITS_RULING))


def objections_waiting_for(officer: Account) -> int:
    """How many those are; no more of them is read than says who may rule."""
    agency_id = officer.agency_id
    asked = with_ruling(Decision).where(Contest.agency_id == agency_id, AWAITS_RULING)
    return len(may_rule(officer, db.session.scalars(asked)))


def _before(officer: Account, found: list[Objection]) -> list[Objection]:
    allowed = may_rule(officer, [item.decision for item in found])
    return [item for item in found if item.decision.id in allowed]


def _objections(agency_id: int, *which: ColumnElement[bool]) -> list[Objection]:
    rows = db.session.execute(
        with_ruling(Contest, Decision, Employee, Account, ContestRuling)
        .where(Contest.agency_id == agency_id, *which)
        .order_by(ContestRuling.at.is_not(None), Contest.due_on, Contest.id)
    )
    return [Objection(*row) for row in rows]
