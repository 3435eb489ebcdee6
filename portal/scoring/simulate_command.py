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
    the truth about its employees; beside it, with `-ratings` and `-services` in the name, which
    ratings describe no visit, and the effect of each service. Returns the number of ratings.
    Same seed, same bytes."""
    shape = city or City()
    if employees is not None:
        offices = max(2, employees // 20)
        shape = dataclasses.replace(shape, employees=employees, offices=offices)
    ratings, truth = simulate(shape, seed)
    told = [] if truth_path is None else [truth_path, *truth_files(truth_path)]
    with drafts(ratings_path, *told) as made:
        write_csv(made[0], (*REQUIRED, *ANSWERS), rating_lines(ratings))
        if told:
            write_csv(made[1], TRUTH, _truth_lines(truth))
            write_csv(made[2], ("rating_id", "forged"), _forged_lines(truth))
            write_csv(made[3], ("service", "effect"), _service_lines(truth))
    return len(ratings)


def truth_files(truth_path: Path) -> list[Path]:
    """Where the truth about ratings and about services goes."""
    return [truth_path.with_stem(f"{truth_path.stem}-{what}") for what in ("ratings", "services")]


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


def _forged_lines(truth: Truth) -> Iterable[tuple[str, str]]:
    for at, forged in enumerate(truth.forged.tolist()):
        yield f"r{at:08d}", str(int(forged))


def _service_lines(truth: Truth) -> Iterable[tuple[str, str]]:
    for service, effect in sorted(truth.ease.items()):
        yield service, number(effect)


def _truth_lines(truth: Truth) -> Iterable[Iterable[str]]:
    for at, employee in enumerate(truth.employee.tolist()):
        figures = (getattr(truth, name)[at] for name in TRUTH[2:])
        yield (employee, str(truth.role[at]), *(number(float(figure)) for figure in figures))
