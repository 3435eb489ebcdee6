"""A long run of paper is made by the due work, part by part, for who asked for it."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters import print_actions
from portal.counters.print_models import PrintPart, PrintRun
from portal.db import db
from tests.conftest import NOW
from tests.counters.paper import text_of
from tests.counters.staff import act_as, send
from tests.counters.test_print_pages import Cast, cast, codes_on, keeper, prints

__all__ = ["cast", "keeper"]


def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.counters.printing.making.PAGES_PER_PART", 1)


def run_of(client: FlaskClient) -> Any:
    answer = send(client, "/posters/print", office="all", code=["AAAA0002", "AAAA0010", "BBBB0001"])
    assert answer.status_code == 302
    return answer.location


def test_a_long_run_is_made_by_the_due_work_part_by_part(
    keeper: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(monkeypatch)
    where = run_of(keeper)
    waiting = keeper.get(where)
    assert waiting.headers["Refresh"]
    assert "0 dari 3 loket" in waiting.text
    assert prints() == []
    assert print_actions.print_due(NOW) == 3
    page = keeper.get(where)
    assert "Refresh" not in page.headers
    assert "Selesai" in page.text
    assert codes_on(keeper.get(f"{where}/2.pdf").data) == {"AAAA0002"}
    assert "Loket 10" in text_of(keeper.get(f"{where}/0.pdf").data)
    packed = zipfile.ZipFile(io.BytesIO(keeper.get(f"{where}/all.zip").data))
    assert packed.namelist() == [
        "00-daftar.pdf",
        *(f"0{number}-poster-a4.pdf" for number in (1, 2, 3)),
    ]
    assert {event.code for event in prints()} == {"AAAA0002", "AAAA0010", "BBBB0001"}
    assert keeper.get(f"{where}/4.pdf").status_code == 404


def test_a_run_killed_in_the_middle_goes_on_where_it_was(
    keeper: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(monkeypatch)
    where = run_of(keeper)
    made = print_actions.files_of
    calls: list[str] = []

    def dies_at_the_second(*what: Any, **more: Any) -> Iterator[Any]:
        for file in made(*what, **more):
            calls.append(file[2].pieces[0].code)
            if len(calls) == 2:
                raise KeyboardInterrupt
            yield file

    monkeypatch.setattr(print_actions, "files_of", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        print_actions.print_due(NOW)
    db.session.rollback()
    half = keeper.get(where)
    assert "1 dari 3 loket" in half.text
    assert 'max="3" value="1">33 %</progress>' in half.text
    assert half.headers["Refresh"]
    assert "Berkas 1, 1 loket" in half.text
    print_actions.print_due(NOW)
    assert calls == ["BBBB0001", "AAAA0002", "AAAA0002", "AAAA0010"]
    assert len(prints()) == 3
    assert print_actions.print_due(NOW) == 0


def test_a_run_that_cannot_be_made_ends_and_stops_no_other(
    keeper: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(monkeypatch)
    first, second = run_of(keeper), run_of(keeper)
    made = print_actions.files_of
    calls: list[int] = []

    def fails_once(*what: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise print_actions.NotTypeset("out of ink")
        return made(*what, **more)

    monkeypatch.setattr(print_actions, "files_of", fails_once)
    print_actions.print_due(NOW)
    pages = {keeper.get(where).text.count("tidak dapat diselesaikan") for where in (first, second)}
    assert pages == {0, 1}


def test_runs_are_forgotten_after_two_days_and_belong_to_who_asked(
    keeper: FlaskClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(monkeypatch)
    where = run_of(keeper)
    print_actions.print_due(NOW)
    act_as(keeper, cast.administrator)
    assert keeper.get(where).status_code == 404
    print_actions.print_due(NOW + print_actions.KEPT * 2)
    assert db.session.scalars(select(PrintRun)).all() == []
    assert db.session.scalars(select(PrintPart)).all() == []
