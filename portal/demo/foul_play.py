"""Ratings that were not given in good faith: one clerk rates himself, one is attacked."""

from datetime import date

import numpy as np

from portal.demo.chance import Chance
from portal.demo.visits import Slot, Visit

STUFFING_DAYS = 26
ATTACKS = ((0.45, 34), (0.8, 42))  # when, as a share of the time; how many ratings


def foul_visits(slots: list[Slot], chance: Chance) -> list[Visit]:
    """What the stuffer and the attackers send, by paper like everybody else."""
    return _stuffed(slots, chance) + _attacks(slots, chance)


def _days_of(slots: list[Slot], role: str) -> list[Slot]:
    """The slots in which the person with this role sits alone at a counter."""
    return [slot for slot in slots if len(slot.on_duty) == 1 and slot.on_duty[0].role == role]


def _stuffed(slots: list[Slot], chance: Chance) -> list[Visit]:
    """Towards closing time, two to four best answers from his own phone or an old one."""
    source = chance.stream("stuffer")
    own = _days_of(slots, "stuffer")
    if not own:
        return []
    chosen = source.choice(len(own), min(STUFFING_DAYS, len(own)), replace=False)
    phones = [source.bytes(16) for _phone in range(2)]
    visits: list[Visit] = []
    for index in sorted(chosen.tolist()):
        second = int(source.integers(15 * 3600 + 1500, 15 * 3600 + 2500))
        for _time in range(int(source.integers(2, 5))):
            second += int(source.integers(40, 100))
            phone = phones[int(source.random() < 0.25)]
            visits.append(_extreme(own[index], second, 4, phone, kind="stuffed", source=source))
    return visits


def _attacks(slots: list[Slot], chance: Chance) -> list[Visit]:
    """Within half an hour, dozens of worst answers from as many phones; twice."""
    source = chance.stream("attack")
    own = _days_of(slots, "attacked")
    visits: list[Visit] = []
    for share, count in ATTACKS if own else ():
        slot = _nearest(own, slots[0].day + share * (slots[-1].day - slots[0].day))
        begin = int(source.integers(10 * 3600, 14 * 3600))
        for second in sorted(source.integers(0, 1800, count).tolist()):
            phone = source.bytes(16)
            visits.append(_extreme(slot, begin + second, 1, phone, kind="attack", source=source))
    return visits


def _nearest(slots: list[Slot], day: date) -> Slot:
    return min(slots, key=lambda slot: (abs(slot.day - day), slot.place))


def _extreme(
    slot: Slot, second: int, face: int, device: bytes, *, kind: str, source: np.random.Generator
) -> Visit:
    full = source.random() < 0.7
    answers = (face, face, face) if full else (None, None, None)
    return Visit(slot, slot.on_duty[0], slot.services[0], second, face, answers, device, kind)
