"""One release of a city quarter: python -m benchmarks.release. Prints one JSON line.

    python -m benchmarks.release [--database sqlite|postgresql] [--past] [--phones]

300,000 ratings of 10,000 employees, none released yet: the most that a release ever has to do.
With `--past` a closed quarter as large lies before it, so that everybody has a past.
The floor is reading the same rows once, without doing anything with them. With `--phones`, 32
phones rate 20 visits a second under gunicorn all the while; the figures then say how long they
waited, and the release shares the processors with server and phones.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from flask import Flask
from sqlalchemy import column, create_engine, insert, select, table, text

from benchmarks.databases import database, open_counters
from benchmarks.servers import Load, percentile, portal
from portal import create_app
from portal.config import Settings
from portal.counters.models import Counter, Service
from portal.db import db
from portal.people.models import Agency, Employee, Office
from portal.ratings.models import Rating
from portal.records.release_actions import release_period

PERIOD, BEFORE = "2026-Q4", "2026-Q3"
NOW = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
BEGIN = int(datetime(2026, 10, 1, 1, 0, tzinfo=UTC).timestamp())  # 08.00 WIB
OFFICES, SERVICES, DAYS = 100, 12, 64
RATING = table("rating", *(column(item.name) for item in Rating.__table__.columns))
PIECE = 20_000
PHONES, PER_SECOND = 32, 20
SPAWN = multiprocessing.get_context("spawn")


def main() -> None:
    arguments = _arguments()
    with database(arguments.database) as url:
        paths = open_counters(url, PHONES)
        # In processes of their own, as `portal tick` has one: what they leave in memory is not the
        # release's.
        with ProcessPoolExecutor(1, SPAWN, max_tasks_per_child=1) as processes:
            agency_id = processes.submit(_make, url, arguments).result()
            floor = processes.submit(_read_all, url, agency_id).result()
        with _app(url).app_context():
            before = _peak()
            with _phones(url, paths, asked=arguments.phones) as waits:
                started = time.perf_counter()
                outcome = release_period(agency_id, PERIOD, NOW)
                seconds = time.perf_counter() - started
            figures = {
                "benchmark": "release",
                "engine": db.engine.dialect.name,
                "ratings": arguments.ratings,
                "employees": arguments.employees,
                "moved": outcome.moved,
                "seconds": round(seconds, 2),
                "floor_seconds": round(floor, 2),
                "ratio": round(seconds / floor, 1),
                "peak_mib": round(_peak()),
                "mib_before": round(before),
                **waits,
            }
            db.session.remove()
            db.engine.dispose()
    print(json.dumps(figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=300_000)
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--past", action="store_true", help="a closed quarter before it")
    parser.add_argument("--phones", action="store_true", help="rate all the while")
    return parser.parse_args()


@contextmanager
def _phones(url: str, paths: list[str], *, asked: bool) -> Iterator[dict[str, float]]:
    """Phones that rate from before the work within to its end; how long their POST took."""
    waits: dict[str, float] = {}
    if not asked:
        yield waits
        return
    # Processes of their own, so that the release has its interpreter for itself.
    results, stop = SPAWN.Queue(), SPAWN.Event()
    with portal(url) as server:
        phones = SPAWN.Process(target=_rate, args=(server.port, paths, stop, results))
        phones.start()
        results.get()  # the first ones have rated
        yield waits
        stop.set()
        posts, failures = results.get()
        phones.join()
    waits |= {
        "posts": len(posts),
        "failures": failures,
        "post_p50_ms": round(percentile(posts, 0.5) * 1000, 1),
        "post_p99_ms": round(percentile(posts, 0.99) * 1000, 1),
        "post_worst_ms": round(max(posts) * 1000, 1),
    }


def _rate(port: int, paths: list[str], stop: Any, results: Any) -> None:
    Load(port, paths).run(len(paths), PHONES)
    results.put("ready")
    load = Load(port, paths)
    while not stop.is_set():
        load.run(PER_SECOND, PHONES, per_second=PER_SECOND)
    results.put((load.posts, load.failures))


def _peak() -> float:
    """Most memory this process has held, in MiB."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _app(url: str) -> Flask:
    return create_app(Settings(database_url=url, log_level="ERROR", least_free_disk=0))


def _make(url: str, arguments: argparse.Namespace) -> int:
    with _app(url).app_context():
        agency_id = _fill(arguments.ratings, arguments.employees, arguments.seed)
        if arguments.past:
            _close_one_before(agency_id)
        return agency_id


def _fill(ratings: int, employees: int, seed: int) -> int:
    agency = db.session.scalars(select(Agency)).one()
    own = {"agency_id": agency.id}
    offices = [Office(**own, id=at + 1, code=f"u{at}", name=f"Unit {at}") for at in range(OFFICES)]
    services = [Service(**own, id=at + 1, code=f"s{at}", name=f"S {at}") for at in range(SERVICES)]
    db.session.add_all([*offices, *services])
    db.session.flush()
    people = [
        {**own, "id": at + 1, "name": f"Pegawai {at}", "kind": "pns", "nip": f"9{at:017d}"}
        for at in range(employees)
    ]
    db.session.execute(insert(Employee), people)
    counters = [
        {**own, "id": at + 1, "office_id": at % OFFICES + 1, "label": f"L{at}"}
        for at in range(employees)
    ]
    db.session.execute(insert(Counter), counters)
    for piece in _ratings(agency.id, ratings, employees, np.random.default_rng(seed)):
        db.session.execute(insert(RATING), piece)
    db.session.commit()
    return agency.id


def _close_one_before(agency_id: int) -> None:
    """The same ratings once more as those of the quarter before, and that quarter closed."""
    names = [item.name for item in RATING.columns]
    made = {name: f"'f' || substr({name}, 2)" for name in ("id", "receipt")}
    made["period"] = f"'{BEFORE}'"
    columns = ", ".join(made.get(name, name) for name in names)
    db.session.execute(
        text(
            f"INSERT INTO rating ({', '.join(names)}) SELECT {columns} FROM rating "
            f"WHERE agency_id = {agency_id} AND period = '{PERIOD}'"
        )
    )
    db.session.commit()
    release_period(agency_id, BEFORE, NOW - timedelta(days=70), closes=True)


def _ratings(
    agency_id: int, size: int, employees: int, random: np.random.Generator
) -> Iterator[list[dict[str, Any]]]:
    """Ratings with weak and strong staff, hard and easy services, some other causes."""
    skill = random.normal(0, 0.9, employees)
    ease = random.normal(0, 0.6, SERVICES)
    limits = np.array([-3.9, -2.3, -0.75])
    home = random.integers(0, SERVICES, employees)
    for start in range(0, size, PIECE):
        n = min(PIECE, size - start)
        who = random.integers(0, employees, n)
        service = np.where(random.random(n) < 0.7, home[who], random.integers(0, SERVICES, n))
        level = skill[who] + ease[service]
        answers = 1 + (random.logistic(level[:, None], 1, (n, 4))[:, :, None] > limits).sum(2)
        full = random.random(n) < 0.4
        day = random.integers(0, DAYS, n)
        moment = BEGIN + (day // 5 * 7 + day % 5) * 86_400 + random.integers(0, 8 * 3600, n)
        other = random.random(n) < 0.08
        yield [
            {
                "agency_id": agency_id,
                "period": PERIOD,
                "id": random.bytes(16).hex(),
                "receipt": f"{start + at:012d}",
                "counter_id": int(who[at]) + 1,
                "code_version": 1,
                "channel": "poster",
                "service_id": int(service[at]) + 1,
                "overall": int(answers[at, 0]),
                "ramah": int(answers[at, 1]) if full[at] else None,
                "cakap": int(answers[at, 2]) if full[at] else None,
                "cekatan": int(answers[at, 3]) if full[at] else None,
                "cause": "procedure" if other[at] else None,
                "employee_id": int(who[at]) + 1,
                "attributed_by": "one_on_duty",
                "counts_for": "A",
                "language": "id",
                "device": random.bytes(16),
                "rated_on": datetime.fromtimestamp(int(moment[at]), UTC).date().isoformat(),
                "issued_at": str(datetime.fromtimestamp(int(moment[at]), UTC))[:19],
                "received_at": str(datetime.fromtimestamp(int(moment[at]) + 20, UTC))[:19],
                "tries": 0,
            }
            for at in range(n)
        ]


def _read_all(url: str, agency_id: int) -> float:
    """Seconds to read every column of every rating once."""
    started = time.perf_counter()
    with create_engine(url).connect() as connection:
        found = connection.execution_options(yield_per=PIECE).exec_driver_sql(
            f"SELECT * FROM rating WHERE agency_id = {agency_id} AND period = '{PERIOD}'"
        )
        for rows in found.partitions():
            len(rows)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
