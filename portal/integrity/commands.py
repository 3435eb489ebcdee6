"""`portal integrity-key`: the inspectorate's key at the command line; and due work."""

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.integrity import key_actions as keys
from portal.integrity.report_actions import forget_closed_reports, tell_inspectors
from portal.integrity.sealing import WrongPassphrase
from portal.people.models import Agency
from portal.tick import Job

JOBS = (
    Job("integrity reports", tell_inspectors),
    Job("old integrity reports", forget_closed_reports),
)


@click.command("integrity-key")
@click.option("--agency", "agency_code", required=True, help="Code of the agency, such as kota.")
@click.option("--replace", is_flag=True, help="Replace the key: asks for the passphrase so far.")
@click.option("--lost", is_flag=True, help="Replace a key whose passphrase is lost.")
@click.option("--found", is_flag=True, help="A lost passphrase is found: open what it sealed.")
@click.option(
    "--passphrase-stdin",
    "from_stdin",
    is_flag=True,
    help="Read from standard input: the passphrase so far where it is asked for, then the new one.",
)
@with_appcontext
def integrity_key(
    *, agency_code: str, replace: bool, lost: bool, found: bool, from_stdin: bool
) -> None:
    """Make the key for which citizens' reports to the inspectorate are sealed.

    An inspector does the same on screen, under Laporan integritas. Let the inspectorate type the
    passphrase itself: whoever knows it can read the reports, and without it nobody can.
    """
    if replace + lost + found > 1:
        raise click.UsageError("one of --replace, --lost and --found")
    agency = db.session.scalar(select(Agency).where(Agency.code == agency_code))
    if agency is None:
        raise click.UsageError(f"there is no agency {agency_code}")
    now = clock.now()
    try:
        if found:
            done = keys.recover(agency, _old(from_stdin), now)
            click.echo(f"{done} messages can be read again.")
        elif replace or lost:
            old = _old(from_stdin) if replace else None
            done = keys.replace_key(agency, None, old, _new(from_stdin), now)
            click.echo(f"The key is replaced; {done} messages are sealed anew.")
        else:
            keys.make_key(agency, None, _new(from_stdin), now)
            click.echo("The key is made; citizens can report to the inspectorate now.")
    except WrongPassphrase:
        raise click.ClickException("that passphrase does not open the key") from None
    except keys.KeyExists:
        raise click.ClickException("there is a key already; see --replace") from None
    except keys.NoKeyYet:
        raise click.ClickException("there is no key yet") from None


def _old(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt("Passphrase of that key", hide_input=True))


def _new(from_stdin: bool) -> str:
    if from_stdin:
        words = sys.stdin.readline().rstrip("\n")
    else:
        words = click.prompt("New passphrase", hide_input=True, confirmation_prompt=True)
    if len(words) < keys.SHORTEST_PASSPHRASE:
        raise click.ClickException(
            f"a passphrase needs {keys.SHORTEST_PASSPHRASE} characters or more"
        )
    return words
