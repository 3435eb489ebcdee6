"""Comments on the page of a record: which of them, when, in what order, from which day."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.ratings.models import RatingComment
from portal.records.seen import rounded
from tests.conftest import NOW
from tests.factories import (
    save,
)
from tests.records.cast import DAY, PERIOD, enter, rate, release, withdraw
from tests.records.test_decisions import Story
from tests.records.test_pages import page_of


def comment(rating: object, text: str, *, for_inspector: bool = False) -> None:
    save(
        RatingComment(
            agency_id=rating.agency_id,
            period=rating.period,
            rating_id=rating.id,
            text=text,
            for_inspector=for_inspector,
        )
    )


def test_comments_appear_with_their_release_without_those_for_the_inspector(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    enter(client, story.supervisor)
    joining = rate(story.counter, story.employee, 3, 3, 3, 3, 3, since=6)
    comment(joining[0], "Sangat membantu")
    comment(joining[1], "Diminta uang rokok", for_inspector=True)
    other = rate(story.counter, story.employee, 2, since=8, cause="system")[0]
    comment(other, "Sistem mati")
    assert "Sangat membantu" not in page_of(client, story)
    release(story.counter, NOW + DAY)
    page = page_of(client, story)
    assert "Sangat membantu" in page
    assert "Sistem mati" in page
    assert "uang rokok" not in page


def test_a_comment_that_is_taken_back_goes_when_the_figures_move_and_never_at_once(
    app: Flask, client: FlaskClient
) -> None:
    """Else whoever makes a citizen take it back before their eyes learns which one it was."""
    story = Story()
    enter(client, story.supervisor)
    joining = rate(story.counter, story.employee, 3, 3, 3, 3, 3, since=6)
    comment(joining[0], "Sangat membantu")
    release(story.counter, NOW + DAY)
    withdraw(joining[0], NOW + 1.5 * DAY)
    release(story.counter, NOW + 2 * DAY)
    assert "Sangat membantu" in page_of(client, story)
    rate(story.counter, story.employee, 3, 3, 3, 3, 3, since=8)
    release(story.counter, NOW + 3 * DAY)
    assert "Sangat membantu" not in page_of(client, story)


def test_comments_stand_in_an_order_that_tells_nothing_and_without_the_time_of_day(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    enter(client, story.supervisor)
    joining = rate(story.counter, story.employee, *[3] * 20, since=6)
    for number, rating in enumerate(joining):
        comment(rating, f"Kata ke-{number}.")
    release(story.counter, NOW + DAY)
    said = page_of(client, story).split('class="quotes"')[1].split("</section>")[0]
    order = [int(number) for number in re.findall(r"Kata ke-(\d+)\.", said)]
    days = [number // 6 for number in order]
    assert sorted(order) == list(range(20))
    assert order not in (list(range(20)), list(range(20))[::-1])
    assert days not in (sorted(days), sorted(days)[::-1])
    assert re.findall(r"\d\d[.:]\d\d", said) == []


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([16] * 5, ("2026-11-16", "2026-11-16")),  # five on one day
        ([16, 17, 18, 19, 20], ("2026-11-16", "2026-11-22")),  # Monday to Sunday
        ([2, 9, 16, 23, 30], ("2026-11-01", "2026-11-30")),
        ([16, 16, 16, 16], ("2026-10-01", "2026-12-31")),
    ],
)
def test_the_day_of_a_comment_is_rounded_until_five_ratings_share_it(
    days: list[int], told: tuple[str, str]
) -> None:
    given = [date(2026, 11, day) for day in days]
    spans = rounded(given, 5, PERIOD)
    assert spans[date(2026, 11, 16)] == tuple(date.fromisoformat(day) for day in told)


def test_comments_of_other_causes_wait_with_those_of_the_person(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    enter(client, story.supervisor)
    comment(rate(story.counter, story.employee, 2, since=8, cause="system")[0], "Sistem mati")
    release(story.counter, NOW + DAY)
    assert "Sistem mati" not in page_of(client, story)
