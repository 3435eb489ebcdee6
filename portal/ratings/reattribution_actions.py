"""Duties that were confirmed or corrected later speak anew on ratings given meanwhile.

The rating itself never changes: an attribution event is appended, and the latest one holds.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.counters.queries import duties_at, resolve_ticket
from portal.counters.ticket_actions import name_queue_tickets
from portal.db import begin_write, db
from portal.ratings.attribution import (
    LOOK_BACK,
    Attribution,
    OnDuty,
    attribute,
    offer,
    offer_of_ticket,
)
from portal.ratings.models import OFFICE_ONLY, PERSON, AttributionEvent
from portal.ratings.queries import on_duty
from portal.ratings.reattribution_queries import (
    BY_TICKET,
    Doubt,
    doubts_on,
    spoken_since,
    ticket_doubts,
)
from portal.tick import Lease

# The mark in the lease table up to which duty events have been looked at, and how far before
# it to look again: an event may be committed a moment later than it is dated.
MARK = "reattribution"
OVERLAP = timedelta(minutes=5)
FIRST_LOOK = timedelta(days=100)
# What the page itself decided by the duties it knew. Where the citizen chose, the choice stays,
# and only a person's missing confirmation can be made up for.
BY_DUTY = frozenset({"one_on_duty", "duty_corrected", "duty_confirmed"})
BY_CHOICE = frozenset({"chosen", "chosen_other"})


def reattribute_due(now: datetime) -> int:
    """Append an attribution event for each rating whose duty now says something else.

    Tickets of queue systems that nobody has used yet are named anew as well.
    """
    spoken = spoken_since(_looked_until(now) - OVERLAP)
    for time in spoken:
        name_queue_tickets(time.agency_id, time.counter_id, time.starts_at, time.ends_at)
    doubts = (*doubts_on(spoken), *ticket_doubts(spoken, now))
    changed = sum(_reattribute(doubt, now) for doubt in doubts)
    _remember(now)
    return changed


def _reattribute(doubt: Doubt, now: datetime) -> bool:
    found = _by_ticket(doubt, now) if doubt.ticket else _found(doubt)
    if (found.employee_id, found.counts_for) == (doubt.employee_id, doubt.counts_for):
        return False
    begin_write()
    db.session.add(
        AttributionEvent(
            agency_id=doubt.agency_id,
            period=doubt.period,
            rating_id=doubt.rating_id,
            employee_id=found.employee_id,
            counts_for=found.counts_for,
            attributed_by=found.by,
            reason="duty confirmed or corrected afterwards",
            at=now,
        )
    )
    db.session.commit()
    return True


def _looked_until(now: datetime) -> datetime:
    """Up to when duty events were looked at; the work is the same done twice."""
    mark = db.session.get(Lease, MARK)
    return min(mark.expires_at, now) if mark else now - FIRST_LOOK


def _remember(now: datetime) -> None:
    begin_write()
    mark = db.session.get(Lease, MARK)
    if mark is None:
        db.session.add(Lease(name=MARK, holder=MARK, expires_at=now))
    else:
        mark.expires_at = now
    db.session.commit()


def _found(doubt: Doubt) -> Attribution:
    rows = duties_at(doubt.agency_id, doubt.counter_id, doubt.issued_at, LOOK_BACK)
    known = on_duty(doubt.agency_id, doubt.channel, rows)
    same = Attribution(doubt.employee_id, doubt.counts_for, doubt.by)
    if doubt.by in BY_CHOICE or doubt.by == "unconfirmed_duty":
        # The name stood on the page: it counts once the duty of that moment is confirmed, and
        # not because of another one that was over by then.
        near = [duty for duty in known if duty.employee_id == doubt.employee_id]
        if any(duty.countable and duty.present(doubt.issued_at) for duty in near):
            return Attribution(doubt.employee_id, PERSON, "duty_confirmed")
        if doubt.by in BY_CHOICE:  # whoever was not there cannot have served
            return same if near else Attribution(None, OFFICE_ONLY, "duty_corrected")
        return same if near else _automatic(doubt, known)
    return _automatic(doubt, known) if doubt.by in BY_DUTY else same


def _by_ticket(doubt: Doubt, now: datetime) -> Attribution:
    """As the ticket's page would say it now: a queue ticket names who served, an own one its
    issuer, for whom it counts while a coordinator vouches for that duty."""
    ticket = resolve_ticket(doubt.ticket, now)
    if ticket is None or doubt.by not in BY_TICKET | BY_DUTY:
        return Attribution(doubt.employee_id, doubt.counts_for, doubt.by)
    offered = offer_of_ticket(
        ticket.issuer,
        ticket.employee_id,
        civil_servant=ticket.civil_servant,
        confirmed=ticket.confirmed,
    )
    found = attribute(offered, "")
    raised = found.employee_id == doubt.employee_id and found.counts_for == PERSON
    by = "duty_confirmed" if raised else "duty_corrected"
    return Attribution(found.employee_id, found.counts_for, by)


def _automatic(doubt: Doubt, known: Iterable[OnDuty]) -> Attribution:
    """As the page would have attributed it, had the duties been known as they are now."""
    found = attribute(offer(doubt.channel, known, doubt.issued_at, doubt.desk_of), "")
    if found.counts_for == PERSON:
        return Attribution(found.employee_id, PERSON, "duty_corrected")
    return Attribution(found.employee_id, OFFICE_ONLY, "duty_corrected")
