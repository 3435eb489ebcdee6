"""The receipt: what became of a rating, what the office answered, and word of it by e-mail."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import public
from portal.counters.codes import is_code, normalise_code, show_code
from portal.counters.icalendar import Event, write_calendar
from portal.i18n import gettext as _
from portal.i18n import language
from portal.ratings.actions import TooLateToWithdraw, withdraw
from portal.ratings.answer_queries import Answered, answered_since_counted, answers_of
from portal.ratings.contact_actions import (
    NotAnAddress,
    NotAsked,
    asks_contact,
    drop_contact,
    keep_contact,
    takes_numbers,
)
from portal.ratings.page import Pages, answer, citizen_page
from portal.ratings.queries import ReceiptStatus, receipt_status
from portal.ratings.refusals import message
from portal.ratings.tokens import RECEIPT_LENGTH
from portal.ratings.words import THEME_WORDS

# Where the receipt stands in a page that is kept for all.
RECEIPT_MARK = "@receipt@"
SPACED_MARK = "@spaced@"
REMIND_AFTER = timedelta(days=30)
REMIND_AT = time(9)


def add_routes(blueprint: Blueprint) -> None:
    """Register the addresses below /t/."""
    blueprint.get("/t/<code>")(receipt)
    blueprint.post("/t/<code>")(take_back)
    blueprint.post("/t/<code>/contact")(contact)
    blueprint.get("/t/<code>/reminder.ics")(reminder)


def _known(code: str, now: datetime) -> ReceiptStatus | None:
    """None, too, for a receipt that has ended: soon the portal does not know it any more, and
    until then it says the same."""
    status = receipt_status(code) if is_code(code, RECEIPT_LENGTH) else None
    return None if status is None or status.has_ended(now) else status


def _site() -> str:
    site: str = current_app.config["SETTINGS"].public_url
    return site


def _unknown() -> Response:
    return message(
        _("Tanda terima tidak ada atau sudah berakhir"),
        _(
            "Periksa sekali lagi kodenya: dua belas huruf dan angka. "
            "Tanda terima berakhir sesudah 13 bulan, lalu kodenya kami hapus. "
            "Penilaian Anda sendiri tetap dihitung."
        ),
        404,
    )


@public
def receipt(code: str) -> ResponseReturnValue:
    """The story of a rating: received, counted or set aside, answered, changed."""
    code, now = normalise_code(code), clock.now()
    status = _known(code, now)
    if status is None:
        return _unknown()
    offers = _offers(status, now)
    pages: Pages = current_app.extensions["rating_pages"]
    return pages.answer(
        ("receipt", status.shown, *offers.values()),
        lambda: _page(status, **offers),
        {RECEIPT_MARK: code, SPACED_MARK: show_code(code)},
        status.colour,
    )


def _offers(status: ReceiptStatus, now: datetime) -> dict[str, object]:
    """What the page shows beside the fate of the rating, and what can be done there."""
    return {
        "answers": _answers(status),
        "heard": status.has_answers and answered_since_counted(status),
        "withdrawable": status.state != "withdrawn" and status.may_be_withdrawn(now),
        "waits": status.waits,
        "asks": not status.waits and asks_contact(status, now),
        "numbers": takes_numbers(),
    }


def _answers(status: ReceiptStatus) -> tuple[Answered, ...]:
    """All answers of the quarter, whatever they are about: only the citizen's own would tell
    whoever looks at the receipt what the citizen said."""
    if not status.has_answers:
        return ()
    return answers_of(status.agency_id, status.office_id, status.period, status.timezone)


def _page(status: ReceiptStatus, **values: object) -> str:
    return citizen_page(
        "ratings/receipt.html",
        colour=status.colour,
        receipt=RECEIPT_MARK,
        spaced_receipt=SPACED_MARK,
        status=status,
        site=_site().partition("://")[2],
        theme_words=THEME_WORDS,
        fresh="new" in request.args,
        first="first" in request.args,
        office_only="office" in (request.args.get("new"), request.args.get("first")),
        wrong=_not_an_address(),
        **values,
    )


def _not_an_address() -> str:
    text: str = (
        _("Ini bukan alamat e-mail atau nomor WhatsApp. Contoh: nama@contoh.id, 081234567890.")
        if takes_numbers()
        else _("Ini bukan alamat e-mail. Periksa sekali lagi, misalnya nama@contoh.id.")
    )
    return text


@public
def take_back(code: str) -> ResponseReturnValue:
    """Withdraw a rating; whoever holds the receipt may."""
    code, now = normalise_code(code), clock.now()
    status = _known(code, now)
    if status is not None:
        try:
            withdraw(status, now)
        except TooLateToWithdraw:
            return message(
                _("Tidak dapat ditarik kembali"),
                _("Penilaian dapat ditarik kembali selama tujuh hari."),
                409,
            )
    return redirect(url_for("ratings.receipt", code=code), 303)


@public
def contact(code: str) -> ResponseReturnValue:
    """Keep an address for word of the office's answer, or forget it."""
    code, now = normalise_code(code), clock.now()
    status = _known(code, now)
    if status is None:
        return _unknown()
    address = request.form.get("address", "")
    if "lang" in request.form:  # the switch at the top: nothing is kept, nothing is lost
        return _again(status, now, 200, address)
    try:
        if "forget" in request.form:
            drop_contact(status)
        else:
            keep_contact(status, address, language(), now)
    except NotAnAddress:
        return _again(status, now, 422, address, _not_an_address())
    except NotAsked:
        pass  # the page says what is still possible
    return redirect(url_for("ratings.receipt", code=code, _anchor="word"), 303)


def _again(
    status: ReceiptStatus, now: datetime, answered: int, address: str, problem: str = ""
) -> Response:
    """The receipt once more with the address as it was typed."""
    offers = _offers(status, now)
    if problem:
        offers |= {"waits": False, "asks": True}
    page = _page(status, **offers, address=address[:254], problem=problem)
    code = status.receipt
    page = page.replace(RECEIPT_MARK, code).replace(SPACED_MARK, show_code(code))
    return answer(page, status.colour, answered)


@public
def reminder(code: str) -> ResponseReturnValue:
    """An entry for a calendar that others may see: a day, the code, and not a word of what it is
    about."""
    code = normalise_code(code)
    status = _known(code, clock.now())
    if status is None:
        return _unknown()
    day = status.rated_on + REMIND_AFTER
    start = datetime.combine(day, REMIND_AT, ZoneInfo(status.timezone))
    event = Event(
        uid=f"{code}@suara-loket",
        starts_at=start,
        ends_at=start + timedelta(minutes=15),
        changed_at=start - REMIND_AFTER,
        summary=f"Suara Loket {show_code(code)}",
        location=f"{_site()}/t/{code}",
        category="Suara Loket",
        status="CONFIRMED",
    )
    response = make_response(write_calendar("Suara Loket", [event]))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="suara-loket.ics"'
    return response
