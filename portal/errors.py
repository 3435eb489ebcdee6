"""Error pages in the reader's language, each with a next step; JSON for the API."""

from contextlib import suppress
from traceback import format_tb
from typing import Any

import structlog
from flask import (
    Flask,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    RequestEntityTooLarge,
    ServiceUnavailable,
    Unauthorized,
)
from werkzeug.routing import IntegerConverter

from portal.db import LARGEST_ID, db
from portal.i18n import gettext as _
from portal.i18n import number

MIB = 1024 * 1024

log = structlog.get_logger()


def _words(code: int) -> tuple[str, str]:
    """Title and explanation for a status code."""
    known = {
        400: (
            _("Permintaan tidak dapat dibaca"),
            _("Ada yang tidak lengkap pada permintaan ini. Kembali dan coba sekali lagi."),
        ),
        401: (_("Anda belum masuk"), _("Masuk dahulu untuk membuka halaman ini.")),
        403: (
            _("Bukan untuk peran Anda"),
            _("Akun Anda tidak memiliki peran untuk halaman ini. Hubungi administrator instansi."),
        ),
        404: (
            _("Halaman tidak ditemukan"),
            _("Alamatnya mungkin salah ketik, atau halaman ini bukan untuk Anda."),
        ),
        405: (_("Cara membuka halaman ini keliru"), _("Mulai lagi dari halaman depan.")),
        413: (
            _("Kiriman terlalu besar"),
            _(
                "Sekali kirim paling besar %(size)s MB. Tidak ada yang tersimpan: kembali, "
                "perkecil atau kurangi berkasnya, lalu kirim sekali lagi.",
                size=number((request.max_content_length or 0) // MIB, 0),
            ),
        ),
        429: (
            _("Terlalu banyak percobaan"),
            _("Tunggu satu menit, lalu coba lagi. Tidak ada yang hilang."),
        ),
        500: (
            _("Ada yang salah di pihak kami"),
            _("Kesalahan ini sudah tercatat. Coba lagi beberapa menit lagi."),
        ),
        503: (
            _("Sedang tidak dapat menyimpan"),
            _("Layanan akan kembali sebentar lagi. Muat ulang halaman ini untuk mencoba lagi."),
        ),
    }
    return known.get(code, known[500] if code >= 500 else known[400])


def error_answer(code: int) -> tuple[str | Response, int]:
    """The page, or for the API the JSON, that explains a status code."""
    title, text = _words(code)
    if request.path.startswith("/api/"):
        return jsonify(status=code, title=title, detail=text), code
    plain = code >= 500
    if plain:
        _forget_who_asks()
    page = render_template(
        "error.html",
        code=code,
        title=title,
        text=text,
        plain=plain,
        chosen_list=None,  # nothing to keep of a list that is not there
        **_next_step(code),
    )
    return page, code


def _next_step(code: int) -> dict[str, str]:
    if code == Unauthorized.code:
        return {"next_url": url_for("security.login"), "next_label": _("Masuk")}
    if code == RequestEntityTooLarge.code and (form := _page_at(request.path)):
        return {"next_url": form, "next_label": _("Kembali ke formulir")}
    if code < 500 and current_user.is_authenticated:
        return {"next_url": url_for("people.home"), "next_label": _("Ke beranda")}
    return {"next_url": "/", "next_label": _("Ke halaman depan")}


def _forget_who_asks() -> None:
    """When the database is down, the page that says so must not ask it who is signed in."""
    current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]  # noqa: SLF001


class _Key(IntegerConverter):
    """A number in an address; one that no row can have is an unknown address, not a failure."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID} | values)


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = _Key
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(MethodNotAllowed, _sent_there_only)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(DataError, _not_storable)
    app.register_error_handler(OperationalError, _database_trouble)
    app.register_error_handler(InternalServerError, _unforeseen)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or 500
    if code == ServiceUnavailable.code:
        return _come_back()
    return error_answer(code)


def _sent_there_only(error: MethodNotAllowed) -> ResponseReturnValue:
    """Somebody opens, by reload or in another language, the address that a form was sent to: on
    to the page above it."""
    if request.method != "GET" or request.path.startswith("/api/"):
        return _http_error(error)
    above = _page_at(request.path.rpartition("/")[0] or "/")
    return redirect(above) if above else _http_error(error)


def _page_at(path: str) -> str | None:
    """The page at an address, or the first one above it, with what the address asked for."""
    adapter = current_app.create_url_adapter(request)
    while adapter is not None:
        with suppress(HTTPException):
            adapter.match(path, "GET")
            return path + (f"?{request.query_string.decode()}" if request.args else "")
        if not path.strip("/"):
            break
        path = path.rpartition("/")[0] or "/"
    return None


def _come_back() -> ResponseReturnValue:
    body, status = error_answer(503)
    return body, status, {"Retry-After": "20"}


def _form_too_old(error: CSRFError) -> ResponseReturnValue:
    page = render_template(
        "error.html",
        code=400,
        title=_("Formulir ini sudah terlalu lama terbuka"),
        text=_("Kembali ke halaman sebelumnya, muat ulang, lalu kirim sekali lagi."),
        next_url=request.path if request.method == "GET" else "/",
        next_label=_("Ke halaman depan"),
    )
    return page, 400


def _database_trouble(error: OperationalError) -> ResponseReturnValue:
    log.error("database_trouble", rule=str(request.url_rule), error=type(error.orig).__name__)
    return _come_back()


def _not_storable(error: DataError) -> ResponseReturnValue:
    """Text that PostgreSQL cannot hold, such as one with a NUL in it: the sender's doing."""
    log.warning("not_storable", rule=str(request.url_rule))
    db.session.rollback()  # the page asks who is signed in
    return error_answer(400)


def _unforeseen(error: InternalServerError) -> ResponseReturnValue:
    """What failed and where, without the error's own words: they may quote a row or a comment."""
    cause = error.original_exception or error
    log.error(
        "unforeseen_error",
        rule=str(request.url_rule),
        error=type(cause).__name__,
        exception="".join(format_tb(cause.__traceback__)),
    )
    return error_answer(500)
