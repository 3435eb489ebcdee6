"""The reader's language: how it is chosen, what it shows, how dates and numbers look in it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security.utils import hash_password
from sqlalchemy import select
from wtforms import SelectMultipleField, StringField
from wtforms.validators import Length

from portal import create_app, i18n
from portal.db import db
from portal.forms import Form
from portal.people.models import Account, OutboxMessage
from tests.conftest import settings_for
from tests.factories import make_account, sign_in

UNKNOWN_CODE = {
    "id": "Kode tidak dikenal",
    "en": "Unknown code",
    "jv": "Kodhe mboten dipunkenal",
    "su": "Kode teu dikenal",
}
NOT_FOUND = {
    "id": "Halaman tidak ditemukan",
    "en": "Page not found",
    "jv": "Kaca mboten kepanggih",
    "su": "Halaman teu kapendak",
}
PASSWORD = "kota-cempaka-raya"
Said = TypeVar("Said")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """For pages and texts that need no row: the database is never opened."""
    path = tmp_path_factory.mktemp("languages") / "portal.db"
    return create_app(settings_for(f"sqlite:///{path}"))


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    return site.test_client()


def language_of(html: str) -> str:
    found = re.search(r'<html lang="(\w+)"', html)
    assert found
    return found[1]


def offered_in(html: str) -> list[str]:
    return re.findall(r'hreflang="(\w+)"', html)


def text_of(html: str) -> str:
    """What a reader sees of a page, in one line."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("code", list(i18n.LANGUAGES))
def test_a_link_chooses_the_language_and_a_cookie_keeps_it(visitor: FlaskClient, code: str) -> None:
    page = visitor.get(f"/find?code=x&lang={code}")
    assert (language_of(page.text), UNKNOWN_CODE[code] in page.text) == (code, True)
    cookie = visitor.get_cookie("lang")
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site) == (code, True, "Lax")
    again = visitor.get("/find?code=x", headers={"Accept-Language": "en"})
    assert language_of(again.text) == code
    assert "lang=" not in again.headers.get("Set-Cookie", "")


@pytest.mark.parametrize(
    ("browser", "code"),
    [
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("in-ID", "id"),
        ("ms-MY", "id"),
        ("en-US,en;q=0.5", "en"),
        ("jv-ID,id;q=0.9", "jv"),
        ("jw", "jv"),
        ("su-ID", "su"),
        ("su_ID", "su"),
        ("de,fr;q=0.9,su;q=0.2", "su"),
        ("ban,en;q=0.1", "en"),
        ("de", "id"),
        ("*", "id"),
        ("", "id"),
    ],
)
def test_without_a_choice_the_browser_decides(
    visitor: FlaskClient, browser: str, code: str
) -> None:
    page = visitor.get("/find?code=x", headers={"Accept-Language": browser})
    assert language_of(page.text) == code


@pytest.mark.parametrize("value", ["xx", "ban", "", "EN", "../en", "id_ID@x", "e" * 4000, "%00"])
def test_a_language_that_is_not_offered_is_ignored(visitor: FlaskClient, value: str) -> None:
    page = visitor.get(f"/find?code=x&lang={value}", headers={"Accept-Language": "su"})
    assert (page.status_code, language_of(page.text)) == (404, "su")
    assert visitor.get_cookie("lang") is None
    visitor.set_cookie("lang", value)
    assert language_of(visitor.get("/find?code=x", headers={"Accept-Language": "su"}).text) == "su"


def test_the_link_wins_over_the_cookie_and_changes_nothing_else_of_the_address(
    visitor: FlaskClient,
) -> None:
    visitor.set_cookie("lang", "en")
    page = visitor.get("/nowhere?via=list&lang=jv")
    assert language_of(page.text) == "jv"
    # Without the path: the browser stays on the page that it is on.
    assert 'href="?via=list&amp;lang=su"' in page.text


@pytest.mark.parametrize("code", list(i18n.LANGUAGES))
def test_an_address_that_leads_nowhere_answers_in_the_readers_language(
    visitor: FlaskClient, code: str
) -> None:
    page = visitor.get(f"/nowhere?lang={code}")
    assert (page.status_code, language_of(page.text)) == (404, code)
    assert f"<h1>{NOT_FOUND[code]}</h1>" in page.text
    assert offered_in(page.text) == ["id", "en", "jv", "su"]


@pytest.mark.parametrize(
    ("chosen", "shown"), [("id", "id"), ("en", "en"), ("jv", "id"), ("su", "id")]
)
def test_staff_pages_are_in_indonesian_and_english(
    client: FlaskClient, chosen: str, shown: str
) -> None:
    sign_in(client, make_account("administrator"))
    client.set_cookie("lang", chosen)
    for path in ("/home", "/offices", "/nowhere"):
        page = client.get(path)
        assert language_of(page.text) == shown, path
        assert offered_in(page.text) == ["id", "en"], path


def test_who_reads_javanese_is_not_sent_to_english(client: FlaskClient) -> None:
    page = client.get("/sign-in", headers={"Accept-Language": "jv,en;q=0.9"})
    assert language_of(page.text) == "id"


def test_a_staff_page_keeps_no_language_that_it_does_not_speak(client: FlaskClient) -> None:
    client.set_cookie("lang", "en")
    client.get("/sign-in?lang=jv")
    cookie = client.get_cookie("lang")
    assert cookie
    assert cookie.value == "en"


def in_language(site: Flask, code: str, write: Callable[[], Said]) -> Said:
    with site.test_request_context(f"/?lang={code}"):
        return write()


@pytest.mark.parametrize(
    ("code", "may", "november"),
    [
        ("id", "3 Mei 2026", "22 November 2026"),
        ("en", "3 May 2026", "22 November 2026"),
        ("jv", "3 Mei 2026", "22 November 2026"),
        ("su", "3 Méi 2026", "22 Nopémber 2026"),
    ],
)
def test_a_day_is_written_in_the_readers_words(
    site: Flask, code: str, may: str, november: str
) -> None:
    assert in_language(site, code, lambda: i18n.day(date(2026, 5, 3))) == may
    assert in_language(site, code, lambda: i18n.day(date(2026, 11, 22))) == november


def test_a_moment_belongs_to_the_day_of_its_zone(site: Flask) -> None:
    late = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    assert in_language(site, "id", lambda: i18n.day(late)) == "23 November 2026"


@pytest.mark.parametrize("code", list(i18n.LANGUAGES))
@pytest.mark.parametrize(
    ("zone", "hour", "name"),
    [
        ("Asia/Jakarta", "09", "WIB"),
        ("Asia/Makassar", "10", "WITA"),
        ("Asia/Jayapura", "11", "WIT"),
    ],
)
def test_a_moment_names_its_zone_as_indonesians_do(
    site: Flask, code: str, zone: str, hour: str, name: str
) -> None:
    moment = datetime(2026, 8, 17, 2, 5, tzinfo=UTC)
    day = {"en": "17 August 2026"}.get(code, "17 Agustus 2026")
    clock = f"{hour}:05" if code == "en" else f"{hour}.05"
    written = in_language(site, code, lambda: i18n.moment(moment, zone))
    assert written == f"{day} {clock} {name}"


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("id", ("1.234.567,9", "91,65", "3", "08.05")),
        ("en", ("1,234,567.9", "91.65", "3", "08:05")),
        ("jv", ("1.234.567,9", "91,65", "3", "08.05")),
        ("su", ("1.234.567,9", "91,65", "3", "08.05")),
    ],
)
def test_numbers_and_times_have_the_readers_marks(
    site: Flask, code: str, written: tuple[str, ...]
) -> None:
    with site.test_request_context(f"/?lang={code}"):
        assert written == (
            i18n.number(1234567.89),
            i18n.number(Decimal("91.645"), 2),
            i18n.number(2.5, 0),
            i18n.clock(time(8, 5)),
        )


class _Questions(Form):
    name = StringField(validators=[Length(max=3)])
    kinds = SelectMultipleField(choices=["a"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("id", ["Paling banyak 3 huruf.", "'x' bukan pilihan yang berlaku di sini."]),
        (
            "en",
            [
                "Field cannot be longer than 3 characters.",
                "'x' is not a valid choice for this field.",
            ],
        ),
    ],
)
def test_messages_of_the_form_library_that_count_are_translated(
    site: Flask, code: str, expected: list[str]
) -> None:
    with site.test_request_context(
        f"/?lang={code}", method="POST", data={"name": "abcd", "kinds": "x"}
    ):
        form = _Questions(meta={"csrf": False})
        assert not form.validate()
        assert [*form.name.errors, *form.kinds.errors] == expected


@pytest.fixture
def account(client: FlaskClient) -> Account:
    account = make_account("supervisor")
    account.password = hash_password(PASSWORD)
    db.session.commit()
    return account


def send(client: FlaskClient, path: str, **fields: str) -> str:
    """Fill in a page's form as a browser would, with its token, and follow where it leads."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert token, path
    answer = client.post(path, data={"csrf_token": token[1], **fields}, follow_redirects=True)
    return text_of(answer.text)


def test_sign_in_says_what_is_wrong_in_indonesian(client: FlaskClient, account: Account) -> None:
    wrong = "Alamat e-mail atau kata sandi tidak cocok."
    assert wrong in send(client, "/sign-in", email=account.email, password="wrong-password")
    assert wrong in send(client, "/sign-in", email="nobody@kota.example", password=PASSWORD)
    nothing = send(client, "/sign-in", email="", password="")
    assert not english_in(nothing)


def test_recovery_speaks_indonesian(client: FlaskClient, account: Account) -> None:
    told = send(client, "/recover", email=account.email)
    assert "Bila alamat ini terdaftar" in told
    for address in ("", "no address", "nobody@kota.example"):
        assert not english_in(send(client, "/recover", email=address))
    assert not english_in(text_of(client.get("/recover/forged-token", follow_redirects=True).text))


def test_a_new_password_is_asked_for_in_indonesian(client: FlaskClient, account: Account) -> None:
    sign_in(client, account)
    assert "Kata sandi tidak cocok." in change(client, "wrong-password", "a-long-new-one")
    assert "sedikitnya 10" in change(client, PASSWORD, "short")
    assert "harus berbeda" in change(client, PASSWORD, PASSWORD)
    assert "Kedua kata sandi tidak sama." in change(client, PASSWORD, "a-long-new-one", "another")
    assert not english_in(change(client, "", ""))
    assert "Kata sandi Anda sudah diganti." in change(client, PASSWORD, "a-long-new-one")


def change(client: FlaskClient, old: str, new: str, again: str | None = None) -> str:
    told = send(
        client,
        "/password",
        password=old,
        new_password=new,
        new_password_confirm=new if again is None else again,
    )
    assert not english_in(told)
    return told


def english_in(text: str) -> list[str]:
    """Words that stand in every English message of the libraries and in no Indonesian one."""
    words = r"\b(the|is|not|and|your|you|must|invalid|field|required|provided|password)\b"
    return re.findall(words, text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("language", "asked_in", "texts"),
    [
        ("en", "id", ("Changing your Suara Loket password", "This link is valid for one day")),
        ("id", "en", ("Mengganti kata sandi Suara Loket", "Tautan ini berlaku satu hari")),
    ],
)
def test_mail_is_in_the_language_of_the_account_whoever_asked(
    client: FlaskClient, account: Account, language: str, asked_in: str, texts: tuple[str, str]
) -> None:
    account.language = language
    db.session.commit()
    client.set_cookie("lang", asked_in)
    send(client, "/recover", email=account.email)
    mail = db.session.scalars(select(OutboxMessage)).one()
    subject, line = texts
    assert mail.subject == subject
    assert line in mail.body


def test_another_language_holds_for_a_while_and_then_the_readers_again(site: Flask) -> None:
    def clocks() -> list[str]:
        before = i18n.clock(time(8, 30))
        with i18n.force_locale("en"):
            english = i18n.clock(time(8, 30)), i18n.number(1234.5), i18n.month(date(2026, 5, 1))
            with i18n.force_locale("su"):
                sunda = i18n.month(date(2026, 5, 1))
            again = i18n.language()
        return [before, *english, sunda, again, i18n.number(1234.5), i18n.language()]

    told = in_language(site, "jv", clocks)
    assert told == ["08.30", "08:30", "1,234.5", "May 2026", "Méi 2026", "en", "1.234,5", "jv"]
