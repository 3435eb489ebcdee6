"""What a page may say of a score so that no single citizen's answer can be read from it."""

from dataclasses import dataclass
from typing import Any

from portal.records.models import Score


@dataclass(frozen=True)
class Line:
    """One service; of fewer ratings than the least nothing but that there are some."""

    service: int
    n: int | None
    mean: float | None = None
    all: float | None = None
    score: float | None = None
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True)
class Disclosed:
    """The figures beside a score; None stands for a number below the least, not told."""

    shows_score: bool
    services: list[Line]
    reasons: list[tuple[str, int | None]]
    causes: list[tuple[str, int | None]]
    other_causes: int | None
    with_others: dict[str, float] | None
    many_others: bool


def shows_score(score: Score | None, least: int) -> bool:
    """Whether a score speaks of enough counted ratings to be shown at all."""
    return score is not None and score.counted >= max(least, 1)


def disclosed(score: Score, least: int) -> Disclosed:
    """The figures of a score, without those that speak of fewer ratings than the least."""
    detail = score.detail
    enough_others = score.other_causes >= least
    return Disclosed(
        shows_score=shows_score(score, least),
        services=[_line(line, least) for line in detail["services"]],
        reasons=_counts(detail["reasons"], least),
        causes=_counts(detail["other_causes"], least),
        other_causes=_told(score.other_causes, least),
        with_others=detail["with_others"] if enough_others else None,
        many_others=enough_others and score.other_causes * 3 > score.counted,
    )


def _line(line: dict[str, Any], least: int) -> Line:
    if line["n"] < least:
        # Nor the agency's mean: these may be all the ratings that the service has.
        return Line(line["service"], None)
    return Line(**line)


def _counts(counts: dict[str, int], least: int) -> list[tuple[str, int | None]]:
    return [(name, _told(number, least)) for name, number in counts.items()]


def _told(number: int, least: int) -> int | None:
    """The number, unless it is small; that there is none may always be said."""
    return number if number == 0 or number >= least else None
