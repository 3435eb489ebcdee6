"""When a mail goes out: at once, with the next digest, never in the quiet hours of its reader."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.db import db
from portal.people.models import Account
from portal.people.notice_models import MailChoice

DIGEST_AT = time(7, 0)  # local: before counters open
DAY = timedelta(days=1)


def choice_of(account: Account) -> MailChoice | None:
    """What an account has chosen; None: nothing yet."""
    return db.session.get(MailChoice, (account.agency_id, account.id))


def due_at(choice: MailChoice | None, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment at which something that happens now is told."""
    if choice is not None and choice.pace != "at_once":
        now = _next_digest(now.astimezone(zone), weekly=choice.pace == "weekly")
    return outside_quiet(choice, zone, now)


def outside_quiet(choice: MailChoice | None, zone: ZoneInfo, moment: datetime) -> datetime:
    """The first moment from this one on at which mail is wanted."""
    if choice is None:
        return moment
    return _after_quiet(moment.astimezone(zone), choice.quiet_from, choice.quiet_until)


def _next_digest(local: datetime, *, weekly: bool) -> datetime:
    """The next seven o'clock, of the next Monday where it is once a week."""
    moment = datetime.combine(local.date(), DIGEST_AT, local.tzinfo)
    while moment <= local or (weekly and moment.isoweekday() != 1):
        moment += DAY
    return moment


def _after_quiet(local: datetime, start: time | None, end: time | None) -> datetime:
    """The same moment, or the end of the quiet hours that it lies in."""
    if start is None or end is None:
        return local
    hour = local.time()
    over_midnight = start > end
    quiet = (hour >= start or hour < end) if over_midnight else start <= hour < end
    if not quiet:
        return local
    ends = datetime.combine(local.date(), end, local.tzinfo)
    return ends + DAY if over_midnight and hour >= start else ends
