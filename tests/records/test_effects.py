"""What followed a decision is told with its uncertainty, and never as its effect for certain."""

import pytest
from flask import Flask

from portal.records.decision_actions import contest, rule
from portal.records.effects import change, effects
from portal.records.judgements import judgements_about
from portal.records.models import Score
from tests.conftest import NOW
from tests.records.cast import PERIOD
from tests.records.test_decisions import Story


def later(score: float, half: float = 3.0, period: str = "2027-Q1") -> Score:
    return Score(period=period, score=score, lo=score - half, hi=score + half, counted=40)


def test_the_interval_of_a_difference_holds_both_uncertainties() -> None:
    found = change(later(70, 4), later(76, 3))
    assert (found.difference, found.lo, found.hi) == (6, 1, 11)
    assert found.sure
    assert not change(later(70, 4), later(74, 3)).sure
    worse = change(later(80, 4), later(70, 3))
    assert worse.hi < 0
    assert worse.sure


def test_only_what_stands_and_was_an_award_or_guidance_is_followed(app: Flask) -> None:
    story = Story()
    story.change(advice="guidance_candidate", score=70.0, lo=66.0, hi=74.0)
    decision = story.decide("guidance")
    agency, own = decision.agency_id, story.employee.id

    def followed(*scores: Score, until: str = PERIOD) -> list[tuple[int, list[float]]]:
        found = effects(judgements_about(agency, own), scores, until)
        return [(one.decision.id, [row.difference for row in one.changes]) for one in found]

    assert followed() == []
    assert followed(story.score) == []  # nothing came after it yet
    assert followed(story.score, later(76), later(79, period="2027-Q2")) == [
        (decision.id, [pytest.approx(6), pytest.approx(9)])
    ]
    assert followed(later(76), until="2026-Q3") == []  # an earlier record does not tell of it
    made = contest(story.clerk, decision.id, "Keberatan", NOW)
    rule(story.officer, made.id, "revoked", "Belum didengar", NOW)
    assert followed(later(76)) == []
