"""When somebody is away, or a counter is closed, and what that leaves of a duty. Pure: no
database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.counters.duty import Span, gaps

OpenSpan = tuple[datetime, datetime | None]  # none: it goes on

NOON = time(12)
# What a form offers of a single day, as the times from and to which one is away.
PARTS: dict[str, tuple[time | None, time | None]] = {
    "day": (None, None),
    "morning": (None, NOON),
    "afternoon": (NOON, None),
}
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Away:
    """From the first to the last day, by the clock on the wall there."""

    starts_on: date
    ends_on: date
    from_time: time | None = None  # none: from the first day's beginning
    to_time: time | None = None  # none: until the last day's end

    def span(self, zone: ZoneInfo) -> Span:
        last, until = self.ends_on, self.to_time
        if until is None:
            last, until = last + timedelta(days=1), time()
        return (
            datetime.combine(self.starts_on, self.from_time or time(), zone),
            datetime.combine(last, until, zone),
        )

    @property
    def part(self) -> str:
        """A key of PARTS; of another clock than noon still the half it is."""
        if self.from_time is not None:
            return "afternoon"
        return "morning" if self.to_time is not None else "day"


def closed_on(day: date, hours: tuple[time, time] | None) -> list[Away]:
    """When nobody serves on a day with hours of its own; without hours all day."""
    if hours is None:
        return [Away(day, day)]
    early = [Away(day, day, None, hours[0])] if hours[0] > time() else []
    return [*early, Away(day, day, hours[1], None)]


@dataclass(frozen=True)
class Vouched:
    """What is known of a duty beside its plan: when the person checked in, and whether a
    coordinator corrected it."""

    came_at: datetime | None = None
    corrected: bool = False

    def holds(self, away: Away, zone: ZoneInfo) -> bool:
        """Whether the person was there although noted as away, or although the counters were
        closed: a check-in of that time holds until it is corrected, and a correction is a
        coordinator's word. Who came in the morning may well be away from noon."""
        return self.holds_in(away.span(zone))

    def holds_in(self, span: Span) -> bool:
        """The same of any time."""
        if self.corrected or self.came_at is None:
            return self.corrected
        return span[0] <= self.came_at < span[1]


def outside(starts_at: datetime, ends_at: datetime | None, away: Iterable[Span]) -> list[OpenSpan]:
    """The parts of a time in which nobody is away."""
    window = (starts_at, ends_at or _NEVER)
    return [(start, None if end == _NEVER else end) for start, end in gaps(away, window)]


def left_of(duty: OpenSpan, away: Span, *, holds: bool, now: datetime) -> list[OpenSpan]:
    """What a leave leaves of a duty; of one that holds only what is still to come is ended."""
    begins = max(away[0], now) if holds else away[0]
    return outside(*duty, [(begins, away[1])]) if begins < away[1] else [duty]
