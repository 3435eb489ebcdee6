"""Whatever is sent to the citizens' pages: an answer that is no failure, and no row without a
valid token."""

import os
from collections.abc import Iterator
from itertools import zip_longest

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal import create_app
from portal.db import db
from portal.ratings.models import ELEMENTS
from portal.ratings.tokens import Tokens
from tests.conftest import NOW, fresh_database, set_clock, settings_for
from tests.ratings import corpus
from tests.ratings.attacked import (
    Attacked,
    assert_every_row_is_sound,
    assert_no_failure,
    fields,
    rows_elsewhere,
    send,
    staffed,
)
from tests.ratings.generated import ADDRESS, MORE, hostile_forms, with_tokens

IN_THE_SUITE = 2000
BODIES = int(os.environ.get("PORTAL_FUZZ_BODIES", IN_THE_SUITE))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def attacked(request, tmp_path_factory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    with fresh_database(request.param, request, folder) as url, pytest.MonkeyPatch.context() as m:
        set_clock(m, NOW)
        app = create_app(settings_for(url, log_level="ERROR"))
        with app.app_context():
            portal = staffed(app)
            before = rows_elsewhere()
        # Outside: each request must have a context of its own, as it has on a server.
        yield portal
        with app.app_context():
            assert rows_elsewhere() == before
            db.session.remove()
            db.engine.dispose()


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
