"""Asking another system over HTTP: the address that was named and no other, and not for long."""

import io
import time
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import IO, Any
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, Request, build_opener


def ask(request: Request, seconds: float) -> None:
    """Send a request and wait at most so long for a beginning of an answer, however slowly it
    drips; what follows the beginning is not read.

    Raises HTTPError for every answer but 2xx, redirects too, OSError where nobody answers in
    time, and HTTPException where it is no answer.
    """
    with build_opener(_NoRedirects, _Plain, _Encrypted).open(request, timeout=seconds):
        pass


class _NoRedirects(HTTPRedirectHandler):
    """The operator named one address: nobody there may send the portal to another."""

    def redirect_request(self, *what: Any) -> None:
        return None


class _InTime(io.RawIOBase):
    """What comes from a socket until its patience, which each single read would have anew, is
    used up by all of them."""

    def __init__(self, raw: IO[bytes], socket: Any) -> None:
        self._raw: Any = raw
        self._socket = socket
        self._ends = time.monotonic() + socket.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._socket.settimeout(left)
        read: int | None = self._raw.readinto(buffer)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    fp: Any

    def __init__(self, sock: Any, *rest: Any, **named: Any) -> None:
        super().__init__(sock, *rest, **named)
        self.fp = io.BufferedReader(_InTime(self.fp.detach(), sock))


class _PlainConnection(HTTPConnection):
    response_class = _Answer


class _EncryptedConnection(HTTPSConnection):
    response_class = _Answer


class _Plain(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_PlainConnection, req)


class _Encrypted(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_EncryptedConnection, req)
