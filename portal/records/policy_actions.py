"""A new version of an agency's thresholds: the old ones stay, with all that was decided on them."""

from datetime import datetime
from typing import Any

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.records.models import Policy
from portal.records.policies import PROCEDURE, AgencyPolicy, current_policy, full_policy


class PolicyMoved(Exception):
    """Somebody has set a newer version since the page was opened."""


class NothingChanged(Exception):
    """The thresholds are those in force."""


def with_thresholds(held: AgencyPolicy, values: dict[str, Any]) -> AgencyPolicy:
    """What a policy would be with other thresholds; raises scoring.BadPolicy where they clash."""
    procedure = {name: getattr(held, name) for name in PROCEDURE}
    procedure |= {name: value for name, value in values.items() if name in PROCEDURE}
    shipped = full_policy(AgencyPolicy()).to_dict()
    engine = held.engine | {name: value for name, value in values.items() if name in shipped}
    engine = {name: value for name, value in engine.items() if value != shipped[name]}
    edited = AgencyPolicy(held.version, held.agency_id, engine, **procedure)
    full_policy(edited)
    return edited


def changes_between(held: AgencyPolicy, edited: AgencyPolicy) -> dict[str, tuple[Any, Any]]:
    """What differs: the value in force and the new one."""
    before = full_policy(held).to_dict() | {name: getattr(held, name) for name in PROCEDURE}
    after = full_policy(edited).to_dict() | {name: getattr(edited, name) for name in PROCEDURE}
    return {
        name: (before[name], after[name])
        for name in before
        if before[name] != after[name] and name != "version"
    }


def set_policy(
    by: Account, values: dict[str, Any], based_on: int, reason: str, now: datetime
) -> AgencyPolicy:
    """Put a new version in force from the next release on; closed quarters keep theirs."""
    begin_write()
    held = current_policy(by.agency_id)
    if held.version != based_on:
        raise PolicyMoved
    edited = with_thresholds(held, values)
    changes = changes_between(held, edited)
    if not changes:
        raise NothingChanged
    version = held.version + 1
    thresholds = {name: getattr(edited, name) for name in PROCEDURE} | edited.engine
    db.session.add(
        Policy(
            agency_id=by.agency_id,
            version=version,
            thresholds=thresholds,
            approved_by=by.id,
            created_at=now,
        )
    )
    detail: dict[str, object] = {
        "reason": reason.strip(),
        "changes": {name: list(two) for name, two in changes.items()},
    }
    note_act(by, "set_policy", now, subject=f"policy:{version}", detail=detail)
    db.session.commit()
    return current_policy(by.agency_id)
