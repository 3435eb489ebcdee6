"""`portal import`: master data from CSV files, duties also from iCalendar."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import Progress as Bar

from portal import clock
from portal.imports.actions import KINDS, ChangedMeanwhile, NoSuchAgency, import_file
from portal.imports.plan import Progress, Report
from portal.people.actions import new_agency
from portal.people.models import ZONES


@click.command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--agency", "agency_code", required=True, help="Code of the agency, such as kota.")
@click.option("--dry-run", is_flag=True, help="Only report what is wrong and what would change.")
@click.option("--create-agency", metavar="NAME", help="Make the agency if it is not there yet.")
@click.option(
    "--timezone",
    type=click.Choice(ZONES),
    default=ZONES[0],
    show_default=True,
    help="Of an agency that is made.",
)
@with_appcontext
def import_command(
    *,
    kind: str,
    file: Path,
    agency_code: str,
    dry_run: bool,
    create_agency: str | None,
    timezone: str,
) -> None:
    """Import data of KIND from a CSV FILE; duties also from an iCalendar file (.ics).

    All lines are imported or none. Rows that are there already are updated, so the same file
    can be imported again. A new agency imports offices, services, counters, employees,
    accounts, duties, holidays, in this order; docs/import describes the columns and has a
    sample of each. measures, which the fairness audit alone reads, take the place of the same
    measure of the same quarter.
    """
    try:
        with _bar(f"{kind} {file.name}") as progress:
            report = import_file(
                kind,
                file,
                agency_code,
                dry_run=dry_run,
                now=clock.now(),
                progress=progress,
                new_agency=(lambda: new_agency(agency_code, create_agency, timezone))
                if create_agency
                else None,
            )
    except NoSuchAgency:
        raise click.UsageError(
            f"there is no agency {agency_code}; give --create-agency NAME to make it"
        ) from None
    except ChangedMeanwhile:
        raise click.ClickException(
            "nothing was imported: meanwhile somebody else wrote some of the same; try again"
        ) from None
    if not report.accepted:
        _refuse(file, report)
    click.echo(_summary(report, dry_run=dry_run))


def _summary(report: Report, *, dry_run: bool) -> str:
    parts = [
        f"{report.created} created",
        f"{report.updated} updated",
        f"{report.unchanged} unchanged",
    ]
    if report.removed:
        parts.append(f"{report.removed} removed")
    if report.invited:
        parts.append(f"{report.invited} invited by mail")
    words = ", ".join(parts)
    return f"Dry run, nothing written; would be: {words}." if dry_run else f"Imported: {words}."


def _refuse(file: Path, report: Report) -> None:
    """Every problem on its own line, then exit status 2."""
    for problem in report.problems:
        click.echo(f"{file}: {problem}", err=True)
    click.echo(f"Nothing was imported: {len(report.problems)} problems.", err=True)
    raise click.exceptions.Exit(2)


@contextmanager
def _bar(words: str) -> Iterator[Progress]:
    """A progress bar on a terminal; silence in a pipe or a log."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
