"""Speed of the scoring engine at national size, against reading the same cells once.

python -m benchmarks.scoring --part year|filter|fit|one|linear|file [--employees N] [--grid G]

Prints one JSON line per part. The floor is one pass of numpy over the same counts; of a file, the
csv module reading it once.
"""

import argparse
import csv
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from portal.scoring import (
    Cells,
    City,
    Groups,
    Instrument,
    Live,
    Params,
    Policy,
    advise,
    default_params,
    filter_quarters,
    fit,
    score,
    simulate,
)
from portal.scoring.files import REQUIRED
from portal.scoring.params import Weights
from portal.scoring.simulate_command import ANSWERS, rating_lines

SERVICES = 40
PIECE = 200_000
CHANNELS = ("display", "poster", "ticket")


def nation(employees: int, quarters: int, seed: int = 1) -> Cells:
    """Cells of so many employees over some quarters: four ratings a quarter each, most of them
    faces only. Made in pieces, so that making them does not hide the memory of scoring."""
    rng = np.random.default_rng(seed)
    services = [f"s{i:03d}" for i in range(SERVICES)]
    periods = [f"2026-Q{q + 1}" for q in range(quarters)]
    keys = [(s, c, p) for s in services for c in CHANNELS for p in periods]
    table = np.array(keys, dtype=object)
    group = Groups(table[:, 0], table[:, 1], table[:, 2])
    counts = tuple(
        _counts(rng, employees, quarters, bins=bins, each=each, groups=len(group))
        for bins, each in ((4, 3), (13, 1))
    )
    nothing = np.zeros(employees)
    return Cells(
        employee=np.arange(employees), group=group,
        instrument=(Instrument("short", 4), Instrument("full", 13)), counts=counts,
        office=(np.arange(employees) // 50), seen_n=nothing, seen_sum=nothing, excluded={},
    )  # fmt: skip


def _counts(
    rng: np.random.Generator, employees: int, quarters: int, *, bins: int, each: int, groups: int
) -> sp.csr_matrix:
    most = employees * each * quarters
    data, indices = np.empty(most, dtype=np.uint8), np.empty(most, dtype=np.int32)
    indptr = np.zeros(employees + 1, dtype=np.int32)
    cuts, used = np.linspace(-3.6, 0.2, bins - 1), 0
    for first in range(0, employees, PIECE):
        size = min(PIECE, employees - first)
        rows = np.repeat(np.arange(size), each * quarters)
        quarter = np.tile(np.repeat(np.arange(quarters), each), size)
        channel = rng.choice(3, len(rows), p=[0.2, 0.7, 0.1])
        home, theta = rng.integers(0, SERVICES, size), rng.normal(0, 0.8, size)
        where = (home[rows] * 3 + channel) * quarters + quarter
        place = np.searchsorted(cuts, theta[rows] + rng.logistic(size=len(rows)))
        part = sp.csr_matrix((np.ones(len(rows)), (rows, where * bins + place)),
                             shape=(size, groups * bins))  # fmt: skip
        assert part.data.max() < 256
        data[used : used + part.nnz], indices[used : used + part.nnz] = part.data, part.indices
        indptr[first + 1 : first + size + 1] = used + part.indptr[1:]
        used += part.nnz
    return sp.csr_matrix((data[:used], indices[:used], indptr), shape=(employees, groups * bins))


def parameters(cells: Cells, policy: Policy) -> Params:
    """Shipped parameters with the volume shares of these cells (fitting is measured apart), and
    with errors of the service effects, as fitted ones have them."""
    base = default_params(policy)
    keys = zip(*(column.tolist() for column in (cells.group.service, cells.group.channel,
                                                cells.group.period)), strict=True)  # fmt: skip
    share = 1 / len(cells.group)
    weights = Weights({"short": 0.67, "full": 0.33}, tuple((key, share) for key in keys))
    values = {name: getattr(base, name) for name in Params.__dataclass_fields__}
    errors = {f"s{i:03d}": 0.05 + 0.005 * i for i in range(SERVICES)}
    known = {"weights": weights, "s2": 0.05, "service_se": errors, "version": ""}
    return Params(**(values | known))


def floor(cells: Cells) -> float:
    """Seconds for numpy to read every stored count and its column once."""
    start = time.perf_counter()
    for part in cells.counts:
        float(part.data.sum())
        int(part.indices.sum(dtype=np.int64))
    return time.perf_counter() - start


def peak() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def year(employees: int, quarters: int, grid: int) -> dict[str, Any]:
    """All numbers of everybody, the year pooled."""
    cells = nation(employees, quarters)
    policy = Policy(grid_points=grid)
    params = parameters(cells, policy)
    before = peak()
    low = floor(cells)
    start, cpu = time.perf_counter(), time.process_time()
    found = score(cells, params, policy, keep_posterior=False, threads=2)
    scored = time.perf_counter() - start
    advice = advise(found, policy)
    seconds = time.perf_counter() - start
    return {
        "part": "year", "employees": employees, "quarters": quarters, "grid": grid,
        "nonzeros": int(sum(part.nnz for part in cells.counts)), "seconds": round(seconds, 2),
        "score_seconds": round(scored, 2), "cpu_seconds": round(time.process_time() - cpu, 2),
        "candidates": int(advice.guidance.sum()),
        "floor_seconds": round(low, 3), "ratio": round(seconds / low, 1),
        "before_mb": round(before), "peak_mb": round(peak()),
    }  # fmt: skip


def filtered(employees: int, quarters: int, grid: int) -> dict[str, Any]:
    """The quarters one after the other, each the prior of the next (cells made apart)."""
    policy = Policy(grid_points=grid)
    low, making, making_cpu = 0.0, 0.0, 0.0
    params = parameters(nation(10, 1), policy)

    def each() -> Iterator[Cells]:
        nonlocal low, making, making_cpu
        for quarter in range(quarters):
            start, cpu = time.perf_counter(), time.process_time()
            cells = nation(employees, 1, seed=quarter + 1)
            low += floor(cells)
            making += time.perf_counter() - start
            making_cpu += time.process_time() - cpu
            yield cells

    start, cpu = time.perf_counter(), time.process_time()
    filter_quarters(each(), params, policy, threads=2)
    seconds = time.perf_counter() - start - making
    used = time.process_time() - cpu - making_cpu
    return {
        "part": "filter", "employees": employees, "quarters": quarters, "grid": grid,
        "seconds": round(seconds, 2), "cpu_seconds": round(used, 2),
        "floor_seconds": round(low, 3), "ratio": round(seconds / low, 1),
        "peak_mb": round(peak()),
    }  # fmt: skip


def ring(employees: int, services: int, seed: int = 7) -> tuple[Cells, np.ndarray]:
    """Services in a ring, 40 % movers each to one of three neighbours, one instrument of five
    bins: the hard case of section 4. Returns the cells and the true service effects."""
    rng = np.random.default_rng(seed)
    gamma = rng.normal(0, 0.8, services)
    home = rng.integers(0, services, employees)
    theta = rng.normal(0, 0.8, employees) + 0.5 * gamma[home]
    moves = rng.random(employees) < 0.4
    second = (home + rng.integers(1, 4, employees)) % services
    counts = np.zeros((employees, 2, 5), dtype=np.int32)
    n = rng.negative_binomial(2, 2 / (2 + 104), employees)
    away = np.where(moves, rng.binomial(n, 0.4), 0)
    cuts = np.array([-4.0, -2.8, -1.6, -0.2])
    for slot, (number, service) in enumerate(((n - away, home), (away, second))):
        eta = theta + gamma[service]
        f = 1 / (1 + np.exp(eta[:, None] - cuts))
        p = np.diff(np.column_stack([np.zeros(employees), f, np.ones(employees)]), axis=1)
        counts[:, slot] = rng.multinomial(number, p)
    where = np.column_stack([home, second])
    e, at, j = np.nonzero(counts)
    matrix = sp.csr_matrix(
        (counts[e, at, j].astype(float), (e, where[e, at] * 5 + j)),
        shape=(employees, services * 5),
    )
    names = np.array([f"s{i:04d}" for i in range(services)], dtype=object)
    same = np.full(services, "poster", dtype=object)
    nothing = np.zeros(employees)
    cells = Cells(
        employee=np.arange(employees), group=Groups(names, same, same),
        instrument=(Instrument("full", 5),), counts=(matrix,),
        office=np.arange(employees) // 50, seen_n=nothing, seen_sum=nothing, excluded={},
        points=5,
    )  # fmt: skip
    return cells, gamma


def fitting(employees: int, services: int) -> dict[str, Any]:
    """The fit on services joined by few movers."""
    cells, gamma = ring(employees, services)
    low = floor(cells)
    start, cpu = time.perf_counter(), time.process_time()
    params = fit(cells, None, Policy(grid_points=61), threads=2)
    seconds = time.perf_counter() - start
    error = np.array([params.services[name] for name in cells.group.service.tolist()]) - gamma
    return {
        "part": "fit", "employees": employees, "services": services,
        "ratings": int(cells.n.sum()), "nonzeros": int(cells.counts[0].nnz),
        "seconds": round(seconds, 2), "cpu_seconds": round(time.process_time() - cpu, 2),
        "floor_seconds": round(low, 4), "iterations": params.iterations,
        "gradient": params.gradient,
        "gamma_rmse": round(float(np.std(error)), 4), "peak_mb": round(peak()),
    }  # fmt: skip


def one() -> dict[str, Any]:
    """One new rating and all numbers of its employee."""
    policy = Policy()
    params = parameters(nation(1000, 1), policy)
    live = Live(params, policy, np.full(policy.grid_points, 1 / policy.grid_points))
    group, standing = ("s001", "poster", "2026-Q1"), live.nobody()
    live.numbers(live.add(standing, "short", 3, group))
    rounds = 2000
    start = time.process_time()
    for step in range(rounds):
        standing = live.add(standing, "short", step % 4, group)
        live.numbers(standing)
    each = (time.process_time() - start) / rounds
    return {"part": "one", "grid": policy.grid_points, "milliseconds": round(1000 * each, 4)}


def scored_file(rows: int, options: list[str]) -> list[dict[str, Any]]:
    """`portal score` on a file of so many ratings: simulated cities, one after the other. Once
    for each text of `options`, which are added to the command."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ratings.csv"
        # By another process: Linux counts what this one held as taken by a command it starts.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
            employees = other.submit(_write_cities, path, rows).result()
        start = time.perf_counter()
        with path.open(encoding="utf-8", newline="") as stream:
            read = sum(1 for _ in csv.reader(stream)) - 1
        low = time.perf_counter() - start
        found = []
        for more in options:
            command = [sys.executable, "-m", "portal.cli", "score", "--ratings", str(path)]
            for option in ("out", "fraud-out", "params-out"):
                command += [f"--{option}", f"{folder}/{option}"]
            start = time.perf_counter()
            _, status, used = os.wait4(subprocess.Popen(command + more.split()).pid, 0)
            seconds = time.perf_counter() - start
            found.append({
                "part": "file", "options": more, "ratings": read, "employees": employees,
                "exit": status, "seconds": round(seconds, 1),
                "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
                "floor_seconds": round(low, 1), "ratio": round(seconds / low, 1),
                "peak_mb": round(used.ru_maxrss / 1024),
            })  # fmt: skip
    return found


def _write_cities(path: Path, rows: int) -> int:
    """Cities of 8,000 employees with devices, attackers and habits until there are enough rows;
    returns the number of employees."""
    written, employees, number = 0, 0, 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow((*REQUIRED, *ANSWERS))
        while written < rows:
            number += 1
            ratings, truth = simulate(City(employees=8_000, offices=400), number)
            for identifier, employee, office, *same, rater, at, counter, face, a, b, c in islice(
                rating_lines(ratings), rows - written
            ):
                own = (
                    f"{number}-{text}" if text else "" for text in (identifier, employee, office)
                )
                device = f"{number}-{rater}" if rater else ""
                writer.writerow((*own, *same, device, at, counter, face, a, b, c))
            written += min(len(ratings), rows - written)
            employees += len(truth.employee)
    return employees


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--employees", type=int, default=5_000_000)
    parser.add_argument("--quarters", type=int, default=4)
    parser.add_argument("--grid", type=int, default=61)
    parser.add_argument(
        "--part", default="year", choices=["year", "filter", "fit", "one", "linear", "file"]
    )
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the file")
    parser.add_argument("--options", action="append", help="of portal score; may be repeated")
    given = parser.parse_args()
    if given.part == "year":
        print(json.dumps(year(given.employees, given.quarters, given.grid)))
    elif given.part == "filter":
        print(json.dumps(filtered(given.employees, given.quarters, given.grid)))
    elif given.part == "one":
        print(json.dumps(one()))
    elif given.part == "fit":
        print(json.dumps(fitting(min(given.employees, 200_000), 500)))
    elif given.part == "file":
        for line in scored_file(given.rows, given.options or [""]):
            print(json.dumps(line))
    else:
        for size in (100_000, 1_000_000, 5_000_000):
            print(json.dumps(year(size, given.quarters, given.grid)))


if __name__ == "__main__":
    main()
