"""The thresholds an agency works with: the engine's own, and those of the procedure around it."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from portal.db import db
from portal.people.models import Account
from portal.records.models import Policy

if TYPE_CHECKING:
    from portal import scoring


def _named(default: int, why: str) -> Any:
    return field(default=default, metadata={"why": why})


@dataclass(frozen=True)
class AgencyPolicy:
    """One version of an agency's rules; version 0 is what the portal ships with.

    `engine` holds the thresholds of the scoring engine that the agency has changed.
    """

    version: int = 0
    agency_id: int = 0
    engine: dict[str, Any] = field(default_factory=dict)
    least_new_ratings: int = _named(5, "fewer would let a single citizen be told from the others")
    closing_days: int = _named(10, "days after a period's end: phones without network send late")
    contest_days: int = _named(14, "PP 30/2019 article 59: objections within 14 days")
    ruling_days: int = _named(14, "days within which the appeals officer answers")
    second_person: int = _named(0, "1: guidance asks for a second person; 2: every award too")
    comment_years: int = _named(2, "comments are erased after this")
    case_face: int = _named(1, "ratings up to this face open a case; 0: none does")
    case_words: int = _named(1, "1: comments with worrying words open a case too")
    case_to: int = _named(0, "who is told of new cases; 0: both, 1: supervisors, 2: coordinators")
    case_days: int = _named(5, "working days within which a case is done")
    monitor_repeat: int = _named(0, "1: counted only, sets nothing aside")
    monitor_lone_device: int = _named(0, "1: counted only, sets nothing aside")
    monitor_pace: int = _named(0, "1: counted only, sets nothing aside")
    monitor_burst: int = _named(0, "1: counted only, sets nothing aside")
    monitor_off_hours: int = _named(0, "1: counted only, sets nothing aside")
    monitor_duplicate: int = _named(0, "1: counted only, sets nothing aside")
    monitor_haste: int = _named(1, "a new control is watched before it sets anything aside")

    @property
    def monitored(self) -> frozenset[str]:
        """The controls that only count."""
        return frozenset(name for name in CONTROLS if getattr(self, f"monitor_{name}"))


# Each control of submissions works, or is monitored: then it counts, and sets nothing aside. A
# new one is monitored until an agency has seen what it would do.
CONTROLS = ("repeat", "lone_device", "pace", "burst", "off_hours", "duplicate", "haste")
# What the engine no longer weighs when a control is monitored; the last two work outside it.
SILENCED: dict[str, dict[str, float]] = {
    "repeat": {"repeat_weight": 0.0, "top_repeat_weight": 0.0},
    "lone_device": {"lone_weight": 0.0, "circle_share": 0.0},
    "pace": {"pace_weight": 0.0},
    "burst": {"burst_weight": 0.0},
    "off_hours": {"off_hours_weight": 0.0},
}
PROCEDURE = {item.name: item for item in fields(AgencyPolicy) if "why" in item.metadata}


def current_policy(agency_id: int) -> AgencyPolicy:
    """The newest version an agency has, or the shipped one."""
    row = db.session.scalar(
        select(Policy).where(Policy.agency_id == agency_id).order_by(Policy.version.desc()).limit(1)
    )
    return _from_row(row) if row else AgencyPolicy(agency_id=agency_id)


def policy_version(agency_id: int, version: int) -> AgencyPolicy:
    """A version as it was when a run used it."""
    row = db.session.get(Policy, (agency_id, version))
    return _from_row(row) if row else AgencyPolicy(agency_id=agency_id)


@dataclass(frozen=True)
class Version:
    """When a version was put in force, and by whom."""

    version: int
    since: datetime
    by: str | None


def policy_versions(agency_id: int) -> list[Version]:
    """All versions an agency has had, newest first."""
    rows = db.session.execute(
        select(Policy.version, Policy.created_at, Account.name)
        .outerjoin(Account, Account.id == Policy.approved_by)
        .where(Policy.agency_id == agency_id)
        .order_by(Policy.version.desc())
    )
    return [Version(*row) for row in rows]


def _from_row(row: Policy) -> AgencyPolicy:
    return as_version(row.agency_id, row.version, row.thresholds)


def as_version(agency_id: int, version: int, thresholds: dict[str, Any]) -> AgencyPolicy:
    """Stored thresholds ({name: value}, of procedure and engine) as a version."""
    procedure = {name: value for name, value in thresholds.items() if name in PROCEDURE}
    engine = {name: value for name, value in thresholds.items() if name not in PROCEDURE}
    return AgencyPolicy(version, agency_id, engine, **procedure)


def engine_policy(policy: AgencyPolicy) -> "scoring.Policy":
    """The engine's thresholds: what is shipped, with what the agency has changed, without the
    controls that are only monitored."""
    silenced: dict[str, Any] = {}
    for name in policy.monitored:
        silenced |= SILENCED.get(name, {})
    return replace(full_policy(policy), **silenced)


def full_policy(policy: AgencyPolicy) -> "scoring.Policy":
    """The same with every control at work."""
    # The engine brings scipy: only who needs it loads it, a web process almost never.
    from portal import scoring  # noqa: PLC0415

    name = f"{policy.agency_id}.{policy.version}" if policy.version else scoring.Policy().version
    return scoring.Policy.from_dict(scoring.Policy().to_dict() | {"version": name} | policy.engine)
