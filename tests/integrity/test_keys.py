"""The inspectorate's key: made, open for a while, replaced, lost and found."""

from datetime import timedelta

import pytest
from flask import g

from portal.db import db
from portal.integrity.commands import integrity_key
from portal.integrity.models import IntegrityKey
from tests.conftest import NOW, set_clock
from tests.factories import (
    make_office,
    sign_in,
)
from tests.integrity.reports import (
    PASSPHRASE,
    WORDS,
    answer,
    as_inspector,
    csrf,
    file,
    mailbox,
    office_with_key,
    path_of,
    quick_keys,
    read_report,
    unlock,
)

NEW = "empat kata yang lain lagi"


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    quick_keys(monkeypatch)


@pytest.fixture
def office(app):
    return office_with_key()


@pytest.fixture
def citizen(app):
    return app.test_client()


def test_an_inspector_makes_the_key_on_screen(client, app) -> None:
    office = make_office()
    as_inspector(client)
    token = csrf(client, "/inspectorate/key")
    short = {"csrf_token": token, "new": "pendek", "again": "pendek"}
    assert "Sedikitnya 16 huruf" in client.post("/inspectorate/key", data=short).text
    made = {"csrf_token": token, "new": PASSPHRASE, "again": PASSPHRASE}
    client.post("/inspectorate/key", data=made)
    assert "data-report-form" in client.get(path_of(office)).text


def test_a_wrong_passphrase_opens_nothing(citizen, client, office) -> None:
    file(citizen, office)
    as_inspector(client)
    assert "tidak membuka kunci" in unlock(client, "kata sandi yang keliru").text
    assert WORDS not in read_report(client)


def test_the_key_lies_open_in_one_browser_for_half_an_hour_until_it_is_put_away(
    app, citizen, client, office, monkeypatch
) -> None:
    file(citizen, office)
    account = as_inspector(client)
    unlock(client)
    assert WORDS in read_report(client)
    elsewhere = app.test_client()
    g.pop("_login_user", None)
    sign_in(elsewhere, account)
    assert WORDS not in read_report(elsewhere)
    set_clock(monkeypatch, NOW + timedelta(minutes=31))
    assert WORDS not in read_report(client)
    unlock(client)
    assert WORDS in read_report(client)
    client.post("/inspectorate/lock", data={"csrf_token": csrf(client)})
    assert WORDS not in read_report(client)


def test_the_open_key_of_one_inspector_is_nobody_elses(citizen, client, office) -> None:
    file(citizen, office)
    as_inspector(client)
    unlock(client)
    as_inspector(client)  # somebody else at the same computer, with the cookie still there
    assert WORDS not in read_report(client)


def test_a_replaced_key_opens_what_was_sealed_before_with_the_new_passphrase_alone(
    citizen, client, office
) -> None:
    code = file(citizen, office)
    as_inspector(client)
    unlock(client)
    answer(client, "Kami periksa")
    data = {"csrf_token": csrf(client, "/inspectorate/key"), "new": NEW, "again": NEW}
    wrong = client.post("/inspectorate/key", data={**data, "old": "kata sandi yang keliru"})
    assert "keliru" in wrong.text
    client.post("/inspectorate/key", data={**data, "old": PASSPHRASE})
    assert WORDS not in read_report(client)  # the session with the old key has ended
    assert "tidak membuka kunci" in unlock(client).text
    unlock(client, NEW)
    page = read_report(client)
    assert WORDS in page
    assert "Kami periksa" in page
    assert "Kami periksa" in mailbox(citizen, code).text
    db.session.rollback()
    old = db.session.get_one(IntegrityKey, (office.agency_id, 1))
    assert old.wrapped is None


def test_a_lost_passphrase_costs_what_was_sealed_until_it_is_found(
    app, citizen, client, office
) -> None:
    def command(*words: str, typed: str) -> str:
        db.session.remove()
        options = ["--agency", "kota", "--passphrase-stdin", *words]
        result = app.test_cli_runner().invoke(integrity_key, options, input=typed)
        return result.output

    file(citizen, office)
    path = path_of(office)
    assert "there is a key already" in command(typed=f"{NEW}\n")
    assert "replaced" in command("--lost", typed=f"{NEW}\n")
    as_inspector(client)
    unlock(client, NEW)
    assert "kunci yang lama" in read_report(client)
    assert "does not open" in command("--found", typed="kata sandi yang keliru\n")
    assert "1 messages" in command("--found", typed=f"{PASSPHRASE}\n")
    assert WORDS in read_report(client)
    assert "data-report-form" in citizen.get(path).text
