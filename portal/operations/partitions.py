"""Partitions of the ratings, one a quarter, made ahead of time. PostgreSQL only."""

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import text

from portal.db import begin_write, db

log = structlog.get_logger()

AHEAD = 4  # quarters after the current one
# A year's first ratings come from the east: the latest clock of the country decides.
FIRST_ZONE = ZoneInfo("Asia/Jayapura")


def ensure_partitions(now: datetime) -> int:
    """Make what is missing; raise an alarm when ratings fell into the default partition."""
    if db.engine.dialect.name != "postgresql":
        return 0
    begin_write()
    stray = db.session.scalar(text("SELECT count(*) FROM rating_pdefault")) or 0
    if stray:
        log.error("ratings_outside_all_partitions", ratings=stray)
    existing = set(
        db.session.scalars(
            text(
                "SELECT child.relname FROM pg_inherits "
                "JOIN pg_class child ON child.oid = inhrelid "
                "WHERE inhparent = 'rating'::regclass"
            )
        )
    )
    missing = [period for period in coming_periods(now) if partition_of(period) not in existing]
    made = 0
    for period in missing:
        if not stray or not _in_default(period):
            db.session.execute(text(_create(period)))
            made += 1
    db.session.commit()
    return made


def coming_periods(now: datetime) -> list[str]:
    """The current quarter and those after it."""
    local = now.astimezone(FIRST_ZONE)
    first = local.year * 4 + (local.month - 1) // 3
    return [_period(number) for number in range(first, first + AHEAD + 1)]


def partition_of(period: str) -> str:
    return f"rating_p{period.replace('-', '_').lower()}"


def _period(number: int) -> str:
    return f"{number // 4}-Q{number % 4 + 1}"


def _in_default(period: str) -> bool:
    """A partition cannot be made while the default one holds its rows."""
    query = text("SELECT EXISTS (SELECT 1 FROM rating_pdefault WHERE period = :period)")
    return bool(db.session.scalar(query, {"period": period}))


def _create(period: str) -> str:
    year, quarter = int(period[:4]), int(period[-1])
    after = _period(year * 4 + quarter)
    return (
        f"CREATE TABLE {partition_of(period)} PARTITION OF rating "
        f"FOR VALUES FROM ('{period}') TO ('{after}')"
    )
