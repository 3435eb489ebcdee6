"""What a phone keeps of the portal: the page's script, the worker, the manifest of the app.

A script is one file per language with its texts inside, under an address that changes with its
content, so that a browser keeps it for good.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request, url_for

from portal.access import public
from portal.i18n import force_locale, languages
from portal.i18n import gettext as _

SCRIPTS = Path(__file__).parent / "scripts"
A_YEAR = 365 * 24 * 3600
ICONS = (("icon-192.png", "192x192"), ("icon-512.png", "512x512"))


@dataclass(frozen=True)
class Script:
    """A script as it is sent: plain and compressed, and where it is found."""

    plain: bytes
    packed: bytes
    path: str

    def answer(self, cache_control: str) -> Response:
        return _file(self.plain, self.packed, "text/javascript; charset=utf-8", cache_control)


def _file(plain: bytes, packed: bytes, kind: str, cache_control: str) -> Response:
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(packed if zipped else plain, content_type=kind)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = cache_control
    return response


def _texts() -> dict[str, str]:
    """What the script says, in the language in force; {place} is office and counter."""
    return {
        "sending": _("Mengirim…"),
        "stored": _("Tersimpan di HP, belum terkirim"),
        "sentLater": _("Terkirim sendiri begitu ada jaringan. Halaman ini boleh ditutup."),
        "openLater": _("Begitu ada jaringan, buka lagi halaman ini; penilaian lalu terkirim."),
        "stayOpen": _(
            "Belum terkirim, dan HP ini tidak dapat menyimpannya. Biarkan halaman ini terbuka: "
            "dikirim begitu ada jaringan."
        ),
        "noSwitch": _("Bahasa lain perlu jaringan. Isian Anda tetap ada."),
        "sendNow": _("Coba kirim sekarang"),
        "waiting": _("Penilaian untuk {place} tersimpan di HP, belum terkirim."),
        "sent": _("Penilaian untuk {place} sudah terkirim."),
        "seeReceipt": _("Lihat tanda terima"),
        "tooOld": _("Penilaian untuk {place} tidak dapat diterima dengan formulir itu."),
        "fillAgain": _("Kirim dengan formulir baru"),
        "spare": _("Dibuka tanpa jaringan: penilaian ini dihitung untuk kantor saja."),
        "offline": _("Tidak ada jaringan"),
        "offlineNext": _(
            "Halaman ini belum tersimpan di HP. Coba lagi begitu ada jaringan, "
            "atau pindai kode loket sekali lagi."
        ),
        "again": _("Coba lagi"),
        "listen": _("Dengarkan"),
    }


def _camera_texts() -> dict[str, str]:
    """What the camera says on the page where a code is entered."""
    return {
        "open": _("Pindai dengan kamera"),
        "close": _("Tutup kamera"),
        "picture": _("Gambar kamera"),
        "aim": _("Arahkan kamera ke kode QR di loket."),
        "found": _("Kode terbaca. Sebentar…"),
        "foreign": _("Kode QR ini bukan kode loket. Arahkan kamera ke kode QR di loket."),
        "none": _("Kamera tidak dapat dipakai. Ketik saja kode di bawah kode QR."),
    }


def _script(name: str, *parts: str, before: str = "") -> Script:
    sources = ((SCRIPTS / f"{part}.js").read_text(encoding="utf-8") for part in parts)
    text = "".join(_tight(source) for source in sources)
    plain = f"'use strict';\n{before}{text}\n".encode()
    digest = hashlib.sha256(plain).hexdigest()[:12]
    return Script(plain, gzip.compress(plain, 9, mtime=0), name.format(digest))


@cache
def page_script(language: str) -> Script:
    """The script of the citizens' pages in one language."""
    with force_locale(language):
        before = _constant(_texts())
    return _script(f"/script/{language}-{{}}.js", "queue", "page", before=before)


@cache
def camera_script(language: str) -> Script:
    """The script of the page where a code is entered: it reads codes with the camera."""
    with force_locale(language):
        before = _constant(_camera_texts())
    return _script(f"/script/camera/{language}-{{}}.js", "camera", before=before)


# What is quoted, and comments. Patterns hold neither quotes nor spaces, so they need no rule.
_QUOTED = re.compile(r"""('(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\s*//.*""")


def _tight(source: str) -> str:
    """A script without comments, and without the spaces that are for who reads it."""
    # Code, what is quoted (none: a comment), code, and so on.
    parts = enumerate(_QUOTED.split(source))
    return "".join((part or "") if place % 2 else _closed_up(part) for place, part in parts)


def _closed_up(code: str) -> str:
    code = re.sub(r"\s*\n\s*", "\n", code)
    code = re.sub(r" ?([=+\-*/<>?:,;{}()\[\]&|!]) ?", r"\1", code)
    return re.sub(r"(?<=[,{(;\[])\n|\n(?=[.?:)\]}])|;(?=\n?})", "", code)


def _constant(texts: dict[str, str]) -> str:
    return f"const TEXTS = {json.dumps(texts, ensure_ascii=False)};\n"


@cache
def worker_script() -> Script:
    return _script("/sw.js", "queue", "worker")


def add_routes(blueprint: Blueprint) -> None:
    """Register what a phone fetches beside the pages."""
    blueprint.get("/script/<language>-<digest>.js")(script)
    blueprint.get("/script/camera/<language>-<digest>.js")(camera)
    blueprint.get("/sw.js")(worker)
    blueprint.get("/manifest.webmanifest")(manifest)


@public
def script(language: str, digest: str) -> Response:
    """The script under the address of its content; an older page gets the one there is now."""
    return _by_content(page_script(language if language in languages() else "id"))


@public
def camera(language: str, digest: str) -> Response:
    """The script that reads codes with the camera, found like the other."""
    return _by_content(camera_script(language if language in languages() else "id"))


def _by_content(found: Script) -> Response:
    known = found.path == request.path
    response = found.answer(f"public, max-age={A_YEAR}, immutable" if known else "no-store")
    return _brief(response)


def _brief(response: Response) -> Response:
    """No page, so the long policy of pages would be weight alone."""
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response


@public
def worker() -> Response:
    """At the root, so that it may open `/n/` and `/N/`; browsers ask for a new one themselves."""
    return worker_script().answer("no-cache")


@public
def manifest() -> Response:
    """What makes the portal an app on the home screen; it starts where a code can be entered."""
    text = json.dumps(_app(), ensure_ascii=False, separators=(",", ":")).encode()
    packed = gzip.compress(text, 9, mtime=0)
    return _brief(_file(text, packed, "application/manifest+json", "public, max-age=86400"))


def _app() -> dict[str, object]:
    return {
        "name": "Suara Loket",
        "short_name": "Suara Loket",
        "description": _("Nilai pelayanan yang Anda terima"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f7f9",
        "theme_color": "#0b5cad",
        "icons": [
            {
                "src": url_for("static", filename=name),
                "sizes": size,
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size in ICONS
            for purpose in ("any", "maskable")
        ],
    }
