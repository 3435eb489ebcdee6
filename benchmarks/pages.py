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
from html import unescape
from pathlib import Path
from statistics import median

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from benchmarks.servers import PORTAL
from portal import access, create_app
from portal.config import Settings
from portal.db import db
from portal.people.models import Account

READINGS = 7
FILES = (".bin", ".csv", ".ics", ".json", ".parquet", ".pdf", ".png", ".svg", ".xlsx", ".zip")
PUBLIC = ("/results", "/results/cempaka", "/results/cempaka/dukcapil")


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


def milliseconds(client: FlaskClient, path: str) -> float:
    times = []
    for _reading in range(READINGS):
        started = time.perf_counter()
        status = client.get(path).status_code
        times.append((time.perf_counter() - started) * 1000)
        if status != 200:
            raise RuntimeError(f"{path}: {status}")
    return median(times)


def queries(client: FlaskClient, path: str, engine: Engine) -> int:
    counted: list[str] = []

    def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
        counted.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    client.get(path)
    event.remove(engine, "before_cursor_execute", count)
    return len(counted)


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
    first = {}
    for account in demo["accounts"]:
        first.setdefault(account["role"], account["email"])
    url = f"sqlite:///{data / 'portal.db'}"
    app = create_app(Settings(database_url=url, log_level="ERROR"))
    rows = []
    with app.app_context():
        engine = db.engine
    least = milliseconds(app.test_client(), "/healthz")
    public = app.test_client()
    for path in PUBLIC:
        rows.append((milliseconds(public, path), queries(public, path, engine), path, "public"))
    for role, paths in demo["pages"].items():
        client = signed_in(app, first[role])
        for path in walked(client, app, paths):
            rows.append((milliseconds(client, path), queries(client, path, engine), path, role))
    engine.dispose()
    slowest, most = max(rows), max(rows, key=lambda row: row[1])
    return {
        "pages": len(rows),
        "median_ms": round(median(row[0] for row in rows), 1),
        "slowest_ms": round(slowest[0], 1),
        "slowest": slowest[2],
        "most_queries": most[1],
        "most_queries_on": most[2],
        "floor_ms": round(least, 2),
    }


if __name__ == "__main__":
    main()
