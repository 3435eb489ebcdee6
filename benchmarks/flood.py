"""A flood against one counter from one address, and what other counters' citizens feel of it.

    python -m benchmarks.flood [--database sqlite|postgresql] [--seconds 76] [--requests 200]

In one run: visits at the other counters alone, then the same beside the flood, and alone again;
the first two also at the lean floor, which has one table and no counters: what two cores that
share server, flood and visitors do by themselves. The flood runs at low priority, for it comes
from other machines. Prints the waiting times of their submissions, what of the flood came through
and is kept, what `portal tick` then tells the coordinator (ratings in an hour, by steps, and the
seconds it took), and what the page of controls tells of the flooded counter after the next release.
"""

import json
import multiprocessing
import os
import subprocess
import tempfile
import time
from multiprocessing.queues import Queue
from pathlib import Path

import click
from sqlalchemy import create_engine, text

from benchmarks.databases import database, open_counters
from benchmarks.servers import PORTAL, Load, floor, percentile, portal

COUNTERS = 10
OTHERS_PER_SECOND = 8  # a busy office: 8 visits a second at the other counters
REQUESTS_OF_A_VISIT = 3  # form, submission, receipt


def flood(
    port: int, path: str, visits: int, per_second: float, told: "Queue[tuple[int, int]]"
) -> None:
    os.nice(10)
    load = Load(port, [path])
    load.run(visits, 16, per_second)
    told.put((len(load.posts), load.failures))


def others(port: int, paths: list[str], seconds: int) -> dict[str, float]:
    """Waiting times in milliseconds of submissions at the other counters."""
    load = Load(port, paths)
    load.run(OTHERS_PER_SECOND * seconds, 8, OTHERS_PER_SECOND)
    return {
        "submissions": len(load.posts),
        "p50_ms": round(percentile(load.posts, 0.5) * 1000, 1),
        "p99_ms": round(percentile(load.posts, 0.99) * 1000, 1),
        "failures": load.failures,
    }


def beside_a_flood(
    port: int, flooded: str, paths: list[str], seconds: int, requests: int
) -> tuple[dict[str, float], int, int, float]:
    """Waiting times as of `others`, what was acknowledged to the flood and what failed, seconds."""
    told: Queue[tuple[int, int]] = multiprocessing.Queue()
    per_second = requests / REQUESTS_OF_A_VISIT
    arguments = (port, flooded, int(per_second * seconds), per_second, told)
    attacker = multiprocessing.Process(target=flood, args=arguments)
    started = time.monotonic()
    attacker.start()
    beside = others(port, paths, seconds)
    acknowledged, failures = told.get()
    attacker.join()
    return beside, acknowledged, failures, time.monotonic() - started


def at_the_floor(seconds: int, requests: int) -> dict[str, dict[str, float]]:
    """The waiting times of others at the floor, alone and beside the same flood."""
    with tempfile.TemporaryDirectory() as folder, floor(Path(folder)) as least:
        paths = [f"/n/FLOOR{number}" for number in range(COUNTERS)]
        Load(least.port, paths).run(200, 4)  # warm
        alone = others(least.port, paths, seconds)
        beside, *_ = beside_a_flood(least.port, "/n/FLOOD", paths, seconds, requests)
    return {"floor_alone": alone, "floor_beside_the_flood": beside}


def kept_at(url: str, path: str) -> tuple[int, dict[str, int]]:
    """Ratings in the database of the counter behind a path, and what the controls counted."""
    code = Path(path).name
    engine = create_engine(url)
    with engine.connect() as connection:
        counter = connection.execute(
            text("SELECT counter_id FROM printed_code WHERE code = :code"), {"code": code}
        ).scalar_one()
        kept = connection.execute(
            text("SELECT count(*) FROM rating WHERE counter_id = :counter"), {"counter": counter}
        ).scalar_one()
        rows = connection.execute(
            text(
                "SELECT control, sum(ratings) FROM control_count WHERE counter_id = :counter"
                " GROUP BY control"
            ),
            {"counter": counter},
        )
        told = {control: int(ratings) for control, ratings in rows}
    engine.dispose()
    return int(kept), told


def command(url: str, *words: str) -> None:
    subprocess.run(
        [PORTAL, *words],
        env={"PORTAL_DATABASE_URL": url, "PORTAL_LOG_LEVEL": "ERROR"},
        check=True,
        capture_output=True,
    )


@click.command()
@click.option("--database", "engine", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--seconds", default=76, show_default=True, help="Of each of the three phases.")
@click.option("--requests", default=200, show_default=True, help="A second, all to one counter.")
def main(engine: str, seconds: int, requests: int) -> None:
    with database(engine) as url:
        flooded, *paths = open_counters(url, COUNTERS)
        with portal(url, workers=2) as server:
            Load(server.port, [flooded, *paths]).run(200, 4)  # warm
            warm, _ = kept_at(url, flooded)
            before = others(server.port, paths, seconds)
            beside, acknowledged, failures, lasted = beside_a_flood(
                server.port, flooded, paths, seconds, requests
            )
            after = others(server.port, paths, seconds)
        started = time.monotonic()
        command(url, "tick")
        tick_s = time.monotonic() - started
        _, told_at_once = kept_at(url, flooded)
        command(url, "release", "--now")
        kept, noticed = kept_at(url, flooded)
    figures = {
        "database": engine,
        "flood_requests_per_second": round(acknowledged * REQUESTS_OF_A_VISIT / lasted),
        "others_alone": before,
        "others_beside_the_flood": beside,
        "others_after": after,
        **at_the_floor(seconds, requests),
        "acknowledged": acknowledged,
        "failed": failures,
        "lost": acknowledged - (kept - warm),
        "told_at_once": told_at_once.get("flood"),
        "tick_s": round(tick_s, 1),
        "noticed": noticed,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
