"""Seals of the audit log: what they hold, and whether the log is still what they were made of."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import select

from portal.db import db
from portal.people.models import AuditEvent, AuditSeal

AT_ONCE = 1000
FIRST = ""  # what the first seal stands on


@dataclass(frozen=True)
class Checked:
    """What a comparison of the log with its seals found.

    broken  the ends of the days whose acts, or whose seal, are no longer what they were
    last    the newest digest, to be written down somewhere else
    """

    seals: int
    acts: int
    broken: list[datetime]
    last: str


def digest_of(
    agency_id: int, before: str, since: datetime | None, until: datetime
) -> tuple[str, int]:
    """The digest of the acts from one moment to another after the digest before, and how many."""
    found, number = sha256(before.encode()), 0
    query = (
        select(
            *(AuditEvent.id, AuditEvent.at, AuditEvent.account_id),
            *(AuditEvent.action, AuditEvent.subject, AuditEvent.detail),
        )
        .where(AuditEvent.agency_id == agency_id, AuditEvent.at < until)
        .order_by(AuditEvent.at, AuditEvent.id)
    )
    if since is not None:
        query = query.where(AuditEvent.at >= since)
    for act, at, *rest in db.session.execute(query, execution_options={"yield_per": AT_ONCE}):
        told = [act, at.astimezone(UTC).isoformat(timespec="microseconds"), *rest]
        found.update(json.dumps(told, sort_keys=True).encode() + b"\n")
        number += 1
    return found.hexdigest(), number


def last_seal(agency_id: int) -> AuditSeal | None:
    return db.session.scalars(
        select(AuditSeal)
        .where(AuditSeal.agency_id == agency_id)
        .order_by(AuditSeal.until.desc())
        .limit(1)
    ).first()


def check(agency_id: int, since: datetime | None = None) -> Checked:
    """Compare the log with its seals from a moment on; each seal with the one before it."""
    seals = list(
        db.session.scalars(
            select(AuditSeal).where(AuditSeal.agency_id == agency_id).order_by(AuditSeal.until)
        )
    )
    asked = [pair for pair in _pairs(seals) if since is None or pair[1].until > since]
    broken, acts = [], 0
    for before, seal in asked:
        digest, number = digest_of(
            agency_id,
            before.digest if before else FIRST,
            before.until if before else None,
            seal.until,
        )
        acts += number
        if (digest, number) != (seal.digest, seal.acts):
            broken.append(seal.until)
    return Checked(len(asked), acts, broken, seals[-1].digest if seals else "")


def known(agency_id: int, digest: str) -> datetime | None:
    """The end of the day of the seal with this digest; none where no seal has it any more."""
    return db.session.scalar(
        select(AuditSeal.until).where(AuditSeal.agency_id == agency_id, AuditSeal.digest == digest)
    )


def _pairs(seals: list[AuditSeal]) -> Iterator[tuple[AuditSeal | None, AuditSeal]]:
    return zip([None, *seals], seals, strict=False)
