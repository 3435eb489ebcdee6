"""`portal export`: the released ratings of one agency and period, nobody recognisable."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import track
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.people.models import Agency, Office
from portal.people.queries import Scope, with_descendants
from portal.ratings.models import Release
from portal.records.evidence import release_of
from portal.records.rating_file_actions import note_export
from portal.records.rating_files import RatingFile, UnknownLine, moment_of, rating_file
from portal.records.rating_writers import (
    CELLS,
    UNFINISHED,
    csv_text,
    end_as_parquet,
    parquet_installed,
    write_csv,
    write_xlsx,
)


@click.command("export")
@click.option("--agency", "agency_code", required=True, help="Code of the agency.")
@click.option("--office", "office_code", help="Only this office and those below it.")
@click.option("--release", "number", type=int, help="As of this release instead of the last.")
@click.option("--after", type=click.UUID, help="Only ratings after this id: go on where it ended.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(tuple(CELLS)),
    help="What to write; else what the name in --out ends with, else csv.",
)
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.argument("period")
@with_appcontext
def export(
    *,
    agency_code: str,
    office_code: str | None,
    number: int | None,
    after: UUID | None,
    kind: str | None,
    out: Path | None,
    period: str,
) -> None:
    """Write the released ratings of PERIOD (such as 2026-Q4), to --out or standard output.

    One line a rating, in no order of time, as the release knew it; without device, time of day,
    receipt and comment. Place, day and employee only as far as five ratings have them in common.
    To go on with an interrupted export give the last id that arrived as --after, and the same
    --release: a CSV file goes on without the names of its columns, to be put at the end of what
    there is; XLSX and Parquet become a file of the rest. The export stands in the audit log.
    """
    kind = _kind(kind, out)
    begins = after is None or kind != "csv"
    unfinished = _unfinished(out, begins=begins) if out else None
    agency_id = db.session.scalar(select(Agency.id).where(Agency.code == agency_code))
    if agency_id is None:
        raise click.ClickException(f"there is no agency {agency_code}")
    scope = _scope(agency_id, office_code)
    release = _release(agency_id, period, number)
    try:
        found = rating_file(scope, moment_of(release), after, CELLS[kind])
    except UnknownLine:
        raise click.ClickException(
            f"release {release.number} has no line {after}, as each release names its lines anew:"
            " name the --release that it came from, or begin anew"
        ) from None
    # Before the first line leaves: who breaks it off has taken some.
    note_export(None, agency_id, release, kind=kind, ratings=found.lines, now=clock.now())
    said = (
        f"{found.lines} ratings of {agency_code} in {period}, release {release.number};"
        f" {found.withheld} withheld."
    )
    if out and kind == "parquet":
        db.session.remove()
        end_as_parquet(out, _tracked(found), said)
        return
    if out and unfinished:
        _write(kind, unfinished, found, begins=begins)
        unfinished.replace(out)
    else:
        for text in csv_text(_tracked(found), begins=begins):
            sys.stdout.write(text)
    click.echo(said, err=True)


def _kind(kind: str | None, out: Path | None) -> str:
    ending = out.suffix.lower().lstrip(".") if out else ""
    kind = kind or (ending if ending in CELLS else "csv")
    if kind != "csv" and out is None:
        raise click.UsageError(f"a {kind} file needs a place: --out")
    if kind == "parquet" and not parquet_installed():
        raise click.ClickException(
            "Parquet needs one thing more: pip install 'suara-loket[export]'"
        )
    return kind


def _unfinished(out: Path, *, begins: bool) -> Path:
    """Where a file is written until it is whole; never over the beginning of one that goes on."""
    path = out.with_name(out.name + UNFINISHED)
    if not begins and path.exists():
        raise click.ClickException(f"{path} holds what was written before: move it away first")
    return path


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
    release = release_of(agency_id, period, number)
    if release is None:
        raise click.ClickException(f"nothing of {period} is released")
    return release


def _write(kind: str, path: Path, found: RatingFile, *, begins: bool) -> None:
    if kind == "xlsx":
        write_xlsx(path, _tracked(found), found.lines)
    else:
        write_csv(path, _tracked(found), begins=begins)


def _tracked(found: RatingFile) -> Iterable[Sequence[Any]]:
    """The lines with a progress bar in a terminal, nothing in a log."""
    console = Console(stderr=True)
    silent = not console.is_terminal
    return track(found.rows, "export", found.lines, console=console, disable=silent)
