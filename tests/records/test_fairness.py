"""The fairness audit: who reads it, what it compares, and what it keeps to itself."""

import csv
import io
import re
from datetime import timedelta
from math import sqrt
from pathlib import Path
from statistics import mean, variance
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

import portal
from portal.db import db
from portal.people.models import AuditEvent, Employee, Office
from portal.people.queries import Scope
from portal.records import fairness
from portal.records.fairness import Table, audit
from portal.records.measure_models import ObjectiveMeasure
from portal.records.models import Score
from tests.conftest import NOW
from tests.counters.staff import statements
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    make_rating,
)
from tests.records.cast import PERIOD, enter, rate, release, score_of
from tests.records.test_decisions import Story

PORTAL = Path(portal.__file__).parent
MAN, WOMAN = "1", "2"
CSV = f"/fairness/{PERIOD}.csv"


class City:
    """One scored clerk, and as many others of the same run as a test asks for."""

    def __init__(self) -> None:
        self.story = Story()
        self.row = {
            column.name: getattr(self.story.score, column.name)
            for column in Score.__table__.columns
        }
        self.serial = 0

    def add(self, number: int, office: Office | None = None, **values: Any) -> list[Employee]:
        """Employees with a stored score: `sex`, `born` and `kind` of them, the rest of it."""
        sex, born = values.pop("sex", WOMAN), values.pop("born", "1986")
        kind, score = values.pop("kind", "pns"), values.pop("score", 85.0)
        made = []
        for at in range(number):
            self.serial += 1
            nip = f"{born}0917201501{sex}{self.serial:03}"
            person = make_employee(
                office or self.story.office, f"Pegawai {self.serial}", nip=nip, kind=kind
            )
            own = {"employee_id": person.id, "score": score + at % 3, "raw_mean": score}
            db.session.execute(Score.__table__.insert(), self.row | {"counted": 40} | own | values)
            made.append(person)
        db.session.commit()
        fairness._audit.cache_clear()  # scores come in runs, not one by one as here
        return made

    def table(self, name: str, **options: Any) -> Table:
        found = audit(Scope(self.story.office.agency_id, None), PERIOD, NOW.date(), **options)
        return next(table for table in found.tables if table.name == name)


def test_what_a_run_has_left_is_compared_once(app: Flask) -> None:
    """Until the next run, or the morning after somebody has moved to another office."""
    city = City()
    city.add(12)
    city.table("sex")
    with statements() as sent:
        city.table("sex")
    assert not [one for one in sent if "FROM score " in one]
    release(make_counter(city.story.office, "Loket 9"), NOW + timedelta(days=1), closes=True)
    with statements() as sent:
        city.table("sex")
    assert [one for one in sent if "FROM score " in one]


def test_groups_are_compared_with_everybody_else(app: Flask) -> None:
    city = City()
    city.add(12, sex=MAN, score=80.0, advice="guidance_candidate")
    city.add(12, sex=WOMAN, score=90.0, advice="award_candidate")
    man, woman = city.table("sex").groups
    assert (man.group, man.employees, woman.employees) == ("man", 12, 13)  # and the clerk
    assert man.gap.lo < man.gap.value < man.gap.hi < 0
    assert (man.award_rate, man.guidance_rate) == (0, 1)
    assert man.award_ratio is not None
    assert man.award_ratio.hi < 0.8
    assert set(man.flags) == {"gap", "award_below_four_fifths", "guidance_above_five_fourths"}


def test_sex_and_age_come_from_the_numbers_of_both_kinds(app: Flask) -> None:
    city = City()
    city.add(10, kind="pns", born="1990")
    city.add(10, kind="pppk", born="1965")
    assert {one.group: one.employees for one in city.table("kind").groups} == {
        "pns": 11, "pppk": 10,
    }  # fmt: skip
    age = city.table("age")
    assert {one.group for one in age.groups} == {"35_to_44", "from_55"}
    # Nobody is 36 before the birthday: 17 September 1991 is 35 at the end of the quarter.
    city.add(10, born="1992")
    assert "below_35" in {one.group for one in city.table("age").groups}


def test_groups_of_fewer_than_ten_are_not_told(app: Flask, client: FlaskClient) -> None:
    city = City()
    city.add(12, sex=MAN)
    city.add(8, sex=WOMAN)  # nine with the clerk
    assert city.table("sex").groups == ()
    city.add(1, sex=WOMAN)
    assert len(city.table("sex").groups) == 2


def test_a_score_that_may_not_be_shown_takes_no_part(app: Flask) -> None:
    city = City()
    city.add(12, sex=MAN)
    city.add(12, sex=WOMAN, counted=4)
    assert city.table("sex").groups == ()


def test_elements_are_compared_over_ratings_that_count(app: Flask) -> None:
    city = City()
    counter = make_counter(city.story.office, "L9")
    kinds = {"pns": 4, "pppk": 2}  # as fast as friendly, and less friendly than fast
    for kind, warmth in kinds.items():
        for person in city.add(10, kind=kind):
            for day in range(5):
                mood = day % 2  # of the citizen, in all three alike
                answers = {"ramah": warmth - mood, "cakap": 3 - mood, "cekatan": 4 - mood}
                make_rating(counter, person, 3, NOW.replace(day=1 + day), **answers)
    release(city.story.counter, NOW.replace(day=24))
    assert city.table("kind").elements == {}
    found = city.table("kind", elements=True).elements
    assert (found["pns"].value, found["pppk"].value) == (0, -2)
    alike = audit(Scope(city.story.office.agency_id, None), PERIOD, NOW.date(), elements=True).halo
    assert alike == pytest.approx((1 + 2 * sqrt(0.24 / 1.24)) / 3)


def measured(people: list[Employee], *values: float, measure: str = "Menit per layanan") -> None:
    """A value of a measure for each of some people, in minutes."""
    for person, value in zip(people, values, strict=True):
        own = {"agency_id": person.agency_id, "period": PERIOD, "employee_id": person.id}
        kept = {"measure": measure, "value": value, "unit": "menit", "imported_at": NOW}
        db.session.add(ObjectiveMeasure(**own, **kept))
    db.session.commit()


def welch(own: list[float], others: list[float]) -> tuple[float, float, float]:
    gap = mean(own) - mean(others)
    half = 1.959964 * sqrt(variance(own) / len(own) + variance(others) / len(others))
    return (gap, gap - half, gap + half)


def test_a_gap_in_scores_stands_beside_that_in_a_measure(app: Flask, client: FlaskClient) -> None:
    """The page, the file and a reckoning by hand say the same."""
    city = City()
    men = [10.0 + 0.5 * at for at in range(12)]
    women = [11.0 + 0.25 * at for at in range(11)]
    measured(city.add(12, sex=MAN, score=70.0), *men)
    measured(city.add(12, sex=WOMAN)[:11], *women)  # one was not measured, nor was the clerk
    (man, woman) = city.table("sex").groups
    by_hand = welch(men, women)
    found = man.anchors["Menit per layanan"]
    assert (found.gap.value, found.gap.lo, found.gap.hi) == pytest.approx(by_hand)
    assert (found.employees, woman.anchors["Menit per layanan"].employees) == (12, 11)
    assert woman.anchors["Menit per layanan"].gap.value == pytest.approx(-by_hand[0])
    enter(client, make_account("auditor"))
    page = client.get(f"/fairness?period={PERIOD}&lang=en").text
    assert "Menit per layanan (menit)" in page
    sign = "+" if by_hand[0] > 0 else "−"
    assert f"{sign}{abs(by_hand[0]):.2f}" in page
    assert "n = 12" in page
    rows = csv.DictReader(io.StringIO(client.get(CSV).data.decode("utf-8-sig")))
    row = next(row for row in rows if row["dimension"] == "sex")
    told = [float(row[f"Menit per layanan (menit) {part}"]) for part in ("gap", "gap_lo", "gap_hi")]
    assert told == pytest.approx(by_hand, abs=1e-4)
    assert row["Menit per layanan (menit) employees"] == "12"


def test_a_measure_of_fewer_than_ten_of_a_group_is_not_told(app: Flask) -> None:
    city = City()
    measured(city.add(12, sex=MAN), *[10.0] * 12)
    measured(city.add(12, sex=WOMAN)[:9], *[11.0] * 9)
    assert [one.anchors for one in city.table("sex").groups] == [{}, {}]


def test_new_measures_are_seen_at_once_and_those_of_another_quarter_are_not(app: Flask) -> None:
    city = City()
    men, women = city.add(12, sex=MAN), city.add(12, sex=WOMAN)
    assert city.table("sex").groups[0].anchors == {}
    measured([*men, *women], *range(24))
    assert city.table("sex").groups[0].anchors["Menit per layanan"].gap.value == -12
    db.session.execute(update(ObjectiveMeasure).values(period="2026-Q3"))
    db.session.commit()
    assert city.table("sex").groups[0].anchors == {}


def test_a_clear_gap_in_a_measure_is_marked(app: Flask, client: FlaskClient) -> None:
    city = City()
    for sex, slower in ((MAN, 3.0), (WOMAN, 0.0)):
        measured(city.add(12, sex=sex), *[10 + slower + at / 12 for at in range(12)])
    enter(client, make_account("auditor"))
    page = client.get(f"/fairness?period={PERIOD}").text
    assert page.count("selisih nyata") == 2  # in minutes, of both; scores are the same


def test_without_measures_the_page_says_how_they_come_in(app: Flask, client: FlaskClient) -> None:
    city = City()
    city.add(12, sex=MAN)
    city.add(12, sex=WOMAN)
    enter(client, make_account("hr"))
    page = client.get(f"/fairness?period={PERIOD}").text
    assert "Belum ada ukuran objektif" in page
    assert "portal import measures" in page
    assert 'href="/fairness/measures"' in page


FIGURES = ("counted", "score", "lo", "hi", "reliability", "percentile", "p_above", "p_below")


def test_a_measure_never_enters_a_score(app: Flask) -> None:
    """Two agencies with the same ratings, of which one measures: a release finds the same."""
    found = []
    for code, values in (("kota", (1.0, 500.0, 0.0, 9.0)), ("kabupaten", ())):
        counter = make_counter(make_office(make_agency(code)))
        office = db.session.get_one(Office, (counter.agency_id, counter.office_id))
        people = [make_employee(office, f"Pegawai {at}") for at in range(4)]
        measured(people[: len(values)], *values)
        for at, person in enumerate(people):
            rate(counter, person, *[4, 3, 4, 4, 2 + at % 2, 4 - at] * 3)
        release(counter)
        scores = [score_of(person) for person in people]
        assert all(scores)
        found.append([[getattr(one, name) for name in FIGURES] for one in scores])
        found[-1].append([one.advice for one in scores if one])
    assert found[0][-1] == found[1][-1]
    for with_measures, without in zip(found[0][:-1], found[1][:-1], strict=True):
        assert with_measures == pytest.approx(without, abs=1e-9)


def test_only_these_modules_read_measures() -> None:
    """No score, advice, list or decision can: none of them knows the table."""
    readers = {
        path.relative_to(PORTAL).as_posix()
        for path in PORTAL.rglob("*.py")
        if re.search(
            r"portal\.records\.(measure_models|measures|measure_actions) ", path.read_text()
        )
    }
    assert readers <= {
        *("records/measures.py", "records/measure_actions.py", "records/retention_actions.py"),
        *("records/fairness.py", "records/fairness_views.py"),  # in groups
        *("imports/actions.py", "imports/measures.py", "imports/measure_views.py"),
        "desk/own_data.py",  # to the employee
        "data_protection/queries.py",  # how old the oldest is
        "demo/measures.py",
    }


@pytest.mark.parametrize(("language", "said"), [("id", "selisih nyata"), ("en", "clear gap")])
def test_the_page_says_what_a_gap_means_and_leaves_a_trace(
    app: Flask, client: FlaskClient, language: str, said: str
) -> None:
    city = City()
    city.add(12, sex=MAN, score=70.0)
    city.add(12, sex=WOMAN, advice="award_candidate")
    names = db.session.scalars(select(Employee.name)).all()
    enter(client, make_account("hr"))
    page = client.get(f"/fairness?period={PERIOD}&lang={language}&elements=1").text
    assert said in page
    assert "4/5" in page
    assert "Boring" in page
    assert not any(name in page for name in names)
    assert db.session.scalars(select(AuditEvent.action)).all() == ["fairness_read"]


def test_the_table_can_be_taken_away(app: Flask, client: FlaskClient) -> None:
    city = City()
    city.add(12, kind="pppk", score=70.0)
    city.add(10)
    enter(client, make_account("hr"))
    answer = client.get(CSV)
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    own = next(row for row in rows if row["group"] == "PPPK")
    assert (own["dimension"], own["employees"]) == ("kind", "12")
    assert float(own["gap_lo"]) < float(own["gap"]) < float(own["gap_hi"]) < 0
    assert db.session.scalars(select(AuditEvent.action)).all() == ["fairness_exported"]
    assert client.get("/fairness/kemarin.csv").status_code == 404


def test_without_a_release_the_page_says_what_is_awaited(app: Flask, client: FlaskClient) -> None:
    enter(client, make_account("auditor"))
    page = client.get("/fairness")
    assert page.status_code == 200
    assert "setelah rilis pertama" in page.text


@pytest.mark.parametrize("role", ["supervisor", "employee", "inspector", "administrator"])
def test_others_do_not_read_it(app: Flask, client: FlaskClient, role: str) -> None:
    enter(client, make_account(role))
    assert client.get("/fairness").status_code == 403
    assert client.get(CSV).status_code == 403


def test_an_officer_of_some_offices_compares_those_only(app: Flask) -> None:
    city = City()
    elsewhere = make_office(code="kecamatan", kind="kecamatan")
    city.add(12)
    city.add(12, elsewhere)
    whole = audit(Scope(elsewhere.agency_id, None), PERIOD, NOW.date())
    part = audit(Scope(elsewhere.agency_id, frozenset({elsewhere.id})), PERIOD, NOW.date())
    assert (whole.employees, part.employees) == (25, 12)
    offices = next(table for table in whole.tables if table.name == "office_kind")
    assert {one.group for one in offices.groups} == {"dinas", "kecamatan"}
