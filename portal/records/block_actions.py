"""What the inspector does about a group of telephones: set it aside, put it back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.people.queries import Scope
from portal.records import evidence
from portal.records.blocks import SuspiciousBlock, suspicious_blocks
from portal.records.notices import account_of, tell
from portal.records.set_aside_actions import OwnRatings, add_reviews

WEIGHTS = {"aside": 0.0, "back": 1.0}


class PeriodClosed(Exception):
    """The quarter is closed: groups of telephones are judged while it runs."""


class BlockMoved(Exception):
    """There is no such group any more: a release or somebody else's word came in between."""


@dataclass(frozen=True)
class BlockWord:
    """What is to become of a group (`SuspiciousBlock.key`): aside or back, and why."""

    key: str
    outcome: str
    reason: str


def judge_block(by: Account, scope: Scope, period: str, word: BlockWord, now: datetime) -> int:
    """Set a group's ratings aside, or put back what was; the people concerned are told.

    It moves figures with the next release, like every review. The engine's own verdicts and an
    officer's restoring stand. Returns how many ratings it was; raises PeriodClosed, as only an
    officer's review of what was set aside may correct a closed period, BlockMoved, and OwnRatings
    where the inspector is one of those rated.
    """
    begin_write()
    if evidence.closed(by.agency_id, period):
        raise PeriodClosed
    found = {block.key: block for block in suspicious_blocks(scope, period, now)}
    block = found.get(word.key)
    ratings = _concerned(block, word.outcome) if block else ()
    if block is None or not ratings:
        raise BlockMoved
    if by.employee_id in block.people:
        raise OwnRatings
    add_reviews(by, period, ratings, now, weight=WEIGHTS[word.outcome], reason=word.reason)
    detail: dict[str, object] = {"outcome": word.outcome, "ratings": len(ratings)}
    note_act(by, "judge_block", now, subject=period, detail=detail)
    event = "block_aside" if word.outcome == "aside" else "reviewed"
    for person in block.people:
        tell(account_of(by.agency_id, person), event, f"/records/{person}/{period}", now)
    db.session.commit()
    return len(ratings)


def _concerned(block: SuspiciousBlock, outcome: str) -> tuple[UUID, ...]:
    return block.counting if outcome == "aside" else block.aside
