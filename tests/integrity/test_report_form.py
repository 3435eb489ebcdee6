"""The form of a report: sent twice, late, forged, hostile, by many at once, it loses nothing."""

import html
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import g
from flask_babel import refresh

from portal.db import db
from portal.integrity import report_actions, report_views
from portal.ratings.actions import NotDurable
from tests.conftest import NOW, set_clock
from tests.factories import make_counter, make_office
from tests.integrity.reports import (
    WORDS,
    as_inspector,
    fields_of,
    file,
    hidden,
    mailbox,
    messages,
    path_of,
    read_report,
    reports,
    unlock,
)
from tests.integrity.test_reports import citizen, office, quick

__all__ = ["citizen", "office", "quick"]


def test_one_form_sent_twenty_times_at_once_is_one_report_with_one_message(app, office) -> None:
    page = app.test_client().get(path_of(office)).text
    data = {**fields_of(page, "token", "code"), "text": WORDS}
    path = path_of(office)

    def post(_number: int) -> tuple[int, bool]:
        got = app.test_client().post(path, data=data)
        return got.status_code, data["code"] in got.text

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(post, range(20))) == {(200, True)}
    assert len(reports()) == len(messages()) == 1


def test_one_message_sent_twice_is_one_message(citizen, client, office) -> None:
    code = file(citizen, office)
    sending = hidden(mailbox(citizen, code).text, "sending")
    for _time in range(2):
        mailbox(citizen, code, text="Satu lagi", sending=sending)
    assert [message.number for message in messages()] == [1, 2]
    as_inspector(client)
    unlock(client)
    path = f"/inspectorate/{reports()[0].id}"
    form = fields_of(client.get(path).text, "csrf_token", "sending")
    for _time in range(2):
        client.post(f"{path}/answer", data={**form, "text": "Terima kasih"})
    assert [message.number for message in messages()] == [1, 2, 3]


def test_nothing_is_thanked_for_that_may_be_lost(citizen, office, monkeypatch) -> None:
    def fail() -> None:
        db.session.rollback()
        raise NotDurable

    monkeypatch.setattr(report_actions, "_commit_durably", fail)
    data = {**fields_of(citizen.get(path_of(office)).text, "token", "code"), "text": WORDS}
    page = citizen.post(path_of(office), data=data)
    assert page.status_code == 503
    assert WORDS in page.text
    assert hidden(page.text, "code") == data["code"]
    monkeypatch.undo()


@pytest.mark.parametrize("language", ["en", "jv", "su"])
def test_switching_the_language_keeps_what_was_written(citizen, office, language: str) -> None:
    data = {**fields_of(citizen.get(path_of(office)).text, "token", "code"), "text": WORDS}
    refresh()  # the language so far is kept by the test's own application context
    g.pop("spoken", None)
    page = citizen.post(
        f"{path_of(office)}?lang={language}", data={**data, "lang": language, "kind": "levy"}
    )
    assert f'<html lang="{language}"' in page.text
    assert WORDS in page.text
    assert 'value="levy" checked' in page.text
    assert reports() == []


def test_an_empty_or_old_form_says_so_and_keeps_the_rest(citizen, office, monkeypatch) -> None:
    data = fields_of(citizen.get(path_of(office)).text, "token", "code")
    empty = citizen.post(path_of(office), data={**data, "text": " ", "when": "Kemarin"})
    assert empty.status_code == 422
    assert "Kemarin" in empty.text
    set_clock(monkeypatch, NOW + timedelta(days=9))
    old = citizen.post(path_of(office), data={**data, "text": WORDS})
    assert old.status_code == 422
    assert WORDS in old.text
    assert hidden(old.text, "code") != data["code"]
    assert reports() == []


def test_too_many_from_one_address_are_asked_to_wait_and_lose_nothing(
    citizen, office, monkeypatch
) -> None:
    monkeypatch.setattr(report_views, "WRITING", "1 per minute")
    file(citizen, office)
    data = {**fields_of(citizen.get(path_of(office)).text, "token", "code"), "text": WORDS}
    page = citizen.post(path_of(office), data=data)
    assert page.status_code == 429
    assert WORDS in page.text


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "x"},
        {"token": ""},
        {"code": "0" * 20},
        {"code": ""},
        {"token": "\x00" * 5000},
        {"code": "é" * 300},
    ],
)
def test_a_forged_form_is_shown_again_and_nothing_is_kept(citizen, office, changes) -> None:
    data = {**fields_of(citizen.get(path_of(office)).text, "token", "code"), "text": WORDS}
    page = citizen.post(path_of(office), data={**data, **changes})
    assert page.status_code == 422
    assert WORDS in page.text
    assert reports() == []


def test_a_form_of_one_office_is_no_form_of_another(citizen, office) -> None:
    other = make_office(code="kauman", name="Kelurahan Kauman", kind="kelurahan")
    data = {**fields_of(citizen.get(path_of(office)).text, "token", "code"), "text": WORDS}
    assert citizen.post(path_of(other), data=data).status_code == 422
    assert reports() == []


def test_hostile_words_are_words(citizen, client, office) -> None:
    hostile = "<script>alert(1)</script>\x00{{ 7*7 }}\"' \U0001f600" + "x" * 9000
    code = file(citizen, office, text=hostile, kind="<b>", when="\x00" * 500)
    mailbox(citizen, code, text=hostile, sending="not-a-uuid")
    as_inspector(client)
    unlock(client)
    page = read_report(client)
    assert "<script>" not in page
    assert html.escape("<script>alert(1)</script>", quote=False) in page
    assert len(messages()) == 2
    assert all(len(message.for_inspectorate) < 8000 for message in messages())


def test_whose_browser_fills_the_hidden_field_is_told_and_sends_with_the_next_press(
    citizen, office
) -> None:
    written = {"text": WORDS, "kind": "levy", "when": "Senin pagi"}
    first = fields_of(citizen.get(path_of(office)).text, "token", "code")
    page = citizen.post(path_of(office), data={**first, **written, "website": "https://a.example"})
    assert page.status_code == 422
    assert "Belum terkirim" in page.text
    assert reports() == []
    for kept in (WORDS, 'value="levy" checked', 'value="Senin pagi"'):
        assert kept in page.text
    assert 'name="website"' not in page.text  # nothing is there to be filled in again
    again = fields_of(page.text, "token", "code")
    assert again["code"] == first["code"]
    assert "Laporan terkirim" in citizen.post(path_of(office), data={**again, **written}).text
    assert "Belum ada jawaban" in mailbox(citizen, again["code"]).text


def test_the_length_of_a_text_shows_in_steps_only(citizen, office) -> None:
    file(citizen, office, text="pendek")
    file(citizen, office, text="sedikit lebih panjang daripada yang pertama")
    assert len({len(message.for_inspectorate) for message in messages()}) == 1


def test_an_address_that_leads_nowhere_offers_the_list(citizen, office) -> None:
    make_counter(office)
    for path in (f"/report/{office.agency_id}/99", "/report/99/1", f"{path_of(office)}/12345"):
        page = citizen.get(path)
        assert page.status_code == 404
        assert office.name in page.text
