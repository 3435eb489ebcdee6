"""A file of single ratings: what it tells is true, and of nobody alone."""

import csv
import gc
import io
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter as Count
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.people.models import AuditEvent
from portal.people.queries import Scope
from portal.ratings.models import Rating
from portal.records import prepared_files, rating_file_views, rating_writers
from portal.records.evidence import last_release
from portal.records.rating_files import (
    COLUMNS,
    RatingFile,
    UnknownLine,
    key_of,
    line_ids,
    moment_of,
    rating_file,
)
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    make_rating,
    make_service,
)
from tests.records.cast import DAY, FIRST, PERIOD, attribute, enter, rate, release, withdraw


def lines(found: RatingFile) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in found.rows]


def file_of(scope: Scope, after: Any = None) -> RatingFile:
    last = last_release(scope.agency_id, PERIOD)
    assert last
    return rating_file(scope, moment_of(last), after)


def line_of(rating: Rating) -> str:
    """The id of the rating's line in the last release."""
    last = last_release(rating.agency_id, PERIOD)
    assert last
    return str(UUID(bytes=line_ids(key_of(moment_of(last)), rating.id.bytes)))


def scattered(seed: int) -> Scope:
    """Ratings of two offices by chance: busy and quiet counters, languages, channels, days."""
    chance = random.Random(seed)
    offices = [make_office(), make_office(code="pajak")]
    service = make_service()
    counters = [make_counter(office, f"={number}") for office in offices for number in "123"]
    people = [make_employee(office, name) for office in offices for name in ("Adi", "Budi")]
    for _ in range(150):
        counter = chance.choices(counters, (30, 9, 1, 9, 2, 1))[0]
        make_rating(
            counter,
            chance.choice(people[:2] if counter in counters[:3] else people[2:]),
            overall=chance.randint(1, 4),
            rated_at=FIRST + timedelta(days=chance.randint(0, 40)),
            language=chance.choices(("id", "en"), (9, 1))[0],
            channel=chance.choices(("poster", "kiosk"), (9, 1))[0],
            service_id=chance.choice((service.id, None)),
        )
    release(counters[0])
    return Scope(offices[0].agency_id, None)


def test_every_line_is_like_four_others_and_says_nothing_untrue(app: Flask) -> None:
    found = file_of(scattered(1))
    told = lines(found)
    known = COLUMNS[1 : COLUMNS.index("overall")]
    alike = Count(tuple(line[name] for name in known) for line in told)
    assert min(alike.values()) >= 5
    assert len(alike) > 6  # and more is told than that there were ratings
    raw = {line_of(rating): rating for rating in db.session.scalars(select(Rating))}
    assert len(told) == found.lines
    assert found.lines + found.withheld == len(raw)
    for line in told:
        rating = raw[line["rating_id"]]
        assert line["first_day"] <= rating.rated_on <= line["last_day"]
        for name in ("channel", "language", "employee_id", "counts_for", "attributed_by"):
            assert line[name] in {None, getattr(rating, name)}
        for name in ("overall", "ramah", "cakap", "cekatan", "cause"):
            assert line[name] == getattr(rating, name)


def test_a_file_that_goes_on_is_the_rest_of_the_same_file(app: Flask) -> None:
    scope = scattered(2)
    whole = lines(file_of(scope))
    for at in (0, 60, len(whole) - 1):
        rest = file_of(scope, after=UUID(whole[at]["rating_id"]))
        assert lines(rest) == whole[at + 1 :]
        assert rest.lines == len(whole) - at - 1


def test_a_line_is_found_neither_by_its_ratings_own_id_nor_by_that_of_another_release(
    app: Flask,
) -> None:
    scope = scattered(4)
    before = lines(file_of(scope))
    release(make_counter(), NOW + DAY)
    after = lines(file_of(scope))
    own = {str(rating.id) for rating in db.session.scalars(select(Rating))}
    ids = [{line["rating_id"] for line in told} for told in (before, after)]
    assert len(ids[0]) == len(ids[1]) > 100
    assert not ids[0] & ids[1]
    assert not own & (ids[0] | ids[1])
    for told in (before, after):  # nor by its place among the others
        assert [line["rating_id"] for line in told] == sorted(line["rating_id"] for line in told)
    with pytest.raises(UnknownLine):
        file_of(scope, after=UUID(before[0]["rating_id"]))


def test_only_what_was_released_stands_in_it_as_the_release_knew_it(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    early = rate(counter, employee, *[4] * 6)
    release(counter)
    late = rate(counter, employee, *[1] * 6, since=2)
    attribute(early[1], None, NOW + DAY)  # this and the next wait for the next release
    withdraw(early[0], NOW + DAY)
    told = {line["rating_id"]: line for line in lines(file_of(Scope(counter.agency_id, None)))}
    assert set(told) == {line_of(rating) for rating in early}
    assert not set(told) & {line_of(rating) for rating in late}
    assert {line["employee_id"] for line in told.values()} == {employee.id}
    assert not any(line["withdrawn"] for line in told.values())


def test_other_offices_are_not_in_it_and_four_ratings_are_no_file(app: Flask) -> None:
    mine, theirs = make_counter(), make_counter(make_office(code="pajak"))
    rate(mine, None, 1, 2, 3, 4)
    rate(theirs, make_employee(make_office(code="pajak")), *[4] * 5)
    release(mine)
    found = file_of(Scope(mine.agency_id, frozenset({theirs.office_id})))
    assert {line["office"] for line in lines(found)} == {"pajak"}
    few = file_of(Scope(mine.agency_id, frozenset({mine.office_id})))
    assert (lines(few), few.withheld) == ([], 4)


def test_the_file_of_some_offices_says_what_that_of_the_agency_says_of_them_and_no_more(
    app: Flask,
) -> None:
    whole = scattered(3)
    offices = {name: make_office(code=name) for name in ("dukcapil", "pajak", "sosial", "desa")}
    for name in ("sosial", "desa"):
        rate(make_counter(offices[name]), None, *[2] * 3)
    far = make_counter(make_office(code="jauh"))
    rate(far, None, 2)  # the seventh that names no office: six others would tell it apart
    release(far, NOW + DAY)
    told = lines(file_of(whole))
    assert any(line["office"] is None for line in told)
    for chosen in ({"dukcapil"}, {"pajak", "sosial"}, {"sosial", "desa"}):
        part = Scope(whole.agency_id, frozenset(offices[name].id for name in chosen))
        assert lines(file_of(part)) == [line for line in told if line["office"] in chosen], chosen


def told_by(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.data.decode().removeprefix("\ufeff"))))


KEY = "0b9c5a9e-6d0c-4c5e-9a63-1f6d2f3e4a5b"
LINE = (
    KEY, date(2026, 10, 1), date(2026, 10, 7), 'Kantor "A" & B', "=1+1", None,
    "poster", "id", 17, "person", "roster", 4, 3, None, 1, None, 0,
)  # fmt: skip


def as_cells(kind: str) -> tuple[Any, ...]:
    return (KEY, *map(rating_writers.CELLS[kind], LINE[1:]))


def sheets_of(book: ZipFile) -> list[str]:
    names = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
    return [book.read(name).decode() for name in names]


def test_a_workbook_has_as_many_sheets_as_its_lines_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rating_writers, "SHEET_ROWS", 3)
    path = tmp_path / "ratings.xlsx"
    rating_writers.write_xlsx(path, [as_cells("xlsx")] * 5, 5)
    with ZipFile(path) as book:
        sheets, styles = sheets_of(book), book.read("xl/styles.xml").decode()
        names = book.read("xl/sharedStrings.xml").decode()
    assert re.findall(r"<t>(.*?)</t>", names) == list(COLUMNS)  # said on each sheet
    assert [sheet.count("<row ") for sheet in sheets] == [3, 3, 2]
    assert 'ref="A1:Q3"' in sheets[0]
    line = sheets[0].split("<row ")[2]
    assert line.count("<c") == len(COLUMNS)
    assert "<t>=1+1</t>" in line  # a text; a formula would be <f>
    assert 'Kantor "A" &amp; B' in line
    assert '<c s="1"><v>46296</v></c>' in line  # 1 October 2026, counted from 1900
    kinds = re.search("<cellXfs.*?</cellXfs>", styles)
    assert kinds
    assert 'numFmtId="164"' in kinds[0].split("<xf ")[2]


def test_parquet_keeps_values_as_they_are_and_what_writes_it_stays_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ratings.parquet"
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "duckdb", None)  # to import it here would fail
        rating_writers.write_parquet(path, [as_cells("parquet")] * 3)
    assert [file.name for file in tmp_path.iterdir()] == ["ratings.parquet"]
    import duckdb

    found = duckdb.read_parquet(str(path))
    assert tuple(found.columns) == COLUMNS
    assert found.fetchall() == [(UUID(KEY), *LINE[1:-1], False)] * 3


def test_parquet_that_cannot_be_made_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(rating_writers.NotConverted, match=r"ratings\.parquet could not be made"):
        rating_writers.write_parquet(tmp_path / "ratings.parquet", [["no id"] * len(COLUMNS)])
    assert not list(tmp_path.iterdir())


def test_parquet_that_is_killed_on_the_way_leaves_parts_and_is_made_by_the_next_run(
    tmp_path: Path,
) -> None:
    path, part = tmp_path / "ratings.parquet", tmp_path / "ratings.parquet.part"
    path.write_bytes(b"an older one")
    rating_writers.write_csv(part, [as_cells("parquet")] * 200_000, mark=False)
    program = Path(rating_writers.__file__).with_name("parquet.py")
    made = tmp_path / "ratings.parquet.made.part"
    with subprocess.Popen([sys.executable, "-I", program, part, path]) as process:
        while not made.exists() and process.poll() is None:
            time.sleep(0.001)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert {file.name for file in tmp_path.iterdir()} == {path.name, part.name, made.name}
    assert path.read_bytes() == b"an older one"
    rating_writers.write_parquet(path, [as_cells("parquet")] * 3)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    import duckdb

    assert len(duckdb.read_parquet(str(path)).fetchall()) == 3


def test_the_same_ratings_leave_in_each_format_and_only_those_of_the_readers_offices(
    app: Flask, client: FlaskClient
) -> None:
    mine, theirs = make_counter(), make_counter(make_office(code="pajak"))
    rate(mine, make_employee(), *[4] * 6)
    rate(theirs, make_employee(make_office(code="pajak")), *[1] * 6)
    release(mine)
    enter(client, make_account("hr", make_office()))
    page = client.get("/rating-files").text
    assert "Hanya penilaian di unit kerja Anda" in page
    told = told_by(client.get(f"/rating-files/{PERIOD}.csv"))
    assert [(line["office"], line["overall"]) for line in told] == [("dukcapil", "4")] * 6
    with ZipFile(io.BytesIO(client.get(f"/rating-files/{PERIOD}.xlsx").data)) as book:
        (sheet,) = sheets_of(book)
    assert all(line["rating_id"] in sheet for line in told)
    assert "pajak" not in sheet
    assert client.get(f"/rating-files/{PERIOD}.parquet").data[:4] == b"PAR1"
    acts = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "ratings_exported"))
    noted = {(act.detail["format"], act.detail["ratings"], act.subject) for act in acts}
    assert noted == {(kind, 6, PERIOD) for kind in ("csv", "xlsx", "parquet")}


def test_the_rest_of_a_file_is_asked_for_by_the_last_line_that_arrived(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = make_counter()
    rate(counter, make_employee(), *[4] * 6)
    release(counter)
    enter(client, make_account("hr"))
    ids = [line["rating_id"] for line in told_by(client.get(f"/rating-files/{PERIOD}.csv"))]
    rest = client.get(f"/rating-files/{PERIOD}.csv?after={ids[2]}")
    assert [line["rating_id"] for line in told_by(rest)] == ids[3:]
    with ZipFile(
        io.BytesIO(client.get(f"/rating-files/{PERIOD}.xlsx?after={ids[2]}").data)
    ) as book:
        (sheet,) = sheets_of(book)
    assert [one for one in ids if one in sheet] == ids[3:]
    unknown = f"/rating-files/{PERIOD}.csv?after={KEY}"
    assert "tidak ada dalam rilis" in client.get(unknown, follow_redirects=True).text
    assert client.get(f"/rating-files/{PERIOD}.csv?after=7").status_code == 404
    monkeypatch.setattr(rating_file_views, "AT_ONCE", 5)  # so many that a page tells how far it is
    asked = client.get(f"/rating-files/{PERIOD}.parquet?after={ids[2]}").location
    assert "3 penilaian," in client.get(asked).text
    assert "tidak ada dalam rilis" in client.get(asked.replace(ids[2], KEY)).text


def test_the_rest_of_a_file_is_there_when_newer_ratings_have_been_released(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, employee = make_counter(), make_employee()
    early = rate(counter, employee, *[4] * 12)
    release(counter)
    enter(client, make_account("hr"))
    page = client.get("/rating-files").text
    [address] = re.findall(r'href="(/rating-files/[^"]+\.csv\?release=1)"', page)
    whole = client.get(address)
    ids = [line["rating_id"] for line in told_by(whole)]
    withdraw(early[0], NOW + DAY)
    rate(counter, employee, *[1] * 6, since=4)
    release(counter, NOW + DAY)
    assert client.get(address).data == whole.data
    rest = told_by(client.get(f"{address}&after={ids[6]}"))
    assert [line["rating_id"] for line in rest] == ids[7:]
    moved = client.get(f"/rating-files/{PERIOD}.csv?after={ids[6]}", follow_redirects=True).text
    assert "tidak ada dalam rilis 2" in moved
    assert "release=2" in moved  # where the whole of the newer one is
    for wrong in ("3", "0", "x", "-1"):
        assert client.get(f"/rating-files/{PERIOD}.csv?release={wrong}").status_code == 404
    monkeypatch.setattr(rating_file_views, "AT_ONCE", 5)
    asked = client.get(f"{address}&after={ids[6]}").location
    assert "5 penilaian," in client.get(asked).text


def test_what_is_fetched_slowly_holds_no_ratings_meanwhile(app: Flask, client: FlaskClient) -> None:
    counter = make_counter()
    rate(counter, make_employee(), *[4] * 6)
    release(counter)
    enter(client, make_account("hr"))
    answer = client.get(f"/rating-files/{PERIOD}.csv")  # of which nobody has read a word
    gc.collect()
    assert "_Found" not in {type(one).__name__ for one in gc.get_objects()}
    assert answer.content_length == len(answer.data) > 100


def test_files_are_for_hr_and_administrators_of_the_agency_once_something_is_released(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = make_counter()
    administrator = make_account("administrator")
    enter(client, administrator)
    assert "Belum ada yang dirilis" in client.get("/rating-files").text
    assert client.get(f"/rating-files/{PERIOD}.csv").status_code == 404
    rate(counter, make_employee(), *[4] * 6)
    release(counter)
    enter(client, make_account("supervisor"))
    assert client.get("/rating-files").status_code == 403
    assert client.get(f"/rating-files/{PERIOD}.csv").status_code == 403
    enter(client, make_account("hr", make_office(make_agency("lain"))))
    assert client.get(f"/rating-files/{PERIOD}.csv").status_code == 404
    enter(client, administrator)
    assert client.get("/rating-files/2026-Q5.csv").status_code == 404
    monkeypatch.setattr(rating_file_views, "parquet_installed", lambda: False)
    assert "Parquet" not in client.get("/rating-files").text
    assert client.get(f"/rating-files/{PERIOD}.parquet").status_code == 404


def test_a_large_file_tells_how_far_it_is_and_a_broken_download_goes_on(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(rating_file_views, "AT_ONCE", 5)
    monkeypatch.setattr(rating_file_views, "STEP", 1)
    counter, reader = make_counter(), make_account("hr")
    rate(counter, make_employee(), *[4] * 6)
    release(counter)
    enter(client, reader)
    asked = client.get(f"/rating-files/{PERIOD}.csv")
    assert asked.location == f"/rating-files/{PERIOD}/csv?release=1"
    page = client.get(asked.location).text
    assert page.index("6 dari sekitar 6") < page.index("Berkas siap.") < page.index("</html>")
    ready = re.search(r'href="(/rating-files/ready/[^"]+)"', page)[1]
    with client.get(ready) as whole, client.get(ready, headers={"Range": "bytes=99-"}) as rest:
        assert whole.data.count(b"dukcapil") == 6
        assert (rest.status_code, rest.data) == (206, whole.data[99:])
    acts = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "ratings_exported"))
    assert [act.detail["ratings"] for act in acts] == [6]
    enter(client, make_account("hr"))
    assert client.get(ready).location == "/rating-files"
    monkeypatch.setattr(prepared_files, "LIFE", -1)
    enter(client, reader)
    client.get("/rating-files")
    assert "satu jam" in client.get(ready, follow_redirects=True).text
    assert list(tmp_path.glob("*/ratings*")) == []
