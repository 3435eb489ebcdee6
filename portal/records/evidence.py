"""Which ratings count, for whom, as of when: one definition, in SQL, for pages and engine alike.

A rating is *about a person* when its latest attribution names the employee (A), its cause is
the person or unstated, and it was not withdrawn. It is *settled* when a release has given its
verdict since that attribution; until then it is pending and invisible. It counts for the person
when it is about a person, settled, and of weight above 0 (the latest review, else the latest
verdict); it counts for the office when it has a verdict, weight above 0, and was not withdrawn.
"""

import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from portal.counters.models import Counter
from portal.db import db
from portal.ratings.models import (
    CHANNELS,
    PERSON,
    AttributionEvent,
    Rating,
    RatingComment,
    Release,
    Verdict,
    VerdictReview,
    Withdrawal,
)


@dataclass(frozen=True)
class Moment:
    """A state of the evidence: verdicts up to a release, people's words up to a time."""

    agency_id: int
    period: str
    release: int
    as_of: datetime


# How a query of ratings is joined with their counters, where it asks for these.
AT_COUNTER: ColumnElement[bool] = and_(
    Counter.agency_id == Rating.agency_id, Counter.id == Rating.counter_id
)
# And with what the citizen wrote beside them.
WRITTEN_BESIDE: ColumnElement[bool] = and_(
    RatingComment.agency_id == Rating.agency_id,
    RatingComment.period == Rating.period,
    RatingComment.rating_id == Rating.id,
)

# The release with which the latest verdict's rating first counted.
Joined = aliased(Release, name="joined_release")
# In subqueries; made once, for making one takes longer than asking a small database.
_Rated, _Named = aliased(Rating), aliased(AttributionEvent)
_Attributed, _Reviewed, _Judged = (
    aliased(AttributionEvent),
    aliased(VerdictReview),
    aliased(Verdict),
)

EMPLOYEE: ColumnElement[Any] = case(
    (AttributionEvent.id.is_(None), Rating.employee_id), else_=AttributionEvent.employee_id
)
COUNTS_FOR: ColumnElement[Any] = func.coalesce(AttributionEvent.counts_for, Rating.counts_for)
WITHDRAWN: ColumnElement[bool] = Withdrawal.at.is_not(None)
NAMED: ColumnElement[bool] = COUNTS_FOR == PERSON
OWN_CAUSE: ColumnElement[bool] = or_(Rating.cause.is_(None), Rating.cause == "person")
WEIGHT: ColumnElement[Any] = func.coalesce(VerdictReview.weight, Verdict.weight)
JUDGED: ColumnElement[bool] = Verdict.release.is_not(None)
SETTLED: ColumnElement[bool] = and_(
    JUDGED,
    or_(AttributionEvent.at.is_(None), AttributionEvent.at <= Joined.started_at),
)
# Sent with a ticket of a queue system, which names an employee or nobody. One that staff hand out
# themselves, as a slip or on a sheet, always names its own and proves no visit.
QUEUED: ColumnElement[bool] = and_(
    Rating.channel == "ticket", Rating.attributed_by.in_(("queue_ticket", "nobody_on_duty"))
)
# Sent from a form that was opened at the counter. Forms of kiosks and of clerks, and those kept for
# a visit without network, were issued beforehand: how long one looked at them, nobody knows.
OPENED_THERE: ColumnElement[bool] = and_(
    Rating.channel.in_(("poster", "display", "ticket", "list")),
    Rating.attributed_by != "opened_offline",
)
# Tapped on a kiosk faster than people come by: counted for the office, and for nobody.
HURRIED: ColumnElement[bool] = and_(Rating.channel == "kiosk", Rating.attributed_by == "kiosk_pace")
ABOUT_PERSON: ColumnElement[bool] = and_(NAMED, OWN_CAUSE, not_(WITHDRAWN))
COUNTS_FOR_PERSON: ColumnElement[bool] = and_(ABOUT_PERSON, SETTLED, WEIGHT > 0)
COUNTS_FOR_OFFICE: ColumnElement[bool] = and_(not_(WITHDRAWN), JUDGED, WEIGHT > 0)
PENDING: ColumnElement[bool] = and_(not_(WITHDRAWN), not_(SETTLED))


def ratings_as_of(moment: Moment, *columns: Any) -> Select[Any]:
    """Ratings with what stands about them at a moment; the expressions above are its columns."""
    return (
        select(*columns)
        .select_from(Rating)
        .outerjoin(
            AttributionEvent,
            _same(AttributionEvent, AttributionEvent.id == _latest(_Attributed, moment)),
        )
        .outerjoin(Withdrawal, and_(_of_rating(Withdrawal), Withdrawal.at <= moment.as_of))
        .outerjoin(
            VerdictReview, _same(VerdictReview, VerdictReview.id == _latest(_Reviewed, moment))
        )
        .outerjoin(Verdict, and_(_of_rating(Verdict), Verdict.release == _latest_verdict(moment)))
        .outerjoin(
            Joined,
            and_(
                Joined.agency_id == Verdict.agency_id,
                Joined.period == Verdict.period,
                Joined.number == Verdict.joined,
            ),
        )
        .where(Rating.agency_id == moment.agency_id, Rating.period == moment.period)
    )


def of_employee(moment: Moment, employee_id: int) -> ColumnElement[bool]:
    """Ratings whose latest attribution names this employee, for `ratings_as_of`.

    PostgreSQL finds the rows of `a OR b` by no index where `b` asks another table. What may be
    theirs is therefore named first, from either table by its index, and judged then.
    """
    ever = union_all(
        *(
            select(key).where(
                of.agency_id == moment.agency_id,
                of.period == moment.period,
                of.employee_id == employee_id,
            )
            for of, key in ((_Rated, _Rated.id), (_Named, _Named.rating_id))
        )
    )
    return and_(Rating.id.in_(ever), EMPLOYEE.is_not_distinct_from(employee_id))


def _same(table: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(table.agency_id == Rating.agency_id, condition)


def _of_rating(table: Any) -> ColumnElement[bool]:
    return and_(
        table.agency_id == Rating.agency_id,
        table.period == Rating.period,
        table.rating_id == Rating.id,
    )


def _latest(other: type[AttributionEvent] | type[VerdictReview], moment: Moment) -> Any:
    """The id of the latest word about a rating; of equal times the largest id."""
    return (
        select(other.id)
        .where(_of_rating(other), other.at <= moment.as_of)
        .order_by(other.at.desc(), other.id.desc())
        .limit(1)
        .correlate(Rating)
        .scalar_subquery()
    )


def _latest_verdict(moment: Moment) -> Any:
    return (
        select(func.max(_Judged.release))
        .where(_of_rating(_Judged), _Judged.release <= moment.release)
        .correlate(Rating)
        .scalar_subquery()
    )


def last_release(agency_id: int, period: str) -> Release | None:
    """The last finished release of a period: what everybody sees."""
    return db.session.scalar(
        select(Release)
        .where(
            Release.agency_id == agency_id,
            Release.period == period,
            Release.done_at.is_not(None),
        )
        .order_by(Release.number.desc())
        .limit(1)
    )


def release_of(agency_id: int, period: str, number: int | None) -> Release | None:
    """A finished release of a period: that of a number, or the last one."""
    if number is None:
        return last_release(agency_id, period)
    found = db.session.get(Release, (agency_id, period, number))
    return found if found and found.done_at else None


def closed(agency_id: int, period: str) -> bool:
    """Whether a period has been closed; corrections may have followed."""
    own = (Release.agency_id == agency_id, Release.period == period)
    found = exists().where(*own, Release.closes, Release.done_at.is_not(None))
    return bool(db.session.scalar(select(found)))


def now_in(agency_id: int, period: str, now: datetime) -> Moment:
    """What is visible now: the verdicts of the last finished release, all words until now."""
    last = last_release(agency_id, period)
    return Moment(agency_id, period, last.number if last else 0, now)


# One rating as bytes, laid out as `records.reading.digest` lays out many.
_AS_BYTES = struct.Struct("<32sqqbbbbbd")


def digest_of(moment: Moment, employee_id: int) -> str:
    """SHA-256 of what is settled about one employee: ids, whom, what, answers, weight."""
    rows = db.session.execute(
        ratings_as_of(
            moment,
            Rating.id,
            Rating.service_id,
            Rating.channel,
            Rating.overall,
            Rating.ramah,
            Rating.cakap,
            Rating.cekatan,
            WEIGHT,
        ).where(of_employee(moment, employee_id), ABOUT_PERSON, SETTLED)
    ).all()
    total = hashlib.sha256()
    for rating_id, service_id, channel, *answers, weight in sorted(
        rows, key=lambda row: row[0].hex
    ):
        total.update(
            _AS_BYTES.pack(
                rating_id.hex.encode(),
                employee_id,
                service_id or 0,
                CHANNELS.index(channel),
                *(answer or 0 for answer in answers),
                weight,
            )
        )
    return total.hexdigest()
