"""`portal tick`: all due work, once or every minute."""

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType

import click
import structlog
from flask.cli import with_appcontext

from portal import clock
from portal.assisted import commands as assisted
from portal.counters.check_in_actions import check_out_due
from portal.counters.print_actions import print_due
from portal.db import db
from portal.followups.opening_actions import escalate_late, open_cases
from portal.integrity import commands as integrity
from portal.operations.actions import beat
from portal.operations.partitions import ensure_partitions
from portal.overview.report_actions import make_reports
from portal.people.actions import forget_sent_mail
from portal.people.audit_actions import seal_days
from portal.people.digest_actions import send_digests
from portal.people.mail import send_due
from portal.people.webhook_actions import call_due
from portal.ratings.contact_actions import forget_contacts
from portal.ratings.reattribution_actions import reattribute_due
from portal.records import commands as records
from portal.tick import Job, run_due
from portal.transparency.actions import tell_citizens

log = structlog.get_logger()

EVERY = 60  # seconds

# In this order: what others wait for first, the heartbeat last.
JOBS = (
    Job("digests", send_digests),
    Job("mail", send_due),
    Job("print", print_due),
    Job("old mail", forget_sent_mail),
    Job("partitions", ensure_partitions),
    Job("check-out", check_out_due),
    Job("reattribution", reattribute_due),
    *records.JOBS,
    Job("follow-ups", open_cases),
    Job("late follow-ups", escalate_late),
    Job("office reports", make_reports),
    *integrity.JOBS,
    *assisted.JOBS,
    Job("answers", tell_citizens),
    Job("contacts", forget_contacts),
    Job("webhook", call_due),
    Job("audit seals", seal_days),
    Job("heartbeat", beat),
)


@click.command("tick")
@click.option("--loop", is_flag=True, help="Do not end: look for due work every minute.")
@click.option("--with-parent", type=int, hidden=True, help="End when this process has ended.")
@with_appcontext
def tick(loop: bool, with_parent: int | None) -> None:
    """Do all work that is due: mail, releases, retention, partitions.

    Let a timer call it every minute, or keep it running with --loop. Only one works at a time:
    another one ends at once, with success. It may be killed anywhere and started again. Ends
    with 1 when some work failed; the rest is done all the same.
    """
    signal.signal(signal.SIGTERM, _end)  # so that the lease is given back on the way out
    if not loop:
        raise SystemExit(1 if run_once() else 0)
    while with_parent is None or os.getppid() == with_parent:
        run_once()
        time.sleep(EVERY)


def run_once() -> list[str]:
    """Every job once; the names of those that failed."""
    failures: list[str] = []
    run_due([_guarded(job, failures) for job in JOBS], clock.now())
    return failures


def _guarded(job: Job, failures: list[str]) -> Job:
    return Job(job.name, _guard(job, failures))


def _guard(job: Job, failures: list[str]) -> Callable[[datetime], int]:
    def run(now: datetime) -> int:
        try:
            return job.run(now)
        except Exception as error:  # one job's failure must not stop the others
            db.session.rollback()
            log.error("job_failed", job=job.name, error=type(error).__name__, exc_info=error)
            failures.append(job.name)
            return 0

    return run


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
