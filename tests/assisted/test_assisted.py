"""Ratings entered for others: never by who served, from paper only when two have read the same."""

import uuid
from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.assisted import actions, views
from portal.assisted.models import BallotBatch, BallotEntry
from portal.db import db
from portal.operations.due_work import run_once
from portal.people.models import AuditEvent
from portal.ratings.actions import NotDurable, submit_rating
from portal.ratings.models import Rating, RatingComment
from portal.ratings.tokens import Tokens
from tests.conftest import NOW, set_clock
from tests.counters.staff import act_as, send
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_counter,
    make_duty,
    make_employee,
    make_office,
    sign_in,
)

DAY = "2026-11-23"


@pytest.fixture
def counter(app):
    return make_counter()


@pytest.fixture
def sari(counter):
    sari = make_employee()
    make_duty(sari, counter)
    return sari


@pytest.fixture
def clerk(client, counter):
    account = make_account("clerk", make_office())
    act_as(client, account)
    return account


def ratings() -> list[Rating]:
    db.session.rollback()
    return list(db.session.scalars(select(Rating)))


def rate(client, counter, **fields: str):
    data = {"counter": str(counter.id), "day": DAY, "sending": uuid.uuid4().hex, **fields}
    return send(client, "/assisted/rate", **data)


# For one person.


def test_a_clerk_enters_a_rating_about_whom_the_citizen_names(client, counter, sari, clerk):
    page = client.get(f"/assisted/rate?counter={counter.id}&day={DAY}").text
    assert "Ibu Sari W." in page
    assert "checked" not in page
    answer = rate(client, counter, overall="2", who="n0", cause="system", comment="Server mati")
    (rating,) = ratings()
    assert (rating.channel, rating.overall, rating.cause) == ("assisted", 2, "system")
    assert (rating.employee_id, rating.counts_for) == (sari.id, "A")
    assert rating.rated_on.isoformat() == DAY
    assert f'data-receipt="{rating.receipt}"' in answer.text
    assert db.session.scalar(select(RatingComment.text)) == "Server mati"


@pytest.mark.parametrize("who", ["", "x", "n7"])
def test_without_a_name_it_counts_for_the_office(client, counter, sari, clerk, who: str) -> None:
    rate(client, counter, overall="4", who=who)
    assert [(one.counts_for, one.employee_id) for one in ratings()] == [("O", None)]


def test_who_served_there_that_day_enters_nothing_for_that_counter(client, counter, sari) -> None:
    account = make_account("clerk", make_office(), sari)
    act_as(client, account)
    refused = rate(client, counter, overall="4", who="n0")
    assert refused.status_code == 302
    assert "orang lain yang memasukkannya" in client.get("/assisted").text
    send(client, "/assisted", counter=str(counter.id), day=DAY, what="ballots", ballots="3")
    assert ratings() == []
    assert db.session.scalars(select(BallotBatch)).all() == []


def test_one_form_sent_twice_is_one_rating_and_noted_once(client, counter, sari, clerk) -> None:
    sending = uuid.uuid4().hex
    for _time in range(2):
        rate(client, counter, overall="3", sending=sending)
    assert [rating.tries for rating in ratings()] == [1]
    acts = list(db.session.scalars(select(AuditEvent.action)))
    assert acts.count("assist_rating") == 1


def test_a_missing_face_is_asked_for_and_the_rest_stays(client, counter, sari, clerk) -> None:
    page = rate(client, counter, who="n0", comment="Lama sekali")
    assert page.status_code == 422
    assert "Lama sekali" in page.text
    assert ratings() == []


@pytest.mark.parametrize("day", ["2026-11-08", "2026-11-24", "kemarin dulu"])
def test_days_too_long_ago_or_to_come_are_not_entered(client, counter, clerk, day: str) -> None:
    rate(client, counter, overall="4", day=day)
    assert [rating.rated_on.isoformat() for rating in ratings()] in ([], [DAY])


@pytest.mark.parametrize("role", ["employee", "supervisor", "administrator", "auditor"])
def test_no_other_role_enters_ratings(client, counter, role: str) -> None:
    act_as(client, make_account(role, make_office()))
    assert client.get("/assisted").status_code == 403
    assert client.get(f"/assisted/rate?counter={counter.id}").status_code == 403


def test_a_counter_of_another_office_does_not_exist(client, counter) -> None:
    other = make_office(make_agency("lain"), code="lain")
    act_as(client, make_account("clerk", other))
    assert client.get(f"/assisted/rate?counter={counter.id}&day={DAY}").status_code == 404
    assert client.get(f"/assisted/counters/{counter.id}/ballots").status_code == 404
    assert rate(client, counter, overall="4").status_code == 404


def test_what_cannot_be_kept_stays_in_the_form_and_is_sent_again(
    client, counter, sari, clerk, monkeypatch
) -> None:
    fields = {"overall": "2", "who": "n0", "comment": "Server mati", "sending": uuid.uuid4().hex}
    with monkeypatch.context() as trouble:
        trouble.setattr(views, "submit_rating", raising(NotDurable))
        page = rate(client, counter, **fields)
    assert page.status_code == 503
    assert "Isian Anda masih ada" in page.text
    assert "Server mati" in page.text
    assert str(uuid.UUID(fields["sending"])) in page.text  # it stays one rating
    rate(client, counter, **fields)
    assert [(one.overall, one.counts_for) for one in ratings()] == [(2, "A")]


def raising(error: type[Exception] | Exception):
    def fails(*_args, **_values):
        raise error

    return fails


# From paper.


def test_ballots_are_printed_in_each_language_of_the_citizens(client, counter, clerk) -> None:
    address = f"/assisted/counters/{counter.id}/ballots"
    for language, question in (("id", "Bagaimana pelayanannya?"), ("jv", "Pripun pelayananipun?")):
        page = client.get(f"{address}?in={language}").text
        assert page.count(f'<article class="ballot" lang="{language}">') == 4
        assert page.count(question) >= 4
    assert "Cetak halaman ini" in page  # the clerk's own words stay in the clerk's language


def test_the_same_box_is_not_entered_as_a_second_batch_unless_somebody_says_it_is_another(
    client, counter, sari, clerk
) -> None:
    fields = {"counter": str(counter.id), "day": DAY, "what": "ballots", "ballots": "3"}
    send(client, "/assisted", **fields)
    page = send(client, "/assisted", **fields)
    assert page.status_code == 422
    assert "3 lembar dari loket dan hari itu sudah" in page.text
    assert 'value="3"' in page.text
    assert len(db.session.scalars(select(BallotBatch)).all()) == 1
    send(client, "/assisted", **fields | {"day": "2026-11-22"})  # another day, another box
    send(client, "/assisted", **fields, others="1")
    db.session.rollback()
    assert len(db.session.scalars(select(BallotBatch)).all()) == 3


@pytest.fixture
def batch(client, counter, sari, clerk) -> str:
    """The address of a batch of three ballots in Javanese, opened by the clerk."""
    box = {"counter": str(counter.id), "day": DAY, "ballots": "3", "in": "jv"}
    return send(client, "/assisted", what="ballots", **box).location


def read_alike(sari) -> dict[str, str]:
    return {
        "overall-1": "4",
        "who-1": str(sari.id),
        "overall-2": "1",
        "cause-2": "procedure",
        "overall-3": "0",
    }


def as_second(client):
    second = make_account("clerk", make_office())
    g.pop("_login_user", None)
    sign_in(client, second)
    return second


def test_ballots_become_ratings_when_a_second_reader_has_read_the_same(client, batch, sari) -> None:
    send(client, batch, **read_alike(sari))
    assert ratings() == []
    assert "menunggu orang kedua" in client.get("/assisted").text
    as_second(client)
    blind = client.get(batch).text
    assert "checked" not in blind  # what the first has read is not shown
    send(client, batch, **read_alike(sari))
    found = {(one.overall, one.cause, one.employee_id, one.counts_for) for one in ratings()}
    assert found == {(4, None, sari.id, "A"), (1, "procedure", None, "O")}  # the third was void
    assert {(one.channel, one.language) for one in ratings()} == {("assisted", "jv")}
    assert "tersimpan" in client.get("/assisted").text


def test_one_person_cannot_be_both_readers(client, batch, sari) -> None:
    for _time in range(3):
        send(client, batch, **read_alike(sari))
    assert ratings() == []


def test_what_was_read_differently_is_read_again_before_anything_is_stored(
    client, batch, sari, clerk
) -> None:
    send(client, batch, **read_alike(sari))
    second = as_second(client)
    send(client, batch, **{**read_alike(sari), "overall-2": "2"})
    page = client.get(batch).text
    assert "berbeda pada lembar 2" in page
    assert ratings() == []
    g.pop("_login_user", None)
    sign_in(client, clerk)
    assert "berbeda pada lembar 2" in client.get(batch).text
    g.pop("_login_user", None)
    sign_in(client, second)
    send(client, batch, **read_alike(sari))
    assert sorted(one.overall for one in ratings()) == [1, 4]


def test_a_third_reader_is_refused(client, batch, sari) -> None:
    send(client, batch, **read_alike(sari))
    as_second(client)
    send(client, batch, **{**read_alike(sari), "overall-1": "3"})
    as_second(client)
    send(client, batch, **read_alike(sari))
    db.session.rollback()
    assert len(set(db.session.scalars(select(BallotEntry.account_id)))) == 2
    assert ratings() == []


def test_an_unread_ballot_is_named_and_the_others_stay(client, batch, sari) -> None:
    fields = read_alike(sari)
    del fields["overall-2"]
    page = send(client, batch, **fields)
    assert page.status_code == 422
    assert "lembar 2." in page.text
    assert 'id="o1-4" value="4" checked' in page.text
    assert db.session.scalars(select(BallotEntry)).all() == []


def test_the_database_alone_does_not_tell_which_rating_a_numbered_ballot_became(
    app, client, batch, sari
) -> None:
    send(client, batch, **read_alike(sari))
    as_second(client)
    send(client, batch, **read_alike(sari))
    kept = db.session.scalars(select(BallotBatch)).one()
    name = f"ballot {kept.agency_id} {kept.id} 1"
    keyed = app.extensions["rating_writer"].tokens.ids_of(name)
    assert {one.id for one in ratings()} & set(keyed)  # so this is what they are made of
    spaces = (uuid.NAMESPACE_OID, uuid.NAMESPACE_URL, uuid.NAMESPACE_DNS, uuid.NAMESPACE_X500)
    guesses = {make(space, name) for make in (uuid.uuid3, uuid.uuid5) for space in spaces}
    assert not {one.id for one in ratings()} & {*guesses, *Tokens([""]).ids_of(name)}


def test_storing_broken_off_and_begun_again_stores_nothing_twice(
    app, client, batch, sari, monkeypatch
) -> None:
    send(client, batch, **read_alike(sari))
    second = as_second(client)
    calls: list[int] = []

    def breaks(*args, **values):
        if calls:
            raise RuntimeError
        calls.append(1)
        return submit_rating(*args, **values)

    monkeypatch.setattr(actions, "submit_rating", breaks)
    send(client, batch, **read_alike(sari))
    assert len(ratings()) == 1
    monkeypatch.setattr(actions, "submit_rating", submit_rating)
    tokens = app.extensions["rating_writer"].tokens  # the keys are changed in between
    monkeypatch.setattr(tokens, "signing_keys", (*tokens.signing_keys, "a newer key"))
    g.pop("_login_user", None)  # the page of an error forgets who asks
    sign_in(client, second)
    send(client, batch, **read_alike(sari))
    assert sorted(one.overall for one in ratings()) == [1, 4]
    send(client, batch, **read_alike(sari))
    assert len(ratings()) == 2


def test_ballots_that_cannot_be_stored_now_stay_in_the_form(
    client, batch, sari, monkeypatch
) -> None:
    send(client, batch, **read_alike(sari))
    as_second(client)
    lost = OperationalError("", None, Exception())
    for where, name, error in (
        (actions, "submit_rating", NotDurable()),
        (actions, "keep_entries", lost),
    ):
        with monkeypatch.context() as trouble:
            trouble.setattr(where, name, raising(error))
            page = send(client, batch, **read_alike(sari))
        assert page.status_code == 503
        assert "Isian Anda masih ada" in page.text
        assert 'id="o1-4" value="4" checked' in page.text
    send(client, batch, **read_alike(sari))
    assert sorted(one.overall for one in ratings()) == [1, 4]


@pytest.mark.parametrize("count", ["0", "51", "", "x"])
def test_a_batch_has_one_to_fifty_ballots(client, counter, clerk, count: str) -> None:
    send(client, "/assisted", counter=str(counter.id), day=DAY, what="ballots", ballots=count)
    assert db.session.scalars(select(BallotBatch)).all() == []


def test_what_was_read_is_forgotten_a_month_after_it_was_stored(
    client, batch, sari, monkeypatch
) -> None:
    send(client, batch, **read_alike(sari))
    as_second(client)
    send(client, batch, **read_alike(sari))
    set_clock(monkeypatch, NOW + timedelta(days=31))
    assert run_once() == []
    db.session.rollback()
    assert db.session.scalars(select(BallotEntry)).all() == []
    assert len(ratings()) == 2


def test_the_sheet_holds_four_ballots_with_the_counters_own_code(client, counter, clerk) -> None:
    make_code(counter, "7K3M9QXA")
    page = client.get(f"/assisted/counters/{counter.id}/ballots").text
    assert page.count('class="ballot"') == 4
    assert page.count("7K3M-9QXA") == 4
    assert page.count("<svg xmlns") == 4
