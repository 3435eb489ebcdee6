"""The page of the period calendar."""

from flask import render_template
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.people.queries import scope_of
from portal.records.blueprint import READERS, blueprint
from portal.records.period_calendar import quarters
from portal.records.policies import current_policy
from portal.records.policy_views import RULE_READERS

PLANNERS = ("hr", "auditor", "administrator", "supervisor")
DECISION_READERS = ("hr", "auditor", "supervisor")


@blueprint.get("/periods")
@role(*PLANNERS)
def periods() -> str:
    """Every quarter: its days, when it closes, until when people object, what comes next."""
    agency = current_user.agency
    policy = current_policy(agency.id)
    today = clock.now().astimezone(agency.zone).date()
    held = current_user.role_names
    return render_template(
        "records/periods.html",
        quarters=quarters(agency, scope_of(current_user, *DECISION_READERS), policy, today),
        policy=policy,
        reads_records=bool(held & set(READERS)),
        reads_rules=bool(held & set(RULE_READERS)),
        reads_decisions=bool(held & set(DECISION_READERS)),
        zone=agency.timezone,
    )
