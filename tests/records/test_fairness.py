"""The fairness audit: who reads it, what it compares, and what it keeps to itself."""

import csv
import io
from datetime import timedelta
from math import sqrt
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.people.models import AuditEvent, Employee, Office
from portal.people.queries import Scope
from portal.records import fairness
from portal.records.fairness import Table, audit
from portal.records.models import Score
from tests.conftest import NOW
from tests.counters.staff import statements
from tests.factories import make_account, make_counter, make_employee, make_office, make_rating
from tests.records.cast import PERIOD, enter, release
from tests.records.test_decisions import Story

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
