"""Whatever is sent to the citizens' pages: an answer that is no failure, and no row without a
valid token."""

import io
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import zip_longest
from unicodedata import category
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import run_wsgi_app

from portal import create_app
from portal.counters.codes import ALPHABET
from portal.counters.queries import resolve_code
from portal.db import Base, db
from portal.ratings.attribution import Candidate, Offer
from portal.ratings.models import CAUSES, CHANNELS, ELEMENTS, Rating, RatingComment
from portal.ratings.page import issue
from portal.ratings.tokens import Form, Tokens
from tests.conftest import NOW, fresh_database, set_clock, settings_for
from tests.factories import (
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_rating,
    make_service,
)
from tests.ratings import corpus

IN_THE_SUITE = 2000
BODIES = int(os.environ.get("PORTAL_FUZZ_BODIES", IN_THE_SUITE))
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
        """A genuine token, fresh each time."""
        form = replace(self.forms[kind % len(self.forms)], id=uuid.uuid4())
        self.issued[form.id] = form
        return self.tokens.issue(form)

    def fill(self, template: str) -> str:
        return template.format(code=CODE, old=OLD_CODE, receipt=self.receipt)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def attacked(request, tmp_path_factory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    with fresh_database(request.param, request, folder) as url, pytest.MonkeyPatch.context() as m:
        set_clock(m, NOW)
        app = create_app(settings_for(url, log_level="ERROR"))
        with app.app_context():
            portal = _staffed(app)
            before = _rows_elsewhere()
        # Outside: each request must have a context of its own, as it has on a server.
        yield portal
        with app.app_context():
            assert _rows_elsewhere() == before
            db.session.remove()
            db.engine.dispose()


def _staffed(app: Flask) -> Attacked:
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


def _rows_elsewhere() -> dict[str, int | None]:
    return {
        name: db.session.scalar(select(func.count()).select_from(table))
        for name, table in Base.metadata.tables.items()
        if name not in OPEN_TABLES
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
    people = {one.employee_id: one for one in (*form.offer.named, *form.offer.others)}
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


def test_no_address_of_the_corpus_fails(attacked) -> None:
    for path in corpus.PATHS:
        for method in ("POST", "GET"):
            assert_no_failure(attacked, path, method=method)
    for method in corpus.METHODS:
        for path in ("/n/{code}", "/t/{receipt}", "/find", "/nothing"):
            assert_no_failure(attacked, path, method=method)


def test_no_query_of_the_corpus_fails(attacked) -> None:
    for query in corpus.QUERIES:
        assert_no_failure(attacked, "/n/{code}", query=query)
        for path in ("/n/{code}", "/t/{receipt}", "/find", "/"):
            assert_no_failure(attacked, path, method="GET", query=query)


def test_no_text_of_the_corpus_fails_in_any_field(attacked) -> None:
    others = (*ELEMENTS, "cause", "service", "who", "day", "comment")
    for kind, text in enumerate(corpus.TEXTS):
        token = attacked.token(kind)
        alone = fields(token=token, overall="4", comment=text)
        everywhere = fields(token=attacked.token(kind), overall="4", **dict.fromkeys(others, text))
        refused = fields(token="x", overall=text, **dict.fromkeys(others, text))
        for body in (alone, everywhere, refused, fields(token=token, overall=text)):
            assert_no_failure(attacked, "/n/{code}", body)
    assert assert_every_row_is_sound(attacked) > 0


def test_no_token_of_the_corpus_fails_or_stores(attacked) -> None:
    for text in corpus.TOKENS + corpus.TEXTS:
        assert_stored_only_if_genuine(attacked, text.replace("{token}", attacked.token(0)))


def test_a_token_with_any_bit_flipped_stores_nothing(attacked) -> None:
    genuine = attacked.token(0)
    for place, letter in enumerate(genuine):
        flipped = chr(ord(letter) ^ (1 << place % 7))
        assert_stored_only_if_genuine(attacked, genuine[:place] + flipped + genuine[place + 1 :])


def test_a_token_signed_with_another_key_stores_nothing(attacked) -> None:
    foreign = Tokens(["another portal's key, as long as it must be"]).issue(attacked.forms[0])
    assert send(attacked, "/n/{code}", fields(token=foreign, overall="4")) == 422


def assert_stored_only_if_genuine(portal: Attacked, token: str) -> None:
    status = send(portal, "/n/{code}", fields(token=token, overall="4"))
    if status == 303:
        # Base64 has bits and letters that mean nothing: it is the same form all the same.
        form = portal.tokens.read(token, NOW)
        assert form == portal.issued[form.id]
    else:
        assert status == 422


def test_no_body_of_the_corpus_fails_under_any_type(attacked) -> None:
    for kind, body in enumerate(corpus.BODIES):
        for content_type in corpus.CONTENT_TYPES if kind < 6 else corpus.CONTENT_TYPES[::6]:
            whole = body.replace(b"{token}", attacked.token(kind).encode())
            assert_no_failure(attacked, "/n/{code}", whole, content_type)
    assert_every_row_is_sound(attacked)


def test_no_claimed_length_fails(attacked) -> None:
    for length in corpus.LENGTHS:
        for content_type in corpus.CONTENT_TYPES[::6]:
            body = fields(token=attacked.token(0), overall="4", comment="Terima kasih")
            assert_no_failure(attacked, "/n/{code}", body, content_type, length=length)
    assert_every_row_is_sound(attacked)


def test_no_cookie_or_language_of_the_corpus_fails(attacked) -> None:
    for cookie, language in zip_longest(corpus.COOKIES, corpus.LANGUAGES, fillvalue=""):
        body = fields(token=attacked.token(0), overall="4")
        assert_no_failure(attacked, "/n/{code}", body, cookie=cookie, language=language)
        for path in ("/n/{code}", "/t/{receipt}", "/nothing"):
            assert_no_failure(attacked, path, method="GET", cookie=cookie, language=language)
    assert_every_row_is_sound(attacked)


def mostly(usual: st.SearchStrategy, odd: st.SearchStrategy) -> st.SearchStrategy:
    """One oddity at a time gets further into the portal than ten."""
    return st.sampled_from([*[True] * 5, False]).flatmap(lambda plain: usual if plain else odd)


TEXT = st.one_of(
    st.sampled_from(corpus.TEXTS),
    st.text(max_size=60),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Nd"]), max_size=30),
    st.binary(max_size=40),
    st.builds(lambda text, times: text * times, st.text(max_size=8), st.integers(0, 3000)),
    st.integers().map(str),
)
TOKEN = mostly(
    st.just("{token}"),
    st.one_of(
        st.sampled_from(corpus.TOKENS),
        st.tuples(st.integers(0, 400), st.integers(1, 255)),  # where to spoil it, and by what
    ),
)
ANSWER = mostly(st.sampled_from(["1", "2", "3", "4"]), TEXT)
OTHER_NAME = st.one_of(
    st.sampled_from(["website", "token", "overall", "tries", "employee_id", "counts_for", ""]),
    st.text(max_size=12),
)
FIELD = st.one_of(
    st.tuples(st.sampled_from(ELEMENTS), ANSWER),
    st.tuples(st.just("cause"), st.one_of(st.sampled_from(CAUSES), TEXT)),
    st.tuples(st.just("who"), st.one_of(st.integers(-3, 9).map(lambda i: f"n{i}"), TEXT)),
    st.tuples(st.just("day"), st.one_of(st.integers(-3, 9).map(str), TEXT)),
    st.tuples(st.just("service"), st.one_of(st.integers(-3, 2**70).map(str), TEXT)),
    st.tuples(st.just("comment"), TEXT),
    st.tuples(OTHER_NAME, TEXT),
)


@st.composite
def hostile_forms(draw: st.DrawFn) -> tuple[bytes, str]:
    """A body with {token} in the token's place, and its content type."""
    token = draw(TOKEN)
    spoil = f"{{token:{token[0]}:{token[1]}}}" if isinstance(token, tuple) else token
    pairs = [("token", spoil), ("overall", draw(ANSWER)), *draw(st.lists(FIELD, max_size=6))]
    pairs = draw(st.permutations(pairs)) if draw(st.booleans()) else pairs
    if draw(st.integers(0, 5)):
        body = b"&".join(fields(v=value)[2:].join([_name(name), b""]) for name, value in pairs)
        body = body.replace(b"%7B", b"{").replace(b"%7D", b"}").replace(b"%3A", b":")
        kinds = st.just(corpus.CONTENT_TYPES[0])
    else:
        body = b"".join(_part(name, value) for name, value in pairs) + b"--B--\r\n"
        kinds = st.just("multipart/form-data; boundary=B")
    if draw(mostly(st.just(False), st.booleans())):
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(st.binary(max_size=9)) + body[place + draw(st.integers(0, 3)) :]
    wrong = st.sampled_from(corpus.CONTENT_TYPES)
    return body, draw(mostly(kinds, wrong))


def _name(name: str) -> bytes:
    return quote_from_bytes(name.encode("utf-8", "surrogatepass")).encode() + b"="


def _part(name: str, value: str | bytes) -> bytes:
    raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode("utf-8", "surrogatepass") + raw + b"\r\n"


_SPOILT = re.compile(rb"\{token(?::(\d+):(\d+))?\}")


def with_tokens(portal: Attacked, body: bytes, kind: int) -> bytes:
    """The body with genuine tokens, or with a genuine one that was spoilt, put in."""

    def token(found: re.Match[bytes]) -> bytes:
        text = portal.token(kind).encode()
        if found[1] is None:
            return text
        place = int(found[1]) % len(text)
        return text[:place] + bytes([text[place] ^ int(found[2])]) + text[place + 1 :]

    return _SPOILT.sub(token, body)


REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "query": st.sampled_from(corpus.QUERIES),
        "cookie": st.sampled_from(corpus.COOKIES),
        "language": st.sampled_from(corpus.LANGUAGES),
        "length": st.sampled_from(corpus.LENGTHS),
    },
)
MORE = mostly(st.just({}), REQUEST)
ADDRESS = mostly(
    st.just("/n/{code}"),
    st.one_of(
        st.sampled_from(corpus.PATHS),
        st.binary(max_size=20).map(lambda raw: f"/n/{quote_from_bytes(raw)}"),
        st.binary(max_size=20).map(lambda raw: f"/t/{quote_from_bytes(raw)}"),
    ),
)


def test_no_generated_request_fails_or_stores_what_it_must_not(attacked) -> None:
    sqlite = attacked.app.config["SETTINGS"].database_url.startswith("sqlite")

    @settings(
        max_examples=BODIES if sqlite else max(BODIES // 8, 1),
        deadline=None,
        database=None,
        derandomize=BODIES == IN_THE_SUITE,  # the same ones each time; `make fuzz` finds new ones
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(ADDRESS, hostile_forms(), st.integers(0, 6), MORE)
    def attack(path: str, form: tuple[bytes, str], kind: int, more: dict[str, str | None]) -> None:
        body, content_type = form
        whole = with_tokens(attacked, body, kind)
        assert_no_failure(attacked, path, whole, content_type, **more)

    before = assert_every_row_is_sound(attacked)
    attack()
    # Not everything was turned away: among the hostile there are forms that are merely odd.
    assert assert_every_row_is_sound(attacked) > before + BODIES // 100
