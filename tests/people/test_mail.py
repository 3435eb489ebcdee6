"""The outbox: each mail goes out once, trouble is tried again, files have safe names."""

import email
import email.policy
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.people import mail
from portal.people.actions import MOST_TRIES, forget_sent_mail
from portal.people.models import OutboxMessage
from tests.conftest import NOW, settings_for
from tests.factories import make_agency, save


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    folder = tmp_path / "mail"
    changes = {"mail_directory": folder, "mail_sender": "Suara Loket <portal@kota.example>"}
    app.config["SETTINGS"] = settings_for("sqlite://", **changes)
    return folder


class FakeServer:
    """A mail server that takes what it is given, or refuses it."""

    def __init__(self, refuse: Callable[[str], Exception | None]) -> None:
        self.refuse, self.taken = refuse, []

    def __call__(self, host: str, port: int, timeout: int) -> "FakeServer":
        return self

    def __enter__(self) -> "FakeServer":
        return self

    def __exit__(self, *details: object) -> None:
        """Nothing to close."""

    def send_message(self, message: object) -> None:
        trouble = self.refuse(message["To"])
        if trouble:
            raise trouble
        self.taken.append(message["To"])


@pytest.fixture
def smtp(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeServer]:
    def serve(refuse: Callable[[str], Exception | None] = lambda to: None) -> FakeServer:
        app.config["SETTINGS"] = settings_for("sqlite://", mail_backend="smtp")
        server = FakeServer(refuse)
        monkeypatch.setattr(smtplib, "SMTP", server)
        return server

    return serve


def write(to: str = "sari@kota.example", due_at: datetime = NOW, **values: object) -> int:
    given = {"subject": "Keputusan", "body": "Halo Sari,\n\nbaca di sini.\n"} | values
    return save(
        OutboxMessage(
            agency_id=make_agency().id, recipient=to, created_at=NOW, due_at=due_at, **given
        )
    ).id


def test_a_due_mail_becomes_one_file_and_is_not_sent_again(folder: Path) -> None:
    key = write(subject="Nilai Anda – triwulan IV")
    assert (mail.send_due(NOW), mail.send_due(NOW)) == (1, 0)
    (path,) = folder.iterdir()
    assert path.name == f"1.{key}.eml"
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert found["To"] == "sari@kota.example"
    assert found["Subject"] == "Nilai Anda – triwulan IV"
    assert found["Message-ID"] == f"<1.{key}@kota.example>"
    assert "baca di sini" in found.get_content()


def test_the_text_of_a_sent_mail_is_not_kept(folder: Path) -> None:
    write()
    mail.send_due(NOW)
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.body, message.sent_at, message.tries) == ("", NOW, 1)


def test_a_mail_waits_until_it_is_due(folder: Path) -> None:
    write(due_at=NOW + timedelta(hours=1))
    assert mail.send_due(NOW) == 0
    assert mail.send_due(NOW + timedelta(hours=1)) == 1


@pytest.mark.parametrize("subject", ["Satu\r\nBcc: evil@evil.example", "../../etc/passwd"])
def test_no_subject_reaches_headers_or_file_names(folder: Path, subject: str) -> None:
    write(subject=subject)
    assert mail.send_due(NOW) == 1
    (path,) = folder.iterdir()
    assert email.message_from_bytes(path.read_bytes())["Bcc"] is None


def test_a_refused_mail_is_tried_again_later_and_others_go_out(smtp) -> None:
    bad = write("full@kota.example")
    write("sari@kota.example")
    server = smtp(lambda to: smtplib.SMTPResponseException(452, b"full") if "full" in to else None)
    assert mail.send_due(NOW) == 1
    assert server.taken == ["sari@kota.example"]
    waiting = db.session.get_one(OutboxMessage, (1, bad))
    assert (waiting.tries, waiting.due_at) == (1, NOW + timedelta(minutes=2))
    mail.send_due(NOW + timedelta(minutes=2))
    assert db.session.get_one(OutboxMessage, (1, bad)).due_at == NOW + timedelta(minutes=6)


def test_an_impossible_address_stops_nobody_elses_mail(smtp) -> None:
    write("evil\r\nBcc: x@y.example")
    write("sari@kota.example")
    server = smtp()
    assert mail.send_due(NOW) == 1
    assert server.taken == ["sari@kota.example"]


def test_after_many_tries_a_mail_is_given_up(smtp) -> None:
    write()
    server = smtp(lambda to: smtplib.SMTPResponseException(550, b"no"))
    now = NOW
    for _ in range(MOST_TRIES + 3):
        mail.send_due(now)
        now += timedelta(days=1)
    assert db.session.scalars(select(OutboxMessage.tries)).one() == MOST_TRIES
    assert server.taken == []


def test_without_a_mail_server_every_mail_waits(app: Flask, monkeypatch) -> None:
    write()
    app.config["SETTINGS"] = settings_for("sqlite://", mail_backend="smtp")

    def refuse(*arguments: object, **options: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(smtplib, "SMTP", refuse)
    assert mail.send_due(NOW) == 0
    assert db.session.scalars(select(OutboxMessage.tries)).one() == 0


def test_a_kill_between_two_mails_repeats_none_of_those_that_were_noted(smtp) -> None:
    class Killed(BaseException):
        """The process ends here."""

    write("a@kota.example", due_at=NOW - timedelta(minutes=2))
    write("b@kota.example", due_at=NOW - timedelta(minutes=1))
    server = smtp(lambda to: Killed() if to == "b@kota.example" else None)
    with pytest.raises(Killed):
        mail.send_due(NOW)
    db.session.rollback()
    server.refuse = lambda to: None
    assert mail.send_due(NOW) == 1
    assert server.taken == ["a@kota.example", "b@kota.example"]


def test_addresses_of_old_mail_are_forgotten(folder: Path) -> None:
    write()
    mail.send_due(NOW)
    assert forget_sent_mail(NOW + timedelta(days=29)) == 0
    assert forget_sent_mail(NOW + timedelta(days=31)) == 1
    assert db.session.scalars(select(OutboxMessage)).all() == []
