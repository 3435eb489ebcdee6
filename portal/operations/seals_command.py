"""`portal check-seals`: is the audit log still what its days were sealed as?"""

from collections.abc import Sequence
from datetime import timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.db import db
from portal.people.audit_seals import check, known
from portal.people.models import Agency

A_MOMENT = timedelta(microseconds=1)  # a seal ends at the midnight after its day


@click.command("check-seals")
@click.option("--agency", "agency_code", help="Code of one agency; else all of them.")
@click.option("--digest", help="A digest noted earlier outside the portal: is it still there?")
@with_appcontext
def check_seals(agency_code: str | None, digest: str | None) -> None:
    """Compare the whole audit log with the seals of its days, from the first day on.

    Changes nothing. Ends with 1 when a day is no longer as it was sealed, and tells the first.
    """
    query = select(Agency).order_by(Agency.code)
    if agency_code:
        query = query.where(Agency.code == agency_code)
    agencies = db.session.scalars(query).all()
    if agency_code and not agencies:
        raise click.ClickException(f"there is no agency {agency_code}")
    whole = [_told(agency) for agency in agencies]
    if digest:
        whole.append(_still_there(agencies, "".join(digest.split()).lower()))
    if not all(whole):
        raise SystemExit(1)


def _told(agency: Agency) -> bool:
    """Print what was found of one agency; whether all of it is as it was."""
    found = check(agency.id)
    if not found.seals:
        click.echo(f"{agency.code}: nothing is sealed yet; portal tick seals each day")
        return True
    seen = f"{agency.code}: {found.seals} seals, {found.acts} acts"
    if not found.broken:
        click.echo(f"{seen}, all as they were sealed; the newest digest: {found.last}")
        return True
    first = (found.broken[0] - A_MOMENT).astimezone(agency.zone)
    more = f" (in all {len(found.broken)} days)" if len(found.broken) > 1 else ""
    click.echo(f"{seen}: DIFFERS, first on {first:%Y-%m-%d}{more}", err=True)
    return False


def _still_there(agencies: Sequence[Agency], digest: str) -> bool:
    for agency in agencies:
        until = known(agency.id, digest)
        if until is not None:
            day = (until - A_MOMENT).astimezone(agency.zone)
            click.echo(f"{agency.code}: this digest seals {day:%Y-%m-%d}")
            return True
    click.echo("no seal has this digest: seals were made anew", err=True)
    return False
