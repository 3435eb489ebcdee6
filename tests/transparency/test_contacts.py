"""Who asks for word gets one message when the office answers, and is forgotten."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.counters.models import Counter
from portal.db import db
from portal.people import mail
from portal.people.actions import forget_sent_mail
from portal.people.models import Account, OutboxMessage
from portal.people.whatsapp import as_number
from portal.ratings.answer_models import Contact
from portal.ratings.contact_actions import forget_contacts
from portal.ratings.models import Rating
from portal.sealing import unseal
from portal.transparency.actions import tell_citizens
from tests.conftest import NOW, set_clock
from tests.factories import make_counter, make_office, make_rating
from tests.records.cast import enter
from tests.transparency.test_answers import DAY, DONE, HEARD, coordinator, counter, new_page, write

__all__ = ["coordinator", "counter"]
EMAIL = "warga.cempaka@surat.example"


class Gateway:
    """What a provider of WhatsApp messages would be: hears, and answers as told."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []
        self.answers: list[int] = []
        outer = self

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.heard.append(said | {"token": self.headers["Authorization"]})
                self.send_response(outer.answers.pop(0))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Ear)
        self.address = f"http://localhost:{self.server.server_port}/send"


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    thread = Thread(target=gateway.server.serve_forever)
    thread.start()
    yield gateway
    gateway.server.shutdown()
    thread.join()
    gateway.server.server_close()


def contacts() -> list[Contact]:
    db.session.rollback()
    return list(db.session.scalars(select(Contact)))


def ask_word(client: FlaskClient, rating: Rating, email: str = EMAIL) -> TestResponse:
    return client.post(f"/t/{rating.receipt}/contact", data={"address": email})


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage)))


def test_who_asks_for_word_gets_one_mail_and_is_forgotten(
    app: Flask, client: FlaskClient, counter: Counter, coordinator: Account, tmp_path: Path
) -> None:
    rating = make_rating(counter)
    assert ask_word(client, rating).status_code == 303
    page = client.get(f"/t/{rating.receipt}").text
    assert "kami kirim satu pesan" in page
    assert EMAIL not in page
    assert tell_citizens(NOW) == 0  # nothing was answered yet
    enter(client, coordinator)
    write(client, new_page(client, counter))
    assert (tell_citizens(NOW), tell_citizens(NOW)) == (1, 0)
    (message,) = mails()
    assert unseal(message.recipient) == EMAIL
    assert DONE in message.body
    assert "https://loket.kota.example/results/kota/dukcapil/2026-Q4" in message.body
    assert rating.receipt not in message.body
    assert forget_contacts(NOW) == 0  # the mail waits still
    app.config["SETTINGS"].mail_directory = folder = tmp_path / "mail"
    assert mail.send_due(NOW) == 1
    assert f"To: {EMAIL}" in next(folder.iterdir()).read_text()
    assert (mails(), forget_contacts(NOW)) == ([], 1)
    assert contacts() == []


def test_an_address_is_taken_back_or_too_old_also_while_its_mail_waits(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    forgotten, withdrawn, old = (make_rating(counter) for _time in range(3))
    for rating in (forgotten, withdrawn, old):
        ask_word(client, rating)
    enter(client, coordinator)
    write(client, new_page(client, counter))
    assert tell_citizens(NOW) == 3
    write(client, new_page(client, counter), theme="system")
    assert tell_citizens(NOW) == 0  # one word is on its way, and no other
    assert len(mails()) == 3
    assert "Hapus alamat saya" in client.get(f"/t/{forgotten.receipt}").text
    client.post(f"/t/{forgotten.receipt}/contact", data={"forget": "1"})
    client.post(f"/t/{withdrawn.receipt}")
    assert (len(mails()), len(contacts())) == (1, 1)
    # There never was a mail server to try.
    assert forget_sent_mail(NOW + 29 * DAY) == 0
    assert forget_contacts(NOW + 121 * DAY) == 1
    assert (mails(), contacts()) == ([], [])


def test_a_citizens_mail_that_nothing_could_send_waits_a_month_at_most(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    ask_word(client, make_rating(counter))
    enter(client, coordinator)
    write(client, new_page(client, counter))
    tell_citizens(NOW)
    assert forget_sent_mail(NOW + 31 * DAY) == 1
    assert forget_contacts(NOW + 31 * DAY) == 1
    assert (mails(), contacts()) == ([], [])


def test_an_answer_that_was_there_before_is_no_news(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    early, late = make_rating(counter), make_rating(counter)
    ask_word(client, early)
    enter(client, coordinator)
    write(client, new_page(client, counter))
    ask_word(client, late)
    assert tell_citizens(NOW) == 1
    assert "kami kirim satu pesan" in client.get(f"/t/{late.receipt}").text
    write(client, new_page(client, counter), theme="system")
    assert tell_citizens(NOW) == 1


def test_word_goes_to_those_who_rated_this_office_in_this_quarter_only(
    client: FlaskClient, counter: Counter, coordinator: Account
) -> None:
    elsewhere = make_counter(make_office(code="bapenda"))
    for rating in (make_rating(elsewhere), make_rating(counter, period="2026-Q3")):
        ask_word(client, rating)
    enter(client, coordinator)
    write(client, new_page(client, counter))
    assert tell_citizens(NOW) == 0
    assert len(contacts()) == 2


def test_the_database_alone_tells_neither_the_address_nor_whose_it_is(
    client: FlaskClient, counter: Counter
) -> None:
    rating = make_rating(counter)
    ask_word(client, rating)
    (kept,) = contacts()
    row = " ".join(str(getattr(kept, column.name)) for column in Contact.__table__.columns)
    for secret in (EMAIL, "cempaka@", rating.receipt, rating.receipt.lower(), str(rating.id)):
        assert secret not in row
    assert "rating_id" not in Contact.__table__.columns
    assert kept.given_on == NOW.date()  # and no time


def test_word_goes_to_a_whatsapp_number_through_the_agencys_gateway(
    app: Flask, client: FlaskClient, counter: Counter, coordinator: Account, gateway: Gateway
) -> None:
    rating = make_rating(counter)
    assert "WhatsApp" not in client.get(f"/t/{rating.receipt}").text
    assert ask_word(client, rating, "0812-3456-7890").status_code == 422  # nothing can send it
    settings = app.config["SETTINGS"]
    settings.whatsapp_gateway, settings.whatsapp_token = gateway.address, SecretStr("kunci")
    assert "WhatsApp" in client.get(f"/t/{rating.receipt}").text
    assert "081234567890" in ask_word(client, rating, "12345").text
    assert ask_word(client, rating, "0812-3456-7890").status_code == 303
    enter(client, coordinator)
    write(client, new_page(client, counter))
    assert tell_citizens(NOW) == 1
    gateway.answers = [503, 200]
    mail.send_due(NOW)
    assert mails()[0].tries == 1  # not taken: waits for another try
    mail.send_due(NOW + DAY)
    first, second = gateway.heard
    assert first == second, "the same reference tells the gateway that it is one message"
    assert (second["to"], second["token"]) == ("+6281234567890", "Bearer kunci")
    assert HEARD in second["text"]
    assert rating.receipt not in second["text"]
    assert (mails(), forget_contacts(NOW + DAY)) == ([], 1)
    assert contacts() == []


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0812 3456 7890", "+6281234567890"), ("62 812-3456-789", "+628123456789"),
        ("+62 (812) 3456.7890", "+6281234567890"), ("0211234567", None), ("8123456789", None),
        ("+1 812 3456 7890", None), ("0812", None),
    ],
)  # fmt: skip
def test_a_mobile_number_is_known_however_it_is_typed(typed: str, number: str | None) -> None:
    assert as_number(typed) == number


def test_an_address_can_be_taken_back_at_any_time(client: FlaskClient, counter: Counter) -> None:
    rating = make_rating(counter)
    ask_word(client, rating)
    ask_word(client, rating, "lain@surat.example")  # the second takes the place of the first
    assert len(contacts()) == 1
    client.post(f"/t/{rating.receipt}/contact", data={"forget": "1"})
    assert contacts() == []
    ask_word(client, rating)
    client.post(f"/t/{rating.receipt}")  # the rating itself is taken back
    assert contacts() == []
    ask_word(client, rating)
    assert contacts() == []


@pytest.mark.parametrize(
    "text", ["", "bukan alamat", "a@b", "warga@surat.example\nBcc: x@y.example"]
)
def test_what_is_no_address_comes_back_with_the_reason(
    client: FlaskClient, counter: Counter, text: str
) -> None:
    rating = make_rating(counter)
    page = ask_word(client, rating, text)
    assert page.status_code == 422
    assert "Ini bukan alamat e-mail." in page.text
    assert f'data-receipt="{rating.receipt}"' in page.text
    assert contacts() == []
    assert ask_word(client, rating, f"{'a' * 60}@{'b' * 60}.{'c' * 10}.example").status_code == 422


def test_addresses_that_nothing_came_for_are_forgotten_after_120_days(
    client: FlaskClient, counter: Counter
) -> None:
    ask_word(client, make_rating(counter))
    assert forget_contacts(NOW + 119 * DAY) == 0
    assert forget_contacts(NOW + 121 * DAY) == 1
    assert contacts() == []


def test_long_after_the_visit_no_address_is_asked_for(
    client: FlaskClient, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    rating = make_rating(counter)
    assert "Kabari saya" in client.get(f"/t/{rating.receipt}").text
    set_clock(monkeypatch, NOW + 40 * DAY)
    assert "Kabari saya" not in client.get(f"/t/{rating.receipt}").text
    ask_word(client, rating)
    assert contacts() == []


def test_a_receipt_that_nobody_has_keeps_no_address(client: FlaskClient, counter: Counter) -> None:
    assert client.post("/t/7K3M9QXA7K3M/contact", data={"address": EMAIL}).status_code == 404
    assert contacts() == []
