"""`portal print`: the papers of an office or of a whole agency, as files."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import track
from sqlalchemy import select

from portal import clock
from portal.counters import print_queries as read
from portal.counters.print_actions import files_of, list_of, note_prints
from portal.counters.print_queries import Batch
from portal.counters.printing.formats import FORMATS
from portal.counters.printing.making import Order, order_for
from portal.db import db
from portal.i18n import LANGUAGES
from portal.i18n import languages as known
from portal.people.models import Agency, Office
from portal.people.queries import Scope, with_descendants

File = tuple[int, bytes, Batch]


@click.command("print")
@click.option("--agency", "agency_code", required=True, help="Code of the agency, such as kota.")
@click.option("--office", "office_code", help="Code of an office; all below it are printed too.")
@click.option(
    "--format",
    "key",
    type=click.Choice(list(FORMATS)),
    default="poster-a4",
    show_default=True,
    help="On which paper.",
)
@click.option(
    "--languages",
    default="id,en",
    show_default=True,
    help="Languages on the paper, the largest first: " + ", ".join(LANGUAGES) + ".",
)
@click.option("--sheet", "sheet_key", default="tj103", help="Label sheet, such as tj121 or l7160.")
@click.option("--changed", is_flag=True, help="Only what has changed since it was last printed.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, writable=True, path_type=Path),
    required=True,
    help="Folder for the files; made if it is not there.",
)
@with_appcontext
def print_command(
    *,
    agency_code: str,
    office_code: str | None,
    key: str,
    languages: str,
    sheet_key: str,
    changed: bool,
    out: Path,
) -> None:
    """Print the current codes of open counters into PDF files, sorted by building and counter.

    The first file is a list to tick while the papers are hung. What was printed, and under which
    address, is kept with each code and in the audit log.
    """
    agency = db.session.scalar(select(Agency).where(Agency.code == agency_code))
    if agency is None:
        raise click.UsageError(f"there is no agency {agency_code}")
    offices = _offices(agency, office_code)
    order = _order(agency, key, languages, sheet_key)
    house = read.house_of(agency)
    found = read.to_print(
        Scope(agency.id, None), house, order, offices=offices, only_changed=changed
    )
    if not found:
        click.echo("nothing to print")
        return
    out.mkdir(parents=True, exist_ok=True)
    batch = Batch(agency.id, found, order, house)
    now = clock.now()
    (out / "00-list.pdf").write_bytes(list_of(batch, "id", agency.timezone, now))
    for number, pdf, part in _bar(files_of(batch, now), batch.files):
        (out / f"{number:02}-{key}.pdf").write_bytes(pdf)
        note_prints(None, part, now)
    click.echo(f"{len(found)} codes in {batch.files} files and a list, in {out}")


def _offices(agency: Agency, code: str | None) -> frozenset[int] | None:
    if code is None:
        return None
    office = db.session.scalar(
        select(Office).where(Office.agency_id == agency.id, Office.code == code)
    )
    if office is None:
        raise click.UsageError(f"there is no office {code} in {agency.code}")
    return with_descendants(agency.id, {office.id})


def _order(agency: Agency, key: str, languages: str, sheet_key: str) -> Order:
    chosen = tuple(language.strip() for language in languages.split(","))
    unknown = [language for language in chosen if language not in known()]
    if unknown or len(set(chosen)) < len(chosen):
        raise click.UsageError(f"languages are some of {', '.join(known())}, each once")
    sheets = read.label_sheets(agency.id)
    if sheet_key not in sheets:
        raise click.UsageError(f"label sheets are {', '.join(sheets)}")
    sheet = sheets[sheet_key] if key == "labels" else None
    address: str = current_app.config["SETTINGS"].public_url
    return order_for(key, address, languages=chosen, sheet=sheet)


def _bar(files: Iterator[File], count: int) -> Iterator[File]:
    """A progress bar in a terminal, nothing in a log."""
    console = Console(stderr=True)
    quiet = not sys.stderr.isatty()
    yield from track(files, total=count, description="printing", console=console, disable=quiet)
