"""`portal create-account`: the first administrator, who makes all others on screen."""

import sys

import click
from flask.cli import with_appcontext

from portal import clock
from portal.access import ROLES
from portal.operations import actions
from portal.people.actions import EmailTaken, NameTaken
from portal.people.models import ZONES

SHORTEST_PASSWORD = 10


@click.command("create-account")
@click.option("--agency", "agency_code", required=True, help="Code of the agency, such as kota.")
@click.option("--agency-name", help="Make the agency under this name if it is not there yet.")
@click.option(
    "--timezone",
    type=click.Choice(ZONES),
    default=ZONES[0],
    show_default=True,
    help="Of an agency that is made.",
)
@click.option("--name", required=True, help="Name of the person.")
@click.option("--email", required=True, help="Address with which the person signs in.")
@click.option("--role", type=click.Choice(ROLES), default="administrator", show_default=True)
@click.option("--office", "office_code", help="Code of an office; without it the whole agency.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def create_account(
    *,
    agency_code: str,
    agency_name: str | None,
    timezone: str,
    name: str,
    email: str,
    role: str,
    office_code: str | None,
    password_stdin: bool,
) -> None:
    """Create an account, such as the first administrator's, and the agency with it.

    The password is asked for, or read from standard input; it never stands in the command.
    """
    if "@" not in email:
        raise click.BadParameter("is no e-mail address", param_hint="--email")
    password = _password(from_stdin=password_stdin)
    try:
        account = actions.create_account(
            agency_code=agency_code,
            agency_name=agency_name,
            timezone=timezone,
            name=name,
            email=email,
            password=password,
            role=role,
            office_code=office_code,
            now=clock.now(),
        )
    except EmailTaken:
        raise click.ClickException(f"{email} already has an account") from None
    except NameTaken:
        raise click.ClickException(
            f"{agency_code} has an account of that name. One person has one account: give it the"
            " role on screen; for another person add to the name, such as the job"
        ) from None
    except actions.NoSuchAgency:
        raise click.ClickException(
            f"there is no agency {agency_code}; give --agency-name to make it"
        ) from None
    except actions.NoSuchOffice:
        raise click.ClickException(f"{agency_code} has no office {office_code}") from None
    click.echo(f"{account.email} is {role} of {office_code or agency_code}.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"a password needs {SHORTEST_PASSWORD} characters or more")
    return password
