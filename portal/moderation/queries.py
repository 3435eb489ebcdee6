"""Reads of comments for moderators: words and office, nothing of rating, person, counter or day."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, exists, func, select

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Office
from portal.people.paging import COUNTED, Page, read_page
from portal.people.queries import Scope
from portal.ratings.masking import EDGE, KINDS, MASK, words
from portal.ratings.models import Rating, RatingComment, Release, Withdrawal
from portal.ratings.reattribution_queries import ever_about
from portal.ratings.rude_words import rude_spans

COMMENTS_ON_A_PAGE = 20
# For a text: in a large agency a search of all that was ever said would take seconds.
LOOKED_THROUGH, MATCHED = 100_000, 1_000
SHOWN: dict[str, ColumnElement[bool]] = {
    "rude": and_(RatingComment.rude, ~RatingComment.moderated),
    "others": and_(~RatingComment.rude, ~RatingComment.moderated),
    "done": RatingComment.moderated.is_(True),
}


@dataclass(frozen=True)
class Said:
    """A comment as a moderator meets it."""

    key: uuid.UUID
    period: str
    office_id: int
    office: str
    text: str
    rude: bool
    rude_words: str
    moderated: bool

    @property
    def covered(self) -> bool:
        return self.rude_words == "covered"

    @property
    def seen(self) -> str:
        """What stood on the page: what is decided on it holds for this and nothing else."""
        state = f"{self.rude_words}\n{self.moderated}\n{self.text}"
        return hashlib.sha256(state.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Part:
    """A word that can be masked, by its place; or a mask of this kind."""

    text: str
    place: int = -1
    kind: str = ""
    rude: bool = False


def queue(scope: Scope, show: str, besides: int | None, number: int) -> Page[Said]:
    """Comments to look at, in an order that tells nothing, twenty a page."""
    statement = _newest_first(_released(scope, besides).where(SHOWN[show]))
    return read_page(statement, number, Said, COMMENTS_ON_A_PAGE, counted=COUNTED)


def waiting(scope: Scope, besides: int | None) -> int:
    """How many comments with rude words nobody has looked at; many are not counted to the end."""
    statement = _released(scope, besides).where(SHOWN["rude"]).limit(COUNTED)
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def comments_with(scope: Scope, besides: int | None, text: str, most: int) -> list[Said]:
    """Comments of the list that hold a text, of the newest quarter first: what stands in their
    words, not in the name of a mask."""
    inside = () if scope.offices is None else (RatingComment.office_id.in_(scope.offices),)
    known = select(RatingComment.period, RatingComment.key, RatingComment.text).where(
        RatingComment.agency_id == scope.agency_id, RatingComment.released.is_not(None), *inside
    )
    looked = known.order_by(RatingComment.period.desc()).limit(LOOKED_THROUGH).subquery()
    said: ColumnElement[str] = looked.c.text
    for covered in (f"{EDGE}{kind}{EDGE}" for kind in KINDS):
        if text.lower() in covered:
            said = func.replace(said, covered, " ", type_=Text)
    found = (
        select(looked.c.period, looked.c.key)
        .where(said.icontains(text, autoescape=True))
        .order_by(looked.c.period.desc(), looked.c.key.desc())
        .limit(MATCHED)
        .subquery()
    )
    statement = _released(scope, besides).join(
        found, and_(found.c.period == RatingComment.period, found.c.key == RatingComment.key)
    )
    return [Said(*row) for row in db.session.execute(_newest_first(statement).limit(most))]


def comment_of(scope: Scope, period: str, key: uuid.UUID, besides: int | None) -> Said | None:
    """One comment, if the reader may see it."""
    row = db.session.execute(
        _released(scope, besides).where(RatingComment.period == period, RatingComment.key == key)
    ).first()
    return Said(*row) if row else None


def parts(said: Said) -> list[Part]:
    """The words of a comment one by one, and its masks, in their order."""
    rude = rude_spans(said.text)
    found = [
        (
            start,
            Part(
                said.text[start:end],
                place,
                rude=any(start < till and since < end for since, till in rude),
            ),
        )
        for place, (start, end) in enumerate(words(said.text))
    ]
    found += [(mask.start(), Part("", kind=mask[1])) for mask in MASK.finditer(said.text)]
    return [part for _start, part in sorted(found, key=lambda item: item[0])]


def _newest_first(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """By quarter, and within it in an order that tells nothing."""
    return statement.order_by(RatingComment.period.desc(), RatingComment.key.desc())


def _released(scope: Scope, besides: int | None) -> Select[*tuple[Any, ...]]:
    """Comments that a finished release has let moderators read, without those about `besides`."""
    statement = (
        select(
            RatingComment.key,
            RatingComment.period,
            Office.id,
            Office.name,
            RatingComment.text,
            RatingComment.rude,
            RatingComment.rude_words,
            RatingComment.moderated,
        )
        .join(
            Release,
            and_(
                Release.agency_id == RatingComment.agency_id,
                Release.period == RatingComment.period,
                Release.number == RatingComment.released,
                Release.done_at.is_not(None),
            ),
        )
        .join(
            Rating,
            and_(
                Rating.agency_id == RatingComment.agency_id,
                Rating.period == RatingComment.period,
                Rating.id == RatingComment.rating_id,
            ),
        )
        .join(Counter, and_(Counter.agency_id == Rating.agency_id, Counter.id == Rating.counter_id))
        .join(Office, and_(Office.agency_id == Counter.agency_id, Office.id == Counter.office_id))
        .where(
            RatingComment.agency_id == scope.agency_id,
            ~RatingComment.for_inspector,
            ~_withdrawn(),
        )
    )
    if scope.offices is not None:
        statement = statement.where(Office.id.in_(scope.offices))
    return statement if besides is None else statement.where(~ever_about(besides))


def _withdrawn() -> ColumnElement[bool]:
    """Taken back before the last release: what goes, goes with others, never at once."""
    last = (
        select(func.max(Release.started_at))
        .where(
            Release.agency_id == RatingComment.agency_id,
            Release.period == RatingComment.period,
            Release.done_at.is_not(None),
        )
        .correlate(RatingComment)
        .scalar_subquery()
    )
    return (
        exists()
        .where(
            Withdrawal.agency_id == RatingComment.agency_id,
            Withdrawal.period == RatingComment.period,
            Withdrawal.rating_id == RatingComment.rating_id,
            Withdrawal.at <= last,
        )
        .correlate(RatingComment)
    )
