"""With a release a moderator may read the comments that came with it, never one alone.

An office's comments move on when at least so many of its ratings have come since they last did,
whomever they are about: who looks each day still cannot tell who wrote.
"""

import uuid
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
from sqlalchemy import select, update

from portal.db import begin_write, db
from portal.ratings.models import RatingComment
from portal.records.bulk import PIECE, pieces
from portal.records.reading import Evidence, Flags, Ints
from portal.records.results import Row


def release_comments(
    evidence: Evidence, judged: Flags, *, key: Row, number: int, least: int
) -> None:
    """Mark the comments of a release; they are read once it is finished.

    `judged`: the ratings that have a verdict after it; `key`: agency and period.
    """
    waiting = db.session.scalars(
        select(RatingComment.rating_id)
        .filter_by(**key)
        .where(RatingComment.released.is_(None), ~RatingComment.for_inspector)
    ).all()
    db.session.rollback()
    if not waiting:
        return
    joined = np.where(evidence.judged, evidence.joined, number)
    may = _readable(evidence.office[judged], joined[judged], least)
    offices = evidence.office[judged][may].tolist()
    ready = dict(zip(evidence.id[judged][may].tolist(), offices, strict=True))
    moving = [
        (ready[rating_id.hex.encode()], rating_id)
        for rating_id in waiting
        if rating_id.hex.encode() in ready
    ]
    for office, theirs in groupby(sorted(moving), key=itemgetter(0)):
        for piece in pieces((rating_id for _office, rating_id in theirs), PIECE // 4):
            _mark(key, piece, number, office)


def take_back(key: Row, last: int) -> None:
    """Forget what a killed release has marked: it had a number above the last one."""
    begin_write()
    db.session.execute(
        update(RatingComment)
        .filter_by(**key)
        .where(RatingComment.released > last)
        .values(released=None, office_id=None)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _mark(key: Row, ratings: list[uuid.UUID], number: int, office: int) -> None:
    begin_write()
    db.session.execute(
        update(RatingComment)
        .filter_by(**key)
        .where(RatingComment.rating_id.in_(ratings))
        .values(released=number, office_id=office)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _readable(office: Ints, joined: Ints, least: int) -> Flags:
    """Which ratings joined no later than their office last had enough new ones."""
    if not len(office):
        return np.zeros(0, dtype=bool)
    offices, place = np.unique(office, return_inverse=True)
    numbers, rank = np.unique(joined, return_inverse=True)
    pair, count = np.unique(place * len(numbers) + rank, return_counts=True)
    at_office, in_release = np.divmod(pair, len(numbers))
    steps = np.column_stack((at_office, in_release, count)).tolist()
    until = np.full(len(offices), -1, dtype=np.int64)
    for at, last in reached(steps, least).items():
        until[at] = last
    return np.asarray(rank <= until[place])


def reached(steps: Iterable[Sequence[int]], least: int) -> dict[int, int]:
    """By office the last release with which enough new ratings of it had come together.

    steps: office, release, and how many ratings first counted with it; in that order.
    """
    found: dict[int, int] = {}
    for office, releases in groupby(steps, key=itemgetter(0)):
        new = 0
        for _office, release, more in releases:
            new += more
            if new >= least:
                found[office], new = release, 0
    return found
