"""How a day at a counter was covered: planned, served, open. Pure: no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.counters.duty import Span, gaps

NONE = timedelta(0)


@dataclass(frozen=True)
class Cover:
    """A counter on one day, within working hours."""

    hours: timedelta  # open; none on a free day
    planned: timedelta  # by whatever duty, confirmed or not
    served: timedelta  # until now: by check-in, or by a coordinator's correction
    gaps: list[Span]  # open hours without a confirmed duty
    unserved: timedelta  # planned, over, and nobody checked in

    @property
    def whole(self) -> bool:
        return self.hours > NONE and not self.gaps

    @property
    def open(self) -> timedelta:
        """Hours for which nobody is confirmed."""
        return sum((end - start for start, end in self.gaps), NONE)


def together(covers: Iterable[Cover]) -> Cover:
    """Days, or counters, as one."""
    found = list(covers)
    return Cover(
        hours=sum((one.hours for one in found), NONE),
        planned=sum((one.planned for one in found), NONE),
        served=sum((one.served for one in found), NONE),
        gaps=[gap for one in found for gap in one.gaps],
        unserved=sum((one.unserved for one in found), NONE),
    )


def cover(
    hours: Span | None,
    planned: Iterable[Span],
    sure: Iterable[Span],
    served: Iterable[Span],
    now: datetime,
) -> Cover:
    """A day's cover from its spans; times outside the hours do not matter."""
    if hours is None:
        return Cover(NONE, NONE, NONE, [], NONE)
    over = (hours[0], max(hours[0], min(hours[1], now)))
    plan, real = list(planned), list(served)
    due = covered(plan, over)
    return Cover(
        hours=hours[1] - hours[0],
        planned=covered(plan, hours),
        served=covered(real, over),
        gaps=gaps(sure, hours),
        unserved=due - covered(_both(plan, real), over),
    )


def covered(spans: Iterable[Span], window: Span) -> timedelta:
    """How much of the window some span covers."""
    if window[0] >= window[1]:
        return NONE
    whole = window[1] - window[0]
    return whole - sum((end - start for start, end in gaps(spans, window)), NONE)


def _both(one: Iterable[Span], other: Iterable[Span]) -> list[Span]:
    """Times that some span of both covers."""
    others = list(other)
    return [
        (max(start, begin), min(end, stop))
        for start, end in one
        for begin, stop in others
        if max(start, begin) < min(end, stop)
    ]
