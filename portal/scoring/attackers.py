"""Those who want other figures than they have earned, written by what they want.

They know the published rules (one device and day once, three a period, bursts, closed hours,
neutral answers never suspected) and go as far as their diligence allows. Nothing here is shared
with the detector.
"""

from dataclasses import dataclass

import numpy as np

from .data import Floats, Ints

DAYS = 65
"""Working days of a quarter."""


@dataclass(frozen=True)
class Forged:
    """Ratings that describe no visit: whose, which quarter and day, second of the day, device
    (a number of the attacker's own), answers."""

    employee: Ints
    quarter: Ints
    day: Ints
    second: Ints
    device: Ints
    answers: Ints


def careless_stuffing(rng: np.random.Generator, who: Ints, quarters: int, volume: Floats) -> Forged:
    """Wants a better figure soon: own phone and a friend's, after work, one after the other."""
    parts = []
    for employee, usual in zip(who.tolist(), volume.tolist(), strict=True):
        for quarter in range(quarters):
            n = int(rng.integers(4, 8) + 0.5 * usual)
            sittings = rng.integers(0, DAYS, max(1, n // 6))
            day = rng.choice(sittings, n)
            late = rng.random(n) < 0.6
            start = np.where(late, 16.7 * 3600, 12.1 * 3600)
            second = start + rng.integers(0, 1500, n)
            device = employee * 10 + rng.integers(0, 2, n)
            parts.append((employee, quarter, day, second, device, _praise(rng, n, 0.6)))
    return _join(parts)


def careful_stuffing(rng: np.random.Generator, who: Ints, quarters: int, volume: Floats) -> Forged:
    """Wants a better figure without being seen: borrowed phones, never more than three times
    each, in office hours, spread over days, now and then a three among the fours."""
    parts = []
    for employee, usual in zip(who.tolist(), volume.tolist(), strict=True):
        for quarter in range(quarters):
            n = int(2 + 0.25 * usual)
            day = rng.integers(0, DAYS, n)
            second = rng.integers(int(8.2 * 3600), int(15.8 * 3600), n)
            device = employee * 1000 + quarter * 100 + np.arange(n) // 3
            answers = _praise(rng, n, 0.4)
            answers[rng.random(n) < 0.15, 0] = 3
            parts.append((employee, quarter, day, second, device, answers))
    return _join(parts)


def campaign(rng: np.random.Generator, who: Ints, quarters: int, volume: Floats) -> Forged:
    """Wants to ruin somebody: a group with many phones, on a few days; the better organised
    ones keep to office hours and spread over a fortnight."""
    parts = []
    for employee, usual in zip(who.tolist(), volume.tolist(), strict=True):
        quarter = int(rng.integers(0, quarters))
        organised = rng.random() < 0.35
        n = int(15 + rng.integers(0, 25) + 0.5 * usual)
        first = int(rng.integers(0, DAYS - 11))
        span = 10 if organised else int(rng.integers(1, 3))
        day = first + rng.integers(0, span, n)
        lo, hi = (8.2, 15.8) if organised else (9.0, 21.0)
        second = rng.integers(int(lo * 3600), int(hi * 3600), n)
        device = employee * 1000 + rng.integers(0, max(2, n * 2 // 3), n)
        answers = np.zeros((n, 4), dtype=np.int64)
        answers[:, 0] = 1
        full = rng.random(n) < 0.3
        answers[full] = 1
        parts.append((employee, quarter, day, second, device, answers))
    return _join(parts)


def _praise(rng: np.random.Generator, n: int, full: float) -> Ints:
    answers = np.zeros((n, 4), dtype=np.int64)
    answers[:, 0] = 4
    answers[rng.random(n) < full] = 4
    return answers


def _join(parts: list[tuple[int, int, Ints, Ints, Ints, Ints]]) -> Forged:
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Forged(none, none, none, none, none, np.zeros((0, 4), dtype=np.int64))
    size = [len(part[2]) for part in parts]
    return Forged(
        np.repeat([part[0] for part in parts], size),
        np.repeat([part[1] for part in parts], size),
        np.concatenate([part[2] for part in parts]).astype(np.int64),
        np.concatenate([part[3] for part in parts]).astype(np.int64),
        np.concatenate([part[4] for part in parts]).astype(np.int64),
        np.concatenate([part[5] for part in parts]),
    )
