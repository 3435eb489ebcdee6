"""What a database holds, as row counts and digests: equal digests mean an equal database."""

import hashlib
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection

# Digests of rows are added up, so that the order in which rows are read does not matter.
MODULUS = 2**64
_DIGEST = "coalesce(sum(('x' || left(md5(row_::text), 16))::bit(64)::bigint::numeric), 0)"


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and the sum of their digests."""

    rows: int
    digest: str


def differences(wanted: dict[str, Table], found: dict[str, Table]) -> list[str]:
    """In words, each table that is not as wanted."""
    return [
        f"{name}: wanted {_shown(wanted.get(name))}, found {_shown(found.get(name))}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]


def as_json(tables: dict[str, Table]) -> dict[str, dict[str, object]]:
    return {name: asdict(table) for name, table in tables.items()}


def _shown(table: Table | None) -> str:
    return "no table" if table is None else f"{table.rows} rows ({table.digest})"


def sqlite_contents(path: Path) -> dict[str, Table]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return {name: _sqlite_table(connection, name) for (name,) in sorted(names)}
    finally:
        connection.close()


def _sqlite_table(connection: sqlite3.Connection, name: str) -> Table:
    rows, total = 0, 0
    for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608  a name it told us
        rows += 1
        digest = hashlib.blake2b(repr(row).encode(), digest_size=8).digest()
        total += int.from_bytes(digest, "big")
    return Table(rows, f"{total % MODULUS:016x}")


def postgresql_contents(connection: Connection) -> dict[str, Table]:
    """Computed by the server; a partitioned table counts as one."""
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO'", "bytea_output = 'hex'"):
        connection.execute(text(f"SET LOCAL {setting}"))
    names = connection.scalars(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"
        )
    ).all()
    return {name: _postgresql_table(connection, name) for name in names}


def _postgresql_table(connection: Connection, name: str) -> Table:
    rows, total = connection.execute(
        text(f'SELECT count(*), {_DIGEST} FROM "{name}" AS row_')  # noqa: S608  the server's name
    ).one()
    return Table(rows, f"{int(total) % MODULUS:016x}")
