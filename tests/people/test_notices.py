"""When people are told, in digests and after quiet hours; how the agency's own system is."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import sleep
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError
from sqlalchemy import select

from portal.config import Settings
from portal.db import db
from portal.people import notices, whatsapp
from portal.people.digest_actions import MOST_LINES, choose_mail, send_digests
from portal.people.mail_times import due_at
from portal.people.models import OutboxMessage
from portal.people.notice_models import MailChoice, Notice, WebhookCall
from portal.people.webhook_actions import call_due, signature
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, sign_in

WIB = ZoneInfo("Asia/Jakarta")
SECRET = "k" * 32
NO_HTTP = 0
TEXTS = ("Ada keputusan baru", "Atasan mencatat keputusan.")


def wib(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, of which the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=WIB)


def outbox() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage)))


def test_a_moment_is_put_off_to_the_digest_and_out_of_the_quiet_hours() -> None:
    quiet = {"quiet_from": time(18), "quiet_until": time(8)}
    said = [
        (MailChoice(pace="at_once"), wib(24, 22), wib(24, 22)),
        (MailChoice(pace="at_once", **quiet), wib(24, 22), wib(25, 8)),
        (MailChoice(pace="at_once", **quiet), wib(24, 6), wib(24, 8)),
        (MailChoice(pace="at_once", **quiet), wib(24, 12), wib(24, 12)),
        (MailChoice(pace="at_once", **quiet), wib(24, 18), wib(25, 8)),
        (MailChoice(pace="at_once", **quiet), wib(24, 8), wib(24, 8)),
        (MailChoice(pace="daily"), wib(24, 6, 59), wib(24, 7)),
        (MailChoice(pace="daily"), wib(24, 7), wib(25, 7)),
        (MailChoice(pace="daily", **quiet), wib(24, 12), wib(25, 8)),
        (MailChoice(pace="weekly"), wib(24, 12), wib(30, 7)),
        (MailChoice(pace="weekly"), wib(23, 6), wib(23, 7)),
    ]
    for choice, now, due in said:
        assert due_at(choice, WIB, now.astimezone(UTC)) == due, (choice.pace, now)
    assert due_at(None, WIB, NOW) == NOW


def test_who_wants_a_digest_gets_one_mail_with_what_there_is_and_nothing_of_it(
    app: Flask, client: FlaskClient
) -> None:
    account = make_account("supervisor")
    sign_in(client, account)
    assert "Sekali" not in client.get("/home").text
    wrong = send(client, "/notifications", pace="daily", quiet_from="18:00")
    assert wrong.status_code == 422
    assert 'value="18:00"' in wrong.text
    assert send(client, "/notifications", pace="daily").status_code == 302
    for path in ("/decisions/7", "/decisions/7", "/proposals/8"):
        notices.tell(account, TEXTS, path, NOW, kind="decided")
    db.session.commit()
    assert outbox() == []
    assert send_digests(NOW) == 0
    assert send_digests(NOW + timedelta(days=1)) == 1
    [mail] = outbox()
    assert mail.recipient == account.email
    assert mail.body.count("/decisions/7") == 1
    assert "/proposals/8" in mail.body
    assert "Atasan mencatat" not in mail.body
    assert db.session.scalars(select(Notice)).all() == []
    assert send_digests(NOW + timedelta(days=2)) == 0


def test_what_waits_follows_a_new_choice_and_quiet_hours_hold_a_mail_back(app: Flask) -> None:
    account = make_account("supervisor")
    choose_mail(account, "weekly", None, NOW)
    notices.tell(account, TEXTS, "/decisions/7", NOW)
    db.session.commit()
    choose_mail(account, "at_once", (time(0), time(23, 59)), NOW)
    notices.tell(account, TEXTS, "/decisions/8", NOW)
    db.session.commit()
    [held] = outbox()
    assert held.due_at > NOW
    assert send_digests(held.due_at) == 1


def test_what_was_to_come_sooner_is_not_put_off_by_a_new_choice(app: Flask) -> None:
    account = make_account("supervisor")
    choose_mail(account, "daily", None, wib(24, 12))
    notices.tell(account, TEXTS, "/decisions/7", wib(24, 12))
    db.session.commit()
    choose_mail(account, "weekly", None, wib(24, 13))
    assert db.session.scalars(select(Notice.due_at)).one() == wib(25, 7)


def test_whose_account_was_closed_gets_no_digest(app: Flask) -> None:
    account = make_account("supervisor")
    choose_mail(account, "daily", None, NOW)
    notices.tell(account, TEXTS, "/decisions/7", NOW)
    account.active = False
    db.session.commit()
    send_digests(NOW + timedelta(days=1))
    assert outbox() == []
    assert db.session.scalars(select(Notice)).all() == []


def test_a_digest_names_so_many_things_and_no_more(app: Flask) -> None:
    account = make_account("supervisor")
    choose_mail(account, "daily", None, NOW)
    for number in range(MOST_LINES + 5):
        notices.tell(account, TEXTS, f"/decisions/{number}", NOW)
    db.session.commit()
    send_digests(NOW + timedelta(days=1))
    [mail] = outbox()
    assert mail.body.count("/decisions/") == MOST_LINES


def test_a_digest_that_is_late_waits_for_the_end_of_the_quiet_hours(app: Flask) -> None:
    account = make_account("supervisor")
    choose_mail(account, "daily", None, wib(24, 12))
    notices.tell(account, TEXTS, "/decisions/7", wib(24, 12))
    db.session.commit()
    choose_mail(account, "daily", (time(21), time(8)), wib(24, 13))
    assert send_digests(wib(25, 22)) == 1  # the server was down all day
    [mail] = outbox()
    assert mail.due_at == wib(26, 8)


class Receiver:
    """The agency's own system: keeps what it gets, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.drips = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                if outer.status == NO_HTTP:
                    self.wfile.write(b"220 smtp.kota.go.id\r\n")
                    return
                while outer.drips:
                    self.wfile.write(b"H")
                    sleep(0.01)
                self.send_response(outer.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *what: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/events"


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    made = Receiver()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    values = {"webhook_url": made.url, "webhook_secret": SECRET}
    before = app.config["SETTINGS"]
    checked = Settings(public_url=before.public_url, **values)
    app.config["SETTINGS"] = before.model_copy(
        update={name: getattr(checked, name) for name in values}
    )
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_the_agencys_system_is_told_once_of_each_event_with_kind_and_link_only(
    app: Flask, receiver: Receiver
) -> None:
    for _reader in range(2):
        notices.tell(make_account("hr"), TEXTS, "/decisions/7", NOW, kind="contested")
    notices.tell(make_account("inspector"), TEXTS, "/inspectorate", NOW)  # nobody else's matter
    db.session.commit()
    assert call_due(NOW) == 1
    [(headers, body)] = receiver.got
    public = app.config["SETTINGS"].public_url
    assert json.loads(body) == {"kind": "contested", "link": f"{public}/decisions/7"}
    moment = headers["X-Suara-Loket-Timestamp"]
    assert headers["X-Suara-Loket-Signature"] == signature(SECRET, moment, body)
    assert len(outbox()) == 3
    assert call_due(NOW) == 0


def test_a_system_that_refuses_redirects_or_is_away_is_told_later_and_holds_nothing_up(
    app: Flask, receiver: Receiver
) -> None:
    account = make_account("hr")
    for number in range(3):
        notices.tell(account, TEXTS, f"/decisions/{number}", NOW, kind="decided")
    db.session.commit()
    receiver.status = 302
    assert call_due(NOW) == 0
    assert len(receiver.got) == 3  # each once, and nothing followed
    deliveries = {headers["X-Suara-Loket-Delivery"] for headers, _body in receiver.got}
    assert call_due(NOW + timedelta(minutes=1)) == 0
    assert len(receiver.got) == 3
    receiver.status = 200
    assert call_due(NOW + timedelta(minutes=2)) == 3
    assert {headers["X-Suara-Loket-Delivery"] for headers, _body in receiver.got} == deliveries
    for number in range(3):
        notices.tell(account, TEXTS, f"/decisions/{number}", NOW, kind="decided")
    db.session.commit()
    receiver.server.shutdown()
    receiver.server.server_close()
    assert call_due(NOW) == 0
    tries = db.session.scalars(select(WebhookCall.tries)).all()
    assert sorted(tries) == [0, 0, 1]  # one found nobody there: the others need not try


def test_what_speaks_no_http_is_tried_again_and_stands_in_nobodys_way(
    app: Flask, receiver: Receiver
) -> None:
    notices.tell(make_account("hr"), TEXTS, "/decisions/7", NOW, kind="decided")
    db.session.commit()
    receiver.status = NO_HTTP
    assert call_due(NOW) == 0
    assert db.session.scalars(select(WebhookCall.tries)).one() == 1
    settings = app.config["SETTINGS"].model_copy(update={"whatsapp_gateway": receiver.url})
    with pytest.raises(ConnectionError):  # what the outbox waits for, as of any trouble
        whatsapp.hand_over("+6281234567890", "Ada jawaban", "1.1", settings)


def test_an_answer_that_only_drips_is_not_waited_for(
    app: Flask, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices.tell(make_account("hr"), TEXTS, "/decisions/7", NOW, kind="decided")
    db.session.commit()
    monkeypatch.setattr("portal.people.webhook_actions.TIMEOUT", 0.1)
    receiver.drips = True
    stopping = threading.Timer(3, setattr, (receiver, "drips", False))
    stopping.start()
    assert call_due(NOW) == 0
    assert receiver.drips  # the portal gave up before the other system did
    receiver.drips = False
    stopping.cancel()
    assert db.session.scalars(select(WebhookCall.tries)).one() == 1


def test_calls_that_cannot_be_signed_or_go_unencrypted_are_refused_at_start() -> None:
    for values in (
        {"webhook_url": "https://sistem.kota.go.id/"},
        {"webhook_url": "http://sistem.kota.go.id/", "webhook_secret": SECRET},
    ):
        with pytest.raises(ValidationError):
            Settings(**values)
