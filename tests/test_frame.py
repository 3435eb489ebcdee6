"""The frame: health, headers, closed doors."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.db import db
from portal.ratings.views import DEVICE_COOKIE
from tests.conftest import settings_for
from tests.factories import make_account, make_code, make_office, sign_in


def test_a_fresh_portal_is_healthy_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "disk": "ok",
    }


def test_without_its_database_the_portal_says_come_back_even_to_those_signed_in(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, make_account())

    @event.listens_for(Engine, "before_cursor_execute")
    def down(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        raise OperationalError(statement, {}, Exception("connection refused"))

    db.session.remove()
    for path in ("/home", "/"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "Layanan akan kembali" in answer.text
    event.remove(Engine, "before_cursor_execute", down)


@pytest.mark.parametrize("path", ["/employees/{}", "/find/{}/1", "/find/1/{}"])
def test_a_number_that_no_row_can_have_is_an_unknown_address(
    client: FlaskClient, path: str
) -> None:
    sign_in(client, make_account("administrator"))
    for number in (2**53 + 1, 2**63, 10**40):
        assert client.get(path.format(number)).status_code == 404


def test_a_body_that_is_too_large_is_told_so_whatever_its_type(client: FlaskClient) -> None:
    make_code()
    for content_type in ("application/json", "application/x-www-form-urlencoded"):
        answer = client.post("/n/7K3M9QXA", data=b"1" * 2_500_000, content_type=content_type)
        assert answer.status_code == 413
        assert "<h1>Kiriman terlalu besar</h1>" in answer.text


def test_a_form_that_is_too_large_says_how_large_it_may_be_and_leads_back(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, make_account("coordinator", make_office()))
    answer = client.post("/answers/new?office=1", data={"heard": "x" * 2_500_000})
    assert answer.status_code == 413
    assert "paling besar 2 MB" in answer.text
    assert 'href="/answers/new?office=1"' in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/healthz", "/no-such-page", "/static/portal.css"]
)
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_cookies_of_production_are_for_https_and_for_this_site_alone(app: Flask) -> None:
    production = create_app(
        settings_for(
            app.config["SETTINGS"].database_url,
            environment="production",
            mail_backend="smtp",
        )
    )
    client = production.test_client()
    with production.app_context():
        answer = client.get("/sign-in", base_url="https://loket.kota.example")
        db.engine.dispose()
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        for word in ("HttpOnly", "SameSite=Lax", "Secure"):
            assert word in cookie
    assert answer.headers["Strict-Transport-Security"]


def test_cookies_of_production_are_for_https_also_where_no_proxy_says_so(app: Flask) -> None:
    """Without PORTAL_PROXY_HOPS every request seems to come by http."""
    code, url = make_code(), app.config["SETTINGS"].database_url
    production = create_app(settings_for(url, environment="production", mail_backend="smtp"))
    client = production.test_client()
    with production.app_context():
        chosen = client.get("/?lang=en")
        page = client.get(f"/n/{code}").text
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token
        sent = client.post(f"/n/{code}", data={"token": token[1], "overall": "4"})
        db.session.remove()
        db.engine.dispose()
    assert sent.status_code == 303
    for answer, name in ((chosen, "lang"), (sent, DEVICE_COOKIE)):
        (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{name}=")]
        assert "; Secure" in cookie


def test_sqlite_keeps_what_was_acknowledged_waits_its_turn_and_checks_foreign_keys(
    tmp_path: Path,
) -> None:
    """Read back from the portal as it starts: tests' own connections do not wait for the disk."""
    portal = create_app(settings_for(f"sqlite:///{tmp_path}/portal.db"))
    names = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
    with portal.app_context():
        kept = [db.session.scalar(text(f"PRAGMA {name}")) for name in names]
        db.engine.dispose()
    full = 2
    assert kept == ["wal", full, 30_000, 1]


def test_pages_of_staff_stay_in_no_cache(client: FlaskClient) -> None:
    sign_in(client, make_account())
    assert client.get("/home").headers["Cache-Control"] == "no-store"


def test_an_unknown_address_is_a_page_with_a_next_step_in_the_readers_language(
    app: Flask, client: FlaskClient
) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert "Halaman tidak ditemukan" in answer.text
    assert 'href="/"' in answer.text
    with app.app_context():  # a new one: the language is remembered in it
        english = client.get("/no-such-page", headers={"Accept-Language": "en"})
    assert "Page not found" in english.text


def test_the_address_a_form_was_sent_to_leads_back_to_a_page(
    app: Flask, client: FlaskClient
) -> None:
    """After an error the form stands there: a reload, or another language, opens that address."""
    only_sent = [
        re.sub(r"<[^>]*>", "1", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.methods is not None
        and "GET" not in rule.methods
        and "POST" in rule.methods
        and not rule.rule.startswith("/api/")
    ]
    wrong = {
        path: answer.status_code
        for path in only_sent
        if (answer := client.get(f"{path}?lang=en")).status_code == 405
    }
    assert not wrong
    answer = client.get("/counters/1/code/replace?lang=en")
    assert answer.headers["Location"] == "/counters/1?lang=en"
    assert client.put("/counters/1/code/replace").status_code == 405


def test_the_api_answers_errors_in_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/no-such-thing")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["status"] == 404


def test_figures_are_for_allowed_addresses_or_the_token(app: Flask, client: FlaskClient) -> None:
    assert b"portal_requests_total" in client.get("/metrics").data
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get("/metrics", environ_base=stranger).status_code == 404
    app.config["SETTINGS"].metrics_token = SecretStr("figures")
    assert client.get("/metrics").status_code == 404
    signed = {"Authorization": "Bearer figures"}
    assert client.get("/metrics", headers=signed, environ_base=stranger).status_code == 200


def test_a_method_that_somebody_invents_has_no_figure_of_its_own(client: FlaskClient) -> None:
    """Else each would stay in memory for good."""
    client.open("/healthz", method="BREW")
    figures = client.get("/metrics").text
    assert "BREW" not in figures
    assert 'method="other",rule="none",status="405"' in figures


def test_guessing_passwords_is_slowed_down(client: FlaskClient) -> None:
    token = client.get("/sign-in").text.split('name="csrf_token"')[1].split('value="')[1]
    guess = {"csrf_token": token.split('"')[0], "email": "a@b.example", "password": "guess"}
    answers = [client.post("/sign-in", data=guess) for _try in range(25)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "Terlalu banyak percobaan" in answers[-1].text
