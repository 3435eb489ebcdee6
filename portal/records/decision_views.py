"""Pages on which people decide and answer."""

from operator import attrgetter

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.db import db
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.people.blueprint import ID
from portal.people.models import Employee
from portal.records import decision_actions as deeds
from portal.records import judgements, queries
from portal.records.attachments import attachments_about
from portal.records.blueprint import READERS, blueprint, employee_or_404, own, within
from portal.records.decision_sheet import Made, sheet, skp_line
from portal.records.decision_words import AWARD_WORDS, step_state
from portal.records.disclosure import disclosed
from portal.records.documents import as_pdf
from portal.records.forms import Answer, Decide, DidStep, TookTraining
from portal.records.judgements import Judged
from portal.records.models import Decision
from portal.records.plan_steps import planned
from portal.records.policies import current_policy
from portal.records.proposal_models import DecisionDraft, ProposedDecision
from portal.records.proposals import draft_of, open_proposal, plan_of, second_person_of
from portal.records.queries import Shown
from portal.records.trainings import needs
from portal.records.words import ELEMENT_WORDS

UNDER_CONTEST = _l(
    "Keberatan atas keputusan ini belum diputus. Keputusan baru dapat dibuat setelah pejabat "
    "keberatan memutusnya."
)
UNDER_PROPOSAL = _l("Sudah ada usulan keputusan yang menunggu persetujuan orang kedua.")


@blueprint.route(f"/records/<{ID}:employee_id>/<period>/decide", methods=["GET", "POST"])
@role("supervisor")
def decide(employee_id: int, period: str) -> ResponseReturnValue:
    """Decide on the evidence that is shown: award, guidance or nothing, with reasons."""
    employee = employee_or_404(employee_id, period, "supervisor")
    form = Decide()
    draft = draft_of(current_user, employee_id, period)
    if not form.is_submitted():
        _open(form, draft, employee_id, period)
    shown, latest = _as_it_stands(employee_id, period)
    obstacle = _obstacle(employee_id, shown, latest)
    if shown is None or (obstacle and not form.is_submitted()):
        flash(obstacle, "warn")
        return redirect(url_for("records.record", employee_id=employee_id, period=period))
    if obstacle:  # it came up while somebody was writing: what is written stays
        sent = _sent_already(form, employee_id, period)
        if sent is not None:
            return redirect(url_for("records.proposal", proposal_id=sent.id))
        form.kind.errors = [obstacle]
    elif form.validate_on_submit() and form.plan_holds():
        answer = _decide(form, employee_id, period)
        if answer is not None:
            return answer
        now, latest = _as_it_stands(employee_id, period)
        shown = now or shown
    policy = current_policy(current_user.agency_id)
    least = policy.least_new_ratings
    if not form.run.data:
        form.run.data = str(shown.run.id)
        form.supersedes.data = str(latest.decision.id) if latest else ""
    return render_template(
        "records/decide.html",
        form=form,
        employee=employee,
        period=period,
        shown=shown,
        latest=latest,
        least=least,
        advice=_advised(shown),
        needs=needs(shown, disclosed(shown.score, least), least),
        services=queries.service_names(current_user.agency_id),
        element_words=ELEMENT_WORDS,
        draft=draft,
        second_person=policy.second_person,
        zone=current_user.agency.timezone,
    )


def _open(form: Decide, draft: DecisionDraft | None, employee_id: int, period: str) -> None:
    """Somebody begins to decide, or goes on: the figures are read."""
    if not own(employee_id):
        deeds.note_reading(current_user, employee_id, period, clock.now())
    if draft is not None:
        form.show(draft.fields)


def _as_it_stands(employee_id: int, period: str) -> tuple[Shown | None, Judged | None]:
    """The evidence that is shown, and the decision made last."""
    agency_id = current_user.agency_id
    return (
        queries.shown_score(agency_id, employee_id, period),
        judgements.latest_decision(agency_id, employee_id, period),
    )


def _obstacle(employee_id: int, shown: Shown | None, latest: Judged | None) -> str:
    """Why nobody, or not this reader, can decide now."""
    if own(employee_id):
        return str(
            _("Tidak seorang pun memutuskan catatannya sendiri. Atasan Anda yang memutuskan.")
        )
    if shown is None:
        return str(_("Belum ada nilai, jadi belum ada yang dapat diputuskan."))
    if latest and latest.open:
        return str(UNDER_CONTEST)
    waiting = open_proposal(current_user.agency_id, employee_id, shown.score.period)
    return str(UNDER_PROPOSAL) if waiting else ""


def _advised(shown: Shown) -> str:
    return deeds.FOLLOWS.get(shown.score.advice, "none")


def _proposal(form: Decide) -> deeds.Proposal:
    try:
        return deeds.Proposal(
            kind=form.kind.data,
            reason=form.reason.data,
            second_reason=form.second_reason.data or "",
            run_id=int(form.run.data or 0),
            supersedes_id=int(form.supersedes.data) if form.supersedes.data else None,
            award=form.award.data if form.award.data in AWARD_WORDS else "",
            steps=form.steps(),
        )
    except ValueError:
        abort(400)


def _decide(form: Decide, employee_id: int, period: str) -> ResponseReturnValue | None:
    """Where to go after deciding; None when the form has to be filled in again."""
    proposal = _proposal(form)
    try:
        made = deeds.decide(current_user, employee_id, period, proposal, clock.now())
    except deeds.NotEnoughEvidence:
        form.kind.errors = [_("Bukti belum cukup untuk itu. Pilih tanpa tindakan, atau tunggu.")]
    except deeds.SecondReasonMissing:
        form.second_reason.errors = [
            _("Keputusan ini berbeda dari saran: tuliskan alasan kedua di sini.")
        ]
    except deeds.UnderContest:
        form.kind.errors = [str(UNDER_CONTEST)]
    except deeds.AlreadyProposed:
        form.kind.errors = [str(UNDER_PROPOSAL)]
    except (deeds.EvidenceMoved, deeds.AlreadyDecided):
        _shown, latest = _as_it_stands(employee_id, period)
        if latest and _repeats(proposal, latest.decision):
            return redirect(url_for("records.decision", decision_id=latest.decision.id))
        form.run.data = ""  # what was written stays, about what the page shows now
        form.kind.errors = [
            _("Bukti atau keputusan berubah sejak halaman dibuka. Baca lagi, lalu kirim lagi.")
        ]
    else:
        return _made(made)
    return None


def _made(made: Decision | ProposedDecision) -> ResponseReturnValue:
    """Where to read what was decided, or proposed."""
    if isinstance(made, ProposedDecision):
        flash(_("Usulan dicatat dan menunggu orang kedua. Pegawai belum diberi tahu."), "info")
        return redirect(url_for("records.proposal", proposal_id=made.id))
    flash(_("Keputusan dicatat. Pegawai diberi tahu lewat e-mail."), "good")
    return redirect(url_for("records.decision", decision_id=made.id))


def _sent_already(form: Decide, employee_id: int, period: str) -> ProposedDecision | None:
    """The reader's own proposal, where the same is sent once more."""
    waiting = open_proposal(current_user.agency_id, employee_id, period)
    if waiting is None or waiting.proposed_by != current_user.id:
        return None
    return waiting if waiting.reason == form.reason.data else None


def _repeats(proposal: deeds.Proposal, made: Decision) -> bool:
    """Whether somebody has sent the same once more: a second tap, or a page gone back to."""
    same = (proposal.kind, proposal.reason, proposal.run_id) == (
        made.kind, made.reason, made.run_id,
    )  # fmt: skip
    return same and made.decided_by == current_user.id


@blueprint.route(f"/records/<{ID}:employee_id>/<period>/reply", methods=["GET", "POST"])
@role("employee")
def reply(employee_id: int, period: str) -> ResponseReturnValue:
    """The employee answers to the evidence of a period."""
    employee = employee_or_404(employee_id, period)
    form = Answer()
    if form.validate_on_submit():
        deeds.reply(
            current_user, employee.id, period, form.text.data, clock.now(), files=form.checked
        )
        flash(_("Tanggapan Anda tersimpan."), "good")
        return redirect(url_for("records.record", employee_id=employee_id, period=period))
    return render_template(
        "records/reply.html", form=form, employee_id=employee_id, period=period, judged=None
    )


def decision_or_404(decision_id: int, *roles: str) -> tuple[Judged, Employee]:
    """A decision for those whom it concerns: the employee, the decider, readers in scope."""
    judged = judgements.judgement(current_user.agency_id, decision_id)
    if judged is None:
        abort(404)
    decision = judged.decision
    if roles and decision.decided_by == current_user.id:
        employee = db.session.get_one(Employee, (decision.agency_id, decision.employee_id))
        return judged, employee
    return judged, employee_or_404(decision.employee_id, decision.period, *roles)


@blueprint.get(f"/decisions/<{ID}:decision_id>")
@role("employee", *READERS)
def decision(decision_id: int) -> str:
    """A decision with the evidence it stands on and everything that followed."""
    return decision_page(*decision_or_404(decision_id, *READERS))


def decision_page(
    judged: Judged, employee: Employee, refused: tuple[int, DidStep] | None = None
) -> str:
    """The page; refused: what was sent about a step, by its place, and does not hold."""
    made, agency = judged.decision, current_user.agency
    if not own(made.employee_id):
        deeds.note_reading(current_user, made.employee_id, made.period, clock.now())
    policy = current_policy(agency.id)
    found = _made_of(judged, employee)
    until = deeds.contest_until(made, agency, policy.contest_days)
    today = clock.now().astimezone(agency.zone).date()
    open_ = judged.contest is None and not judged.superseded
    return render_template(
        "records/decision.html",
        judged=judged,
        files=found.files,
        decision=made,
        employee=employee,
        score=found.score,
        skp_line=skp_line(agency, made, found.score, found.told),
        least=policy.least_new_ratings,
        until=until,
        may_object=own(made.employee_id) and open_ and today <= until,
        mine=own(made.employee_id),
        notes_trainings=own(made.employee_id)
        or within(made.employee_id, made.period, "supervisor"),
        took=TookTraining(formdata=None),
        notes_steps=judged.stands and notes_steps(made),
        did=DidStep(formdata=None),
        refused=refused,
        decided_on=made.decided_at.astimezone(agency.zone).date(),
        today=today,
        plan=found.plan,
        steps=[(step, *step_state(step, today if judged.stands else None)) for step in found.steps],
        second=found.second,
        award_words=AWARD_WORDS,
        zone=agency.timezone,
    )


def notes_steps(made: Decision) -> bool:
    """Whether the reader says of the steps of its plan that they were done: never of one's own."""
    decides = "supervisor" in current_user.role_names and (
        made.decided_by == current_user.id or within(made.employee_id, made.period, "supervisor")
    )
    return decides and not own(made.employee_id)


def _made_of(judged: Judged, employee: Employee) -> Made:
    """A decision with its plan, its second person and its figures as they may be told."""
    made = judged.decision
    score = queries.score_of_run(made.agency_id, made.run_id, made.employee_id)
    second = second_person_of(made)
    plan = plan_of(made.agency_id, made.id)
    steps = planned(made.agency_id, [made.id]) if plan else []
    return Made(
        agency=current_user.agency,
        employee=employee,
        judged=judged,
        score=score,
        told=disclosed(score, current_policy(made.agency_id).least_new_ratings),
        services=queries.service_names(made.agency_id),
        plan=plan,
        steps=sorted(steps, key=attrgetter("step")),
        second=second[1] if second else None,
        files=attachments_about(made.agency_id, made.employee_id),
    )


@blueprint.get(f"/decisions/<{ID}:decision_id>/sheet.pdf")
@role("employee", *READERS)
def decision_sheet(decision_id: int) -> ResponseReturnValue:
    """The decision with its evidence as an annex, as PDF/A for the personnel file."""
    judged, employee = decision_or_404(decision_id, *READERS)
    now, made = clock.now(), judged.decision
    if not own(made.employee_id):
        deeds.note_reading(current_user, made.employee_id, made.period, now)
    today = now.astimezone(current_user.agency.zone).date()
    name = f"attachment; filename=keputusan-{made.id}.pdf"
    return Response(
        as_pdf(sheet(_made_of(judged, employee), today), now),
        mimetype="application/pdf",
        headers={"Content-Disposition": name},
    )


@blueprint.route(f"/decisions/<{ID}:decision_id>/reply", methods=["GET", "POST"])
@role("employee")
def reply_to_decision(decision_id: int) -> ResponseReturnValue:
    judged, employee = decision_or_404(decision_id)
    form = Answer()
    if form.validate_on_submit():
        deeds.reply(
            current_user,
            employee.id,
            judged.decision.period,
            form.text.data,
            clock.now(),
            decision_id=decision_id,
            files=form.checked,
        )
        flash(_("Tanggapan Anda tersimpan. Atasan Anda diberi tahu."), "good")
        return redirect(url_for("records.decision", decision_id=decision_id))
    return render_template(
        "records/reply.html",
        form=form,
        employee_id=employee.id,
        period=judged.decision.period,
        judged=judged,
    )
