"""`portal export`: the ratings of one agency and period as CSV, without device or time."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click
from flask.cli import with_appcontext
from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.counters.models import Counter, Service
from portal.db import db
from portal.operations.actions import note_export
from portal.people.models import Agency, Office
from portal.ratings.models import AttributionEvent, Rating, Withdrawal

COLUMNS = (
    "rating_id",
    "rated_on",
    "office",
    "counter",
    "service",
    "channel",
    "employee_id",
    "counts_for",
    "attributed_by",
    "overall",
    "ramah",
    "cakap",
    "cekatan",
    "cause",
    "language",
    "withdrawn",
)
AT_ONCE = 1000


@click.command("export")
@click.option("--agency", "agency_code", required=True, help="Code of the agency.")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.argument("period")
@with_appcontext
def export(agency_code: str, out: Path | None, period: str) -> None:
    """Write the ratings of PERIOD (such as 2026-Q4) as CSV, to --out or standard output.

    One line a rating, in no order of time, whom it is about by the latest correction; without
    device, time of day, receipt and comment. The export stands in the audit log.
    """
    agency_id = db.session.scalar(select(Agency.id).where(Agency.code == agency_code))
    if agency_id is None:
        raise click.ClickException(f"there is no agency {agency_code}")
    if out is None:
        written = _write(sys.stdout, agency_id, period)
    else:
        unfinished = out.with_name(out.name + ".part")
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            written = _write(file, agency_id, period)
        unfinished.replace(out)
    note_export(agency_id, period, written, clock.now())
    click.echo(f"{written} ratings of {agency_code} in {period}.", err=True)


def _write(file: TextIO, agency_id: int, period: str) -> int:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    written = 0
    for row in _rows(agency_id, period):
        writer.writerow(row)
        written += 1
    return written


def _rows(agency_id: int, period: str) -> Iterator[Row[Any]]:
    """All rows, read and let go of in portions, in the order of their random ids."""
    result = db.session.execute(_query(agency_id, period), execution_options={"yield_per": AT_ONCE})
    yield from result


def _query(agency_id: int, period: str) -> Select[Any]:
    rank = func.row_number().over(
        partition_by=AttributionEvent.rating_id,
        order_by=(AttributionEvent.at.desc(), AttributionEvent.id.desc()),
    )
    ranked = (
        select(AttributionEvent, rank.label("rank"))
        .where(AttributionEvent.agency_id == agency_id, AttributionEvent.period == period)
        .subquery()
    )
    later = aliased(AttributionEvent, ranked)
    corrected = later.id.is_not(None)
    return (
        select(
            Rating.id,
            Rating.rated_on,
            Office.code,
            Counter.label,
            Service.code,
            Rating.channel,
            case((corrected, later.employee_id), else_=Rating.employee_id),
            case((corrected, later.counts_for), else_=Rating.counts_for),
            case((corrected, later.attributed_by), else_=Rating.attributed_by),
            Rating.overall,
            Rating.ramah,
            Rating.cakap,
            Rating.cekatan,
            Rating.cause,
            Rating.language,
            case((Withdrawal.rating_id.is_not(None), 1), else_=0),
        )
        .join(
            Counter,
            (Counter.agency_id == Rating.agency_id) & (Counter.id == Rating.counter_id),
        )
        .join(Office, (Office.agency_id == Counter.agency_id) & (Office.id == Counter.office_id))
        .outerjoin(
            Service,
            (Service.agency_id == Rating.agency_id) & (Service.id == Rating.service_id),
        )
        .outerjoin(later, (later.rating_id == Rating.id) & (ranked.c.rank == 1))
        .outerjoin(
            Withdrawal,
            (Withdrawal.agency_id == Rating.agency_id)
            & (Withdrawal.period == Rating.period)
            & (Withdrawal.rating_id == Rating.id),
        )
        .where(Rating.agency_id == agency_id, Rating.period == period)
        .order_by(Rating.id)
    )
