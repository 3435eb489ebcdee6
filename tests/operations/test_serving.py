"""The server itself: started, asked, stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest

if sys.platform == "win32":
    pytest.skip("signals and /proc are not there", allow_module_level=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    database: Path, *options: str, output: IO[bytes] | None = None, **settings: str
) -> Iterator[tuple[int, str]]:
    port = free_port()
    program = [sys.executable, "-m", "portal.cli", "serve", "--port", str(port), *options]
    environment = os.environ | {"PORTAL_DATABASE_URL": f"sqlite:///{database}"} | settings
    server = subprocess.Popen(program, env=environment, stdout=output, stderr=output)
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                time.sleep(0.1)
        yield server.pid, address
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())  # empty for one that has ended
    except FileNotFoundError:
        return False


def test_it_serves_with_due_work_beside_it_and_stops_with_it(
    sqlite_template: Path, tmp_path: Path
) -> None:
    database = tmp_path / "portal.db"
    database.write_bytes(sqlite_template.read_bytes())
    with serving(database, "--with-tick") as (pid, address):
        with urllib.request.urlopen(f"{address}/readyz") as answer:
            assert json.load(answer)["status"] == "ok"
        began = children(pid)
        assert len(began) == 2  # the web process and the loop of `portal tick`
    deadline = time.monotonic() + 10
    while any(alive(child) for child in began) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [child for child in began if alive(child)]


def test_several_processes_add_up_their_figures(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "portal.db"
    database.write_bytes(sqlite_template.read_bytes())
    with serving(database, PORTAL_WORKERS="2") as (pid, address):
        deadline = time.monotonic() + 20  # the first one answers before the second has begun
        while len(children(pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(children(pid)) == 2
        for _ in range(20):
            urllib.request.urlopen(f"{address}/readyz").close()
        with urllib.request.urlopen(f"{address}/metrics") as answer:
            lines = answer.read().decode().splitlines()
    of_readyz = 'portal_requests_total{method="GET",rule="/readyz"'
    counted = [line for line in lines if line.startswith(of_readyz)]
    assert [line.rsplit(" ", 1)[1] for line in counted] == ["20.0"]


def test_no_log_holds_who_asked_or_which_receipt(sqlite_template: Path, tmp_path: Path) -> None:
    database = tmp_path / "portal.db"
    database.write_bytes(sqlite_template.read_bytes())
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        serving(database, output=output, PORTAL_LOG_LEVEL="DEBUG") as (_pid, address),
    ):
        for path in ("/", "/t/7K3M9QXA7K3M", "/n/7K3M9QXA"):
            asked = urllib.request.Request(
                address + path,
                headers={"User-Agent": "Redmi Note", "X-Forwarded-For": "203.0.113.77"},
            )
            with suppress(urllib.error.HTTPError):
                urllib.request.urlopen(asked).close()
    said = log.read_text()
    for told in ("Redmi", "203.0.113.77", "127.0.0.1 -", "7K3M9QXA"):
        assert told not in said


def test_a_database_that_was_not_migrated_is_not_served(tmp_path: Path) -> None:
    environment = os.environ | {"PORTAL_DATABASE_URL": f"sqlite:///{tmp_path}/portal.db"}
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "serve", "--port", str(free_port())],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "run portal upgrade" in done.stderr


def test_what_a_worker_keeps_from_its_first_pages_is_not_looked_through_for_ever() -> None:
    program = """
import gc
from portal.operations import gunicorn_conf as conf

def frozen_by_a_full_look():
    before = gc.get_freeze_count()
    kept.append([[] for _ in range(10_000)])
    gc.collect()
    return gc.get_freeze_count() - before

kept = []
conf.post_worker_init(None)
print(frozen_by_a_full_look() >= 10_000)
while gc.get_stats()[2]["collections"] < conf.SETTLED:
    gc.collect()
print(frozen_by_a_full_look())
"""
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    assert said.stdout.split() == ["True", "0"], said.stderr
