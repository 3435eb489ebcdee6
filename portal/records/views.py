"""Pages of records, and their lines in the menu."""

from flask_security import current_user

from portal import clock
from portal.i18n import lazy_gettext as _l
from portal.i18n import lazy_pgettext as _lp
from portal.menu import Entry
from portal.records import (
    attachment_views,
    contest_views,
    control_views,
    coverage_views,
    decision_list_views,
    decision_views,
    dialogue_views,
    fairness_views,
    period_views,
    policy_views,
    proposal_views,
    rating_file_views,
    record_views,
    set_aside_views,
    step_views,
    training_views,
)
from portal.records.blueprint import READERS, blueprint
from portal.records.judgements import objections_waiting_for
from portal.records.policy_proposals import policies_waiting_for
from portal.records.proposals import APPROVERS

__all__ = [
    "MENU",
    "attachment_views",
    "blueprint",
    "contest_views",
    "control_views",
    "coverage_views",
    "decision_list_views",
    "decision_views",
    "dialogue_views",
    "fairness_views",
    "period_views",
    "policy_views",
    "proposal_views",
    "rating_file_views",
    "record_views",
    "set_aside_views",
    "step_views",
    "training_views",
]


def _waiting() -> int:
    return objections_waiting_for(current_user) + contest_views.reviews_waiting()


def _policies() -> int:
    return len(policies_waiting_for(current_user))


def _unanswered() -> int:
    if current_user.employee_id is None:
        return 0
    return len(record_views.unanswered(clock.now()))


MENU: list[Entry] = [
    Entry("records.mine", _l("Catatan kinerja saya"), ("employee",), "person", _unanswered),
    Entry(
        "records.coverage",
        _l("Cakupan loket"),
        coverage_views.COVERAGE_READERS,
        "chart",
        filters=("office",),
    ),
    Entry("records.controls", _l("Kendali penilaian"), control_views.WATCHERS, "shield"),
    Entry(
        "records.people",
        _l("Catatan kinerja"),
        READERS,
        "chart",
        filters=("period", "office", "advice"),
    ),
    Entry("records.proposals", _l("Usulan keputusan"), APPROVERS, "edit"),
    Entry("records.contests", _l("Keberatan"), ("appeals_officer",), "task", _waiting),
    Entry(
        "records.decisions",
        _lp("daftar", "Keputusan"),
        decision_list_views.LISTERS,
        "task",
        filters=("period", "office", "kind"),
    ),
    Entry("records.periods", _l("Kalender triwulan"), period_views.PLANNERS, "calendar"),
    Entry("records.fairness", _l("Audit keadilan"), fairness_views.AUDITORS, "people"),
    Entry("records.rating_files", _l("Unduh penilaian"), rating_file_views.TAKERS, "download"),
    Entry("records.policy", _l("Ambang dan aturan"), policy_views.RULE_READERS, "list", _policies),
]
