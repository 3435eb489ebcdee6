"""A quarter's ratings as a CSV file: python -m benchmarks.exporting. Prints one JSON line.

    python -m benchmarks.exporting [--database sqlite|postgresql] [--ratings N]

1,000,000 released ratings of 10,000 employees. The floor is reading as many columns of the same
rows, in the same order and in portions, and writing them unchanged.
"""

import argparse
import csv
import json
import multiprocessing
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, text

from benchmarks.databases import database, open_counters
from benchmarks.release import NOW, PERIOD, _fill, _peak
from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.operations.exporting import write_csv
from portal.people.models import Agency
from portal.people.queries import Scope
from portal.ratings.models import Rating
from portal.records.evidence import last_release
from portal.records.rating_files import moment_of, rating_file
from portal.spreadsheets import cell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--ratings", type=int, default=1_000_000)
    parser.add_argument("--employees", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with database(arguments.database) as url, tempfile.TemporaryDirectory() as folder:
        filling = multiprocessing.get_context("spawn").Process(
            target=_fill_all, args=(url, arguments)
        )
        filling.start()  # whose memory is no part of the figures
        filling.join()
        app = create_app(Settings(database_url=url, log_level="ERROR", least_free_disk=0))
        with app.app_context():
            agency_id = db.session.scalars(select(Agency.id)).one()
            before = _peak()
            started = time.perf_counter()
            release = last_release(agency_id, PERIOD)
            assert release
            found = rating_file(Scope(agency_id, None), moment_of(release), cell=cell)
            read = time.perf_counter() - started
            path = Path(folder) / "ratings.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                write_csv(file, found, begins=True)
            seconds = time.perf_counter() - started
            peak = _peak()
            floor = _copy(agency_id, Path(folder) / "floor.csv")
            figures = {
                "benchmark": "exporting",
                "engine": db.engine.dialect.name,
                "ratings": found.lines,
                "withheld": found.withheld,
                "seconds": round(seconds, 1),
                "reading_seconds": round(read, 1),
                "floor_seconds": round(floor, 1),
                "ratio": round(seconds / floor, 1),
                "peak_mib": round(peak),
                "mib_before": round(before),
                "file_mib": round(path.stat().st_size / 2**20),
            }
            db.session.remove()
            db.engine.dispose()
    print(json.dumps(figures))


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
