"""The public pages: every office's results, to be read, printed, cached and reckoned with."""

import csv
import io

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from flask import url_for as address
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import public
from portal.people.models import Agency, Office
from portal.ratings.answer_queries import Answered, answers_of
from portal.ratings.words import THEME_WORDS
from portal.records.comment_themes import told_to_all
from portal.records.evidence import closed
from portal.records.models import PublicResult
from portal.records.words import ELEMENT_WORDS
from portal.transparency import words
from portal.transparency.queries import (
    agencies_told,
    agency_by_code,
    office_by_code,
    offices_told,
    results_of,
)

blueprint = Blueprint("transparency", __name__, template_folder="templates")

KEPT = 300  # seconds for which browsers and caches on the way may show a page again
TREND = 8  # quarters
MOST_KEPT = 2_000  # offices and closed quarters whose themes are known
COLUMNS = (
    *("period", "final", "ratings", "set_aside", "index", "index_lo", "index_hi"),
    *("served", "answered", *(f"face_{face}_in_fives" for face in range(1, 5))),
    *(f"{name}{end}" for name in ELEMENT_WORDS for end in ("", "_lo", "_hi")),
    *(f"cause_{name}_in_fives" for name in words.CAUSE_WORDS),
)


@blueprint.get("/results")
@public
def agencies() -> ResponseReturnValue:
    """The governments whose offices can be looked up; where there is one, its offices."""
    found = agencies_told()
    if len(found) == 1:
        return redirect(address("transparency.offices", agency=found[0].code))
    return _page("transparency/agencies.html", agencies=found)


@blueprint.get("/results/<agency>")
@public
def offices(agency: str) -> Response:
    """The offices of an agency by name: never by figure, and never a ranking."""
    owner = _agency(agency)
    name = request.args.get("name", "").replace("\x00", "").strip()[:80]
    page = offices_told(owner.id, name, request.args.get("page", 1, type=int))
    return _page("transparency/offices.html", agency=owner, page=page, name=name)


@blueprint.get("/results/<agency>/<office>")
@blueprint.get("/results/<agency>/<office>/<period>")
@public
def office(agency: str, office: str, period: str = "") -> Response:
    """What citizens said of an office in a quarter, the latest unless one is named.

    A quarter that nothing is told of yet has a page as soon as the office answered in it: the mail
    about that answer leads there.
    """
    owner = _agency(agency)
    found = _office(owner, office)
    results = results_of(found)
    shown = next((one for one in results if period in ("", one.period)), None)
    answers = _answers(owner, found, shown.period if shown else period)
    if period and shown is None and not answers:
        abort(404)
    return _page(
        "transparency/office.html",
        agency=owner,
        office=found,
        shown=shown,
        results=results,
        trend=list(reversed(results[:TREND])),
        answers=answers,
        theme_words=THEME_WORDS,
        spoken=_spoken(found, shown),
    )


@blueprint.get("/results/<agency>/<office>.csv")
@public
def figures(agency: str, office: str) -> Response:
    """The same figures of all quarters as CSV; an empty field is one that is not told."""
    found = _office(_agency(agency), office)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    table.writerows(_row(result) for result in results_of(found))
    response = make_response(text.getvalue())
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{found.id}.csv"'
    return _cached(response)


def _answers(agency: Agency, office: Office, period: str) -> tuple[Answered, ...]:
    return answers_of(agency.id, office.id, period, agency.timezone) if period else ()


def _spoken(office: Office, shown: PublicResult | None) -> list[tuple[str, int]]:
    """What comments speak of, once the quarter is closed. Looked for once a day: what is left of
    them is the same but for words that are masked or forgotten later."""
    if shown is None or not closed(office.agency_id, shown.period):
        return []
    today = clock.now().date()
    day, kept = current_app.extensions.get("public_themes", (None, {}))
    if day != today or len(kept) >= MOST_KEPT:
        kept = {}
        current_app.extensions["public_themes"] = (today, kept)
    key = (office.agency_id, office.id, shown.period)
    if key not in kept:
        kept[key] = told_to_all(office, shown.period, people=shown.mean is not None)
    found: list[tuple[str, int]] = kept[key]
    return found


def _row(result: PublicResult) -> list[object]:
    told = result.figures
    return [
        *(result.period, int(result.final), result.counted, result.set_aside),
        *(result.mean, result.lo, result.hi, result.served, result.answered),
        *(told["faces"] or [None] * len(words.FACE_WORDS)),
        *(
            figure
            for name in ELEMENT_WORDS
            for figure in told["elements"].get(name, [None] * 4)[1:]
        ),
        *(told["causes"].get(name) for name in words.CAUSE_WORDS),
    ]


def _agency(code: str) -> Agency:
    return agency_by_code(code) or abort(404)


def _office(agency: Agency, code: str) -> Office:
    return office_by_code(agency.id, code) or abort(404)


def _page(template: str, **values: object) -> Response:
    """A page that is the same for everybody, whoever is signed in."""
    html = render_template(
        template, plain=True, open=True, words=words, elements=ELEMENT_WORDS, **values
    )
    return _cached(make_response(html))


def _cached(response: Response) -> Response:
    # A language chosen by link sets a cookie, which is nobody else's.
    scope = "private" if "lang" in request.args else "public"
    response.headers["Cache-Control"] = f"{scope}, max-age={KEPT}"
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.add_etag()
    response.make_conditional(request)
    return response
