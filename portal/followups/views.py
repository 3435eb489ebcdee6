"""Pages of cases: what waits, one case, and what became of them by office."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters.blueprint import office_choices, office_in, today
from portal.counters.periods import NotAPeriod, first_day, period_of, previous_period
from portal.counters.words import quarter
from portal.db import db
from portal.followups import actions, words
from portal.followups import queries as read
from portal.followups.forms import Assign, Note, Resolve
from portal.followups.models import FollowUp
from portal.followups.notices import HANDLERS
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.menu import Entry
from portal.people.blueprint import id_argument
from portal.people.models import Account, Office
from portal.people.queries import Scope, scope_of
from portal.ratings.answer_queries import answers_of
from portal.ratings.words import THEME_WORDS
from portal.transparency import actions as answers

blueprint = Blueprint("followups", __name__, template_folder="templates")

READERS = (*HANDLERS, "hr", "auditor")
QUARTERS = 5


def _scope() -> Scope:
    return scope_of(current_user, *HANDLERS)


def _waiting() -> int:
    return read.due_count(_scope(), current_user.employee_id, today())[0]


MENU = [
    Entry("followups.cases", _l("Tindak lanjut"), HANDLERS, "task", _waiting, ("show", "office")),
    Entry(
        "followups.tallies",
        _l("Hasil tindak lanjut"),
        ("hr", "auditor"),
        "chart",
        filters=("period",),
    ),
]


@blueprint.get("/follow-ups")
@role(*HANDLERS)
def cases() -> str:
    """Cases of my offices: those that wait, the earliest due first, and those resolved."""
    show = request.args.get("show", "open")
    if show not in read.SHOWN:
        abort(404)
    office_id = id_argument("office")
    if office_id is not None:
        office_in(_scope(), office_id)
    number = request.args.get("page", 1, type=int)
    page = read.cases(_scope(), current_user.employee_id, show, office_id, number)
    return render_template(
        "followups/cases.html",
        page=page,
        show=show,
        office_id=office_id,
        offices=office_choices(_scope()),
        today=today(),
        **_words(),
    )


@blueprint.get("/follow-ups/<int:case_id>")
@role(*HANDLERS)
def one(case_id: int) -> str:
    """A case: what was said, what was done, and what can be done next."""
    return _page(_case(case_id))


@blueprint.post("/follow-ups/<int:case_id>/assign")
@role(*HANDLERS)
def assign(case_id: int) -> ResponseReturnValue:
    """Give it to somebody, or take it."""
    case = _case(case_id)
    form = _assign_form(case, sent=True)
    if not form.validate_on_submit():
        return _page(case, assign=form), 422
    to = db.session.get_one(Account, form.account.data)
    return _after(case_id, lambda: actions.assign(current_user, case_id, to, clock.now()))


@blueprint.post("/follow-ups/<int:case_id>/note")
@role(*HANDLERS)
def note(case_id: int) -> ResponseReturnValue:
    """Append a note."""
    case, form = _case(case_id), Note()
    if not form.validate_on_submit():
        return _page(case, note=form), 422
    return _after(case_id, lambda: actions.note(current_user, case_id, form.note.data, clock.now()))


@blueprint.post("/follow-ups/<int:case_id>/resolve")
@role(*HANDLERS)
def resolve(case_id: int) -> ResponseReturnValue:
    """End it, and answer the citizen where there is something to say."""
    case, form = _case(case_id), Resolve()
    if case.state == "resolved":
        return _after(case_id, _too_late)
    if not form.validate_on_submit() or not _answered(form, case):
        return _page(case, resolve=form), 422
    logged_for = form.logged_for.data if form.outcome.data == "logged" else None
    found = actions.Resolution(form.outcome.data, form.reason.data, logged_for)
    return _after(case_id, lambda: actions.resolve(current_user, case_id, found, clock.now()))


@blueprint.get("/follow-ups/results")
@role(*READERS)
def tallies() -> str:
    """What became of the cases of a quarter, by office."""
    period = request.args.get("period") or period_of(today())
    try:
        first_day(period)
    except NotAPeriod:
        abort(404)
    return render_template(
        "followups/tallies.html",
        page=read.tallies_page(
            scope_of(current_user, *READERS), period, today(), request.args.get("page", 1, type=int)
        ),
        period=period,
        periods=_quarters(period),
    )


def _quarters(chosen: str) -> list[SelectChoice]:
    periods = [period_of(today())]
    while len(periods) < QUARTERS:
        periods.append(previous_period(periods[-1]))
    return [SelectChoice(one, quarter(one)) for one in dict.fromkeys([*periods, chosen])]


def _case(case_id: int) -> FollowUp:
    return read.case_in(_scope(), current_user.employee_id, case_id) or abort(404)


def _words() -> dict[str, object]:
    return {"words": words, "theme_words": THEME_WORDS}


def _assign_form(case: FollowUp, *, sent: bool = False) -> Assign:
    """`sent`: it is this form that came, not another one of the page."""
    form = Assign() if sent else Assign(formdata=None)
    handlers = read.handlers_of(case)
    form.account.choices = [SelectChoice(account.id, account.name) for account in handlers]
    if not sent:
        form.account.data = case.assigned_to or current_user.id
    return form


def _page(
    case: FollowUp,
    *,
    assign: Assign | None = None,
    note: Note | None = None,
    resolve: Resolve | None = None,
) -> str:
    zone = current_user.agency.timezone
    return render_template(
        "followups/case.html",
        case=case,
        office=db.session.get_one(Office, (case.agency_id, case.office_id)),
        comment=read.said(case),
        events=read.events_of(case),
        answers=answers_of(case.agency_id, case.office_id, case.period, zone),
        assign=assign or _assign_form(case),
        note=note or Note(formdata=None),
        resolve=resolve or Resolve(formdata=None),
        late=case.state != "resolved" and case.due_on < today(),
        zone=zone,
        **_words(),
    )


def _answered(form: Resolve, case: FollowUp) -> bool:
    """Publish the answer that every receipt of the office and quarter shows; the case's own id is
    its key, so that sending the form again answers once. Not where nothing is to be said."""
    if not form.heard.data:
        return True
    office = db.session.get_one(Office, (case.agency_id, case.office_id))
    told = answers.Words(case.theme, form.heard.data, form.done.data, None)
    try:
        answers.answer(current_user, office, case.period, told, key=case.id, now=clock.now())
    except answers.NamesSomebody as found:
        form.heard.errors = [
            _("Semua orang membaca ini: jangan sebut nama (%(name)s).", name=str(found))
        ]
        return False
    except answers.PersonalNumber:
        form.done.errors = [
            _("Semua orang membaca ini: jangan tulis NIK, NIP, atau nomor rekening.")
        ]
        return False
    return True


def _too_late() -> None:
    raise actions.Resolved


def _after(case_id: int, deed: Callable[[], None]) -> ResponseReturnValue:
    """Do it, and show the case again."""
    try:
        deed()
    except actions.Resolved:
        flash(_("Tindak lanjut ini sudah selesai."), "warn")
    except actions.NotTheirs:
        flash(_("Orang itu tidak dapat menangani tindak lanjut ini."), "warn")
    else:
        flash(_("Tindak lanjut disimpan."), "good")
    return redirect(url_for("followups.one", case_id=case_id))
