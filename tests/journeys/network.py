"""The network between a phone and the portal, and everything that goes wrong with it."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from click import Command
from flask import Flask

from tests.servers import Server


@dataclass(frozen=True)
class Portal:
    """The server, and an application over its database to prepare what a journey needs."""

    server: Server
    app: Flask
    engine: str

    def run(self, command: Command, *words: str) -> None:
        """A command without a process of its own, which would spend most of its time starting."""
        done = self.app.test_cli_runner().invoke(command, words)
        assert done.exit_code == 0, done.output


@dataclass
class Network:
    """A proxy in front of a server; the phone's browser and its worker see nothing else."""

    server_port: int
    port: int = 0
    down: bool = False  # nothing gets through
    loses_answers: bool = False  # requests arrive, answers do not
    slow: float = 0  # seconds that each sent rating takes
    silent: bool = False  # sent ratings arrive nowhere and nobody answers, until it heals
    failing_over: int | None = None  # 503 with this Retry-After instead of each sent rating
    release: str = ""  # text that makes the worker another one
    sent: list[float] = field(default_factory=list)  # moments at which ratings arrived here

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def heal(self) -> None:
        self.down, self.loses_answers, self.slow, self.failing_over = False, False, 0, None
        self.silent = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Network

    def do_GET(self) -> None:
        self._pass_on(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.network.down:
            self.network.sent.append(time.monotonic())
        time.sleep(self.network.slow)
        while self.network.silent:
            time.sleep(0.05)
        if self.network.failing_over is not None and not self.network.down:
            self.send_response(503)
            self.send_header("Retry-After", str(self.network.failing_over))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._pass_on(body)

    def _pass_on(self, body: bytes) -> None:
        if self.network.down:
            self.close_connection = True
            return
        upstream = http.client.HTTPConnection("127.0.0.1", self.network.server_port, timeout=60)
        upstream.request(self.command, self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if self.command == "POST" and self.network.loses_answers:
            self.close_connection = True
            return
        if self.path == "/sw.js" and self.network.release:
            content = f"// {self.network.release}\n".encode()  # all of the next release's worker
            content += self.plain_worker()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"} and not (
                self.path == "/sw.js"
                and name.lower() == "content-encoding"
                and self.network.release
            ):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def plain_worker(self) -> bytes:
        upstream = http.client.HTTPConnection("127.0.0.1", self.network.server_port, timeout=60)
        upstream.request("GET", "/sw.js")
        content = upstream.getresponse().read()
        upstream.close()
        return content

    def log_request(self, *args: object) -> None:
        pass


@contextmanager
def network_to(server_port: int) -> Iterator[Network]:
    network = Network(server_port)
    handler = type("Handler", (_Handler,), {"network": network})
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    proxy.daemon_threads = True
    network.port = proxy.server_port
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    yield network
    proxy.shutdown()
    proxy.server_close()
