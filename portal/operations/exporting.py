"""`portal export`: the released ratings of one agency and period as CSV, nobody recognisable."""

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import track
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.operations.actions import note_export
from portal.people.models import Agency, Office
from portal.people.queries import Scope, with_descendants
from portal.ratings.models import Release
from portal.records.evidence import last_release
from portal.records.rating_files import COLUMNS, RatingFile, moment_of, rating_file
from portal.spreadsheets import BOM, cell


@click.command("export")
@click.option("--agency", "agency_code", required=True, help="Code of the agency.")
@click.option("--office", "office_code", help="Only this office and those below it.")
@click.option("--release", "number", type=int, help="As of this release instead of the last.")
@click.option("--after", type=click.UUID, help="Only ratings after this id: go on where it ended.")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.argument("period")
@with_appcontext
def export(
    *,
    agency_code: str,
    office_code: str | None,
    number: int | None,
    after: UUID | None,
    out: Path | None,
    period: str,
) -> None:
    """Write the released ratings of PERIOD (such as 2026-Q4) as CSV, to --out or standard output.

    One line a rating, in no order of time, as the release knew it; without device, time of day,
    receipt and comment. Place, day and employee only as far as five ratings have them in common.
    To go on with an interrupted export give the last id written as --after, and the same
    --release. The export stands in the audit log.
    """
    agency_id = db.session.scalar(select(Agency.id).where(Agency.code == agency_code))
    if agency_id is None:
        raise click.ClickException(f"there is no agency {agency_code}")
    scope = _scope(agency_id, office_code)
    release = _release(agency_id, period, number)
    found = rating_file(scope, moment_of(release), after, cell)
    if out is None:
        write_csv(sys.stdout, found, begins=after is None)
    else:
        unfinished = out.with_name(out.name + ".part")
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            write_csv(file, found, begins=after is None)
        unfinished.replace(out)
    note_export(agency_id, period, found.lines, clock.now())
    click.echo(
        f"{found.lines} ratings of {agency_code} in {period}, release {release.number};"
        f" {found.withheld} withheld.",
        err=True,
    )


def _scope(agency_id: int, office_code: str | None) -> Scope:
    if office_code is None:
        return Scope(agency_id, None)
    office_id = db.session.scalar(
        select(Office.id).where(Office.agency_id == agency_id, Office.code == office_code)
    )
    if office_id is None:
        raise click.ClickException(f"there is no office {office_code}")
    return Scope(agency_id, with_descendants(agency_id, {office_id}))


def _release(agency_id: int, period: str, number: int | None) -> Release:
    if number is None:
        release = last_release(agency_id, period)
    else:
        release = db.session.get(Release, (agency_id, period, number))
    if release is None or release.done_at is None:
        raise click.ClickException(f"nothing of {period} is released")
    return release


def write_csv(file: TextIO, found: RatingFile, *, begins: bool) -> None:
    """The lines as CSV; with the mark and the names of columns if the file begins here."""
    writer = csv.writer(file)
    if begins:
        file.write(BOM)
        writer.writerow(COLUMNS)
    writer.writerows(_tracked(found.rows, found.lines))


def _tracked(rows: Iterable[Sequence[Any]], total: int) -> Iterable[Sequence[Any]]:
    """With a progress bar in a terminal, nothing in a log."""
    console = Console(stderr=True)
    return track(rows, "export", total, console=console, disable=not console.is_terminal)
