"""Kind pages for codes that lead to no form: what happened, and what to do next."""

import structlog
from flask import Response, request, url_for
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.counters.device_actions import note_refusal
from portal.counters.queries import ResolvedCode
from portal.i18n import gettext as _
from portal.ratings.page import answer, citizen_page

log = structlog.get_logger()


def message(title: str, text: str, status: int, *, step: tuple[str, str] | None = None) -> Response:
    """A kind page; `step` is where it leads beside the field for a code: address and words."""
    typed = request.args.get("code", "")[:24]
    page = citizen_page("ratings/message.html", title=title, text=text, step=step, typed=typed)
    return answer(page, "", status)


def unknown() -> Response:
    return message(
        _("Kode tidak dikenal"),
        _("Periksa sekali lagi huruf dan angka di bawah kode QR."),
        404,
    )


def out_of_use(code: ResolvedCode) -> Response:
    """A code that is replaced, revoked or expired, or of a counter that is closed."""
    _note(code, code.refusal)
    if code.channel == "ticket":
        return _ticket_out_of_use(code)
    if code.state == "replaced":
        title = _("Kode ini sudah diganti")
        text = _(
            "Di %(counter)s, %(office)s, kini terpasang kode yang baru. Pindai kode yang baru itu.",
            counter=code.counter_label,
            office=code.office_name,
        )
    else:
        title = _("Kode ini tidak dipakai lagi")
        text = _("Loket ini sudah tidak melayani dengan kode ini. Cari kantornya di bawah.")
    return message(title, text, 410)


def stale_display(code: ResolvedCode) -> Response:
    """A code that stood on the screen some time ago: a photo, or a page left open."""
    _note(code, "stale_display")
    return message(
        _("Kode di layar sudah berganti"),
        _(
            "Kode di layar %(counter)s, %(office)s, berganti setiap menit. Masih di sana? Pindai "
            "lagi kode yang sekarang tampil. Sudah pulang? Anda tetap dapat menilai kantornya.",
            counter=code.counter_label,
            office=code.office_name,
        ),
        410,
        step=_office(code),
    )


def ticket_used(code: ResolvedCode, *, by_this_phone: bool) -> Response:
    """One ticket, one rating; whose it was and what it says stays theirs."""
    _note(code, "used_ticket")
    if by_this_phone:
        return message(
            _("Anda sudah menilai dengan karcis ini"),
            _("Penilaian Anda sudah kami terima. Satu karcis berlaku untuk satu penilaian."),
            410,
        )
    return message(
        _("Karcis ini sudah dipakai"),
        _(
            "Satu karcis berlaku untuk satu penilaian, dan yang pertama yang berlaku. Penilaian "
            "yang baru saja dikirim tidak disimpan. Dilayani lagi? Minta karcis yang baru."
        ),
        410,
        step=_office(code),
    )


def _ticket_out_of_use(code: ResolvedCode) -> Response:
    if code.state == "expired":
        return message(
            _("Karcis ini sudah lewat waktunya"),
            _("Anda tetap dapat menilai kantornya, tanpa karcis."),
            410,
            step=_office(code),
        )
    return message(
        _("Karcis ini sudah dicabut"),
        _("Minta karcis yang baru kepada petugas, atau nilai kantornya tanpa karcis."),
        410,
        step=_office(code),
    )


def _office(code: ResolvedCode) -> tuple[str, str]:
    """Where the office can be rated without a code: it counts for the office only."""
    address = url_for(
        "ratings.rate_listed",
        agency=code.agency_id,
        office=code.office_id,
        counter=code.counter_id,
    )
    return address, _("Nilai kantor ini")


def _note(code: ResolvedCode, kind: str) -> None:
    note(code.agency_id, code.counter_id, kind)


def note(agency_id: int, counter_id: int, kind: str) -> None:
    """Count it for the coordinator; should that fail, the citizen's page comes all the same."""
    try:
        note_refusal(agency_id, counter_id, kind, clock.now())
    except DBAPIError as error:
        log.warning("refusal_not_counted", error=type(error).__name__)
