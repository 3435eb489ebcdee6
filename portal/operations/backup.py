"""`portal backup`: a checked copy of the database, with what it holds written beside it."""

import json
import os
import sqlite3
import tempfile
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.engine import URL

from portal import clock
from portal.db import db, statement_engine
from portal.operations import postgresql
from portal.operations.contents import Table, as_json, postgresql_contents, sqlite_contents
from portal.operations.upgrading import version as migration

FOLDER = Path("instance/backups")


@click.command("backup")
@click.option(
    "--out",
    "folder",
    default=FOLDER,
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to.",
)
@click.option("--keep", type=click.IntRange(1), help="Remove all but this many newest backups.")
@with_appcontext
def backup(folder: Path, keep: int | None) -> None:
    """Write a backup of the database while the portal goes on working.

    The copy is checked, and only then gets its name, so that a file with a proper name is a
    whole backup. Beside it stands a .json with the row counts and digests that
    `portal restore` compares. The settings (PORTAL_SECRET_KEYS!) are not part of it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Console(stderr=True).status("Copying and checking the database"):
        path = write_backup(folder, clock.now())
    click.echo(str(path))
    for old in _too_many(folder, keep):
        old.unlink()
        manifest_of(old).unlink(missing_ok=True)


def write_backup(folder: Path, now: datetime) -> Path:
    """The finished backup file; its manifest stands beside it."""
    sqlite = db.engine.dialect.name == "sqlite"
    name = f"portal-{now:%Y%m%d-%H%M%S}.{'db' if sqlite else 'dump'}"
    handle, unfinished_name = tempfile.mkstemp(prefix=".unfinished-", dir=folder)  # mode 0600
    os.close(handle)
    unfinished = Path(unfinished_name)
    try:
        copy = _copy_sqlite if sqlite else _copy_postgresql
        tables = copy(db.engine.url, unfinished)
        manifest = {
            "made_at": now.isoformat(),
            "engine": db.engine.dialect.name,
            "portal": version("suara-loket"),
            "migration": migration(),
            "tables": as_json(tables),
        }
        target = folder / name
        _write_durably(manifest_of(target), json.dumps(manifest, indent=1))
        settle(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def manifest_of(backup_file: Path) -> Path:
    return backup_file.with_name(backup_file.name + ".json")


def settle(unfinished: Path, target: Path) -> None:
    """Give a written file its name only when it is safely on the disk."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def check_sqlite(path: Path) -> None:
    """Refuse a damaged file."""
    connection = sqlite3.connect(path)
    try:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{path} is no SQLite database: {error}") from None
    finally:
        connection.close()
    if answer != "ok":
        raise click.ClickException(f"{path} is damaged: {answer}")


def _copy_sqlite(url: URL, unfinished: Path) -> dict[str, Table]:
    if not Path(str(url.database)).exists():
        raise click.ClickException(f"there is no database {url.database}")
    with statement_engine().connect() as connection:
        connection.execute(text("VACUUM INTO :path"), {"path": str(unfinished)})
    check_sqlite(unfinished)
    return sqlite_contents(unfinished)


def _copy_postgresql(url: URL, unfinished: Path) -> dict[str, Table]:
    """The dump and the digests are of one and the same moment, while others go on writing."""
    engine = db.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        postgresql.run(
            "pg_dump",
            url,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={snapshot}",
            f"--file={unfinished}",
        )
        return postgresql_contents(connection)


def _write_durably(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())


def _too_many(folder: Path, keep: int | None) -> list[Path]:
    """Their names begin with the moment they were made, so the newest are the last."""
    finished = sorted([*folder.glob("portal-*.db"), *folder.glob("portal-*.dump")])
    return finished[:-keep] if keep else []
