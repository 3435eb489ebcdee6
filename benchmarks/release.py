"""One release of a city quarter: python -m benchmarks.release. Prints one JSON line.

300,000 ratings of 10,000 employees, none released yet: the most that a release ever has to do.
The floor is reading the same rows once, without doing anything with them.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from flask_migrate import upgrade
from sqlalchemy import column, insert, table

from portal import create_app
from portal.config import Settings
from portal.counters.models import Counter, Service
from portal.db import db
from portal.people.models import Agency, Employee, Office
from portal.ratings.models import Rating
from portal.records.release_actions import release_period

PERIOD = "2026-Q4"
NOW = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)
BEGIN = int(datetime(2026, 10, 1, 1, 0, tzinfo=UTC).timestamp())  # 08.00 WIB
OFFICES, SERVICES, DAYS = 100, 12, 64
RATING = table("rating", *(column(item.name) for item in Rating.__table__.columns))
PIECE = 20_000


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or f"sqlite:///{folder}/portal.db"
        settings = Settings(
            database_url=url, secret_keys="k" * 32, log_level="ERROR", least_free_disk=0
        )
        app = create_app(settings)
        with app.app_context():
            upgrade()
            agency_id = _fill(arguments.ratings, arguments.employees, arguments.seed)
            floor = _read_all(agency_id)
            before = _peak()
            started = time.perf_counter()
            outcome = release_period(agency_id, PERIOD, NOW)
            seconds = time.perf_counter() - started
            print(
                json.dumps(
                    {
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
                    }
                )
            )
            db.engine.dispose()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=300_000)
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", help="an empty database; else SQLite in a new folder")
    return parser.parse_args()


def _peak() -> float:
    """Most memory this process has held, in MiB."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _fill(ratings: int, employees: int, seed: int) -> int:
    agency = Agency(code="kota", name="Kota", initials="KT")
    db.session.add(agency)
    db.session.flush()
    own = {"agency_id": agency.id}
    offices = [Office(**own, id=at + 1, code=f"u{at}", name=f"Unit {at}") for at in range(OFFICES)]
    services = [Service(**own, id=at + 1, code=f"s{at}", name=f"S {at}") for at in range(SERVICES)]
    db.session.add_all([*offices, *services])
    db.session.flush()
    people = [
        {**own, "id": at + 1, "name": f"Pegawai {at}", "kind": "pns", "nip": f"{at:018d}"}
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


def _read_all(agency_id: int) -> float:
    """Seconds to read every column of every rating once."""
    started = time.perf_counter()
    with db.engine.connect() as connection:
        found = connection.exec_driver_sql(
            f"SELECT * FROM rating WHERE agency_id = {agency_id} AND period = '{PERIOD}'"
        )
        for rows in found.partitions(PIECE):
            len(rows)
    return time.perf_counter() - started


if __name__ == "__main__":
    Path("instance").mkdir(exist_ok=True)
    main()
