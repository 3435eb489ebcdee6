"""What citizens said of one employee beyond the face: the elements, and who read the record."""

from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt

from sqlalchemy import func, or_, select

from portal.db import db
from portal.people.models import Account, Agency, AuditEvent, Office, RoleGrant
from portal.ratings.models import Rating
from portal.records import evidence
from portal.records.evidence import Moment
from portal.records.models import ScoringRun

ELEMENTS = ("ramah", "cakap", "cekatan")
GOOD = 3.0  # of 1 to 4: "baik"
Z95 = 1.959964
# One answer of each kind beside those given, so that equal answers do not look certain (the idea
# of Agresti and Coull 1998, as in records.public_results).
PRIOR = (4, 10, 30)
MOST_READINGS = 60
READING = "record_read"


@dataclass(frozen=True)
class Element:
    """What was answered about one element, on the scale of the answers, 1 to 4.

    answered  how many counted ratings answer it
    lo, hi    95 % interval of the mean
    """

    name: str
    answered: int
    mean: float
    lo: float
    hi: float

    @property
    def praised(self) -> bool:
        """Surely above "baik"."""
        return self.lo > GOOD

    @property
    def wanting(self) -> bool:
        """Surely below it."""
        return self.hi < GOOD


def elements(run: ScoringRun, employee_id: int, least: int) -> list[Element]:
    """The elements that at least so many of the ratings counted by a run answer, the best first.

    As the run saw them, so that they move with the score and never for one citizen alone.
    """
    moment = Moment(run.agency_id, run.period, run.release, run.as_of)
    columns = [getattr(Rating, name) for name in ELEMENTS]
    sums = [
        total
        for column in columns
        for total in (func.count(column), func.sum(column), func.sum(column * column))
    ]
    row = db.session.execute(
        evidence.ratings_as_of(moment, *sums).where(
            evidence.of_employee(moment, employee_id), evidence.COUNTS_FOR_PERSON
        )
    ).one()
    found = [
        _element(name, *(int(value or 0) for value in row[3 * at : 3 * at + 3]))
        for at, name in enumerate(ELEMENTS)
        if row[3 * at] >= least
    ]
    return sorted(found, key=lambda one: -one.mean)


def _element(name: str, number: int, total: int, squares: int) -> Element:
    mean = total / number
    wide, sum_, square = (a + b for a, b in zip((number, total, squares), PRIOR, strict=True))
    centre = sum_ / wide
    half = Z95 * sqrt(max(square / wide - centre**2, 0) / wide)
    return Element(
        name, number, mean, min(max(centre - half, 1.0), mean), max(min(centre + half, 4.0), mean)
    )


@dataclass(frozen=True)
class Reading:
    """On which day somebody of a role in an office read the record; never who.

    office  none: the whole agency
    period  the quarter that was read
    """

    day: date
    roles: tuple[tuple[str, str | None], ...]
    period: str


def readings(agency: Agency, employee_id: int, roles: tuple[str, ...]) -> list[Reading]:
    """Who has opened an employee's record, the latest day first; the same person once a day."""
    rows = db.session.execute(
        select(AuditEvent.at, AuditEvent.account_id, AuditEvent.detail)
        .where(
            AuditEvent.agency_id == agency.id,
            AuditEvent.subject == f"employee:{employee_id}",
            AuditEvent.action == READING,
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(MOST_READINGS)
    ).all()
    held = _held({row.account_id for row in rows}, roles)
    found: dict[tuple[date, int | None, str], Reading] = {}
    for at, account_id, detail in rows:
        day, period = at.astimezone(agency.zone).date(), str(detail.get("period", ""))
        then = tuple(
            (role, office)
            for role, office, since, until in held.get(account_id, [])
            if since <= at and (until is None or until > at)
        )
        found.setdefault((day, account_id, period), Reading(day, then, period))
    return list(found.values())


Held = tuple[str, str | None, datetime, datetime | None]


def _held(accounts: set[int | None], roles: tuple[str, ...]) -> dict[int | None, list[Held]]:
    """The roles that accounts hold or held: role, office, from, until."""
    rows = db.session.execute(
        select(
            RoleGrant.account_id,
            *(RoleGrant.role, Office.name, RoleGrant.granted_at, RoleGrant.ended_at),
        )
        .join(Account, Account.id == RoleGrant.account_id)
        .outerjoin(
            Office,
            (Office.agency_id == RoleGrant.agency_id) & (Office.id == RoleGrant.office_id),
        )
        .where(
            RoleGrant.account_id.in_(accounts - {None}),
            or_(*(RoleGrant.role == role for role in roles)),
        )
        .order_by(RoleGrant.role, Office.name)
    )
    found: dict[int | None, list[Held]] = {}
    for account_id, role, office, since, until in rows:
        found.setdefault(account_id, []).append((role, office, since, until))
    return found
