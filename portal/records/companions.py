"""What stands beside the scores of a release: per service, and with ratings of other causes."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from portal import scoring
from portal.records.appraisal import POINTS, Figures, Setting, Weighed, cells_of, often
from portal.records.reading import CAUSES, Evidence, Flags, Floats, Ints

LEAST = 5
"""Figures about fewer ratings are shown to nobody, whatever an agency's policy says: they are
neither computed nor stored."""


@dataclass(frozen=True)
class Companions:
    """What stands beside the scores: per service, and with ratings of other causes.

    `services`: of each employee one line a service with its number `n` of ratings; mean, score
    and interval where there are enough.
    """

    services: dict[int, list[dict[str, Any]]]
    other_causes: dict[int, dict[str, int]]
    with_others: dict[int, dict[str, float]]
    faces: dict[int, list[int]]


def companions(
    evidence: Evidence,
    included: Flags,
    weighed: Weighed,
    figures: Figures,
    *,
    setting: Setting,
    people: Ints,
) -> Companions:
    """Figures of the people who move that explain their score without being it."""
    theirs = included & evidence.named & np.isin(evidence.employee, people)
    about = theirs & evidence.about_person
    other = theirs & ~evidence.about_person & (weighed.final > 0)
    affected = theirs & np.isin(evidence.employee, often(evidence.employee[other], LEAST))
    heard = np.flatnonzero(about & (weighed.final > 0))
    pairs, pair = groups(evidence.employee[heard], evidence.service[heard])
    number = np.bincount(pair, minlength=len(pairs))
    enough = number[pair] >= LEAST

    def recount(
        rows: Flags | Ints,
        employee: Ints,
        mix: Literal["national", "own"] = "national",
        past: scoring.Past | None = None,
    ) -> scoring.Scores:
        cells = cells_of(evidence, rows, weighed, setting, employee)
        return scoring.score(
            cells, figures.params, setting.policy, mix=mix, past=past, keep_posterior=False,
            ranked=False,
        )  # fmt: skip

    return Companions(
        services=_services(
            pairs.tolist(),
            number,
            recount(heard[enough], pair[enough], "own"),
            _means(evidence, included, weighed),
        ),
        other_causes=_causes(evidence.employee[other], evidence.cause[other]),
        with_others=_beside(
            recount(affected, evidence.employee[affected], past=figures.carried.brought)
        ),
        faces=_faces(evidence, heard),
    )


def groups(*columns: Ints) -> tuple[Ints, Ints]:
    """The distinct rows of some columns, sorted, and the place of each row among them."""
    order = np.lexsort(columns[::-1])
    rows = np.stack(columns, axis=1)[order]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return rows[new], place


def _means(evidence: Evidence, included: Flags, weighed: Weighed) -> dict[int, float]:
    """Mean of each service over all of the agency's counted ratings about persons."""
    rows = included & evidence.about_person & (weighed.final > 0)
    services, place = np.unique(evidence.service[rows], return_inverse=True)
    total = np.bincount(place, weights=values(evidence.answers[rows]), minlength=len(services))
    number = np.bincount(place, minlength=len(services))
    return dict(zip(services.tolist(), (total / np.maximum(number, 1)).tolist(), strict=True))


def values(answers: Any) -> Floats:
    """The value of each rating on the 25-100 scale: its mean where all elements were given."""
    complete = (answers > 0).all(axis=1)
    mean: Floats = np.where(complete, answers.mean(axis=1), answers[:, 0]) * (100 / POINTS)
    return mean


def _services(
    pairs: list[list[int]], number: Ints, scores: scoring.Scores, means: dict[int, float]
) -> dict[int, list[dict[str, Any]]]:
    columns = (scores.employee, scores.raw_mean, scores.score, scores.lo, scores.hi)
    listed = zip(*(column.tolist() for column in columns), strict=True)
    figures = {
        place: {"mean": mean, "score": value, "lo": lo, "hi": hi}
        for place, mean, value, lo, hi in listed
    }
    found: dict[int, list[dict[str, Any]]] = {}
    for place, ((employee, service), n) in enumerate(zip(pairs, number.tolist(), strict=True)):
        line = {"service": service, "n": n}
        if place in figures:
            line |= {**figures[place], "all": means[service]}
        found.setdefault(employee, []).append(line)
    return found


def _causes(employees: Ints, causes: Ints) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for employee, cause in zip(employees.tolist(), causes.tolist(), strict=True):
        counts = found.setdefault(employee, {})
        counts[CAUSES[cause]] = counts.get(CAUSES[cause], 0) + 1
    return found


def _beside(scores: scoring.Scores) -> dict[int, dict[str, float]]:
    columns = (scores.employee, scores.score, scores.lo, scores.hi)
    listed = zip(*(column.tolist() for column in columns), strict=True)
    return {who: {"score": value, "lo": lo, "hi": hi} for who, value, lo, hi in listed}


def _faces(evidence: Evidence, rows: Ints) -> dict[int, list[int]]:
    people, place = np.unique(evidence.employee[rows], return_inverse=True)
    counts = np.zeros((len(people), POINTS), dtype=np.int64)
    np.add.at(counts, (place, evidence.answers[rows, 0].astype(np.int64) - 1), 1)
    return dict(zip(people.tolist(), counts.tolist(), strict=True))
