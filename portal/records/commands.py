"""Commands of records: release, close-period, replay-decision, verify; and their due work."""

from datetime import datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from portal import clock
from portal.counters.periods import NotAPeriod, first_day
from portal.db import db
from portal.people.models import Agency
from portal.records import closing_actions, replay
from portal.records.correction_actions import correct_due
from portal.records.flood_actions import note_floods
from portal.records.release_actions import release_due, release_now
from portal.records.replay import NoSuchDecision, Replay
from portal.records.retention_actions import (
    erase_old_comments,
    forget_drafts,
    forget_exact_times,
    forget_measures,
    forget_receipts,
)
from portal.tick import Job, run_due

JOBS = (
    Job("release", release_due),
    Job("floods", note_floods),  # after the release, which counts anew
    Job("correct", correct_due),
    Job("forget_exact_times", forget_exact_times),
    Job("forget_receipts", forget_receipts),
    Job("erase_old_comments", erase_old_comments),
    Job("forget_drafts", forget_drafts),
    Job("forget_measures", forget_measures),
)
# Seconds: the loop beside the server may just be at it.
PATIENCE = 120
BUSY = "due work is under way elsewhere; try again when it is done"


@click.command("release")
@click.option(
    "--now", "at_once", is_flag=True, help="Ignore the daily limit; never the 5. For trials only."
)
@with_appcontext
def release(at_once: bool) -> None:
    """Move figures on where a release is due; nobody with fewer than 5 new ratings moves."""
    if at_once and current_app.config["SETTINGS"].production:
        raise click.ClickException("--now is refused in production")
    job = Job("release", release_now if at_once else release_due)
    done = run_due([job], clock.now(), patience=PATIENCE)
    if done is None:
        raise click.ClickException(BUSY)
    click.echo(f"{done['release']} periods released.")


@click.command("close-period")
@click.option("--agency", "agency_code", required=True, help="Code of the agency, such as kota.")
@click.argument("period")
@with_appcontext
def close_period(agency_code: str, period: str) -> None:
    """Close PERIOD (such as 2026-Q4) for good: everybody's record is frozen."""
    try:
        first_day(period)
    except NotAPeriod:
        raise click.BadParameter(f"{period} is not a quarter such as 2026-Q4") from None
    failed: list[str] = []

    def run(now: datetime) -> int:
        try:
            return closing_actions.close_period(agency_code, period, now).moved
        except closing_actions.NoSuchAgency:
            failed.append(f"there is no agency {agency_code}")
        except closing_actions.AlreadyClosed:
            failed.append(f"{period} is closed already")
        except closing_actions.TooEarly as error:
            failed.append(str(error))
        return 0

    done = run_due([Job("close", run)], clock.now(), patience=PATIENCE)
    if done is None:
        raise click.ClickException(BUSY)
    if failed:
        raise click.ClickException(failed[0])
    click.echo(f"{period} is closed: {done['close']} records.")


@click.command("replay-decision")
@click.argument("decision_id", metavar="ID", type=int)
@with_appcontext
def replay_decision(decision_id: int) -> None:
    """Recompute the evidence of decision ID and say whether it is the same."""
    try:
        found = replay.replay(decision_id)
    except NoSuchDecision:
        raise click.ClickException(f"there is no decision {decision_id}") from None
    if not _told(f"decision {decision_id}, run {found.run_id}", found):
        raise SystemExit(1)


@click.command("verify")
@click.option("--agency", "agency_code", help="Code of one agency; else all of them.")
@with_appcontext
def verify(agency_code: str | None) -> None:
    """Recompute every figure that is shown and compare it with what is stored."""
    agency_id = None
    if agency_code:
        agency_id = db.session.scalar(select(Agency.id).where(Agency.code == agency_code))
        if agency_id is None:
            raise click.ClickException(f"there is no agency {agency_code}")
    same = [_told(name, found) for name, found in replay.verify(agency_id)]
    click.echo(f"{len(same)} compared, {same.count(False)} differ.")
    if not all(same):
        raise SystemExit(1)


def _told(name: str, found: Replay) -> bool:
    """Print what was found; whether it was the same."""
    bits = "to the last bit" if found.exact else "within 1e-9"
    click.echo(f"{name}: {f'the same {bits}' if found.same else 'DIFFERS'}")
    for line in found.differences:
        click.echo(f"  {line}", err=True)
    for line in found.notes:
        click.echo(f"  ({line})")
    return found.same
