"""An office answers before everybody: on its public page and on the receipts of who rated."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Account, AuditEvent
from portal.ratings.answer_models import OfficeAnswer
from tests.conftest import NOW, set_clock
from tests.factories import make_account, make_counter, make_employee, make_office, make_rating
from tests.records.cast import enter, rate, release

HEARD, DONE = "Syaratnya berbeda-beda.", "Kini satu daftar saja."
DAY = timedelta(days=1)


@pytest.fixture
def counter(app: Flask) -> Counter:
    return make_counter()


@pytest.fixture
def coordinator(counter: Counter) -> Account:
    return make_account("coordinator", make_office())


def new_page(client: FlaskClient, counter: Counter, **query: object) -> str:
    extra = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/answers/new?office={counter.office_id}&period=2026-Q4{extra}"


def write(client: FlaskClient, path: str, **changes: str) -> tuple[TestResponse, dict[str, str]]:
    """Open the form and send it, as a person would."""
    page = client.get(path).text
    hidden = dict(re.findall(r'name="(key|csrf_token)"[^>]*value="([^"]*)"', page))
    fields = {"theme": "procedure", "heard": HEARD, "done": DONE} | hidden | changes
    return client.post(path, data=fields), fields


def answers() -> list[OfficeAnswer]:
    db.session.rollback()
    return list(db.session.scalars(select(OfficeAnswer).order_by(OfficeAnswer.at)))


def test_what_a_coordinator_answers_stands_on_receipts_and_on_the_public_page(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    mine, earlier = rate(counter, None, 1, 4, 4, 4, 4)[0], make_rating(counter, period="2026-Q3")
    release(counter)
    assert "Belum. Jawaban kantor" in client.get(f"/t/{mine.receipt}").text
    enter(client, coordinator)
    answer, _fields = write(client, new_page(client, counter))
    assert answer.status_code == 302
    for page in (f"/t/{mine.receipt}", "/results/kota/dukcapil", answer.location):
        text = client.get(page).text
        assert HEARD in text, page
        assert DONE in text, page
        assert coordinator.name not in re.sub(
            r'<div class="account">.*?</div>', "", text, flags=re.DOTALL
        )
    assert HEARD not in client.get(f"/t/{earlier.receipt}").text
    (act,) = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "office_answer"))
    assert (act.account_id, act.detail) == (
        coordinator.id,
        {"period": "2026-Q4", "theme": "procedure"},
    )


def test_an_answer_of_before_a_rating_counted_is_no_answer_to_it(
    client: FlaskClient, counter: Counter, coordinator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = '<li class="done"><div><b>Dijawab kantor</b>'
    rate(counter, None, 1, 4, 4, 4, 4)
    release(counter, NOW - DAY)
    enter(client, coordinator)
    write(client, new_page(client, counter))
    late = make_rating(counter, rated_at=NOW)
    page = client.get(f"/t/{late.receipt}").text
    assert 'data-state="waiting"' in page
    assert done not in page
    assert "dari sebelum penilaian Anda dihitung" in page
    assert HEARD in page  # what the office said stands below all the same
    rate(counter, None, 4, 4, 4, 4, since=1)
    set_clock(monkeypatch, NOW + 2 * DAY)
    release(counter, NOW + 2 * DAY)
    page = client.get(f"/t/{late.receipt}").text
    assert 'data-state="counted"' in page
    assert done not in page
    set_clock(monkeypatch, NOW + 3 * DAY)
    enter(client, coordinator)
    write(client, new_page(client, counter), theme="system", done="Jalur cadangan dipasang.")
    assert done in client.get(f"/t/{late.receipt}").text


def test_a_receipt_shows_the_answers_to_everything_and_never_tells_what_was_said(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    one, other = (
        make_rating(counter, overall=overall, cause=cause)
        for overall, cause in ((1, "procedure"), (4, None))
    )
    enter(client, coordinator)
    write(client, new_page(client, counter))
    write(client, new_page(client, counter), theme="system", done="Jalur cadangan dipasang.")
    pages = [client.get(f"/t/{rating.receipt}").text for rating in (one, other)]
    plain = [
        re.sub(r"[0-9A-Z]{4}-?[0-9A-Z]{4}-?[0-9A-Z]{4}", "", page.replace(rating.receipt, ""))
        for page, rating in zip(pages, (one, other), strict=True)
    ]
    assert plain[0] == plain[1]
    assert "Jalur cadangan dipasang." in plain[0]


def test_an_answer_sent_twice_is_one_and_a_new_one_takes_its_place(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    enter(client, coordinator)
    path = new_page(client, counter)
    _answer, fields = write(client, path)
    client.post(path, data=fields)
    (first,) = answers()
    again = new_page(client, counter, replaces=first.id)
    assert HEARD in client.get(again).text
    write(client, again, heard="Syaratnya kurang jelas.")
    assert [one.supersedes_id for one in answers()] == [None, first.id]
    page = client.get(f"/answers?office={counter.office_id}&period=2026-Q4").text
    assert "Syaratnya kurang jelas." in page
    assert HEARD not in page
    late = client.post(again, data={**fields, "key": "77"}, follow_redirects=True)
    assert "sudah diganti orang lain" in late.text
    assert len(answers()) == 2


@pytest.mark.parametrize("word", ["Sari Wulandari", "bu  sari", "Ibu Sari", "BAPAK SARI,"])
def test_nobody_who_serves_is_named_before_everybody(
    client: FlaskClient, counter: Counter, coordinator: Account, word: str
) -> None:
    make_employee(name="Sari Wulandari")
    enter(client, coordinator)
    text = f"Warga menunggu {word} terlalu lama."
    answer, _fields = write(client, new_page(client, counter), heard=text)
    assert answer.status_code == 422
    assert "jangan sebut nama" in answer.text
    assert text.split(maxsplit=1)[0] in answer.text  # nothing that was typed is lost
    assert answers() == []


def test_numbers_of_persons_are_refused_and_the_telephone_of_the_office_is_not(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    enter(client, coordinator)
    number = "NIP 19860926 201501 2 003"
    answer, _fields = write(client, new_page(client, counter), done=f"Ditangani {number}.")
    assert answer.status_code == 422
    assert "jangan tulis NIK" in answer.text
    write(client, new_page(client, counter), done="Hubungi kami di 0812 3456 7890.")
    assert [one.done for one in answers()] == ["Hubungi kami di 0812 3456 7890."]


def test_an_office_outside_the_scope_does_not_exist(client: FlaskClient, counter: Counter) -> None:
    enter(client, make_account("coordinator", make_office(code="bapenda")))
    assert client.get(f"/answers?office={counter.office_id}").status_code == 404
    assert client.get(new_page(client, counter)).status_code == 404
    enter(client, make_account("auditor"))
    assert client.get("/answers").status_code == 403


def test_missing_words_and_quarters_that_are_none_are_refused_kindly(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    enter(client, coordinator)
    answer, _fields = write(client, new_page(client, counter), heard=" ")
    assert answer.status_code == 422
    assert DONE in answer.text
    for period in ("2026-Q9", "2027-Q1"):
        path = f"/answers/new?office={counter.office_id}&period={period}"
        assert client.get(path).status_code == 404
