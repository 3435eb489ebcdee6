"""Releases: who joins, who waits, and that a killed one changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text

from portal.db import begin_write, db, statement_engine
from portal.people.models import Agency
from portal.ratings.models import Release, Verdict
from portal.records import bulk, publishing_actions, release_actions
from portal.records.decision_actions import Proposal, decide
from portal.records.models import Histogram, OfficeResult, Score, ScoringRun
from portal.records.release_actions import release_due, release_now
from portal.records.replay import replay
from tests.conftest import NOW
from tests.factories import make_account, make_agency, make_counter, make_employee
from tests.records.cast import (
    DAY,
    PERIOD,
    attribute,
    rate,
    release,
    review,
    score_of,
    withdraw,
)


def total(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def figures(employee: Any) -> tuple[Any, ...]:
    score = score_of(employee)
    assert score
    return (score.counted, score.set_aside, score.score, score.lo, score.hi, score.advice)


def test_four_new_ratings_of_a_person_wait(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 3, 4)
    assert release(counter).joined == 0
    assert score_of(employee) is None
    assert total(Verdict) == 0


def test_the_fifth_lets_all_five_join(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 3, 4)
    release(counter)
    rate(counter, employee, 4, since=2)
    outcome = release(counter, NOW + DAY)
    assert (outcome.joined, outcome.moved) == (5, 1)
    score = score_of(employee)
    assert score is not None
    assert (score.counted, score.set_aside, score.advice) == (5, 0, "insufficient")
    assert score.lo < score.score < score.hi


def test_after_that_again_five_are_needed(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 3, 4, 4)
    release(counter)
    before = figures(employee)
    rate(counter, employee, 1, 1, 1, 1, since=5)
    assert release(counter, NOW + DAY).joined == 0
    assert figures(employee) == before
    rate(counter, employee, 1, since=8)
    assert release(counter, NOW + 2 * DAY).joined == 5
    after = figures(employee)
    assert after[0] == 10
    assert after[2] < before[2]


def test_those_who_do_not_move_keep_their_score_while_others_move(app: Flask) -> None:
    counter, first, second = make_counter(), make_employee(), make_employee(name="Budi Santoso")
    rate(counter, first, 4, 4, 3, 4, 4)
    release(counter)
    before = figures(first)
    rate(counter, second, 1, 2, 1, 1, 2, 1, since=5)
    rate(counter, first, 1, 1, since=9)
    outcome = release(counter, NOW + DAY)
    assert (outcome.joined, outcome.moved) == (6, 1)
    assert figures(first) == before
    assert figures(second)[0] == 6


def test_what_counts_for_the_office_only_joins_at_once(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, None, 4)
    rate(counter, employee, 1, since=1, cause="procedure")
    assert release(counter).joined == 2
    assert score_of(employee) is None
    office = db.session.scalars(select(OfficeResult)).one()
    assert (office.counted, office.set_aside, office.mean) == (2, 0, 62.5)


def test_a_withdrawn_rating_never_joins(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    taken_back = rate(counter, employee, 1, 4, 4, 4, 4)[0]
    withdraw(taken_back)
    assert release(counter).joined == 0
    rate(counter, employee, 4, since=3)
    assert release(counter, NOW + DAY).joined == 5
    assert figures(employee)[0] == 5


def test_reattributed_ratings_are_new_for_the_person_they_now_name(app: Flask) -> None:
    counter, first, second = make_counter(), make_employee(), make_employee(name="Budi Santoso")
    ratings = rate(counter, first, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4)
    release(counter)
    for rating in ratings[:4]:
        attribute(rating, second, NOW + timedelta(hours=1))
    assert release(counter, NOW + DAY).moved == 0
    assert score_of(second) is None
    attribute(ratings[4], second, NOW + DAY * 1.5)
    assert release(counter, NOW + 2 * DAY).moved == 2
    assert figures(first)[0] == 5
    assert figures(second)[0] == 5


def test_a_review_by_a_person_stands_above_the_verdict(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    inspector = make_account("inspector")
    doubtful = rate(counter, employee, 1, 4, 4, 4, 4)[0]
    release(counter)
    review(doubtful, 0, inspector)
    rate(counter, employee, 4, 4, 4, 4, 4, since=3)
    release(counter, NOW + DAY)
    score = score_of(employee)
    assert score is not None
    assert (score.counted, score.set_aside) == (9, 1)
    assert score.detail["reasons"] == {"review": 1}
    run = db.session.get_one(ScoringRun, (counter.agency_id, score.run_id))
    assert run.set_aside == {doubtful.id.hex: "review"}


def test_repeated_ratings_of_one_telephone_are_set_aside_with_their_reason(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 4, 4, device=b"one-telephone-16")
    rate(counter, employee, 3, 4, 3, 4, since=2)
    release(counter)
    score = score_of(employee)
    assert score is not None
    assert score.counted + score.set_aside == 8
    assert score.detail["reasons"]["duplicate"] == 3
    office = db.session.scalars(select(OfficeResult)).one()
    assert office.counted + office.set_aside == 8


@pytest.mark.parametrize(("issued", "duplicates"), [("own_ticket", 2), ("queue_ticket", 0)])
def test_only_tickets_of_a_queue_system_tell_the_visits_of_one_telephone_apart(
    app: Flask, issued: str, duplicates: int
) -> None:
    counter, employee = make_counter(), make_employee()
    ticket = {"channel": "ticket", "code_version": None}
    one = {**ticket, "device": b"one-telephone-16", "attributed_by": issued}
    rate(counter, employee, 4, 4, 4, **one)
    rate(counter, None, 4, 4, device=b"another-phone-16", **ticket)  # called to no desk
    rate(counter, employee, 3, 4, 3, 4, since=2)
    release(counter)
    score = score_of(employee)
    assert score is not None
    assert score.detail["reasons"].get("duplicate", 0) == score.set_aside == duplicates
    assert db.session.scalars(select(OfficeResult.set_aside)).one() == duplicates
    proposal = Proposal("none", "Sesuai bukti", "", score.run_id, None)
    decision = decide(make_account("supervisor"), employee.id, PERIOD, proposal, NOW)
    assert replay(decision.id).differences == []


def test_a_release_runs_once_a_day_from_the_hour_of_the_agency_on(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 4, 4, 4)
    before_two = datetime(2026, 11, 22, 18, 59, tzinfo=UTC)  # 01.59 WIB
    assert release_due(before_two) == 0
    assert release_due(before_two + timedelta(minutes=1)) == 1
    rate(counter, employee, 4, 4, 4, 4, 4, since=4)
    assert release_due(before_two + timedelta(hours=20)) == 0
    assert figures(employee)[0] == 5
    assert release_due(before_two + timedelta(minutes=1) + DAY) == 1
    assert figures(employee)[0] == 10


def test_release_now_ignores_the_day_but_not_the_five(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 4, 4, 4)
    release_now(NOW)
    rate(counter, employee, 4, 4, 4, 4, since=4)
    release_now(NOW)
    assert figures(employee)[0] == 5
    rate(counter, employee, 4, since=7)
    release_now(NOW)
    assert figures(employee)[0] == 10


def test_the_hour_is_that_of_the_agency(app: Flask) -> None:
    make_agency("ambon", timezone="Asia/Jayapura")
    counter = make_counter()
    agency = db.session.get_one(Agency, counter.agency_id)
    agency.timezone = "Asia/Jayapura"
    db.session.commit()
    rate(counter, None, 4)
    assert release_due(datetime(2026, 11, 22, 16, 59, tzinfo=UTC)) == 0  # 01.59 WIT
    assert release_due(datetime(2026, 11, 22, 17, 1, tzinfo=UTC)) == 1


class Killed(Exception):
    """Stands for a killed process."""


@pytest.mark.parametrize("after", range(1, 7))
def test_a_release_killed_halfway_changes_nothing_and_its_rerun_gives_the_same(
    app: Flask, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 3, 4, 4)
    release(counter)
    before = figures(employee)
    rate(counter, employee, 2, 1, 2, 1, 2, 2, since=5)
    steps = ["begin", "write", "_score", "replace_histograms", "finish", "_swap_histograms"]
    step = steps[after - 1]
    place = publishing_actions if step == "_swap_histograms" else release_actions
    real = getattr(place, step)
    monkeypatch.setattr(bulk, "FEW", 0)  # as with many ratings: written beside the scoring

    def killed(*given: Any, **named: Any) -> Any:
        if step != "finish":
            real(*given, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(place, step, killed)
        with pytest.raises(Killed):
            release(counter, NOW + DAY)
    db.session.rollback()
    assert figures(employee) == before
    release(counter, NOW + DAY)
    rerun = figures(employee)
    assert rerun[0] == 11
    joined = db.session.execute(
        select(Verdict.joined, func.count(Verdict.rating_id.distinct())).group_by(Verdict.joined)
    ).all()
    assert sorted(number for _, number in joined) == [5, 6]
    assert [row.done_at is None for row in db.session.scalars(select(Release))] == [False] * 2

    for model in (Score, ScoringRun, Histogram, OfficeResult, Verdict, Release):
        db.session.execute(delete(model))
    db.session.commit()
    release(counter, NOW + DAY)
    assert figures(employee) == rerun


def test_an_old_run_without_anybody_shown_is_removed(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    for round_ in range(3):
        rate(counter, employee, 4, 3, 4, 4, 4, since=4 * round_)
        release(counter, NOW + round_ * DAY)
    assert total(ScoringRun) == 1
    assert total(Score) == 1


def test_the_same_ratings_in_any_agency_stay_apart(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    rate(counter, employee, 4, 4, 4, 4, 4)
    other = make_agency("lain")
    release_actions.release_period(other.id, PERIOD, NOW)
    assert score_of(employee) is None
    release(counter)
    assert figures(employee)[0] == 5


def test_only_what_shows_the_results_waits_for_the_disk(app: Flask) -> None:
    """Before it nobody sees them; on both databases its commit saves all that was written."""
    sqlite_used = db.engine.dialect.name == "sqlite"
    setting = "synchronous" if sqlite_used else "synchronous_commit"
    ask = f"PRAGMA {setting}" if sqlite_used else f"SHOW {setting}"
    db.session.rollback()
    with statement_engine().connect() as connection:  # as outside of tests
        connection.execute(text(f"PRAGMA {setting}=FULL" if sqlite_used else f"SET {setting}=on"))
    levels = []
    for durable in (True, False, True):
        begin_write(durable=durable)
        levels.append(str(db.session.execute(text(ask)).scalar()))
        db.session.commit()
    assert levels == (["2", "1", "2"] if sqlite_used else [levels[0], "off", levels[0]])
