"""`portal import` as an operator meets it."""

from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.imports.commands import import_command
from portal.people.models import Agency, Holiday, Office
from tests.factories import make_agency

SAMPLES = Path(__file__).parents[2] / "docs" / "import"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(import_command, [str(argument) for argument in arguments])


def test_a_good_file_is_imported_and_counted(app: Flask) -> None:
    make_agency()
    answer = call("offices", SAMPLES / "offices.csv", "--agency", "kota")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert answer.stdout == "Imported: 5 created, 0 updated, 0 unchanged.\n"
    again = call("offices", SAMPLES / "offices.csv", "--agency", "kota")
    assert again.stdout == "Imported: 0 created, 0 updated, 5 unchanged.\n"


def test_a_new_agency_is_made_with_its_first_file(app: Flask) -> None:
    answer = call(
        *("offices", SAMPLES / "offices.csv", "--agency", "baru"),
        *("--create-agency", "Kabupaten Baru Sekali", "--timezone", "Asia/Jayapura"),
    )
    assert answer.exit_code == 0
    agency = db.session.scalars(select(Agency)).one()
    assert (agency.code, agency.initials, agency.timezone) == ("baru", "KBS", "Asia/Jayapura")
    assert len(db.session.scalars(select(Office)).all()) == 5


def test_a_dry_run_says_so(app: Flask) -> None:
    make_agency()
    answer = call("holidays", SAMPLES / "holidays.csv", "--agency", "kota", "--dry-run")
    assert answer.exit_code == 0
    assert "nothing written" in answer.stdout
    assert db.session.scalars(select(Holiday)).all() == []


def test_a_bad_file_ends_with_2_and_every_line_on_stderr(app: Flask, tmp_path: Path) -> None:
    """However many there are, and whatever bytes stand between them."""
    make_agency()
    path = tmp_path / "holidays.csv"
    lines = ["date,name", "2027-01-01,", "2027-01-02,Ca\udce9", *["2027-13-01,a"] * 1200]
    path.write_text("\n".join(lines), "utf-8", "surrogateescape")
    answer = call("holidays", path, "--agency", "kota")
    assert (answer.exit_code, answer.stdout) == (2, "")
    told = answer.stderr.splitlines()
    assert told[0] == f"{path}: line 2, column name: is empty"
    assert told[1].startswith(f"{path}: line 3: is not UTF-8 text")
    assert told[1201].startswith(f"{path}: line 1203, column date: must be a date")
    assert told[1202:] == ["Nothing was imported: 1202 problems."]


def test_an_unknown_agency_ends_with_2_and_says_how_to_make_it(app: Flask) -> None:
    answer = call("holidays", SAMPLES / "holidays.csv", "--agency", "kota")
    assert answer.exit_code == 2
    assert "--create-agency" in answer.stderr
