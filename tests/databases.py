"""PostgreSQL databases for tests: made from a template, emptied, used again."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ProgrammingError

OTHERS_GO = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# Everything but rows: relations, columns, constraints, triggers, functions.
SHAPE = text(
    """
    SELECT sum(hashtextextended(part::text, 0)) FROM (
      SELECT (oid, relname, relnamespace, relkind, reloptions) AS part FROM pg_class
      UNION ALL SELECT (attrelid, attname, attnotnull, atttypid, atthasdef) FROM pg_attribute
        WHERE attrelid >= 16384
      UNION ALL SELECT (oid, adbin::text) FROM pg_attrdef
      UNION ALL SELECT (oid, convalidated) FROM pg_constraint
      UNION ALL SELECT (oid, tgenabled) FROM pg_trigger
      UNION ALL SELECT (oid, prosrc) FROM pg_proc WHERE oid >= 16384
      UNION ALL SELECT (setdatabase, setconfig) FROM pg_db_role_setting
      UNION ALL SELECT (0, version_num) FROM alembic_version
    ) AS parts
    """
)
WRITTEN = text(
    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r'"
    " AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
    " AND pg_relation_size(oid) > 0"
)
SEQUENCES_START_AGAIN = text("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence")


@contextmanager
def autocommit(url: str) -> Iterator[Connection]:
    """A connection for what PostgreSQL does outside transactions, closed for good afterwards."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@dataclass
class Spares:
    """PostgreSQL databases that tests have left empty again: emptying one costs a tenth of the
    work of making it, which is copying a thousand files."""

    server: str
    template: str
    shape: object = None  # what the template's schema looks like
    names: list[str] = field(default_factory=list)

    def take(self) -> str:
        if self.names:
            return self.names.pop()
        name = f"test_{uuid.uuid4().hex[:12]}"
        with autocommit(self.server) as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {self.template}"))
        if self.shape is None:
            with autocommit(with_database(self.server, name)) as connection:
                self.shape = connection.scalar(SHAPE)
        return name

    def give_back(self, name: str) -> None:
        """Keep it, or drop it where a test has changed more than rows."""
        with autocommit(with_database(self.server, name)) as connection:
            if self.emptied(connection):
                self.names.append(name)
                return
        with autocommit(self.server) as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def emptied(self, connection: Connection) -> bool:
        connection.execute(OTHERS_GO)
        if connection.scalar(SHAPE) != self.shape:
            return False
        written = ", ".join(connection.scalars(WRITTEN))
        try:
            connection.execute(text("SET session_replication_role = replica"))  # no trigger, no key
        except ProgrammingError:  # on somebody's own server, without the right to
            return False
        connection.execute(SEQUENCES_START_AGAIN)
        if written:
            for table in written.split(", "):
                connection.execute(text(f"DELETE FROM {table}"))
            connection.execute(text(f"VACUUM {written}"))  # new rows stand in order again
        return connection.scalars(WRITTEN).first() is None
