"""The citizen's pages: scan, rate, receipt."""

import secrets
from dataclasses import replace
from datetime import datetime

import structlog
from flask import Blueprint, Flask, Response, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.access import public
from portal.counters.codes import (
    PRINTED_CODE_LENGTH,
    TICKET_LENGTH,
    is_code,
    normalise_code,
)
from portal.counters.device_queries import resolve_display
from portal.counters.otp import OTP_LENGTH
from portal.counters.queries import (
    ResolvedCode,
    resolve_code,
    resolve_device,
    resolve_ticket,
)
from portal.db import db, reading
from portal.headers import ONLY_THE_CAMERA, secure_cookies
from portal.i18n import gettext as _
from portal.i18n import language
from portal.menu import Entry
from portal.people.models import Office
from portal.ratings import phone, receipt_views
from portal.ratings.actions import (
    Acknowledged,
    NotDurable,
    TicketUsed,
    Writer,
    rated_by_phone,
    submit_rating,
)
from portal.ratings.attribution import SPARE_CHANNELS
from portal.ratings.forms import NoAnswer, Trapped, read_submission
from portal.ratings.page import (
    Filled,
    Pages,
    answer,
    citizen_page,
    issue,
    issue_by_ticket,
    render_rate,
    same_page,
)
from portal.ratings.queries import offices_with_counters, open_counters
from portal.ratings.refusals import note, out_of_use, stale_display, ticket_used, unknown
from portal.ratings.tokens import RECEIPT_LENGTH, BadToken, ExpiredToken, Form, Tokens
from portal.ratings.wording import pieces
from portal.ratings.words import MASK_WORDS

log = structlog.get_logger()

blueprint = Blueprint("ratings", __name__, template_folder="templates")

phone.add_routes(blueprint)
receipt_views.add_routes(blueprint)

MENU: list[Entry] = []

KEEPERS = {"coordinator", "administrator"}

# Where the token stands in a page that is kept for all.
TOKEN_MARK = "@token@"  # noqa: S105
# Of a mailbox of the inspectorate, which has pages of its own.
MAILBOX_LENGTH = 20
DEVICE_COOKIE = "device"
DEVICE_AGE = 400 * 24 * 3600
TRY_AGAIN = {"Retry-After": "20"}


def init_app(app: Flask) -> None:
    """What the hot path keeps ready: keys, the one statement, rendered pages."""
    tokens = Tokens(app.config["SETTINGS"].signing_keys)
    with app.app_context():
        app.extensions["rating_writer"] = Writer(tokens)
    app.extensions["rating_pages"] = Pages()
    app.jinja_env.filters["initials"] = lambda name: "".join(
        word[0] for word in name.split()[-2:] if word
    )
    app.jinja_env.filters["pieces"] = pieces
    app.jinja_env.globals["mask_words"] = MASK_WORDS


def _pages() -> Pages:
    pages: Pages = current_app.extensions["rating_pages"]
    return pages


def _writer() -> Writer:
    writer: Writer = current_app.extensions["rating_writer"]
    return writer


@blueprint.get("/")
@public
def front() -> Response:
    """Where a code is typed, scanned with the camera, or an office is looked up."""
    return _front()


def _front(problem: str = "") -> Response:
    page = citizen_page(
        "ratings/front.html",
        offices=offices_with_counters(),
        camera=phone.camera_script(language()).path,
        typed=request.args.get("code", "")[:24],
        problem=problem,
    )
    response = answer(page, "", 422 if problem else 200)
    response.headers["Permissions-Policy"] = ONLY_THE_CAMERA
    return response


@blueprint.get("/privacy")
@public
def privacy() -> Response:
    """What is kept of a citizen, who sees what and when, and when it is gone."""
    return _pages().answer(("privacy",), lambda: citizen_page("ratings/privacy.html"), {}, "")


@blueprint.get("/find")
@public
def find() -> ResponseReturnValue:
    """A code typed by hand: of a counter or of a receipt."""
    code = normalise_code(request.args.get("code", ""))
    if not code:
        return _front(_("Ketik dulu kodenya."))
    found = _leads_to(code)
    if found is None:
        return unknown()
    # With a language it comes from the switch at the top: the code is kept, not opened yet.
    return _front() if "lang" in request.args else redirect(found)


def _leads_to(code: str) -> str | None:
    if is_code(code, RECEIPT_LENGTH):
        return url_for("ratings.receipt", code=code)
    if is_code(code) or is_code(code, TICKET_LENGTH):
        return url_for("ratings.rate", code=code)
    if is_code(code, PRINTED_CODE_LENGTH + OTP_LENGTH):
        word = code[PRINTED_CODE_LENGTH:]
        code = code[:PRINTED_CODE_LENGTH]
        return url_for("ratings.rate_display", code=code, otp=word)
    if is_code(code, MAILBOX_LENGTH):  # it opens by a form only, never by an address
        return url_for("report.front")
    return None


@blueprint.get("/find/<int(max=2147483647):agency>/<int(max=9007199254740992):office>")
@public
def counters(agency: int, office: int) -> Response:
    found = db.session.get(Office, (agency, office))
    if found is None or not found.active:
        return unknown()
    rows = open_counters(agency, office)
    return answer(citizen_page("ratings/counters.html", office=found, counters=rows), "")


LISTED = "/find/<int(max=2147483647):agency>/<int:office>/<int:counter>"


@blueprint.get(LISTED)
@public
def rate_listed(agency: int, office: int, counter: int) -> Response:
    """The form of a counter found by list: it names nobody, and counts for the office only."""
    found = _listed(agency, office, counter)
    return _form(found, "list", clock.now()) if found else unknown()


@blueprint.post(LISTED)
@public
def submit_listed(agency: int, office: int, counter: int) -> ResponseReturnValue:
    found = _listed(agency, office, counter)
    return _store(found, "list") if found else unknown()


def _listed(agency: int, office: int, counter: int) -> ResolvedCode | None:
    codes = {row.id: row.code for row in open_counters(agency, office)}
    return resolve_code(codes[counter]) if counter in codes else None


@blueprint.get("/N/<code>", endpoint="rate_upper")
@blueprint.get("/n/<code>")
@public
def rate(code: str) -> Response:
    """The form. Writes nothing and sets no cookie."""
    with reading():
        return _rate(code, clock.now())


def _rate(code: str, now: datetime) -> Response:
    if is_code(normalise_code(code), TICKET_LENGTH):
        return _rate_by_ticket(normalise_code(code), now)
    resolved = _resolved(code, now)
    if resolved is None:
        return unknown()
    if not resolved.in_use:
        return out_of_use(resolved)
    if resolved.channel == "display":
        return stale_display(resolved)
    return _form(resolved, "poster", now)


def _rate_by_ticket(code: str, now: datetime) -> Response:
    """The form of a visit ticket. Only the phone that used it is told so before it sends: whoever
    issued the ticket must not see here whether it was used."""
    ticket = resolve_ticket(code, now)
    if ticket is None:
        return unknown()
    place = ticket.place
    if place.state != "current":
        return out_of_use(place)
    if rated_by_phone(ticket, request.cookies.get(DEVICE_COOKIE, "")):
        return ticket_used(place, by_this_phone=True)
    page, form = issue_by_ticket(ticket, now)
    return answer(render_rate(page, _writer().tokens.issue(form)), place.colour)


@blueprint.get("/N/<code>/<otp>", endpoint="rate_display_upper")
@blueprint.get("/n/<code>/<otp>")
@public
def rate_display(code: str, otp: str) -> Response:
    """The form of a counter's screen, for whoever stands before it now."""
    now = clock.now()
    code, word = normalise_code(code), normalise_code(otp)
    scan = resolve_display(code, word, _writer().tokens.signing_keys, now)
    if scan is None:
        return unknown()
    if not scan.place.in_use:
        return out_of_use(scan.place)
    if scan.at is None:
        return stale_display(scan.place)
    return _form(scan.place, "display", scan.at, scanned=code + word)


def _form(resolved: ResolvedCode, channel: str, at: datetime, scanned: str = "") -> Response:
    page, form = issue(resolved, channel, at)
    if channel in {"poster", "display"} and _staff_session():
        held = current_user.role_names
        keeper = channel == "poster" and bool(held & KEEPERS)
        begins = scanned or resolved.code if "employee" in held else ""
        page = replace(page, check_in=begins, keeper=keeper)
    return _pages().answer(
        ("rate", page),
        lambda: render_rate(page, TOKEN_MARK),
        {TOKEN_MARK: _writer().tokens.issue(form)},
        resolved.colour,
        keeps=True,
    )


def _staff_session() -> bool:
    """Whether this phone is signed in: the page then also leads to check-in at this counter, or
    to noting its poster as checked.

    Whoever has no session cookie costs nothing and sees nothing of it.
    """
    signed = current_app.config["SESSION_COOKIE_NAME"] in request.cookies and "_user_id" in session
    return signed and current_user.is_authenticated


def _resolved(text: str, now: datetime) -> ResolvedCode | None:
    """What a code stands for; the database never sees what cannot be one."""
    code = normalise_code(text)
    if is_code(code, TICKET_LENGTH):
        ticket = resolve_ticket(code, now)
        return ticket.place if ticket else None
    if not is_code(code):
        return None
    found = resolve_code(code)
    if found is None:
        shown = resolve_device(code, now)
        found = shown[0] if shown else None
    return found


@blueprint.post("/N/<code>", endpoint="submit_upper")
@blueprint.post("/n/<code>")
@public
def submit(code: str) -> ResponseReturnValue:
    """Store the rating, then lead to its receipt; never say thanks before it is kept."""
    return _store(normalise_code(code), "poster")


def _store(place: str | ResolvedCode, channel: str) -> ResponseReturnValue:
    """What was sent to a code, or to a counter found by list."""
    now = clock.now()
    try:
        token = request.form.get("token", "")
        form = _writer().tokens.read(token, now)
        if not _issued_here(form, place):
            raise BadToken
        if request.form.get("spare"):
            form = _spare(form, token)
    except BadToken as error:
        return _form_again(place, channel, None, expired=isinstance(error, ExpiredToken))
    if "lang" in request.form:  # the switch at the top: nothing is sent, nothing is lost
        return _form_again(place, channel, form, switched=True)
    try:
        sent = read_submission(request.form.to_dict(), form.services)
    except NoAnswer as error:
        return _unanswered(error, place, channel, form)
    device = request.cookies.get(DEVICE_COOKIE) or secrets.token_urlsafe(16)
    try:
        kept = submit_rating(form, sent, device=device, language=language(), now=now)
    except (NotDurable, DBAPIError) as error:
        log.error("rating_not_kept", error=type(error).__name__)
        return _not_kept()
    except TicketUsed:
        found = _resolved(form.code, now)
        return ticket_used(found, by_this_phone=False) if found else unknown()
    return _to_receipt(kept, device, form)


def _to_receipt(kept: Acknowledged, device: str, form: Form) -> Response:
    """On to the receipt; only now the phone is given what tells it from others."""
    step = "first" if kept.changed else "new"
    whose = "office" if form.channel == "list" or form.offer.kind == "spare" else "1"
    # The page's script follows by itself.
    status = 201 if request.headers.get("Accept") == "application/json" else 303
    response = Response(status=status, headers={"Location": f"/t/{kept.receipt}?{step}={whose}"})
    response.set_cookie(
        DEVICE_COOKIE,
        device[:64],
        max_age=DEVICE_AGE,
        httponly=True,
        samesite="Lax",
        secure=secure_cookies(),
    )
    return response


def _spare(form: Form, token: str) -> Form:
    """The form of a page that was opened without network; raises BadToken where there is none."""
    if form.channel not in SPARE_CHANNELS or form.offer.kind == "spare":
        raise BadToken
    return form.spare(token)


def _issued_here(form: Form, place: str | ResolvedCode) -> bool:
    if isinstance(place, str):
        return form.code == place
    return form.code == "" and form.counter_id == place.counter_id


def _unanswered(
    error: NoAnswer, place: str | ResolvedCode, channel: str, form: Form
) -> ResponseReturnValue:
    """The form once more; what looks like a machine is counted, and as a person may send again."""
    trapped = isinstance(error, Trapped)
    if trapped:
        note(form.agency_id, form.counter_id, "honeypot")
    return _form_again(place, channel, form, trapped=trapped)


def _form_again(
    place: str | ResolvedCode,
    channel: str,
    form: Form | None,
    *,
    expired: bool = False,
    switched: bool = False,
    trapped: bool = False,
) -> ResponseReturnValue:
    """The form once more with everything the citizen had filled in, and what to do."""
    now = clock.now()
    resolved = _resolved(place, now) if isinstance(place, str) else place
    if resolved is None:
        return unknown()
    if form is not None:
        problem = "" if switched else _("Pilih dulu salah satu wajah, lalu kirim.")
        if trapped:
            problem = _("Formulir tadi tidak dapat dibaca. Periksa isian Anda, lalu kirim lagi.")
        page = same_page(resolved, form)
    elif resolved.channel == "ticket":
        return redirect(url_for("ratings.rate", code=resolved.code), 303)
    elif not resolved.in_use:
        return out_of_use(resolved)
    elif resolved.channel == "display":
        return stale_display(resolved)
    else:
        page, form = issue(resolved, channel, now)
        problem = (
            _("Formulir tadi sudah lebih dari 8 hari. Ini yang baru, dengan isian Anda.")
            if expired
            else _("Formulir tadi tidak dapat dibaca. Periksa isian Anda, lalu kirim lagi.")
        )
    # Whom it is about is asked anew, except on the same form: a new one may name somebody else.
    asked_anew = set() if switched else {"who", "day"}
    names = [name for name in Filled.__dataclass_fields__ if name not in asked_anew]
    filled = Filled(**{name: request.form.get(name, "")[:1000] for name in names})
    # A spare form is a signed one with a word of its own beside it.
    spare = page.kind == "spare"
    token = request.form["token"] if spare else _writer().tokens.issue(form)
    html = render_rate(page, token, filled, problem, trap=not trapped)
    return answer(html, resolved.colour, 200 if switched else 422, keeps=True)


def _not_kept() -> Response:
    """Not acknowledged, nothing lost: the same fields, to be sent again with one tap."""
    page = citizen_page(
        "ratings/message.html",
        title=_("Belum tersimpan"),
        text=_("Layanan sedang terganggu. Isian Anda masih ada: tunggu sebentar, lalu kirim lagi."),
        kept=[(name, value[:4000]) for name, value in request.form.items()],
        kept_path=request.path,
    )
    response = answer(page, "", 503)
    response.headers.extend(TRY_AGAIN)
    return response
