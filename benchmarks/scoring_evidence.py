"""What the engine is worth, against other methods, on simulated cities with known truth.

python -m benchmarks.scoring_evidence [--seeds 10] [--employees 1000] [--shapes 4] [--write FILE.md]
    [--keep DIRECTORY]

Prints one JSON line; with --write also the tables. --shapes: draws of each other kind of city, on
which only the engine is tried. Attackers by kind, service effects and standards:
benchmarks.scoring_attacks and benchmarks.scoring_standards.
"""

import argparse
import dataclasses
import functools
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.evidence_tables import BANDS, Sure, figures, report, report_power, report_shapes
from portal.scoring import (
    Cells,
    City,
    Params,
    Policy,
    Ratings,
    Scores,
    Truth,
    advise,
    count_cells,
    dense_blocks,
    fit,
    fit_gaussian,
    score,
    simulate,
    weigh,
)
from portal.scoring.gaussian_scores import gaussian_scores
from portal.scoring.model import information, known
from portal.scoring.posterior import softmax, weights
from portal.scoring.score import Pass

Floats = NDArray[np.float64]
UNIT = 0.96
"""One logit of these cities in logits of the fit: visitors differ in severity."""
FIRST_SEED = 7001
"""Seeds that no default and no test was tried on: choices were made on seeds 1 to 12. These were
read at each revision of the engine."""
SHAPES: dict[str, dict[str, Any]] = {
    "twice as large": {"employees": 2000, "offices": 100},
    "few offices (12)": {"offices": 12},
    "offices of seven": {"offices": 150},
    "small (300 staff, 15 offices, 10 services)": {
        "employees": 300, "offices": 15, "services": 10,
    },
    "hardly any movers (8 %)": {"movers": 0.08},
    "weak staff strictly at hard services": {"roster": 0.6, "weak_share": 0.2},
    "few ratings (12 a quarter)": {"ratings_per_quarter": 12.0},
    "strong drift, one in twelve falls": {"drift_sd": 0.25, "sudden": 0.08},
}  # fmt: skip


@dataclasses.dataclass
class Found:
    """What one method says about everybody of one city."""

    level: Floats
    award: NDArray[np.bool_]
    guidance: NDArray[np.bool_]
    lo: Floats | None = None
    hi: Floats | None = None
    fine: Scores | None = None
    """The same on a grid of twice as many steps."""
    surety: Floats | None = None
    """Probability of being above the award standard; 0 where the evidence does not suffice."""


def by_threshold(level: Floats, n: Floats, policy: Policy) -> Found:
    """A point estimate decides by itself, given ten ratings."""
    enough = n >= policy.min_ratings
    with np.errstate(invalid="ignore"):
        return Found(level, enough & (level > policy.award_standard),
                     enough & (level < policy.guidance_standard))  # fmt: skip


def by_advice(scores: Scores, policy: Policy) -> Found:
    """An interval method decides by the rule of the engine."""
    advice = advise(scores, policy)
    enough = (scores.n >= policy.min_ratings) & (scores.reliability >= policy.min_reliability)
    return Found(scores.score, advice.award, advice.guidance, scores.lo, scores.hi,
                 surety=np.where(enough, scores.p_above, 0.0))  # fmt: skip


def faces(cells: Cells) -> Floats:
    """Counts of four classes: full forms rounded to the nearest."""
    total = np.zeros((len(cells), 4))
    for item, part in zip(cells.instrument, cells.counts, strict=True):
        bins = np.arange(len(cells.group) * item.bins) % item.bins
        nearest = np.round(bins * 3 / (item.bins - 1)).astype(int)
        for k in range(4):
            total[:, k] += np.asarray(part[:, nearest == k].sum(axis=1)).ravel()
    return total


def wilson(cells: Cells) -> Floats:
    """Lower Wilson bound of the share of best answers, on the IKM scale."""
    n, z = np.maximum(cells.n, 1), 1.96
    p: Floats = faces(cells)[:, 3] / n
    centre = p + z * z / (2 * n)
    half = z * np.sqrt((p * (1 - p) + z * z / (4 * n)) / n)
    return 25 + 75 * (centre - half) / (1 + z * z / n)


def miller(cells: Cells) -> Floats:
    """Miller's lower bound for star ratings (one phantom vote a class, normal bound)."""
    s, n, k = np.array([25.0, 50, 75, 100]), cells.n, 4
    share = (faces(cells) + 1) / (n + k)[:, None]
    mean: Floats = share @ s
    spread: Floats = np.maximum(share @ s**2 - mean**2, 0)
    half: Floats = 1.65 * np.sqrt(spread / (n + k + 1))
    return mean - half


def shrunk(cells: Cells, m: float) -> Floats:
    """Bayesian average: m phantom ratings at the overall mean."""
    n = cells.n
    overall = float(cells.raw_sum.sum() / n.sum())
    return (cells.raw_sum + m * overall) / (n + m)


def engine(
    cells: Cells, policy: Policy, *, s2: bool, ease: dict[str, float] | None = None
) -> Found:
    """The ordinal model; `ease`: true effects of the services, where an oracle tells them."""
    params = fit(cells, None, policy, overdispersion=s2, threads=2)
    if ease is not None:
        params = told(params, ease)
    found = by_advice(score(cells, params, policy, threads=2), policy)
    if s2 and ease is None:
        lo, hi, size = params.grid
        twice = dataclasses.replace(params, grid=(lo, hi, 2 * size - 1), version="")
        found.fine = score(cells, twice, policy, keep_posterior=False, threads=2)
    return found


RECIPE = Policy(
    certainty=0.90, guidance_certainty=0.90, grid_points=61, roster_sd=1e-6,
    campaign_days=0, campaign_long_days=0, circle_share=0.0, habit_rounds=1, burst_history=0,
    burst_odd=1e-9, mild_odd=1e9,
)  # fmt: skip
"""The document's recipe, as far as it is a matter of thresholds: bursts by day, volume in full,
home services' means that follow no service, G = 61, certainty .90 for both lists."""


class Divided(Pass):
    """The document's widening: the log-likelihood over 1 + s2 times what the answers tell."""

    def weighed(self, part: slice, likelihood: Floats) -> Floats:
        """Posteriors of a block, not normalised."""
        first = softmax(likelihood + self.common)
        told = np.zeros((len(first), 1))
        national, share = self.params.national()
        eta = self.params.effects(national)[:, None] + self.tables.theta
        for item, counts in zip(self.cells.instrument, self.cells.counts, strict=True):
            c, a = np.array(self.params.thresholds[item.name]), self.params.slopes[item.name]
            n = np.asarray(counts[part].sum(axis=1))
            told += n * (first @ (share @ information(c, a, eta)))[:, None]
        return weights(likelihood / (1 + self.params.s2 * told) + self.common)


def recipe(ratings: Ratings) -> Found:
    """The document's recipe: its integrity weights, its office variance (moments
    of de-shrunken means) and widening, service effects taken as if they were known. Only how much
    services differ is learnt here, too, which favours it."""
    cells = count_cells(ratings, weigh(ratings, RECIPE), 4)
    params = dataclasses.replace(fit(cells, None, RECIPE), s2=0.0, service_se={}, version="")
    plain = score(cells, params, RECIPE)
    tau2 = params.sd_employees**2
    r = np.clip(1 - plain.variance / tau2, 0.05, 1)
    z, error = params.mu + (plain.mean - params.mu) / r, plain.variance / r
    s2 = moments(z, error, np.unique(cells.office.astype(str), return_inverse=True)[1], tau2)
    found = Divided(known(cells, params), dataclasses.replace(params, s2=s2, version=""), RECIPE)
    return by_advice(found.scores(ranked=False), RECIPE)


def moments(z: Floats, error: Floats, office: NDArray[np.int64], tau2: float) -> float:
    """Office variance by DerSimonian and Laird's rule, five times."""
    s2 = 0.0
    for _ in range(5):
        w = 1 / (tau2 - s2 + error)
        total = np.bincount(office, w)
        centre = np.bincount(office, w * z) / total
        q = float(total @ (centre - total @ centre / total.sum()) ** 2)
        freedom = len(total) - 1
        s2 = max(0.0, (q - freedom) / float(total.sum() - (total**2).sum() / total.sum()))
    return s2


def told(params: Params, ease: dict[str, float]) -> Params:
    """The parameters with true service effects, in the fit's unit and with its mean."""
    names = sorted(params.services)
    found = np.array([params.services[name] for name in names])
    truth = np.array([ease[name] for name in names])
    share = np.array([params.weights.by_service().get(name, 0.0) for name in names])
    truth = (truth - share @ truth / share.sum()) * UNIT + share @ found / share.sum()
    return dataclasses.replace(
        params, services=dict(zip(names, truth.tolist(), strict=True)), service_se={}, version=""
    )


def methods(
    ratings: Ratings, truth: Truth, policy: Policy
) -> tuple[dict[str, Callable[[], Found]], Cells, Floats]:
    """Every method on one city, with the engine's cells and its fraud scores."""
    verdicts = weigh(ratings, policy)
    every = count_cells(ratings, verdicts.reviewed(np.ones(len(ratings))), 4)
    clean = count_cells(ratings, verdicts, 4)
    oracle = count_cells(ratings, verdicts.reviewed(np.where(truth.forged, 0.0, 1.0)), 4)
    median = float(np.median(every.n))

    def gauss(cells: Cells) -> Found:
        return by_advice(gaussian_scores(fit_gaussian(cells), cells, policy), policy)

    def point(level: Floats, cells: Cells) -> Found:
        return by_threshold(level, cells.n, policy)

    return {
        "raw mean": lambda: point(every.raw_mean, every),
        "Bayesian average, m = 10": lambda: point(shrunk(every, 10), every),
        "IMDb weighting (m = median n)": lambda: point(shrunk(every, median), every),
        "Wilson lower bound": lambda: point(wilson(every), every),
        "Miller star bound": lambda: point(miller(every), every),
        "Gaussian BLUP": lambda: gauss(every),
        "ordinal, no integrity, s2 = 0": lambda: engine(every, policy, s2=False),
        "raw mean + integrity": lambda: point(clean.raw_mean, clean),
        "Gaussian BLUP + integrity": lambda: gauss(clean),
        "the document's recipe": lambda: recipe(ratings),
        "**the engine** (ordinal + integrity + s2)": lambda: engine(clean, policy, s2=True),
        "(the engine, forged ratings removed by an oracle)": lambda: engine(
            oracle, policy, s2=True),
        "(the same, and the true effects of services told)": lambda: engine(
            oracle, policy, s2=True, ease=truth.ease),
    }, clean, verdicts.fraud_score  # fmt: skip


def measure(found: Found, truth: Truth, n: Floats, policy: Policy) -> dict[str, float]:
    """Sums and figures of one method on one city; sums are pooled over cities."""
    rated = np.isfinite(found.level)
    error = found.level - truth.score
    deserve = truth.score > policy.award_standard
    need = truth.score < policy.guidance_standard
    out = {
        "square": float((error[rated] ** 2).sum()), "rated": float(rated.sum()),
        "spearman": float(stats.spearmanr(found.level[rated], truth.score[rated])[0]),
        "awards": float(found.award.sum()), "false_awards": float((found.award & ~deserve).sum()),
        "deserving": float(deserve.sum()), "found": float((found.award & deserve).sum()),
        "guided": float(found.guidance.sum()),
        "false_guided": float((found.guidance & ~need).sum()),
        "needing": float(need.sum()), "met": float((found.guidance & need).sum()),
        "service": float(np.corrcoef(error[rated], truth.difficulty[rated])[0, 1]),
    }  # fmt: skip
    honest = rated & (truth.role == "honest")
    few = rated & (n <= 30)
    for name, mask in (("honest", honest), ("few", few)):
        out[f"{name}_square"] = float((error[mask] ** 2).sum())
        out[f"{name}_n"] = float(mask.sum())
    if found.lo is not None and found.hi is not None:
        inside = (found.lo <= truth.score) & (truth.score <= found.hi)
        out["inside"], out["inside_honest"] = float(inside.sum()), float(inside[honest].sum())
        for least, most in BANDS:
            band = honest & (n >= least) & (n <= most)
            out[f"in_{least}"] = float(inside[band].sum())
            out[f"of_{least}"] = float(band.sum())
            if found.fine is not None:
                fine = (found.fine.lo <= truth.score) & (truth.score <= found.fine.hi)
                out[f"fine_{least}"] = float(fine[band].sum())
    for role in ("attacked", "careless_stuffer", "careful_stuffer", "coach", "ticket_picker"):
        mine = rated & (truth.role == role)
        out[f"bias_{role}"], out[f"n_{role}"] = float(error[mine].sum()), float(mine.sum())
        out[f"award_{role}"] = float(found.award[mine].sum())
        out[f"guide_{role}"] = float(found.guidance[mine].sum())
    return out


def area_under(score_: Floats, positive: NDArray[np.bool_]) -> float:
    """AUC by ranks."""
    rank = stats.rankdata(score_)
    p, q = positive.sum(), (~positive).sum()
    return float((rank[positive].sum() - p * (p + 1) / 2) / (p * q))


@dataclasses.dataclass
class Walked:
    """One city: sums of every method, who is how surely above, figures of the detector."""

    sums: dict[str, dict[str, float]]
    sure: dict[str, Sure]
    detector: dict[str, float]


def walk(seed: int, city: City, policy: Policy) -> Walked:
    """All methods on one city."""
    ratings, truth = simulate(city, seed)
    listed, clean, fraud = methods(ratings, truth, policy)
    mine = of_those_rated(truth, clean)
    sums, sure = {}, {}
    for name, method in listed.items():
        found = method()
        sums[name] = measure(found, mine, clean.n, policy)
        if found.surety is not None:
            sure[name] = Sure(found.surety, mine.score > policy.award_standard, found.award)
    return Walked(sums, sure, detected(ratings, truth, fraud, policy))


def detected(ratings: Ratings, truth: Truth, fraud: Floats, policy: Policy) -> dict[str, float]:
    """What the detector found in one city."""
    aside = weigh(ratings, policy).weight == 0
    low = ~truth.forged & (ratings.answers[:, 0] == 2)
    last = np.flatnonzero(ratings.period == ratings.period.max())
    blocks = dense_blocks(ratings.select(last), policy)
    innocent = ratings.select(last[~truth.forged[last]])
    return {
        "auc": area_under(fraud, truth.forged), "precision": float(truth.forged[aside].mean()),
        "recall": float(aside[truth.forged].mean()), "honest": float(aside[~truth.forged].mean()),
        "honest_twos": float(aside[low].mean()), "blocks": float(len(blocks)),
        "in_blocks": float(np.mean([truth.forged[last[one.rows]].mean() for one in blocks] or [1])),
        "honest_blocks": float(len(dense_blocks(innocent, policy))),
    }  # fmt: skip


Pooled = tuple[dict[str, dict[str, float]], dict[str, float], dict[str, list[Sure]]]


def run(seeds: int, city: City, policy: Policy, keep: Path | None) -> Pooled:
    """All methods on all cities: sums; figures of the detector; who is how surely above."""
    table: dict[str, dict[str, float]] = {}
    sure: dict[str, list[Sure]] = {}
    detector: dict[str, list[float]] = {}
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        found = kept(keep, f"city-{seed}", functools.partial(walk, seed, city, policy))
        add_sums(table, found.sums)
        for name, one in found.sure.items():
            sure.setdefault(name, []).append(one)
        for name, value in found.detector.items():
            detector.setdefault(name, []).append(value)
    return table, {name: float(np.mean(values)) for name, values in detector.items()}, sure


def add_sums(table: dict[str, dict[str, float]], sums: dict[str, dict[str, float]]) -> None:
    """Sums of one city, added to those of the others."""
    for name, values in sums.items():
        row = table.setdefault(name, dict.fromkeys(values, 0.0))
        for key, value in values.items():
            row[key] += value


def kept(keep: Path | None, name: str, make: Callable[[], Any]) -> Any:
    """The result of one city, from an earlier run of the same program where it was kept."""
    if keep is None:
        return make()
    keep.mkdir(exist_ok=True)
    file = keep / f"{name}.pickle"
    if not file.exists():
        file.write_bytes(pickle.dumps(make()))
    return pickle.loads(file.read_bytes())


def of_those_rated(truth: Truth, cells: Cells) -> Truth:
    """The truth about the employees of some cells, in their order."""
    place = np.searchsorted(truth.employee.astype(str), cells.employee.astype(str))
    columns = ("score", "role", "difficulty")
    return dataclasses.replace(truth, **{name: getattr(truth, name)[place] for name in columns})


def run_shapes(
    seeds: int, city: City, policy: Policy, keep: Path | None
) -> dict[str, dict[str, float]]:
    """The engine alone on other kinds of cities, summed by kind."""
    table: dict[str, dict[str, float]] = {}
    for at, (name, changes) in enumerate(SHAPES.items()):
        shape = dataclasses.replace(city, **changes)
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            one = functools.partial(walk_shape, seed, shape, policy)
            add_sums(table, {name: kept(keep, f"shape-{at}-{seed}", one)})
    return table


def walk_shape(seed: int, shape: City, policy: Policy) -> dict[str, float]:
    """The engine alone on one city."""
    ratings, truth = simulate(shape, seed)
    cells = count_cells(ratings, weigh(ratings, policy), 4)
    found = engine(cells, policy, s2=True)
    return measure(found, of_those_rated(truth, cells), cells.n, policy)


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--employees", type=int, default=1000)
    parser.add_argument("--shapes", type=int, default=4)
    parser.add_argument("--grid", type=int, default=Policy().grid_points)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--keep", type=Path, help="directory: go on where an earlier run ended")
    given = parser.parse_args()
    policy = Policy(grid_points=given.grid)
    city = City(employees=given.employees, offices=max(2, given.employees // 20))
    table, detector, sure = run(given.seeds, city, policy, given.keep)
    ours = next(row for name, row in table.items() if name.startswith("**"))
    print(json.dumps({"detector": detector, "engine": figures(ours, given.seeds)}))
    lines = report(table, detector, given, FIRST_SEED) + report_power(sure) + [""]
    if given.shapes:
        lines += report_shapes(run_shapes(given.shapes, city, policy, given.keep), given.shapes)
    if given.write:
        given.write.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
