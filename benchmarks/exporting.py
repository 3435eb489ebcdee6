"""A quarter's ratings as a file: python -m benchmarks.exporting. Prints one JSON line a format.

    python -m benchmarks.exporting [--database sqlite|postgresql] [--ratings N] [--format csv …]

1,000,000 released ratings of 10,000 employees, written by `portal export` itself; the memory is
all that its process holds, and what it starts. The floor is reading as many columns of the same
rows, in the same order and in portions, and writing them unchanged.
"""

import argparse
import csv
import json
import multiprocessing
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, text

from benchmarks.databases import database, open_counters
from benchmarks.release import NOW, PERIOD, _fill
from benchmarks.servers import PORTAL
from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.people.models import Agency
from portal.ratings.models import Rating
from portal.records.rating_writers import CELLS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--ratings", type=int, default=1_000_000)
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", nargs="+", choices=tuple(CELLS), default=tuple(CELLS))
    arguments = parser.parse_args()
    with database(arguments.database) as url, tempfile.TemporaryDirectory() as folder:
        filling = multiprocessing.get_context("spawn").Process(
            target=_fill_all, args=(url, arguments)
        )
        filling.start()
        filling.join()
        app = create_app(Settings(database_url=url, log_level="ERROR", least_free_disk=0))
        with app.app_context():
            agency = db.session.scalars(select(Agency)).one()
            floor = _copy(agency.id, Path(folder) / "floor.csv")
            for kind in arguments.format:
                path = Path(folder) / f"ratings.{kind}"
                seconds, peak, said = _export(url, agency.code, path)
                figures = {
                    "benchmark": "exporting",
                    "engine": db.engine.dialect.name,
                    "format": kind,
                    "said": said,
                    "seconds": round(seconds, 1),
                    "floor_seconds": round(floor, 1),
                    "ratio": round(seconds / floor, 1),
                    "peak_mb": round(peak / 1e6),
                    "file_mib": round(path.stat().st_size / 2**20),
                }
                print(json.dumps(figures), flush=True)
                path.unlink()
            db.session.remove()
            db.engine.dispose()


def _export(url: str, agency: str, path: Path) -> tuple[float, int, str]:
    """Seconds and most bytes of `portal export` with all that it starts, and its last words."""
    started, peak = time.perf_counter(), 0
    environment = os.environ | {"PORTAL_DATABASE_URL": url, "PORTAL_LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [PORTAL, "export", "--agency", agency, "--out", path, PERIOD],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        time.sleep(0.05)
    assert process.stderr
    said = process.stderr.read().strip()
    assert process.returncode == 0, said
    return time.perf_counter() - started, peak, said


def _memory(pid: int) -> int:
    """What a process and those it has started hold now, in bytes; Linux only."""
    total = 0
    with suppress(OSError):  # it has just ended
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total = int(line.split()[1]) * 1024
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += _memory(int(child))
    return total


def _fill_all(url: str, arguments: argparse.Namespace) -> None:
    open_counters(url, 1)
    app = create_app(Settings(database_url=url, log_level="ERROR", least_free_disk=0))
    with app.app_context():
        _release_all(_fill(arguments.ratings, arguments.employees, arguments.seed))
        db.session.remove()
        db.engine.dispose()


def _release_all(agency_id: int) -> None:
    """As a release leaves it, without its work: one verdict a rating."""
    started = str(NOW - timedelta(days=1))[:19]
    own = f"{agency_id}, '{PERIOD}'"
    for statement in (
        "INSERT INTO release (agency_id, period, number, local_day, started_at, done_at, ratings, "
        f"closes) VALUES ({own}, 1, '2026-12-31', '{started}', '{started}', 0, false)",
        "INSERT INTO verdict (agency_id, period, rating_id, release, joined, weight, fraud_score, "
        "reasons, engine) SELECT agency_id, period, id, 1, 1, 1, 0, '', 'benchmark' FROM rating",
        "ANALYZE",
    ):
        db.session.execute(text(statement))
    db.session.commit()


def _copy(agency_id: int, path: Path) -> float:
    table = Rating.__table__.c
    columns = [table.id, table.rated_on, table.counter_id, table.service_id, table.channel]
    columns += [table.language, table.employee_id, table.counts_for, table.attributed_by]
    columns += [table.overall, table.ramah, table.cakap, table.cekatan, table.cause]
    query = select(*columns).where(table.agency_id == agency_id, table.period == PERIOD)
    started = time.perf_counter()
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = db.session.execute(query.order_by(table.id), execution_options={"yield_per": 5000})
        csv.writer(file).writerows(rows)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
