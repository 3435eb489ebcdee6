"""One visit (page, submission, receipt) under gunicorn, beside the lean floor in the same run.

    python -m benchmarks.visit [--database sqlite|postgresql] [--visits 2000]

Prints server CPU per visit and its ratio to the floor, the time of a POST with 32 phones at half
of the saturation rate, and memory.
"""

import json
import tempfile
from pathlib import Path
from statistics import median

import click

from benchmarks.databases import database, open_counters
from benchmarks.servers import Load, Server, floor, percentile, portal

ROUNDS = 5
COUNTERS = 20
PHONES = 32


def cpu_per_visit(server: Server, paths: list[str], visits: int) -> float:
    """Milliseconds of server CPU, four phones at a time."""
    before = server.cpu_seconds()
    load = Load(server.port, paths)
    load.run(visits, 4)
    if load.failures:
        raise RuntimeError(f"{load.failures} visits failed")
    return (server.cpu_seconds() - before) / visits * 1000


def waiting_times(server: Server, paths: list[str], visits: int) -> dict[str, float]:
    """POST times in milliseconds with 32 phones at half of the rate that saturates the server."""
    saturation = visits / Load(server.port, paths).run(visits, PHONES)
    load = Load(server.port, paths)
    load.run(visits, PHONES, per_second=saturation / 2)
    return {
        "saturation_per_second": round(saturation, 1),
        "post_p50_ms": round(percentile(load.posts, 0.5) * 1000, 2),
        "post_p99_ms": round(percentile(load.posts, 0.99) * 1000, 2),
        "failures": load.failures,
    }


def memory(url: str, paths: list[str]) -> dict[str, float]:
    """MiB of one worker's server, and what a second preloaded worker adds, both after work."""
    sizes = []
    for workers in (1, 2):
        with portal(url, workers) as server:
            Load(server.port, paths).run(400, 8)
            sizes.append(server.memory_mib())
    return {"one_worker_mib": round(sizes[0]), "second_worker_mib": round(sizes[1] - sizes[0])}


@click.command()
@click.option("--database", "engine", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--visits", default=2000, show_default=True)
def main(engine: str, visits: int) -> None:
    with tempfile.TemporaryDirectory() as folder, database(engine) as url:
        paths = open_counters(url, COUNTERS)
        ours, lean = [], []
        with floor(Path(folder)) as least, portal(url) as server:
            for each, its_paths in ((least, ["/n/FLOOR"]), (server, paths)):
                cpu_per_visit(each, its_paths, 200)  # warm
            for _round in range(ROUNDS):
                lean.append(cpu_per_visit(least, ["/n/FLOOR"], visits // ROUNDS))
                ours.append(cpu_per_visit(server, paths, visits // ROUNDS))
            times = waiting_times(server, paths, visits)
        figures = {
            "database": engine,
            "cpu_ms_per_visit": round(median(ours), 2),
            "floor_cpu_ms_per_visit": round(median(lean), 2),
            "ratio": round(median(a / b for a, b in zip(ours, lean, strict=True)), 2),
            **times,
            "p99_to_p50": round(times["post_p99_ms"] / times["post_p50_ms"], 1),
            **memory(url, paths),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
