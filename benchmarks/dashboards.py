"""Every page on ten million ratings of ten thousand employees: server time, queries.

    python -m benchmarks.dashboards [--rows 10000000] [--database postgresql] [--data FOLDER]

Makes the data set (big_city.py), in a folder of its own unless one is given, which is then kept
and measured again. Beside the pages: the empty health page, and the mean of each employee read
from the ratings themselves. Prints one JSON line; `--all` prints a line for each page before it.
"""

import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import click
from flask import Flask
from sqlalchemy import func, select

from benchmarks import big_city
from benchmarks.databases import kept, migrated
from benchmarks.pages import Page, milliseconds, walk
from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.people.models import Employee
from portal.ratings.models import Rating

WORST = 5


@click.command(help=__doc__)
@click.option("--rows", default=10_000_000, show_default=True, help="About so many ratings.")
@click.option("--database", "engine", default="sqlite", type=click.Choice(["sqlite", "postgresql"]))
@click.option("--data", type=click.Path(path_type=Path), help="Keep the data set here.")
@click.option("--readings", default=20, show_default=True, help="Of each page.")
@click.option("--all", "say_all", is_flag=True, help="A line for each page.")
def main(rows: int, engine: str, data: Path | None, readings: int, say_all: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        data = data or Path(folder)
        data.mkdir(parents=True, exist_ok=True)
        with kept(engine, data) as url:
            started = time.perf_counter()
            if not (data / "finished").exists():
                big_city.make(url, data, rows)
                (data / "finished").touch()
            migrated(url)  # what was kept may be of an older version
            made = time.perf_counter() - started
            app = create_app(Settings(database_url=url, log_level="ERROR", least_free_disk=0))
            demo = json.loads((data / "demo.json").read_text())
            print(json.dumps(measure(app, demo, readings, say_all) | {"made_s": round(made)}))
            with app.app_context():
                db.engine.dispose()


def measure(app: Flask, demo: dict[str, Any], readings: int, say_all: bool) -> dict[str, object]:
    size, scan = _scan(app)
    least = median(milliseconds(app.test_client(), "/healthz", readings))
    pages = []
    for page in walk(app, demo, readings):
        pages.append(page)
        if say_all:
            print(json.dumps({"role": page.role, **_figures(page)}), flush=True)
    slowest = sorted(pages, key=lambda page: -page.p95)
    middle = median(page.median for page in pages)
    return {
        "benchmark": "dashboards",
        **size,
        "pages": len(pages),
        "median_ms": round(middle, 1),
        "slowest_p95_ms": round(slowest[0].p95, 1),
        "slowest_reading_ms": round(max(page.times[-1] for page in pages), 1),
        "slowest": [_figures(page) for page in slowest[:WORST]],
        "most_queries": max(page.queries for page in pages),
        "floor_ms": round(least, 2),
        "scan_ms": round(scan),
        "scan_to_slowest": round(scan / slowest[0].p95, 1),
        "scan_to_median": round(scan / middle),
    }


def _figures(page: Page) -> dict[str, object]:
    return {
        "path": page.path,
        "p50_ms": round(page.median, 1),
        "p95_ms": round(page.p95, 1),
        "most_ms": round(page.times[-1], 1),
        "queries": page.queries,
    }


def _scan(app: Flask) -> tuple[dict[str, object], float]:
    """How much there is, and the milliseconds of every employee's mean from the ratings."""
    with app.app_context():
        query = select(Rating.employee_id, func.avg(Rating.overall)).group_by(Rating.employee_id)
        started = time.perf_counter()
        db.session.execute(query).all()
        scan = (time.perf_counter() - started) * 1000
        size: dict[str, object] = {
            "engine": db.engine.dialect.name,
            "ratings": db.session.scalar(select(func.count()).select_from(Rating)),
            "employees": db.session.scalar(select(func.count()).select_from(Employee)),
        }
        db.session.remove()
    return size, scan


if __name__ == "__main__":
    main()
