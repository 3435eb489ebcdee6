"""Error pages in the reader's language, each with a next step; JSON for the API."""

import structlog
from flask import Flask, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from portal.i18n import gettext as _

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
        413: (_("Kiriman terlalu besar"), _("Perkecil isinya lalu kirim sekali lagi.")),
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
    signing_in = code == 401
    page = render_template(
        "error.html",
        code=code,
        title=title,
        text=text,
        next_url=url_for("security.login") if signing_in else "/",
        next_label=_("Masuk") if signing_in else _("Ke halaman depan"),
        # When the database is down, the page must not ask it who is signed in.
        plain=code >= 500,
    )
    return page, code


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(OperationalError, _database_trouble)
    app.register_error_handler(InternalServerError, _unforeseen)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    code = error.code or 500
    if code == ServiceUnavailable.code:
        return _come_back()
    return error_answer(code)


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


def _unforeseen(error: InternalServerError) -> ResponseReturnValue:
    log.error(
        "unforeseen_error",
        rule=str(request.url_rule),
        error=type(error.original_exception or error).__name__,
        exc_info=error.original_exception,
    )
    return error_answer(500)
