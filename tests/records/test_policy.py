"""Thresholds: tried on simulated staff before they hold, then a new version with its reason."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.people.models import Account, AuditEvent
from portal.records import rule_trial
from portal.records.models import Policy
from portal.records.policies import AgencyPolicy, current_policy
from portal.records.policy_actions import PolicyMoved, set_policy, with_thresholds
from portal.records.rule_trial import try_rules
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, make_office
from tests.records.cast import enter
from tests.records.test_decisions import Story

PATH = "/policy/edit"


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are soon there; the test of the figures themselves takes more."""
    monkeypatch.setattr(rule_trial, "DRAWS", 5)


@pytest.fixture
def officer(app: Flask) -> Account:
    return make_account("hr")


def filled(client: FlaskClient, **changes: str) -> dict[str, str]:
    """The form as the page offers it, with some fields changed."""
    page = client.get(PATH).text
    names = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    names.pop("csrf_token", None)
    return names | {"reason": ""} | changes


def test_trying_shows_both_rules_side_by_side_and_changes_nothing(
    client: FlaskClient, officer: Account
) -> None:
    enter(client, officer)
    page = send(client, PATH, **filled(client, certainty="0,99", deed="try")).text
    assert page.count("Aturan yang diubah") > 1
    assert "0,95 → <b>0,99</b>" in page
    assert db.session.scalars(select(Policy)).all() == []


def test_a_stricter_rule_errs_less_and_sees_less(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_trial, "DRAWS", 80)
    story = Story()  # its agency has been rated, but by far too few to learn from
    held = AgencyPolicy(agency_id=story.office.agency_id)
    strict = with_thresholds(held, {"certainty": 0.99, "guidance_certainty": 0.99})
    loose = with_thresholds(held, {"award_standard": 89.0, "certainty": 0.8})
    found = try_rules(story.office.agency_id, [held, strict, loose])
    average, weak, strong = found.people
    assert average.fates[0].award < 0.05 < average.fates[2].award
    assert weak.fates[1].guidance < weak.fates[0].guidance
    assert strong.fates[1].award < strong.fates[0].award < strong.fates[2].award
    assert weak.level == pytest.approx(76.61 - 5, abs=0.1)
    assert strong.level == pytest.approx(96, abs=0.1)
    assert found.sufficient[0] == found.sufficient[1]  # the same people, the same evidence
    assert (found.rated, found.learnt) == (False, True)  # of one employee no volumes are known
    assert not try_rules(story.office.agency_id + 1, [held]).rated


def test_a_new_rule_holds_with_its_reason_and_its_author(
    client: FlaskClient, officer: Account
) -> None:
    enter(client, officer)
    fields = filled(client, award_standard="94.5", min_ratings="20", deed="save")
    refused = send(client, PATH, **fields)
    assert refused.status_code == 422
    assert "Tuliskan alasan perubahan" in refused.text
    saved = send(client, PATH, **(fields | {"reason": "Rapat 20 November"}))
    assert saved.headers["Location"] == "/policy"
    held = current_policy(officer.agency_id)
    assert (held.version, held.engine) == (1, {"award_standard": 94.5, "min_ratings": 20})
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject) == ("set_policy", "policy:1")
    assert event.detail["reason"] == "Rapat 20 November"
    assert event.detail["changes"]["award_standard"] == [93.0, 94.5]
    page = client.get("/policy").text
    assert "94,50" in page
    assert officer.name in page


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("least_new_ratings", "4", "Antara 5 dan 50"),
        ("contest_days", "7", "Antara 14 dan 90"),
        ("min_ratings", "12,5", "Tulis bilangan bulat"),
        ("award_standard", "tinggi", "Tulis sebuah angka"),
        ("award_standard", "nan", "Antara 25 dan 100"),
        ("award_standard", "70", "Harus di atas standar pembinaan"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_nothing_is_lost(
    client: FlaskClient, officer: Account, field: str, text: str, said: str
) -> None:
    enter(client, officer)
    answer = send(client, PATH, **filled(client, **{field: text}, reason="Rapat", deed="save"))
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{text}"' in answer.text
    assert "Rapat" in answer.text
    assert db.session.scalars(select(Policy)).all() == []


def test_who_edits_an_old_version_reads_the_new_one_first(
    client: FlaskClient, officer: Account
) -> None:
    enter(client, officer)
    fields = filled(client, min_ratings="20", reason="Rapat", deed="save")
    set_policy(officer, {"min_ratings": 15}, 0, "lebih dahulu", NOW)
    assert send(client, PATH, **fields).headers["Location"] == PATH
    assert current_policy(officer.agency_id).engine == {"min_ratings": 15}
    with pytest.raises(PolicyMoved):
        set_policy(officer, {"min_ratings": 20}, 0, "terlambat", NOW)


def test_only_who_answers_for_the_whole_agency_changes_the_rules(
    app: Flask, client: FlaskClient
) -> None:
    for role, office in (("hr", make_office()), ("administrator", None), ("auditor", None)):
        enter(client, make_account(role, office))
        assert client.get(PATH).status_code == 403
        assert PATH not in client.get("/policy").text
