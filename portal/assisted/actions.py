"""What is done with ratings entered for others: noted, ballots read twice, stored when equal."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select

from portal.assisted.models import BallotBatch, BallotEntry
from portal.assisted.queries import BatchRow, Visit, ballots_known, entries_of
from portal.counters.duty_log import lock_counter
from portal.counters.models import Counter
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.ratings.actions import Writer, submit_rating
from portal.ratings.forms import Submission
from portal.ratings.models import Rating

KEEP_ENTRIES = timedelta(days=30)
READERS = 2


class BatchStored(Exception):
    """Its ratings are stored; nothing is entered any more."""


class BallotsKnown(Exception):
    """Ballots of this counter and day are in the portal already; the argument: how many. The same
    box entered twice would count twice."""


class ReadTwice(Exception):
    """Two others have entered this batch already."""


@dataclass(frozen=True)
class Read:
    """What somebody read on one ballot."""

    overall: int | None
    cause: str | None
    employee_id: int | None


def note_assisted(by: Account, visit: Visit, now: datetime) -> None:
    """Who entered a rating for somebody, at which counter; never which."""
    begin_write()
    note_act(by, "assist_rating", now, subject=f"counter:{visit.counter.id}")
    db.session.commit()


def open_batch(
    by: Account,
    counter_id: int,
    served_on: date,
    ballots: int,
    now: datetime,
    *,
    language: str = "id",
    others: bool = False,
) -> int:
    """A batch of ballots, printed in one language, that is going to be entered; `others`: they
    are none of those that are here for the counter and day, else these raise BallotsKnown."""
    begin_write()
    lock_counter(db.session.get_one(Counter, (by.agency_id, counter_id)))
    known = ballots_known(by.agency_id, counter_id, served_on)
    if known and not others:
        db.session.rollback()
        raise BallotsKnown(known)
    batch = BallotBatch(
        agency_id=by.agency_id,
        counter_id=counter_id,
        served_on=served_on,
        ballots=ballots,
        language=language,
        opened_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    note_act(by, "open_ballots", now, subject=f"counter:{counter_id}", detail={"ballots": ballots})
    batch_id = batch.id
    db.session.commit()
    return batch_id


def keep_entries(by: Account, batch_id: int, read: dict[int, Read]) -> None:
    """What this account read on the ballots; entered again it takes the place of what was.

    Raises BatchStored and ReadTwice.
    """
    account_id, agency_id = by.id, by.agency_id
    begin_write()
    batch = db.session.get_one(
        BallotBatch, (agency_id, batch_id), with_for_update=True, populate_existing=True
    )
    own = (BallotEntry.agency_id == agency_id, BallotEntry.batch_id == batch_id)
    readers = set(db.session.scalars(select(BallotEntry.account_id).where(*own)))
    if batch.stored_at is not None:
        db.session.rollback()
        raise BatchStored
    if account_id not in readers and len(readers) >= READERS:
        db.session.rollback()
        raise ReadTwice
    for number, one in read.items():
        db.session.merge(
            BallotEntry(
                agency_id=agency_id,
                batch_id=batch_id,
                account_id=account_id,
                number=number,
                overall=one.overall,
                cause=one.cause,
                employee_id=one.employee_id,
            )
        )
    db.session.commit()


def store_batch(by: Account, row: BatchRow, visit: Visit, now: datetime) -> int:
    """The ratings of a batch that two have read alike; how many ballots were valid.

    A second attempt after a broken first stores none twice.
    """
    batch_id, agency_id, printed = row.batch.id, by.agency_id, row.batch.language
    read = entries_of(row.batch, row.readers[0]).values()
    valid = [
        (one.number, _submission(one.overall, one.cause, visit.who(one.employee_id)))
        for one in read
        if one.overall is not None
    ]
    ids = _rating_ids(row.batch, visit, [number for number, _sent in valid])
    for rating_id, (_number, sent) in zip(ids, valid, strict=True):
        submit_rating(
            visit.form(rating_id), sent, device=f"assisted {rating_id}", language=printed, now=now
        )
    done = len(valid)
    begin_write()
    batch = db.session.get_one(BallotBatch, (agency_id, batch_id), populate_existing=True)
    if batch.stored_at is None:
        batch.stored_at = now
        detail: dict[str, object] = {"ratings": done}
        note_act(by, "store_ballots", now, subject=f"counter:{batch.counter_id}", detail=detail)
    db.session.commit()
    return done


def _rating_ids(batch: BallotBatch, visit: Visit, numbers: list[int]) -> list[uuid.UUID]:
    """The id of each ballot's rating, the same in each attempt; made with a key, so that who holds
    the database alone cannot tell which rating a numbered piece of paper became."""
    if not numbers:
        return []
    writer: Writer = current_app.extensions["rating_writer"]
    each = [writer.tokens.ids_of(f"ballot {batch.agency_id} {batch.id} {n}") for n in numbers]
    by_key = [list(ids) for ids in zip(*each, strict=True)]
    begun = db.session.scalars(
        select(Rating.id).where(
            Rating.agency_id == batch.agency_id,
            Rating.period == visit.form(each[0][-1]).period,
            Rating.id.in_(each[0]),
        )
    ).all()
    # A first attempt that broke off before the key was changed is gone on with under its key.
    return next((ids for ids in by_key if ids[0] in begun), by_key[-1])


def forget_entries(now: datetime) -> int:
    """Remove what was read on ballots that were stored a month ago."""
    begin_write()
    old = db.session.scalars(
        select(BallotBatch).where(BallotBatch.stored_at < now - KEEP_ENTRIES)
    ).all()
    gone = 0
    for batch in old:
        dropped = db.session.scalars(
            delete(BallotEntry)
            .where(BallotEntry.agency_id == batch.agency_id, BallotEntry.batch_id == batch.id)
            .returning(BallotEntry.number)
        )
        gone += len(dropped.all())
    db.session.commit()
    return gone


def _submission(overall: int, cause: str | None, who: str) -> Submission:
    return Submission(
        overall=overall,
        ramah=None,
        cakap=None,
        cekatan=None,
        cause=cause,
        service_id=None,
        who=who,
        day="",
        comment="",
    )
