"""Controls of submissions: monitored first, counted always, switched with a reason."""

import re
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters.device_actions import note_refusal
from portal.counters.models import RefusedScan
from portal.db import db
from portal.people.models import AuditEvent
from portal.ratings.models import Rating, Verdict
from portal.records.models import ControlCount
from portal.records.policies import current_policy
from portal.records.policy_actions import approve_policy, propose_policy
from portal.records.policy_models import ProposedPolicy
from portal.records.replay import verify
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, make_counter, make_office, make_rating, save
from tests.records.cast import DAY, FIRST, PERIOD, enter, release
from tests.records.test_decisions import Story
from tests.records.test_set_aside import suspicious

ACTIVE = {"state": "active", "version": "0"}


def hurried(story: Story, number: int = 6, since: datetime = FIRST + 2 * DAY) -> list[Rating]:
    """Ratings that came within a second of opening the form, from as many telephones."""
    moments = [since + timedelta(hours=at) for at in range(number)]
    return [make_rating(story.counter, story.employee, 3, at, issued_at=at) for at in moments]


def test_a_monitored_control_counts_and_changes_no_weight(app, client: FlaskClient) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    values = dict.fromkeys(("repeat", "lone_device", "pace", "burst", "off_hours", "duplicate"), 1)
    propose_policy(
        make_account("hr"), {f"monitor_{name}": one for name, one in values.items()}, 0, "Uji", NOW
    )
    before = {rating.id: rating.employee_id for rating in suspicious(story)}
    assert (story.score.counted, story.score.set_aside) == (14, 0)
    assert set(db.session.scalars(select(Verdict.weight))) == {1.0}
    assert {
        rating.id: rating.employee_id
        for rating in db.session.scalars(select(Rating).where(Rating.id.in_(before)))
    } == before
    counts = {
        row.control: (row.ratings, row.monitored)
        for row in db.session.scalars(select(ControlCount))
        if row.day.isoformat() == "2026-11-10"
    }
    assert counts["off_hours"] == (8, True)
    assert counts["would_set_aside"] == (8, True)
    assert "set_aside" not in counts
    assert all(found.same for _, found in verify())


def test_what_working_controls_set_aside_is_counted_as_set_aside(app) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    suspicious(story)
    aside = story.score.set_aside
    rows = db.session.scalars(select(ControlCount).where(ControlCount.control == "set_aside"))
    assert [(row.ratings, row.monitored) for row in rows] == [(aside, False)]
    assert aside > 0


def test_haste_is_watched_until_somebody_lets_it_work(app, client: FlaskClient) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    hurried(story)
    release(story.counter, NOW)
    assert (story.score.counted, story.score.set_aside) == (12, 0)
    second = make_account("hr")
    enter(client, make_account("hr"))
    assert send(client, "/controls/haste", **ACTIVE, reason=" ").status_code == 422
    proposed = send(client, "/controls/haste", **ACTIVE, reason="Terbukti mesin").location
    assert "Terlalu cepat: hanya dipantau → <b>bekerja</b>" in client.get(proposed).text
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "propose_policy")
    ).one()
    assert event.detail == {"reason": "Terbukti mesin", "changes": {"monitor_haste": [1, 0]}}
    approve_policy(second, db.session.scalars(select(ProposedPolicy.id)).one(), "", NOW)
    hurried(story)
    release(story.counter, NOW + DAY)
    assert story.score.counted < 12
    assert "haste" not in current_policy(story.office.agency_id).monitored
    assert all(found.same for _, found in verify())


def test_forms_that_machines_filled_in_stand_on_the_page_apart_from_scans(
    app, client: FlaskClient
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    for kind, times in (("honeypot", 2), ("replaced", 7)):
        for _time in range(times):
            note_refusal(story.counter.agency_id, story.counter.id, kind, NOW)
    enter(client, make_account("coordinator", story.office))
    page = " ".join(client.get("/controls").text.split())
    assert "Isian jebakan: 2" in page
    cells = re.findall(r'data-label="(Ditandai|Pindaian ditolak)">([^<]*)<', page)
    assert ("Ditandai", "2") in cells
    assert ("Pindaian ditolak", "7") in cells


def test_the_page_tells_numbers_of_offices_in_scope_and_no_small_ones(
    app, client: FlaskClient
) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    hurried(story, 3, NOW - 3 * DAY)
    suspicious(story, 8)
    found = select(ControlCount.ratings).where(ControlCount.control == "haste")
    assert db.session.scalars(found).all() == [3]
    coordinator = make_account("coordinator", story.office)
    enter(client, coordinator)
    page = client.get("/controls").text
    assert "Di luar jam buka: 8" in " ".join(page.split())
    assert "Terlalu cepat:" not in page
    assert story.employee.name not in page
    assert 'action="/controls' not in page  # watching is not switching
    assert send(client, "/controls/pace", **ACTIVE, reason="x").status_code == 403
    elsewhere = make_account("inspector", make_office(code="kecamatan"))
    enter(client, elsewhere)
    assert "Tidak ada yang menonjol" in client.get("/controls").text
    assert PERIOD not in page


def test_what_a_kiosk_slowed_down_is_told_by_counter_and_day(app, client: FlaskClient) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    hurried_at = {"channel": "kiosk", "attributed_by": "kiosk_pace", "counts_for": "O"}
    for number, days in ((4, 4), (6, 3)):
        for at in range(number):
            moment = NOW - days * DAY + timedelta(minutes=at)
            make_rating(story.counter, None, 1, moment, **hurried_at)
    coordinator = make_account("coordinator", story.office)
    enter(client, coordinator)
    assert "Kios terlalu cepat: " not in client.get("/controls").text  # before a release
    release(story.counter, NOW)
    found = select(ControlCount.ratings).where(ControlCount.control == "kiosk_pace")
    assert sorted(db.session.scalars(found).all()) == [4, 6]
    page = " ".join(client.get("/controls").text.split())
    assert page.count("Kios terlalu cepat: ") == 1  # four on one day are too few to be told
    assert "Kios terlalu cepat: 6" in page


def test_many_counters_and_days_are_paged_the_newest_first(app, client: FlaskClient) -> None:
    office = make_office()
    agency, today = office.agency_id, NOW.date()
    for number in range(30):
        counter = make_counter(office, label=f"Loket {number:02}")
        for days in (1, 2):
            save(
                RefusedScan(
                    agency_id=agency,
                    counter_id=counter.id,
                    day=today - timedelta(days=days),
                    kind="replaced",
                    times=1,
                )
            )
    enter(client, make_account("coordinator", office))
    first, second = (client.get(f"/controls?page={number}").text for number in (1, 2))
    counters = [re.findall(r"<b>(Loket \d\d)</b>", page) for page in (first, second)]
    assert [len(rows) for rows in counters] == [50, 10]
    assert counters[0][:30] == [f"Loket {number:02}" for number in range(30)]
    assert counters[1] == [f"Loket {number:02}" for number in range(20, 30)]
    assert 'href="/controls?page=2"' in first
