"""A file of single ratings: what it tells is true, and of nobody alone."""

import random
from collections import Counter as Count
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from portal.db import db
from portal.people.queries import Scope
from portal.ratings.models import Rating
from portal.records.evidence import last_release
from portal.records.rating_files import COLUMNS, RatingFile, moment_of, rating_file
from tests.conftest import NOW
from tests.factories import make_counter, make_employee, make_office, make_rating, make_service
from tests.records.cast import DAY, FIRST, PERIOD, attribute, rate, release, withdraw


def lines(found: RatingFile) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in found.rows]


def file_of(scope: Scope, after: Any = None) -> RatingFile:
    last = last_release(scope.agency_id, PERIOD)
    assert last
    return rating_file(scope, moment_of(last), after)


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
    raw = {str(rating.id): rating for rating in db.session.scalars(select(Rating))}
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


def test_only_what_was_released_stands_in_it_as_the_release_knew_it(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    early = rate(counter, employee, *[4] * 6)
    release(counter)
    late = rate(counter, employee, *[1] * 6, since=2)
    attribute(early[1], None, NOW + DAY)  # this and the next wait for the next release
    withdraw(early[0], NOW + DAY)
    told = {line["rating_id"]: line for line in lines(file_of(Scope(counter.agency_id, None)))}
    assert set(told) == {str(rating.id) for rating in early}
    assert not set(told) & {str(rating.id) for rating in late}
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
