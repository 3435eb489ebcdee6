"""A closed quarter counts in the next: by its stored run, in words, and only in the same office."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import scoring
from portal.counters.models import Counter
from portal.db import db
from portal.people.models import Account, Employee
from portal.records.models import Score, ScoringRun
from portal.records.past import earlier_of_run
from portal.records.release_actions import release_period
from portal.records.replay import verify
from tests.factories import make_account, make_counter, make_employee, make_office
from tests.records.cast import PERIOD, enter, rate, release, score_of
from tests.records.test_explanation import figures

BEFORE = "2026-Q3"
NEARLY = ([4] * 8 + [3]) * 6  # above the award standard with a chance of .92
CLOSING = datetime(2026, 10, 12, 3, 0, tzinfo=UTC)


def without(stored: dict[str, Any]) -> dict[str, Any]:
    """A policy as it was stored before awards on one quarter had a certainty of their own."""
    return {name: value for name, value in stored.items() if name != "lone_certainty"}


class Quarters:
    """Three clerks with a closed quarter behind them: the first was good, the others were not."""

    def __init__(self) -> None:
        self.office = make_office()
        self.counter = make_counter(self.office)
        self.people = [make_employee(self.office, name) for name in ("Ani", "Budi S", "Cahya T")]
        for place, answers in enumerate(([4] * 30, [2, 1, 3] * 10, [3, 2] * 15)):
            rate(self.counter, self.people[place], *answers, since=-80 + 9 * place, period=BEFORE)
        release_period(self.office.agency_id, BEFORE, CLOSING, closes=True)
        self.before = self.runs(BEFORE)[0]

    def runs(self, period: str) -> list[ScoringRun]:
        query = select(ScoringRun).where(ScoringRun.period == period)
        return list(db.session.scalars(query.order_by(ScoringRun.release)))

    def now(self, *answers: int, at: Counter | None = None) -> list[Score]:
        """The same answers about everybody in this quarter, and what the scores are."""
        for place, person in enumerate(self.people):
            counter = self.counter if place else at or self.counter
            rate(counter, person, *answers, since=9 * place)
        release(self.counter)
        return [self.score(person) for person in self.people]

    def score(self, person: Employee) -> Score:
        found = score_of(person)
        assert found is not None
        return found


def test_the_closed_quarter_counts_and_the_run_says_so(app: Flask) -> None:
    story = Quarters()
    good, bad, _ = story.now(*[4, 3] * 10)
    assert good.score > bad.score
    for score in (good, bad):
        past: dict[str, Any] = score.detail["past"]
        assert past["period"] == BEFORE
        assert 0 < past["share"] <= 0.5
        assert sum(score.detail["steps"]) == pytest.approx(score.score, abs=1e-9)
    assert good.detail["steps"][4] > 0 > bad.detail["steps"][4]
    assert not bad.detail["past"]["fell"]
    assert good.counted == bad.counted == 20
    run = story.runs(PERIOD)[0]
    assert run.parameters["past"] == {"period": BEFORE, "runs": [story.before.id]}
    assert story.before.parameters["past"] is None


def test_a_corrected_quarter_changes_no_stored_run_and_counts_in_the_next(app: Flask) -> None:
    story = Quarters()
    story.now(*[4, 3] * 10)
    assert all(found.same and found.exact for _, found in verify())
    old = story.before
    values = {c.name: getattr(old, c.name) for c in ScoringRun.__table__.columns}
    fixed = ScoringRun(
        **values | {"id": 77, "kind": "correction", "as_of": old.as_of + timedelta(days=1)}
    )
    ani = db.session.get_one(Score, (old.agency_id, old.id, story.people[0].id))
    values = {c.name: getattr(ani, c.name) for c in Score.__table__.columns}
    detail = ani.detail | {"carried": [-3.0, 20.0, story.office.id]}
    db.session.add(fixed)
    db.session.flush()
    db.session.add(Score(**values | {"run_id": 77, "detail": detail}))
    db.session.commit()
    found = {name: same for name, same in verify() if PERIOD in name}
    assert found
    assert all(same.same and same.exact for same in found.values())
    before = story.score(story.people[0]).score
    later = story.now(*[4, 3] * 10)
    assert set(story.runs(PERIOD)[-1].parameters["past"]["runs"]) == {old.id, 77}
    assert later[0].score < before
    kept = earlier_of_run(story.runs(PERIOD)[-1])
    assert kept is not None
    assert kept.past.centre[kept.past.employee == story.people[0].id].tolist() == [-3.0]


def test_a_first_quarter_a_newcomer_and_another_office_begin_anew(app: Flask) -> None:
    story = Quarters()
    newcomer = make_employee(story.office, "Dewi")
    rate(story.counter, newcomer, *[4, 3] * 10, since=30)
    moved, stayed, _ = story.now(*[4, 3] * 10, at=make_counter(make_office(code="lain"), "M9"))
    assert moved.detail["past"] is None
    assert story.score(newcomer).detail["past"] is None
    assert story.score(newcomer).detail["steps"][4] == 0
    assert stayed.detail["past"] is not None


@pytest.mark.parametrize("language", ["id", "en", "jv", "su"])
def test_an_award_on_one_quarter_asks_for_more_and_the_record_says_so(
    app: Flask, client: FlaskClient, language: str
) -> None:
    story = Quarters()
    newcomer = make_employee(story.office, "Dewi")
    rate(story.counter, newcomer, *NEARLY, since=30)
    stayed, _, _ = story.now(*NEARLY)
    new = story.score(newcomer)
    assert 0.90 < new.p_above < 0.95 < stayed.p_above
    assert [one.advice for one in (new, stayed)] == ["none", "award_candidate"]
    assert [one.detail["award_certainty"] for one in (new, stayed)] == [0.95, 0.90]
    enter(client, make_account("supervisor", story.office))
    pages = [
        client.get(f"/records/{one.employee_id}/{PERIOD}?lang={language}").text
        for one in (new, stayed)
    ]
    assert [" 95 %." in page for page in pages] == [True, False]


def test_a_run_of_the_rules_before_that_is_computed_again_to_the_last_bit(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Quarters()
    newcomer = make_employee(story.office, "Dewi")
    rate(story.counter, newcomer, *NEARLY, since=30)
    now = scoring.Policy.to_dict
    with monkeypatch.context() as then:
        then.setattr(scoring.Policy, "to_dict", lambda policy: without(now(policy)))
        story.now(*NEARLY)
    assert story.score(newcomer).advice == "award_candidate"
    assert "lone_certainty" not in story.runs(PERIOD)[0].parameters["policy"]
    assert all(found.same and found.exact for _, found in verify())


def test_few_ratings_now_are_not_made_enough_by_the_past(app: Flask) -> None:
    story = Quarters()
    good, _, _ = story.now(*[4, 3] * 5)
    assert good.counted == 10
    assert good.reliability < 0.7
    assert good.advice == "insufficient"
    assert good.detail["needed"] > 0
    assert good.detail["past"]["share"] <= 0.5


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_record_says_how_much_the_past_counts_and_what_it_warns_of(
    app: Flask, client: FlaskClient, language: str
) -> None:
    story = Quarters()
    first, _, _ = story.now(*[1] * 20)
    assert first.detail["past"]["fell"]
    assert first.detail["past"]["warned"]
    reader: Account = make_account("supervisor", story.office)
    enter(client, reader)
    page = client.get(f"/records/{story.people[0].id}/{PERIOD}?lang={language}").text
    share = round(100 * first.detail["past"]["share"])
    if language == "id":
        assert f"Triwulan Juli–September 2026 ikut dipertimbangkan: sekitar {share} %" in page
        assert "dengan kepastian 99 %" in page
        assert "Peringatan dini" in page
    else:
        assert f"about {share} % of the evidence" in page
        assert "Early warning" in page
        page = page.replace(".", ",")
    rows = re.findall(r'plot-figure num">([^<]+)<', page)[:6]
    start, *changes, score = [figures(row)[0] for row in rows]
    assert len(changes) == 4
    assert start + sum(changes) == score


def test_a_run_of_bad_ratings_after_a_good_quarter_rings_the_alarm(app: Flask) -> None:
    story = Quarters()
    story.now(*[4, 3] * 10)
    rate(story.counter, story.people[0], *[1] * 12, since=40)
    release(story.counter, datetime(2026, 12, 1, tzinfo=UTC) + timedelta(hours=3))
    assert story.score(story.people[0]).detail["past"]["warned"]
