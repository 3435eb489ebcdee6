"""Those who want other figures than they have earned, written by what they want.

They know the published rules (one device and day once, three a period, bursts by day, week and
fortnight, closed hours) and go as far as their diligence allows. Nothing here is shared with the
detector.
"""

from collections.abc import Callable
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


def campaign(
    rng: np.random.Generator, who: Ints, quarters: int, volume: Floats, kind: str = ""
) -> Forged:
    """Wants to ruin somebody, in one quarter: a group with many telephones, of one `kind` of
    CAMPAIGNS; without one each person has a group of its own, as `SHARES` are."""
    kinds = list(SHARES)
    parts = []
    for employee, usual in zip(who.tolist(), volume.tolist(), strict=True):
        quarter = int(rng.integers(0, quarters))
        plan = CAMPAIGNS[kind or kinds[int(rng.choice(len(kinds), p=list(SHARES.values())))]]
        n = int(15 + rng.integers(0, 25) + 0.5 * usual)
        sent = plan(rng, n)
        answers = np.zeros((len(sent.face), 4), dtype=np.int64)
        answers[:, 0] = sent.face
        full = rng.random(len(sent.face)) < 0.3
        answers[full] = sent.face[full, None]
        device = employee * 1000 + sent.device
        parts.append((employee, quarter, sent.day, sent.second, device, answers))
    return _join(parts)


@dataclass(frozen=True)
class _Sent:
    """What a group sends against one person: day of the quarter, second, telephone, face."""

    day: Ints
    second: Ints
    device: Ints
    face: Ints


def _crude(rng: np.random.Generator, n: int) -> _Sent:
    """Is angry now: within a day or two, until late, some telephones more than once."""
    day = rng.integers(0, DAYS - 11) + rng.integers(0, int(rng.integers(1, 3)), n)
    device = rng.integers(0, max(2, n * 2 // 3), n)
    return _Sent(day, _hours(rng, n, 9.0, 21.0), device, np.ones(n, dtype=np.int64))


def _fortnight(rng: np.random.Generator, n: int) -> _Sent:
    """Keeps to office hours and spreads over two weeks."""
    day = rng.integers(0, DAYS - 11) + rng.integers(0, 10, n)
    device = rng.integers(0, max(2, n * 2 // 3), n)
    return _Sent(day, _hours(rng, n), device, np.ones(n, dtype=np.int64))


def _twos(rng: np.random.Generator, n: int) -> _Sent:
    """Believes that only the worst answer is watched: twos, a telephone each, in two days."""
    day = rng.integers(0, DAYS - 2) + rng.integers(0, 2, n)
    return _Sent(day, _hours(rng, n), np.arange(n), np.full(n, 2))


def _mixed(rng: np.random.Generator, n: int) -> _Sent:
    """Wants to look like visitors: ones and twos, now and then a three, a telephone each, over a
    week."""
    day = rng.integers(0, DAYS - 6) + rng.integers(0, 5, n)
    face = rng.choice([1, 2, 3], n, p=[0.45, 0.43, 0.12])
    return _Sent(day, _hours(rng, n), np.arange(n), face)


def _patient(rng: np.random.Generator, n: int) -> _Sent:
    """Stays below what makes a day or a week odd: three at a time, every second week, ones and
    twos, a telephone each. Does fewer that way."""
    visits = np.repeat(rng.integers(0, 5) + 10 * np.arange(6), 3)
    face = rng.choice([1, 2], len(visits), p=[0.6, 0.4])
    return _Sent(visits, _hours(rng, len(visits)), np.arange(len(visits)), face)


def _slow(rng: np.random.Generator, n: int) -> _Sent:
    """Has time: ones spread over the whole quarter, as visitors come, a telephone each."""
    return _Sent(rng.integers(0, DAYS, n), _hours(rng, n), np.arange(n), np.ones(n, dtype=np.int64))


CAMPAIGNS: dict[str, Callable[[np.random.Generator, int], _Sent]] = {
    "crude": _crude, "fortnight": _fortnight, "twos": _twos, "mixed": _mixed,
    "patient": _patient, "slow": _slow,
}  # fmt: skip
SHARES = {"crude": 0.4, "fortnight": 0.25, "twos": 0.2, "mixed": 0.15}
"""Of the campaigns of a city. The patient and the slow, which no pattern of submitting betrays,
are tried by themselves."""


def _hours(rng: np.random.Generator, n: int, opens: float = 8.2, closes: float = 15.8) -> Ints:
    return rng.integers(int(opens * 3600), int(closes * 3600), n)


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
