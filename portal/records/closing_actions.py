"""Closing a period: the last release, a record for everybody, and then nothing moves any more."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import insert, select

from portal.db import begin_write, db, new_id
from portal.people.actions import note_act
from portal.people.models import Agency
from portal.ratings.models import AttributionEvent, Rating
from portal.records import evidence
from portal.records.bulk import pieces
from portal.records.period_calendar import closable_on
from portal.records.policies import current_policy
from portal.records.release_actions import Outcome, release_period

TOO_FEW = "fewer than 5 at closing"


class NoSuchAgency(Exception):
    """No agency has this code."""


class TooEarly(Exception):
    """The period is not yet over for long enough; `from_` is when it can be closed."""

    def __init__(self, from_: datetime) -> None:
        super().__init__(f"this period can be closed from {from_:%Y-%m-%d %H:%M %Z} on")
        self.from_ = from_


class AlreadyClosed(Exception):
    """The period is closed; a correction is a new run, never a second closing."""


def close_period(agency_code: str, period: str, now: datetime) -> Outcome:
    """Freeze a period: what remains joins or counts for the office, everybody gets a record."""
    agency = db.session.scalar(select(Agency).where(Agency.code == agency_code))
    if agency is None:
        raise NoSuchAgency(agency_code)
    if now < (earliest := closes_from(agency, period)):
        raise TooEarly(earliest)
    if evidence.closed(agency.id, period):
        raise AlreadyClosed(period)
    agency_id = agency.id
    _leave_to_office(agency_id, period, now)
    outcome = release_period(agency_id, period, now, closes=True)
    _note_closing(agency_id, period, outcome, now)
    return outcome


def closes_from(agency: Agency, period: str) -> datetime:
    """The first moment at which the period may be closed, in the agency's time zone."""
    day = closable_on(period, current_policy(agency.id))
    return datetime.combine(day, time(), tzinfo=agency.zone)


def _leave_to_office(agency_id: int, period: str, now: datetime) -> None:
    """Ratings of persons with fewer new ones than a release takes will name nobody."""
    least = current_policy(agency_id).least_new_ratings
    moment = evidence.now_in(agency_id, period, now)
    waiting = db.session.execute(
        evidence.ratings_as_of(moment, Rating.id, evidence.EMPLOYEE).where(
            evidence.ABOUT_PERSON, evidence.PENDING
        )
    ).all()
    of_person: dict[int, list[Any]] = {}
    for rating_id, employee_id in waiting:
        of_person.setdefault(employee_id, []).append(rating_id)
    few = [ids for ids in of_person.values() if len(ids) < least]
    for piece in pieces(rating_id for ids in few for rating_id in ids):
        begin_write()
        db.session.execute(
            insert(AttributionEvent),
            [_office_only(agency_id, period, rating_id, now) for rating_id in piece],
        )
        db.session.commit()


def _office_only(agency_id: int, period: str, rating_id: Any, now: datetime) -> dict[str, Any]:
    return {
        "agency_id": agency_id,
        "id": new_id(),
        "period": period,
        "rating_id": rating_id,
        "employee_id": None,
        "counts_for": "O",
        "attributed_by": "closing",
        "reason": TOO_FEW,
        "at": now,
        "account_id": None,
    }


def _note_closing(agency_id: int, period: str, outcome: Outcome, now: datetime) -> None:
    begin_write()
    note_act(
        None,
        "close_period",
        now,
        agency_id=agency_id,
        subject=period,
        detail={"release": outcome.number, "employees": outcome.moved},
    )
    db.session.commit()
