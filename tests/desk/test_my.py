"""The employee's first page: the record as others see it, who looked, and one's own data."""

import json
from typing import Any

import pypdfium2
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.followups.actions import assign
from portal.followups.models import FollowUp
from portal.followups.opening_actions import open_cases
from portal.followups.queries import held_by
from portal.people.models import Account, AuditEvent, SavedView
from portal.records.decision_actions import contest, note_reading
from portal.records.measure_models import ObjectiveMeasure
from portal.records.proposals import PlannedStep
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    save,
)
from tests.records.cast import DAY, PERIOD, enter, rate, release
from tests.records.test_decision_sheet import assert_archivable
from tests.records.test_decisions import Story


def mine(client: FlaskClient, account: Account, path: str = "/my") -> str:
    enter(client, account)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.text.rpartition("<main")[2]  # above it the menu, with a token of this second


def test_each_lands_on_the_first_page_of_their_role(app: Flask, client: FlaskClient) -> None:
    story = Story()
    both = make_account("supervisor", story.office, make_employee(story.office, "Budi S"))
    lands = {story.clerk: "/my", both: "/today", make_account("hr"): "/home"}
    lands[make_account("employee", story.office)] = "/home"  # nobody's: there is no record
    for account, path in lands.items():
        enter(client, account)
        assert client.get("/start").location == path
        assert client.get(path).status_code == 200
    assert client.get("/my").status_code == 404


def test_before_the_first_score_the_page_says_what_is_awaited(
    app: Flask, client: FlaskClient
) -> None:
    office = make_office()
    page = mine(client, make_account("employee", office, make_employee(office)))
    assert "Belum ada nilai" in page
    assert "Tidak ada yang menunggu Anda" in page
    assert "Belum ada yang membukanya" in page


def test_elements_are_told_from_five_answers_on_and_only_as_released(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    answers = {"ramah": 4, "cakap": 1}
    rate(story.counter, story.employee, 4, 4, 4, 4, 4, since=6, cakap=1)
    rate(story.counter, story.employee, 4, 4, 4, 4, since=8, ramah=4)
    release(story.counter, NOW + DAY)
    page = mine(client, story.clerk)
    assert "1,0 dari 4, dari 5 jawaban" in page
    assert "<b>Ramah</b>" not in page  # four answers: each could be told from the others
    rate(story.counter, story.employee, *[4] * 16, since=10, **answers)
    assert mine(client, story.clerk) == page  # nothing moves before its release
    release(story.counter, NOW + 2 * DAY)
    page = mine(client, story.clerk)
    praised = page.split("Yang dipuji", 1)[1].split("Yang dapat diperbaiki")[0]
    assert "<b>Ramah</b>: 4,0 dari 4, dari 20 jawaban" in praised
    assert "Cakap" not in praised
    assert "Cakap" in page.split("Yang dapat diperbaiki", 1)[1].split("</ul>")[0]


def test_decisions_and_follow_ups_wait_with_their_deadlines(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    decision = story.decide()
    page = mine(client, story.clerk)
    assert f"/decisions/{decision.id}" in page
    assert "keberatan sampai 7 Desember 2026" in page
    contest(story.clerk, decision.id, "Belum didengar", NOW)
    assert "dijawab sampai 7 Desember 2026" in mine(client, story.clerk)
    rate(make_counter(story.office, "L9"), None, 1, 4, 4, 4, 4)
    release(story.counter, NOW + DAY)
    open_cases(NOW + DAY)
    keeper = make_account("coordinator", story.office)
    case = db.session.scalars(select(FollowUp)).one()
    assign(story.supervisor, case.id, keeper, NOW + DAY)
    assert [one.id for one in held_by(keeper.agency_id, keeper.id)] == [case.id]
    assert held_by(keeper.agency_id, story.clerk.id) == []


def test_the_steps_of_guidance_stand_before_the_employee(app: Flask, client: FlaskClient) -> None:
    story = Story()
    story.advise("guidance_candidate")
    steps = (
        PlannedStep("Latihan menyapa", NOW.date() + 9 * DAY),
        PlannedStep("Sudah lewat", NOW.date() - DAY),
    )
    story.decide("guidance", steps=steps)
    page = mine(client, story.clerk)
    assert "Latihan menyapa" in page
    assert page.index("Sudah lewat") < page.index("lewat tenggat 22 November 2026")


def test_who_looked_is_told_by_role_office_and_day_and_never_by_name(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    for _again in range(2):  # the same person once a day
        note_reading(story.supervisor, story.employee.id, PERIOD, NOW)
    note_reading(make_account("auditor"), story.employee.id, PERIOD, NOW - DAY)
    other = make_employee(story.office, "Budi Santoso")
    note_reading(story.officer, other.id, PERIOD, NOW)  # somebody else's record
    page = mine(client, story.clerk).split("Siapa yang membuka", 1)[1].split("</section>")[0]
    assert page.count("<b>Atasan</b>, Dinas Dukcapil") == 1
    assert "23 November 2026" in page
    assert "<b>Auditor</b>, seluruh instansi" in page
    assert "Pejabat keberatan" not in page
    assert story.supervisor.name not in page


def test_opening_a_decision_about_somebody_else_counts_as_looking(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    decision = story.decide()
    for account in (story.clerk, story.supervisor):
        enter(client, account)
        client.get(f"/decisions/{decision.id}")
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "record_read"))
    assert [event.account_id for event in events] == [story.supervisor.id]


def test_own_data_hold_all_of_mine_and_nothing_of_others(app: Flask, client: FlaskClient) -> None:
    story = Story()
    decision = story.decide(reason="Sesuai bukti")
    other = make_employee(story.office, "Budi Santoso")
    kept = {"agency_id": story.office.agency_id, "query": "period=2026-Q4"}
    kept |= {"endpoint": "records.people"}
    save(SavedView(**kept, account_id=story.clerk.id, name="Libur saya"))
    save(SavedView(**kept, account_id=story.supervisor.id, name="Milik orang lain"))
    taken = {"period": "2026-Q4", "measure": "Menit per layanan", "value": 11.5, "unit": "menit"}
    whose = {"agency_id": other.agency_id, "imported_at": NOW}
    save(ObjectiveMeasure(**whose, **taken, employee_id=story.employee.id))
    save(ObjectiveMeasure(**whose, **taken | {"value": 987.25}, employee_id=other.id))
    text = mine(client, story.clerk, "/my/data.json")
    data: dict[str, Any] = json.loads(text)
    assert data["measures"] == [taken | {"imported_at": NOW.isoformat()}]
    assert "987.25" not in text
    assert data["person"]["number"] == story.employee.nip
    assert data["account"]["email"] == story.clerk.email
    assert data["account"]["saved_views"] == [
        {"name": "Libur saya", "page": "records.people", "filters": "period=2026-Q4"}
    ]
    [record] = data["records"]
    assert record["score"] == story.score.score
    assert [one["id"] for one in data["decisions"]] == [str(decision.id)]
    for foreign in (other.nip, other.name, story.supervisor.email):
        assert foreign
        assert foreign not in text
    acts = db.session.scalars(select(AuditEvent.action)).all()
    assert acts.count("own_data_taken") == 1


def test_own_data_leave_out_figures_of_fewer_than_five(app: Flask, client: FlaskClient) -> None:
    story = Story()
    story.change(counted=4)
    [record] = json.loads(mine(client, story.clerk, "/my/data.json"))["records"]
    assert set(record) == {"period", "withheld"}


def test_own_data_can_be_kept_on_paper(app: Flask, client: FlaskClient) -> None:
    story = Story()
    story.decide()
    own = {"agency_id": story.office.agency_id, "employee_id": story.employee.id}
    taken = {"period": "2026-Q4", "measure": "Menit per layanan", "value": 11.5, "unit": "menit"}
    save(ObjectiveMeasure(**own, **taken, imported_at=NOW))
    enter(client, story.clerk)
    answer = client.get("/my/data.pdf")
    assert answer.mimetype == "application/pdf"
    assert_archivable(answer.data)
    document = pypdfium2.PdfDocument(answer.data)
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    assert "Menit per layanan" in words
    assert "11,50 menit" in words
    assert "Oktober–Desember 2026" in words
    assert "2026-Q" not in words
    elsewhere = make_office(make_agency("lain"))
    enter(client, make_account("hr", elsewhere))
    assert client.get("/my/data.pdf").status_code == 403


def test_non_asn_staff_are_told_that_their_ratings_count_for_the_office(
    app: Flask, client: FlaskClient
) -> None:
    office = make_office()
    helper = make_account("employee", office, make_employee(office, kind="non_asn"))
    own = mine(client, helper)
    record = client.get("/records/mine", follow_redirects=True).text
    for page in (own, record):
        assert "tenaga non-ASN dihitung untuk unit kerjanya saja" in page
        assert "Belum ada nilai" not in page
        assert "/reply" not in page
    assert "Dari triwulan ke triwulan" not in own
    assert "Unduh JSON" in own
