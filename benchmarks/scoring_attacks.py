"""Campaigns by kind: what of them is found, what they do, and who pays for finding them.

    python -m benchmarks.scoring_attacks [--seeds 3] [--employees 400] [--from 7001] [--write FILE]

In each city one person in eight is attacked, all of them in one way. Judged over a year, and in
one quarter by itself, as a release of the portal sees it. Beside them a city without attackers in
which service was truly bad on one day in twenty, and in one week in twenty, of each person.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.scoring_evidence import of_those_rated
from portal.scoring import City, Policy, advise, count_cells, fit, score, simulate, weigh
from portal.scoring.attackers import CAMPAIGNS

COLUMNS = ("found", "bias", "wrong", "attacked", "honest", "twos")


def walk(city: City, seed: int, policy: Policy) -> dict[str, float]:
    """Sums of one city; shares are of its own ratings."""
    ratings, truth = simulate(city, seed)
    verdicts = weigh(ratings, policy)
    cells = count_cells(ratings, verdicts, 4)
    scores = score(cells, fit(cells, None, policy), policy)
    mine = of_those_rated(truth, cells)
    attacked = (mine.role == "attacked") & (scores.n > 0)
    named = advise(scores, policy).guidance & (mine.score >= policy.guidance_standard)
    aside, twos = verdicts.weight == 0, ~truth.forged & (ratings.answers[:, 0] == 2)
    return {
        "found": float(aside[truth.forged].mean()) if truth.forged.any() else np.nan,
        "bias": float((scores.score - mine.score)[attacked].sum()),
        "wrong": float((named & attacked).sum()), "attacked": float(attacked.sum()),
        "honest": float(aside[~truth.forged].mean()), "twos": float(aside[twos].mean()),
    }  # fmt: skip


def cities(employees: int) -> dict[str, City]:
    """By name: each kind of campaign over a year and in a quarter; bad days and weeks."""
    found = {}
    plain = City(employees=employees, offices=employees // 20, careless_stuffers=0,
                 careful_stuffers=0)  # fmt: skip
    for quarters, span in ((4, "a year"), (1, "a quarter")):
        changed = {**vars(plain), "quarters": quarters}
        for kind in CAMPAIGNS:
            found[f"{kind}, {span}"] = City(**{**changed, "attacked": 0.125, "campaigns": kind})
        bad = {**changed, "attacked": 0.0, "bad_days": 0.05, "bad_weeks": 0.05}
        found[f"no attack, bad days and weeks, {span}"] = City(**bad)
    return found


def line(name: str, sums: list[dict[str, float]]) -> str:
    """One row of the table."""
    total = {key: float(np.sum([one[key] for one in sums])) for key in COLUMNS}
    mean = {key: total[key] / len(sums) for key in ("found", "honest", "twos")}
    if not total["attacked"]:
        return f"| {name} | - | - | - | {mean['honest']:.5f} | {mean['twos']:.5f} |"
    bias = total["bias"] / total["attacked"]
    wrong = f"{total['wrong']:.0f} of {total['attacked']:.0f}"
    return (f"| {name} | {mean['found']:.3f} | {bias:+.1f} | {wrong} | {mean['honest']:.5f} "
            f"| {mean['twos']:.5f} |")  # fmt: skip


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--employees", type=int, default=400)
    parser.add_argument("--from", type=int, default=7001, dest="first")
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    lines = ["| campaign | found | bias of the attacked | wrongly named for guidance | honest set "
             "aside | honest twos |", "|---|---|---|---|---|---|"]  # fmt: skip
    for name, city in cities(given.employees).items():
        seeds = range(given.first, given.first + given.seeds)
        lines.append(line(name, [walk(city, seed, Policy()) for seed in seeds]))
        print(lines[-1], flush=True)
    if given.write:
        given.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
