"""What deserves a word in a roster: who is placed twice, who sits together, who is away. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

Gone = tuple[int, datetime, datetime]  # an employee, and from when until when they are away
A_DAY = timedelta(days=1)


class Placed(Protocol):
    """An employee at a counter from-to."""

    @property
    def id(self) -> int: ...
    @property
    def employee_id(self) -> int: ...
    @property
    def employee_name(self) -> str: ...
    @property
    def counter_id(self) -> int: ...
    @property
    def counter_label(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Notes:
    """What to say beside a duty. Two at a counter and one at two counters are both allowed."""

    elsewhere: tuple[str, ...] = ()  # counters where the same person is at the same time
    together: tuple[str, ...] = ()  # who else is at this counter at the same time
    away: bool = False  # on leave at that time

    def __bool__(self) -> bool:
        return bool(self.elsewhere or self.together or self.away)


def notes_on(duties: Sequence[Placed], leaves: Iterable[Gone]) -> dict[int, Notes]:
    """The notes on each duty that has any, by its key."""
    gone = list(leaves)
    found = {}
    for duty in duties:
        at_once = [other for other in duties if other.id != duty.id and overlap(duty, other)]
        notes = Notes(
            elsewhere=_names(
                other.counter_label
                for other in at_once
                if other.employee_id == duty.employee_id and other.counter_id != duty.counter_id
            ),
            together=_names(
                other.employee_name
                for other in at_once
                if other.counter_id == duty.counter_id and other.employee_id != duty.employee_id
            ),
            away=any(who == duty.employee_id and _during(duty, *span) for who, *span in gone),
        )
        if notes:
            found[duty.id] = notes
    return found


def overlap(one: Placed, other: Placed) -> bool:
    """Whether two duties share a moment; one that follows the other does not."""
    return (other.ends_at is None or one.starts_at < other.ends_at) and (
        one.ends_at is None or other.starts_at < one.ends_at
    )


def _during(duty: Placed, starts_at: datetime, ends_at: datetime) -> bool:
    return duty.starts_at < ends_at and (duty.ends_at is None or starts_at < duty.ends_at)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_from(monday: date) -> list[date]:
    return [monday + number * A_DAY for number in range(7)]


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
