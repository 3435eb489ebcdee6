"""Demos that were built for the tests, with the clock standing at NOW."""

import fcntl
import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.demo import building
from tests.conftest import NOW, set_clock, settings_for
from tests.databases import autocommit

BASE = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Demo:
    """A finished demo: its application and its demo.json."""

    app: Flask
    data: Path
    guide: dict[str, Any]

    def person(self, role: str) -> dict[str, Any]:
        found: dict[str, Any] = next(
            one for one in self.guide["employees"] if one["role_in_story"] == role
        )
        return found

    def email(self, role: str) -> str:
        return str(next(one["email"] for one in self.guide["accounts"] if one["role"] == role))


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each test by itself: what else this process tests must have its own time."""
    set_clock(monkeypatch, NOW)


@pytest.fixture(scope="session")
def make_demo() -> Callable[..., dict[str, Any]]:
    def make(data: Path, settings: Settings, days: int) -> dict[str, Any]:
        data.mkdir(parents=True, exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            set_clock(patch, NOW)
            building.build(data, settings, days=days, seed=1, say=lambda text: None)
        return building.write_addresses(data, BASE, settings.public_url)

    return make


def in_folder(data: Path) -> Settings:
    return settings_for(f"sqlite:///{data / 'portal.db'}", public_url=BASE)


@pytest.fixture(scope="session")
def demo(
    tmp_path_factory: pytest.TempPathFactory,
    worker_id: str,
    make_demo: Callable[..., dict[str, Any]],
) -> Iterator[Demo]:
    """The demo as `portal demo` makes it, on SQLite: made by the first of the processes that run
    tests, copied by the others."""
    base = tmp_path_factory.getbasetemp()
    common = (base if worker_id == "master" else base.parent) / "demo-of-all"
    with common.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (common / "demo.json").exists():
            shutil.rmtree(common, ignore_errors=True)
            make_demo(common, in_folder(common), 120)
            with closing(sqlite3.connect(common / "portal.db")) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = tmp_path_factory.mktemp("demo") / "data"
    shutil.copytree(common, data)
    app = create_app(in_folder(data))
    yield Demo(app, data, json.loads((data / "demo.json").read_text()))
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def reading(demo: Demo) -> Iterator[None]:
    """For tests that read the demo's database themselves."""
    with demo.app.app_context():
        yield
        db.session.remove()


@pytest.fixture
def empty_postgresql(postgresql_server: str) -> Iterator[str]:
    """The name of a PostgreSQL database without any table."""
    name = f"demo_{uuid.uuid4().hex[:12]}"
    with autocommit(postgresql_server) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield name
    with autocommit(postgresql_server) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
