"""Reads about ratings that were set aside: in the batches in which they came, and what people
said of them since. What was answered is never read here: it is no reason to set anything aside."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select

from portal.db import db
from portal.people.models import Account, Employee
from portal.ratings.models import AttributionEvent, Rating, Verdict, VerdictReview
from portal.records import evidence
from portal.records.evidence import Moment
from portal.records.models import ReviewRequest, ScoringRun

MOST_REQUESTS = 200


@dataclass(frozen=True)
class Batch:
    """Ratings of one day that were set aside, with all that was noticed about them; `state`:
    restore, confirm, or nothing where nobody has looked at them."""

    day: date
    signals: tuple[str, ...]
    state: str
    ratings: tuple[UUID, ...]

    @property
    def key(self) -> str:
        return f"{self.day.isoformat()} {self.state or 'new'}"


def batches(run: ScoringRun, employee_id: int, now: datetime) -> list[Batch]:
    """What the engine or an inspector has set aside, as reviewed until now."""
    moment = Moment(run.agency_id, run.period, run.release, now)
    rows = db.session.execute(
        evidence.ratings_as_of(
            moment,
            Rating.id,
            Rating.rated_on,
            Verdict.weight,
            Verdict.reasons,
            VerdictReview.weight,
        ).where(
            evidence.of_employee(moment, employee_id),
            evidence.ABOUT_PERSON,
            evidence.SETTLED,
            or_(Verdict.weight <= 0, VerdictReview.weight <= 0),
        )
    )
    found: dict[tuple[date, str], tuple[set[str], list[UUID]]] = {}
    for rating_id, day, engine, reasons, weight in rows:
        state = "" if weight is None else "restore" if weight > 0 else "confirm"
        signals, ratings = found.setdefault((day, state), (set(), []))
        signals |= {code for code in reasons.split(";") if code and code != "quarantine"}
        signals |= {"block"} if engine > 0 else set()
        ratings.append(rating_id)
    return [
        Batch(day, tuple(sorted(signals)), state, tuple(ratings))
        for (day, state), (signals, ratings) in sorted(found.items())
    ]


@dataclass(frozen=True)
class Reviewed:
    """One answer: at this moment so many ratings were restored or confirmed, and why."""

    at: datetime
    by: str
    outcome: str
    reason: str
    ratings: int


def reviews(run: ScoringRun, employee_id: int, now: datetime) -> list[Reviewed]:
    """What people have said of an employee's ratings, newest first; the latest word on each."""
    moment = Moment(run.agency_id, run.period, run.release, now)
    columns = (VerdictReview.at, Account.name, VerdictReview.weight, VerdictReview.reason)
    rows = db.session.execute(
        evidence.ratings_as_of(moment, *columns, func.count())
        .join(Account, Account.id == VerdictReview.account_id)
        .where(evidence.of_employee(moment, employee_id), evidence.ABOUT_PERSON)
        .group_by(*columns)
        .order_by(VerdictReview.at.desc())
    )
    return [
        Reviewed(at, by, "restore" if weight > 0 else "confirm", reason, number)
        for at, by, weight, reason, number in rows
    ]


def requests(agency_id: int, employee_id: int, period: str) -> list[ReviewRequest]:
    """What the employee has asked for, newest first."""
    return list(
        db.session.scalars(
            select(ReviewRequest)
            .where(
                ReviewRequest.agency_id == agency_id,
                ReviewRequest.employee_id == employee_id,
                ReviewRequest.period == period,
            )
            .order_by(ReviewRequest.at.desc())
        )
    )


def open_requests(agency_id: int) -> list[tuple[ReviewRequest, Employee]]:
    """Requests after which nobody has reviewed a rating of that employee, the oldest first."""
    corrected = select(AttributionEvent.rating_id).where(
        AttributionEvent.agency_id == ReviewRequest.agency_id,
        AttributionEvent.employee_id == ReviewRequest.employee_id,
    )
    answered = exists().where(
        VerdictReview.agency_id == ReviewRequest.agency_id,
        VerdictReview.period == ReviewRequest.period,
        VerdictReview.at >= ReviewRequest.at,
        Rating.agency_id == VerdictReview.agency_id,
        Rating.period == VerdictReview.period,
        Rating.id == VerdictReview.rating_id,
        or_(Rating.employee_id == ReviewRequest.employee_id, Rating.id.in_(corrected)),
    )
    rows = db.session.execute(
        select(ReviewRequest, Employee)
        .join(
            Employee,
            and_(
                Employee.agency_id == ReviewRequest.agency_id,
                Employee.id == ReviewRequest.employee_id,
            ),
        )
        .where(ReviewRequest.agency_id == agency_id, ~answered)
        .order_by(ReviewRequest.at)
        .limit(MOST_REQUESTS)
    )
    return [(request, employee) for request, employee in rows]
