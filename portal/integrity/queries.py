"""Reads of flagged comments."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Office
from portal.people.queries import Scope
from portal.ratings.models import Rating, RatingComment

MOST = 200


@dataclass(frozen=True)
class Flagged:
    """A comment for the inspector: where and on what day, but not when, from whom or about whom."""

    day: date
    office: str
    text: str


def flagged_comments(scope: Scope) -> list[Flagged]:
    """The newest flagged comments about the offices of a scope; within a day in a fixed order
    that says nothing of the time."""
    query = (
        select(Rating.rated_on, Office.name, RatingComment.text)
        .join(
            RatingComment,
            and_(
                RatingComment.agency_id == Rating.agency_id,
                RatingComment.period == Rating.period,
                RatingComment.rating_id == Rating.id,
            ),
        )
        .join(Counter, and_(Counter.agency_id == Rating.agency_id, Counter.id == Rating.counter_id))
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(Rating.agency_id == scope.agency_id, RatingComment.for_inspector)
        # By quarter first: so the newest are found without looking at the others.
        .order_by(RatingComment.period.desc(), Rating.rated_on.desc(), Rating.id)
        .limit(MOST)
    )
    if scope.offices is not None:
        query = query.where(Office.id.in_(scope.offices))
    return [Flagged(*row) for row in db.session.execute(query)]
