"""A talk is noted by the supervisor and signed by the employee; neither can change it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.records.decision_actions import OwnRecord
from portal.records.dialogue_actions import sign_note, write_note
from portal.records.dialogue_models import DialogueNote
from portal.records.dialogues import unsigned
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, make_office
from tests.records.cast import PERIOD, enter
from tests.records.test_decisions import Story, letters


def test_a_note_is_written_told_and_signed_by_both(app: Flask, client: FlaskClient) -> None:
    story = Story()
    path = f"/records/{story.employee.id}/{PERIOD}/dialogue"
    enter(client, story.clerk)
    assert "Kembali ke catatan kinerja" in client.get(path).text
    enter(client, story.supervisor)
    empty = client.get(path).text
    assert "Tulis di bawah apa yang dibicarakan" in empty
    assert "Kembali ke catatan kinerja" not in empty
    assert send(client, path, text=" ").status_code == 422
    assert send(client, path, text="Disepakati latihan menyapa").status_code == 302
    assert [recipient for recipient, _ in letters()] == [story.clerk.email]
    note = db.session.scalars(select(DialogueNote)).one()
    assert send(client, f"/dialogue/{note.id}/sign").status_code in {403, 404}
    enter(client, story.clerk)
    assert "1 menunggu tanda tangan Anda" in client.get("/my").text
    assert "Disepakati latihan menyapa" in client.get(path).text
    assert send(client, f"/dialogue/{note.id}/sign", remark="Mohon jadwal").status_code == 302
    page = client.get(path).text
    assert "ditandatangani keduanya" in page
    assert "Mohon jadwal" in page
    [talk] = client.get("/my/data.json").json["dialogue"]
    assert (talk["text"], talk["remark"]) == ("Disepakati latihan menyapa", "Mohon jadwal")
    assert unsigned(note.agency_id, story.employee.id) == []
    assert send(client, path, text="Bukan saya yang menulis").status_code == 403


def test_only_who_decides_there_writes_and_only_the_employee_signs(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    path = f"/records/{story.employee.id}/{PERIOD}/dialogue"
    write_note(story.supervisor, story.employee.id, PERIOD, "Catatan", NOW)
    note = db.session.scalars(select(DialogueNote)).one()
    with pytest.raises(PermissionError):
        sign_note(story.supervisor, note.id, "", NOW)
    db.session.rollback()
    with pytest.raises(OwnRecord):
        write_note(story.clerk, story.employee.id, PERIOD, "Tentang saya", NOW)
    db.session.rollback()
    enter(client, make_account("supervisor", make_office(code="kecamatan")))
    assert client.get(path).status_code == 404
    enter(client, make_account("hr"))
    assert "Catatan" in client.get(path).text
    assert send(client, path, text="HR tidak menulis").status_code == 403
