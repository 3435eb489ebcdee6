"""The frame: health, headers, closed doors."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from portal.db import db
from tests.factories import make_account, sign_in


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

    @event.listens_for(db.engine, "before_cursor_execute")
    def down(connection, cursor, statement, *rest) -> None:
        raise OperationalError(statement, {}, Exception("connection refused"))

    db.session.remove()
    for path in ("/home", "/"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "Layanan akan kembali" in answer.text
    event.remove(db.engine, "before_cursor_execute", down)


@pytest.mark.parametrize("path", ["/employees/{}", "/find/{}/1", "/find/1/{}"])
def test_a_number_that_no_row_can_have_is_an_unknown_address(client, path: str) -> None:
    sign_in(client, make_account("administrator"))
    for number in (2**53 + 1, 2**63, 10**40):
        assert client.get(path.format(number)).status_code == 404


def test_a_body_that_is_too_large_is_told_so_whatever_its_type(client: FlaskClient) -> None:
    for content_type in ("application/json", "application/x-www-form-urlencoded"):
        answer = client.post("/n/7K3M9QXA", data=b"1" * 2_500_000, content_type=content_type)
        assert answer.status_code in {413, 404}
        assert "<h1>" in answer.text
