"""`portal print`: a whole agency as files, without a browser."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from portal.counters.models import CodeEvent
from portal.db import db
from tests.counters.paper import read_off, rendered, text_of
from tests.factories import make_code, make_counter, make_office


@pytest.fixture
def run(app: Flask):
    office = make_office()
    make_code(make_counter(office, "Loket 10"), "AAAA0010")
    make_code(make_counter(office, "Loket 2"), "AAAA0002")
    make_code(make_counter(make_office(code="upt", parent_id=office.id), "Loket 1"), "BBBB0001")
    make_code(make_counter(make_office(code="dpmptsp"), "Loket 9"), "CCCC0009")

    def portal_print(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=["print", "--agency", "kota", *words])

    from portal.counters.commands import print_command

    app.cli.add_command(print_command)
    return portal_print


def test_the_whole_agency_comes_with_its_list_and_is_noted(run, tmp_path) -> None:
    answer = run("--out", str(tmp_path / "new"))
    assert answer.exit_code == 0, answer.output
    assert "4 codes in 1 files" in answer.output
    files = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert files == ["00-list.pdf", "01-poster-a4.pdf"]
    assert "CCCC-0009" in text_of((tmp_path / "new" / "00-list.pdf").read_bytes())
    events = list(db.session.scalars(select(CodeEvent).where(CodeEvent.kind == "printed")))
    assert len(events) == 4
    assert {event.account_id for event in events} == {None}
    again = run("--out", str(tmp_path / "again"), "--changed")
    assert again.output == "nothing to print\n"
    assert not (tmp_path / "again").exists()


def test_an_office_with_all_below_it_on_labels(run, tmp_path) -> None:
    run("--office", "dukcapil", "--format", "labels", "--sheet", "l7160", "--out", str(tmp_path))
    found = read_off(rendered((tmp_path / "01-labels.pdf").read_bytes(), 200))
    assert {address[-8:] for address in found} == {"AAAA0002", "AAAA0010", "BBBB0001"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--office", "none"), "no office none"),
        (("--languages", "id,xx"), "languages are"),
        (("--languages", "id,id"), "each once"),
        (("--format", "labels", "--sheet", "none"), "label sheets are tj103"),
        (("--format", "papyrus"), "papyrus"),
    ],
)
def test_a_wrong_word_ends_with_two_and_the_reason(run, tmp_path, words, said) -> None:
    answer = run(*words, "--out", str(tmp_path))
    assert answer.exit_code == 2
    assert said in answer.output
