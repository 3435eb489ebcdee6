"""Every staff page of the demo city and its public results: server time and queries, beside the
empty health page.

    python -m benchmarks.pages [--data instance/demo]

Makes the demo in a folder of its own unless one is given. Measured are the pages that demo.json
names for each role, and of each further kind of page one that a link leads the role to. Times are
medians of seven readings of a warm page inside one process, without network.
"""

import json
import re
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from statistics import median
from typing import Any

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from benchmarks.servers import PORTAL, percentile
from portal import access, create_app
from portal.config import Settings
from portal.db import db
from portal.operations.gunicorn_conf import post_worker_init
from portal.people.models import Account

READINGS = 7
FILES = (".bin", ".csv", ".ics", ".json", ".parquet", ".pdf", ".png", ".svg", ".xlsx", ".zip")
PUBLIC = ("/results", "/results/cempaka", "/results/cempaka/dukcapil")


@dataclass(frozen=True)
class Page:
    """What reading a page of a role cost: milliseconds in ascending order, queries."""

    path: str
    role: str
    times: list[float]
    queries: int

    @property
    def median(self) -> float:
        return median(self.times)

    @property
    def p95(self) -> float:
        return percentile(self.times, 0.95)


def signed_in(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    with app.app_context():
        account = db.session.scalars(select(Account).where(Account.email == email)).one()
        sign = account.fs_uniquifier
    with client.session_transaction() as session:
        session["_user_id"] = sign
        session["_fresh"] = True
    return client


def walked(client: FlaskClient, app: Flask, pages: Iterable[str]) -> Iterator[str]:
    """These pages, and of each further kind of staff page the first to which a link leads from
    here; links to files are left alone. A page that does not open is an error."""
    kind = app.url_map.bind("localhost")
    waiting, seen = deque(pages), set(pages)
    kinds = {kind.match(path.partition("?")[0])[0] for path in waiting}
    while waiting:
        path = waiting.popleft()
        answer = client.get(path)
        if answer.status_code == 302:
            continue
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        yield path
        if answer.mimetype == "text/html":
            for link in re.findall(r'<a [^>]*href="(/[^"#]*)"', answer.text):
                place = unescape(link).partition("?")[0]
                if place in seen or place.endswith(FILES):
                    continue
                seen.add(place)
                endpoint = kind.match(place)[0]
                open_to = access.access_of(app, endpoint)
                if endpoint not in kinds and open_to not in (None, access.PUBLIC):
                    kinds.add(endpoint)
                    waiting.append(unescape(link))


def milliseconds(client: FlaskClient, path: str, readings: int) -> list[float]:
    times = []
    for _reading in range(readings):
        started = time.perf_counter()
        status = client.get(path).status_code
        times.append((time.perf_counter() - started) * 1000)
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
    return sorted(times)


def queries(client: FlaskClient, path: str) -> int:
    counted: list[str] = []

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        counted.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    client.get(path)
    event.remove(Engine, "before_cursor_execute", count)
    return len(counted)


def walk(app: Flask, demo: dict[str, Any], readings: int) -> Iterator[Page]:
    """Every page that demo.json names and of each further kind the first that is linked, by the
    first account of each role; and those for all."""
    first: dict[str, str] = {}
    for account in demo["accounts"]:
        first.setdefault(account["role"], account["email"])
    post_worker_init(None)  # garbage is looked for as in a worker that serves
    for role, paths in {"public": PUBLIC, **demo["pages"]}.items():
        client = signed_in(app, first[role]) if role in first else app.test_client()
        for path in walked(client, app, paths) if role in first else paths:
            counted = queries(client, path)  # and the page is warm
            yield Page(path, role, milliseconds(client, path, readings), counted)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of a finished demo.")
def main(data: Path | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if data is None:
            data = Path(folder)
            subprocess.run(
                [PORTAL, "demo", "--data", folder, "--no-serve"], check=True, capture_output=True
            )
        print(json.dumps(measure(data)))


def measure(data: Path) -> dict[str, object]:
    demo = json.loads((data / "demo.json").read_text())
    url = f"sqlite:///{data / 'portal.db'}"
    app = create_app(Settings(database_url=url, log_level="ERROR"))
    least = median(milliseconds(app.test_client(), "/healthz", READINGS))
    pages = list(walk(app, demo, READINGS))
    with app.app_context():
        db.engine.dispose()
    slowest = max(pages, key=lambda page: page.median)
    most = max(pages, key=lambda page: page.queries)
    return {
        "pages": len(pages),
        "median_ms": round(median(page.median for page in pages), 1),
        "slowest_ms": round(slowest.median, 1),
        "slowest": slowest.path,
        "most_queries": most.queries,
        "most_queries_on": most.path,
        "floor_ms": round(least, 2),
    }


if __name__ == "__main__":
    main()
