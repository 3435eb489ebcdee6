"""The ratings of one employee in one period, found first and judged then.

PostgreSQL finds the rows of `a OR b` by no index where `b` asks another table: on a million
ratings of a quarter that took seconds. What may be theirs is therefore named beforehand.
"""

from sqlalchemy import ColumnElement, and_, select, union_all
from sqlalchemy.orm import aliased

from portal.ratings.models import AttributionEvent, Rating
from portal.records import evidence
from portal.records.evidence import Moment


def of_employee(moment: Moment, employee_id: int) -> ColumnElement[bool]:
    """Ratings whose latest attribution names this employee, for `evidence.ratings_as_of`."""
    rated, event = aliased(Rating), aliased(AttributionEvent)
    ever = union_all(
        select(rated.id).where(
            rated.agency_id == moment.agency_id,
            rated.period == moment.period,
            rated.employee_id == employee_id,
        ),
        select(event.rating_id).where(
            event.agency_id == moment.agency_id,
            event.period == moment.period,
            event.employee_id == employee_id,
        ),
    )
    return and_(Rating.id.in_(ever), evidence.of_employee(employee_id))
