"""Data sets as large as one likes: the demo's city many times over, in as many quarters.

Everything is written by the portal's own releases once, for the demo, and copied by the database:
people, counters, duties, ratings, verdicts, counts, scores, cases. Copied rows get keys of their
own. Nothing is computed again, so that ten million ratings take minutes.
"""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Table,
    Uuid,
    create_engine,
    select,
    update,
)
from sqlalchemy.engine import make_url

from benchmarks.databases import migrated
from benchmarks.servers import PORTAL
from portal.config import Settings
from portal.counters.periods import first_day, next_period, period_of, previous_period
from portal.db import UtcDateTime, db
from portal.operations.partitions import partition_of
from portal.ratings.models import Verdict
from portal.records.models import ScoringRun

DAYS = 150  # of the demo: the quarter that is open and all of the one before
QUARTERS = 10  # with the open one
CITY = 1
STEP = 1000  # between the keys of a row and those of its copies

# What one more city has of its own. Services, rules, officials and runs are those of all.
OF_A_CITY = (
    "office", "office_service", "employee", "employment", "leave", "counter", "counter_service",
    "printed_code", "code_event", "desk_code", "device", "refused_scan", "poster_check",
    "duty", "duty_event", "served_count", "visit_ticket", "office_answer", "audit_event",
    "rating", "rating_comment", "attribution_event", "withdrawal", "verdict", "histogram",
    "office_result", "office_parts", "public_result", "control_count", "score",
    "odd_ratings", "performance_record",
    "decision", "decision_plan", "proposed_decision", "dialogue_note", "reply", "review_request",
    "contest", "contest_ruling", "follow_up", "follow_up_event",
)  # fmt: skip
OF_A_QUARTER = (
    "release", "scoring_run", "rating", "rating_comment", "attribution_event", "withdrawal",
    "verdict", "histogram", "office_result", "office_parts", "public_result", "control_count",
    "score", "odd_ratings", "performance_record",
)  # fmt: skip
OWN_KEYS = {
    "office_id", "parent_id", "employee_id", "counter_id", "duty_id", "decision_id",
    "supersedes_id", "contest_id", "follow_up_id", "note_id", "reply_id",
}  # fmt: skip
NAMES = {("office", "name"): " ", ("office", "code"): "-", ("employee", "name"): " "}
# What a closed quarter no longer holds.
BLANKED = {"device", "issued_at", "received_at"}
# How many of the first copies stand below the offices of the demo's supervisor.
BELOW = 5


def make(url: str, folder: Path, rows: int) -> None:
    """The demo in a folder and its database, grown to about so many ratings."""
    migrated(url)
    # A database that has not counted its rows yet would read them again for each of them.
    hinted = url
    if not url.startswith("sqlite"):
        options = {"options": "-c enable_nestloop=off"}
        hinted = make_url(url).update_query_dict(options).render_as_string(hide_password=False)
    environment = os.environ | {"PORTAL_DATABASE_URL": hinted, "PORTAL_LOG_LEVEL": "ERROR"}
    subprocess.run(
        [PORTAL, "demo", "--data", folder, "--no-serve", "--days", str(DAYS)],
        check=True, capture_output=True, env=environment,
    )  # fmt: skip
    engine = create_engine(Settings(database_url=url).sqlalchemy_url)
    with engine.connect() as connection:
        _unhindered(connection)
        Growing(connection).to(rows)
    if engine.dialect.name == "postgresql":  # what its own worker does within the hour
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
    engine.dispose()


def _unhindered(connection: Connection) -> None:
    """Without looking up what is known to be right, and without waiting for the disk."""
    if connection.dialect.name == "sqlite":
        settings = ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -2000000")
        for setting in settings:
            connection.exec_driver_sql(f"PRAGMA {setting}")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.exec_driver_sql("SET synchronous_commit = off")
    connection.commit()


class Growing:
    """The statements of one database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"
        self._open = period_of(datetime.now(UTC).date())
        self._last = previous_period(self._open)

    def to(self, rows: int) -> None:
        """Cities first, then the closed quarter as often as there are quarters before it."""
        copies = max(2, round(rows / self._in_all_quarters()))
        tables = [db.metadata.tables[name] for name in OF_A_CITY]
        for table in tables:
            self._run(
                f"CREATE TEMPORARY TABLE own_{table.name} AS "
                f"SELECT * FROM {table.name} WHERE agency_id = {CITY}"
            )
        for city in range(1, copies):
            for table in tables:
                made = {column.name: self._of_city(column, city) for column in table.columns}
                self._insert(table, made, f"own_{table.name}")
            self._connection.commit()
        self._hang_below(min(BELOW, copies - 1))
        self._give_accounts()
        period = self._last
        for quarter in range(1, QUARTERS - 1):
            period = previous_period(period)
            self._copy_quarter(period, quarter)
        self._open_cases()
        self._tell_runs()
        self._connection.commit()
        self._run("ANALYZE")
        self._connection.commit()

    def _run(self, statement: str) -> None:
        # Only PostgreSQL's driver looks for places of values in it.
        self._connection.exec_driver_sql(
            statement if self._sqlite else statement.replace("%", "%%")
        )

    def _in_all_quarters(self) -> int:
        """How many ratings one city makes."""
        rows = self._connection.exec_driver_sql(
            f"SELECT period, count(*) FROM rating WHERE agency_id = {CITY} GROUP BY period"
        )
        count: dict[str, int] = dict(rows.tuples().all())
        return count[self._open] + (QUARTERS - 1) * count[self._last]

    def _insert(self, table: Table, made: dict[str, str], source: str) -> None:
        """Rows of a table once more, with these expressions in the place of columns."""
        self._run(
            f"INSERT INTO {table.name} ({', '.join(map(_quoted, made))}) "
            f"SELECT {', '.join(made.values())} FROM {source}"
        )

    def _of_city(self, column: Column[object], city: int) -> str:
        """A column of a row as the city with this number has it."""
        name, own = column.name, _quoted(column.name)
        if name in OWN_KEYS or (name == "id" and isinstance(column.type, BigInteger)):
            return f"{own} + {city * STEP}"
        if isinstance(column.type, Uuid):
            return self._marked(own, 26, f"{city:06x}")
        if (column.table.name, name) in NAMES:
            return f"{own} || '{NAMES[column.table.name, name]}{city}'"
        if name == "device":  # one telephone rates in one city
            return self._telephone(city)
        return {
            "code": f"substr(code, 1, length(code) - 4) || '{city:04X}'",
            "receipt": f"substr(receipt, 1, 6) || '{city:06X}'",
            "nip": f"substr(nip, 1, 14) || '{city:04}'",
            "reference": "NULL",
        }.get(name, own)

    def _telephone(self, city: int) -> str:
        if self._sqlite:
            return f"CAST(x'{city:04x}' || substr(device, 3) AS BLOB)"
        return f"decode('{city:04x}', 'hex') || substring(device from 3)"

    def _marked(self, own: str, at: int, digits: str) -> str:
        """A UUID with other hexadecimal digits from a place on."""
        if self._sqlite:
            return f"substr({own}, 1, {at}) || '{digits}' || substr({own}, {at + len(digits) + 1})"
        plain = f"replace({own}::text, '-', '')"
        return f"overlay({plain} placing '{digits}' from {at + 1})::uuid"

    def _copy_quarter(self, period: str, number: int) -> None:
        if not self._sqlite:
            self._run(
                f"CREATE TABLE IF NOT EXISTS {partition_of(period)} PARTITION OF rating "
                f"FOR VALUES FROM ('{period}') TO ('{next_period(period)}')"
            )
        days = (first_day(self._last) - first_day(period)).days
        for name in OF_A_QUARTER:
            table = db.metadata.tables[name]
            made = {column.name: self._of_quarter(column, number, days) for column in table.columns}
            made["period"] = f"'{period}'"
            source = f"{name} WHERE agency_id = {CITY} AND period = '{self._last}'"
            self._insert(table, made, source)
        self._connection.commit()

    def _of_quarter(self, column: Column[object], number: int, days: int) -> str:
        """A column of a row as the quarter so many days earlier has it."""
        name, own = column.name, _quoted(column.name)
        if name in BLANKED:
            return "NULL"
        if name == "run_id" or (name == "id" and isinstance(column.type, BigInteger)):
            return f"{own} + {number}"
        if isinstance(column.type, Uuid):
            return self._marked(own, 24, f"{number:02x}")
        if name == "receipt":
            return f"substr(receipt, 1, 4) || '{number:02X}' || substr(receipt, 7)"
        return self._earlier(column, days)

    def _earlier(self, column: Column[object], days: int) -> str:
        """A day or a moment so many days before; anything else as it is."""
        own, moment = _quoted(column.name), isinstance(column.type, UtcDateTime)
        if not moment and not isinstance(column.type, Date):
            return own
        if not self._sqlite:
            back = f"interval '{days} days'" if moment else str(days)
            return f"{own} - {back}"
        if moment:
            return f"strftime('%Y-%m-%d %H:%M:%f', {own}, '-{days} days') || '000'"
        return f"date({own}, '-{days} days')"

    def _hang_below(self, cities: int) -> None:
        """Some large offices in the scope of the demo's supervisor and coordinator."""
        for city in range(1, cities + 1):
            self._run(
                f"UPDATE office SET parent_id = id - {city * STEP} WHERE agency_id = {CITY} "
                f"AND code IN ('dukcapil-{city}', 'dpmptsp-{city}')"
            )

    def _give_accounts(self) -> None:
        """Everybody can sign in, as one of the demo's people can."""
        mark = f"employee.id || '@{CITY}.bench.example'"
        self._run(
            "INSERT INTO account (agency_id, employee_id, name, email, password, active, "
            f"fs_uniquifier, language) SELECT agency_id, id, name, {mark}, (SELECT min(password) "
            f"FROM account), active, {mark}, 'id' FROM employee "
            f"WHERE agency_id = {CITY} AND id >= {STEP}"
        )
        self._run(
            "INSERT INTO role_grant (agency_id, id, account_id, role, office_id, granted_at) "
            "SELECT account.agency_id, account.id, account.id, 'employee', employment.office_id, "
            "(SELECT min(granted_at) FROM role_grant) FROM account JOIN employment ON "
            "employment.agency_id = account.agency_id AND employment.employee_id = "
            f"account.employee_id WHERE account.email LIKE '%@{CITY}.bench.example'"
        )

    def _open_cases(self) -> None:
        """One for each worst answer of the closed quarters, long since explained."""
        due, done = "rated_on + 7", "rated_on + 3"
        if self._sqlite:
            due, done = "date(rated_on, '+7 days')", "date(rated_on, '+3 days')"
        self._run(
            "INSERT INTO follow_up (agency_id, id, period, rating_id, office_id, why, theme, "
            "opened_on, due_on, state, assigned_to, outcome, resolved_on) SELECT rating.agency_id, "
            "row_number() OVER (ORDER BY period, rating.id), period, rating.id, office_id, 'low', "
            f"'system', rated_on, {due}, 'resolved', (SELECT min(account_id) FROM role_grant WHERE "
            f"role = 'coordinator'), 'explained', {done} FROM rating JOIN counter ON "
            "counter.agency_id = rating.agency_id AND counter.id = rating.counter_id "
            f"WHERE rating.agency_id = {CITY} AND overall = 1 AND period < '{self._open}'"
        )

    def _tell_runs(self) -> None:
        """Runs name what they set aside: all cities' ratings."""
        trigger = self._without_trigger("scoring_run_update")
        for run, period in self._connection.exec_driver_sql(
            f"SELECT id, period FROM scoring_run WHERE agency_id = {CITY}"
        ).all():
            rows = self._connection.execute(
                select(Verdict.rating_id, Verdict.reasons).where(
                    Verdict.agency_id == CITY, Verdict.period == period, Verdict.weight == 0
                )
            )
            self._connection.execute(
                update(ScoringRun)
                .where(ScoringRun.agency_id == CITY, ScoringRun.id == run)
                .values(set_aside={str(rating): reasons for rating, reasons in rows})
            )
        if trigger:
            self._run(trigger)

    def _without_trigger(self, name: str) -> str:
        """Remove SQLite's guard for a moment; returns how it is made again."""
        if not self._sqlite:
            return ""
        found = self._connection.exec_driver_sql(
            f"SELECT sql FROM sqlite_master WHERE name = '{name}'"
        ).scalar_one()
        self._run(f"DROP TRIGGER {name}")
        return str(found)


def _quoted(name: str) -> str:
    return f'"{name}"'
