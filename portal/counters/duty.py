"""What a duty's events add up to, and what the duties of a day leave open. Pure: no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

Span = tuple[datetime, datetime]

# How a duty came to be known, by the event it began with.
SOURCE_OF = {"planned": "roster", "checked_in": "check_in", "corrected": "correction"}
# What makes a duty count for the person: a coordinator's word.
CONFIRMING = frozenset({"confirmed", "corrected"})

# Whoever checks in this long before a planned duty comes early for it.
EARLY = timedelta(hours=1)


class Event(Protocol):
    """A fact about a duty, with the duty's values as they were after it."""

    @property
    def kind(self) -> str: ...
    @property
    def employee_id(self) -> int: ...
    @property
    def counter_id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True)
class DutyState:
    """A duty as its events leave it."""

    employee_id: int
    counter_id: int
    starts_at: datetime
    ends_at: datetime | None
    source: str
    confirmed: bool
    cancelled: bool


def rebuild_duty(events: Iterable[Event]) -> DutyState:
    """The duty that these events add up to; no two events of a duty have the same time."""
    history = sorted(events, key=lambda event: event.at)
    if not history:
        raise ValueError("a duty begins with an event")
    first, last = history[0], history[-1]
    kinds = {event.kind for event in history}
    return DutyState(
        employee_id=last.employee_id,
        counter_id=last.counter_id,
        starts_at=last.starts_at,
        ends_at=last.ends_at,
        source=SOURCE_OF[first.kind],
        confirmed=bool(kinds & CONFIRMING),
        cancelled="cancelled" in kinds,
    )


def gaps(spans: Iterable[Span], window: Span) -> list[Span]:
    """The parts of the window that no span covers."""
    open_parts: list[Span] = []
    reached, end = window
    for start, stop in sorted(spans):
        if start > reached:
            open_parts.append((reached, min(start, end)))
        reached = max(reached, stop)
        if reached >= end:
            break
    if reached < end:
        open_parts.append((reached, end))
    return open_parts


def overlaps(spans: Sequence[Span]) -> list[Span]:
    """The times that two or more spans cover, joined where they touch."""
    doubled: list[Span] = []
    reached: datetime | None = None
    for start, stop in sorted(spans):
        if reached is not None and start < reached:
            shared = (start, min(stop, reached))
            if doubled and shared[0] <= doubled[-1][1]:
                shared = (doubled[-1][0], max(doubled[-1][1], shared[1]))
                doubled[-1] = shared
            else:
                doubled.append(shared)
        reached = stop if reached is None else max(reached, stop)
    return doubled
