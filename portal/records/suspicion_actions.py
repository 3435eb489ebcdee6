"""What a release finds for the inspector, from the arrays it has read anyhow.

Pages would read a quarter of ratings for it. Written in short transactions like what controls
noticed: killed anywhere, the next release writes it again.
"""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from sqlalchemy import delete

from portal import scoring
from portal.db import db
from portal.records.appraisal import Plan, Setting, Weighed, to_ratings
from portal.records.bulk import Rows, at_once, insert_rows, pieces
from portal.records.companions import groups
from portal.records.publishing_actions import PEOPLE_PIECE, Task, unseen
from portal.records.reading import Evidence, Flags, Ints
from portal.records.suspicion_models import OddRatings, PhoneGroup

GROUP = ("agency_id", "period", "number", "density", "ratings")
ODD = ("agency_id", "period", "employee_id", "office_id", "ratings", "set_aside", "loud")


def replace_suspicions(
    task: Task, evidence: Evidence, chosen: Plan, weighed: Weighed, setting: Setting
) -> None:
    """Groups of telephones among all that takes part, and the figures of those who move. Without
    telephones and times, which are forgotten after closing, nothing is found anew."""
    if evidence.times_gone:
        return
    personal = chosen.included & evidence.about_person
    own = tuple(task.key.values())
    found = [
        (*own, number, float(block.density), json.dumps(ids))
        for number, (block, ids) in enumerate(_groups(evidence, personal, setting), start=1)
    ]
    _swap(task, PhoneGroup, [], Rows(GROUP, found))
    odd = _odd(evidence, personal & np.isin(evidence.employee, chosen.moved), weighed, setting)
    for people in pieces(chosen.moved.tolist(), at_once(PEOPLE_PIECE)):
        fresh = [(*own, *row) for person in people for row in odd.get(person, [])]
        _swap(task, OddRatings, [OddRatings.employee_id.in_(people)], Rows(ODD, fresh))


def _swap(task: Task, table: Any, whose: Iterable[Any], fresh: Rows) -> None:
    own = (table.agency_id == task.agency_id, table.period == task.period)
    with unseen():
        db.session.execute(
            delete(table).where(*own, *whose).execution_options(synchronize_session=False)
        )
        insert_rows(table.__tablename__, fresh)


def _groups(
    evidence: Evidence, personal: Flags, setting: Setting
) -> list[tuple["scoring.Block", list[str]]]:
    """Dense blocks with the ids of their ratings."""
    rows = np.flatnonzero(personal)
    received = np.unique(evidence.employee[rows], return_inverse=True, return_counts=True)
    number = received[2][received[1]]
    if setting.policy.block_density > scoring.ONCE:
        often = _perhaps_again(evidence, rows)  # of the others none can be in a block
        rows, number = rows[often], number[often]
    ratings = to_ratings(evidence.select(rows), setting)
    found = scoring.dense_blocks(ratings, setting.policy, received=number)
    return [(one, evidence.id[rows[one.rows]].astype("U32").tolist()) for one in found]


def _perhaps_again(evidence: Evidence, rows: Ints) -> Flags:
    """Which ratings may be of a telephone with more than one: told by half of its hash, for
    numbers are compared many times faster than texts."""
    half = evidence.device[rows].view(np.uint64)[::2]
    _, place, times = np.unique(half, return_inverse=True, return_counts=True)
    return np.asarray((times[place] > 1) & (half != 0))


def _odd(
    evidence: Evidence, rows: Flags, weighed: Weighed, setting: Setting
) -> dict[int, list[tuple[Any, ...]]]:
    """By person with any loud score: office, ratings, set aside, sum of the loud scores."""
    mine = evidence.select(rows)
    score = weighed.fraud_score[rows]
    loud = np.where(score > setting.policy.report_above, score, 0.0)
    found, group = groups(mine.employee, mine.office)
    aside = np.bincount(group, weighed.final[rows] <= 0, len(found)).astype(np.int64)
    total = np.bincount(group, loud, len(found))
    of_person: dict[int, list[tuple[Any, ...]]] = {}
    for (person, office), *figures in zip(
        found.tolist(), np.bincount(group).tolist(), aside.tolist(), total.tolist(), strict=True
    ):
        of_person.setdefault(person, []).append((person, office, *figures))
    return {person: some for person, some in of_person.items() if any(one[-1] > 0 for one in some)}
