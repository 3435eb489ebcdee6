"""Themes that an office's comments speak of, as its staff and, once a quarter is closed, everybody
may read them: of released comments only, from five on, and in fives."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_

from portal.db import db
from portal.people.models import Office
from portal.ratings.models import RatingComment
from portal.ratings.reattribution_queries import ever_about
from portal.records import evidence
from portal.records.disclosure import LEAST, in_fives
from portal.records.evidence import Moment, last_release
from portal.records.themes import KEYWORDS, themes_of

MOST_COMMENTS = 1_000  # of which themes are counted
EXAMPLES = 3
# What comments say of how somebody serves; the others are causes that are not the person.
OF_PEOPLE = ("ramah", "cakap", "cekatan")


@dataclass(frozen=True)
class Said:
    """A comment as it may be read; `covered`: whether its rude words are."""

    text: str
    covered: bool


@dataclass(frozen=True)
class Theme:
    """What comments speak of: how many of them, in fives, and some of their words."""

    name: str
    number: int
    examples: list[Said]


@dataclass(frozen=True)
class Heard:
    """The themes of an office's comments; `comments`: how many were looked through, in fives."""

    comments: int
    themes: list[Theme]
    more: bool  # whether there are comments beyond those


def heard(office: Office, period: str, besides: int | None) -> Heard:
    """Themes that at least five comments speak of, the most frequent first; comments about
    `besides`, the reader, are left out."""
    said = _released(office, period, besides)
    spoken = themes(said)
    found = [
        Theme(name, in_fives(len(texts)), _examples(texts))
        for name, texts in spoken.items()
        if len(texts) >= LEAST
    ]
    return Heard(
        in_fives(len(said)),
        sorted(found, key=lambda one: -one.number),
        len(said) == MOST_COMMENTS,
    )


def told_to_all(office: Office, period: str, *, people: bool) -> list[tuple[str, int]]:
    """Theme and number of comments, the most frequent first, as everybody may read them of a
    closed quarter, whose comments no longer come and go one by one; without their words.
    Without `people` (fewer than three are known to serve) nothing that is about how they serve.
    """
    found = heard(office, period, besides=None).themes
    return [(one.name, one.number) for one in found if people or one.name not in OF_PEOPLE]


def themes(said: Iterable[Said]) -> dict[str, list[Said]]:
    """The comments that speak of each theme."""
    found: dict[str, list[Said]] = {name: [] for name in KEYWORDS}
    for one in said:
        for name in themes_of(one.text):
            found[name].append(one)
    return found


def _examples(said: Sequence[Said]) -> list[Said]:
    """Different ones, those first that are neither a single word nor a page; else in the order
    given, which tells nothing."""
    different = {one.text: one for one in said}.values()
    return sorted(different, key=lambda one: not 12 <= len(one.text) <= 280)[:EXAMPLES]


def _released(office: Office, period: str, besides: int | None) -> list[Said]:
    """Comments that came with a release, of ratings that count for the office as of the last one;
    those with rude words once a moderator has looked. In the order of keys drawn by chance."""
    last = last_release(office.agency_id, period)
    if last is None:
        return []
    moment = Moment(office.agency_id, period, last.number, last.started_at)
    query = (
        evidence.ratings_as_of(moment, RatingComment.text, RatingComment.rude_words)
        .join(RatingComment, evidence.WRITTEN_BESIDE)
        .where(
            RatingComment.agency_id == office.agency_id,
            RatingComment.period == period,
            RatingComment.office_id == office.id,
            RatingComment.released <= last.number,
            ~RatingComment.for_inspector,
            or_(~RatingComment.rude, RatingComment.moderated),
            evidence.COUNTS_FOR_OFFICE,
        )
        .order_by(RatingComment.key)
        .limit(MOST_COMMENTS)
    )
    if besides is not None:
        query = query.where(~ever_about(besides))
    return [Said(text, rude == "covered") for text, rude in db.session.execute(query)]
