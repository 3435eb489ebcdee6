"""A rating set aside is not lost: the employee asks, an appeals officer restores or confirms it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.people.models import AuditEvent, Employment, OutboxMessage
from portal.ratings.models import Rating, VerdictReview
from portal.records import correction_actions, set_aside
from portal.records.correction_actions import correct_due
from portal.records.evidence import closed
from portal.records.models import PerformanceRecord, ReviewRequest, ScoringRun
from portal.records.replay import verify
from portal.records.set_aside_actions import (
    BatchesMoved,
    Finding,
    OwnRatings,
    review,
)
from tests.conftest import NOW, set_clock
from tests.counters.staff import send
from tests.factories import make_account, make_employee, make_office, make_rating, save
from tests.records.cast import DAY, PERIOD, enter, release
from tests.records.test_decisions import Story
from tests.records.test_pages import page_of

NIGHT = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)  # 22.00 WIB: the counters are closed
TELEPHONE = b"one-telephone-16"


def suspicious(story: Story, number: int = 8) -> list[Rating]:
    """As many best answers from one telephone within minutes, at night."""
    made = [
        make_rating(
            story.counter, story.employee, 4,
            NIGHT + timedelta(seconds=30 * at), device=TELEPHONE,
        )
        for at in range(number)
    ]  # fmt: skip
    release(story.counter)
    return made


@pytest.fixture
def story(app: Flask) -> Story:
    story = Story(4, 4, 3, 4, 4, 2)
    suspicious(story)
    assert (story.score.counted, story.score.set_aside) == (6, 8)
    return story


def path_of(story: Story, rest: str = "") -> str:
    return f"/records/{story.employee.id}/{PERIOD}/set-aside{rest}"


def keys(client: FlaskClient, story: Story) -> list[str]:
    """The batches that the page offers."""
    return re.findall(r'name="batches"[^>]*value="([^"]+)"', client.get(path_of(story)).text)


def test_the_employee_asks_and_an_officer_is_told(story: Story, client: FlaskClient) -> None:
    enter(client, story.clerk)
    assert path_of(story, "/ask") in page_of(client, story)
    assert send(client, path_of(story, "/ask"), reason=" ").status_code == 422
    send(client, path_of(story, "/ask"), reason="Hari itu ada layanan malam")
    assert "Hari itu ada layanan malam" in page_of(client, story)
    letter = db.session.scalars(select(OutboxMessage)).one()
    assert letter.recipient == story.officer.email
    assert path_of(story) in letter.body
    enter(client, story.officer)
    assert f'href="{path_of(story)}"' in client.get("/contests").text
    assert "Hari itu ada layanan malam" in client.get(path_of(story)).text


def test_requests_of_other_offices_crowd_out_none_of_ones_own(
    story: Story, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_aside, "MOST_REQUESTS", 1)
    elsewhere = make_employee(make_office(code="lain"))
    earlier = {"employee_id": elsewhere.id, "period": PERIOD, "reason": "X", "at": NOW - DAY}
    save(ReviewRequest(agency_id=elsewhere.agency_id, **earlier))
    enter(client, story.clerk)
    send(client, path_of(story, "/ask"), reason="Hari itu ada layanan malam")
    enter(client, story.officer)
    assert f'href="{path_of(story)}"' in client.get("/contests").text
    assert re.search(r'"badge[^>]*>\s*1\b', client.get("/contests").text)


def test_who_ruled_where_somebody_worked_before_reads_no_request_of_a_later_quarter(
    story: Story, client: FlaskClient
) -> None:
    former = make_office(code="lain")
    before = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 9, 30), "office_id": former.id}
    keys = {"agency_id": former.agency_id, "employee_id": story.employee.id}
    save(Employment(**keys, **before))
    enter(client, story.clerk)
    send(client, path_of(story, "/ask"), reason="Hari itu ada layanan malam")
    enter(client, make_account("appeals_officer", former))
    page = client.get("/contests").text
    assert path_of(story) not in page
    assert story.employee.name not in page
    assert '"badge' not in page


def test_a_request_has_a_day_by_which_it_is_answered_and_says_when_it_is_late(
    story: Story, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(client, story.clerk)
    send(client, path_of(story, "/ask"), reason="Hari itu ada layanan malam")  # 23 November
    record = f"/records/{story.employee.id}/{PERIOD}"
    for path in (record, "/my"):
        assert "dijawab sampai 7 Desember 2026" in client.get(path).text
    enter(client, story.officer)
    for path in ("/contests", "/today"):
        assert "paling lambat 7 Desember 2026" in client.get(path).text
    set_clock(monkeypatch, NOW + 15 * DAY)
    for path in ("/contests", "/today"):
        assert "lewat tenggat 7 Desember 2026" in client.get(path).text
    fields = {"batches": keys(client, story), "outcome": "confirm", "reason": "Satu telepon"}
    send(client, path_of(story), **fields)
    page = client.get("/today").text
    assert story.employee.name not in page
    assert "Unit kerja Anda sekilas" not in page  # whoever rules only has no office of their own
    enter(client, story.clerk)
    for path in (record, "/my"):
        assert "dijawab sampai" not in client.get(path).text


def test_an_officer_sees_days_and_signals_but_no_answer(story: Story, client: FlaskClient) -> None:
    enter(client, story.officer)
    page = client.get(path_of(story)).text
    assert "10 November 2026" in page
    assert "8 penilaian" in page
    assert "saat loket tutup" in page
    assert "Sangat baik" not in page
    assert [event.action for event in db.session.scalars(select(AuditEvent))] == ["record_read"]


def test_what_is_restored_counts_from_the_next_release_on(
    story: Story, client: FlaskClient
) -> None:
    before = story.score.score
    enter(client, story.officer)
    fields = {"batches": keys(client, story), "outcome": "restore", "reason": "Layanan malam"}
    assert send(client, path_of(story), **(fields | {"reason": ""})).status_code == 422
    assert send(client, path_of(story), **fields).status_code == 302
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "review")).one()
    assert event.detail == {"period": PERIOD, "outcome": "restore", "ratings": 8}
    assert story.score.counted == 6  # nothing moves before a release
    release(story.counter, NOW + DAY)
    assert (story.score.counted, story.score.set_aside) == (14, 0)
    assert story.score.score > before
    assert all(found.same for _, found in verify())
    enter(client, story.clerk)
    page = page_of(client, story)
    assert "8 dikembalikan" in page
    assert "Layanan malam" in page


def test_what_is_confirmed_stays_aside_and_the_request_is_answered(
    story: Story, client: FlaskClient
) -> None:
    enter(client, story.clerk)
    send(client, path_of(story, "/ask"), reason="Mohon diperiksa")
    enter(client, story.officer)
    fields = {"batches": keys(client, story), "outcome": "confirm", "reason": "Satu telepon"}
    send(client, path_of(story), **fields)
    assert path_of(story) not in client.get("/contests").text
    release(story.counter, NOW + DAY)
    assert (story.score.counted, story.score.set_aside) == (6, 8)
    assert "tetap disisihkan" in client.get(path_of(story)).text


def test_fewer_than_five_restored_wait_for_others(app: Flask) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    made = suspicious(story)
    for rating in made[:4]:
        restore(story, rating)
    release(story.counter, NOW + DAY)
    assert story.score.counted == 6
    restore(story, made[4])
    release(story.counter, NOW + 2 * DAY)
    assert (story.score.counted, story.score.set_aside) == (11, 3)


def restore(story: Story, rating: Rating, at: datetime = NOW) -> None:
    row = VerdictReview(
        agency_id=rating.agency_id, period=PERIOD, rating_id=rating.id, weight=1.0,
        reason="diperiksa", at=at, account_id=story.officer.id,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()


def test_a_list_that_has_moved_is_read_again(story: Story, client: FlaskClient) -> None:
    enter(client, story.officer)
    old = keys(client, story)
    finding = Finding(old, "confirm", "Satu telepon")
    assert review(story.officer, story.employee.id, PERIOD, finding, NOW) == 8
    with pytest.raises(BatchesMoved):
        review(story.officer, story.employee.id, PERIOD, finding, NOW)
    answer = send(client, path_of(story), batches=old, outcome="restore", reason="Lagi")
    assert answer.status_code in {302, 422}
    assert len(db.session.scalars(select(VerdictReview)).all()) == 8


def test_nobody_reviews_ratings_about_themselves(story: Story) -> None:
    finding = Finding(["2026-11-10 new"], "restore", "Mohon")
    with pytest.raises(OwnRatings):
        review(story.clerk, story.employee.id, PERIOD, finding, NOW)


def test_what_is_restored_after_the_closing_becomes_a_correction(
    story: Story, client: FlaskClient
) -> None:
    release(story.counter, NOW + 60 * DAY, closes=True)
    frozen = story.score
    enter(client, story.clerk)
    assert path_of(story, "/ask") in page_of(client, story)
    send(client, path_of(story, "/ask"), reason="Hari itu ada layanan malam")
    enter(client, story.officer)
    assert "Triwulan ini sudah ditutup" in client.get(path_of(story)).text
    finding = Finding(keys(client, story), "restore", "Layanan malam")
    assert review(story.officer, story.employee.id, PERIOD, finding, NOW + 61 * DAY) == 8
    assert story.score.run_id == frozen.run_id
    assert correct_due(NOW + 61 * DAY + timedelta(minutes=1)) == 1
    assert (story.score.counted, story.score.set_aside) == (14, 0)
    assert story.score.score > frozen.score
    records = db.session.scalars(select(PerformanceRecord.run_id)).all()
    assert set(records) == {frozen.run_id, story.score.run_id}, "the frozen record stays"
    assert closed(story.employee.agency_id, PERIOD)
    assert all(found.same for _, found in verify())
    letters = db.session.scalars(select(OutboxMessage.subject)).all()
    assert any("dikoreksi" in subject for subject in letters)
    assert correct_due(NOW + 62 * DAY) == 0, "once is enough"


def test_a_correction_moves_nobody_for_fewer_than_five_and_no_parameter(app: Flask) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    made = suspicious(story)
    release(story.counter, NOW + DAY, closes=True)
    for rating in made[:4]:
        restore(story, rating, NOW + 2 * DAY)
    assert correct_due(NOW + 3 * DAY) == 0
    restore(story, made[4], NOW + 3 * DAY)
    assert correct_due(NOW + 4 * DAY) == 1
    closing, correction = db.session.scalars(
        select(ScoringRun).where(ScoringRun.kind != "release").order_by(ScoringRun.release)
    ).all()
    assert correction.kind == "correction"
    assert correction.parameters["model"] == closing.parameters["model"]
    assert correction.policy_version == closing.policy_version


def test_a_correction_killed_before_it_shows_changes_nothing_and_is_made_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    made = suspicious(story)
    release(story.counter, NOW + DAY, closes=True)
    frozen = story.score.run_id
    for rating in made:
        restore(story, rating, NOW + 2 * DAY)
    with monkeypatch.context() as patch:
        patch.setattr(correction_actions, "finish", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            correct_due(NOW + 3 * DAY)
    db.session.rollback()
    assert (story.score.run_id, story.score.counted) == (frozen, 6)
    assert correct_due(NOW + 3 * DAY) == 1
    assert (story.score.counted, story.score.set_aside) == (14, 0)
    assert all(found.same for _, found in verify())


def test_the_receipt_says_that_it_was_set_aside_and_by_what_kind_of_reason(
    app: Flask, client: FlaskClient
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    made = suspicious(story)
    told = {client.get(f"/t/{rating.receipt}").text for rating in made}
    assert all('data-state="set_aside"' in page for page in told)
    words = ("dari perangkat yang sama", "Pola pengirimannya tidak biasa")
    assert all(any(word in page for word in words) for page in told)
    review(
        story.officer, story.employee.id, PERIOD,
        Finding(keys(enter(client, story.officer), story), "confirm", "Satu telepon"), NOW,
    )  # fmt: skip
    assert "diperiksa oleh orang yang berwenang" in client.get(f"/t/{made[0].receipt}").text
    release(story.counter, NOW + DAY)
    assert "Satu telepon" not in client.get(f"/t/{made[0].receipt}").text


def test_others_find_no_such_page(story: Story, client: FlaskClient) -> None:
    for role in ("supervisor", "hr", "auditor", "inspector", "administrator"):
        enter(client, make_account(role, story.above))
        assert client.get(path_of(story)).status_code == 403
        assert path_of(story) not in client.get("/home").text
    enter(client, make_account("appeals_officer", make_office(code="kecamatan")))
    assert client.get(path_of(story)).status_code == 404
    enter(client, story.officer)
    assert client.get(path_of(story, "/ask")).status_code == 403
