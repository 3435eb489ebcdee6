"""What counts, for whom: the one definition against a recomputation in plain words."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Account, Employee
from portal.ratings.models import (
    AttributionEvent,
    Rating,
    Release,
    Verdict,
    VerdictReview,
    Withdrawal,
)
from portal.records import evidence, reading
from portal.records.models import Histogram, OfficeResult
from portal.records.replay import verify
from tests.conftest import NOW
from tests.factories import make_account, make_counter, make_employee
from tests.records.cast import DAY, PERIOD, attribute, rate, release, review, score_of, withdraw


class History:
    """Some weeks in the life of an office, by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.counters = [make_counter(label=f"Loket {number}") for number in range(2)]
        self.people = [make_employee(name=f"Pegawai {number}") for number in range(3)]
        self.inspector: Account = make_account("inspector")
        self.ratings: list[Rating] = []
        self.now: datetime = NOW

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.now += timedelta(hours=self.chance.randint(1, 30))
            self.chance.choices(
                [self.rated, self.corrected, self.withdrawn, self.reviewed, self.released],
                [6, 2, 1, 2, 2],
            )[0]()

    def rated(self) -> None:
        counter: Counter = self.chance.choice(self.counters)
        employee: Employee | None = self.chance.choice([*self.people, *self.people, None])
        answers = [self.chance.choice([1, 2, 3, 4, 4, 4]) for _ in range(self.chance.randint(1, 8))]
        cause = self.chance.choice([None, None, None, "person", "system"])
        day = self.chance.randint(0, 40)
        self.ratings += rate(counter, employee, *answers, since=day, cause=cause)

    def corrected(self) -> None:
        employee = self.chance.choice([*self.people, None])
        for rating in self.some(6):
            attribute(rating, employee, self.now)

    def withdrawn(self) -> None:
        taken = set(db.session.scalars(select(Withdrawal.rating_id)))
        for rating in self.some(2):
            if rating.id not in taken:
                withdraw(rating, self.now)

    def reviewed(self) -> None:
        for rating in self.some(2):
            review(rating, self.chance.choice([0.0, 1.0]), self.inspector, self.now)

    def released(self) -> None:
        release(self.counters[0], self.now)

    def some(self, most: int) -> list[Rating]:
        return self.chance.sample(self.ratings, min(len(self.ratings), most))


def told_plainly(now: datetime) -> dict[Any, dict[str, Any]]:
    """The definition once more, row by row, from nothing but the raw rows."""
    releases = {row.number: row for row in db.session.scalars(select(Release))}
    out = {}
    for rating in db.session.scalars(select(Rating)).all():

        def words(table: Any, of: Any = rating) -> list[Any]:
            rows = db.session.scalars(select(table).where(table.rating_id == of.id)).all()
            return sorted((row for row in rows if row.at <= now), key=lambda row: (row.at, row.id))

        events, reviews = words(AttributionEvent), words(VerdictReview)
        verdicts = sorted(
            db.session.scalars(select(Verdict).where(Verdict.rating_id == rating.id)),
            key=lambda row: row.release,
        )
        verdict = verdicts[-1] if verdicts else None
        latest = events[-1] if events else rating
        back = db.session.get(Withdrawal, (rating.agency_id, rating.period, rating.id))
        settled = verdict is not None and (
            not events or events[-1].at <= releases[verdict.joined].started_at
        )
        weight = reviews[-1].weight if reviews else verdict.weight if verdict else 0
        about = latest.counts_for == "A" and rating.cause in {None, "person"} and back is None
        out[rating.id] = {
            "employee": latest.employee_id,
            "person": about and settled and weight > 0,
            "office": back is None and verdict is not None and weight > 0,
            "pending": back is None and not settled,
        }
    return out


@pytest.mark.parametrize("seed", range(8))
def test_the_definition_agrees_with_the_raw_rows_over_random_histories(
    app: Flask, seed: int
) -> None:
    history = History(seed)
    history.live(25)
    agency_id = history.counters[0].agency_id
    moment = evidence.now_in(agency_id, PERIOD, history.now)
    rows = db.session.execute(
        evidence.ratings_as_of(
            moment,
            Rating.id,
            evidence.EMPLOYEE,
            evidence.COUNTS_FOR_PERSON,
            evidence.COUNTS_FOR_OFFICE,
            evidence.PENDING,
        )
    ).all()
    found = {
        rating_id: {
            "employee": employee,
            "person": bool(person),
            "office": bool(office),
            "pending": bool(pending),
        }
        for rating_id, employee, person, office, pending in rows
    }
    assert found == told_plainly(history.now)
    arrays = reading.read(moment)
    person = arrays.about_person & arrays.settled & (arrays.final_weight > 0)
    assert dict(zip([name.decode() for name in arrays.id], person.tolist(), strict=True)) == {
        rating_id.hex: said["person"] for rating_id, said in found.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_what_is_shown_is_what_the_rows_say_at_the_moment_it_was_made(
    app: Flask, seed: int
) -> None:
    history = History(100 + seed)
    history.live(20)
    history.released()
    assert [found.differences for _, found in verify()] == [[] for _ in verify()]
    histograms = db.session.scalar(select(func.count()).select_from(Histogram))
    scores = [score_of(employee) for employee in history.people]
    if any(score and score.counted for score in scores):
        assert histograms
    said = told_plainly(history.now)
    offices = db.session.scalars(select(OfficeResult)).all()
    assert sum(row.counted for row in offices) == sum(row["office"] for row in said.values())


def test_counted_and_set_aside_of_a_moving_person_are_all_that_is_theirs(app: Flask) -> None:
    history = History(7)
    counter, employee = history.counters[0], history.people[0]
    history.ratings = rate(counter, employee, *[4, 3, 2, 4, 1, 4, 4, 4, 3])
    review(history.ratings[0], 0, history.inspector, NOW - DAY)
    release(counter)
    score = score_of(employee)
    assert score is not None
    mine = [row for row in told_plainly(NOW).values() if row["employee"] == employee.id]
    assert score.counted == sum(row["person"] for row in mine) == 8
    assert score.counted + score.set_aside == len(mine)
