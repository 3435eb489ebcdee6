"""The portal as it runs for people: `portal serve` in a process of its own, on a free port."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError

from tests.conftest import KEY, NOW

PATIENCE = 60  # seconds until a server on a busy machine must answer


def seconds_to_now() -> float:
    """How far a clock that runs is set so that it shows NOW at this moment."""
    return (NOW - datetime.now(UTC)).total_seconds()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """One server over a database; may be killed and started again on the same port."""

    database_url: str
    log: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """For the server and for any other `portal` command; its clock starts at NOW."""
        return {
            **{name: value for name, value in os.environ.items() if name[:7] != "PORTAL_"},
            "PORTAL_DATABASE_URL": self.database_url,
            "PORTAL_SECRET_KEYS": KEY,
            "PORTAL_PUBLIC_URL": self.address,
            "PORTAL_CLOCK_OFFSET": str(seconds_to_now()),
            "PORTAL_LEAST_FREE_DISK": "0",
            "PORTAL_MAIL_DIRECTORY": str(self.log.parent / "mail"),
            "PORTAL_LOG_LEVEL": "WARNING",
            **self.settings,
        }

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*PORTAL, "serve", "--port", str(self.port)],
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"no server: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def kill(self) -> None:
        """The whole process group at once, as a power cut would; nothing is tidied up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, number)
            self.process.wait(PATIENCE)
            self.process = None

    def run(self, *command: str) -> str:
        """Another `portal` command on the same database, beside the running server."""
        done = subprocess.run(
            [*PORTAL, *command], env=self.environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


PORTAL = (sys.executable, "-m", "portal.cli")


@contextmanager
def serving(database_url: str, folder: Path, **settings: str) -> Iterator[Server]:
    server = Server(database_url, folder / "server.log", settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
