"""Whoever does something to others' data leaves a line in the audit log, or there is a reason."""

import ast
from pathlib import Path

import portal

ROOT = Path(portal.__file__).parent

# Public deeds that commit and note no act, with what tells of them instead.
TICK = "done by the portal itself when it is due; what it did is in the rows it leaves"
CITIZEN = "done by a citizen, of whom nothing is kept"
OWN = "only one's own draft, list or wish, which nobody else sees"
DUTY = "each step is a duty event with its account, shown on the duty"
SWAP = "both employees stand in the request; its confirmation by a coordinator is an act"
QUEUE = "done by a queue system, which stands on the ticket"
PARTLY = "a part of a release or of a print, which is noted as a whole"
WITHOUT_ACT = {
    "assisted.keep_entries": "each reading is a row with its account",
    "assisted.forget_entries": TICK,
    "people.seal_days": TICK,
    "counters.check_in": DUTY,
    "counters.check_out": DUTY,
    "counters.check_out_due": TICK,
    "counters.note_seen": TICK,
    "counters.note_refusal": CITIZEN,
    "counters.integration_of": "when a queue system was last seen",
    "counters.ask_for_run": "the run is a row with its account; every code printed is an event",
    "counters.ask_swap": SWAP,
    "counters.answer_swap": SWAP,
    "counters.withdraw_swap": SWAP,
    "counters.issue_queue_ticket": QUEUE,
    "counters.note_times": QUEUE,
    "counters.name_queue_tickets": QUEUE,
    "counters.revoke_queue_ticket": QUEUE,
    "followups.open_cases": TICK,
    "integrity.put_away": "the end of a session with the key, whose opening is noted",
    "integrity.file_report": CITIZEN,
    "integrity.write_again": CITIZEN,
    "integrity.tell_inspectors": TICK,
    "integrity.forget_closed_reports": TICK,
    "operations.beat": TICK,
    "overview.make_reports": TICK,
    "people.mark_sent": TICK,
    "people.postpone": TICK,
    "people.forget_sent_mail": TICK,
    "people.choose_mail": OWN,
    "people.send_digests": TICK,
    "people.save_view": OWN,
    "people.rename_view": OWN,
    "people.delete_view": OWN,
    "people.call_due": TICK,
    "ratings.withdraw": CITIZEN,
    "ratings.keep_contact": CITIZEN,
    "ratings.drop_contact": CITIZEN,
    "ratings.forget_contacts": TICK,
    "ratings.reattribute_due": TICK,
    "records.release_comments": PARTLY,
    "records.take_back": PARTLY,
    "records.note_floods": PARTLY,
    "records.save_draft": OWN,
    "records.drop_draft": OWN,
    "records.begin": PARTLY,
    "records.write_figures": PARTLY,
    "records.replace_histograms": PARTLY,
    "records.replace_control_counts": PARTLY,
    "records.finish": PARTLY,
    "records.unseen": PARTLY,
    "records.write": PARTLY,
    "records.release_due": TICK,
    "records.release_now": "the operator's, on the machine itself; the release is a row",
    "records.release_period": PARTLY,
    "records.forget_exact_times": TICK,
    "records.forget_receipts": TICK,
    "records.forget_drafts": TICK,
    "records.forget_measures": TICK,
    "records.erase_old_comments": TICK,
    "transparency.tell_citizens": TICK,
}


def called(deed: ast.FunctionDef, others: dict[str, ast.FunctionDef], seen: set[str]) -> set[str]:
    """The names of what a function calls, also by way of others in its file."""
    names = set()
    for node in ast.walk(deed):
        if isinstance(node, ast.Call):
            one = node.func
            name = one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")
            names.add(name)
            if name in others and name not in seen:
                names |= called(others[name], others, seen | {name})
    return names


def deeds() -> dict[str, set[str]]:
    """Every public function of an `actions` file that commits: what it calls, by its name."""
    found: dict[str, set[str]] = {}
    for file in sorted(ROOT.glob("*/*actions.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for name, deed in functions.items():
            calls = called(deed, functions, {name})
            if not name.startswith("_") and "commit" in calls:
                found[f"{file.parent.name}.{name}"] = calls
    return found


def test_every_deed_is_in_the_audit_log_or_in_the_list_of_those_that_need_not_be() -> None:
    found = deeds()
    assert len(found) > 100
    assert {name for name, calls in found.items() if "note_act" not in calls} == set(WITHOUT_ACT)
