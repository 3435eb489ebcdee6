"""Every figure of a record leads to where it came from, and no path leads to a single rating."""

import re
from dataclasses import replace
from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.records.decision_actions import Proposal, decide
from portal.records.funnel import funnel, same_work
from portal.records.models import Score
from portal.records.queries import shown_score
from portal.records.seen import seen, waiting
from portal.records.set_aside import stretches
from tests.conftest import NOW
from tests.factories import make_account, make_counter, make_employee, make_service
from tests.records.cast import DAY, PERIOD, enter, rate, release, score_of
from tests.records.test_decisions import Story
from tests.records.test_pages import page_of
from tests.records.test_set_aside import suspicious

# A figure of the head, and what stands around it: the score, a fact, a face, a chance.
FIGURES = {
    "score": r'<p class="score">(.*?)</p>|(<[^>]*>Kemungkinan[^<]*<[^>]*>)',
    "facts": r"<dd>(.*?)</dd>()",
    "faces": r'<span class="plot-figure num">(.*?)</span>|(<[^>]*>Peluang[^<]*<[^>]*>)',
}


def test_every_figure_of_the_head_leads_to_where_it_came_from(
    app: Flask, client: FlaskClient
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    rate(story.counter, story.employee, *[1] * 6, since=4, cause="system")
    suspicious(story)
    for reader in (story.supervisor, story.clerk):
        enter(client, reader)
        page = page_of(client, story)
        ids, found = set(re.findall(r'id="([^"]+)"', page)), []
        for part, figures in FIGURES.items():
            inside = page.split(f'id="{part}"')[1].split("</section>")[0]
            found += [a or b for a, b in re.findall(figures, inside, re.DOTALL)]
        assert len(found) == 11  # score, interval, four facts, four faces, a chance
        for figure in found:
            link = re.search(r'<a [^>]*href="#([^"]+)">[^<]*\d[^<]*</a>', figure)
            assert link, figure
            assert link[1] in ids, figure
        assert set(re.findall(r'href="#([^"]+)"', page)) <= ids


def test_what_was_set_aside_is_told_by_weeks_of_at_least_five_and_not_to_the_employee(
    app: Flask, client: FlaskClient
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    suspicious(story, 9)  # all of Tuesday, 10 November 2026
    shown = shown_score(story.office.agency_id, story.employee.id, PERIOD)
    assert shown
    ratings = seen(shown.run, story.employee.id)
    (one,) = stretches(ratings, PERIOD, 5)
    assert (one.first, one.last) == (date(2026, 11, 9), date(2026, 11, 15))
    assert one.ratings == shown.score.set_aside == 9
    assert stretches(ratings, PERIOD, 10) == []
    enter(client, story.supervisor)
    page = page_of(client, story)
    assert "9 November 2026 – 15 November 2026: 9 penilaian" in page
    told = page.partition("15 November 2026: 9 penilaian;")[2].partition("</li>")[0]
    assert "saat loket tutup" in told
    assert not re.search(r"\d", told)  # of how many would tell the small numbers kept back
    assert "10 November 2026" not in page
    enter(client, story.clerk)
    assert "15 November 2026: 9 penilaian" not in page_of(client, story)


def test_colleagues_of_the_same_work_are_a_band_from_five_on(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    service, other = make_service(), make_service(code="pindah")
    rate(story.counter, story.employee, *[4, 4, 3, 4, 4], since=1, service_id=service.id)
    for at in range(5):
        rate(
            make_counter(story.office, f"L{at + 2}"),
            make_employee(story.office, f"Rekan {at}"),
            *[4] * 5, *[3] * (at + 1),
            service_id=service.id if at < 4 else other.id,
        )  # fmt: skip
    release(story.counter)
    shown = shown_score(story.office.agency_id, story.employee.id, PERIOD)
    assert shown
    assert same_work(shown, 5) is None
    enter(client, make_account("auditor"))
    assert "Belum ada sedikitnya lima rekan dengan layanan yang sama" in page_of(client, story)
    last = make_employee(story.office, "Rekan 5")
    rate(make_counter(story.office, "L9"), last, *[4] * 5, 2, service_id=service.id)
    release(story.counter)
    found = same_work(shown, 5)
    assert found
    assert found.people == 5
    assert found.lo < found.hi
    assert "separuhnya antara" in page_of(client, story)


def test_the_funnel_stands_on_the_latest_figures_of_each_colleague(app: Flask) -> None:
    story = Story()
    moving, staying = (
        [make_employee(story.office, f"{name} {at}") for at in range(3)] for name in "AB"
    )
    for at, colleague in enumerate((*moving, *staying)):
        rate(make_counter(story.office, f"L{at + 2}"), colleague, *[4] * 5, 2)
    release(story.counter)
    for colleague in moving:  # so that the earlier figures are kept beside the later ones
        first = score_of(colleague)
        assert first
        proposal = Proposal("none", "Belum perlu", "", first.run_id, None)
        decide(story.supervisor, colleague.id, PERIOD, proposal, NOW)
        rate(story.counter, colleague, *[1] * 10, since=4)
    release(story.counter, NOW + DAY)
    kept = db.session.scalars(
        select(Score.employee_id).where(Score.employee_id.in_([one.id for one in moving]))
    ).all()
    assert len(kept) == 6
    shown = shown_score(story.office.agency_id, story.employee.id, PERIOD)
    assert shown
    drawn = funnel(shown, 5)
    assert drawn
    latest = [score_of(colleague) for colleague in (*moving, *staying)]
    assert sorted(score.counted for score in latest if score) == [6, 6, 6, 16, 16, 16]
    assert sorted((dot.n, dot.mean) for dot in drawn.peers) == sorted(
        (score.counted, sum(score.detail["steps"][:3])) for score in latest if score
    )
    lows = [dot.mean for dot in drawn.peers if dot.n == 16]
    assert max(lows) < min(dot.mean for dot in drawn.peers if dot.n == 6)


def test_what_waits_is_about_the_person_came_before_the_run_and_is_not_settled(app: Flask) -> None:
    story = Story(4, 4, 3, 4, 4)
    shown = shown_score(story.office.agency_id, story.employee.id, PERIOD)
    assert shown
    settled = seen(shown.run, story.employee.id)
    assert len(settled) == 5
    assert waiting(settled, shown.run) == 0
    pending = replace(settled[0], settled=False)
    later = replace(pending, received_at=shown.run.as_of + timedelta(seconds=1))
    others = replace(pending, cause="system")
    forgotten = replace(pending, received_at=None)
    assert waiting([*settled, pending, later, others, forgotten], shown.run) == 1
