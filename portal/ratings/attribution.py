"""Whom a rating is about, and how we know. Pure: duties and choices in, attribution out.

What the page offers is decided when the form is issued and travels in its signed token, so a
change of shift between reading and sending changes nothing. A doubtful attribution counts for
the office, never for a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.ratings.models import OFFICE_ONLY, PERSON

# A citizen who scans just after a change of shift may have been served by either of the two.
CHANGE = timedelta(minutes=15)
# 'Not this person' offers those who were on duty here within this time.
LOOK_BACK = timedelta(hours=1)
# Picked from more than these, a choice says too little to stand in a person's record.
MOST_OTHERS = 3

NAMELESS_CHANNELS = ("list",)
# Offers that name one person, and how we then know whom it is about.
NAMES_ONE = {"one": "one_on_duty", "queue_ticket": "queue_ticket", "own_ticket": "own_ticket"}
# Offers that name nobody.
NAMES_NOBODY = {
    "nobody": "nobody_on_duty",
    "closed": "outside_hours",
    "spare": "opened_offline",
    "hurried": "kiosk_pace",
}
SCANNED = ("poster", "display")  # by the citizen, at the counter
# Pages of these may be opened again without network; a ticket is for one visit only.
SPARE_CHANNELS = (*SCANNED, "list")


@dataclass(frozen=True)
class OnDuty:
    """Somebody on duty at the counter now or shortly before."""

    employee_id: int
    civil_servant: bool
    confirmed: bool  # a roster confirmed by a coordinator, or a check-in that was
    starts_at: datetime
    ends_at: datetime | None
    checked_in: bool = False  # begun by the employee; asked for on a display only

    @property
    def countable(self) -> bool:
        return self.civil_servant and self.confirmed

    def present(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True)
class Candidate:
    """A person the page names (or, with few others, offers); `countable` is why it may count."""

    employee_id: int
    countable: bool
    civil_servant: bool = True


@dataclass(frozen=True)
class Offer:
    """What the page offers: 'choose' asks who served, 'nobody' names none, the kinds in NAMES_ONE
    name one person. Three more name none: 'closed', outside the counter's hours, 'spare', for a
    page opened without network, and 'hurried', of a kiosk on which more is tapped than people come
    by."""

    kind: str
    named: tuple[Candidate, ...] = ()
    others: tuple[Candidate, ...] = ()


CLOSED = Offer("closed")


@dataclass(frozen=True)
class Attribution:
    employee_id: int | None
    counts_for: str
    by: str


def offer(
    channel: str, duties: Iterable[OnDuty], at: datetime, desk_of: int | None = None
) -> Offer:
    """What a page issued at `at` offers, by the channel and those on duty in the last hour.

    desk_of: whose desk the code hangs at. It names that person only as long as the roster does;
    whoever else may sit there is asked for, never taken for granted.
    """
    if channel in NAMELESS_CHANNELS:
        return Offer("nobody")
    known = _joined(duty for duty in duties if duty.starts_at <= at)
    present = _once(duty for duty in known if duty.present(at))
    own = [duty for duty in known if duty.employee_id == desk_of]
    there = _once(duty for duty in own if duty.present(at))
    if there and not any(_changed(duty, at) for duty in own):
        others = _once(duty for duty in known if duty.employee_id != desk_of)
        return Offer("one", (_candidate(there[0]),), tuple(map(_candidate, others)))
    if channel == "kiosk":  # nobody stands beside it who could be asked to choose
        return Offer("one", (_candidate(present[0]),)) if len(present) == 1 else Offer("nobody")
    began = [duty for duty in present if duty.checked_in]
    # Who has just checked in is who sits there: the screen's code is of this very minute.
    sure = channel == "display" and len(began) == 1
    if sure:
        present = began
    asked = channel in SCANNED and not sure
    changed = asked and any(_changed(duty, at) for duty in known)
    if len(present) == 1 and not changed and desk_of is None:
        others = _once(duty for duty in known if duty.employee_id != present[0].employee_id)
        return Offer("one", (_candidate(present[0]),), tuple(map(_candidate, others)))
    if changed:
        present = _once([*present, *(duty for duty in known if _just_left(duty, at))])
    if not present:
        return Offer("nobody")
    named = {duty.employee_id for duty in present}
    others = _once(duty for duty in known if duty.employee_id not in named)
    return Offer("choose", tuple(map(_candidate, present)), tuple(map(_candidate, others)))


def offer_of_ticket(
    issuer: str, employee_id: int | None, *, civil_servant: bool, confirmed: bool
) -> Offer:
    """A ticket names its employee itself; who issued it is kept.

    confirmed: its employee was then on a duty that a coordinator vouches for, or it is not the
    employee's own.
    """
    if employee_id is None:
        return Offer("nobody")
    kind = "queue_ticket" if issuer == "queue" else "own_ticket"
    return Offer(kind, (Candidate(employee_id, civil_servant and confirmed, civil_servant),))


def attribute(offered: Offer, answer: str) -> Attribution:
    """The attribution that follows from the page's offer and the citizen's answer.

    `answer` is "" (nothing chosen), "x" (not this person, or not known), "n<i>" for the i-th
    named and "o<i>" for the i-th other person.
    """
    if offered.kind in NAMES_NOBODY:
        return Attribution(None, OFFICE_ONLY, NAMES_NOBODY[offered.kind])
    if offered.kind in NAMES_ONE and answer in {"", "n0"}:
        return _for(offered.named[0], NAMES_ONE[offered.kind])
    picked = _picked(offered.named, answer, "n")
    if picked:
        return _for(picked, "chosen")
    other = _picked(offered.others, answer, "o")
    if other and len(offered.others) <= MOST_OTHERS:
        return _for(other, "chosen_other")
    return Attribution(None, OFFICE_ONLY, "not_this_person" if answer else "not_chosen")


def _for(candidate: Candidate, by: str) -> Attribution:
    if candidate.countable:
        return Attribution(candidate.employee_id, PERSON, by)
    # The name stays beside it: a later confirmation of the duty may raise it.
    reason = "unconfirmed_duty" if candidate.civil_servant else "not_a_civil_servant"
    return Attribution(candidate.employee_id, OFFICE_ONLY, reason)


def _picked(candidates: tuple[Candidate, ...], answer: str, letter: str) -> Candidate | None:
    for index, candidate in enumerate(candidates):
        if answer == f"{letter}{index}":
            return candidate
    return None


def _candidate(duty: OnDuty) -> Candidate:
    return Candidate(duty.employee_id, duty.countable, duty.civil_servant)


def _joined(duties: Iterable[OnDuty]) -> list[OnDuty]:
    """The duties as people sit there: who goes on where their own duty ended has not changed.

    Each keeps its end and its own word on whether it is confirmed; it begins with the first of
    those that follow each other without a gap, and one that goes on has not left.
    """
    joined: list[OnDuty] = []
    for duty in sorted(duties, key=lambda duty: duty.starts_at):
        before = next(
            (
                one
                for one in joined
                if one.employee_id == duty.employee_id
                and one.ends_at is not None
                and one.ends_at == duty.starts_at
            ),
            None,
        )
        if before is None:
            joined.append(duty)
        else:
            joined[joined.index(before)] = replace(duty, starts_at=before.starts_at)
    return joined


def _changed(duty: OnDuty, at: datetime) -> bool:
    began = at - CHANGE < duty.starts_at <= at
    return began or _just_left(duty, at)


def _just_left(duty: OnDuty, at: datetime) -> bool:
    return duty.ends_at is not None and at - CHANGE < duty.ends_at <= at


def _once(duties: Iterable[OnDuty]) -> list[OnDuty]:
    """Each employee once, the confirmed duty before an unconfirmed one; in a fixed order."""
    best: dict[int, OnDuty] = {}
    for duty in sorted(duties, key=lambda duty: (not duty.confirmed, duty.starts_at)):
        best.setdefault(duty.employee_id, duty)
    return sorted(best.values(), key=lambda duty: duty.employee_id)
