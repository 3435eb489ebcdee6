"""How the tests of pages behave as staff do: sign in, send forms, and count what a page costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from portal.db import db
from portal.people.models import Account
from tests.factories import sign_in


def act_as(client: FlaskClient, account: Account) -> FlaskClient:
    """Sign in, also after somebody else did in the same test."""
    g.pop("_login_user", None)  # kept by the test's own application context
    return sign_in(client, account)


def send(client: FlaskClient, path: str, **fields: Any) -> Any:
    """Send a form with the token of this session, as every page carries it."""
    page = client.get("/home").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    return client.post(path, data={"csrf_token": token, **fields})


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent meanwhile, by a session that has nothing in memory yet."""
    g.pop("_login_user", None)
    db.session.remove()
    sent: list[str] = []

    def note(*what: Any) -> None:
        if what[2] != "BEGIN":
            sent.append(what[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield sent
    event.remove(Engine, "before_cursor_execute", note)
