"""Who sits where: by weeks in the past, day by day around today, and a standing roster after it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from portal.demo.chance import Chance, pick
from portal.demo.city import AgencyPlan, CounterPlan, OfficePlan
from portal.demo.staff import Person
from portal.demo.story import COLLEAGUE

A_DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
AHEAD = timedelta(days=365)
# One past week of one counter was never confirmed by the coordinator.
FORGOTTEN = ("kec-tengah", "Loket 1")

Place = tuple[str, str]  # office, label of the counter


@dataclass(frozen=True)
class Shift:
    """A duty in the making; moments in UTC."""

    person: Person
    place: Place
    starts_at: datetime
    ends_at: datetime
    confirmed: bool = True


@dataclass(frozen=True)
class Window:
    """The days for which there are ratings, and the roster's weeks around them."""

    first: date
    today: date
    zone: ZoneInfo

    @property
    def days(self) -> list[date]:
        """Up to yesterday: what happens today is for whoever tries the demo."""
        length = (self.today - self.first).days
        return [self.first + timedelta(days=number) for number in range(length)]

    @property
    def standing_from(self) -> date:
        return _monday(self.today) - WEEK

    @property
    def near_days(self) -> list[date]:
        """Last week, this one and the next, planned day by day as coordinators do."""
        return [self.standing_from + number * A_DAY for number in range(21)]

    @property
    def mondays(self) -> list[date]:
        """The weeks before the standing roster."""
        found, day = [], _monday(self.first)
        while day < self.standing_from:
            found.append(day)
            day += WEEK
        return found

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def make_roster(
    plan: AgencyPlan, people: list[Person], window: Window, chance: Chance
) -> list[Shift]:
    """Every shift of an agency, office by office."""
    source = chance.stream(f"roster {plan.code}")
    shifts: list[Shift] = []
    for office in plan.offices:
        staff = [person for person in people if person.office == office.code and person.counter]
        forgotten = len(window.mondays) - 3
        for number, monday in enumerate(window.mondays):
            placed = _week(office, staff, source)
            for label, on_duty in placed.items():
                place = (office.code, label)
                confirmed = not (place == FORGOTTEN and number == forgotten)
                shifts += _shifts(
                    on_duty, place, window, first=monday, until=monday + WEEK, confirmed=confirmed
                )
        for counter in office.counters:
            place = (office.code, counter.label)
            on_duty = _at_home(counter, staff)
            until = window.today + AHEAD
            for day in window.near_days:
                shifts += _shifts(on_duty, place, window, first=day, until=day + A_DAY)
            standing = window.near_days[-1] + A_DAY
            shifts += _shifts(on_duty, place, window, first=standing, until=until)
    return shifts


def _shifts(
    on_duty: list[Person],
    place: Place,
    window: Window,
    *,
    first: date,
    until: date,
    confirmed: bool = True,
) -> list[Shift]:
    starts_at, ends_at = window.midnight(first), window.midnight(until)
    return [Shift(person, place, starts_at, ends_at, confirmed) for person in on_duty]


def _at_home(counter: CounterPlan, staff: list[Person]) -> list[Person]:
    """The counter's regular: the first who is at home there (both, where two share it)."""
    homes = [person for person in staff if person.counter == counter.label]
    return homes if counter.role == "shared" else homes[:1]


def _week(
    office: OfficePlan, staff: list[Person], source: np.random.Generator
) -> dict[str, list[Person]]:
    """A past week: mostly everyone at home, now and then two change places or one stands in."""
    here = [person for person in staff if not person.late_start]
    placed: dict[str, list[Person]] = {}
    for counter in office.counters:
        homes = [person for person in here if person.counter == counter.label]
        if counter.role:
            placed[counter.label] = homes
        elif homes:
            regular = len(homes) == 1 or source.random() < 0.65
            placed[counter.label] = [homes[0] if regular else pick(source, homes[1:])]
    _stand_in(office, here, placed, source)
    _swap(office, placed, source)
    return placed


def _stand_in(
    office: OfficePlan,
    here: list[Person],
    placed: dict[str, list[Person]],
    source: np.random.Generator,
) -> None:
    """A counter whose regular has not come yet is given to whoever is free."""
    busy = {person.id for on_duty in placed.values() for person in on_duty}
    free = [person for person in here if person.id not in busy and person.civil_servant]
    for counter in office.counters:
        if counter.label not in placed and free:
            stand_in = pick(source, free)
            free.remove(stand_in)
            placed[counter.label] = [stand_in]


def _swap(office: OfficePlan, placed: dict[str, list[Person]], source: np.random.Generator) -> None:
    """Two people of ordinary counters change places: without movers nobody could tell a hard
    service from weak staff."""
    ordinary = [c.label for c in office.counters if not c.role and c.label in placed]
    for _chance in range(max(1, len(ordinary) // 3)):
        if len(ordinary) > 1 and source.random() < 0.5:
            one, other = (ordinary[i] for i in source.choice(len(ordinary), 2, replace=False))
            rooted = any(person.role != COLLEAGUE for person in placed[one] + placed[other])
            if rooted and source.random() < 0.75:
                continue  # these know their counter best and seldom leave it
            placed[one], placed[other] = placed[other], placed[one]
