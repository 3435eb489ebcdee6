"""Ratings for the tests: by hand, or drawn from a model whose truth is known."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.scoring import Cells, Params, Policy, Ratings, Verdicts, count_cells, default_params
from portal.scoring.data import Keys

MONDAY = 1_791_158_400  # 2026-10-05 00:00 UTC
NINE = MONDAY + 9 * 3600
DAY = 86_400


def make_ratings(employee: Sequence[Any] | Keys, answers: Any, **given: Any) -> Ratings:
    """Ratings of one office, service and quarter, one a day at nine, unless told otherwise."""
    size = len(employee)
    columns: dict[str, Any] = {
        "employee": employee,
        "office": ["dukcapil"] * size,
        "service": ["ktp"] * size,
        "channel": ["poster"] * size,
        "period": ["2026-Q4"] * size,
        "rater": [""] * size,
        "submitted_at": NINE + DAY * np.arange(size),
        "counter": ["1"] * size,
        "answers": np.asarray(answers, dtype=np.int8),
    }
    return Ratings(**(columns | given))


def all_count(ratings: Ratings) -> Verdicts:
    """Verdicts that let every rating count."""
    size = len(ratings)
    reasons = np.full(size, "", dtype=object)
    return Verdicts(np.ones(size), np.zeros(size), reasons)


def count(ratings: Ratings) -> Cells:
    """Cells of ratings that all count."""
    return count_cells(ratings, all_count(ratings), ratings.points)


def faces(*answers: int) -> list[list[int]]:
    """Submissions in which only the face was given."""
    return [[answer, 0, 0, 0] for answer in answers]


def params_with(**given: Any) -> Params:
    """The shipped parameters with some values replaced."""
    return dataclasses.replace(default_params(Policy()), version="", **given)


@dataclass(frozen=True)
class Drawn:
    """Ratings drawn from the graded-response model, and the truth behind them."""

    ratings: Ratings
    theta: np.ndarray
    services: np.ndarray
    office: np.ndarray
    short: np.ndarray
    full: np.ndarray
    slope: float


def draw(
    seed: int,
    *,
    employees: int = 400,
    services: int = 8,
    offices: int = 20,
    each: float = 40.0,
    sd: float = 0.8,
    office_sd: float = 0.0,
    movers: float = 0.4,
    slope: float = 1.5,
    full_share: float = 0.4,
) -> Drawn:
    """A city from the model itself: weak staff on hard services, some of them moving."""
    rng = np.random.default_rng(seed)
    gamma = rng.normal(0, 0.7, services)
    gamma -= gamma.mean()
    home = rng.integers(0, services, employees)
    theta = rng.normal(0, sd, employees) + 0.3 * gamma[home]
    theta -= theta.mean()
    office = rng.integers(0, offices, employees)
    shift = rng.normal(0, office_sd, offices)
    n = np.maximum(rng.negative_binomial(2, 2 / (2 + each), employees), 1)
    who = np.repeat(np.arange(employees), n)
    moves = (rng.random(employees) < movers)[who] & (rng.random(len(who)) < 0.4)
    service = np.where(moves, (home[who] + 1) % services, home[who])
    eta = theta[who] + gamma[service] + shift[office[who]]
    short = np.array([-3.4, -2.1, -0.5])
    full = np.linspace(-4.5, 0.6, 12)
    face = 1 + (eta[:, None] + rng.logistic(size=len(who))[:, None] > short).sum(axis=1)
    total = (slope * eta[:, None] + rng.logistic(size=len(who))[:, None] > full).sum(axis=1)
    answers = np.zeros((len(who), 4), dtype=np.int8)
    answers[:, 0] = face
    spread = 1 + total[:, None] // 4 + (np.arange(4) < total[:, None] % 4)
    complete = rng.random(len(who)) < full_share
    answers[complete] = spread[complete]
    ratings = make_ratings(
        who, answers, office=office[who], service=[f"s{s:02d}" for s in service],
        channel=np.array(["poster", "display"], dtype=object)[rng.integers(0, 2, len(who))],
        submitted_at=NINE + rng.integers(0, 80, len(who)) * DAY,
    )  # fmt: skip
    return Drawn(ratings, theta, gamma, office, short, full, slope)
