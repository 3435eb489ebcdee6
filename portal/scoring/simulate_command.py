"""`portal simulate`: a city with known truth as files, to try the engine or any other."""

import dataclasses
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from .city import City, Truth, simulate
from .data import Ratings
from .files import REQUIRED, drafts, number, write_csv

ANSWERS = ("overall", "e_ramah", "e_cakap", "e_cekatan")
TRUTH = ("employee", "role", "score", "score_last", "theta", "theta_last", "difficulty")


def simulate_files(
    ratings_path: Path,
    truth_path: Path | None = None,
    *,
    city: City | None = None,
    employees: int | None = None,
    seed: int = 1,
) -> int:
    """Write the ratings of a simulated city (the format `portal score` reads), and on request
    the truth about its employees; returns the number of ratings. Same seed, same bytes."""
    shape = city or City()
    if employees is not None:
        offices = max(2, employees // 20)
        shape = dataclasses.replace(shape, employees=employees, offices=offices)
    ratings, truth = simulate(shape, seed)
    with drafts(ratings_path, truth_path) as made:
        write_csv(made[0], (*REQUIRED, *ANSWERS), rating_lines(ratings))
        if truth_path is not None:
            write_csv(made[1], TRUTH, _truth_lines(truth))
    return len(ratings)


def rating_lines(ratings: Ratings) -> Iterable[tuple[str, ...]]:
    """Ratings as fields of a file, in the order REQUIRED, ANSWERS."""
    names = ("employee", "office", "service", "channel", "period", "rater")
    columns = [getattr(ratings, name).tolist() for name in names]
    seconds = np.asarray(ratings.utc_offset)
    offset = timezone(timedelta(seconds=int(seconds[0]))) if len(ratings) else UTC
    answers = ratings.answers.tolist()
    counters, moments = ratings.counter.tolist(), ratings.submitted_at.tolist()
    for at, keys in enumerate(zip(*columns, strict=True)):
        moment = datetime.fromtimestamp(moments[at], offset).isoformat()
        given = (str(answer) if answer else "" for answer in answers[at])
        yield (f"r{at:08d}", *keys, moment, counters[at], *given)


def _truth_lines(truth: Truth) -> Iterable[Iterable[str]]:
    for at, employee in enumerate(truth.employee.tolist()):
        figures = (getattr(truth, name)[at] for name in TRUTH[2:])
        yield (employee, str(truth.role[at]), *(number(float(figure)) for figure in figures))
