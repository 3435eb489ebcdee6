"""The audit log on screen, in words."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.db import db
from portal.imports.actions import KINDS
from portal.operations.seals_command import check_seals
from portal.people.actions import note_act
from portal.people.audit_actions import seal_days
from portal.people.audit_queries import audit_page
from portal.people.audit_seals import check
from portal.people.audit_words import DETAIL_WORDS, IMPORT_WORDS, SUBJECT_WORDS
from portal.people.models import AuditEvent
from portal.people.queries import Scope
from tests.conftest import NOW
from tests.factories import make_account, make_employee, make_office, sign_in

PORTAL = Path(__file__).parents[2] / "portal"
NOTES = ("note_act", "note_view")


def test_who_was_concerned_and_the_particulars_are_told_in_words(client: FlaskClient) -> None:
    employee = make_employee(make_office(), "Budi Santoso")
    auditor = make_account("auditor")
    note_act(auditor, "decide", NOW, subject="decision:7", detail={"kind": "guidance"})
    detail = {"period": "2026-Q3", "ratings": 12, "rude_words": True}
    note_act(auditor, "review", NOW, subject=f"employee:{employee.id}", detail=detail)
    db.session.commit()
    sign_in(client, auditor)
    page = client.get("/audit").text
    for told in (
        "keputusan 7",
        "jenis: pembinaan",
        "pegawai Budi Santoso",
        "triwulan: Juli–September 2026; penilaian: 12; kata kasar: ya",
    ):
        assert told in page


def test_quarters_and_days_are_told_in_words_on_screen_and_as_they_are_in_addresses_and_files(
    client: FlaskClient,
) -> None:
    auditor = make_account("auditor")
    note_act(auditor, "judge_block", NOW, subject="2026-Q3")
    note_act(auditor, "judge_block", NOW, subject="an older mark")
    detail = {"office": 11, "on": "2026-11-02"}
    note_act(auditor, "edit_employee", NOW, subject="employee:7", detail=detail)
    note_act(auditor, "reply", NOW, subject="employee:7", detail={"period": "2026-Q4"})
    db.session.commit()
    sign_in(client, auditor)
    page = client.get("/audit").text
    for told in (
        'href="/audit?subject=2026-Q3">Juli–September 2026<',
        ">an older mark<",
        "mulai: 2 November 2026",
        "triwulan: Oktober–Desember 2026",
    ):
        assert told in page, told
    assert "Juli–September 2026</b>" in client.get("/audit?subject=2026-Q3").text
    lines = client.get("/audit.csv").data.decode()
    assert ",2026-Q3," in lines
    assert '""period"": ""2026-Q4""' in lines


def test_rules_files_and_fields_are_told_in_the_words_of_their_own_pages(
    client: FlaskClient,
) -> None:
    auditor = make_account("auditor")
    changes = {"certainty": [0.9, 0.97], "second_person": [0, 1], "monitor_pace": [0, 1]}
    note_act(auditor, "propose_policy", NOW, subject="policy:1", detail={"changes": changes})
    note_act(auditor, "edit_account", NOW, subject="account:7", detail={"changed": ["email"]})
    note_act(auditor, "import", NOW, subject="import:measures", detail={"created": 210})
    db.session.commit()
    sign_in(client, auditor)
    page = client.get("/audit").text
    for told in (
        "0,9 → 0,97",
        "bila berbeda dari saran → juga pembinaan",
        "bekerja → hanya dipantau",
        "yang berubah: alamat e-mail",
        "impor ukuran objektif",
    ):
        assert told in page, told
    for code in ("certainty", "second_person", "monitor_pace", "measures<"):
        assert code not in page.split("<main")[1], code


def test_the_acts_to_choose_from_stand_in_the_order_of_their_words(client: FlaskClient) -> None:
    auditor = make_account("auditor")
    for action in ("add_office", "decide", "sign_in"):
        note_act(auditor, action, NOW)
    db.session.commit()
    sign_in(client, auditor)
    chosen = client.get("/audit").text.split('name="action"')[1].split("</select>")[0]
    acts = re.findall(r"<option[^>]*>(.*?)</option>", chosen)
    assert acts[0] == "Semua"
    assert acts[1:] == sorted(acts[1:])
    assert len(acts) > 3


def test_the_file_holds_what_the_page_was_asked_for_and_other_words_do_no_harm(
    client: FlaskClient,
) -> None:
    sign_in(client, make_account("auditor"))
    far = "99999999999999999999"
    page = client.get(f"/audit?endpoint=x&_method=POST&action=sign_in&page={far}")
    assert page.status_code == 200
    assert 'href="/audit.csv?action=sign_in"' in page.text


def test_every_kind_of_file_has_its_word_in_the_log() -> None:
    assert set(IMPORT_WORDS) == set(KINDS)


def test_from_an_act_one_goes_on_to_all_of_who_did_it_and_all_about_its_subject(
    client: FlaskClient,
) -> None:
    auditor, other = make_account("auditor"), make_account("hr")
    other.name = "Wiwik Handayani"
    for by, action, subject in (
        (auditor, "decide", "decision:7"),
        (other, "reply", "decision:7"),
        (other, "rule", "contest:8"),
    ):
        note_act(by, action, NOW, subject=subject)
    db.session.commit()
    sign_in(client, auditor)

    def shown(query: str) -> set[str]:
        page = client.get(f"/audit?since=2026-11-23&{query}").text
        return set(re.findall(r'<td class="strong">([^<]+)', page))

    page = client.get("/audit").text
    by, subject = f"by={other.id}", "subject=decision:7"
    assert f'href="/audit?{by}">Wiwik Handayani' in page
    assert f'href="/audit?{subject}">keputusan 7' in page
    assert shown(by) == {"Menanggapi", "Memutus keberatan"}
    assert shown(subject) == {"Mengambil keputusan", "Menanggapi"}
    assert shown(f"{by}&{subject}") == {"Menanggapi"}
    lines = client.get(f"/audit.csv?{by}&{subject}").data.decode().splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["reply"]
    # The other filters keep it, and so does a kept view.
    narrowed = client.get(f"/audit?{by}&action=rule").text
    assert f'<input type="hidden" name="by" value="{other.id}">' in narrowed
    assert f'name="query" value="action=rule&amp;{by}"' in narrowed
    assert "Tidak ada catatan" in client.get("/audit?by=999999").text


def test_acts_stand_under_their_day_with_the_time_of_the_agency(client: FlaskClient) -> None:
    auditor = make_account("auditor")
    for hours, action in ((1, "decide"), (9, "reply"), (11, "contest")):  # midnight lies at ten
        note_act(auditor, action, NOW - timedelta(hours=hours))
    db.session.commit()
    sign_in(client, auditor)
    page = client.get("/audit?since=2026-11-22").text
    days = re.findall(r'scope="rowgroup"[^>]*>([^<]+)', page)
    assert days == ["23 November 2026", "22 November 2026"]
    newer, older = page.split("23 November 2026")[1].split("22 November 2026")
    times = [re.findall(r'<th scope="row">([\d.]+)</th>', part) for part in (newer, older)]
    assert times[0][-2:] == ["09.00", "01.00"]
    assert times[1] == ["23.00"]
    assert ">WIB<" in page


def test_a_log_without_end_is_counted_no_further_than_it_is_read(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office()
    for _act in range(8):
        note_act(None, "invite", NOW, agency_id=office.agency_id)
    db.session.commit()
    monkeypatch.setattr("portal.people.audit_queries.PAGE_SIZE", 2)
    monkeypatch.setattr("portal.people.audit_queries.COUNTED", 3)
    scope = Scope(office.agency_id, None)
    first, last = (audit_page(scope, NOW.date(), number=number) for number in (1, 99))
    assert (first.total, first.more, first.has_next) == (5, True, True)
    assert (last.total, last.page, last.more, last.has_next) == (8, 4, False, False)


def test_every_subject_and_particular_that_is_noted_has_its_word() -> None:
    subjects: set[str] = set()
    details: set[str] = set()
    for path in PORTAL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in NOTES:
                given = {word.arg: word.value for word in node.keywords}
                subjects |= _kind(given.get("subject"))
                details |= _keys(given.get("detail"))
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "detail":
                details |= _keys(node.value)
    assert len(subjects) > 10  # they are found at all
    assert subjects - set(SUBJECT_WORDS) == set()
    assert details - set(DETAIL_WORDS) == set()


def _kind(value: Any) -> set[str]:
    if isinstance(value, ast.JoinedStr) and isinstance(value.values[0], ast.Constant):
        return {str(value.values[0].value).partition(":")[0]}
    return set()


def _keys(value: Any) -> set[str]:
    return {key.value for key in value.keys if key} if isinstance(value, ast.Dict) else set()


def test_the_log_is_taken_as_a_file_and_its_days_are_sealed_against_tampering(
    client: FlaskClient,
) -> None:
    auditor = make_account("auditor")
    for hours, action in ((40, "decide"), (30, "reply"), (1, "contest")):
        note_act(auditor, action, NOW - timedelta(hours=hours), subject="decision:7")
    db.session.commit()
    sign_in(client, auditor)
    lines = client.get("/audit.csv?action=reply").data.decode().splitlines()
    assert lines[0] == "\ufeffat,by,act,action,subject,detail,id"
    assert [line.split(",")[3] for line in lines[1:]] == ["reply"]
    assert "audit_exported" in client.get("/audit.csv").data.decode()
    assert "Belum ada segel" in client.get("/audit/seals").text
    assert (seal_days(NOW), seal_days(NOW)) == (1, 0)
    page = client.get("/audit/seals").text
    assert "masih sama" in page
    noted = re.search(r"[0-9a-f]{64}", page)[0]
    assert "masih ada" in client.get(f"/audit/seals?digest={noted}").text
    note_act(None, "decide", NOW - timedelta(hours=35), agency_id=auditor.agency_id)  # afterwards
    db.session.commit()
    assert "berubah sesudah disegel" in client.get("/audit/seals").text
    assert "Tidak ada segel" in client.get(f"/audit/seals?digest={'0' * 64}").text
    seal_days(NOW + timedelta(days=1))
    broken = check(auditor.agency_id).broken
    assert len(broken) == 1  # the next day stands on its own acts
    sign_in(client, make_account("administrator"))
    assert client.get("/audit/seals").status_code == 403


def test_a_command_checks_all_seals_and_tells_the_first_day_that_was_changed(app: Flask) -> None:
    old = NOW - timedelta(days=200)  # longer ago than the page looks
    agency_id = make_account("auditor").agency_id
    for days in (0, 1, 190):
        note_act(None, "decide", old + timedelta(days=days), agency_id=agency_id)
        db.session.commit()
        seal_days(old + timedelta(days=days + 1))
    whole = checked(app)
    assert (whole.exit_code, "3 seals, 3 acts, all as they were" in whole.stdout) == (0, True)
    noted = whole.stdout.split()[-1]
    first = db.session.scalars(select(AuditEvent).order_by(AuditEvent.at)).first()
    past_the_portal("UPDATE audit_event SET action = 'reply' WHERE id = :id", id=first.id)
    changed = checked(app, "--agency", "kota", "--digest", noted)
    assert changed.exit_code == 1
    assert (
        f"DIFFERS, first on {old.astimezone(ZoneInfo('Asia/Jakarta')):%Y-%m-%d}" in changed.stderr
    )
    assert "this digest seals" in changed.stdout  # the seals themselves are the old ones
    assert checked(app, "--digest", "0" * 64).exit_code == 1
    assert "no agency lain" in checked(app, "--agency", "lain").stderr


def checked(app: Flask, *arguments: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(check_seals, arguments)


def past_the_portal(statement: str, **values: object) -> None:
    """As somebody does who has the whole database: the trigger is put out of the way."""
    run = db.session.execute
    if db.engine.dialect.name == "postgresql":
        run(text("SET LOCAL session_replication_role = replica"))
        run(text(statement), values)
    else:
        trigger = "audit_event_update"
        made = run(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": trigger})
        again = made.scalar_one()
        run(text(f"DROP TRIGGER {trigger}"))
        run(text(statement), values)
        run(text(again))
    db.session.commit()
