"""A low rating opens a case with its release; somebody handles it, and never the one rated."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError

from portal.db import db
from portal.followups.actions import assign
from portal.followups.deadlines import due_after
from portal.followups.models import FollowUp, FollowUpEvent
from portal.followups.opening_actions import escalate_late, open_cases
from portal.followups.words import is_worrying
from portal.people.models import AuditEvent, Holiday, OutboxMessage
from portal.ratings.models import Rating, RatingComment
from portal.records.models import Policy
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    save,
)
from tests.records.cast import DAY, attribute, enter, rate, release, withdraw

WEDNESDAY = date(2026, 11, 25)


def comment(rating: Rating, text: str, **values: Any) -> None:
    own = {"agency_id": rating.agency_id, "period": rating.period, "rating_id": rating.id}
    save(RatingComment(**own, text=text, **values))


def cases() -> list[FollowUp]:
    db.session.rollback()
    return list(db.session.scalars(select(FollowUp).order_by(FollowUp.due_on, FollowUp.id)))


class Desk:
    """A counter, its low rating with a comment released and opened, and who handles it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.counter = make_counter()
        self.rated = make_employee()
        self.ratings = rate(self.counter, self.rated, 1, 4, 4, 4, 4, cause="procedure")
        comment(self.ratings[0], "Saya disuruh kembali besok")
        release(self.counter)
        open_cases(NOW)
        self.case = cases()[0]
        self.supervisor = make_account("supervisor", make_office())
        enter(client, self.supervisor)

    def page(self, case_id: int | None = None) -> Any:
        return self.client.get(f"/follow-ups/{case_id or self.case.id}")

    def send(self, deed: str, **fields: Any) -> Any:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', self.page().text)
        assert token
        return self.client.post(
            f"/follow-ups/{self.case.id}/{deed}", data={"csrf_token": token[1]} | fields
        )


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Desk:
    return Desk(client)


def test_a_deadline_counts_working_days_without_holidays() -> None:
    assert due_after(WEDNESDAY, 5, "12345", set()) == date(2026, 12, 2)
    assert due_after(WEDNESDAY, 5, "12345", {date(2026, 11, 27)}) == date(2026, 12, 3)
    assert due_after(WEDNESDAY, 3, "", set()) > WEDNESDAY


def test_some_words_are_worrying_and_praise_is_not() -> None:
    assert is_worrying("Petugas membentak ibu saya")
    assert is_worrying("tiga kali bolak-balik")
    assert not is_worrying("Ramah, cepat, tidak perlu menunggu")


def test_no_case_opens_before_enough_ratings_of_the_office_are_released_together(
    app: Flask,
) -> None:
    counter = make_counter()
    rate(counter, None, 1)
    assert open_cases(NOW) == 0
    release(counter)  # counts for the office at once, but is alone
    assert open_cases(NOW) == 0
    rate(counter, None, 4, 4, 4, 4, since=1)
    release(counter, NOW + DAY)
    assert open_cases(NOW + DAY) == 1
    assert open_cases(NOW + DAY) == 0
    rate(counter, None, 1, since=2)
    release(counter, NOW + 2 * DAY)
    assert open_cases(NOW + 2 * DAY) == 0


def test_a_worrying_comment_opens_a_case_and_what_is_set_aside_or_withdrawn_does_not(
    app: Flask,
) -> None:
    counter = make_counter()
    save(Holiday(agency_id=counter.agency_id, day=NOW.date() + timedelta(days=1), name="Libur"))
    ratings = rate(counter, None, 3, 1, 4, 4, 4, 4, 3)
    comment(ratings[0], "Dipersulit, tetapi akhirnya selesai")
    comment(ratings[2], "Diminta uang, lalu dibentak", for_inspector=True)
    withdraw(ratings[1], NOW - DAY)
    release(counter)
    open_cases(NOW)
    (case,) = cases()
    assert (case.why, case.rating_id) == ("comment", ratings[0].id)
    agency = make_agency()
    skipped = {NOW.date() + timedelta(days=1)}
    assert case.due_on == due_after(case.opened_on, 5, agency.working_days, skipped)


def test_a_case_tells_neither_whom_it_is_about_nor_when_the_visit_was(desk: Desk) -> None:
    page = desk.page().text
    assert "Saya disuruh kembali besok" in page
    assert "Aturan atau syaratnya" in page
    for told in (desk.rated.name, "Loket 3", "5 Oktober", str(desk.case.rating_id)):
        assert told not in page, told
    assert "5 Oktober" not in desk.client.get("/follow-ups").text


def test_a_case_is_given_noted_on_and_resolved_with_an_answer_on_every_receipt(
    desk: Desk,
) -> None:
    other = make_account("coordinator", make_office())
    assert desk.send("assign", account=other.id).status_code == 302
    assert db.session.scalar(select(OutboxMessage.recipient)) == other.email
    assert desk.send("note", note="").status_code == 422
    desk.send("note", note="Papan syarat ternyata lama. NIK 3201010101900001")
    words = {"reason": "Papan syarat diganti.", "heard": "Syaratnya membingungkan."}
    kept = desk.send("resolve", outcome="logged", **words)
    assert f'<option selected value="{desk.case.assigned_to}">' in kept.text  # not whoever is first
    assert kept.status_code == 422
    assert "Papan syarat diganti." in kept.text
    done = {"done": "Papan syarat sudah diganti."}
    assert desk.send("resolve", outcome="fixed", **words, **done).status_code == 302
    db.session.refresh(desk.case)
    assert (desk.case.state, desk.case.outcome) == ("resolved", "fixed")
    assert desk.case.assigned_to == other.id
    kinds = db.session.scalars(select(FollowUpEvent.kind).order_by(FollowUpEvent.at))
    assert sorted(kinds) == ["assigned", "noted", "resolved"]
    assert "3201010101900001" not in desk.page().text
    for rating in desk.ratings[:2]:
        assert "Papan syarat sudah diganti." in desk.client.get(f"/t/{rating.receipt}").text
    acts = set(db.session.scalars(select(AuditEvent.action)))
    assert {"assign_follow_up", "note_follow_up", "resolve_follow_up", "office_answer"} <= acts
    counts = desk.client.get("/follow-ups/results?period=2026-Q4").text
    assert "1 dari 1" in counts


def test_the_rated_employee_neither_sees_nor_gets_the_case_not_even_by_the_database(
    desk: Desk,
) -> None:
    own = make_account("coordinator", make_office(), employee=desk.rated)
    assert f'value="{own.id}"' not in desk.page().text
    assert desk.send("assign", account=own.id).status_code == 422
    corrected = make_employee(name="Budi Santoso")
    attribute(desk.ratings[0], corrected)
    named_later = make_account("coordinator", make_office(), employee=corrected)
    for account in (own, named_later):
        with pytest.raises(DatabaseError, match="never given"):
            db.session.execute(update(FollowUp).values(assigned_to=account.id, state="assigned"))
        db.session.rollback()
        enter(desk.client, account)
        assert desk.page().status_code == 404
        assert "Tidak ada yang menunggu" in desk.client.get("/follow-ups").text


def test_who_may_open_a_case_by_role_and_office(desk: Desk) -> None:
    here, there = make_office(), make_office(code="kecamatan")
    abroad = make_office(make_agency("lain"), "dukcapil")
    wanted = {
        ("supervisor", here): 200,
        ("coordinator", here): 200,
        ("supervisor", there): 404,
        ("coordinator", abroad): 404,
        ("employee", here): 403,
        ("hr", None): 403,
        ("auditor", None): 403,
        ("moderator", here): 403,
    }
    for (role, office), status in wanted.items():
        enter(desk.client, make_account(role, office))
        assert desk.page().status_code == status, role
        results = desk.client.get("/follow-ups/results")
        reads = role in {"supervisor", "coordinator", "hr", "auditor"}
        assert results.status_code == (200 if reads else 403), role
        if reads and status != 200 and role not in {"hr", "auditor"}:
            assert "Dinas Dukcapil" not in results.text
        elif reads:
            assert "0 dari 0" not in results.text  # nothing is done yet: no share to tell


def test_a_late_case_is_told_once_to_the_supervisors_and_to_no_other(desk: Desk) -> None:
    make_account("supervisor", make_office(code="kecamatan"))
    make_account("coordinator", make_office())
    late = NOW + 20 * DAY
    assert escalate_late(NOW) == 0
    assert escalate_late(late) == 1
    assert escalate_late(late) == 0
    assert list(db.session.scalars(select(OutboxMessage.recipient))) == [desk.supervisor.email]
    assert db.session.scalar(select(func.count()).select_from(FollowUpEvent)) == 1


def told_late(late: Any) -> set[str]:
    db.session.execute(delete(OutboxMessage))
    db.session.execute(update(FollowUp).values(escalated_on=None))
    db.session.commit()
    assert escalate_late(late) == 1
    return set(db.session.scalars(select(OutboxMessage.recipient)))


def test_a_late_case_goes_past_who_holds_it_to_the_office_above_and_at_last_to_hr(
    desk: Desk,
) -> None:
    late, above = NOW + 20 * DAY, make_office(code="sekretariat")
    make_office().parent_id = above.id
    hr = make_account("hr", make_office())
    make_account("hr", make_office(code="kecamatan"))
    higher = make_account("supervisor", above)
    assert told_late(late) == {desk.supervisor.email}  # the nearest, and nobody beside
    desk.send("assign", account=desk.supervisor.id)
    assert told_late(late) == {higher.email}
    second = make_account("supervisor", make_office(), desk.rated)  # whom it is about
    assert told_late(late) == {higher.email}
    desk.send("assign", account=higher.id)
    desk.supervisor.active = False
    db.session.commit()
    assert told_late(late) == {hr.email}
    assert second.email not in told_late(late)
    body = db.session.scalar(select(OutboxMessage.body))
    assert "/follow-ups/results" in str(body)  # HR opens no case


@pytest.mark.parametrize(
    ("rule", "told"),
    [(0, {"supervisor", "coordinator"}), (1, {"supervisor"}), (2, {"coordinator"})],
)
def test_the_rules_of_the_agency_say_to_whom_new_cases_go(
    app: Flask, client: FlaskClient, rule: int, told: set[str]
) -> None:
    counter = make_counter()
    rules = {"agency_id": counter.agency_id, "version": 1, "created_at": NOW}
    save(Policy(**rules, thresholds={"case_to": rule}))
    people = {role: make_account(role, make_office()) for role in ("supervisor", "coordinator")}
    rate(counter, None, 1, 4, 4, 4, 4)
    release(counter)
    open_cases(NOW)
    mails = set(db.session.scalars(select(OutboxMessage.recipient)))
    assert mails == {people[role].email for role in told}
    for role, account in people.items():
        page = enter(client, account).get("/today").text
        assert ("1 tindak lanjut menunggu" in page) is (role in told)
        assert client.get(f"/follow-ups/{cases()[0].id}").status_code == 200
    (case,) = cases()
    holder = people["coordinator"]
    assign(people["supervisor"], case.id, holder, NOW)  # who holds it sees it in any case
    assert "1 tindak lanjut menunggu" in enter(client, holder).get("/today").text


def test_words_that_were_taken_back_are_gone_from_the_case_with_the_next_release(
    desk: Desk,
) -> None:
    withdraw(desk.ratings[0], NOW + DAY / 2)
    assert "disuruh kembali" in desk.page().text
    rate(desk.counter, desk.rated, 4, 4, 4, 4, 4, since=3)
    release(desk.counter, NOW + DAY)
    assert "disuruh kembali" not in desk.page().text
