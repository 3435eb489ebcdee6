"""Visits as the rows that the citizen's pages would have stored."""

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np

from portal.counters.codes import ALPHABET
from portal.counters.periods import period_of
from portal.demo.chance import Chance, pick, uuids
from portal.demo.roster import Place, Window
from portal.demo.standards import SERVICES
from portal.demo.visits import Visit
from portal.demo.words import ALLEGATION, ATTACK, words_for
from portal.ratings.comments import for_inspector
from portal.ratings.masking import mask
from portal.ratings.models import OFFICE_ONLY, PERSON
from portal.ratings.rude_words import is_rude
from portal.ratings.tokens import RECEIPT_LENGTH

LANGUAGES = (("id", 0.9), ("jv", 0.04), ("su", 0.03), ("en", 0.03))
COMMENTED = {1: 0.45, 2: 0.3, 3: 0.1, 4: 0.12}
NAMED_CAUSE = {1: 0.55, 2: 0.5, 3: 0.08, 4: 0.0}

Row = dict[str, Any]


@dataclass
class Rows:
    """What is inserted for one agency's visits."""

    ratings: list[Row] = field(default_factory=list)
    comments: list[Row] = field(default_factory=list)
    withdrawals: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Keys:
    """The keys of what visits point to."""

    agency_id: int
    counters: dict[Place, int]
    services: dict[str, int]
    versions: dict[Place, int]  # of the code that hung at the counter


def rating_rows(visits: list[Visit], keys: Keys, window: Window, chance: Chance) -> Rows:
    """Ratings in the order in which they came, their comments, and a few taken back."""
    source = chance.stream(f"rows {keys.agency_id}")
    visits = sorted(visits, key=lambda v: (v.slot.day, v.second, v.slot.place, v.device))
    rows = Rows()
    for visit, rating_id in zip(visits, uuids(source, len(visits)), strict=True):
        row = _rating(visit, rating_id, keys, window, source)
        rows.ratings.append(row)
        comment = _comment(visit, row, source)
        if comment:
            rows.comments.append(comment)
        if not visit.kind and source.random() < 0.002:
            at = row["received_at"] + timedelta(minutes=int(source.integers(2, 90)))
            rows.withdrawals.append({**_key(row), "at": at})
    return rows


def _rating(
    visit: Visit, rating_id: uuid.UUID, keys: Keys, window: Window, source: np.random.Generator
) -> Row:
    slot = visit.slot
    issued_at = window.midnight(slot.day) + timedelta(seconds=visit.second)
    period = period_of(slot.day)
    several = len(slot.services) > 1
    return {
        "agency_id": keys.agency_id,
        "period": period,
        "id": rating_id,
        "receipt": "".join(pick(source, ALPHABET) for _letter in range(RECEIPT_LENGTH)),
        "counter_id": keys.counters[slot.place],
        "code_version": keys.versions.get(slot.place, 1),
        "service_id": None if several and source.random() < 0.2 else keys.services[visit.service],
        "overall": visit.face,
        **dict(zip(("ramah", "cakap", "cekatan"), visit.elements, strict=True)),
        "cause": _cause(visit, source),
        **_attribution(visit, source),
        "language": _language(source),
        # Another key each period: a phone is not known again after the quarter's end.
        "device": hashlib.blake2b(visit.device + period.encode(), digest_size=16).digest(),
        "rated_on": slot.day,
        "issued_at": issued_at,
        "received_at": issued_at + _delay(visit, source),
        "tries": int(source.random() < 0.01),
    }


def _attribution(visit: Visit, source: np.random.Generator) -> Row:
    """What the rules of `ratings.attribution` give for this visit; most found one on duty."""
    slot, draw = visit.slot, source.random()
    if visit.kind:
        draw = 0.5
    if draw < 0.02:
        return _whom("list", None, OFFICE_ONLY, "nobody_on_duty")
    several = len(slot.on_duty) > 1
    if draw < (0.25 if several else 0.03):
        return _whom("poster", None, OFFICE_ONLY, "not_chosen" if several else "not_this_person")
    counts_for, by = PERSON, "chosen" if several else "one_on_duty"
    if not visit.person.civil_servant:
        counts_for, by = OFFICE_ONLY, "not_a_civil_servant"
    elif not slot.confirmed:
        counts_for, by = OFFICE_ONLY, "unconfirmed_duty"
    return _whom("poster", visit.person.id, counts_for, by)


def _whom(channel: str, employee_id: int | None, counts_for: str, by: str) -> Row:
    return {
        "channel": channel,
        "employee_id": employee_id,
        "counts_for": counts_for,
        "attributed_by": by,
    }


def _cause(visit: Visit, source: np.random.Generator) -> str | None:
    """Who is dissatisfied may say with what; in hard services it is mostly the procedure."""
    if visit.kind == "attack":
        return "person" if source.random() < 0.4 else None
    if source.random() >= NAMED_CAUSE[visit.face]:
        return None
    hard = SERVICES[visit.service].ease < -0.9
    shares = (0.25, 0.45, 0.1, 0.2) if hard else (0.5, 0.2, 0.12, 0.18)
    names = ("person", "procedure", "facility", "system")
    return names[int(np.searchsorted(np.cumsum(shares), source.random() * 0.999))]


def _language(source: np.random.Generator) -> str:
    draw = source.random()
    for name, share in LANGUAGES:
        draw -= share
        if draw < 0:
            return name
    return "id"


def _delay(visit: Visit, source: np.random.Generator) -> timedelta:
    """Seconds between form and answer; without network it is sent later the same day."""
    delay = timedelta(seconds=float(np.round(source.uniform(9, 80), 3)))
    if not visit.kind and source.random() < 0.015:
        delay += timedelta(minutes=int(source.integers(20, 420)))
    return delay


def _comment(visit: Visit, row: Row, source: np.random.Generator) -> Row | None:
    chance = 0.3 if visit.kind == "attack" else COMMENTED[visit.face]
    if visit.kind == "stuffed" or source.random() >= chance:
        return None
    if visit.kind == "attack":
        wordings = pick(source, ATTACK)
        text = wordings[row["id"].int % len(wordings)]
    elif visit.face <= 2 and source.random() < 0.02:
        text = pick(source, ALLEGATION)
    else:
        text = pick(source, words_for(visit.face, row["cause"], row["language"]))
    return {
        **_key(row),
        "key": uuid.uuid5(row["id"], "comment"),
        "text": mask(text),
        "for_inspector": for_inspector(text),
        "rude": is_rude(text),
    }


def _key(row: Row) -> Row:
    return {"agency_id": row["agency_id"], "period": row["period"], "rating_id": row["id"]}
