"""What a roster says about a duty: placed twice, together with somebody, away."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from portal.counters.roster import Notes, monday_of, notes_on, week_from

EIGHT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Placed:
    id: int
    employee_id: int
    counter_id: int
    starts_at: datetime = EIGHT
    ends_at: datetime | None = EIGHT + 4 * HOUR

    @property
    def employee_name(self) -> str:
        return {1: "Sari", 2: "Budi", 3: "Rina"}[self.employee_id]

    @property
    def counter_label(self) -> str:
        return f"Loket {self.counter_id}"


def notes(*duties: Placed, away: tuple[int, datetime, datetime] | None = None) -> dict[int, Notes]:
    return notes_on(duties, [away] if away else [])


def test_one_at_two_counters_at_once_is_said_at_both() -> None:
    found = notes(Placed(1, 1, 3), Placed(2, 1, 4, EIGHT + HOUR))
    assert found == {1: Notes(elsewhere=("Loket 4",)), 2: Notes(elsewhere=("Loket 3",))}


def test_two_at_one_counter_are_named_to_each_other() -> None:
    found = notes(Placed(1, 1, 3), Placed(2, 2, 3), Placed(3, 3, 4))
    assert found == {1: Notes(together=("Budi",)), 2: Notes(together=("Sari",))}


def test_one_after_the_other_is_worth_no_word() -> None:
    noon = EIGHT + 4 * HOUR
    assert notes(Placed(1, 1, 3), Placed(2, 2, 3, noon, noon + HOUR), Placed(3, 1, 4, noon)) == {}


def test_a_duty_without_end_overlaps_all_that_follows() -> None:
    found = notes(
        Placed(1, 1, 3, EIGHT, None), Placed(2, 2, 3, EIGHT + 9 * HOUR, EIGHT + 10 * HOUR)
    )
    assert set(found) == {1, 2}


def test_who_is_away_for_part_of_a_duty_is_said_to_be_away() -> None:
    noon = EIGHT + 4 * HOUR
    for start, end in ((EIGHT, noon), (noon - HOUR, noon + 9 * HOUR), (EIGHT - HOUR, EIGHT + HOUR)):
        assert notes(Placed(1, 1, 3), away=(1, start, end)) == {1: Notes(away=True)}
    assert notes(Placed(1, 1, 3), away=(1, noon, noon + HOUR)) == {}
    assert notes(Placed(1, 1, 3), away=(1, EIGHT - HOUR, EIGHT)) == {}
    assert notes(Placed(1, 1, 3), away=(2, EIGHT, noon)) == {}


def test_a_week_begins_on_monday() -> None:
    assert monday_of(date(2026, 11, 29)) == monday_of(date(2026, 11, 23)) == date(2026, 11, 23)
    assert week_from(date(2026, 11, 23))[-1] == date(2026, 11, 29)
