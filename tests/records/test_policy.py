"""Thresholds: tried on simulated staff before they hold, then a new version with its reason."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from portal.db import db
from portal.people.models import Account, AuditEvent
from portal.records import rule_trial
from portal.records.models import Policy
from portal.records.policies import AgencyPolicy, current_policy
from portal.records.policy_actions import (
    PolicyMoved,
    approve_policy,
    propose_policy,
    return_policy,
    with_thresholds,
)
from portal.records.policy_models import PolicyAnswer, ProposedPolicy
from portal.records.rule_trial import try_rules
from portal.records.second_person import NotSecond
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, make_office, save
from tests.records.cast import enter
from tests.records.test_decisions import Story, letters

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
    names |= dict(
        re.findall(r'<select[^>]* name="(\w+)".*?<option selected value="(\d)"', page, re.DOTALL)
    )
    names.pop("csrf_token", None)
    return names | {"reason": ""} | changes


def test_trying_shows_both_rules_side_by_side_and_changes_nothing(
    client: FlaskClient, officer: Account
) -> None:
    enter(client, officer)
    page = send(client, PATH, **filled(client, certainty="0,99", deed="try")).text
    assert page.count("Aturan yang diubah") > 1
    assert "0,9 → <b>0,99</b>" in page
    assert db.session.scalars(select(Policy)).all() == []


def test_a_threshold_that_is_a_choice_is_told_in_words(
    client: FlaskClient, officer: Account
) -> None:
    enter(client, officer)
    assert "bila berbeda dari saran" in client.get("/policy").text
    page = send(client, PATH, **filled(client, second_person="1", deed="try")).text
    assert "bila berbeda dari saran → <b>juga pembinaan</b>" in page
    wrong = send(client, PATH, **filled(client, second_person="3", deed="try"))
    assert "Pilih salah satu jawaban." in wrong.text


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
    surer = with_thresholds(held, {"lone_certainty": 0.99})
    once = try_rules(story.office.agency_id, [held, surer]).people[2]
    assert strong.fates[1].award < once.fates[1].award < once.fates[0].award
    assert weak.level == pytest.approx(76.61 - 5, abs=0.1)
    assert strong.level == pytest.approx(96, abs=0.1)
    assert found.sufficient[0] == found.sufficient[1]  # the same people, the same evidence
    assert (found.rated, found.learnt) == (False, True)  # of one employee no volumes are known
    assert not try_rules(story.office.agency_id + 1, [held]).rated


def test_an_agencys_first_rule_holds_at_once_where_nobody_else_could_approve_it(
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
    assert "94,5<" in page
    assert officer.name in page
    alone = propose_policy(officer, {"min_ratings": 30}, 1, "Lagi", NOW)
    assert isinstance(alone, ProposedPolicy)  # the second one never holds by one person's word
    assert "Belum ada orang lain" in client.get(f"/policy/proposals/{alone.id}").text


def test_a_rule_holds_only_when_another_account_has_approved_it(
    client: FlaskClient, officer: Account
) -> None:
    second = make_account("hr")
    enter(client, officer)
    fields = filled(client, award_standard="94.5", reason="Rapat", deed="save")
    path = send(client, PATH, **fields).location
    assert path.startswith("/policy/proposals/")
    number = int(path.rpartition("/")[2])
    assert current_policy(officer.agency_id).version == 0
    assert [recipient for recipient, _ in letters()] == [second.email]
    with pytest.raises(NotSecond):
        approve_policy(officer, number, "", NOW)
    for role, office in (("hr", make_office()), ("administrator", None)):
        reader = enter(client, make_account(role, office))
        assert "93 → <b>94,5</b>" in reader.get(path).text
        assert send(reader, path, approved="yes").status_code == 403
    enter(client, second)
    page = client.get(path).text
    assert "Aturan yang diubah: penghargaan bagi" in page  # what it would do by chance
    assert "Anda orang kedua" in page
    assert send(client, path, approved="yes").location == "/policy"
    held = current_policy(officer.agency_id)
    assert (held.version, held.engine) == (1, {"award_standard": 94.5})
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert acts[-2:] == ["propose_policy", "approve_policy"]
    page = client.get("/policy").text
    assert f"diusulkan oleh {officer.name}" in page
    assert f"disetujui oleh {second.name}" in page
    assert officer.email in {recipient for recipient, _ in letters()}


def test_a_rule_sent_back_says_why_and_can_be_mended(client: FlaskClient, officer: Account) -> None:
    second = make_account("hr")
    made = propose_policy(officer, {"min_ratings": 20}, 0, "Rapat", NOW)
    path = f"/policy/proposals/{made.id}"
    enter(client, second)
    assert send(client, path, approved="no", reason=" ").status_code == 422
    assert send(client, path, approved="no", reason="Terlalu berat").status_code == 302
    assert current_policy(officer.agency_id).version == 0
    page = enter(client, officer).get(path).text
    assert "Terlalu berat" in page
    page = client.get(f"{PATH}?proposal={made.id}").text
    assert "→ <b>20</b>" in page
    assert "Rapat" in page
    again = propose_policy(officer, {"min_ratings": 18}, 0, "Lebih ringan", NOW)
    answer = send(client, f"/policy/proposals/{again.id}", reason="Belum perlu")
    assert answer.status_code == 302
    assert "ditarik" in client.get("/policy").text


def test_the_database_takes_no_rule_of_one_person(app: Flask, officer: Account) -> None:
    second = make_account("hr")
    first = propose_policy(officer, {"min_ratings": 20}, 0, "Rapat", NOW)
    approve_policy(second, first.id, "", NOW)
    made = propose_policy(officer, {"min_ratings": 25}, 1, "Rapat", NOW)
    lone = {"agency_id": officer.agency_id, "version": 2, "created_at": NOW}
    others = {"thresholds": made.thresholds | {"min_ratings": 5}, "approved_by": second.id}
    mine = {"thresholds": made.thresholds, "approved_by": officer.id}
    for values in (mine, others):
        with pytest.raises(DatabaseError):
            save(Policy(**lone, **values))
        db.session.rollback()
    word = {"agency_id": officer.agency_id, "proposal_id": made.id, "at": NOW, "reason": "ya"}
    own = {"proposed_by": officer.id, "answered_by": officer.id, "outcome": "approved"}
    with pytest.raises(DatabaseError):
        save(PolicyAnswer(**word, **own))
    db.session.rollback()
    approve_policy(second, made.id, "", NOW)
    with pytest.raises(DatabaseError):  # approved, but not this
        save(Policy(**lone | {"version": 3}, **others))
    db.session.rollback()


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
    propose_policy(officer, {"min_ratings": 15}, 0, "lebih dahulu", NOW)
    assert send(client, PATH, **fields).headers["Location"] == PATH
    assert current_policy(officer.agency_id).engine == {"min_ratings": 15}
    second = make_account("hr")
    late, early = (
        propose_policy(officer, {"min_ratings": number}, 1, "Rapat", NOW) for number in (20, 30)
    )
    approve_policy(second, early.id, "", NOW)
    with pytest.raises(PolicyMoved):
        approve_policy(second, late.id, "", NOW)
    assert "didahului versi lain" in client.get("/policy").text
    return_policy(second, late.id, "Didahului", NOW)


def test_only_who_answers_for_the_whole_agency_changes_the_rules(
    app: Flask, client: FlaskClient
) -> None:
    for role, office in (("hr", make_office()), ("administrator", None), ("auditor", None)):
        enter(client, make_account(role, office))
        assert client.get(PATH).status_code == 403
        assert PATH not in client.get("/policy").text
