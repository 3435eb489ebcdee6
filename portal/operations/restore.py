"""`portal restore`: a backup into an empty database, compared with what it held when made."""

import json
import shutil
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from sqlalchemy import inspect

from portal.db import db
from portal.observe import readiness
from portal.operations import postgresql
from portal.operations.backup import check_sqlite, manifest_of, settle
from portal.operations.contents import (
    Table,
    differences,
    postgresql_contents,
    sqlite_contents,
)


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Restore the backup FILE into the database named by PORTAL_DATABASE_URL.

    It must be empty: nothing is ever overwritten. The row counts and digests that were written
    beside the backup are compared with what was restored. For a drill, name another database:

        PORTAL_DATABASE_URL=sqlite:////tmp/drill.db portal restore FILE
    """
    sqlite = db.engine.dialect.name == "sqlite"
    with Console(stderr=True).status("Restoring and comparing"):
        found = _restore_sqlite(file) if sqlite else _restore_postgresql(file)
        wanted = _manifest(file)
        problems = [] if wanted is None else differences(wanted, found)
    if problems:
        raise click.ClickException(
            "the restored database is not what was backed up:\n" + "\n".join(problems)
        )
    rows = sum(table.rows for table in found.values())
    compared = "as in the backup" if wanted is not None else "with nothing to compare them with"
    click.echo(f"Restored {len(found)} tables with {rows} rows, {compared}.")
    if readiness()["migrations"] != "ok":
        click.echo("The backup is of an older version: run `portal upgrade` now.")


def _restore_sqlite(file: Path) -> dict[str, Table]:
    target = Path(str(db.engine.url.database))
    leftovers = [target, target.with_name(target.name + "-wal")]
    if any(path.exists() and path.stat().st_size for path in leftovers):
        raise click.ClickException(f"{target} is not empty; nothing is overwritten")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        shutil.copy(file, unfinished)
        unfinished.chmod(0o600)
        check_sqlite(unfinished)
        settle(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    return sqlite_contents(target)


def _restore_postgresql(file: Path) -> dict[str, Table]:
    if inspect(db.engine).get_table_names():
        raise click.ClickException(
            f"the database {db.engine.url.database} is not empty; nothing is overwritten"
        )
    postgresql.run(
        "pg_restore",
        db.engine.url,
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        str(file),
    )
    with db.engine.connect() as connection:
        return postgresql_contents(connection)


def _manifest(file: Path) -> dict[str, Table] | None:
    path = manifest_of(file)
    if not path.exists():
        return None
    tables = json.loads(path.read_text(encoding="utf-8"))["tables"]
    return {name: Table(**table) for name, table in tables.items()}
