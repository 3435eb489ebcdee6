"""The demo's city before any database: its people, rosters and visits."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from portal.demo.chance import Chance
from portal.demo.city import AGENCIES, CITY
from portal.demo.draft import Draft, make_draft
from portal.demo.rows import Keys, rating_rows

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def draft() -> Draft:
    return make_draft(CITY, NOW, 30, Chance(1))


def test_one_seed_gives_one_city(draft: Draft) -> None:
    again = make_draft(CITY, NOW, 30, Chance(1))
    assert again.people == draft.people
    assert again.codes == draft.codes
    assert again.visits == draft.visits


def test_another_seed_gives_other_people_and_codes(draft: Draft) -> None:
    other = make_draft(CITY, NOW, 30, Chance(2))
    assert {person.name for person in other.people} != {person.name for person in draft.people}
    assert not set(other.codes.values()) & set(draft.codes.values())


def test_every_name_and_number_is_given_once(draft: Draft) -> None:
    numbers = [person.nip for person in draft.people if person.nip]
    assert len({person.name for person in draft.people}) == len(draft.people)
    assert len(set(numbers)) == len(numbers)
    assert {len(number) for number in numbers} == {18}
    assert all(person.nip is None for person in draft.people if not person.civil_servant)


@pytest.mark.parametrize("plan", AGENCIES, ids=lambda plan: plan.code)
def test_every_counter_is_staffed_at_any_hour_for_a_year(plan: object) -> None:
    draft = make_draft(plan, NOW, 30, Chance(1))  # type: ignore[arg-type]
    for office in draft.plan.offices:
        for counter in office.counters:
            here = [s for s in draft.shifts if s.place == (office.code, counter.label)]
            faces = []
            for ahead in (0, 1, 5, 12, 13, 14, 15, 40, 350):
                at = NOW + timedelta(days=ahead, hours=14)  # midnight in Jakarta
                present = [shift for shift in here if shift.starts_at <= at < shift.ends_at]
                assert len(present) == (2 if counter.role == "shared" else 1)
                assert all(shift.confirmed for shift in present)
                faces.append({shift.person.id for shift in present})
            assert all(face == faces[0] for face in faces)
            civil = [shift.person.civil_servant for shift in here if shift.starts_at >= NOW]
            assert all(civil) is (counter.role != "non_asn")


def test_nobody_sits_at_two_counters_at_once(draft: Draft) -> None:
    shifts = sorted(draft.shifts, key=lambda shift: (shift.person.id, shift.starts_at))
    for one, after in pairwise(shifts):
        if one.person.id == after.person.id:
            assert one.ends_at <= after.starts_at


def test_visits_lie_in_working_hours_before_today(draft: Draft) -> None:
    assert all(8 * 3600 <= visit.second <= 16 * 3600 for visit in draft.visits)
    assert all(visit.slot.day < draft.window.today for visit in draft.visits)
    assert all(visit.slot.day.weekday() < 5 for visit in draft.visits)


def test_rows_are_attributed_as_the_rules_say(draft: Draft) -> None:
    services = draft.services
    keys = Keys(1, draft.counters, services, {})
    rows = rating_rows(draft.visits, keys, draft.window, Chance(1))
    non_asn = {person.id for person in draft.people if not person.civil_servant}
    by = {row["attributed_by"] for row in rows.ratings}
    assert by >= {"one_on_duty", "chosen", "not_chosen", "not_a_civil_servant", "nobody_on_duty"}
    for row in rows.ratings:
        if row["counts_for"] == "A":
            assert row["employee_id"] not in {None, *non_asn}
            assert row["attributed_by"] in {"one_on_duty", "chosen"}
        assert row["received_at"] > row["issued_at"]


def test_the_story_has_a_stuffer_and_an_attack(draft: Draft) -> None:
    stuffed = [visit for visit in draft.visits if visit.kind == "stuffed"]
    attack = [visit for visit in draft.visits if visit.kind == "attack"]
    assert {visit.person.role for visit in stuffed} == {"stuffer"}
    assert {visit.face for visit in stuffed} == {4}
    assert len({visit.device for visit in stuffed}) <= 2
    assert {visit.person.role for visit in attack} == {"attacked"}
    assert {visit.face for visit in attack} == {1}
    assert len({visit.device for visit in attack}) == len(attack)
