"""Reads about what people said and decided: decisions, replies, objections and their rulings."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from portal.db import db
from portal.people.models import Account, Employee, Employment
from portal.people.queries import Scope
from portal.ratings.periods import first_day, last_day
from portal.records.models import Contest, ContestRuling, Decision, Reply


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
    def revoked(self) -> bool:
        return self.ruling is not None and self.ruling.outcome == "revoked"

    @property
    def state(self) -> str:
        """standing, superseded, contested, upheld or revoked."""
        if self.superseded:
            return "superseded"
        if self.ruling is not None:
            return self.ruling.outcome
        return "contested" if self.contest else "standing"


def judgements(agency_id: int, employee_id: int, period: str) -> list[Judged]:
    """All decisions about an employee in a period, newest first."""
    return _judged(agency_id, Decision.employee_id == employee_id, Decision.period == period)


def judgement(agency_id: int, decision_id: int) -> Judged | None:
    found = _judged(agency_id, Decision.id == decision_id)
    return found[0] if found else None


def _judged(agency_id: int, *which: ColumnElement[bool]) -> list[Judged]:
    ruler = aliased(Account)
    rows = db.session.execute(
        select(Decision, Account, Contest, ContestRuling, ruler.name)
        .join(Account, Account.id == Decision.decided_by)
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


def objections(scope: Scope) -> list[Objection]:
    """Objections from the offices of a scope: the open ones first, the nearest deadline first."""
    return _within(scope, _objections(scope.agency_id))


def objection(scope: Scope, contest_id: int) -> Objection | None:
    found = _within(scope, _objections(scope.agency_id, Contest.id == contest_id))
    return found[0] if found else None


def open_objections(scope: Scope) -> int:
    """How many wait for an answer."""
    return len(_within(scope, _objections(scope.agency_id, ContestRuling.contest_id.is_(None))))


def _within(scope: Scope, found: list[Objection]) -> list[Objection]:
    """Those about employees who worked in the scope in the period that was decided on."""
    if scope.offices is None or not found:
        return found
    rows = db.session.execute(
        select(Employment.employee_id, Employment.starts_on, Employment.ends_on).where(
            Employment.agency_id == scope.agency_id,
            Employment.office_id.in_(scope.offices),
            Employment.employee_id.in_([item.decision.employee_id for item in found]),
        )
    ).all()
    places: dict[int, list[tuple[date, date]]] = {}
    for employee_id, starts_on, ends_on in rows:
        places.setdefault(employee_id, []).append((starts_on, ends_on or date.max))
    return [
        item
        for item in found
        if any(
            starts_on <= last_day(item.decision.period)
            and ends_on >= first_day(item.decision.period)
            for starts_on, ends_on in places.get(item.decision.employee_id, [])
        )
    ]


def _objections(agency_id: int, *which: ColumnElement[bool]) -> list[Objection]:
    rows = db.session.execute(
        select(Contest, Decision, Employee, Account, ContestRuling)
        .join(
            Decision,
            and_(Decision.agency_id == Contest.agency_id, Decision.id == Contest.decision_id),
        )
        .join(
            Employee,
            and_(Employee.agency_id == Decision.agency_id, Employee.id == Decision.employee_id),
        )
        .join(Account, Account.id == Decision.decided_by)
        .outerjoin(
            ContestRuling,
            and_(
                ContestRuling.agency_id == Contest.agency_id,
                ContestRuling.contest_id == Contest.id,
            ),
        )
        .where(Contest.agency_id == agency_id, *which)
        .order_by(ContestRuling.at.is_not(None), Contest.due_on, Contest.id)
    )
    return [Objection(*row) for row in rows]
