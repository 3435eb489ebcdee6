"""Short tables of the evidence: errors of the service effects, what standards mean, and what
`--rater-severity` is worth where raters return.

    python -m benchmarks.scoring_standards --part services [--seeds 10] [--from 7001]
    python -m benchmarks.scoring_standards --part standards [--seeds 12] [--from 21]
    python -m benchmarks.scoring_standards --part severity [--seeds 4] [--from 7001]

Cities of 1,000 employees and 50 offices, or of --employees.
"""

import argparse
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.scoring_evidence import UNIT, of_those_rated
from portal.scoring import City, Policy, count_cells, fit, score, simulate, weigh
from portal.scoring.severity import Which, severity_shift
from portal.scoring.visits import Habits

WHICH: tuple[Which, ...] = ("off", "eligible", "all")
SEVERITIES = (0.6, 1.5)
USUAL = {
    "services": (7001, 10),
    "standards": (21, 12),
    "severity": (7001, 4),
}  # seeds: first, how many
AWARD, GUIDANCE = (88.31, 90.0, 92.0, 93.0, 94.0, 95.0), (65.0, 70.0, 76.61, 80.0)


def service_errors(city: City, seed: int, policy: Policy) -> tuple[NDArray[np.float64], ...]:
    """Errors of the service effects of one city in logits, and their standard errors. Truth and
    estimate have the same mean over the nation's ratings."""
    ratings, truth = simulate(city, seed)
    params = fit(count_cells(ratings, weigh(ratings, policy), 4), None, policy)
    names = sorted(params.services)
    share = np.array([params.weights.by_service().get(name, 0.0) for name in names])
    found = np.array([params.services[name] for name in names])
    true = np.array([truth.ease[name] for name in names]) * UNIT
    error = (found - share @ found / share.sum()) - (true - share @ true / share.sum())
    return error, np.array([params.service_se[name] for name in names])


def services(city: City, seeds: range, policy: Policy) -> list[str]:
    """RMSE, error in standard errors, coverage of 95 % intervals."""
    pairs = [service_errors(city, seed, policy) for seed in seeds]
    error, stated = (np.concatenate([pair[at] for pair in pairs]) for at in (0, 1))
    inside = np.abs(error) <= 1.96 * stated
    return [f"RMSE {np.sqrt(np.mean(error**2)):.3f} logit; "
            f"{np.sqrt(np.mean((error / stated) ** 2)):.2f} standard errors; "
            f"95 % intervals cover {inside.mean():.3f}"]  # fmt: skip


def standards(city: City, seeds: range) -> list[str]:
    """Shares of all staff who truly lie beyond a standard."""
    score = np.concatenate([simulate(city, seed)[1].score for seed in seeds])
    above = " | ".join(f"{(score > at).mean():.0%}" for at in AWARD)
    below = " | ".join(f"{(score < at).mean():.0%}" for at in GUIDANCE)
    return [f"above {' | '.join(map(str, AWARD))}: {above}",
            f"below {' | '.join(map(str, GUIDANCE))}: {below}"]  # fmt: skip


def severity(city: City, seeds: range, policy: Policy) -> list[str]:
    """Error in IKM points, rank correlation and coverage, without and with raters' severity,
    where half of the visits are those of people who come back."""
    lines = []
    for spread in SEVERITIES:
        returning = replace(city, regulars=0.5, habits=Habits(severity_sd=spread))
        found = np.concatenate([severity_figures(returning, seed, policy) for seed in seeds])
        for which, figures in zip(
            WHICH, found.reshape(len(seeds), len(WHICH), -1).mean(0), strict=True
        ):
            error, spearman, covered = figures
            lines.append(f"| {spread} | {which} | {error:.2f} | {spearman:.3f} | {covered:.3f} |")
    return ["| sd of severity (logit) | --rater-severity | RMSE | Spearman | coverage |", *lines]


def severity_figures(city: City, seed: int, policy: Policy) -> NDArray[np.float64]:
    """One city: a row for each way; those who have a rating that counts."""
    ratings, truth = simulate(city, seed)
    verdicts = weigh(ratings, policy)
    rows = []
    for which in WHICH:
        shift = severity_shift(ratings, verdicts, which, policy)
        cells = count_cells(ratings, verdicts, 4, shift=shift)
        scores = score(cells, fit(cells, None, policy), policy)
        true = of_those_rated(truth, cells).score[cells.n > 0]
        low, level, high = (one[cells.n > 0] for one in (scores.lo, scores.score, scores.hi))
        error = float(np.sqrt(np.mean((level - true) ** 2)))
        inside = float(((low <= true) & (true <= high)).mean())
        rows.append((error, float(stats.spearmanr(level, true)[0]), inside))
    return np.array(rows)


def main() -> None:
    """Print one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=tuple(USUAL), required=True)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--from", type=int, dest="first")
    parser.add_argument("--employees", type=int, default=1000)
    given = parser.parse_args()
    city = City(employees=given.employees, offices=max(2, given.employees // 20))
    usual = USUAL[given.part]
    first, seeds = given.first or usual[0], given.seeds or usual[1]
    chosen = range(first, first + seeds)
    if given.part == "services":
        lines = services(city, chosen, Policy())
    elif given.part == "standards":
        lines = standards(city, chosen)
    else:
        lines = severity(city, chosen, Policy())
    print("\n".join(lines))


if __name__ == "__main__":
    main()
