"""Files with a reply or an objection: checked by content, kept, and shown to those who read it."""

import contextlib
import io
import json
import struct
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import stream_encode_multipart

from portal.db import db
from portal.records import attachments
from portal.records.attachment_models import Attachment
from portal.records.models import Contest, Reply, ReviewRequest
from portal.records.pictures import NoPicture, without_metadata
from tests.conftest import settings_for
from tests.counters.staff import send
from tests.factories import make_account, make_office
from tests.records.cast import PERIOD, enter
from tests.records.test_decisions import Story

PDF = b"%PDF-1.7\nsurat tugas\n%%EOF\n"


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return (
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc32(name + content))
    )


def segment(code: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(content) + 2) + content


TELLING = b"Sari, 6.9S 107.6E"
PNG_PARTS = [
    b"\x89PNG\r\n\x1a\n",
    chunk(b"IHDR", bytes(13)),
    chunk(b"IDAT", b"isi"),
    chunk(b"IEND"),
]
PNG = b"".join([*PNG_PARTS[:2], chunk(b"tEXt", b"Author\0" + TELLING), *PNG_PARTS[2:]])
TURNED = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
EXIF = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + TURNED + struct.pack(">I", 0)
SCAN = segment(0xDA, b"\x01\x01\0\0?\0") + b"foto\xff\0\xff\xd0lagi" + b"\xff\xd9"
JPEG_PARTS = [b"\xff\xd8", segment(0xE0, b"JFIF\0 "), segment(0xE1, EXIF), SCAN]
JPEG = b"".join([
    *JPEG_PARTS[:2], segment(0xE1, EXIF + TELLING), segment(0xE1, b"http://ns.adobe/" + TELLING),
    segment(0xFE, TELLING), SCAN, TELLING, b"\xff\xd9",
])  # fmt: skip


def with_files(client: FlaskClient, path: str, *files: tuple[bytes, str], **fields: Any) -> Any:
    return send(client, path, files=[(io.BytesIO(what), name) for what, name in files], **fields)


def stored() -> list[Attachment]:
    return list(db.session.scalars(select(Attachment).order_by(Attachment.kind)))


def test_files_stay_with_the_objection_for_those_who_may_read_it(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    decision = story.decide("none")
    path = f"/decisions/{decision.id}"
    page = enter(client, story.clerk).get(f"{path}/contest").text
    assert "paling banyak 3, masing-masing paling besar 4 MB" in page
    named = "197001011990031001 Sari.exe"
    answer = with_files(client, f"{path}/contest", (PDF, named), (JPEG, "a"), reason="Keberatan")
    assert answer.status_code == 302
    jpeg, pdf = stored()
    assert (jpeg.kind, pdf.kind, pdf.size) == ("jpeg", "pdf", len(PDF))
    assert pdf.contest_id == db.session.scalars(select(Contest.id)).one()
    file = f"/attachments/{pdf.id}"
    contest = f"/contests/{pdf.contest_id}"
    for account in (story.clerk, story.supervisor, story.officer):
        reader = enter(client, account)
        assert file in reader.get(path).text
        got = reader.get(file)
        assert (got.data, got.mimetype) == (PDF, "application/pdf")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Disposition"] == f"attachment; filename=lampiran-{pdf.id}.pdf"
        assert "sandbox" in got.headers["Content-Security-Policy"]
    page = client.get(contest).text  # as the appeals officer
    assert file in page
    assert "1970" not in page
    for stranger in (
        make_account("supervisor", make_office(code="kecamatan")),
        make_account("employee", story.office),
    ):
        assert enter(client, stranger).get(file).status_code == 404


def test_a_reply_and_a_request_for_review_take_files_and_the_employee_takes_them_away(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    story.change(set_aside=7)
    record = f"/records/{story.employee.id}/{PERIOD}"
    enter(client, story.clerk)
    assert with_files(client, f"{record}/reply", (PNG, "a.png"), text="Ini").status_code == 302
    asked = with_files(client, f"{record}/set-aside/ask", (PDF, "b.pdf"), reason="Periksa")
    assert asked.status_code == 302
    pdf, png = stored()
    assert png.reply_id == db.session.scalars(select(Reply.id)).one()
    assert pdf.request_id == db.session.scalars(select(ReviewRequest.id)).one()
    page = client.get(record).text
    assert f"/attachments/{png.id}" in page
    own = json.loads(client.get("/my/data.json").data)["attachments"]
    assert {one["sha256"] for one in own} == {one.digest for one in (png, pdf)}
    page = enter(client, story.officer).get(f"{record}/set-aside").text
    assert f"/attachments/{pdf.id}" in page


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [("jpeg", JPEG, b"".join(JPEG_PARTS)), ("png", PNG, b"".join(PNG_PARTS)), ("pdf", PDF, PDF)],
)
def test_pictures_are_kept_without_where_and_by_whom_they_were_taken(
    kind: str, given: bytes, kept: bytes
) -> None:
    """A telephone writes where it was; that somebody turned it has to stay, and the picture."""
    [checked] = attachments.check_files([io.BytesIO(given)], settings_for("sqlite://"))
    assert (checked.kind, checked.content) == (kind, kept)
    for end in range(2, len(given), 3):
        with contextlib.suppress(NoPicture):
            assert len(without_metadata(kind, given[:end])) <= end


def test_what_may_not_be_kept_is_refused_and_the_words_stay(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MIB", 1024)  # so that 4 kB are too large
    story = Story()
    path = f"/records/{story.employee.id}/{PERIOD}/reply"
    enter(client, story.clerk)
    refusals = {
        "isinya bukan PDF": [(b"MZ\x90\x00 program", "surat.pdf")],
        "isinya bukan PDF, ": [(PDF[:-7], "terpotong.pdf")],
        "isinya bukan PDF, PNG": [(b"\xff\xd8\xff\xe0foto\xff\xd9", "rusak.jpg")],
        "terlalu besar": [(PDF[:-6] + b"x" * (4 * 1024) + PDF[-6:], "besar.pdf")],
        "terlalu banyak": [(PDF, "a.pdf")] * 4,
    }
    for said, files in refusals.items():
        answer = with_files(client, path, *files, text="Kata-kata saya")
        assert answer.status_code == 422, said
        assert said in answer.text
        assert "Kata-kata saya" in answer.text
        assert "Pilih lampirannya sekali lagi" in answer.text
    assert stored() == []
    assert db.session.scalars(select(Reply)).all() == []
    assert send(client, path, text="Tanpa lampiran").status_code == 302


def test_files_that_a_browser_lets_go_of_with_a_wrong_field_are_asked_for_again(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = partial(stream_encode_multipart, use_tempfile=False)  # else the client leaves one
    monkeypatch.setattr("werkzeug.test.stream_encode_multipart", in_memory)
    story = Story()
    path = f"/records/{story.employee.id}/{PERIOD}/reply"
    enter(client, story.clerk)
    large = PDF[:-6] + b"x" * (3 * 1024 * 1024) + PDF[-6:]  # more than other pages take
    answer = with_files(client, path, (large, "a.pdf"), text="")
    assert answer.status_code == 422
    assert "Tuliskan tanggapan Anda" in answer.text
    assert "Pilih lampirannya sekali lagi" in answer.text
    assert stored() == []
    assert with_files(client, path, (large, "a.pdf"), text="Ini").status_code == 302
    assert [one.size for one in stored()] == [len(large)]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit(b'virus' in sys.stdin.buffer.read())", ""),
        ("import sys; sys.exit(1)", "ditolak pemeriksa virus"),
        (None, "Pemeriksa virus sedang tidak jalan"),
    ],
    ids=["passes", "refuses", "is missing"],
)
def test_the_agencys_scanner_has_the_last_word(
    app: Flask, client: FlaskClient, tmp_path: Path, program: str | None, said: str
) -> None:
    story = Story()
    command = str(tmp_path / "missing")
    if program:
        script = tmp_path / "scan.py"
        script.write_text(program)
        command = f"{sys.executable} {script}"
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"scan_command": command})
    path = f"/records/{story.employee.id}/{PERIOD}/reply"
    enter(client, story.clerk)
    answer = with_files(client, path, (PDF, "surat.pdf"), text="Kata-kata saya")
    assert answer.status_code == (422 if said else 302)
    assert said in answer.text
    assert len(stored()) == (0 if said else 1)
    if said:
        assert "Kata-kata saya" in answer.text


def test_a_slow_scanner_ends_before_the_proxy_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = [0.0]
    given: list[float] = []

    def slow(command: list[str], *, timeout: float, **rest: Any) -> Any:
        given.append(timeout)
        if timeout < 30:
            raise subprocess.TimeoutExpired(command, timeout)
        passed[0] += 30
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(time, "monotonic", lambda: passed[0])
    monkeypatch.setattr(subprocess, "run", slow)
    settings = settings_for("sqlite://", scan_command="scan")
    with pytest.raises(attachments.NotScanned):
        attachments.check_files([io.BytesIO(PDF), io.BytesIO(PDF), io.BytesIO(PDF)], settings)
    assert given == [45, 15]
