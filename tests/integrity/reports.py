"""What tests of integrity reports share: a quick key, a citizen and an inspector."""

import re
from typing import Any

from flask import g
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select

from portal.db import db
from portal.integrity import sealing
from portal.integrity.key_actions import make_key
from portal.integrity.models import IntegrityMessage, IntegrityReport
from portal.people.models import Account, Agency, Office
from tests.conftest import NOW
from tests.factories import make_account, make_office, sign_in

PASSPHRASE = "sawah hujan lampu tikar"
WORDS = "Petugas loket dua meminta lima puluh ribu sebelum berkas diterima"


def quick_keys(monkeypatch: Any) -> None:
    """The passphrase is stretched as little as the library allows."""
    monkeypatch.setattr(sealing, "PASSES", 1)
    monkeypatch.setattr(sealing, "MEMORY", 8192)


def office_with_key() -> Office:
    office = make_office()
    make_key(db.session.get_one(Agency, office.agency_id), None, PASSPHRASE, NOW)
    return office


def path_of(office: Office) -> str:
    return f"/report/{office.agency_id}/{office.id}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"(?: type="hidden")? value="([^"]+)"', page)
    assert found, name
    return found[1]


def fields_of(page: str, *names: str) -> dict[str, str]:
    return {name: hidden(page, name) for name in names}


def file(client: FlaskClient, office: Office, text: str = WORDS, **more: str) -> str:
    """Send a report as a citizen does; the code of its mailbox."""
    form = fields_of(client.get(path_of(office)).text, "token", "code")
    answer = client.post(path_of(office), data={**form, "text": text, **more})
    assert answer.status_code == 200
    found = re.search(r'data-mailbox="([0-9A-Z]{20})"', answer.text)
    assert found
    return found[1]


def mailbox(client: FlaskClient, code: str, **fields: str) -> Any:
    return client.post("/report/mailbox", data={"code": code, **fields})


def as_inspector(client: FlaskClient, office: Office | None = None, **values: Any) -> Account:
    account = make_account("inspector", office, **values)
    g.pop("_login_user", None)
    sign_in(client, account)
    return account


def csrf(client: FlaskClient, path: str = "/inspectorate") -> str:
    return hidden(client.get(path).text, "csrf_token")


def unlock(client: FlaskClient, passphrase: str = PASSPHRASE, **more: str) -> Any:
    data = {"csrf_token": csrf(client), "passphrase": passphrase, **more}
    return client.post("/inspectorate/open", data=data, follow_redirects=True)


def reports() -> list[IntegrityReport]:
    db.session.rollback()
    return list(db.session.scalars(select(IntegrityReport)))


def messages() -> list[IntegrityMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(IntegrityMessage).order_by(IntegrityMessage.number)))


def everything_stored() -> str:
    """Every value of every row of the database, as whoever holds a copy of it reads them."""
    db.session.rollback()
    tables = MetaData()
    tables.reflect(db.engine)
    found = []
    with db.engine.connect() as connection:
        for table in tables.tables.values():
            for row in connection.execute(select(table)):
                found.extend(_plain(value) for value in row)
    return "\n".join(found)


def _plain(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("latin-1")
    return str(value)


def read_report(client) -> str:
    """The one report, as an inspector with the key reads it."""
    return client.get(f"/inspectorate/{reports()[0].id}").text


def answer(client, words: str, **more: str):
    path = f"/inspectorate/{reports()[0].id}"
    form = fields_of(client.get(path).text, "csrf_token", "sending")
    return client.post(f"{path}/answer", data={**form, "text": words, **more})
