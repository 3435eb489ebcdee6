"""People for whom a closed quarter advises award or guidance and nobody has decided yet."""

from typing import Any

from sqlalchemy import Select, and_, exists, select
from sqlalchemy.orm import aliased

from portal.people.models import Employee
from portal.people.queries import Scope
from portal.records.models import Decision, PerformanceRecord, Score
from portal.records.proposal_models import ProposalAnswer, ProposedDecision
from portal.records.queries import works_in


def undecided(scope: Scope, period: str, *columns: Any) -> Select[Any]:
    """Columns of `Employee` and of the `Score` their latest record stands on."""
    later = aliased(PerformanceRecord)
    own = and_(
        later.agency_id == PerformanceRecord.agency_id,
        later.employee_id == PerformanceRecord.employee_id,
        later.period == PerformanceRecord.period,
        later.created_at > PerformanceRecord.created_at,
    )
    decided = exists().where(
        Decision.agency_id == PerformanceRecord.agency_id,
        Decision.employee_id == PerformanceRecord.employee_id,
        Decision.period == PerformanceRecord.period,
    )
    proposed = exists().where(
        ProposedDecision.agency_id == PerformanceRecord.agency_id,
        ProposedDecision.employee_id == PerformanceRecord.employee_id,
        ProposedDecision.period == PerformanceRecord.period,
        ~exists().where(
            ProposalAnswer.agency_id == ProposedDecision.agency_id,
            ProposalAnswer.proposal_id == ProposedDecision.id,
        ),
    )
    return (
        select(*columns)
        .select_from(PerformanceRecord)
        .join(
            Score,
            and_(
                Score.agency_id == PerformanceRecord.agency_id,
                Score.run_id == PerformanceRecord.run_id,
                Score.employee_id == PerformanceRecord.employee_id,
            ),
        )
        .join(
            Employee,
            and_(
                Employee.agency_id == PerformanceRecord.agency_id,
                Employee.id == PerformanceRecord.employee_id,
            ),
        )
        .where(
            PerformanceRecord.agency_id == scope.agency_id,
            PerformanceRecord.period == period,
            Score.period == period,  # both tables by their index
            Score.advice.in_(("award_candidate", "guidance_candidate")),
            works_in(scope, period),
            ~exists().where(own),
            ~decided,
            ~proposed,
        )
    )
