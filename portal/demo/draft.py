"""All that will be written for one agency, thought out before the database is touched."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.counters.codes import new_code
from portal.demo.chance import Chance
from portal.demo.city import CITY, AgencyPlan
from portal.demo.foul_play import foul_visits
from portal.demo.roster import Place, Shift, Window, make_roster
from portal.demo.staff import Person, hire
from portal.demo.visits import Visit, honest_visits, open_slots

# The holidays whose date is the same every year.
HOLIDAYS = {
    (1, 1): "Tahun Baru Masehi",
    (5, 1): "Hari Buruh Internasional",
    (6, 1): "Hari Lahir Pancasila",
    (8, 17): "Hari Kemerdekaan",
    (12, 25): "Hari Raya Natal",
}
# This counter's first paper was torn; a new code hangs there since.
REPLACED = ("mpp", "Loket B2")


@dataclass(frozen=True)
class Draft:
    """One agency: people, keys, shifts and rated visits."""

    plan: AgencyPlan
    window: Window
    people: list[Person]
    shifts: list[Shift]
    visits: list[Visit]
    holidays: dict[date, str]
    codes: dict[Place, tuple[str, ...]]  # the last one is in force

    @property
    def offices(self) -> dict[str, int]:
        """Small keys: they are read aloud and typed when people try the demo."""
        return self._numbered([office.code for office in self.plan.offices], tens=1)

    @property
    def services(self) -> dict[str, int]:
        return self._numbered(self.plan.services, tens=1)

    @property
    def counters(self) -> dict[Place, int]:
        places = [
            (office.code, counter.label)
            for office in self.plan.offices
            for counter in office.counters
        ]
        first = self.plan.first_id * 10
        return {place: first + number for number, place in enumerate(places, 1)}

    def _numbered(self, names: list[str], *, tens: int) -> dict[str, int]:
        first = self.plan.first_id // 10**tens
        return {name: first + number for number, name in enumerate(names, 1)}


def make_draft(plan: AgencyPlan, now: datetime, days: int, chance: Chance) -> Draft:
    """An agency with all that happened in it in the days before today."""
    zone = ZoneInfo(plan.timezone)
    today = now.astimezone(zone).date()
    window = Window(today - timedelta(days=days), today, zone)
    holidays = {
        day: HOLIDAYS[day.month, day.day] for day in window.days if (day.month, day.day) in HOLIDAYS
    }
    people = hire(plan, chance)
    shifts = make_roster(plan, people, window, chance)
    slots = open_slots(plan, shifts, window, set(holidays), chance)
    visits = honest_visits(plan, slots, window, chance)
    if plan is CITY:
        visits += foul_visits(slots, chance)
    draft = Draft(plan, window, people, shifts, visits, holidays, {})
    return replace(draft, codes=_codes(draft, chance))


def _codes(draft: Draft, chance: Chance) -> dict[Place, tuple[str, ...]]:
    letters = chance.letters(f"codes {draft.plan.code}")
    return {
        place: tuple(
            new_code(source=letters)
            for _version in range(2 if draft.plan is CITY and place == REPLACED else 1)
        )
        for place in draft.counters
    }
