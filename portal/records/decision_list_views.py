"""The decisions of a quarter for HR and auditors, on screen and as a file."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.counters.blueprint import office_in
from portal.counters.words import quarter
from portal.i18n import force_locale
from portal.i18n import gettext as _
from portal.people.blueprint import id_argument
from portal.people.queries import Scope, scope_of
from portal.records import decision_list as read
from portal.records import queries
from portal.records.blueprint import blueprint, known_period
from portal.records.bulk import pieces
from portal.records.decision_actions import note_audit
from portal.records.decision_sheet import skp_line
from portal.records.decision_words import plan_in_words
from portal.records.disclosure import disclosed
from portal.records.forms import ChooseDecisions, choices
from portal.records.models import DECISIONS
from portal.records.policies import current_policy
from portal.records.words import EVIDENCE_WORDS
from portal.spreadsheets import MIMETYPES, as_csv, as_workbook

LISTERS = ("hr", "auditor")
PIECE = 500
COLUMNS = (
    "office", "employee", "decision", "decided_on", "decided_by", "against_advice", "state",
    "score", "lo", "hi", "counted", "evidence", "evidence_digest", "decision_id", "plan",
)  # fmt: skip
# For the national application of performance (e-Kinerja): one line an employee, ready to copy.
SKP_COLUMNS = (
    "nip", "employee", "office", "period", "decided_on", "decision", "state", "plan", "behaviour",
    "feedback_line", "decided_by", "second_person", "evidence_digest", "decision_id",
)  # fmt: skip
# The column stands in each row of the form, of results and of behaviour: what citizens can observe
# belongs to this one (SE MenPANRB 20/2021: ramah, cekatan, solutif, dan dapat diandalkan).
BEHAVIOUR = "Perilaku kerja: Berorientasi Pelayanan"


def _scope() -> Scope:
    return scope_of(current_user, *LISTERS)


@blueprint.get("/decisions")
@role(*LISTERS)
def decisions() -> ResponseReturnValue:
    """Decisions in place by office, then each of them by the employee's name."""
    mine = _scope()
    periods = queries.periods_with_figures(mine.agency_id)
    form = ChooseDecisions(request.args)
    form.period.choices = choices({period: quarter(period) for period in periods})
    form.office.choices = choices(
        {"": _("Semua unit kerja")}
        | {str(office_id): name for office_id, name in queries.offices_in(mine)}
    )
    if form.period.data not in periods:
        form.period.data = read.last_decided(mine.agency_id) or next(iter(periods), None)
    office_id, period = id_argument("office"), form.period.data
    if office_id is not None:
        office_in(mine, office_id)
    if period is None:
        return render_template("records/decisions.html", form=form, period=None)
    note_audit(current_user, "decisions_read", period, clock.now())
    kind = form.kind.data if form.kind.data in DECISIONS else ""
    number = request.args.get("page", 1, type=int)
    page = read.page_of_decisions(mine, period, office_id=office_id, kind=kind, number=number)
    return render_template(
        "records/decisions.html",
        form=form,
        period=period,
        page=page,
        lines=read.lines(mine.agency_id, period, page.items),
        offices=read.count_by_office(mine, period),
        evidence_words=EVIDENCE_WORDS,
        plan_in_words=plan_in_words,
        takes_skp="hr" in current_user.role_names,
        zone=current_user.agency.timezone,
    )


@blueprint.get("/decisions/<period>.csv")
@role(*LISTERS)
def decisions_file(period: str) -> ResponseReturnValue:
    """The same for a spreadsheet, of all offices in the reader's scope; no personal number."""
    mine, zone = _scope(), current_user.agency.zone
    people = read.all_decided(mine, known_period(period))
    note_audit(current_user, "decisions_exported", period, clock.now())
    rows = (
        (
            "; ".join(line.places), line.employee.name, line.judged.decision.kind,
            line.judged.decision.decided_at.astimezone(zone).date(), line.judged.decider.name,
            int(line.judged.decision.against_advice), line.judged.state,
            round(line.score.score, 2), round(line.score.lo, 2), round(line.score.hi, 2),
            line.score.counted, line.evidence, line.judged.decision.evidence_digest,
            str(line.judged.decision.id), "; ".join(plan_in_words(line.plan)),
        )
        for piece in pieces(people, PIECE)
        for line in read.lines(mine.agency_id, period, piece)
    )  # fmt: skip
    name = f"attachment; filename=decisions-{period}.csv"
    return Response(
        as_csv(COLUMNS, rows), mimetype=MIMETYPES["csv"], headers={"Content-Disposition": name}
    )


@blueprint.get("/decisions/<period>/skp.csv")
@role("hr")
def skp_file(period: str) -> ResponseReturnValue:
    """What HR carries into the national performance application: of each decision in place who,
    when, what, the line for the SKP form, the plan and the proof. With personal numbers; in
    Indonesian, whoever reads."""
    return _skp(period, "csv")


@blueprint.get("/decisions/<period>/skp.xlsx")
@role("hr")
def skp_workbook(period: str) -> ResponseReturnValue:
    """The same as a workbook: only there a spreadsheet keeps personal numbers whole."""
    return _skp(period, "xlsx")


def _skp(period: str, kind: str) -> Response:
    mine, agency = scope_of(current_user, "hr"), current_user.agency
    people = read.all_decided(mine, known_period(period))
    least = current_policy(agency.id).least_new_ratings
    note_audit(current_user, "skp_exported", period, clock.now())
    rows = (
        (
            line.employee.nip, line.employee.name, "; ".join(line.places), period,
            made.decided_at.astimezone(agency.zone).date(), made.kind, line.judged.state,
            "; ".join(plan_in_words(line.plan)), BEHAVIOUR,
            skp_line(agency, made, line.score, disclosed(line.score, least)),
            line.judged.decider.name, line.second, made.evidence_digest, str(made.id),
        )
        for piece in pieces(people, PIECE)
        for line in read.lines(agency.id, period, piece)
        for made in (line.judged.decision,)
    )  # fmt: skip
    with force_locale("id"):
        body = as_csv(SKP_COLUMNS, rows) if kind == "csv" else as_workbook(SKP_COLUMNS, rows)
    name = f"attachment; filename=skp-{period}.{kind}"
    return Response(body, mimetype=MIMETYPES[kind], headers={"Content-Disposition": name})
