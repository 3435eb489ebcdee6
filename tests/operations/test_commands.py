"""The `portal` command: what an operator types."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click import Command
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, update

from portal import create_app
from portal.cli import COMMANDS, main
from portal.db import db
from portal.operations.accounts import create_account
from portal.operations.doctor import doctor
from portal.operations.due_work import tick
from portal.operations.exporting import export
from portal.people.actions import queue_mail
from portal.people.models import Account, Agency, AuditEvent, OutboxMessage
from portal.records import rating_writers
from portal.records.rating_files import COLUMNS
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_rating,
    make_service,
)
from tests.records.cast import rate, release
from tests.servers import PORTAL, Server


def run(app: Flask, command: Command, *arguments: str, given: str = "") -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(command, arguments, input=given)


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"]).stdout
    for name, (_place, text) in COMMANDS.items():
        assert name in shown
        assert text in " ".join(shown.split())


def test_help_loads_no_command() -> None:
    program = (
        "import sys; from portal.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('portal.operations.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.rstrip().endswith("[]")


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["nonsense"])
    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_unsafe_production_settings_are_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORTAL_ENVIRONMENT", "production")
    result = CliRunner().invoke(main, ["upgrade"])
    assert result.exit_code == 2
    assert "PORTAL_SECRET_KEYS must hold at least one key" in result.stderr


def test_an_unreachable_database_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    result = CliRunner().invoke(main, ["upgrade"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database does not answer")


def test_an_empty_database_is_made_by_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{tmp_path}/new/portal.db")
    first = CliRunner().invoke(main, ["upgrade"])
    assert first.exit_code == 0, first.output
    assert "from migration none" in first.stdout
    assert "up to date" in CliRunner().invoke(main, ["upgrade"]).stdout


def test_settings_are_shown_without_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://portal:hush@db/portal")
    monkeypatch.setenv("PORTAL_SECRET_KEYS", "a-key-nobody-should-read-anywhere")
    monkeypatch.setenv("PORTAL_REDIS_URL", "redis://:hush@cache/0")
    shown = CliRunner().invoke(main, ["settings"]).stdout
    assert "PORTAL_DATABASE_URL=postgresql+psycopg://portal:***@db/portal (set)" in shown
    assert "hush" not in shown
    assert "a-key-nobody" not in shown


def test_the_first_administrator_comes_with_the_agency(app: Flask) -> None:
    result = run(
        app,
        create_account,
        *("--agency", "kota", "--agency-name", "Kota Contoh", "--timezone", "Asia/Makassar"),
        *("--name", "Ani", "--email", "Ani@kota.example", "--password-stdin"),
        given="correct horse battery\n",
    )
    assert result.exit_code == 0, result.output
    account = db.session.scalars(select(Account)).one()
    assert account.role_names == {"administrator"}
    assert account.email == "ani@kota.example"
    assert account.password.startswith("$argon2id$")
    agency = db.session.scalars(select(Agency)).one()
    assert (agency.initials, agency.timezone) == ("KC", "Asia/Makassar")
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert sorted(acts) == ["account_created", "create_agency"]


def test_the_administrator_made_at_the_command_line_can_sign_in(app: Flask) -> None:
    make_agency()
    arguments = ("--agency", "kota", "--name", "Ani", "--email", "ani@kota.example")
    run(app, create_account, *arguments, "--password-stdin", given="correct horse battery\n")
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post(
        "/sign-in", data={"email": "ani@kota.example", "password": "correct horse battery"}
    )
    assert answer.status_code == 302
    assert answer.location == "/start"


@pytest.mark.parametrize(
    ("changes", "given", "reason"),
    [
        ({"--agency": "desa"}, "correct horse battery\n", "there is no agency desa"),
        ({}, "short\n", "10 characters"),
        ({"--office": "nowhere"}, "correct horse battery\n", "no office nowhere"),
        ({"--email": "ani"}, "correct horse battery\n", "no e-mail address"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_the_reason(
    app: Flask, changes: dict[str, str], given: str, reason: str
) -> None:
    make_agency()
    values = {"--agency": "kota", "--name": "Ani", "--email": "ani@kota.example"} | changes
    flat = [part for pair in values.items() for part in pair]
    result = run(app, create_account, *flat, "--password-stdin", given=given)
    assert result.exit_code in {1, 2}
    assert reason in result.stderr
    assert db.session.scalars(select(Account)).all() == []


def test_an_address_has_one_account(app: Flask) -> None:
    account = make_account()
    result = run(
        app,
        create_account,
        *("--agency", "kota", "--name", "Ani", "--email", account.email, "--password-stdin"),
        given="correct horse battery\n",
    )
    assert result.exit_code == 1
    assert "already has an account" in result.stderr


def test_a_person_has_one_account_at_the_command_line_too(app: Flask) -> None:
    account = make_account()
    arguments = ("--agency", "kota", "--name", account.name.upper(), "--email", "b@kota.example")
    result = run(app, create_account, *arguments, "--password-stdin", given="correct horse bat\n")
    assert result.exit_code == 1
    assert "One person has one account" in result.stderr


KEY = "0b9c5a9e-6d0c-4c5e-9a63-1f6d2f3e4a5b"


def exported(app: Flask, *arguments: str) -> list[dict[str, str]]:
    result = run(app, export, "--agency", "kota", "2026-Q4", *arguments)
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout.removeprefix("\ufeff"))))


def exported_apart(database_url: str, out: Path, *arguments: str) -> str:
    """Its last words; by a process of its own, as one that writes Parquet ends with it."""
    db.session.rollback()
    done = subprocess.run(
        [*PORTAL, "export", "--agency", "kota", "2026-Q4", "--out", out, *arguments],
        env=Server(database_url, out.with_suffix(".log")).environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_an_export_holds_the_released_ratings_of_the_period(app: Flask) -> None:
    service = make_service()
    counter = make_counter(services=(service,))
    employee = make_employee()
    rate(counter, employee, 2, 2, 2, 2, 2, service_id=service.id)
    make_rating(counter, employee, period="2026-Q3")
    refused = run(app, export, "--agency", "kota", "2026-Q4")
    assert refused.exit_code == 1
    assert "nothing of 2026-Q4 is released" in refused.stderr
    release(counter)
    rows = exported(app)
    assert len(rows) == 5
    assert tuple(rows[0]) == COLUMNS
    assert {row["overall"] for row in rows} == {"2"}
    assert {row["employee_id"] for row in rows} == {str(employee.id)}
    assert {row["service"] for row in rows} == {"ktp"}
    assert not {"device", "issued_at", "received_at", "receipt"} & set(rows[0])
    assert "ratings_exported" in db.session.scalars(select(AuditEvent.action)).all()


def test_an_export_goes_on_where_it_ended_and_leaves_nothing_half_done(
    app: Flask, tmp_path: Path
) -> None:
    counter = make_counter()
    rate(counter, None, *[3] * 8)
    release(counter)
    out = tmp_path / "ratings.csv"
    exported(app, "--out", str(out))
    whole = out.read_text().splitlines()
    exported(
        app, "--out", str(out), "--office", "dukcapil", "--release", "1", "--after", whole[3][:36]
    )
    assert out.read_text().splitlines() == whole[4:]
    assert [path.name for path in tmp_path.glob("*.csv*")] == ["ratings.csv"]


def test_an_export_that_is_broken_off_is_noted_and_what_it_wrote_is_not_written_over(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = make_counter()
    rate(counter, None, *[3] * 8)
    release(counter)

    def broken_off(*_lines: Any, **_options: Any) -> Iterator[str]:
        yield "half a file"
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(rating_writers, "csv_text", broken_off)
        out = tmp_path / "ratings.csv"
        run(app, export, "--agency", "kota", "--out", str(out), "2026-Q4")
    assert db.session.scalars(select(AuditEvent.action)).all().count("ratings_exported") == 1
    refused = run(app, export, "--agency", "kota", "--out", str(out), "--after", KEY, "2026-Q4")
    assert "ratings.csv.part holds what was written before" in refused.stderr
    assert [path.read_text() for path in tmp_path.glob("ratings*")] == ["half a file"]


def test_what_is_written_is_said_or_follows_from_the_name_of_the_file(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    counter = make_counter()
    rate(counter, None, *[3] * 8)
    release(counter)
    book, table = tmp_path / "ratings.xlsx", tmp_path / "ratings"
    exported(app, "--out", str(book))
    said = exported_apart(database_url, table, "--format", "parquet")
    assert "6 ratings of kota in 2026-Q4, release 1; 2 withheld." in said
    assert sorted(path.name for path in tmp_path.glob("ratings*")) == ["ratings", "ratings.xlsx"]
    assert (book.read_bytes()[:2], table.read_bytes()[:4]) == (b"PK", b"PAR1")
    nowhere = run(app, export, "--agency", "kota", "--format", "xlsx", "2026-Q4")
    assert "needs a place" in nowhere.stderr
    unknown = run(app, export, "--agency", "kota", "--out", str(book), "--after", KEY, "2026-Q4")
    assert f"has no line {KEY}" in unknown.stderr


def test_a_workbook_and_a_parquet_file_go_on_with_the_rest_in_a_file_of_their_own(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    counter = make_counter()
    rate(counter, None, *[3] * 6)
    release(counter)
    ids = [row["rating_id"] for row in exported(app)]
    book, table = tmp_path / "rest.xlsx", tmp_path / "rest.parquet"
    exported(app, "--out", str(book), "--after", ids[2])
    exported_apart(database_url, table, "--after", ids[2])
    with ZipFile(book) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert [one for one in ids if one in sheet] == ids[3:]
    assert sheet.count("<row ") == 1 + 3  # the names of columns stand in it too
    import duckdb

    rest = duckdb.read_parquet(str(table)).fetchall()
    assert [str(line[0]) for line in rest] == ids[3:]


def test_the_doctor_names_what_is_missing_in_a_fresh_installation(app: Flask) -> None:
    result = run(app, doctor)
    assert result.exit_code == 1
    assert "portal tick has never run" in result.stdout
    assert "nobody is administrator" in result.stdout


def test_the_doctor_is_content_with_a_running_installation(app: Flask) -> None:
    make_account("administrator")
    as_shipped = create_app(app.config["SETTINGS"])
    with as_shipped.app_context():
        assert run(as_shipped, tick).exit_code == 0
        result = run(as_shipped, doctor)
        db.session.remove()
        db.engine.dispose()
    failures = [line for line in result.stdout.splitlines() if line.startswith("FAILURE")]
    if db.engine.dialect.name == "sqlite":
        assert (failures, result.exit_code) == ([], 0)
    # The database server of the tests trades durability for speed, and its clock is the real one.
    assert not [line for line in failures if "is off" not in line and "clock" not in line]
    assert "due work is done every minute" in result.stdout
    assert "1 administrators" in result.stdout


def test_the_doctor_sees_that_due_work_has_stopped(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(app, tick)
    monkeypatch.setattr("portal.clock.now", lambda: NOW.replace(hour=9))
    assert "has not run to its end since" in run(app, doctor).stdout


def test_the_doctor_counts_mail_that_should_have_left_and_none_that_waits_for_the_morning(
    app: Flask,
) -> None:
    account, hour = make_account(), timedelta(hours=1)
    run(app, tick)
    queue_mail(account, "Malam", "", NOW - 10 * hour, due_at=NOW + hour)
    db.session.commit()
    assert "mails wait" not in run(app, doctor).stdout
    queue_mail(account, "Tertahan", "", NOW - hour)
    queue_mail(account, "Ditolak", "", NOW - hour, due_at=NOW + hour)
    db.session.flush()
    db.session.execute(
        update(OutboxMessage).where(OutboxMessage.subject == "Ditolak").values(tries=4)
    )
    db.session.commit()
    assert "2 mails wait for more than 15 minutes" in run(app, doctor).stdout


def test_the_doctor_calls_the_address_on_paper_when_asked_to(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, called = [b'{"status": "ok"}', b"{}", None], []

    def urlopen(address: str, timeout: int) -> io.BytesIO:
        called.append(address)
        if (answer := answers.pop(0)) is None:
            raise OSError("certificate has expired")
        return io.BytesIO(answer)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    assert "leads here" not in run(app, doctor).stdout
    assert called == []
    assert "ok      https://loket.kota.example leads here" in run(app, doctor, "--public").stdout
    for told in ("leads to something else", "certificate has expired"):
        result = run(app, doctor, "--public")
        assert result.exit_code == 1
        assert told in result.stdout
    assert set(called) == {"https://loket.kota.example/healthz"}


def test_the_doctor_looks_for_a_backup_of_the_last_day(app: Flask, tmp_path: Path) -> None:
    assert (
        f"no backup in {tmp_path}/none" in run(app, doctor, "--backups", f"{tmp_path}/none").stdout
    )


def test_the_doctor_notices_durability_that_was_switched_off(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("PostgreSQL's settings")
    assert "synchronous_commit is off" in run(app, doctor).stdout
