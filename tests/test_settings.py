"""Settings: read from the environment, and refused where they would be unsafe."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from portal import create_app
from portal.config import Settings
from tests.conftest import KEY

SAFE: dict[str, Any] = {
    "environment": "production",
    "secret_keys": KEY,
    "public_url": "https://loket.kota.go.id",
    "mail_backend": "smtp",
}


def test_safe_production_settings_are_accepted() -> None:
    assert Settings(**SAFE).production


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"secret_keys": ""}, "PORTAL_SECRET_KEYS"),
        ({"secret_keys": "short"}, "32 characters"),
        ({"public_url": "http://loket.kota.go.id"}, "https://"),
        ({"clock_offset": 86400}, "PORTAL_CLOCK_OFFSET"),
        ({"mail_backend": "file"}, "PORTAL_MAIL_BACKEND"),
        ({"workers": 2}, "PORTAL_REDIS_URL"),
    ],
)
def test_unsafe_production_settings_are_refused_with_the_reason(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings(**(SAFE | change))


def test_production_without_an_address_to_print_is_refused() -> None:
    with pytest.raises(ValidationError, match="PORTAL_PUBLIC_URL must be set"):
        Settings(**{name: value for name, value in SAFE.items() if name != "public_url"})


@pytest.mark.parametrize("address", ["loket.kota.go.id", "https://kota.go.id/loket", "ftp://x"])
def test_an_address_that_cannot_stand_in_a_qr_code_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="must be an address"):
        Settings(public_url=address)


def test_keys_are_a_list_of_which_the_first_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEYS", "newest-key, older-key")
    assert Settings().signing_keys == ["older-key", "newest-key"]


def test_no_secret_shows_when_settings_are_printed() -> None:
    assert KEY not in repr(Settings(**SAFE))


def test_a_postgresql_address_gets_the_driver_the_portal_is_built_on() -> None:
    url = Settings(database_url="postgresql://portal:x@db/portal").sqlalchemy_url
    assert url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_a_proxy_is_believed_only_as_far_as_the_setting_says(
    tmp_path: Path, hops: int, seen: str
) -> None:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/portal.db", secret_keys=KEY, proxy_hops=hops
    )
    app = create_app(settings)
    forwarded = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
    environment = {"REMOTE_ADDR": "127.0.0.1"}
    told: list[str | None] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: told.append(_address()))
    app.test_client().get("/healthz", headers=forwarded, environ_base=environment)
    assert told == [seen]


def _address() -> str | None:
    from flask import request

    return request.remote_addr
