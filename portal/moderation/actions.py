"""What a moderator does to a comment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.db import begin_write, db
from portal.moderation.queries import Said, comment_of
from portal.people.actions import note_act
from portal.people.models import Account
from portal.people.queries import Scope
from portal.ratings.masking import mask, mask_words
from portal.ratings.models import CommentReview, RatingComment


@dataclass(frozen=True)
class Finding:
    """A moderator's word: whether rude words stand, which words to mask by hand, and why.

    `seen` is what the page showed (`queries.Said.seen`); `words` are places of `masking.words`.
    """

    seen: str
    rude_words: str
    words: list[int]
    reason: str


class CommentMoved(Exception):
    """Another moderator was faster, or it is gone: it is read again."""


def moderate(by: Account, scope: Scope, shown: Said, finding: Finding, now: datetime) -> None:
    """Mask what is to be masked, for good; let rude words stand or stay covered.

    The words below a new mask are kept nowhere. Raises CommentMoved, and IndexError for a word
    that is not there.
    """
    begin_write()
    comment = db.session.scalar(
        select(RatingComment)
        .where(
            RatingComment.agency_id == by.agency_id,
            RatingComment.period == shown.period,
            RatingComment.key == shown.key,
        )
        .with_for_update()
    )
    said = comment_of(scope, shown.period, shown.key, by.employee_id)
    if comment is None or said is None or said.seen != finding.seen:
        db.session.rollback()
        raise CommentMoved
    comment.text = mask_words(comment.text, finding.words)
    comment.rude_words = finding.rude_words
    comment.moderated = True
    masked = len(set(finding.words))
    db.session.add(
        CommentReview(
            agency_id=by.agency_id,
            period=shown.period,
            rating_id=comment.rating_id,
            rude_words=finding.rude_words,
            masked=masked,
            reason=mask(finding.reason),
            at=now,
            account_id=by.id,
        )
    )
    detail: dict[str, object] = {"rude_words": finding.rude_words, "masked": masked}
    note_act(by, "moderate", now, subject=f"office:{said.office_id}", detail=detail)
    db.session.commit()
