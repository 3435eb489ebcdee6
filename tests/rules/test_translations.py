"""Every text in every language it is shipped in, complete and with its placeholders."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import wtforms
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po
from flask import Flask

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "id", "jv", "su")
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "_n": (1, 2),
    "ngettext": (1, 2),
}

# Citizens see these in all four languages; staff pages are in Indonesian and English.
CITIZENS = (
    "portal/ratings/",
    "portal/errors.py",
    "portal/templates/error.html",
    "portal/templates/citizen",
)

# What Flask-Security can say on the pages that are open here.
SIGN_IN_MESSAGES = (
    "ANONYMOUS_USER_REQUIRED",
    "DISABLED_ACCOUNT",
    "EMAIL_NOT_PROVIDED",
    "GENERIC_AUTHN_FAILED",
    "GENERIC_RECOVERY",
    "INVALID_EMAIL_ADDRESS",
    "INVALID_PASSWORD",
    "INVALID_PASSWORD_CODE",
    "INVALID_REDIRECT",
    "INVALID_RESET_PASSWORD_TOKEN",
    "PASSWORD_CHANGE",
    "PASSWORD_INVALID_LENGTH",
    "PASSWORD_IS_THE_SAME",
    "PASSWORD_NOT_PROVIDED",
    "PASSWORD_RESET",
    "PASSWORD_RESET_EXPIRED",
    "PASSWORD_RESET_NO_LOGIN",
    "PASSWORD_RESET_REQUEST",
    "REFRESH",
    "RETYPE_PASSWORD_MISMATCH",
    "USER_DOES_NOT_EXIST",
)


@cache
def ours() -> dict[tuple[str, ...], set[str]]:
    """Every text of code and templates, with its singular and plural, and where it stands."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]
    mapping = [
        (pattern.removeprefix("portal/"), entry["method"])
        for entry in settings["mappings"]
        for pattern in [entry["pattern"]]
    ]
    options = {
        pattern: {"silent": "false", "trimmed": "true"}
        for pattern, method in mapping
        if method == "jinja2"
    }
    found: dict[tuple[str, ...], set[str]] = {}
    for name, _line, message, _comments, _context in extract_from_dir(
        str(ROOT / "portal"), mapping, options, keywords=KEYWORDS
    ):
        key = (message,) if isinstance(message, str) else tuple(message)
        found.setdefault(key, set()).add(f"portal/{name}")
    return found


@cache
def of_libraries() -> set[str]:
    """Messages of the form library."""
    folder = Path(wtforms.__file__).parent
    return {
        message
        for path in [folder / "validators.py", *(folder / "fields").glob("*.py")]
        for _line, message, _comments, _context in extract_from_file(
            "python", str(path), keywords={"gettext": None}
        )
        if isinstance(message, str)
    }


def sign_in_messages(app: Flask) -> set[str]:
    return {app.config[f"SECURITY_MSG_{name}"][0] for name in SIGN_IN_MESSAGES}


@cache
def catalogue(language: str) -> Catalog:
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def entries(language: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {
        (message.id,) if isinstance(message.id, str) else tuple(message.id): (
            (message.string,) if isinstance(message.string, str) else tuple(message.string)
        )
        for message in catalogue(language)
        if message.id
    }


def untranslated(language: str, wanted: set[tuple[str, ...]]) -> list[tuple[str, ...]]:
    known = entries(language)
    return sorted(key for key in wanted if not all(known.get(key, ("",))))


def citizens() -> set[tuple[str, ...]]:
    return {
        key for key, places in ours().items() if any(place.startswith(CITIZENS) for place in places)
    }


def test_there_are_texts_to_translate() -> None:
    assert len(ours()) > 100
    assert len(citizens()) > 30
    assert len(of_libraries()) > 20


def test_everything_is_in_english() -> None:
    assert untranslated("en", set(ours())) == []


@pytest.mark.parametrize("language", ["jv", "su"])
def test_every_text_a_citizen_sees_is_in_all_languages(language: str) -> None:
    assert untranslated(language, citizens()) == []


def test_what_libraries_say_is_in_indonesian(wired: Flask) -> None:
    wanted = {(message,) for message in of_libraries() | sign_in_messages(wired)}
    assert untranslated("id", wanted) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_holds_what_nobody_says_any_more(wired: Flask, language: str) -> None:
    said = {key[0] for key in ours()} | of_libraries() | library_texts(wired)
    assert [key for key in entries(language) if key[0] not in said] == []


def library_texts(app: Flask) -> set[str]:
    """Everything Flask-Security could say, whether reachable here or not."""
    return {
        str(value[0])
        for name, value in app.config.items()
        if name.startswith("SECURITY_MSG_") and isinstance(value, tuple)
    }


PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}|%[sd]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same(language: str) -> None:
    for key, texts in entries(language).items():
        wanted = {match.group() for source in key for match in PLACEHOLDER.finditer(source)}
        for translated in filter(None, texts):
            found = {match.group() for match in PLACEHOLDER.finditer(translated)}
            # A singular may leave out the number: "one rating".
            allowed = found == wanted or (len(texts) > 1 and found <= wanted)
            assert allowed, f"{key[0]!r} -> {translated!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_or_kept_from_earlier(language: str) -> None:
    assert [message.id for message in catalogue(language) if message.id and message.fuzzy] == []
    assert not catalogue(language).obsolete


@pytest.mark.parametrize(("language", "plurals"), [("en", 2), ("id", 1), ("jv", 1), ("su", 1)])
def test_each_language_has_its_number_of_plural_forms(language: str, plurals: int) -> None:
    assert catalogue(language).num_plurals == plurals
