"""How honest visitors answer: the generator's view, which shares no formula with the engine.

A visitor leaves with an experience (person, service, office, the visitor's own severity, luck),
answers or does not (delighted and angry ones more often), fills in more when angry, and has
habits: the same answer to everything, or only extremes.
"""

from dataclasses import dataclass

import numpy as np

from .data import Flags, Floats, Ints

ANSWER_RATE = np.array([0.0, 0.30, 0.13, 0.09, 0.21])
"""Chance that a visitor with face 0..4 answers at all: J-shaped."""
CUTS = np.array([-3.7, -2.3, -0.3])
"""Where experience turns into a better face (logits)."""


@dataclass(frozen=True)
class Habits:
    """How visitors fill in forms; shares of all visitors."""

    severity_sd: float = 0.6
    same_for_all: float = 0.25
    only_extremes: float = 0.12
    full: float = 0.30
    partly: float = 0.08
    angry_fills_more: float = 1.6
    halo: float = 0.75
    element_tilt: tuple[float, float, float] = (0.25, -0.05, -0.35)


@dataclass(frozen=True)
class Answers:
    """Per visit: whether it was rated, and the answers (face and three elements, 0 = empty)."""

    rated: Flags
    answers: Ints


def answer_visits(
    rng: np.random.Generator, level: Floats, habits: Habits, severity: Floats | None = None
) -> Answers:
    """Answers of visitors whose expected experience is `level` (logits). `severity`: the
    visitors' own, where they are known to come back; otherwise everybody comes once."""
    size = len(level)
    if severity is None:
        severity = rng.normal(0, habits.severity_sd, size)
    felt = level + severity
    luck = rng.logistic(size=size)
    face = 1 + ((felt + luck)[:, None] > CUTS).sum(axis=1)
    elements = np.empty((size, 3), dtype=np.int64)
    for number, tilt in enumerate(habits.element_tilt):
        own = habits.halo * luck + (1 - habits.halo) * 1.6 * rng.logistic(size=size)
        elements[:, number] = 1 + ((felt + tilt + own)[:, None] > CUTS).sum(axis=1)
    answers = np.column_stack([face, elements])
    same = rng.random(size) < habits.same_for_all
    answers[same] = face[same, None]
    extreme = rng.random(size) < habits.only_extremes
    answers[extreme] = np.where(answers[extreme] <= 2, 1, 4)
    rated = rng.random(size) < ANSWER_RATE[answers[:, 0]]
    return Answers(rated, _left_empty(rng, answers, habits))


def _left_empty(rng: np.random.Generator, answers: Ints, habits: Habits) -> Ints:
    """Most give the face only, some fill in a part, the angry fill in more."""
    size = len(answers)
    eager = np.where(answers[:, 0] == 1, habits.angry_fills_more, 1.0)
    draw = rng.random(size)
    full = draw < habits.full * eager
    partly = ~full & (draw < (habits.full + habits.partly) * eager)
    keep = np.zeros((size, 3), dtype=bool)
    keep[full] = True
    keep[partly, rng.integers(0, 3, int(partly.sum()))] = True
    out = answers.copy()
    out[:, 1:][~keep] = 0
    return out


def ikm(answers: Ints) -> Floats:
    """IKM value of submissions: mean of all four where complete, else the face."""
    complete = (answers > 0).all(axis=1)
    return np.where(complete, 25 * answers.mean(axis=1), 25.0 * answers[:, 0])
