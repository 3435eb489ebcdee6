"""What the portal made of the demo's story: the truth comes out after the releases."""

from collections import Counter
from statistics import quantiles

import pytest
from sqlalchemy import func, select, true

from portal.db import db
from portal.people.models import Account, Agency
from portal.people.queries import Scope
from portal.ratings.models import Rating, Release, Verdict, VerdictReview
from portal.records.effects import change
from portal.records.fairness import audit
from portal.records.models import (
    Contest,
    ContestRuling,
    Decision,
    Reply,
    ReviewRequest,
    Score,
    ScoringRun,
)
from portal.records.set_aside import open_requests
from tests.conftest import NOW
from tests.demo.conftest import Demo

pytestmark = pytest.mark.usefixtures("reading")

CLOSED, OPEN = "2026-Q3", "2026-Q4"


def latest(period: str) -> dict[int, Score]:
    """Everybody's newest score of the city in a period."""
    rows = db.session.scalars(
        select(Score)
        .join(
            ScoringRun,
            (ScoringRun.agency_id == Score.agency_id) & (ScoringRun.id == Score.run_id),
        )
        .where(Score.agency_id == 1, Score.period == period)
        .order_by(ScoringRun.release)
    )
    return {score.employee_id: score for score in rows}


def city_mean(period: str) -> float:
    mean = db.session.scalar(
        select(func.avg(Rating.overall)).where(Rating.agency_id == 1, Rating.period == period)
    )
    return float(mean or 0) * 25


def test_the_past_quarter_is_closed_and_this_one_released(demo: Demo) -> None:
    closed = {
        (release.agency_id, release.period): release.closes
        for release in db.session.scalars(select(Release).order_by(Release.number))
    }
    assert closed == {(1, CLOSED): True, (1, OPEN): False, (2, CLOSED): True, (2, OPEN): False}


def test_the_strong_clerk_on_a_hard_service_is_found_behind_a_plain_mean(demo: Demo) -> None:
    for period in (CLOSED, OPEN):
        score = latest(period)[demo.person("strong_on_hard_service")["id"]]
        means = [one.raw_mean for one in latest(period).values() if one.raw_mean is not None]
        assert score.raw_mean is not None
        assert score.raw_mean < quantiles(means, n=3)[0]  # two of three colleagues have a better
        assert abs(score.raw_mean - city_mean(period)) < 1.5
        assert score.score > score.raw_mean + 4
        assert score.advice == "award_candidate"


def test_the_weak_clerk_on_an_easy_service_is_found_behind_a_fair_mean(demo: Demo) -> None:
    score = latest(CLOSED)[demo.person("weak_on_easy_service")["id"]]
    assert score.raw_mean is not None
    assert score.raw_mean > 76
    assert score.score < score.raw_mean - 8
    assert score.advice == "guidance_candidate"


def test_an_average_clerk_on_a_hard_service_is_not_blamed_for_it(demo: Demo) -> None:
    score = latest(CLOSED)[demo.person("average_on_hard_service")["id"]]
    assert score.raw_mean is not None
    assert score.raw_mean < 82
    assert score.score > score.raw_mean + 5
    assert score.advice == "none"


def test_stuffed_ratings_are_set_aside(demo: Demo) -> None:
    stuffer = demo.person("stuffer")["id"]
    score = latest(CLOSED)[stuffer]
    assert score.set_aside > 25
    assert score.advice == "none"
    devices = Counter(
        db.session.scalars(select(Rating.device).where(Rating.employee_id == stuffer)).all()
    )
    own = [device for device, ratings in devices.items() if ratings > 3]
    weights = db.session.scalars(
        select(Verdict.weight)
        .join(Rating, (Rating.id == Verdict.rating_id) & (Rating.agency_id == Verdict.agency_id))
        .where(Rating.employee_id == stuffer, Rating.device.in_(own))
    ).all()
    assert sum(weights) <= 0.1 * len(weights)


def test_the_attack_is_set_aside_and_the_attacked_clerk_keeps_her_score(demo: Demo) -> None:
    for period, ratings in ((CLOSED, 34), (OPEN, 42)):
        score = latest(period)[demo.person("attacked")["id"]]
        assert score.set_aside >= 0.9 * ratings
        assert score.lo > 85
        assert score.advice in {"none", "award_candidate"}


def test_the_stuffer_asked_to_have_them_counted_in_vain(demo: Demo) -> None:
    stuffer = demo.person("stuffer")["id"]
    asked = db.session.scalars(select(ReviewRequest)).one()
    answers = db.session.scalars(select(VerdictReview)).all()
    assert asked.employee_id == stuffer
    assert len(answers) == latest(CLOSED)[stuffer].set_aside
    assert all(answer.weight == 0 and answer.at > asked.at for answer in answers)
    officer = db.session.get_one(Account, answers[0].account_id)
    assert officer.email == demo.email("appeals_officer")
    assert not open_requests(db.session.get_one(Agency, 1), true())


def test_the_guided_clerk_improves_more_than_chance_explains(demo: Demo) -> None:
    person = demo.person("weak_on_easy_service")["id"]
    after = change(latest(CLOSED)[person], latest(OPEN)[person])
    assert after.sure
    assert after.difference > 10
    assert latest(OPEN)[person].advice != "guidance_candidate"


def test_the_improving_clerk_shows_it_over_two_quarters(demo: Demo) -> None:
    person = demo.person("improving")["id"]
    assert change(latest(CLOSED)[person], latest(OPEN)[person]).lo > 0


def test_the_newcomer_has_too_few_ratings_for_any_advice(demo: Demo) -> None:
    score = latest(OPEN).get(demo.person("newcomer")["id"])
    assert score is None or score.advice == "insufficient"


def test_nothing_is_said_about_a_person_who_is_no_civil_servant(demo: Demo) -> None:
    person = demo.person("non_asn")
    assert person["record"] == {}
    assert person["id"] not in latest(OPEN)


def test_every_advice_occurs(demo: Demo) -> None:
    for period in (CLOSED, OPEN):
        advice = Counter(score.advice for score in latest(period).values())
        assert advice["award_candidate"] >= 3
        assert advice["guidance_candidate"] >= 1
        assert advice["insufficient"] >= 1
        assert advice["none"] > len(latest(period)) / 2


def test_the_fairness_audit_has_objective_measures_to_show(demo: Demo) -> None:
    for period in (CLOSED, OPEN):
        found = audit(Scope(1, None), period, NOW.date())
        assert len(found.measures) == 3
        for table in (one for one in found.tables if one.name in {"kind", "sex"}):
            assert [len(group.anchors) for group in table.groups] == [3, 3]
    assert audit(Scope(2, None), OPEN, NOW.date()).measures == []


def test_decisions_replies_and_objections_are_there_to_be_read(demo: Demo) -> None:
    decisions = {
        decision.employee_id: (decision.kind, decision.against_advice)
        for decision in db.session.scalars(select(Decision))
    }
    assert decisions[demo.person("strong_on_hard_service")["id"]] == ("award", False)
    assert decisions[demo.person("weak_on_easy_service")["id"]] == ("guidance", False)
    assert decisions[demo.person("attacked")["id"]] == ("none", False)
    assert db.session.scalar(select(func.count()).select_from(Reply)) == 2
    assert db.session.scalar(select(func.count()).select_from(Contest)) == 2
    assert db.session.scalar(select(func.count()).select_from(ContestRuling)) == 1
