"""Who works in the demo's offices, how well, and at which counter they are at home."""

from dataclasses import dataclass, replace

import numpy as np

from portal.demo.chance import Chance, pick
from portal.demo.city import AgencyPlan, CounterPlan, OfficePlan
from portal.demo.names import HEADS, JOBS, Name, Names
from portal.demo.story import CHARACTERS, COLLEAGUE, HEAD, Character

# Shares among those of whom nothing else is told.
WEAK, STRONG = 0.07, 0.12


@dataclass(frozen=True)
class Person:
    """An employee, with the true quality that the portal has to find out."""

    id: int
    office: str
    counter: str  # where they are at home; "" for the head of the office
    title: str
    name: str
    kind: str
    nip: str | None
    job: str
    quality: float
    later: float  # and from `turns` on, a share of the time
    role: str
    years: float  # in this office
    turns: float = 0.5
    late_start: bool = False

    @property
    def civil_servant(self) -> bool:
        return self.kind != "non_asn"


def hire(plan: AgencyPlan, chance: Chance) -> list[Person]:
    """Everyone of an agency: heads, the story's people, colleagues; by office."""
    source = chance.stream(f"staff {plan.code}")
    names = Names(source, {character.name for character in CHARACTERS})
    characters = CHARACTERS if plan.code == "cempaka" else ()
    people: list[Person] = []
    for office in plan.offices:
        own = [character for character in characters if character.office == office.code]
        people.append(_head(office, names, source))
        people.extend(_person_of(character, names, source) for character in own)
        people.extend(_colleagues(office, own, names, source))
    numbered = [replace(one, id=plan.first_id + index) for index, one in enumerate(people, 1)]
    return _deal(numbered, source)


def _head(office: OfficePlan, names: Names, source: np.random.Generator) -> Person:
    name = names.name()
    job = HEADS[office.kind]
    sketch = Sketch(office.code, "", name, "pns", 0.0, HEAD)
    return replace(_person(sketch, names, source), job=job)


def _person_of(character: Character, names: Names, source: np.random.Generator) -> Person:
    name = Name(character.title, character.name)
    sketch = Sketch(
        character.office,
        character.counter,
        name,
        character.kind,
        character.quality,
        character.role,
    )
    person = _person(sketch, names, source)
    later = character.quality if character.later is None else character.later
    return replace(person, later=later, turns=character.turns, late_start=character.late_start)


def _colleagues(
    office: OfficePlan, own: list[Character], names: Names, source: np.random.Generator
) -> list[Person]:
    """One for every counter without somebody, then the busiest counters get a second one."""
    special = {counter.label for counter in office.counters if counter.role}
    homes = {character.counter for character in own if not character.late_start}
    waiting = [counter for counter in office.counters if counter.label not in homes | special]
    waiting = [counter for counter in waiting if not _has_late_start(counter, own)]
    extras = office.staff - len(own) - len(waiting)
    busiest = sorted(
        (counter for counter in office.counters if counter.label not in special),
        key=lambda counter: -counter.busy,
    )
    seconds = [busiest[index % len(busiest)] for index in range(extras)]
    first = [_colleague(office, counter, names, source) for counter in waiting]
    return first + [_second(office, counter, names, source) for counter in seconds]


def _has_late_start(counter: CounterPlan, own: list[Character]) -> bool:
    return any(person.counter == counter.label and person.late_start for person in own)


def _second(
    office: OfficePlan, counter: CounterPlan, names: Names, source: np.random.Generator
) -> Person:
    helps_out = office.kind == "kelurahan" and source.random() < 0.4
    return _colleague(office, counter, names, source, "non_asn" if helps_out else "")


def _colleague(
    office: OfficePlan,
    counter: CounterPlan,
    names: Names,
    source: np.random.Generator,
    kind: str = "",
) -> Person:
    """Ordinary staff; how good they are is dealt out once everybody is there."""
    kind = kind or ("pppk" if source.random() < 0.3 else "pns")
    sketch = Sketch(office.code, counter.label, names.name(), kind, 0.0, COLLEAGUE)
    return _person(sketch, names, source)


def _deal(people: list[Person], source: np.random.Generator) -> list[Person]:
    """Most are near the average, some very good, a few weak; always in the same proportion.

    Who shares a counter with one of the story's people is an ordinary colleague: the others
    are what these are seen against.
    """
    known = {(person.office, person.counter) for person in people if person.role != COLLEAGUE}
    free = [p for p in people if p.role == COLLEAGUE and (p.office, p.counter) not in known]
    weak, strong = round(len(free) * WEAK), round(len(free) * STRONG)
    dealt = np.concatenate([
        source.normal(-2.4, 0.25, weak),
        source.normal(1.8, 0.25, strong),
        source.normal(0.1, 0.5, len(free) - weak - strong),
    ])  # fmt: skip
    given = dict(zip((p.id for p in free), source.permutation(dealt).tolist(), strict=True))
    return [_with_quality(person, given.get(person.id, 0.2)) for person in people]


def _with_quality(person: Person, quality: float) -> Person:
    if person.role != COLLEAGUE:
        return person
    return replace(person, quality=quality, later=quality)


@dataclass(frozen=True)
class Sketch:
    """What is decided about a person before the ordinary details are filled in."""

    office: str
    counter: str
    name: Name
    kind: str
    quality: float
    role: str


def _person(sketch: Sketch, names: Names, source: np.random.Generator) -> Person:
    return Person(
        id=0,
        office=sketch.office,
        counter=sketch.counter,
        title=sketch.name.title,
        name=sketch.name.name,
        kind=sketch.kind,
        nip=names.number(sketch.kind, woman=sketch.name.woman),
        job="Tenaga Pendukung" if sketch.kind == "non_asn" else pick(source, JOBS),
        quality=sketch.quality,
        later=sketch.quality,
        role=sketch.role,
        years=float(source.uniform(1, 9)),
    )
