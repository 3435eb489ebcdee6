"""Alembic's entry: migrates the database of the running application."""

from alembic import context
from flask import current_app

import portal.counters.models
import portal.people.models
import portal.ratings.models
import portal.records.models
import portal.tick  # noqa: F401  every table must be known here
from portal.db import UtcDateTime

database = current_app.extensions["migrate"].db


def render_item(kind, thing, autogen_context):
    """Migrations stand on SQLAlchemy's own types, so that they outlive the portal's code."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_object(thing, name, kind, reflected, compare_to):
    """Partitions of a table are made by `portal tick`, not by migrations.

    PostgreSQL repeats a foreign key to the whole for each of its parts. Each database has an index
    by arrival that the other does without.
    """
    if not reflected:
        return True
    if kind == "index":
        return name not in {"ix_rating_received", "ix_rating_arrived"}
    if kind == "foreign_key_constraint":
        return not thing.elements[0].target_fullname.startswith("rating_p")
    return not (kind == "table" and name.startswith("rating_p"))


def run_migrations() -> None:
    engine = database.engine.execution_options(begin="write")
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
            include_object=include_object,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
