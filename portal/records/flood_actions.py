"""A flood of ratings at one counter: noted within a minute, not only with the next release.

Costs those who rate nothing: due work looks at what came last. Nothing is refused or slowed.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, delete, func, insert, literal_column, select

from portal.counters.periods import period_of
from portal.db import begin_write, db
from portal.people.models import Agency
from portal.ratings.models import Rating
from portal.records.controls import FLOOD
from portal.records.models import ControlCount

LATELY = timedelta(hours=1)
USUAL = timedelta(days=14)
HOURS_OPEN = 80  # of these days
TIMES_USUAL = 5
# What is told: more than so many in an hour. Fewer than the first is no flood; the steps are far
# apart, so that nobody sees a single rating come.
STEPS = (60, 100, 300, 1000, 3000, 10_000)
# Signed in, and sending at once what they have gathered: a kiosk a day's, a clerk a box of ballots.
GATHERED = ("kiosk", "assisted")
LATEST = 20_000  # arrivals that SQLite looks through: more than STEPS need


def note_floods(now: datetime) -> int:
    """Note each counter with far more ratings in the last hour than usual; how many there are."""
    found = 0
    for agency in db.session.scalars(select(Agency)).all():
        day = now.astimezone(agency.zone).date()
        floods = _floods(agency.id, period_of(day), now)
        if floods:
            _note(agency.id, floods, period_of(day), now.astimezone(agency.zone))
        found += len(floods)
    return found


def _floods(agency_id: int, period: str, now: datetime) -> dict[int, int]:
    """By counter, the step that its number of the last hour has passed."""
    own = (Rating.agency_id == agency_id, Rating.period == period)
    rows = db.session.execute(
        select(Rating.counter_id, func.count())
        .where(*own, Rating.received_at > now - LATELY, Rating.channel.not_in(GATHERED), *_last())
        .group_by(Rating.counter_id)
        .having(func.count() >= STEPS[0])
    ).all()
    return {
        counter_id: max(step for step in STEPS if number >= step)
        for counter_id, number in rows
        if number >= TIMES_USUAL * _usual(agency_id, counter_id, now)
    }


def _last() -> tuple[ColumnElement[bool], ...]:
    """SQLite has no index by time, as PostgreSQL has, and needs none: rows stand in the order in
    which they came."""
    if db.engine.dialect.name != "sqlite":
        return ()
    newest = (
        select(func.max(literal_column("newest.rowid", Integer)))
        .select_from(Rating.__table__.alias("newest"))
        .scalar_subquery()
    )
    return (literal_column("rating.rowid", Integer) > newest - LATEST,)


def _usual(agency_id: int, counter_id: int, now: datetime) -> float:
    """Ratings an hour of the two weeks before; asked only where much has come."""
    before = now - LATELY
    number = db.session.scalar(
        select(func.count()).where(
            Rating.agency_id == agency_id,
            Rating.counter_id == counter_id,
            Rating.received_at > before - USUAL,
            Rating.received_at <= before,
        )
    )
    return (number or 0) / HOURS_OPEN


def _note(agency_id: int, floods: dict[int, int], period: str, local: datetime) -> None:
    """Beside what the controls counted, until the next release does; the day's highest step."""
    own = (
        ControlCount.agency_id == agency_id,
        ControlCount.period == period,
        ControlCount.day == local.date(),
        ControlCount.control == FLOOD,
    )
    begin_write()
    held = dict(
        db.session.execute(select(ControlCount.counter_id, ControlCount.ratings).where(*own)).all()
    )
    fresh = {at: step for at, step in floods.items() if step > held.get(at, 0)}
    db.session.execute(delete(ControlCount).where(*own, ControlCount.counter_id.in_(fresh)))
    if fresh:
        shared = {"agency_id": agency_id, "period": period, "day": local.date()}
        db.session.execute(
            insert(ControlCount),
            [
                {**shared, "control": FLOOD, "monitored": True, "counter_id": at, "ratings": step}
                for at, step in fresh.items()
            ],
        )
    db.session.commit()
