"""Every mail the portal sends: by its real act, in its reader's language, with nothing of anybody
in it but a link, which opens for whom it was sent to; and what the agency's own system is told."""

import ast
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_babel import LazyString
from sqlalchemy import Connection, event, insert, select, union_all

import portal
from portal.db import db
from portal.i18n import force_locale
from portal.imports.actions import import_file
from portal.people import notices
from portal.people.actions import queue_mail, queue_sealed_mail
from portal.people.digest_actions import send_digests
from portal.people.models import Account, Employee, OutboxMessage
from portal.people.notice_models import MailChoice, WebhookCall
from portal.people.webhook_actions import as_request
from portal.records import rule_trial
from portal.transparency.actions import tell_citizens
from tests.conftest import NOW, fresh_database
from tests.counters.staff import send
from tests.factories import (
    give_password,
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    make_rating,
)
from tests.integrity.reports import quick_keys
from tests.moderation.test_moderation import comment
from tests.people.telling import ACTS, Act, from_decision_to_ruling
from tests.records.cast import DAY, enter
from tests.transparency.test_answers import DONE, HEARD, new_page, write

LINK = re.compile(r"https://loket\.kota\.example(/\S+)")
OTHER = {"id": "en", "en": "id"}
LATE = time(23, 59)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """What a mail says does not hang on the database: one is enough."""
    with fresh_database("sqlite", request, tmp_path) as url:
        yield url


@dataclass
class Reader:
    """How all staff of a test read their mail: in which language, how often, never before 23.59."""

    language: str
    pace: str = "at_once"

    def speaks(self, _account: Account, _given: object, values: dict[str, Any]) -> None:
        values["language"] = self.language

    def chooses(self, _mapper: object, connection: Connection, account: Account) -> None:
        key = {"agency_id": account.agency_id, "account_id": account.id}
        hours = {"quiet_from": time(0), "quiet_until": LATE}
        connection.execute(insert(MailChoice), key | hours | {"pace": self.pace})


@pytest.fixture(params=["id", "en"])
def reader(
    app: Flask, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Reader]:
    monkeypatch.setattr(rule_trial, "DRAWS", 5)
    quick_keys(monkeypatch)
    listens = app.config["SETTINGS"].model_copy(update={"webhook_url": "https://kota.example/in"})
    monkeypatch.setitem(app.config, "SETTINGS", listens)
    made = Reader(request.param)
    event.listen(Account, "init", made.speaks)
    event.listen(Account, "after_insert", made.chooses)
    yield made
    event.remove(Account, "init", made.speaks)
    event.remove(Account, "after_insert", made.chooses)


def outbox() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def without_links(mail: OutboxMessage) -> str:
    """What a mail says beside its links; of nobody, and no number."""
    said = f"{mail.subject}\n{LINK.sub('', mail.body)}"
    people = db.session.scalars(union_all(select(Employee.name), select(Account.name)))
    words = {word for name in people for word in name.split() if word[0].isupper()}
    assert not any(re.search(rf"\b{re.escape(word)}\b", said) for word in words), said
    assert not re.search(r"\d|@|https?:", said), said
    return said


def opens(client: FlaskClient, mail: OutboxMessage) -> list[str]:
    """The paths of a mail's links, each opened by whom it was sent to."""
    who = db.session.scalars(select(Account).where(Account.email == mail.recipient)).one()
    paths = LINK.findall(mail.body)
    enter(client, who)
    for path in paths:
        assert client.get(path, follow_redirects=True).status_code == 200, (mail.subject, path)
    return paths


def in_quiet_hours(mail: OutboxMessage) -> bool:
    return mail.due_at.astimezone(ZoneInfo("Asia/Jakarta")).time() < LATE


@pytest.mark.parametrize(("act", "subjects"), ACTS, ids=[act.__name__ for act, _told in ACTS])
def test_a_mail_says_where_to_read_and_nothing_else(
    app: Flask, client: FlaskClient, reader: Reader, act: Act, subjects: tuple[str, ...]
) -> None:
    act(client)
    texts, other = kinds(reader.language), kinds(OTHER[reader.language])
    told = {texts[subject][0]: (texts[subject], other[subject]) for subject in subjects}
    assert {mail.subject for mail in outbox()} == set(told)
    paths = set()
    for mail in outbox():
        (_subject, sentence), (_same, foreign) = told[mail.subject]
        rest = without_links(mail)
        assert (sentence in rest, foreign in rest) == (True, False)
        assert ("Yth." in rest, "Silakan" in rest) == (reader.language == "id",) * 2
        [path] = opens(client, mail)
        paths.add(path)
        assert not in_quiet_hours(mail)
    calls = db.session.scalars(select(WebhookCall)).all()
    assert {call.path for call in calls} | {"/inspectorate"} >= paths  # who reports is told nowhere
    for call in calls:
        said = json.loads(as_request(call, app.config["SETTINGS"], NOW).data or b"")
        assert said == {"kind": call.kind, "link": f"https://loket.kota.example{call.path}"}
        assert call.kind in documented()
        assert call.path in paths


@cache
def documented() -> set[str]:
    """The kinds of events that an agency's own system may expect."""
    guide = Path(__file__).parents[2] / "docs" / "operators.md"
    (told,) = re.findall(
        r"^.*`PORTAL_WEBHOOK_URL` \(https\).* Kinds: (.+?)\. ",
        guide.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return set(re.findall(r"`(\w+)`", told))


@pytest.mark.parametrize("pace", ["daily", "weekly"])
def test_a_digest_is_one_mail_of_subjects_and_links(
    client: FlaskClient, reader: Reader, pace: str
) -> None:
    reader.pace = pace
    from_decision_to_ruling(client)
    assert (outbox(), send_digests(NOW)) == ([], 0)
    readers = send_digests(NOW + 8 * DAY)
    texts = kinds(reader.language).values()
    assert len({mail.recipient for mail in outbox()}) == len(outbox()) == readers == 3
    for mail in outbox():
        rest = without_links(mail)
        assert any(f"{subject}:" in rest for subject, _sentence in texts)
        assert not any(sentence in rest for _subject, sentence in texts)
        assert ("Yth." in rest) == (reader.language == "id")
        assert opens(client, mail)[-1] == "/notifications"
        assert not in_quiet_hours(mail)


PASSWORDS = {"password": "melati-putih-harum", "password_confirm": "melati-putih-harum"}
INVITED = {"id": "Akun Suara Loket Anda", "en": "Your Suara Loket account"}
REPLACED = {"id": "Kata sandi Anda sudah diganti", "en": "Your password has been changed"}


def _form(client: FlaskClient, path: str, **fields: str) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert token
    assert 'role="alert"' not in client.post(path, data={"csrf_token": token[1], **fields}).text


def an_account_is_made_and_invited_again(client: FlaskClient, language: str) -> None:
    enter(client, make_account("administrator", agency=make_agency()))
    person = {"name": "Ratna Kusuma", "email": "ratna@kota.example", "language": language}
    _form(client, "/accounts/new", **person, role="hr", office="")
    made = db.session.scalars(select(Account.id).where(Account.name == "Ratna Kusuma")).one()
    send(client, f"/accounts/{made}/invite")


def accounts_come_by_a_file(_client: FlaskClient, _language: str) -> None:
    make_office()
    with NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("email,name,role,office\nratna@kota.example,Ratna Kusuma,hr,\n")
        file.flush()
        path = Path(file.name)
        import_file("accounts", path, "kota", dry_run=False, now=NOW, progress=lambda *_: None)


def another_agency_joins(client: FlaskClient, _language: str) -> None:
    enter(client, make_account("administrator", agency=make_agency()))
    first = {"person": "Ratna Kusuma", "email": "ratna@kabupaten.example"}
    _form(client, "/agencies/new", code="kab", name="Kabupaten", timezone="Asia/Jakarta", **first)


def an_address_is_changed(client: FlaskClient, language: str) -> None:
    other = make_account("hr", agency=make_agency())
    enter(client, make_account("administrator", agency=other.agency))
    values = {"name": "Ratna Kusuma", "email": "baru@kota.example", "language": language}
    _form(client, f"/accounts/{other.id}", **values)


def a_password_is_forgotten(client: FlaskClient, _language: str) -> None:
    _form(client, "/recover", email=give_password(make_account("hr")).email)


def a_password_is_recovered(client: FlaskClient, language: str) -> None:
    a_password_is_forgotten(client, language)
    [mail] = outbox()
    _form(client, LINK.findall(mail.body)[0], **PASSWORDS)
    db.session.delete(mail)
    db.session.commit()


def a_password_is_changed(client: FlaskClient, _language: str) -> None:
    enter(client, give_password(make_account("hr")))
    new = {"new_password": "kota-cempaka-raya", "new_password_confirm": "kota-cempaka-raya"}
    _form(client, "/password", password=PASSWORDS["password"], **new)


LETTERS = [
    (an_account_is_made_and_invited_again, INVITED, ["/recover/", "/recover"] * 2),
    (accounts_come_by_a_file, INVITED, ["/recover/", "/recover"]),
    (another_agency_joins, INVITED, ["/recover/", "/recover"]),
    (
        an_address_is_changed,
        {
            "id": "Alamat e-mail akun Anda diganti",
            "en": "The email address of your account has changed",
        },
        [],
    ),
    (
        a_password_is_forgotten,
        {"id": "Mengganti kata sandi Suara Loket", "en": "Changing your Suara Loket password"},
        ["/recover/"],
    ),
    (a_password_is_recovered, REPLACED, ["/recover"]),
    (a_password_is_changed, REPLACED, ["/recover"]),
]


@pytest.mark.parametrize(
    ("act", "subject", "links"), LETTERS, ids=[act.__name__ for act, *_what in LETTERS]
)
def test_a_letter_about_an_account_names_nobody(
    client: FlaskClient,
    reader: Reader,
    act: Callable[[FlaskClient, str], None],
    subject: dict[str, str],
    links: list[str],
) -> None:
    act(client, reader.language)
    g.pop("_login_user", None)
    found = []
    for mail in outbox():
        assert mail.subject == subject[reader.language]
        assert ("Yth. Bapak/Ibu," in without_links(mail)) == (reader.language == "id")
        for path in LINK.findall(mail.body):
            assert client.application.test_client().get(path).status_code == 200
            found.append(re.sub(r"(?<=/recover/).+", "", path))
    assert found == links


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("id", "Kantor menjawab penilaian warga"),
        ("en", "The office answers what citizens said"),
        ("jv", "Kantor paring wangsulan dhateng pambiji warga"),
        ("su", "Kantor ngajawab peunteun warga"),
    ],
)
def test_a_citizen_reads_what_the_office_says_to_everybody(
    client: FlaskClient, language: str, subject: str
) -> None:
    counter = make_counter()
    rating = make_rating(counter, make_employee())
    comment(rating, "Antreannya kacau")
    told = {"address": "warga@surat.example"}
    client.post(f"/t/{rating.receipt}/contact?lang={language}", data=told)
    enter(client, make_account("coordinator", make_office()))
    write(client, new_page(client, counter))
    assert tell_citizens(NOW) == 1
    [mail] = outbox()
    assert mail.subject == subject
    rest = without_links(mail)
    assert (HEARD in rest, DONE in rest, "Antreannya" in rest) == (True, True, False)
    [path] = LINK.findall(mail.body)
    assert path == "/results/kota/dukcapil/2026-Q4"
    assert DONE in client.application.test_client().get(path).text


@cache
def kinds(language: str) -> dict[str, tuple[str, str]]:
    """Subject and sentence of every kind there is, by the Indonesian subject: all pairs of lazy
    texts that stand in a module which tells somebody something."""
    found = {}
    for module in holders(notices, notices.tell):
        for value in vars(module).values():
            for pair in value.values() if isinstance(value, dict) else [value]:
                if isinstance(pair, tuple) and [type(text) for text in pair] == [LazyString] * 2:
                    with force_locale("id"):
                        subject = str(pair[0])
                    with force_locale(language):
                        found[subject] = (str(pair[0]), str(pair[1]))
    return found


def holders(*what: object) -> list[ModuleType]:
    """The modules of the portal in which one of these has a name."""
    modules = [one for name, one in sys.modules.items() if name.startswith("portal.")]
    return [
        one for one in modules if any(value is it for value in vars(one).values() for it in what)
    ]


def test_no_kind_of_mail_is_missing_here(app: Flask) -> None:
    assert len(kinds("en")) > 25
    assert {subject for _act, subjects in ACTS for subject in subjects} == set(kinds("id"))
    for module in holders(notices, notices.tell):
        for call in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in {"tell", "notices.tell"}:
                assert not isinstance(call.args[1], ast.Tuple), (
                    "its texts stand where none finds them"
                )


def test_nothing_else_in_the_portal_writes_mails(app: Flask) -> None:
    assert {one.__name__ for one in holders(queue_mail, queue_sealed_mail)} == {
        "portal.people.actions",
        "portal.people.notices",
        "portal.people.digest_actions",
        "portal.people.account_actions",  # invitations, changed addresses
        "portal.people.agency_actions",
        "portal.imports.actions",
        "portal.people.sign_in",  # passwords
        "portal.transparency.actions",  # to citizens
    }
    templates = (Path(portal.__file__).parent / "templates/security/email").iterdir()
    assert {path.name for path in templates} == {
        "change_notice.txt", "reset_instructions.txt", "reset_notice.txt"
    }  # fmt: skip
