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


def mark_read(by: Account, shown: list[tuple[Said, str]], now: datetime) -> int:
    """Note comments as read and left as they are; `shown` with what the page showed of each.

    Those that have changed since, or hold rude words, are left for a look of their own. Returns
    how many were marked.
    """
    begin_write()
    marked = 0
    for said, seen in shown:
        comment = _comment(by, said)
        if comment is None or comment.rude or comment.moderated or said.seen != seen:
            continue
        comment.moderated = True
        db.session.add(_review(by, comment, Finding(seen, comment.rude_words, [], ""), now))
        marked += 1
    if marked:
        note_act(by, "moderate", now, detail={"read": marked})
    db.session.commit()
    return marked


def moderate(by: Account, scope: Scope, shown: Said, finding: Finding, now: datetime) -> None:
    """Mask what is to be masked, for good; let rude words stand or stay covered.

    The words below a new mask are kept nowhere. Raises CommentMoved, and IndexError for a word
    that is not there.
    """
    begin_write()
    comment = _comment(by, shown)
    said = comment_of(scope, shown.period, shown.key, by.employee_id)
    if comment is None or said is None or said.seen != finding.seen:
        db.session.rollback()
        raise CommentMoved
    comment.text = mask_words(comment.text, finding.words)
    comment.rude_words = finding.rude_words
    comment.moderated = True
    review = _review(by, comment, finding, now)
    db.session.add(review)
    detail: dict[str, object] = {"rude_words": finding.rude_words, "masked": review.masked}
    note_act(by, "moderate", now, subject=f"office:{said.office_id}", detail=detail)
    db.session.commit()


def _comment(by: Account, shown: Said) -> RatingComment | None:
    """The comment itself, held until the end of the transaction."""
    return db.session.scalar(
        select(RatingComment)
        .where(
            RatingComment.agency_id == by.agency_id,
            RatingComment.period == shown.period,
            RatingComment.key == shown.key,
        )
        .with_for_update()
    )


def _review(by: Account, comment: RatingComment, finding: Finding, now: datetime) -> CommentReview:
    return CommentReview(
        agency_id=by.agency_id,
        period=comment.period,
        rating_id=comment.rating_id,
        rude_words=finding.rude_words,
        masked=len(set(finding.words)),
        reason=mask(finding.reason),
        at=now,
        account_id=by.id,
    )
