"""A moderator reads comments, not people: what is covered, what is masked, who sees it when."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import db
from portal.people.models import Account, AuditEvent
from portal.ratings.models import CommentReview, Rating, RatingComment
from portal.ratings.rude_words import is_rude
from portal.records import release_actions
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_counter,
    make_employee,
    make_office,
    save,
)
from tests.records.cast import DAY, PERIOD, attribute, enter, rate, release, withdraw

RUDE = "Petugasnya goblok, antrenya lama"


def comment(rating: Rating, text: str, **values: Any) -> RatingComment:
    return save(
        RatingComment(
            agency_id=rating.agency_id,
            period=rating.period,
            rating_id=rating.id,
            text=text,
            rude=is_rude(text),
            **values,
        )
    )


def listed(client: FlaskClient, show: str = "rude") -> str:
    answer = client.get(f"/comments?show={show}")
    assert answer.status_code == 200
    return answer.text


def open_page(client: FlaskClient, said: RatingComment) -> Any:
    return client.get(f"/comments/{said.period}/{said.key}")


def send(client: FlaskClient, said: RatingComment, page: str, **fields: Any) -> Any:
    hidden = dict(re.findall(r'name="(csrf_token|seen)"[^>]*value="([^"]*)"', page))
    return client.post(
        f"/comments/{said.period}/{said.key}",
        data={"rude_words": "covered"} | hidden | fields,
    )


class Desk:
    """A counter whose five ratings are released, one of them with a rude comment."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.counter = make_counter()
        self.employee = make_employee()
        ratings = rate(self.counter, self.employee, 1, 4, 4, 4, 4)
        self.rude = comment(ratings[0], RUDE)
        self.kind = comment(ratings[1], "Ibu Ratna dari RT 4 juga dibantu")
        release(self.counter)
        self.moderator = self.moderating(make_office())

    def moderating(self, office: Any = None, **values: Any) -> Account:
        account = make_account("moderator", office, **values)
        enter(self.client, account)
        return account


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Desk:
    return Desk(client)


def test_the_queue_shows_words_and_office_but_neither_person_counter_nor_day(desk: Desk) -> None:
    for page in (
        listed(desk.client),
        listed(desk.client, "others"),
        open_page(desk.client, desk.rude).text,
    ):
        assert "Dinas Dukcapil" in page
        for told in (
            "Sari",
            "Wulandari",
            "Loket 3",
            "Oktober 2026",
            "2026-10",
            str(desk.employee.id),
        ):
            assert told not in page
        assert desk.rude.rating_id.hex not in page.replace("-", "")


def test_comments_wait_until_five_ratings_of_the_office_move_on_together(
    app: Flask, client: FlaskClient
) -> None:
    counter = make_counter()
    enter(client, make_account("moderator", make_office()))
    said = comment(rate(counter, None, 1)[0], RUDE)
    assert "antrenya lama" not in listed(client)
    release(counter)  # counts for the office at once, but is alone
    assert "antrenya lama" not in listed(client)
    assert open_page(client, said).status_code == 404
    rate(counter, None, 3, 3, 3, since=1)
    release(counter, NOW + DAY)
    assert "antrenya lama" not in listed(client)
    rate(counter, None, 3, since=2)
    release(counter, NOW + 2 * DAY)
    assert "antrenya lama" in listed(client)
    late = comment(rate(counter, None, 2, since=3)[0], "Kampret, sistemnya mati")
    release(counter, NOW + 3 * DAY)
    assert open_page(client, late).status_code == 404


def test_the_queue_of_one_office_does_not_move_with_the_ratings_of_another(
    app: Flask, client: FlaskClient
) -> None:
    counter, elsewhere = make_counter(), make_counter(make_office(code="kecamatan"))
    said = comment(rate(counter, None, 1)[0], RUDE)
    rate(elsewhere, None, 3, 3, 3, 3, 3)
    release(counter)
    enter(client, make_account("moderator"))
    assert open_page(client, said).status_code == 404


def test_a_release_that_was_killed_shows_no_comment_and_its_rerun_does(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = make_counter()
    said = comment(rate(counter, None, 1, 2, 3, 4, 4)[0], RUDE)
    enter(client, make_account("moderator"))
    with monkeypatch.context() as patch:
        patch.setattr(release_actions, "finish", lambda *_given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            release(counter)
    db.session.rollback()
    assert open_page(client, said).status_code == 404
    release(counter)
    assert open_page(client, said).status_code == 200


def test_allegations_are_the_inspectors_and_not_the_moderators(desk: Desk) -> None:
    ratings = rate(desk.counter, desk.employee, 1, 4, 4, 4, 4, since=2)
    said = comment(ratings[0], "Goblok, diminta uang rokok", for_inspector=True)
    release(desk.counter, NOW + DAY)
    assert "uang rokok" not in listed(desk.client)
    assert open_page(desk.client, said).status_code == 404


def test_nobody_moderates_comments_about_themselves(desk: Desk) -> None:
    desk.moderating(make_office(), employee=desk.employee)
    assert "antrenya lama" not in listed(desk.client)
    assert open_page(desk.client, desk.rude).status_code == 404
    colleague = make_employee(name="Budi Santoso")
    rating = db.session.scalars(select(Rating).where(Rating.id == desk.kind.rating_id)).one()
    attribute(rating, colleague)
    desk.moderating(make_office(), employee=colleague)
    assert open_page(desk.client, desk.rude).status_code == 200
    assert open_page(desk.client, desk.kind).status_code == 404


def test_comments_of_other_offices_and_agencies_do_not_exist(desk: Desk) -> None:
    for office in (make_office(code="kauman"), make_office(make_agency("lain"))):
        desk.moderating(office)
        assert "antrenya lama" not in listed(desk.client)
        assert open_page(desk.client, desk.rude).status_code == 404


@pytest.mark.parametrize("role", ["supervisor", "employee", "administrator", "inspector", "hr"])
def test_no_other_role_opens_the_queue(desk: Desk, role: str) -> None:
    enter(desk.client, make_account(role))
    assert desk.client.get("/comments").status_code == 403
    assert open_page(desk.client, desk.rude).status_code == 403


def record_of(desk: Desk) -> str:
    enter(desk.client, make_account("supervisor", make_office()))
    page = desk.client.get(f"/records/{desk.employee.id}/{PERIOD}").text
    enter(desk.client, desk.moderator)
    return page


def test_a_rude_word_is_covered_for_readers_until_a_moderator_lets_it_stand(desk: Desk) -> None:
    page = record_of(desk)
    assert "goblok" not in page
    assert "[kata kasar ditutup]" in page
    assert "antrenya lama" in page  # what is blamed stays readable
    form = open_page(desk.client, desk.rude).text
    assert "goblok" in form
    answer = send(desk.client, desk.rude, form, rude_words="shown", reason="Nama jalan")
    assert answer.status_code == 302
    assert "Petugasnya goblok" in record_of(desk)
    assert "antrenya lama" not in listed(desk.client)
    assert "antrenya lama" in listed(desk.client, "done")


def test_a_rude_word_may_stay_covered_and_is_never_deleted(desk: Desk) -> None:
    form = open_page(desk.client, desk.rude).text
    send(desk.client, desk.rude, form, rude_words="covered")
    assert "goblok" not in record_of(desk)
    db.session.expire_all()
    assert db.session.scalar(select(RatingComment.text).where(RatingComment.rude)) == RUDE


def test_words_masked_by_hand_are_gone_from_page_and_database(desk: Desk) -> None:
    form = open_page(desk.client, desk.kind).text
    send(desk.client, desk.kind, form, words=[1, 3, 4], reason="nama dan RT, 081234567890")
    page = record_of(desk)
    assert "[disamarkan moderator]" in page
    assert "Ratna" not in page
    db.session.expire_all()
    stored = db.session.scalar(select(RatingComment.text).where(~RatingComment.rude))
    assert stored == "Ibu ▇hand▇ dari ▇hand▇ juga dibantu"
    review = db.session.scalars(select(CommentReview)).one()
    assert (review.masked, review.reason) == (3, "nama dan RT, ▇phone▇")


def test_masking_leaves_a_line_in_the_audit_log_without_the_words(desk: Desk) -> None:
    form = open_page(desk.client, desk.kind).text
    send(desk.client, desk.kind, form, words=[1], reason="nama")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "moderate")).one()
    assert event.account_id == desk.moderator.id
    assert event.detail == {"rude_words": "covered", "masked": 1}
    assert event.subject.startswith("office:")


@pytest.mark.parametrize("fields", [{"words": [1]}, {"rude_words": "shown"}])
def test_what_changes_for_readers_needs_a_reason_and_loses_nothing(
    desk: Desk, fields: dict[str, Any]
) -> None:
    form = open_page(desk.client, desk.rude).text
    answer = send(desk.client, desk.rude, form, **fields)
    assert answer.status_code == 422
    assert "Tuliskan alasannya." in answer.text
    chosen = re.findall(r'(?:id="words-1"|value="shown")[^>]*checked|checked[^>]*value="shown"',
                        answer.text)  # fmt: skip
    assert chosen
    assert db.session.scalars(select(CommentReview)).all() == []


def test_what_another_moderator_changed_meanwhile_is_read_again(desk: Desk) -> None:
    form = open_page(desk.client, desk.kind).text
    send(desk.client, desk.kind, form, words=[1], reason="nama")
    answer = send(desk.client, desk.kind, form, words=[0], reason="sapaan")
    assert answer.status_code == 302
    assert "berubah sejak halaman dibuka" in desk.client.get(answer.location).text
    assert len(db.session.scalars(select(CommentReview)).all()) == 1


def test_a_page_of_comments_is_marked_read_with_one_tap_except_what_changed(desk: Desk) -> None:
    page = listed(desk.client, "others")
    assert "Tandai 1 komentar ini" in page
    fields = {
        "csrf_token": re.findall(r'name="csrf_token" value="([^"]*)"', page)[:1],
        "read": re.findall(r'name="read" value="([^"]*)"', page),
    }
    changed = [*fields["read"][0].split(" ")[:2], "0" * 16]
    for wrong in (" ".join(changed), "2026-Q4 nothing at all", f"{PERIOD} {desk.rude.key} x"):
        desk.client.post("/comments", data=fields | {"read": [wrong]})
    assert db.session.scalars(select(CommentReview)).all() == []
    desk.client.post("/comments", data=fields)
    desk.client.post("/comments", data=fields)  # a second tap
    assert "Semua sudah dibaca" in listed(desk.client, "others")
    review = db.session.scalars(select(CommentReview)).one()
    assert (review.rating_id, review.masked) == (desk.kind.rating_id, 0)
    assert "antrenya lama" in listed(desk.client)  # rude ones want a look of their own


def test_a_comment_that_is_taken_back_leaves_the_queue_with_the_next_release(desk: Desk) -> None:
    rating = db.session.scalars(select(Rating).where(Rating.id == desk.rude.rating_id)).one()
    withdraw(rating, NOW + DAY / 2)
    assert open_page(desk.client, desk.rude).status_code == 200
    release(desk.counter, NOW + DAY)
    assert open_page(desk.client, desk.rude).status_code == 404


def test_the_moderators_home_leads_to_the_queue_and_says_how_many_wait(desk: Desk) -> None:
    page = desk.client.get("/home").text
    assert 'href="/comments"' in page
    assert re.search(
        r"Komentar yang menunggu diperiksa\.</span>\s*</a>\s*<span[^>]*>1</span>", page
    )
