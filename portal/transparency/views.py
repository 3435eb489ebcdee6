"""Where an office answers its citizens: what it heard, and what it did about it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import SelectChoice

from portal import clock
from portal.access import role
from portal.counters.blueprint import office_choices, office_chosen, office_in
from portal.counters.periods import NotAPeriod, first_day, period_of, previous_period
from portal.counters.words import quarter
from portal.db import LARGEST_ID, new_id
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.menu import Entry
from portal.people.blueprint import id_argument
from portal.people.models import Office
from portal.people.queries import scope_of
from portal.ratings.answer_queries import answers_of
from portal.ratings.words import THEME_WORDS
from portal.transparency import actions, words
from portal.transparency.forms import Answer
from portal.transparency.queries import result_of, unanswered

blueprint = Blueprint("answers", __name__, template_folder="templates")

WRITERS = ("supervisor", "coordinator")
PERIODS = 5  # this quarter and a year back

MENU = [Entry("answers.office", _l("Jawaban kantor"), WRITERS, "chat")]


def _periods() -> list[str]:
    """The quarters that can be answered, the current one first."""
    today = clock.now().astimezone(current_user.agency.zone).date()
    periods = [period_of(today)]
    while len(periods) < PERIODS:
        periods.append(previous_period(periods[-1]))
    return periods


def _chosen_period() -> str:
    """The quarter that the address names, which an old link may do for longer than is offered."""
    period = request.args.get("period") or _periods()[0]
    try:
        first_day(period)
    except NotAPeriod:
        abort(404)
    return period


@blueprint.get("/answers")
@role(*WRITERS)
def office() -> ResponseReturnValue:
    """An office in a quarter: what the public reads of it, and what it answered."""
    mine = scope_of(current_user, *WRITERS)
    choices = office_choices(mine)
    found = office_chosen(mine, choices)
    if found is None:
        return render_template("counters/no_office.html", title=_("Jawaban kantor"))
    period = _chosen_period()
    return render_template(
        "answers/office.html",
        office=found,
        offices=choices,
        period=period,
        periods=_quarters(period),
        result=result_of(found, period),
        answers=answers_of(found.agency_id, found.id, period, current_user.agency.timezone),
        open_offices=unanswered(mine, _periods()[:2]),
        words=words,
        theme_words=THEME_WORDS,
    )


def _quarters(chosen: str) -> list[SelectChoice]:
    periods = _periods()
    if chosen not in periods:
        periods.append(chosen)
    return [SelectChoice(period, quarter(period)) for period in periods]


@blueprint.route("/answers/new", methods=["GET", "POST"])
@role(*WRITERS)
def write() -> ResponseReturnValue:
    """A new answer, or one in the place of another."""
    found = office_in(scope_of(current_user, *WRITERS), id_argument("office"))
    period, replaces = _chosen_period(), id_argument("replaces")
    if first_day(period) > first_day(_periods()[0]):
        abort(404)
    form = Answer()
    if form.validate_on_submit() and _published(form, found, period, replaces):
        return redirect(url_for("answers.office", office=found.id, period=period))
    if request.method == "GET":
        _fill(form, found, period, replaces)
    return render_template(
        "answers/write.html",
        form=form,
        office=found,
        period=period,
        quarter=quarter(period),
        replaces=replaces,
    )


def _fill(form: Answer, office: Office, period: str, replaces: int | None) -> None:
    """What the form begins with: its own key, and the words of the answer to be replaced."""
    form.key.data = str(new_id())
    if replaces is None:
        return
    zone = current_user.agency.timezone
    standing = answers_of(office.agency_id, office.id, period, zone)
    old = next((one for one in standing if one.id == replaces), None)
    if old is None:
        abort(404)
    form.theme.data, form.heard.data, form.done.data = old.theme, old.heard, old.done


def _published(form: Answer, office: Office, period: str, replaces: int | None) -> bool:
    """Whether the answer stands now; if not, the form says why."""
    key = form.key.data or ""
    if not key.isdecimal() or not 0 < int(key) <= LARGEST_ID:
        abort(400)
    said = actions.Words(form.theme.data, form.heard.data, form.done.data, replaces)
    try:
        actions.answer(current_user, office, period, said, key=int(key), now=clock.now())
    except actions.NamesSomebody as found:
        form.heard.errors = [
            _("Semua orang membaca ini: jangan sebut nama (%(name)s).", name=str(found))
        ]
        return False
    except actions.PersonalNumber:
        form.done.errors = [
            _("Semua orang membaca ini: jangan tulis NIK, NIP, atau nomor rekening.")
        ]
        return False
    except actions.Replaced:
        flash(_("Jawaban itu sudah diganti orang lain. Baca dahulu yang berlaku."), "warn")
        return True
    flash(_("Jawaban sudah tampil untuk semua orang."), "good")
    return True
