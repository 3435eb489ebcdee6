"""`portal doctor`: is this installation in order?"""

import time
from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.operations import checks
from portal.operations.checks import FAILURE, OK, WARNING, Finding

OLDEST_BACKUP = 26 * 3600  # a daily timer, with some delay


@click.command("doctor")
@click.option("--public", is_flag=True, help="Also call PORTAL_PUBLIC_URL, as a citizen would.")
@click.option(
    "--backups",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also look for a backup of the last day in this folder.",
)
@with_appcontext
def doctor(public: bool, backups: Path | None) -> None:
    """Check settings, database, migrations, durability, disk, clock, mail and due work.

    Changes nothing and sends nothing. Ends with 1 when something must be mended.
    """
    findings = _findings(public=public)
    if backups is not None:
        findings.append(_newest_backup(backups))
    colours = {OK: "green", WARNING: "yellow", FAILURE: "red"}
    for finding in findings:
        click.echo(click.style(f"{finding.state:8}", fg=colours[finding.state]) + finding.text)
    failures = sum(finding.state == FAILURE for finding in findings)
    if failures:
        raise click.ClickException(f"{failures} to mend")


def _findings(*, public: bool) -> list[Finding]:
    settings = checks.settings_in_force()
    found = [finding for check in checks.ALWAYS for finding in check(settings)]
    wanted = list(checks.AROUND)
    if all(finding.state != FAILURE for finding in checks.ready(settings)[:2]):
        wanted = [*checks.WITH_DATABASE, *wanted]
    if public:
        wanted.append(checks.public_address)
    return found + [finding for check in wanted for finding in check(settings)]


def _newest_backup(folder: Path) -> Finding:
    made = [path.stat().st_mtime for pattern in ("*.db", "*.dump") for path in folder.glob(pattern)]
    if not made:
        return Finding(FAILURE, f"no backup in {folder}")
    hours = (time.time() - max(made)) / 3600
    if hours * 3600 > OLDEST_BACKUP:
        return Finding(FAILURE, f"the newest backup is {hours:.0f} hours old")
    return Finding(OK, f"the newest backup is {hours:.0f} hours old")
