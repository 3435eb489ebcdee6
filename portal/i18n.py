"""The reader's language (?lang=, cookie, browser) and the forms of dates and numbers in it.

Flask-Babel is imported here and nowhere else.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import (
    Flask,
    Response,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
)
from flask_babel import (
    Babel,
    Domain,
    get_locale,
    gettext,
    lazy_gettext,
    lazy_pgettext,
    ngettext,
)
from flask_babel import force_locale as _force_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from portal.headers import secure_cookies
from portal.language_packs import Pack

__all__ = [
    "LANGUAGES",
    "STAFF_LANGUAGES",
    "force_locale",
    "gettext",
    "language",
    "languages",
    "lazy_gettext",
    "lazy_pgettext",
    "ngettext",
    "text_in",
]

LANGUAGES = {"id": "Indonesia", "en": "English", "jv": "Jawa", "su": "Sunda"}
STAFF_LANGUAGES = ("id", "en")
# What judges a person is explained to that person in all four, like the citizens' pages.
CITIZENS = frozenset({"ratings", "display", "kiosk", "report", "transparency"})
EXPLAINING = frozenset({"records.record", "records.dialogue", "desk.mine"})
SOURCE_LANGUAGE = "id"
# Old and neighbouring codes that browsers send.
ALIASES = {"in": "id", "ms": "id", "jw": "jv"}
COOKIE = "lang"
YEAR = 365 * 24 * 3600
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

TRANSLATIONS = next(
    folder
    for folder in (
        Path(__file__).parent / "translations",  # inside an installed wheel
        Path(__file__).parent.parent / "translations",
    )
    if folder.is_dir()
)


class Catalogues(Domain):  # type: ignore[misc]
    """The portal's catalogues, read from the .po files themselves: nothing to compile."""

    def get_translations(self) -> NullTranslations:
        return catalogue()

    @staticmethod
    def format_list(parts: list[str], **options: Any) -> str:
        """A list in words; Flask-Security asks its domain for this."""
        return format_list(parts, locale=_locale(), **options)


class _Spoken(NamedTuple):
    """A language as this answer is written in it."""

    code: str
    locale: Locale
    catalogue: NullTranslations


def _spoken() -> _Spoken:
    """The language of this answer, looked up once for as long as it holds.

    A long page asks for 1,600 texts and as many figures; asking each time what the language is took
    a third of it.
    """
    held: _Spoken | None = g.get("spoken") if has_app_context() else None
    if held is None:
        locale = get_locale() or _locale_of(SOURCE_LANGUAGE)
        code = locale.modifier or locale.language
        held = _Spoken(code, locale, _catalogue(code))
        if has_app_context():
            g.spoken = held
    return held


def catalogue() -> NullTranslations:
    """The texts in the reader's language."""
    return _spoken().catalogue


def text_in(code: str, text: str) -> str:
    """A text in a language that is not the reader's: on paper several stand beside each other."""
    return _catalogue(code).gettext(text)


def day_in(code: str, value: date) -> str:
    """A day in words, in a language that is not the reader's."""
    return dates.format_date(value, format="d MMMM y", locale=_locale_of(code))


def _packs() -> dict[str, Pack]:
    """Languages that this installation has beside the shipped ones."""
    found: dict[str, Pack] = current_app.extensions["language_packs"] if has_app_context() else {}
    return found


def languages() -> dict[str, str]:
    """The languages of citizens' pages by code, with what their buttons are called."""
    if not has_app_context():
        return LANGUAGES
    found: dict[str, str] = current_app.extensions["languages"]
    return found


def _locale_of(code: str) -> Locale:
    """How dates and numbers are written; a language that Babel lacks is a kind of the nearest."""
    pack = _packs().get(code)
    return _kind_of(pack.nearest, code) if pack else _kind_of(code, None)


@cache
def _kind_of(nearest: str, code: str | None) -> Locale:
    return Locale(nearest, modifier=code)


@contextmanager
def force_locale(code: str) -> Iterator[None]:
    """Write in another language for a while: a mail, a script, a line on paper."""
    if not has_app_context():  # nobody reads: the source texts stand
        yield
        return
    with _force_locale(_locale_of(code)):
        before = g.pop("spoken", None)
        try:
            yield
        finally:
            g.spoken = before


def _catalogue(code: str) -> NullTranslations:
    pack = _packs().get(code)
    return _read(pack.catalogue, code) if pack else _shipped(code)


@cache  # a page asks for hundreds of texts
def _shipped(code: str) -> NullTranslations:
    return _read(TRANSLATIONS / code / "LC_MESSAGES" / "messages.po", code)


@cache
def _read(path: Path, code: str) -> NullTranslations:
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def language() -> str:
    """The code of the language this answer is written in."""
    return _spoken().code


def _chosen() -> Locale:
    return _locale_of(_wanted() if has_request_context() else SOURCE_LANGUAGE)


def _wanted() -> str:
    """By link, by cookie, by the browser: the first that the page is written in."""
    offered, known = offered_languages(), languages()
    for said, name in ((request.args, "lang"), (request.cookies, COOKIE)):
        if name in said and said[name] in known:
            return _nearest(said[name], offered)
    asked = request.headers.get("Accept-Language", "")
    return _nearest(_preferred(asked, tuple(known)), offered)


@lru_cache(maxsize=256)  # browsers send few different ones, each with every request
def _preferred(header: str, known: tuple[str, ...]) -> str:
    """The one of these languages that a browser asks for first."""
    for code, _quality in parse_accept_header(header, LanguageAccept):
        short = code.replace("_", "-").split("-")[0].lower()
        short = ALIASES.get(short, short)
        if short in known:
            return short
    return SOURCE_LANGUAGE


def _nearest(code: str, offered: tuple[str, ...]) -> str:
    """Who reads Javanese or Sundanese reads Indonesian where a page has neither."""
    return code if code in offered else SOURCE_LANGUAGE


def offered_languages() -> tuple[str, ...]:
    """Citizens' pages are in every language, the explanation of a score in the four that are
    shipped, others in two."""
    if _citizens_page():
        return tuple(languages())
    if request.endpoint in EXPLAINING:
        return tuple(LANGUAGES)
    return STAFF_LANGUAGES


def _citizens_page() -> bool:
    """An address that leads nowhere is a citizen's, unless somebody is signed in."""
    blueprint = request.blueprint
    return "_user_id" not in session if blueprint is None else blueprint in CITIZENS


def remember_language(response: Response) -> Response:
    """Keep a language chosen by link; a page that was only read sets no cookie."""
    if "lang" not in request.args:
        return response
    code = request.args["lang"]
    if code in languages() and code in offered_languages() and request.cookies.get(COOKIE) != code:
        response.set_cookie(
            COOKIE, code, max_age=YEAR, samesite="Lax", httponly=True, secure=secure_cookies()
        )
    return response


def init_app(app: Flask, packs: dict[str, Pack]) -> None:
    app.extensions["language_packs"] = packs
    app.extensions["languages"] = LANGUAGES | {code: pack.name for code, pack in packs.items()}
    babel = Babel()
    babel.init_app(
        app,
        default_locale=SOURCE_LANGUAGE,
        locale_selector=_chosen,
        default_domain="messages",
    )
    babel.domain_instance = Catalogues()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # by its extension
        lambda text: catalogue().gettext(text),
        lambda one, many, n: catalogue().ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: catalogue().pgettext(context, text),
        npgettext=lambda context, one, many, n: catalogue().npgettext(context, one, many, n),
    )
    app.after_request(remember_language)
    app.jinja_env.filters.update(
        number=number, rounded=rounded, day=day, month=month, moment=moment, clock=clock
    )


def _locale() -> Locale:
    return _spoken().locale


def rounded(value: float | Decimal, digits: int = 1) -> Decimal:
    """The figure that `number` shows, to reckon with: sums of shown figures then come out."""
    exact = Decimal(str(float(value)) if not isinstance(value, Decimal) else value)
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def number(value: float | Decimal | None, digits: int = 1) -> str:
    """A number with fixed decimals in the reader's form, rounded half up; a dash for none."""
    if value is None:
        return "–"
    return _shown(float(value) + 0.0, digits, _locale())  # one key for 0 and -0


@lru_cache(maxsize=10_000)  # a page shows many figures, and most of them again and again
def _shown(value: float, digits: int, locale: Locale) -> str:
    return str(_form(digits).apply(rounded(value, digits), locale))


@cache  # Babel reads a form anew for each number
def _form(digits: int) -> numbers.NumberPattern:
    return numbers.parse_pattern("#,##0" + ("." + "0" * digits if digits else ""))


def day(value: date | datetime, zone: str = "Asia/Jakarta") -> str:
    """A day in words: 22 November 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    return _dated(value, "d MMMM y", _locale())


@lru_cache(maxsize=10_000)  # as with figures: a list names the same few quarters in each line
def _dated(value: date, form: str, locale: Locale) -> str:
    return dates.format_date(value, format=form, locale=locale)


def month(value: date) -> str:
    """A month in words: November 2026."""
    return _dated(value, "MMMM y", _locale())


def months(first: date, last: date) -> str:
    """Some months of one year in words: Oktober–Desember 2026."""
    return f"{_dated(first, 'MMMM', _locale())}–{month(last)}"


def months_short(first: date, last: date) -> str:
    """The same in few letters, without the year: Okt–Des."""
    return "–".join(_dated(one, "MMM", _locale()) for one in (first, last))


def moment(value: datetime, zone: str = "Asia/Jakarta") -> str:
    """A day and time with the Indonesian name of its zone, which CLDR lacks in jv and su."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())} {clock(local.time())} {ZONES.get(zone, local.tzname())}"


def clock(value: time | datetime, zone: str | None = None) -> str:
    """A time of day: 08.00 in Indonesian and its sisters, 08:00 in English."""
    if isinstance(value, datetime) and zone:
        value = value.astimezone(ZoneInfo(zone))
    return value.strftime("%H:%M" if language() == "en" else "%H.%M")


def language_links(codes: tuple[str, ...]) -> list[dict[str, Any]]:
    """For the language switch: this page in each language, nothing else of the address changed.

    The path is left to the browser: a page that is kept for all must not hold somebody's receipt.
    """
    links = []
    for code in codes:
        query = {**request.args.to_dict(), "lang": code}
        links.append(
            {
                "code": code,
                "label": languages()[code],
                "url": f"?{urlencode(query)}",
                "current": code == language(),
            }
        )
    return links
