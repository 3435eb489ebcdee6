"""Visits that were rated: who served whom for what, and what the citizen thought of it.

Written apart from the engine that will judge them: people answer by a logistic choice, but with
habits, offices, busy days and a taste for extremes of which the engine knows nothing.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from portal.demo.chance import Chance
from portal.demo.city import AgencyPlan
from portal.demo.roster import Place, Shift, Window
from portal.demo.staff import Person
from portal.demo.standards import SERVICES

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Where an answer turns into the next better one, in logits, for average staff.
THRESHOLDS = np.array([-3.9, -2.7, -0.6])
# The angry and the delighted take the trouble to answer.
ANSWERS_AT_ALL = np.array([0.95, 0.6, 0.45, 0.75])
WEEKDAYS = (1.3, 1.05, 1.0, 0.95, 0.75)
ELEMENTS = 3


@dataclass(frozen=True)
class Slot:
    """A counter on a day: who was on duty, and how many ratings to expect."""

    day: date
    place: Place
    on_duty: tuple[Person, ...]
    confirmed: bool
    services: tuple[str, ...]
    expected: float


@dataclass(frozen=True)
class Visit:
    """A rated visit before it becomes a row. `second` counts from local midnight."""

    slot: Slot
    person: Person
    service: str
    second: int
    face: int
    elements: tuple[int | None, int | None, int | None]
    device: bytes
    kind: str = ""  # "stuffed" or "attack": known to the story only


def open_slots(
    plan: AgencyPlan, shifts: list[Shift], window: Window, holidays: set[date], chance: Chance
) -> list[Slot]:
    """Every counter on every working day, with a mass-service day here and there."""
    source = chance.stream(f"days {plan.code}")
    by_place: dict[Place, list[Shift]] = {}
    for shift in shifts:
        by_place.setdefault(shift.place, []).append(shift)
    days = [day for day in window.days if day.weekday() < 5 and day not in holidays]
    slots: list[Slot] = []
    for office in plan.offices:
        for counter in office.counters:
            place = (office.code, counter.label)
            rush = set(source.choice(len(days), 1).tolist()) if counter.busy > 4 else set()
            for number, day in enumerate(days):
                growth = 0.75 + 0.4 * number / len(days)  # the posters become known
                usual = counter.busy * WEEKDAYS[day.weekday()] * growth
                slot = _slot(day, by_place[place], window)
                expected = usual * (3 if number in rush else 1)
                slots.append(Slot(day, place, *slot, counter.services, expected))
    return slots


def _slot(day: date, shifts: list[Shift], window: Window) -> tuple[tuple[Person, ...], bool]:
    noon = window.midnight(day) + timedelta(hours=12)
    present = [shift for shift in shifts if shift.starts_at <= noon < shift.ends_at]
    on_duty = tuple(shift.person for shift in present)
    return on_duty, all(shift.confirmed for shift in present)


def honest_visits(
    plan: AgencyPlan, slots: list[Slot], window: Window, chance: Chance
) -> list[Visit]:
    """What citizens of good faith answered, in all slots where somebody was on duty."""
    source = chance.stream(f"visits {plan.code}")
    slots = [slot for slot in slots if slot.on_duty]
    expected = np.array([slot.expected for slot in slots]) / 0.68  # the share that answers
    of_slot = np.repeat(np.arange(len(slots)), source.poisson(expected))
    count = len(of_slot)
    draws = zip(of_slot.tolist(), source.random((count, 2)).tolist(), strict=True)
    met = [_meeting(slots[slot], draw) for slot, draw in draws]
    people = [person for _slot, person, _wish in met]
    offices = {office.code: float(source.normal(0, 0.12)) for office in plan.offices}
    latent = _latent(met, offices, window, source)
    faces = 1 + (latent[:, None] > THRESHOLDS).sum(axis=1)
    answered = np.flatnonzero(source.random(count) < ANSWERS_AT_ALL[faces - 1])
    elements = _elements(people, latent, faces, source)
    seconds = _seconds(count, source)
    devices = _devices(count, source)
    return [
        Visit(
            *met[i],
            int(seconds[i]),
            int(faces[i]),
            elements[i],
            devices[i],
        )
        for i in answered
    ]


def _meeting(slot: Slot, draw: list[float]) -> tuple[Slot, Person, str]:
    """Who served, and for what: the first service of a counter is asked for most."""
    person = slot.on_duty[int(draw[0] * len(slot.on_duty))]
    weights = np.array([1 / (rank + 1) for rank in range(len(slot.services))])
    place = int(np.searchsorted(np.cumsum(weights / weights.sum())[:-1], draw[1]))
    return slot, person, slot.services[place]


def quality_on(person: Person, day: date, window: Window) -> float:
    """Some people change: after a share of the time they are what they have become."""
    turned = (day - window.first).days > (window.today - window.first).days * person.turns
    return person.later if turned else person.quality


def _latent(
    met: list[tuple[Slot, Person, str]],
    offices: dict[str, float],
    window: Window,
    source: np.random.Generator,
) -> Floats:
    """How well the visit went, in logits, with all that a face cannot tell apart."""
    days = (window.today - window.first).days
    known = [
        quality_on(person, slot.day, window)
        + SERVICES[wish].ease
        + offices[person.office]
        + 0.15 * (slot.day - window.first).days / days  # things get a little better
        for slot, person, wish in met
    ]
    return np.array(known) + source.normal(0, 0.5, len(met)) + source.logistic(0, 1, len(met))


def _elements(
    people: list[Person], latent: Floats, faces: Ints, source: np.random.Generator
) -> list[tuple[int | None, int | None, int | None]]:
    """A third fills in all three, often with one and the same answer; some only a part."""
    count = len(faces)
    leanings = {person.id: source.normal(0, 0.4, ELEMENTS) for person in _distinct(people)}
    leaning = np.array([leanings[person.id] for person in people])
    felt = 0.8 * latent[:, None] + leaning + source.normal(0, 0.9, (count, ELEMENTS)) + 0.3
    answers = 1 + (felt[:, :, None] > THRESHOLDS).sum(axis=2)
    same = source.random(count) < 0.4
    answers[same] = faces[same, None]
    draw = source.random(count)
    full = draw < np.array([0.5, 0.42, 0.28, 0.33])[faces - 1]
    partly = ~full & (draw > 0.93)
    given = full[:, None] | (partly[:, None] & (source.random((count, ELEMENTS)) < 0.5))
    return [(a or None, b or None, c or None) for a, b, c in np.where(given, answers, 0).tolist()]


def _distinct(people: list[Person]) -> list[Person]:
    return sorted({person.id: person for person in people}.values(), key=lambda p: p.id)


def _seconds(count: int, source: np.random.Generator) -> Ints:
    """Between eight and a quarter to four, most before noon."""
    morning = source.random(count) < 0.65
    hours = np.where(morning, source.normal(10, 1.1, count), source.normal(13.8, 0.9, count))
    return (np.clip(hours, 8.03, 15.7) * 3600 + source.integers(0, 60, count)).astype(np.int64)


def _devices(count: int, source: np.random.Generator) -> list[bytes]:
    """A phone each; one in thirty comes again with the phone of somebody else's visit."""
    drawn = source.bytes(16 * count)
    own = [bytes(drawn[i : i + 16]) for i in range(0, 16 * count, 16)]
    again = np.flatnonzero(source.random(count) < 1 / 30)
    for i, other in zip(
        again.tolist(), source.integers(0, count, len(again)).tolist(), strict=True
    ):
        own[i] = own[other]
    return own
