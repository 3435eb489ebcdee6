"""What a page may say of a score so that no single citizen's answer can be read from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from portal.records.models import Score

LEAST = 5  # ratings of any figure that is told of an office, and by which it moves
Told = int | None | Literal["cover"]
"""A number; None for a small one, not told; "cover" for one that is no smaller than the least but
kept back all the same, because the whole less all other parts would tell the small one."""


@dataclass(frozen=True)
class Line:
    """One service; of fewer ratings than the least nothing but that there are some."""

    service: int
    n: Told
    mean: float | None = None
    all: float | None = None
    score: float | None = None
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True)
class Disclosed:
    """The figures beside a score."""

    shows_score: bool
    shows_set_aside: bool  # whether the mean of all ratings may stand beside that of the counted
    services: list[Line]
    reasons: list[tuple[str, Told]]
    causes: list[tuple[str, Told]]
    other_causes: int | None
    with_others: dict[str, float] | None
    many_others: bool


def in_fives(number: int) -> int:
    """A part of a whole as it is told: from the whole no small part can then be worked out."""
    return LEAST * round(number / LEAST)


def shows_score(score: Score | None, least: int) -> bool:
    """Whether a score speaks of enough counted ratings to be shown at all."""
    return score is not None and score.counted >= max(least, 1)


def disclosed(score: Score, least: int) -> Disclosed:
    """The figures of a score, without those that speak of fewer ratings than the least."""
    detail = score.detail
    enough_others = score.other_causes >= least
    return Disclosed(
        shows_score=shows_score(score, least),
        shows_set_aside=not 0 < score.set_aside < least,
        services=_lines(detail["services"], least),
        reasons=_counts(detail["reasons"], least),
        causes=_counts(detail["other_causes"], least),
        other_causes=_told(score.other_causes, least),
        with_others=detail["with_others"] if enough_others else None,
        many_others=enough_others and score.other_causes * 3 > score.counted,
    )


def _lines(lines: list[dict[str, Any]], least: int) -> list[Line]:
    numbers = _parts([line["n"] for line in lines], least)
    # Of a hidden one nor the agency's mean: these may be all the ratings that the service has.
    return [
        Line(**line) if isinstance(number, int) else Line(line["service"], number)
        for line, number in zip(lines, numbers, strict=True)
    ]


def _counts(counts: dict[str, int], least: int) -> list[tuple[str, Told]]:
    return list(zip(counts, _parts(list(counts.values()), least), strict=True))


def _parts(numbers: Sequence[int], least: int) -> list[Told]:
    """The parts of a whole that is told: what is kept back makes up the least together.

    Complementary cell suppression (Cox 1980, JASA 75, 377-385).
    """
    parts: list[Told] = [_told(number, least) for number in numbers]
    hidden = sum(n for n, part in zip(numbers, parts, strict=True) if part is None)
    large = [at for at, part in enumerate(parts) if part]
    if 0 < hidden < least and large:
        parts[min(large, key=lambda at: numbers[at])] = "cover"
    return parts


def _told(number: int, least: int) -> int | None:
    """The number, unless it is small; that there is none may always be said."""
    return number if number == 0 or number >= least else None
