"""Servers under measurement: started, watched (CPU, memory), loaded by phones, stopped."""

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

TOKEN = re.compile(rb'name="token" value="([^"]+)"')
TICKS = os.sysconf("SC_CLK_TCK")
PORTAL = Path(sys.executable).with_name("portal")


@dataclass
class Server:
    """A running server with all its processes."""

    process: subprocess.Popen[bytes]
    port: int

    def pids(self) -> list[int]:
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            children = Path(f"/proc/{pid}/task/{pid}/children")
            waiting += [int(child) for child in children.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        total = 0
        for pid in self.pids():
            values = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(values[11]) + int(values[12])
        return total / TICKS

    def memory_mib(self) -> float:
        """Memory of all processes, what they share counted once (PSS)."""
        total = 0
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total / 1024


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[Server]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_for(process, port)
            yield Server(process, port)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read()[-2000:].decode(errors="replace"))
            raise
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


@contextmanager
def floor(folder: Path, threads: int = 8) -> Iterator[Server]:
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("gunicorn")),
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        f"--threads={threads}",
        "--preload",
        "--log-level=warning",
        "benchmarks.floor:app",
    ]
    with running(command, port, FLOOR_DATABASE=str(folder / "floor.db")) as server:
        yield server


@contextmanager
def portal(url: str, workers: int = 1) -> Iterator[Server]:
    port = free_port()
    command = [str(PORTAL), "serve", "--port", str(port)]
    environment = {"PORTAL_DATABASE_URL": url, "PORTAL_WORKERS": str(workers)}
    with running(command, port, **environment) as server:
        yield server


@dataclass
class Load:
    """Phones that scan, rate and read their receipt."""

    port: int
    paths: list[str]
    posts: list[float] = field(default_factory=list)
    failures: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, visits: int, phones: int, per_second: float | None = None) -> float:
        """Seconds that the visits took; at a steady rate when one is given."""
        started = time.monotonic()
        threads = [
            threading.Thread(target=self._phone, args=(number, phones, visits, per_second, started))
            for number in range(phones)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - started

    def _phone(
        self, number: int, phones: int, visits: int, per_second: float | None, started: float
    ) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for visit in range(number, visits, phones):
            if per_second:
                time.sleep(max(0.0, started + visit / per_second - time.monotonic()))
            try:
                seconds = self._visit(connection, self.paths[visit % len(self.paths)])
            except (http.client.HTTPException, OSError, AssertionError):
                with self._lock:
                    self.failures += 1
                connection.close()
                continue
            with self._lock:
                self.posts.append(seconds)
        connection.close()

    def _visit(self, connection: http.client.HTTPConnection, path: str) -> float:
        headers = {"Accept-Encoding": "gzip", "Accept-Language": "id"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
        found = TOKEN.search(_plain(body))
        assert found
        form = urllib.parse.urlencode({"token": found[1].decode(), "overall": "4"})
        begun = time.perf_counter()
        connection.request(
            "POST",
            path,
            form,
            headers | {"Content-Type": "application/x-www-form-urlencoded"},
        )
        answer = connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - begun
        assert answer.status == 303
        connection.request("GET", answer.headers["Location"], headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        return seconds


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body)


def percentile(values: list[float], share: float) -> float:
    """The smallest of the values that this share of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[ceil(len(ordered) * share) - 1]
