"""A portal under attack: requests as a server hands them on, and what must hold afterwards."""

import io
import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from unicodedata import category
from urllib.parse import quote_from_bytes, unquote_to_bytes

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import run_wsgi_app

from portal.counters.codes import ALPHABET
from portal.counters.queries import resolve_code
from portal.db import Base, db
from portal.ratings.attribution import Candidate, Offer
from portal.ratings.models import CAUSES, CHANNELS, ELEMENTS, Rating, RatingComment
from portal.ratings.page import issue
from portal.ratings.tokens import Form, Tokens
from tests.conftest import NOW
from tests.factories import (
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_rating,
    make_service,
)
from tests.ratings import corpus

CODE, OLD_CODE = "7K3M9QXA", "AAAA2222"
# What a stranger may add to. Everything else must stand as it stood.
OPEN_TABLES = {"rating", "rating_comment", "device_key", "withdrawal"}


@dataclass
class Attacked:
    """A portal under attack, and the forms it has issued."""

    app: Flask
    tokens: Tokens
    forms: list[Form]
    receipt: str
    issued: dict[uuid.UUID, Form] = field(default_factory=dict)

    def token(self, kind: int) -> str:
        """A genuine token, fresh each time; it also stands for the page opened without network."""
        form = replace(self.forms[kind % len(self.forms)], id=uuid.uuid4())
        token = self.tokens.issue(form)
        for one in (form, form.spare(token)):
            self.issued[one.id] = one
        return token

    def fill(self, template: str) -> str:
        return template.format(code=CODE, old=OLD_CODE, receipt=self.receipt)


def staffed(app: Flask) -> Attacked:
    """A counter with every kind of form: one named, a choice, nobody, by list, an old one."""
    services = make_service(), make_service(code="kk", name="Kartu Keluarga")
    counter = make_counter(services=services)
    make_code(counter, OLD_CODE)
    make_code(counter, CODE, version=2)
    sari, budi = make_employee(), make_employee(name="Budi Santoso")
    make_duty(sari, counter)
    receipt = make_rating(counter, sari, receipt="7" * 12).receipt
    resolved = resolve_code(CODE)
    assert resolved
    _page, one = issue(resolved, "poster", NOW)
    _page, listed = issue(resolved, "list", NOW)
    pair = Candidate(sari.id, True), Candidate(budi.id, False, False)
    forms = [
        one,
        replace(one, offer=Offer("choose", pair)),
        replace(one, offer=Offer("one", pair[:1], pair[1:]), services=one.services[:1]),
        replace(one, offer=Offer("nobody"), days=("2026-11-22", "2026-11-23"), services=()),
        listed,
        replace(one, code=OLD_CODE, code_version=1),
        replace(one, issued_at=NOW - timedelta(days=9)),
    ]
    return Attacked(app, app.extensions["rating_writer"].tokens, forms, receipt)


def rows_elsewhere() -> dict[str, int | None]:
    return {
        name: db.session.scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
        if name not in OPEN_TABLES and name != "refused_scan"  # scans that led nowhere are counted
    }


def send(
    portal: Attacked,
    path: str,
    body: bytes = b"",
    content_type: str = corpus.CONTENT_TYPES[0],
    *,
    method: str = "POST",
    query: str = "",
    cookie: str = "",
    language: str = "",
    length: str | None = None,
) -> int:
    """One request as a server hands it on, nothing tidied up by a well-meaning client."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(portal.fill(path)).decode("latin-1"),
        "QUERY_STRING": portal.fill(query),
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)) if length is None else length,
        "HTTP_COOKIE": cookie,
        "HTTP_ACCEPT_LANGUAGE": language,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    answer, status, headers = run_wsgi_app(portal.app, environ, buffered=True)
    b"".join(answer)
    assert not any("\n" in value or "\r" in value for value in headers.values())
    return int(status.split()[0])


def assert_no_failure(portal: Attacked, path: str, *args: object, **more: object) -> None:
    status = send(portal, path, *args, **more)  # type: ignore[arg-type]
    assert status < 500, f"{status} from {path!r} {args!r:.300} {more!r:.300}"


def assert_every_row_is_sound(portal: Attacked) -> int:
    """How many rows there are; each follows from a form that was issued."""
    with portal.app.app_context():
        ratings = db.session.scalars(select(Rating).where(Rating.receipt != portal.receipt)).all()
        for rating in ratings:
            _assert_follows(rating, portal.issued[rating.id])
        for comment in db.session.scalars(select(RatingComment)):
            assert comment.rating_id in portal.issued
            assert 0 < len(comment.text) <= 1000
            odd = {letter for letter in comment.text if category(letter) in {"Cc", "Cs"}}
            assert odd <= {"\n"}
    return len(ratings)


def _assert_follows(rating: Rating, form: Form) -> None:
    for name in ("agency_id", "period", "counter_id", "code_version", "issued_at"):
        assert getattr(rating, name) == getattr(form, name)
    assert NOW - form.issued_at <= timedelta(days=8)
    assert rating.channel in CHANNELS
    assert rating.overall in {1, 2, 3, 4}
    assert {getattr(rating, element) for element in ELEMENTS} <= {None, 1, 2, 3, 4}
    assert rating.cause in {None, *CAUSES}
    assert rating.service_id in {None, *form.services}
    people: dict[int | None, Candidate] = {
        one.employee_id: one for one in (*form.offer.named, *form.offer.others)
    }
    assert rating.employee_id in {None, *people}
    assert rating.counts_for == "O" or people[rating.employee_id].countable
    assert rating.language in {"id", "en", "jv", "su"}
    assert re.fullmatch(f"[{ALPHABET}]{{12}}", rating.receipt)
    assert rating.rated_on.isoformat() in {"2026-11-22", "2026-11-23"}
    assert rating.tries >= 0


def fields(**values: str | bytes) -> bytes:
    """A form body; lone surrogates and the like go out as the bytes they would be."""

    def quoted(value: str | bytes) -> str:
        raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        return quote_from_bytes(raw)

    return "&".join(f"{name}={quoted(value)}" for name, value in values.items()).encode()
