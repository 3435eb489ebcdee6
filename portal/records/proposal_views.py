"""Pages of decisions on their way: one's draft, and proposals before their second person."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.blueprint import ID
from portal.records import decision_actions, proposal_actions, queries
from portal.records.blueprint import blueprint, employee_or_404
from portal.records.decision_words import AWARD_WORDS, PROPOSAL_KINDS, PROPOSAL_WORDS, REASONS
from portal.records.forms import AnswerProposal, Decide, WithdrawProposal
from portal.records.policies import current_policy
from portal.records.proposals import (
    APPROVERS,
    Waiting,
    may_answer,
    proposals_for,
    second_persons,
    steps_of,
)
from portal.records.proposals import proposal as proposal_of
from portal.records.second_person import AlreadyAnswered, NotSecond


@blueprint.post(f"/records/<{ID}:employee_id>/<period>/draft")
@role("supervisor")
def draft(employee_id: int, period: str) -> ResponseReturnValue:
    """Keep what was typed so far, put in the beginning of a reason, or throw the draft away."""
    employee = employee_or_404(employee_id, period, "supervisor")
    form, deed = Decide(), request.form.get("deed", "save")
    if deed == "drop":
        proposal_actions.drop_draft(current_user, employee.id, period)
        flash(_("Draf dihapus."), "info")
        return redirect(url_for("records.record", employee_id=employee.id, period=period))
    typed = form.typed()
    if deed == "insert":
        typed["reason"] = _with_beginning(typed.get("reason", ""))
    else:
        flash(_("Draf disimpan. Hanya Anda yang melihatnya."), "good")
    proposal_actions.save_draft(current_user, employee.id, period, typed, clock.now())
    return redirect(url_for("records.decide", employee_id=employee.id, period=period))


def _with_beginning(reason: str) -> str:
    """The reason with the chosen beginning below what stands there."""
    chosen = request.form.get("template", "")
    if chosen not in REASONS:
        abort(400)
    return "\n\n".join(filter(None, (reason, str(REASONS[chosen][1]))))


@blueprint.get("/proposals")
@role(*APPROVERS)
def proposals() -> ResponseReturnValue:
    """What I proposed, and what waits for my word as the second person."""
    found = proposals_for(current_user)
    waiting = [one for one in found if one.answer is None and one.proposer.id != current_user.id]
    return render_template(
        "records/proposals.html",
        mine=waiting,
        others=[one for one in found if one not in waiting],
        words=PROPOSAL_WORDS,
        kinds=PROPOSAL_KINDS,
        state=state_of,
        zone=current_user.agency.timezone,
    )


def state_of(one: Waiting) -> str:
    """open, approved, returned or withdrawn."""
    if one.answer is None:
        return "open"
    if one.answer.withdrawn:
        return "withdrawn"
    return "approved" if one.answer.approved else "returned"


@blueprint.route(f"/proposals/<{ID}:proposal_id>", methods=["GET", "POST"])
@role(*APPROVERS)
def proposal(proposal_id: int) -> ResponseReturnValue:
    """A proposal on its frozen evidence: approved or given back by the second person, or taken
    back by who proposed it."""
    found = proposal_of(current_user, proposal_id)
    if found is None:
        abort(404)
    proposed = found.proposed
    own = proposed.proposed_by == current_user.id
    form: AnswerProposal | WithdrawProposal = WithdrawProposal() if own else AnswerProposal()
    if form.validate_on_submit() and form.reason_given():
        return _answer(form, proposal_id)
    if not form.is_submitted():
        now = clock.now()
        decision_actions.note_reading(current_user, proposed.employee_id, proposed.period, now)
    shown = queries.shown_score(proposed.agency_id, proposed.employee_id, proposed.period)
    return render_template(
        "records/proposal.html",
        form=form,
        found=found,
        proposed=proposed,
        state=state_of(found),
        words=PROPOSAL_WORDS,
        kinds=PROPOSAL_KINDS,
        award_words=AWARD_WORDS,
        steps=steps_of(proposed.steps),
        score=queries.score_of_run(proposed.agency_id, proposed.run_id, proposed.employee_id),
        moved=shown is not None and shown.run.id != proposed.run_id,
        answers=found.answer is None and may_answer(current_user, proposed),
        withdraws=found.answer is None and own,
        nobody=found.answer is None and not second_persons(proposed),
        least=current_policy(proposed.agency_id).least_new_ratings,
        zone=current_user.agency.timezone,
    )


def _answer(form: AnswerProposal | WithdrawProposal, proposal_id: int) -> ResponseReturnValue:
    here = url_for("records.proposal", proposal_id=proposal_id)
    reason, now = form.reason.data or "", clock.now()
    try:
        if isinstance(form, WithdrawProposal):
            proposal_actions.withdraw(current_user, proposal_id, reason, now)
            flash(_("Usulan ditarik. Kata-katanya tersimpan sebagai draf Anda."), "good")
            return redirect(here)
        if form.approved.data == "yes":
            made = proposal_actions.approve(current_user, proposal_id, reason, now)
            flash(_("Keputusan berlaku. Pegawai dan pengusul diberi tahu."), "good")
            return redirect(url_for("records.decision", decision_id=made.id))
        proposal_actions.give_back(current_user, proposal_id, reason, now)
        flash(_("Usulan dikembalikan. Pengusul diberi tahu."), "good")
    except NotSecond:
        abort(403)
    except AlreadyAnswered:
        flash(_("Usulan ini sudah dijawab."), "info")
    except (decision_actions.AlreadyDecided, decision_actions.UnderContest):
        flash(_("Sudah ada keputusan lain, jadi usulan ini tidak dapat berlaku lagi."), "warn")
    return redirect(here)
