"""Reads about ratings that were set aside: in the batches in which they came, and what people
said of them since. What was answered is never read here: it is no reason to set anything aside."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.counters.periods import first_day, last_day
from portal.db import db
from portal.people.models import Account, Agency, Employee, Employment
from portal.people.queries import Scope
from portal.ratings.models import AttributionEvent, Rating, Verdict, VerdictReview
from portal.records import evidence
from portal.records.evidence import Moment
from portal.records.models import ReviewRequest, ScoringRun
from portal.records.policies import current_policy
from portal.records.seen import Seen

MOST_REQUESTS = 200
_Said = aliased(VerdictReview)


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
        signals |= _signals(engine, reasons)
        ratings.append(rating_id)
    return [
        Batch(day, tuple(sorted(signals)), state, tuple(ratings))
        for (day, state), (signals, ratings) in sorted(found.items())
    ]


@dataclass(frozen=True)
class Stretch:
    """Whole weeks, inside the quarter, in which at least so many ratings as a figure is told of
    were set aside; `signals`: what was noticed about at least as many of them. Of how many is not
    told: together these would tell the small numbers that `disclosed` keeps back."""

    first: date
    last: date
    ratings: int
    signals: tuple[str, ...]


def stretches(ratings: Sequence[Seen], period: str, least: int) -> list[Stretch]:
    """What was set aside as a run saw it, by weeks that are joined until they hold enough: no day
    and no small part is told. Nothing where all of it is too few."""
    weeks: dict[date, list[set[str]]] = {}
    for one in ratings:
        if one.own_cause and one.set_aside:
            monday = one.rated_on - timedelta(days=one.rated_on.weekday())
            weeks.setdefault(monday, []).append(_signals(one.engine or 0.0, one.reasons or ""))
    joined: list[tuple[date, date, list[set[str]]]] = []
    for monday, found in sorted(weeks.items()):
        if joined and len(joined[-1][2]) < least:
            first, _last, before = joined.pop()
            joined.append((first, monday, before + found))
        else:
            joined.append((monday, monday, found))
    if len(joined) > 1 and len(joined[-1][2]) < least:
        _first, last, rest = joined.pop()
        first, _last, before = joined.pop()
        joined.append((first, last, before + rest))
    return [
        Stretch(
            max(first, first_day(period)),
            min(last + timedelta(days=6), last_day(period)),
            len(found),
            _told(found, least),
        )
        for first, last, found in joined
        if len(found) >= least
    ]


def _told(found: list[set[str]], least: int) -> tuple[str, ...]:
    counted = Counter(signal for signals in found for signal in signals)
    return tuple(sorted(name for name, number in counted.items() if number >= least))


def _signals(engine: float, reasons: str) -> set[str]:
    """What the engine noticed about one rating, and whether an inspector set it aside."""
    noticed = {code for code in reasons.split(";") if code and code != "quarantine"}
    return noticed | ({"block"} if engine > 0 else set())


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
    # The few about which anybody said a word are named first: most people have none.
    reviewed = select(_Said.rating_id).where(
        _Said.agency_id == run.agency_id, _Said.period == run.period
    )
    columns = (VerdictReview.at, Account.name, VerdictReview.weight, VerdictReview.reason)
    rows = db.session.execute(
        evidence.ratings_as_of(moment, *columns, func.count())
        .join(Account, Account.id == VerdictReview.account_id)
        .where(
            Rating.id.in_(reviewed),
            evidence.of_employee(moment, employee_id),
            evidence.ABOUT_PERSON,
        )
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


@dataclass(frozen=True)
class Asked:
    """A request that waits, and the day by which an appeals officer is to answer it."""

    request: ReviewRequest
    employee: Employee
    due_on: date


def of_person(employee_id: int) -> ColumnElement[bool]:
    """Requests of one employee."""
    return ReviewRequest.employee_id == employee_id


def of_others_in(scope: Scope, employee_id: int | None) -> ColumnElement[bool]:
    """Requests of whoever works or worked in these offices, but for one employee."""
    others = ReviewRequest.employee_id.is_distinct_from(employee_id)
    if scope.offices is None:
        return others
    there = exists().where(
        Employment.agency_id == ReviewRequest.agency_id,
        Employment.employee_id == ReviewRequest.employee_id,
        Employment.office_id.in_(scope.offices),
    )
    return and_(others, there)


def open_requests(agency: Agency, which: ColumnElement[bool]) -> list[Asked]:
    """Those requests after which nobody has reviewed a rating of that employee, the oldest
    first."""
    rows = db.session.execute(_open(agency.id, which, ReviewRequest, Employee)).all()
    wait = timedelta(days=current_policy(agency.id).ruling_days) if rows else timedelta()
    return [
        Asked(request, employee, request.at.astimezone(agency.zone).date() + wait)
        for request, employee in rows
    ]


def open_request_keys(agency_id: int, which: ColumnElement[bool]) -> list[tuple[int, str]]:
    """Of whom and of which period they are: what a number in the menu needs."""
    keys = (ReviewRequest.employee_id, ReviewRequest.period)
    rows = db.session.execute(_open(agency_id, which, *keys))
    return [(employee_id, period) for employee_id, period in rows]


def _open(agency_id: int, which: ColumnElement[bool], *columns: Any) -> Select[Any]:
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
    return (
        select(*columns)
        .select_from(ReviewRequest)
        .join(
            Employee,
            and_(
                Employee.agency_id == ReviewRequest.agency_id,
                Employee.id == ReviewRequest.employee_id,
            ),
        )
        .where(
            ReviewRequest.agency_id == agency_id,
            which,
            ~answered,
        )
        .order_by(ReviewRequest.at)
        .limit(MOST_REQUESTS)
    )


def due_days(agency: Agency, employee_id: int) -> dict[int, date]:
    """By when the requests of an employee that wait are to be answered, by request."""
    return {one.request.id: one.due_on for one in open_requests(agency, of_person(employee_id))}
