"""Signing in, recovering and changing a password, and what the audit log says of it."""

import re
from collections.abc import Callable
from pathlib import Path

import flask_security.core
import pytest
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from sqlalchemy import select

from portal import create_app
from portal.db import db
from portal.people.models import Account, AuditEvent, OutboxMessage
from tests.conftest import settings_for
from tests.factories import make_account, sign_in

PASSWORD = "kota-cempaka-raya"
NEW_PASSWORD = "melati-putih-harum"


@pytest.fixture
def account(client: FlaskClient) -> Account:
    account = make_account("supervisor")
    account.password = hash_password(PASSWORD)
    db.session.commit()
    return account


def test_a_password_costs_whoever_guesses_at_least_what_owasp_asks_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(flask_security.core._default_config, "PASSWORD_HASH_PASSLIB_OPTIONS", {})
    with create_app(settings_for(f"sqlite:///{tmp_path}/none.db")).app_context():
        found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),", hash_password(PASSWORD))
    assert found
    memory, passes = map(int, found.groups())
    assert memory >= 19 * 1024  # KiB
    assert passes >= 2


@pytest.fixture
def send(client: FlaskClient) -> Callable[..., object]:
    """Fill in a page's form as a browser would, with its token."""

    def fill(path: str, **fields: str) -> object:
        page = client.get(path).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, page
        return client.post(path, data={"csrf_token": token[1], **fields})

    return fill


def acts() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.at)))


def test_the_right_password_opens_the_landing_page(client, account, send) -> None:
    email = account.email
    answer = send("/sign-in", email=email.upper(), password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/start")
    assert "supervisor" in client.get("/home").text
    assert acts() == ["sign_in"]


def test_a_wrong_password_is_explained_in_the_readers_language(client, account, send) -> None:
    email = account.email
    answer = send("/sign-in", email=email, password="not-the-password")
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert client.get("/home").status_code == 302


def test_a_failed_sign_in_is_noted_without_what_was_typed(client, account, send) -> None:
    email, key = account.email, account.id
    send("/sign-in", email=email, password="not-the-password")
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject, event.account_id, event.detail) == (
        "sign_in_failed",
        f"account:{key}",
        None,
        {},
    )


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(account, send) -> None:
    email = account.email
    wrong = send("/sign-in", email=email, password="not-the-password").text
    unknown = send("/sign-in", email="nobody@kota.example", password="not-the-password").text

    def alert(page: str) -> str:
        return re.sub(r"\s+", " ", re.search(r'role="alert".*?</ul>', page, re.DOTALL)[0])

    assert alert(wrong) == alert(unknown)


def test_a_closed_account_cannot_sign_in(client, account, send) -> None:
    email = account.email
    account.active = False
    db.session.commit()
    send("/sign-in", email=email, password=PASSWORD)
    assert client.get("/home").status_code == 302


def test_recovery_answers_the_same_for_known_and_unknown_addresses(account, send) -> None:
    def words(email: str) -> str:
        page = send("/recover", email=email).text.replace(email, "ADDRESS")
        return re.search(r"<main.*</main>", re.sub(r'value="[^"]*"', "", page), re.DOTALL)[0]

    assert words(account.email) == words("nobody@kota.example")


def test_a_forgotten_password_is_replaced_by_a_link_from_the_outbox(client, account, send) -> None:
    email = account.email
    send("/recover", email=email)
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert mail.recipient == email
    link = re.search(r"https://loket\.kota\.example(/recover/\S+)", mail.body)
    assert link, mail.body
    answer = send(link[1], password=NEW_PASSWORD, password_confirm=NEW_PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/sign-in")
    assert send("/sign-in", email=email, password=NEW_PASSWORD).location == "/start"
    assert sorted(acts()) == ["new_password", "recovery_asked", "sign_in"]


def test_a_recovery_link_works_once(client, account, send) -> None:
    send("/recover", email=account.email)
    mail = db.session.scalars(select(OutboxMessage)).one()
    link = re.search(r"(/recover/\S+)", mail.body)[1]
    send(link, password=NEW_PASSWORD, password_confirm=NEW_PASSWORD)
    assert client.get(link).status_code == 302


def test_a_recovery_link_ignores_a_forged_host(client, account) -> None:
    email, forged = account.email, "http://evil.example"
    page = client.get("/recover", base_url=forged).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    client.post("/recover", data={"csrf_token": token, "email": email}, base_url=forged)
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert "evil" not in mail.body


def test_a_changed_password_is_told_by_mail(client, account, send) -> None:
    sign_in(client, account)
    email = account.email
    answer = send(
        "/password",
        password=PASSWORD,
        new_password=NEW_PASSWORD,
        new_password_confirm=NEW_PASSWORD,
    )
    assert answer.status_code == 302
    assert db.session.scalars(select(OutboxMessage.recipient)).all() == [email]
    assert "new_password" in acts()


def test_a_short_password_is_refused(client, account, send) -> None:
    sign_in(client, account)
    answer = send(
        "/password", password=PASSWORD, new_password="short", new_password_confirm="short"
    )
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


def test_signing_out_closes_the_pages(client, account) -> None:
    sign_in(client, account)
    page = client.get("/home").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 302
    assert client.get("/home").status_code == 302


def test_guessing_passwords_is_slowed_down_with_a_page(client, account) -> None:
    page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    guess = {"csrf_token": token, "email": "a@b.example", "password": "guess-guess"}
    answers = [client.post("/sign-in", data=guess) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert "<h1>" in answers[-1].text


def test_a_colleague_behind_the_same_address_still_signs_in(client, account) -> None:
    page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    guess = {"csrf_token": token, "email": "a@b.example", "password": "guess-guess"}
    for _ in range(11):
        client.post("/sign-in", data=guess)
    assert client.post("/sign-in", data=guess | {"email": "c@b.example"}).status_code == 200


def test_a_password_that_is_too_long_to_hash_is_told_so_where_it_was_typed(
    client, account, send
) -> None:
    long, told = "x" * 5000, "Isian paling panjang 1.000 huruf"
    answer = send("/sign-in", email=account.email, password=long)
    assert told in answer.text
    assert f'value="{account.email}"' in answer.text
    sign_in(client, account)
    fields = {"password": PASSWORD, "new_password": long, "new_password_confirm": long}
    assert told in send("/password", **fields).text
