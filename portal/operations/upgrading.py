"""`portal upgrade`: migrations, from whatever version the database has."""

from pathlib import Path

import click
import flask_migrate
from alembic.runtime.migration import MigrationContext
from flask.cli import with_appcontext

from portal.db import db


def version() -> str | None:
    """The migration at which the database stands; none for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@click.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the database up to this version of the portal.

    Makes an empty database's tables, or changes those of an older version. Nothing is lost;
    take a `portal backup` first all the same.
    """
    if db.engine.dialect.name == "sqlite":
        Path(str(db.engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    before = version()
    flask_migrate.upgrade()
    after = version()
    if before == after:
        click.echo(f"The database is up to date (migration {after}).")
    else:
        click.echo(f"The database went from migration {before or 'none'} to {after}.")
