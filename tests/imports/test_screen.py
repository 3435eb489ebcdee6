"""A roster is uploaded on screen: looked through, told line by line, imported whole or not."""

import io
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import imports
from portal.counters.models import Duty, DutyEvent
from portal.db import db
from portal.imports import words
from portal.people.models import AuditEvent
from tests.conftest import NOW
from tests.counters.staff import act_as, send
from tests.factories import make_account, make_counter, make_employee, make_office

HEAD = "nip,name,office,counter,date,starts,ends,confirmed\n"
LINE = ",Sari Wulandari,dukcapil,Loket 3,2026-11-{},08:00,12:00,yes\n"


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    office = make_office()
    found = SimpleNamespace(office=office, sari=make_employee(office), counter=make_counter(office))
    found.coordinator = make_account("coordinator", office)
    return found


def upload(client: FlaskClient, cast: SimpleNamespace, text: str):
    path = f"/roster/import?office={cast.office.id}"
    return send(client, path, file=(io.BytesIO(text.encode()), "jadwal.csv"))


def test_a_file_is_looked_through_first_and_imported_when_that_is_confirmed(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, cast.coordinator)
    assert "/roster/import?office=" in client.get(f"/roster?office={cast.office.id}").text
    page = upload(client, cast, HEAD + LINE.format(24) + LINE.format(25))
    assert "Semua 2 baris benar: 2 baru" in " ".join(page.text.split())
    assert db.session.scalars(select(Duty)).all() == []
    (checked,) = re.findall(r'name="checked" type="hidden" value="([^"]+)"', page.text)
    path = f"/roster/import?office={cast.office.id}"
    answer = send(client, path, checked=checked, kind="csv")
    assert "Diimpor: 2 baru" in client.get(answer.location).text
    assert len(db.session.scalars(select(Duty)).all()) == 2
    events = db.session.scalars(select(DutyEvent)).all()
    assert {event.account_id for event in events} == {cast.coordinator.id}
    act = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "import")).one()
    assert act.account_id == cast.coordinator.id


def test_each_bad_line_is_told_in_the_readers_language_and_nothing_is_kept(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    make_counter(make_office(code="dpmptsp"))
    act_as(client, cast.coordinator)
    text = HEAD + LINE.format(24) + LINE.format(99) + LINE.format(26).replace("Sari", "Rina")
    text += LINE.format(27).replace("dukcapil", "dpmptsp")
    answer = upload(client, cast, text)
    assert answer.status_code == 422
    page = " ".join(answer.text.split())
    assert "tulis tanggal seperti 2026-11-23" in page
    assert "tidak ada pegawai bernama ini" in page
    assert "tidak ada unit kerja dengan kode dpmptsp di wilayah Anda" in page  # not one of theirs
    assert "Baris 3" in page
    path = f"/roster/import?office={cast.office.id}"
    assert "Pilih sebuah berkas" in send(client, path).text
    many = upload(client, cast, HEAD + LINE.format(99) * 150).text
    assert "dan 50 lagi" in many
    (refused,) = re.findall(r'name="checked" value="([^"]+)"', many)
    whole = send(client, path, checked=refused, kind="csv", listed="1")
    assert whole.mimetype == "text/csv"
    assert whole.text.count("tulis tanggal seperti 2026-11-23") == 150
    assert db.session.scalars(select(Duty)).all() == []


def test_nobody_vouches_by_file_for_their_own_duty_that_has_begun(
    client: FlaskClient, cast: SimpleNamespace
) -> None:
    act_as(client, make_account("coordinator", cast.office, cast.sari))
    yesterday = (NOW - timedelta(days=3)).day
    answer = upload(client, cast, HEAD + LINE.format(yesterday))
    assert "diputuskan koordinator lain" in answer.text


def test_every_reason_of_a_file_of_duties_has_its_words() -> None:
    """What the readers of such files may say stands in the list of words."""
    for name in ("duties", "calendars"):
        source = Path(imports.__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        for call in re.findall(r"refuse\(\s*\"\w+\",\s*\"([^\"]+)\"", source):
            assert call in words.REASONS, call
        for call in re.findall(r"reason = \"([^\"]+)\"", source):
            assert call in words.REASONS, call
