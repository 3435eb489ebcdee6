"""What closed quarters add to the next, on simulated cities with known truth.

    python -m benchmarks.past [--seeds 10] [--employees 1000] [--first 7001] [--write FILE.md]

Each quarter is weighed, fitted and scored by itself, as a release of the portal does it, and
carries on what it leaves. Judged is the last quarter against the ability in that quarter.
"""

import argparse
import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scoring_evidence import by_advice
from portal.scoring import (
    City,
    Params,
    Past,
    Policy,
    Ratings,
    Scores,
    bring,
    count_cells,
    evidence_of,
    fit,
    score,
    simulate,
    together,
    weigh,
)
from portal.scoring.command import ScoreOptions, score_ratings

QUARTERS = (2, 3, 4)
ROWS = (
    "the quarter alone", "with the past (the portal)", "reliability from the past, too",
    "the filter (`portal score --period`)",
)  # fmt: skip
HEAD = (
    "| quarters | method | RMSE | coverage | awards | fA | pwA | guidance | fG | "
    "fG, not attacked | pwG |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)


def last_quarter(city: City, seed: int, policy: Policy) -> dict[str, Counter[str]]:
    """Sums of one city: the last quarter judged by itself, and with what was carried."""
    ratings, truth = simulate(city, seed)
    past: Past | None = None
    params: Params | None = None
    found: list[Scores] = []
    for number in range(city.quarters):
        mine = ratings.select(np.flatnonzero(ratings.period == f"2026-Q{number + 1}"))
        cells = count_cells(mine, weigh(mine, policy), 4)
        params = fit(cells, None, policy, prior=params, threads=2)
        now = evidence_of(cells, params, policy)
        brought = None if past is None else bring(past, 1, now, policy)
        past = now if brought is None else together(now, brought)
        alone, both = score(cells, params, policy), score(cells, params, policy, past=brought)
        found = [alone, dataclasses.replace(both, reliability=alone.reliability), both]
    found.append(of_some(filtered(ratings, city, policy), found[0].employee))
    place = np.searchsorted(truth.employee.astype(str), found[0].employee.astype(str))
    level = truth.score_last[place]
    spared = truth.role[place] != "attacked"
    return {
        name: judged(scores, level, spared, policy)
        for name, scores in zip(ROWS, found, strict=True)
    }


def filtered(ratings: Ratings, city: City, policy: Policy) -> Scores:
    """What `portal score --period` says of the last quarter."""
    options = ScoreOptions(period=f"2026-Q{city.quarters}")
    return score_ratings(ratings, options, policy, threads=2).scores


def of_some(scores: Scores, employees: np.ndarray) -> Scores:
    """The same of those who were rated in the last quarter; the filter keeps the others in."""
    place = np.searchsorted(scores.employee.astype(str), employees.astype(str))
    size = len(scores)
    chosen: dict[str, Any] = {}
    for item in dataclasses.fields(scores):
        value = getattr(scores, item.name)
        if isinstance(value, np.ndarray) and item.name != "grid" and len(value) == size:
            chosen[item.name] = value[place]
    return dataclasses.replace(scores, **chosen)


def judged(scores: Scores, level: np.ndarray, spared: np.ndarray, policy: Policy) -> Counter[str]:
    """Sums that are pooled over cities; `level`: the truth; `spared`: who was not attacked."""
    named = by_advice(scores, policy)
    deserve, need = level > policy.award_standard, level < policy.guidance_standard
    sums = {
        "people": len(level), "square": ((scores.score - level) ** 2).sum(),
        "inside": ((scores.lo <= level) & (level <= scores.hi)).sum(),
        "awards": named.award.sum(), "false awards": (named.award & ~deserve).sum(),
        "deserving": deserve.sum(), "found": (named.award & deserve).sum(),
        "guided": named.guidance.sum(), "false guided": (named.guidance & ~need).sum(),
        "guided spared": (named.guidance & spared).sum(),
        "false spared": (named.guidance & spared & ~need).sum(),
        "needing": need.sum(), "met": (named.guidance & need).sum(),
    }  # fmt: skip
    return Counter({name: float(value) for name, value in sums.items()})


def line(quarters: str, name: str, sums: Counter[str]) -> str:
    """One row of the table."""

    def part(a: str, b: str) -> str:
        return f"{sums[a] / max(sums[b], 1):.3f}"

    return (
        f"| {quarters} | {name} | {(sums['square'] / sums['people']) ** 0.5:.2f} | "
        f"{part('inside', 'people')} | {sums['awards']:.0f} | {part('false awards', 'awards')} | "
        f"{part('found', 'deserving')} | {sums['guided']:.0f} | {part('false guided', 'guided')} | "
        f"{part('false spared', 'guided spared')} | "
        f"{part('met', 'needing')} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--employees", type=int, default=1000)
    parser.add_argument("--first", type=int, default=7001)
    parser.add_argument("--write", type=Path, help="write the table to this file")
    given = parser.parse_args()
    lines, whole = list(HEAD), {name: Counter[str]() for name in ROWS}
    for quarters in QUARTERS:
        pooled = {name: Counter[str]() for name in ROWS}
        for seed in range(given.first, given.first + given.seeds):
            city = City(employees=given.employees, offices=given.employees // 20, quarters=quarters)
            for name, sums in last_quarter(city, seed, Policy()).items():
                pooled[name] += sums
                whole[name] += sums
        lines += [line(str(quarters), name, pooled[name]) for name in ROWS]
    lines += [line("all", f"**{name}**", whole[name]) for name in ROWS]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.write:
        given.write.write_text(text)


if __name__ == "__main__":
    main()
