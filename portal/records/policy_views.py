"""The thresholds of an agency: to read, to try on simulated staff, to propose and to approve."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.blueprint import ID, id_argument
from portal.records.blueprint import blueprint
from portal.records.forms import WithdrawProposal
from portal.records.policies import (
    PROCEDURE,
    AgencyPolicy,
    current_policy,
    engine_policy,
    full_policy,
    policy_versions,
)
from portal.records.policy_actions import (
    NothingChanged,
    PolicyMoved,
    approve_policy,
    changes_between,
    propose_policy,
    return_policy,
    with_thresholds,
    withdraw_policy,
)
from portal.records.policy_forms import AnswerPolicy, Thresholds
from portal.records.policy_models import ProposedPolicy
from portal.records.policy_proposals import (
    PolicyProposal,
    approved_for,
    others_who_set,
    policy_proposal,
    policy_proposals,
    sets_alone,
    sets_policy,
)
from portal.records.policy_words import (
    PERSON_WORDS,
    POLICY_STATE_KINDS,
    POLICY_STATE_WORDS,
    THRESHOLD_WORDS,
    change_lines,
    in_words,
)
from portal.records.rule_trial import Trial, try_rules
from portal.records.second_person import AlreadyAnswered, NotSecond

RULE_READERS = ("hr", "administrator", "auditor")


@blueprint.get("/policy")
@role(*RULE_READERS)
def policy() -> ResponseReturnValue:
    """The thresholds in force, each with its reason, and the versions before."""
    held = current_policy(current_user.agency_id)
    engine = engine_policy(held)
    values = _values(held)
    reasons = {name: item.metadata["why"] for name, item in PROCEDURE.items()} | engine.reasons()
    return render_template(
        "records/policy.html",
        version=held.version,
        engine=engine,
        main=[(*words_, in_words(name, values[name])) for name, words_ in THRESHOLD_WORDS.items()],
        others=[
            (name, values[name], reasons[name])
            for name in values
            if name not in THRESHOLD_WORDS and name != "version"
        ],
        versions=policy_versions(current_user.agency_id),
        proposers=approved_for(current_user.agency_id),
        proposals=policy_proposals(current_user.agency_id),
        words=POLICY_STATE_WORDS,
        kinds=POLICY_STATE_KINDS,
        edits=sets_policy(current_user),
        zone=current_user.agency.timezone,
    )


def _values(held: AgencyPolicy) -> dict[str, Any]:
    return {name: getattr(held, name) for name in PROCEDURE} | full_policy(held).to_dict()


@blueprint.route("/policy/edit", methods=["GET", "POST"])
@role("hr")
def edit_policy() -> ResponseReturnValue:
    """Change thresholds: first see what the rule would do by chance, then propose it."""
    if not sets_policy(current_user):
        abort(403)
    held = current_policy(current_user.agency_id)
    form = Thresholds()
    edited = None
    if form.validate_on_submit() and form.agree():
        edited = with_thresholds(held, form.values())
        if request.form.get("deed") == "save" and form.reason_given():
            return _save(form)
    elif not form.is_submitted():
        edited = _returned(form, held)
    # An edited rule that does not hold together is not tried; the one in force always is.
    rules = [held] if edited is None else [held, edited]
    return render_template(
        "records/policy_edit.html",
        form=form,
        alone=sets_alone(current_user, held),
        nobody=not others_who_set(current_user),
        trial=try_rules(current_user.agency_id, rules),
        changes=change_lines(changes_between(held, edited)) if edited else [],
        edited=edited,
        words=THRESHOLD_WORDS,
        person_words=PERSON_WORDS,
    )


def _returned(form: Thresholds, held: AgencyPolicy) -> AgencyPolicy | None:
    """Fill the form: with the thresholds in force, or those of a proposal to be mended."""
    wanted = id_argument("proposal")
    found = policy_proposal(current_user.agency_id, wanted) if wanted else None
    form.fill(_values(found.edited if found else held), held.version)
    if found is None:
        return None
    form.reason.data = found.proposed.reason
    return with_thresholds(held, form.values())


def _save(form: Thresholds) -> ResponseReturnValue:
    try:
        made = propose_policy(
            current_user, form.values(), int(form.version.data), form.reason.data, clock.now()
        )
    except PolicyMoved:
        flash(_("Aturan sudah diubah orang lain sejak halaman dibuka. Periksa dahulu."), "warn")
        return redirect(url_for("records.edit_policy"))
    except NothingChanged:
        flash(_("Tidak ada yang berubah."), "info")
        return redirect(url_for("records.policy"))
    return after_proposing(made)


def after_proposing(made: ProposedPolicy | None) -> ResponseReturnValue:
    """Say what happens next with new thresholds, and lead there."""
    if made is None:
        flash(_("Aturan versi 1 berlaku mulai rilis berikutnya."), "good")
        return redirect(url_for("records.policy"))
    flash(_("Usulan aturan disimpan. Ia berlaku setelah disetujui orang kedua."), "good")
    return redirect(url_for("records.proposed_policy", proposal_id=made.id))


@blueprint.route(f"/policy/proposals/<{ID}:proposal_id>", methods=["GET", "POST"])
@role(*RULE_READERS)
def proposed_policy(proposal_id: int) -> ResponseReturnValue:
    """What a proposed version changes and would do; a second person approves or returns it."""
    found = policy_proposal(current_user.agency_id, proposal_id)
    if found is None:
        abort(404)
    own = found.proposed.proposed_by == current_user.id
    form: AnswerPolicy | WithdrawProposal = WithdrawProposal() if own else AnswerPolicy()
    if form.validate_on_submit() and form.reason_given():
        return _answer(form, proposal_id)
    return render_template(
        "records/policy_proposal.html",
        form=form,
        found=found,
        own=own,
        answers=found.state == "open" and sets_policy(current_user) and not own,
        withdraws=found.answer is None and own,
        nobody=own and not others_who_set(current_user),
        changes=change_lines(changes_between(found.held, found.edited)),
        trial=_trial(found),
        edited=found.edited,
        words=POLICY_STATE_WORDS,
        kinds=POLICY_STATE_KINDS,
        person_words=PERSON_WORDS,
        zone=current_user.agency.timezone,
    )


def _trial(found: PolicyProposal) -> Trial | None:
    """What the proposed rule would do, beside the one in force; nothing once that is over."""
    if found.state != "open":
        return None
    return try_rules(found.proposed.agency_id, [found.held, found.edited])


def _answer(form: AnswerPolicy | WithdrawProposal, proposal_id: int) -> ResponseReturnValue:
    reason, now = form.reason.data or "", clock.now()
    try:
        if isinstance(form, WithdrawProposal):
            withdraw_policy(current_user, proposal_id, reason, now)
            flash(_("Usulan ditarik."), "good")
        elif form.approved.data == "yes":
            version = approve_policy(current_user, proposal_id, reason, now)
            flash(
                _(
                    "Aturan versi %(version)s berlaku mulai rilis berikutnya. Triwulan yang sudah "
                    "ditutup tetap memakai aturannya sendiri.",
                    version=version,
                ),
                "good",
            )
            return redirect(url_for("records.policy"))
        else:
            return_policy(current_user, proposal_id, reason, now)
            flash(_("Usulan dikembalikan. Pengusul diberi tahu."), "good")
    except NotSecond:
        abort(403)
    except AlreadyAnswered:
        flash(_("Usulan ini sudah dijawab."), "info")
    except PolicyMoved:
        flash(_("Sudah ada aturan lain yang berlaku. Usulan ini perlu dibuat lagi."), "warn")
    return redirect(url_for("records.proposed_policy", proposal_id=proposal_id))
