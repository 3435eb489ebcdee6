"""The frame: health, headers, closed doors."""

from flask.testing import FlaskClient


def test_a_fresh_portal_is_healthy_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "disk": "ok",
    }
