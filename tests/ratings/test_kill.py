"""kill -9 of the server in the middle of 2,000 submissions: what was acknowledged is there, once.

A power cut cannot be tried here: the disk's own cache survives the death of a process.
"""

import http.client
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from portal import create_app
from portal.counters.queries import resolve_code
from portal.db import db
from portal.ratings.models import Rating
from portal.ratings.page import issue
from portal.ratings.tokens import Tokens
from tests.conftest import KEY, NOW, settings_for
from tests.factories import make_code, make_counter, make_duty, make_employee
from tests.ratings.test_scan_and_rate import CODE, token_in
from tests.servers import Server, serving

CLIENTS, EACH = 8, 250
KILLS = (500, 1200)  # after so many acknowledgements
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def server(database_url, tmp_path) -> Iterator[Server]:
    app = create_app(settings_for(database_url))
    with app.app_context():
        counter = make_counter()
        make_code(counter, CODE)
        make_duty(make_employee(), counter)
        db.session.remove()
        db.engine.dispose()
    with serving(database_url, tmp_path, PORTAL_WORKERS="2", PORTAL_THREADS="4") as server:
        yield server


@dataclass
class Phones:
    """Eight phones that keep a rating until its receipt has come."""

    server: Server
    tokens: list[str]
    receipts: dict[str, str] = field(default_factory=dict)
    trouble: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send_all(self, mine: list[str]) -> None:
        connection = self.connect()
        for token in mine:
            while (receipt := self.post(connection, token)) is None:
                connection.close()
                time.sleep(0.05)
                connection = self.connect()
            with self.lock:
                self.receipts[token] = receipt
        connection.close()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)

    def post(self, connection: http.client.HTTPConnection, token: str) -> str | None:
        # With a comment it is a transaction of two statements, else one statement alone.
        comment = "Cepat sekali" if hash(token) % 5 == 0 else ""
        body = urlencode({"token": token, "overall": "3", "comment": comment})
        try:
            connection.request("POST", f"/n/{CODE}", body, FORM)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            with self.lock:
                self.trouble[type(error).__name__] += 1
            return None
        assert answer.status in {303, 503}
        return answer.headers["Location"].split("?")[0] if answer.status == 303 else None


def issued_tokens(server: Server) -> list[str]:
    """Forms as 2,000 phones have opened them; one of them over HTTP, as proof that they pass."""
    app = create_app(settings_for(server.database_url))
    with app.app_context():
        resolved = resolve_code(CODE)
        assert resolved
        _page, form = issue(resolved, "poster", NOW)
        db.engine.dispose()
    tokens = Tokens([KEY])
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", f"/n/{CODE}")
    first = token_in(connection.getresponse().read().decode())
    connection.close()
    rest = [tokens.issue(replace(form, id=uuid.uuid4())) for _ in range(CLIENTS * EACH)]
    return [first, *rest]


def kill_and_restart(phones: Phones) -> None:
    for wanted in KILLS:
        while len(phones.receipts) < wanted:
            time.sleep(0.005)
        phones.server.kill()
        phones.server.start()


def test_kill_9_during_2000_submissions_of_8_phones_loses_and_doubles_nothing(server) -> None:
    once, *tokens = issued_tokens(server)
    phones = Phones(server, tokens)
    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        killer = pool.submit(kill_and_restart, phones)
        shares = [phones.tokens[start::CLIENTS] for start in range(CLIENTS)]
        for done in [pool.submit(phones.send_all, share) for share in shares]:
            done.result()
        killer.result()
    assert phones.trouble, "the server was killed while nobody was sending"
    assert set(phones.receipts) == set(phones.tokens)
    receipts = sent_by_two_processes(server, once)
    assert len(receipts) == 1
    stored = Counter(rows(server))
    assert max(stored.values()) == 1
    assert stored.keys() == set(phones.receipts.values()) | receipts
    for receipt in list(phones.receipts.values())[::200]:
        assert f'data-receipt="{receipt[3:]}"' in read(server, receipt)
    if server.database_url.startswith("sqlite"):
        with sqlite3.connect(server.database_url.removeprefix("sqlite:///")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        database.close()


def sent_by_two_processes(server: Server, token: str) -> set[str]:
    """The receipts that one token gets, sent at once to the server and by this process itself."""
    offset = (NOW - datetime.now(UTC)).total_seconds()
    app = create_app(settings_for(server.database_url, clock_offset=offset))
    phones = Phones(server, [token])
    fields = {"token": token, "overall": "3"}

    def there(_number: int) -> str | None:
        with closing(phones.connect()) as connection:
            return phones.post(connection, token)

    def here(_number: int) -> str | None:
        answer = app.test_client().post(f"/n/{CODE}", data=fields)
        return answer.location.split("?")[0] if answer.status_code == 303 else None

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(way, number) for number in range(4) for way in (there, here)]
        receipts = {one.result() for one in sent}
    with app.app_context():
        db.engine.dispose()
    assert None not in receipts
    return {receipt for receipt in receipts if receipt}


def rows(server: Server) -> list[str]:
    """The receipt of every stored rating."""
    app = create_app(settings_for(server.database_url))
    with app.app_context():
        found = [f"/t/{receipt}" for receipt in db.session.scalars(select(Rating.receipt))]
        db.session.remove()
        db.engine.dispose()
    return found


def read(server: Server, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    text = connection.getresponse().read().decode()
    connection.close()
    return text
