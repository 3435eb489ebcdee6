"""What the public is told of an office: the same figures as everybody's, and nobody in them."""

from datetime import timedelta

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.counters.models import Counter, ServedCount
from portal.db import db
from portal.people.models import Employee, Office
from portal.records.models import OfficeResult, PublicResult
from portal.records.public_results import index
from portal.records.replay import verify
from tests.conftest import NOW
from tests.factories import make_counter, make_employee, make_ticket, save
from tests.records.cast import DAY, FIRST, PERIOD, rate, release, withdraw

WEEK = timedelta(days=7)


def staff(number: int) -> list[Employee]:
    names = ("Sari Wulandari", "Budi Santoso", "Ratna Dewi", "Agus Salim")
    return [make_employee(name=name) for name in names[:number]]


def told() -> PublicResult | None:
    db.session.expire_all()
    return db.session.scalars(select(PublicResult)).one_or_none()


def served_by_three(counter: Counter) -> None:
    for person, answers in zip(
        staff(3), ((4, 4, 4, 3, 1), (4, 3, 2, 4, 4), (4, 4, 4, 4, 4)), strict=True
    ):
        rate(counter, person, *answers)


def test_the_public_reads_the_same_index_as_the_office(app: Flask) -> None:
    counter = make_counter()
    served_by_three(counter)
    release(counter)
    result = told()
    office = db.session.scalars(select(OfficeResult)).one()
    assert result
    assert office.mean is not None
    assert (result.counted, result.set_aside) == (office.counted, office.set_aside) == (15, 0)
    assert result.mean == round(office.mean, 1) == 88.3
    assert result.lo < 88.3 < result.hi
    assert not result.final


def test_faces_are_told_in_fives_so_that_no_single_answer_can_be_worked_out(app: Flask) -> None:
    counter = make_counter()
    served_by_three(counter)  # faces 1, 1, 2 and 11
    release(counter)
    result = told()
    assert result
    assert result.figures["faces"] == [0, 0, 0, 10]


def test_elements_and_causes_of_fewer_than_five_are_not_told(app: Flask) -> None:
    counter = make_counter()
    served_by_three(counter)
    rate(counter, None, 2, 2, 2, 2, cause="system", ramah=4)
    rate(counter, None, 2, 2, 2, 2, 2, 1, cause="procedure", cakap=2)
    release(counter)
    result = told()
    assert result
    assert result.figures["causes"] == {"procedure": 5}
    assert result.figures["elements"].keys() == {"cakap"}
    number, mean, lo, hi = result.figures["elements"]["cakap"]
    assert (number, mean) == (6, 50.0)
    assert lo < mean < hi


def test_of_four_ratings_nothing_is_told(app: Flask) -> None:
    counter = make_counter()
    rate(counter, None, 4, 4, 4, 4)
    release(counter)
    assert told() is None


def test_a_result_waits_until_five_ratings_have_come(app: Flask) -> None:
    counter = make_counter()
    served_by_three(counter)
    release(counter)
    rate(counter, None, 1, 1, 1, 1, since=10)
    release(counter, NOW + DAY)
    before = told()
    assert before
    assert (before.counted, before.mean) == (15, 88.3)
    rate(counter, None, 1, since=11)
    release(counter, NOW + 2 * DAY)
    after = told()
    assert after
    assert after.counted == 20
    assert after.mean == round((88.333 * 15 + 25 * 5) / 20, 1)


def test_a_rating_taken_back_alone_does_not_show(app: Flask) -> None:
    """Else the difference of two states of the page would be this one answer."""
    counter = make_counter()
    served_by_three(counter)
    taken = rate(counter, None, 1)[0]
    release(counter)
    assert (told() or PublicResult(counted=0)).counted == 16
    withdraw(taken, NOW)
    release(counter, NOW + DAY)
    assert (told() or PublicResult(counted=0)).counted == 16
    rate(counter, None, 4, 4, 4, 4, since=10)
    release(counter, NOW + 2 * DAY)
    assert (told() or PublicResult(counted=0)).counted == 19


def test_an_office_moves_without_its_neighbour(app: Flask) -> None:
    one = make_counter()
    served_by_three(one)
    neighbour = save(Office(agency_id=one.agency_id, code="kec", name="Kecamatan", kind="dinas"))
    other = make_counter(neighbour)
    rate(other, None, 3, 3, 3)
    release(one)
    assert [row.office_id for row in db.session.scalars(select(PublicResult))] == [one.office_id]


@pytest.mark.parametrize("people", [1, 2])
def test_where_two_people_serve_there_is_no_index_that_would_be_their_score(
    app: Flask, people: int
) -> None:
    counter = make_counter()
    for person in staff(people):
        rate(counter, person, 4, 4, 4, 2, 2, 2, cause="person")
    rate(counter, None, 2, 2, 2, 2, 2, cause="facility", ramah=1)
    release(counter)
    result = told()
    assert result
    assert result.counted == 6 * people + 5
    assert (result.mean, result.lo, result.hi) == (None, None, None)
    assert result.figures == {"faces": [], "elements": {}, "causes": {"facility": 5}}


def test_who_rated_is_told_of_the_days_on_which_the_people_served_are_known(app: Flask) -> None:
    counter = make_counter()
    person = make_employee()
    day = FIRST.date()
    rate(counter, person, 4, 4, 4, 4, 4, 4)
    rate(counter, person, 4, since=3)  # of that day nobody knows how many were served
    for number in range(2):  # the queue system saw fewer than the register
        make_ticket(counter, code=f"K7M3Q9XA4{number}", served_on=day, finished_at=FIRST)
    own = {"agency_id": counter.agency_id, "counter_id": counter.id, "day": day}
    save(ServedCount(**own, employee_id=person.id, people=24))
    release(counter)
    result = told()
    assert result
    assert (result.served, result.answered, result.counted) == (24, 6, 7)


def test_verify_recomputes_what_the_public_reads(app: Flask) -> None:
    counter = make_counter()
    served_by_three(counter)
    rate(counter, None, 2, 2, 2, 2, 2, cause="procedure", ramah=4)
    release(counter)
    for day in (1, 2):  # later ratings, of which the public does not read yet
        rate(counter, None, 1, 1, since=10 + day)
        release(counter, NOW + day * DAY)
    assert [found.differences for _name, found in verify()] == [[]] * len(list(verify()))
    db.session.execute(update(PublicResult).values(mean=PublicResult.mean + 0.1))
    db.session.commit()
    told_wrong = [found.differences for name, found in verify() if "told of offices" in name]
    assert "mean" in told_wrong[0][0]


def test_a_closed_quarter_has_final_figures_also_where_nothing_moved(app: Flask) -> None:
    counter = make_counter()
    served_by_three(counter)
    release(counter)
    rate(counter, None, 1, since=10)
    release(counter, NOW + 8 * WEEK, closes=True)
    result = told()
    assert result
    assert (result.final, result.counted) == (True, 15)


@pytest.mark.parametrize("values", [{"counted": 4}, {"set_aside": 3}, {"lo": 91.0}, {"served": 3}])
def test_the_database_refuses_what_must_not_be_told(app: Flask, values: dict[str, float]) -> None:
    counter = make_counter()
    sound = {
        "counted": 20, "set_aside": 0, "mean": 90.0, "lo": 85.0, "hi": 95.0, "served": 40,
        "answered": 20,
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        save(
            PublicResult(
                agency_id=counter.agency_id,
                period=PERIOD,
                office_id=counter.office_id,
                release=1,
                local_day=NOW.date(),
                figures={},
                **(sound | values),
            )
        )
    db.session.rollback()


@pytest.mark.parametrize("value", [25.0, 50.0, 100.0])
def test_few_equal_ratings_never_look_certain(value: float) -> None:
    mean, lo, hi = index(np.full(5, value))
    assert lo <= mean == value <= hi
    assert hi - lo > 20


def test_the_interval_of_many_ratings_is_that_of_their_mean() -> None:
    ratings = np.tile([25.0, 50.0, 100.0, 100.0], 1000)
    mean, lo, hi = index(ratings)
    half = 1.96 * float(ratings.std()) / np.sqrt(len(ratings))
    assert lo == pytest.approx(mean - half, abs=0.15)
    assert hi == pytest.approx(mean + half, abs=0.15)
