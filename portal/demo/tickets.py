"""Visit tickets of the demo: a queue system at one counter, an employee's own at another.

The employee with the own tickets gives them to few of those served: what the coordinator's page
of tickets is there to show.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.counters.codes import TICKET_LENGTH, new_code
from portal.counters.models import Counter, VisitTicket
from portal.counters.periods import period_of
from portal.db import db
from portal.demo.chance import Chance, uuids
from portal.demo.city import CITY
from portal.demo.draft import Draft
from portal.demo.roster import Place
from portal.people.models import Office
from portal.ratings.models import PERSON

Row = dict[str, Any]

QUEUE: Place = ("dukcapil", "Loket 2")
OWN: Place = ("dukcapil", "Loket 4")
DAYS = 10
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
TO_TRY = 5  # tickets that nobody has used yet


def with_tickets(ratings: list[Row], draft: Draft, agency_id: int, chance: Chance) -> list[Row]:
    """Turn the last days' ratings at two counters into ratings by ticket; returns the tickets,
    those that nobody answered among them."""
    if draft.plan is not CITY:
        return []
    made = [_answered(rating, place) for rating, place in _recent(ratings, draft)]
    source = chance.stream("tickets")
    unanswered = [
        {**ticket, "rating_id": one}
        for ticket, one in zip(made, uuids(source, len(made)), strict=True)
        if ticket["issuer"] == "queue"
    ]
    fresh = [
        {
            **_ticket(agency_id, draft.counters[QUEUE], draft.window.today, "queue"),
            "employee_id": _on_duty(draft),
            "rating_id": one,
        }
        for one in uuids(source, TO_TRY)
    ]
    letters = chance.letters("tickets")
    return [
        {**ticket, "code": new_code(TICKET_LENGTH, source=letters)}
        for ticket in (*made, *unanswered, *fresh)
    ]


def served_counts(draft: Draft, agency_id: int, chance: Chance) -> list[Row]:
    """What the register says of the counter where the employee makes the tickets."""
    if draft.plan is not CITY:
        return []
    source = chance.stream("register")
    people = {
        (visit.person.id, visit.slot.day)
        for visit in draft.visits
        if visit.slot.place == OWN and visit.slot.day >= draft.window.today - timedelta(days=DAYS)
    }
    return [
        {
            "agency_id": agency_id,
            "counter_id": draft.counters[OWN],
            "employee_id": employee_id,
            "day": day,
            "people": int(source.integers(28, 46)),
        }
        for employee_id, day in sorted(people)
    ]


def ticket_entries() -> list[Row]:
    """For demo.json: tickets to try, each good for one rating."""
    rows = db.session.execute(
        select(VisitTicket.code, Counter.label, Office.name)
        .join(
            Counter,
            (Counter.agency_id == VisitTicket.agency_id) & (Counter.id == VisitTicket.counter_id),
        )
        .join(Office, (Office.agency_id == Counter.agency_id) & (Office.id == Counter.office_id))
        .where(VisitTicket.expires_at == NEVER)
        .order_by(VisitTicket.code)
    )
    return [
        {"code": code, "path": f"/n/{code}", "counter": label, "office": office}
        for code, label, office in rows
    ]


def _recent(ratings: list[Row], draft: Draft) -> list[tuple[Row, Place]]:
    """The ratings that name who served, at the two counters, of the last days."""
    places = {draft.counters[place]: place for place in (QUEUE, OWN)}
    since = draft.window.today - timedelta(days=DAYS)
    return [
        (rating, places[rating["counter_id"]])
        for rating in ratings
        if rating["counter_id"] in places
        and rating["rated_on"] >= since
        and rating["counts_for"] == PERSON
    ]


def _answered(rating: Row, place: Place) -> Row:
    issuer = "queue" if place == QUEUE else "self"
    rating["channel"] = "ticket"
    rating["attributed_by"] = "queue_ticket" if issuer == "queue" else "own_ticket"
    rating["code_version"] = None
    ticket = _ticket(rating["agency_id"], rating["counter_id"], rating["rated_on"], issuer)
    issued_at = rating["issued_at"] - timedelta(minutes=2)
    return {
        **ticket,
        "employee_id": rating["employee_id"],
        "rating_id": rating["id"],
        "issued_at": issued_at,
        "finished_at": issued_at if issuer == "queue" else None,
        "expires_at": issued_at + timedelta(days=3),
    }


def _ticket(agency_id: int, counter_id: int, day: date, issuer: str) -> Row:
    issued_at = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    return {
        "agency_id": agency_id,
        "counter_id": counter_id,
        "issuer": issuer,
        "served_on": day,
        "period": period_of(day),
        "issued_at": issued_at,
        "finished_at": None,
        "expires_at": NEVER,
    }


def _on_duty(draft: Draft) -> int | None:
    """Who serves at the queue system's counter today, if it is one person."""
    end = max(shift.ends_at for shift in draft.shifts)
    here = [one for one in draft.shifts if one.place == QUEUE and one.ends_at == end]
    return here[0].person.id if len(here) == 1 else None
