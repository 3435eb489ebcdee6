"""Every text in every language it is shipped in, complete and with its placeholders."""

import importlib.util
import re
from functools import cache
from pathlib import Path

import flask_wtf
import pytest
import wtforms
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from flask import Flask

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "id", "jv", "su")

# Citizens see these in all four languages, and so does whoever reads their own record; other
# staff pages are in Indonesian and English.
CITIZENS = (
    "portal/ratings/",
    "portal/integrity/report_views.py",
    "portal/integrity/templates/report/",
    "portal/integrity/words.py",
    "portal/assisted/templates/assisted/ballot.html",
    "portal/counters/display_views.py",
    "portal/counters/templates/counters/slip.html",
    "portal/counters/templates/display/",
    "portal/counters/printing/words.py",
    "portal/errors.py",
    "portal/templates/base.html",
    "portal/templates/error.html",
    "portal/desk/own_sheet.py",
    "portal/desk/templates/desk/my.html",
    "portal/records/words.py",
    "portal/records/templates/records/dialogue.html",
    "portal/records/templates/records/record.html",
    "portal/records/templates/records/parts.html",
    "portal/templates/macros/charts.html",
    "portal/templates/macros/page.html",
    "portal/transparency/actions.py",
    "portal/transparency/public_views.py",
    "portal/transparency/words.py",
    "portal/transparency/templates/transparency/",
)
LIBRARIES = "translations/library_messages.py"

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
    "UNAUTHENTICATED",
    "UNAUTHORIZED",
    "USER_DOES_NOT_EXIST",
)

Key = tuple[str, ...]


def forms(text: str | Key | list[str] | None) -> Key:
    """A text, or the forms of one that counts."""
    return tuple(text) if isinstance(text, list | tuple) else (text or "",)


def key(message: Message) -> Key:
    """A text by what it is looked up with: some words are two in English (a list, one of it)."""
    return (*forms(message.id), message.context) if message.context else forms(message.id)


@cache
def extracted() -> Catalog:
    """Every text, found by what `make translations` runs."""
    path = ROOT / "translations" / "update.py"
    spec = importlib.util.spec_from_file_location("update", path)
    assert spec is not None
    assert spec.loader is not None
    update = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(update)
    found: Catalog = update.texts()
    return found


def said(*places: str) -> set[Key]:
    """The texts of these files and folders."""
    return {
        key(message)
        for message in extracted()
        if message.id and any(place.startswith(places) for place, _line in message.locations)
    }


def of_form_libraries() -> set[Key]:
    """What WTForms and Flask-WTF can say."""
    folder = Path(wtforms.__file__).parent
    sources = [folder / "validators.py", folder / "csrf/core.py", *(folder / "fields").glob("*.py")]
    found = {
        forms(message)
        for path in sources
        for _line, message, _comments, _context in extract_from_file(
            "python", str(path), keywords={"gettext": None, "ngettext": (1, 2)}
        )
    }
    refusals = (Path(flask_wtf.__file__).parent / "csrf.py").read_text()
    return found | {(text,) for text in re.findall(r'ValidationError\("(.+?)"\)', refusals)}


@cache
def catalogue(language: str) -> Catalog:
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def untranslated(language: str, wanted: set[Key]) -> list[Key]:
    known = {key(message): forms(message.string) for message in messages(language)}
    return sorted(text for text in wanted if not all(known.get(text, ("",))))


def test_there_are_texts_to_translate() -> None:
    assert len(said("portal/people/templates/")) > 100
    assert len(said("portal/templates/security/email/")) > 5
    assert len(said(*CITIZENS)) > 100
    assert len(of_form_libraries()) > 30


def test_everything_is_in_english() -> None:
    assert untranslated("en", said("portal/")) == []


@pytest.mark.parametrize("language", ["jv", "su"])
def test_what_citizens_and_judged_employees_read_is_in_all_languages(
    language: str,
) -> None:
    assert untranslated(language, said(*CITIZENS)) == []


def test_every_open_page_is_among_what_citizens_read() -> None:
    """The list above is whole: modules with open pages, the templates they name, and theirs.

    What machines read (`/api`) has no texts of ours.
    """
    templates = {
        str(path).partition("/templates/")[2]: path for path in ROOT.glob("portal/**/*.html")
    }
    open_to_all = [
        path
        for path in ROOT.glob("portal/**/*.py")
        if re.search(r"^@public$", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    todo, found = open_to_all, set[Path]()
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            named = re.findall(r"""["']([\w/]+\.html)["']""", path.read_text(encoding="utf-8"))
            todo += [templates[name] for name in named if name in templates]
    places = [path.relative_to(ROOT).as_posix() for path in found]
    assert "portal/ratings/templates/kiosk/screen.html" in places
    assert [place for place in places if said(place) and not place.startswith(CITIZENS)] == []


def test_what_libraries_say_is_in_indonesian(wired: Flask) -> None:
    of_sign_in = {(wired.config[f"SECURITY_MSG_{name}"][0],) for name in SIGN_IN_MESSAGES}
    listed = said(LIBRARIES)
    assert sorted((of_form_libraries() | of_sign_in) - listed) == []
    assert untranslated("id", listed) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_catalogue_holds_what_is_said_and_nothing_else(language: str) -> None:
    """Red after a new or changed text; `make translations` brings it into the catalogues."""
    held = {key(message) for message in messages(language)}
    now = said("portal/", LIBRARIES)
    assert sorted(now - held) == []
    assert sorted(held - now) == []


PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}|%[sd%]")
TAG = re.compile(r"<[^>]+>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_tags_are_the_same(language: str) -> None:
    for message in messages(language):
        source = "".join(forms(message.id))
        for text in filter(None, forms(message.string)):
            for marks in (PLACEHOLDER, TAG):
                wanted = {match.group() for match in marks.finditer(source)}
                found = {match.group() for match in marks.finditer(text)}
                # A singular may leave out the number: "one rating".
                allowed = found == wanted or (not isinstance(message.id, str) and found <= wanted)
                assert allowed, f"{source!r} -> {text!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_or_kept_from_earlier(language: str) -> None:
    assert [message.id for message in messages(language) if message.fuzzy] == []
    assert not catalogue(language).obsolete


@pytest.mark.parametrize(("language", "plurals"), [("en", 2), ("id", 1), ("jv", 1), ("su", 1)])
def test_each_language_has_its_number_of_plural_forms(language: str, plurals: int) -> None:
    assert catalogue(language).num_plurals == plurals


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_name_no_person(language: str) -> None:
    path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
    head = path.read_text(encoding="utf-8").partition("\n\n")[0]
    assert "Last-Translator" not in head
    assert "@" not in head
