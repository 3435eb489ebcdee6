"""Two short tables of the evidence: errors of the service effects, and what standards mean.

    python -m benchmarks.scoring_standards --part services [--seeds 10] [--from 7001]
    python -m benchmarks.scoring_standards --part standards [--seeds 12] [--from 21]

Cities of 1,000 employees and 50 offices, or of --employees.
"""

import argparse

import numpy as np
from numpy.typing import NDArray

from benchmarks.scoring_evidence import UNIT
from portal.scoring import City, Policy, count_cells, fit, simulate, weigh

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


def main() -> None:
    """Print one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("services", "standards"), required=True)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--from", type=int, dest="first")
    parser.add_argument("--employees", type=int, default=1000)
    given = parser.parse_args()
    city = City(employees=given.employees, offices=max(2, given.employees // 20))
    usual = (7001, 10) if given.part == "services" else (21, 12)
    first, seeds = given.first or usual[0], given.seeds or usual[1]
    chosen = range(first, first + seeds)
    lines = (
        services(city, chosen, Policy()) if given.part == "services" else standards(city, chosen)
    )
    print("\n".join(lines))


if __name__ == "__main__":
    main()
