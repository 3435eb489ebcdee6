"""How a record explains its score: steps that add up, services side by side, the funnel."""

import dataclasses
import json
import re
from decimal import Decimal
from math import sqrt
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import scoring
from portal.people.models import Employee
from portal.records.funnel import Dot, Funnel, funnel
from portal.records.models import ScoringRun
from portal.records.queries import Shown, shown_score
from tests.conftest import NOW
from tests.factories import make_counter, make_employee, make_service
from tests.records.cast import DAY, PERIOD, enter, rate, release
from tests.records.test_decisions import Story
from tests.records.test_pages import page_of


def colleagues(story: Story, number: int) -> list[Employee]:
    """So many others of the office, each with a score of their own."""
    found = [make_employee(story.office, f"Rekan {at}") for at in range(number)]
    for at, employee in enumerate(found):
        rate(make_counter(story.office, f"M{at}"), employee, 4, 4, 3, 4, 4, 3 + at % 2)
    release(story.counter, NOW + DAY)
    return found


def figures(cell: str) -> list[Decimal]:
    """The numbers of a piece of the page, as they are read."""
    text = re.sub(r"<[^>]+>", " ", cell).replace("−", "-").replace("±", "").replace("+", "")
    return [Decimal(found.replace(",", ".")) for found in re.findall(r"-?\d+,\d+", text)]


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_steps_as_shown_add_up_to_the_score_as_shown(
    app: Flask, client: FlaskClient, language: str
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    steps = [81.25, 18.749, -0.74, -7.989]  # each rounded by itself they would be .1 too much
    story.change(score=sum(steps), detail=story.score.detail | {"steps": steps})
    enter(client, story.supervisor)
    page = client.get(f"/records/{story.employee.id}/{PERIOD}?lang={language}").text
    if language == "en":
        page = page.replace(".", ",")
    rows = re.findall(r'plot-figure num">([^<]+)<', page)[:5]
    start, *changes, score = [figures(row)[0] for row in rows]
    assert start + sum(changes) == score == Decimal("91.3")
    table = page.split("Perubahan" if language == "id" else "Change", 1)[1].split("</table>")[0]
    levels = [figures(row)[-1] for row in table.split("</tr>")[1:-1]]
    assert levels == [start, start + changes[0], sum([start, *changes[:2]]), score, score]


def test_each_service_stands_beside_what_everybody_gets_there(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    hard = make_service(code="akta", name="Akta kelahiran")
    rate(story.counter, story.employee, 3, 3, 2, 3, 4, since=6, service_id=hard.id)
    other = make_employee(story.office, "Rekan")
    rate(make_counter(story.office, "M"), other, 2, 2, 3, 2, 2, since=6, service_id=hard.id)
    release(story.counter, NOW + DAY)
    lines = {line["service"]: line for line in story.score.detail["services"]}
    assert lines[hard.id]["all"] == pytest.approx(25 * (15 + 11) / 10)
    assert lines[hard.id]["lo"] < lines[hard.id]["score"] < lines[hard.id]["hi"]
    enter(client, story.supervisor)
    plot = page_of(client, story).split("Per layanan", 1)[1].split("</figure>")[0]
    assert "Akta kelahiran" in plot
    assert plot.count('class="range"') == plot.count('class="hollow"')


def test_of_a_service_with_few_ratings_only_their_number_is_kept(app: Flask) -> None:
    story = Story()
    rare = make_service(code="pindah", name="Pindah datang")
    rate(story.counter, story.employee, *[4, 1, 2, 4, 3, 4], since=8)
    rate(story.counter, story.employee, 1, 2, 1, 4, since=6, service_id=rare.id)
    release(story.counter, NOW + DAY)
    lines = {line["service"]: line for line in story.score.detail["services"]}
    assert lines.pop(rare.id) == {"service": rare.id, "n": 4}
    assert all(line["n"] >= 5 and line["lo"] < line["score"] for line in lines.values())


def test_what_one_gets_in_a_service_is_on_the_scale_of_that_service(app: Flask) -> None:
    story = Story()
    hard = make_service(code="izin", name="Izin")
    easy = make_service(code="surat", name="Surat")
    people = [make_employee(story.office, f"Rekan {at}") for at in range(8)]
    for at, person in enumerate(people):
        counter = make_counter(story.office, f"M{at}")
        rate(counter, person, *[4, 4, 4, 3] * 4, since=3, service_id=easy.id)
        rate(counter, person, *[2, 3, 2, 3] * 4, since=9, service_id=hard.id)
    release(story.counter, NOW + DAY)
    shown = shown_score(people[0].agency_id, people[0].id, PERIOD)
    assert shown is not None
    lines = {line["service"]: line for line in shown.score.detail["services"]}
    assert lines[hard.id]["score"] < lines[easy.id]["lo"]
    for line in lines.values():  # all eight are alike: each gets what everybody gets
        assert line["lo"] < line["all"] < line["hi"]


def test_the_funnel_shows_colleagues_without_their_names(app: Flask, client: FlaskClient) -> None:
    story = Story()
    others = colleagues(story, 6)
    enter(client, story.supervisor)
    page = page_of(client, story)
    plot = page.split("plot plot-funnel", 1)[1].split("<figcaption")[0]
    assert plot.count('class="peer" cx') == 6
    assert not any(other.name in page or f"/records/{other.id}/" in page for other in others)


def test_with_fewer_than_five_colleagues_there_is_no_funnel(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    colleagues(story, 4)
    enter(client, story.supervisor)
    page = page_of(client, story)
    assert "plot-funnel" not in page
    assert "Belum ada sedikitnya lima rekan" in page


def test_colleagues_with_fewer_ratings_than_may_be_told_are_left_out(app: Flask) -> None:
    story = Story()
    colleagues(story, 6)
    shown = shown_score(story.employee.agency_id, story.employee.id, PERIOD)
    assert shown is not None
    assert funnel(shown, 6) is not None
    assert funnel(shown, 7) is None
    assert funnel(Shown(shown.score, ScoringRun(parameters={})), 6) is None  # an old run


def test_dots_are_corrected_means_before_caution(app: Flask) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    others = colleagues(story, 6)
    shown = shown_score(story.employee.agency_id, story.employee.id, PERIOD)
    assert shown is not None
    found = funnel(shown, 5)
    assert found is not None
    assert found.own.mean == pytest.approx(sum(shown.score.detail["steps"][:3]))
    first = shown_score(others[0].agency_id, others[0].id, PERIOD)
    assert first is not None
    steps = first.score.detail["steps"]
    assert any(dot.mean == pytest.approx(sum(steps[:3])) for dot in found.peers)
    model = json.loads(json.dumps(shown.run.parameters["funnel"]))
    assert found.limits(6).lo95 == pytest.approx(
        model["centre"] - 1.959964 * sqrt(model["variance"] / 6 + model["office_variance"])
    )


@pytest.mark.parametrize(
    ("mean", "place"),
    [
        (90.0, "inside"),
        (94.2, "between_above"),
        (97.5, "outside_above"),
        (85.8, "between_below"),
        (80.0, "outside_below"),
    ],
)
def test_where_a_dot_lies_is_said_by_both_limits(mean: float, place: str) -> None:
    # sqrt(300 / 100 + 1) = 2: limits at 86.1, 93.9 and at 83.8, 96.2
    drawn = Funnel(90, 300, 1, marked=[Dot(100, mean)], peers=[Dot(10, 88.0)] * 5)
    assert drawn.place == place
    assert drawn.inside == 5


@pytest.mark.parametrize(
    ("language", "said"),
    [("id", "yang berlaku sebelumnya"), ("en", "were in force before")],
)
def test_a_record_says_when_no_new_parameters_were_found(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    def fails(*given: Any, **named: Any) -> scoring.Params:
        raise scoring.NotConverged(400, 0.1)

    story = Story()
    enter(client, story.supervisor)
    address = f"/records/{story.employee.id}/{PERIOD}?lang={language}"
    before = client.get(address).text
    monkeypatch.setattr(scoring, "fit", fails)
    rate(story.counter, story.employee, 4, 4, 4, 3, 4, since=6)
    release(story.counter, NOW + DAY)
    after = client.get(address).text
    assert (said in before, said in after) == (False, True)
    assert scoring.Policy().digest in after


def test_a_record_says_where_person_and_service_cannot_be_told_apart(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    lone = make_service(code="akta", name="Akta kelahiran")
    common = make_service(code="kk", name="Kartu keluarga")
    learn = scoring.fit

    def ties_nothing(*given: Any, **named: Any) -> scoring.Params:
        return dataclasses.replace(learn(*given, **named), alone=(str(lone.id),))

    monkeypatch.setattr(scoring, "fit", ties_nothing)
    for service in (lone, common):
        rate(story.counter, story.employee, 4, 4, 4, 3, 4, since=6, service_id=service.id)
    release(story.counter, NOW + DAY)
    enter(client, story.supervisor)
    page = page_of(client, story)
    assert "Akta kelahiran: siapa pun yang melayaninya" in page
    assert "Kartu keluarga: siapa pun" not in page


@pytest.mark.parametrize(
    ("detail", "said", "not_said"),
    [
        ({"needed": None, "needed_shared": True}, "Itu bukan kekurangan pegawai", "setinggi ini"),
        ({"needed": None, "needed_shared": False}, "setinggi ini", "bukan kekurangan"),
        ({"needed": None}, "setinggi ini", "bukan kekurangan"),  # stored before this was kept
        ({"apart": {"services": True, "channels": False}}, "di layanan ini tidak", "lewat saluran"),
        ({"apart": {"services": False, "channels": True}}, "lewat saluran yang", "di layanan ini"),
    ],
)
def test_a_record_says_why_more_ratings_or_colleagues_cannot_help(
    app: Flask, client: FlaskClient, detail: dict[str, Any], said: str, not_said: str
) -> None:
    story = Story()
    story.change(detail=story.score.detail | detail)
    enter(client, story.supervisor)
    page = page_of(client, story)
    assert said in page
    assert not_said not in page


def test_among_a_hundred_colleagues_is_told_to_the_employee_alone_and_with_its_range(
    app: Flask, client: FlaskClient
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    colleagues(story, 5)
    lo, hi = story.score.detail["percentile"]
    assert 0 <= lo < story.score.percentile < hi <= 100
    for reader, tells in ((story.clerk, True), (story.supervisor, False)):
        enter(client, reader)
        page = page_of(client, story)
        assert ("Dari 100 rekan" in page) == tells
        assert (f"antara {lo:.0f} dan {hi:.0f}. Bacalah" in page) == tells
