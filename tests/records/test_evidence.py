"""From rows to the engine: one query for a period, and a closed run that computes again."""

from collections import Counter as Tally
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, insert, literal, null, select, text, true

from portal import scoring
from portal.db import db
from portal.ratings.models import Rating
from portal.records import reading, results
from portal.records.closing_actions import close_period
from portal.records.evidence import Moment, of_employee, ratings_as_of
from portal.records.models import Score, ScoringRun
from portal.records.replay import compute_again, verify
from tests.counters.staff import statements
from tests.factories import make_account, make_counter, make_employee, make_office, make_service
from tests.records.cast import PERIOD, attribute, rate, release, review, withdraw
from tests.records.test_closing import CLOSED


@pytest.fixture
def run(app: Flask) -> ScoringRun:
    """A closed quarter with all that can befall a rating: two services, full forms, the same
    telephone again and again, a withdrawal, a correction, a review, other causes."""
    office, service = make_office(), make_service(code="kk", name="Kartu keluarga")
    counter = make_counter(office)
    people = [make_employee(office, name) for name in ("Ani", "Budi S", "Cahya T")]
    full = {"ramah": 4, "cakap": 3, "cekatan": 4}
    for number, person in enumerate(people):
        rate(counter, person, 4, 3, 4, 2, 4, 4, 1, since=4 * number)
        rate(counter, person, 4, 3, 4, since=4 * number + 2, service_id=service.id, **full)
    again = rate(counter, people[0], 4, 4, 4, since=14, device=b"d" * 16)
    other = rate(counter, people[1], 1, 2, since=15, cause="procedure")
    release(counter)
    withdraw(again[0])
    attribute(other[0], people[2])
    review(again[1], 1, make_account("inspector", office))
    rate(counter, people[2], 2, 2, 3, 4, 3, since=17)
    close_period("kota", PERIOD, CLOSED)
    return db.session.scalars(select(ScoringRun).where(ScoringRun.kind == "closing")).one()


def moment_of(run: ScoringRun) -> Moment:
    return Moment(run.agency_id, run.period, run.release, run.as_of)


def of_ratings(sent: list[str]) -> list[str]:
    return [text for text in sent if "SELECT" in text and "rating.cekatan" in text]


def halves() -> int:
    """PostgreSQL answers the one query in two halves, each in a session of its own."""
    return 2 if db.engine.dialect.name == "postgresql" else 1


def test_the_evidence_of_a_period_is_one_query_however_many_people(run: ScoringRun) -> None:
    moment = moment_of(run)
    with statements() as sent:
        evidence = reading.read(moment)
    assert len(of_ratings(sent)) == halves()
    assert len(sent) == halves() + 1  # and where the counters are
    assert len(set(evidence.id.tolist())) == 40
    assert len(set(evidence.employee[evidence.named].tolist())) == 3
    assert len(evidence) == 40


def office_alone_was_rated(often: int) -> None:
    """Each rating that there is as often again, on PostgreSQL, but about nobody."""
    other = {"id": func.gen_random_uuid(), "receipt": literal(""), "employee_id": null()}
    other["counts_for"] = literal("O")
    columns = Rating.__table__.c
    copied = select(*(other.get(column.name, column) for column in columns))
    copied = copied.join(func.generate_series(1, often).table_valued("number"), true())
    db.session.execute(insert(Rating).from_select(columns.keys(), copied))
    db.session.execute(text("ANALYZE rating"))


def test_the_ratings_of_an_employee_are_found_by_index(run: ScoringRun) -> None:
    """Both databases; PostgreSQL once read all ratings of a quarter for each record."""
    moment, sari = moment_of(run), make_employee()
    query = ratings_as_of(moment, Rating.id).where(of_employee(moment, sari.id))
    sent: list[tuple[str, Any]] = []
    event.listen(
        *(Engine, "before_cursor_execute"),
        lambda _conn, _cursor, statement, values, *_rest: sent.append((statement, values)),
        once=True,
    )
    db.session.execute(query)
    explain = "EXPLAIN QUERY PLAN"
    if db.engine.dialect.name == "postgresql":
        office_alone_was_rated(often=100)  # of few rows all would be read
        explain = "EXPLAIN"
    statement, values = sent[0]
    plan = db.session.connection().exec_driver_sql(f"{explain} {statement}", values)
    lines = [str(row[-1]) for row in plan]
    found = [line for line in lines if "Index Cond" in line or "ix_rating_employee" in line]
    assert any("employee_id" in line.split("(", 1)[-1] for line in found), lines


def test_closing_reads_the_ratings_once(app: Flask) -> None:
    office = make_office()
    counter = make_counter(office)
    for name in ("Ani", "Budi S", "Cahya T"):
        rate(counter, make_employee(office, name), 4, 3, 4, 2, 4)
    with statements() as sent:
        close_period("kota", PERIOD, CLOSED)
    assert len(of_ratings(sent)) == halves()


def test_cells_are_the_histograms_of_the_rows(run: ScoringRun) -> None:
    """Counted again in plain Python: one submission, one observation, on one instrument."""
    again = compute_again(run)
    expected: Tally[tuple[int, str, str, int]] = Tally()
    evidence, final = again.evidence, again.weighed.final
    for at in np.flatnonzero(again.counted & (final > 0)).tolist():
        face, *elements = evidence.answers[at].tolist()
        full = all(elements)
        place = face + sum(elements) - 4 if full else face - 1
        key = int(evidence.employee[at]), str(evidence.service[at]), "full" if full else "short"
        expected[(*key, place)] += 1
    found: Tally[tuple[int, str, str, int]] = Tally()
    cells = again.figures.cells
    for item, counts in zip(cells.instrument, cells.counts, strict=True):
        table = counts.tocoo()
        for row, column, number in zip(table.row, table.col, table.data, strict=True):
            group, place = divmod(int(column), item.bins)
            key = int(cells.employee[row]), str(cells.group.service[group]), item.name
            found[(*key, place)] += int(number)
    assert found == expected
    assert sum(expected.values()) == sum(int(n) for n in again.figures.scores.n)


def test_a_closed_run_computes_again_to_the_same_bits(run: ScoringRun) -> None:
    again = compute_again(run)
    assert again.figures.input_digest == run.input_digest
    rows = db.session.scalars(select(Score).where(Score.run_id == run.id)).all()
    assert len(rows) == 3
    place = {key: at for at, key in enumerate(again.figures.scores.employee.tolist())}
    for row in rows:
        for name, value in results.figures_at(again.figures, place[row.employee_id]).items():
            assert getattr(row, name) == value, name
    for _, found in verify():
        assert (found.same, found.exact, found.notes) == (True, True, [])


def test_a_run_that_learnt_its_parameters_computes_again_to_the_same_bits(app: Flask) -> None:
    """Ten people, 240 ratings: enough to fit. Two of them share two services with nobody else,
    three are rated at a kiosk only; the run keeps who can hardly be compared."""
    office = make_office()
    services = [make_service(code=f"s{at}", name=f"Layanan {at}").id for at in range(5)]
    rng = np.random.default_rng(8)
    for person in range(10):
        counter, employee = make_counter(office, f"L{person}"), make_employee(office, f"P {person}")
        island, channel = person < 2, "kiosk" if person > 6 else "poster"
        for at in range(4):
            service = services[3 + at % 2 if island else (person + at) % 3]
            other = "display" if channel == "poster" and at == 3 else channel
            answers = np.minimum(rng.integers(1, 7, 6), 4).tolist()
            rate(counter, employee, *answers, since=2 * at, service_id=service, channel=other)
    close_period("kota", PERIOD, CLOSED)
    run = db.session.scalars(select(ScoringRun).where(ScoringRun.kind == "closing")).one()
    model = run.parameters["model"]
    assert (model["source"], model["ratings"], model["employees"]) == ("fit", 240, 10)
    for where, found in verify():
        assert (found.same, found.exact, found.notes) == (True, True, []), where
    learnt = scoring.fit(compute_again(run).figures.cells, None, scoring.Policy())
    assert learnt.to_dict() == scoring.Params.from_dict(model).to_dict()

    assert model["components"] == 2
    assert sorted(model["part_of"].values()) == [0, 0, 0, 1, 1]
    assert model["lone_channels"] == ["kiosk"]
    details = db.session.scalars(select(Score.detail).where(Score.run_id == run.id)).all()
    assert sum(detail["apart"]["services"] for detail in details) == 2
    assert sum(detail["apart"]["channels"] for detail in details) == 3


def test_the_code_version_changes_with_the_engine_and_with_what_it_computes_with(
    tmp_path: Path,
) -> None:
    (tmp_path / "fit.py").write_text("x = 1\n")
    before = results.fingerprint(tmp_path)
    assert results.fingerprint(tmp_path) == before
    (tmp_path / "fit.py").write_text("x = 2\n")
    assert results.fingerprint(tmp_path) != before
    own = results.fingerprint(Path(scoring.__file__).parent)
    said = results.code_version()
    for part in (version("suara-loket"), own, f"np{version('numpy')}", f"sp{version('scipy')}"):
        assert part in said
    assert len(said) <= ScoringRun.__table__.c.code_version.type.length


def test_a_run_of_another_code_version_is_computed_again_and_it_is_said(
    run: ScoringRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "code_version", lambda: "0.0.9+other")
    notes = [note for _, found in verify() for note in found.notes]
    assert notes == [f"computed by version 0.0.9+other, the run by {run.code_version}"]
    assert all(found.same for _, found in verify())


def test_another_machine_may_differ_in_the_last_bits_only(
    run: ScoringRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = results.figures_at
    for nudge, same, exact in ((0, True, True), (1e-10, True, False), (1e-8, False, False)):

        def nudged(*given: object, by: float = 1 + nudge) -> dict[str, Any]:
            found = honest(*given)  # type: ignore[arg-type]
            return found | {"score": found["score"] * by}

        monkeypatch.setattr(results, "figures_at", nudged)
        found = [replayed for where, replayed in verify() if f"run {run.id}" in where]
        assert [(each.same, each.exact) for each in found] == [(same, exact)]
