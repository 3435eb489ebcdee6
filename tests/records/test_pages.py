"""What the pages of records say, what they keep to themselves, and what they cost."""

import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from portal.db import db
from portal.people.models import Account, AuditEvent, Employment
from portal.records import queries
from portal.records.decision_actions import contest, rule
from portal.records.models import Decision, Policy
from portal.records.release_actions import release_period
from tests.conftest import NOW, set_clock
from tests.counters.staff import send, statements
from tests.factories import (
    make_account,
    make_counter,
    make_employee,
    make_office,
    make_service,
    save,
)
from tests.records.cast import DAY, PERIOD, enter, rate, release, score_of
from tests.records.test_decisions import Story


def page_of(client: FlaskClient, story: Story) -> str:
    answer = client.get(f"/records/{story.employee.id}/{PERIOD}")
    assert answer.status_code == 200
    return answer.text


def test_a_record_carries_its_figures_for_machines(app: Flask, client: FlaskClient) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    enter(client, story.supervisor)
    page, score = page_of(client, story), story.score
    assert f'data-score="{round(score.score, 4)}"' in page
    assert f'data-score-lo="{round(score.lo, 4)}" data-score-hi="{round(score.hi, 4)}"' in page
    assert 'data-counted="6" data-set-aside="0"' in page


def test_without_a_score_the_page_says_what_is_awaited(app: Flask, client: FlaskClient) -> None:
    office = make_office()
    employee, counter = make_employee(office), make_counter(office)
    enter(client, make_account("supervisor", office))
    path = f"/records/{employee.id}/{PERIOD}"
    assert "Belum ada penilaian yang dirilis" in client.get(path).text
    rate(counter, employee, 4, 4, 4)
    release(counter)
    page = client.get(path).text
    assert "sedikitnya 5 penilaian" in page
    assert "penilaian menunggu" not in page  # the number would tell on which day somebody came


def test_what_waits_is_told_only_when_figures_move(app: Flask, client: FlaskClient) -> None:
    story = Story()
    enter(client, story.supervisor)
    before = page_of(client, story)
    rate(story.counter, story.employee, 1, since=60)  # after the last release
    assert page_of(client, story) == before
    colleague = make_employee(story.office, "Budi Santoso")
    rate(make_counter(story.office, "L2"), colleague, 4, 4, 3, 4, 4)
    rate(story.counter, story.employee, 1, since=50)  # before the next release
    assert release(story.counter, NOW + DAY).moved == 1  # another one moves
    assert page_of(client, story) == before


def test_no_figure_of_fewer_than_five_ratings_is_told(app: Flask, client: FlaskClient) -> None:
    story = Story()
    often, seldom = make_service(), make_service(code="akta", name="Akta kelahiran")
    rate(story.counter, story.employee, 4, 4, 3, 4, 4, since=6, service_id=often.id)
    rate(story.counter, story.employee, 1, 1, 1, 1, since=8, service_id=seldom.id)
    rate(story.counter, story.employee, 1, 1, 2, 2, since=10, cause="system")
    release(story.counter, NOW + DAY)
    enter(client, story.supervisor)
    page = page_of(client, story)
    row = page.split("Akta kelahiran", 1)[1].split("</tr>")[0]
    assert "&lt; 5" in row
    assert "kurang dari 5" in row
    assert "25,0" not in row
    assert "kurang dari 5" not in page.split("KTP-el", 1)[1].split("</tr>")[0]
    assert "&lt; 5 sistem atau antrean" in page
    assert "Bila ikut dihitung" not in page
    rate(story.counter, story.employee, 4, 4, 4, 4, 4, since=12, service_id=seldom.id)
    rate(story.counter, story.employee, 2, since=14, cause="system")
    release(story.counter, NOW + 2 * DAY)
    page = page_of(client, story)
    assert "Bila ikut dihitung" in page
    assert "5 sistem atau antrean" in page
    assert "kurang dari 5" not in page


def test_without_a_counted_rating_there_is_no_score(app: Flask, client: FlaskClient) -> None:
    story = Story()
    enter(client, story.supervisor)
    for counted, said in ((0, "Belum ada penilaian yang dihitung"), (4, "kurang dari 5")):
        story.change(counted=counted, set_aside=5 - counted)
        page = page_of(client, story)
        assert said in page
        assert "data-score=" not in page
        assert f'data-counted="{counted}" data-set-aside="{5 - counted}"' in page
        listed = client.get("/records").text.split(story.employee.name, 1)[1].split("</tr>")[0]
        assert f"{story.score.score:.1f}".replace(".", ",") not in listed


@pytest.mark.parametrize(
    ("chance", "said"),
    [(-1e-12, "kurang dari 1 %"), (0.12, "12 %"), (0.996, "lebih dari 99 %")],
)
def test_a_chance_is_never_told_as_certain(
    app: Flask, client: FlaskClient, chance: float, said: str
) -> None:
    story = Story()
    enter(client, story.supervisor)
    story.change(p_above=chance, p_below=0.5)
    assert f"standar penghargaan: {said}; di bawah standar pembinaan: 50 %" in page_of(
        client, story
    )


def test_an_objection_shuts_the_page_for_deciding_until_it_is_ruled_on(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    decision = story.decide()
    made = contest(story.clerk, decision.id, "Keberatan", NOW)
    enter(client, story.supervisor)
    path = f"/records/{story.employee.id}/{PERIOD}/decide"
    assert "belum diputus" in client.get(path, follow_redirects=True).text
    assert client.get(f"/contests/{made.id}").status_code == 403
    assert "Tanpa tindakan" in client.get("/records").text
    rule(story.officer, made.id, "revoked", "Belum didengar", NOW)
    listed = client.get("/records").text
    assert "Tanpa tindakan" not in listed
    assert "dibatalkan" in listed
    assert "telah dibatalkan oleh pejabat keberatan" in client.get(path).text


def test_who_is_a_party_finds_no_page_for_the_ruling(app: Flask, client: FlaskClient) -> None:
    story = Story()
    made = contest(story.clerk, story.decide(by=story.officer).id, "Keberatan", NOW)
    enter(client, story.officer)
    assert client.get(f"/contests/{made.id}").status_code == 404
    assert story.employee.name not in client.get("/contests").text


def test_employees_reach_each_of_their_records_and_what_awaits_them(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    _rate_last_quarter(story)
    decision = story.decide()
    enter(client, story.clerk)
    old = f"/records/{story.employee.id}/2026-Q3"
    page = client.get(old).text
    assert f'href="/records/{story.employee.id}/{PERIOD}"' in page
    assert f'href="/decisions/{decision.id}"' in page
    assert "keberatan sampai 7 Desember 2026" in page
    assert f'href="{old}"' in client.get("/records/mine", follow_redirects=True).text
    set_clock(monkeypatch, NOW + 15 * DAY)
    assert "keberatan sampai" not in client.get(old).text
    assert f'href="/decisions/{decision.id}"' not in client.get(old).text


def test_other_quarters_are_listed_for_those_who_may_open_them(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    _rate_last_quarter(story)
    moved = make_office(code="kecamatan")
    db.session.execute(update(Employment).values(ends_on=date(2026, 9, 30)))
    save(
        Employment(
            agency_id=moved.agency_id,
            employee_id=story.employee.id,
            office_id=moved.id,
            starts_on=date(2026, 10, 1),
        )
    )
    old = f'href="/records/{story.employee.id}/2026-Q3"'
    for office, listed in ((moved, False), (story.above, True)):
        enter(client, make_account("supervisor", office))
        path = PERIOD if office is moved else "2026-Q2"
        page = client.get(f"/records/{story.employee.id}/{path}").text
        assert (old in page) is listed
        assert f'href="/records/{story.employee.id}/{PERIOD}"' not in page


def test_opening_somebody_elses_record_is_written_down(app: Flask, client: FlaskClient) -> None:
    story = Story()
    enter(client, story.clerk)
    page_of(client, story)
    assert db.session.scalars(select(AuditEvent)).all() == []
    enter(client, story.supervisor)
    page_of(client, story)
    event = db.session.scalars(select(AuditEvent)).one()
    assert (event.action, event.account_id) == ("record_read", story.supervisor.id)


def test_a_supervisor_decides_on_the_page(app: Flask, client: FlaskClient) -> None:
    story = Story()
    enter(client, story.supervisor)
    path = f"/records/{story.employee.id}/{PERIOD}/decide"
    fields = {"run": story.score.run_id, "supersedes": "", "kind": "award", "reason": "Bagus"}
    refused = send(client, path, **fields)
    assert refused.status_code == 422
    assert "Bukti belum cukup" in refused.text
    assert send(client, path, **(fields | {"reason": " "})).status_code == 422
    accepted = send(client, path, **(fields | {"kind": "none"}))
    assert accepted.status_code == 302
    decision = db.session.scalars(select(Decision)).one()
    assert accepted.headers["Location"] == f"/decisions/{decision.id}"
    again = send(client, path, **(fields | {"kind": "none"}))  # a second tap
    assert again.headers["Location"] == f"/decisions/{decision.id}"
    assert db.session.scalars(select(Decision)).one() == decision


def test_what_a_supervisor_has_written_stays_when_the_evidence_moves(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    enter(client, story.supervisor)
    path = f"/records/{story.employee.id}/{PERIOD}/decide"
    fields = {"run": story.score.run_id, "supersedes": "", "kind": "none", "reason": "Alasan saya."}
    rate(story.counter, story.employee, 4, 4, 4, 4, 4, since=6)
    release(story.counter, NOW + DAY)
    answer = send(client, path, **fields)
    assert answer.status_code == 422
    assert "Bukti atau keputusan berubah" in answer.text
    assert "Alasan saya." in answer.text
    run = re.search(r'name="run"[^>]*value="(\d+)"', answer.text)
    assert run
    assert int(run[1]) != fields["run"]
    sent = send(client, path, **(fields | {"run": run[1]}))
    assert sent.status_code == 302
    # Somebody else decides meanwhile: the same.
    colleague = make_account("supervisor", story.office)
    enter(client, colleague)
    other = fields | {"run": run[1], "reason": "Alasan rekan."}
    answer = send(client, path, **other)
    assert answer.status_code == 422
    assert "Alasan rekan." in answer.text


@pytest.mark.parametrize("number", ["9", "99999999999999999999"])
def test_past_the_end_of_a_list_its_last_page_is_shown(
    app: Flask, client: FlaskClient, number: str
) -> None:
    story = Story()
    story.decide()
    enter(client, make_account("hr"))
    for path in ("/records", "/decisions"):
        answer = client.get(f"{path}?period={PERIOD}&page={number}")
        assert answer.status_code == 200
        assert f">{story.employee.name}</a>" in answer.text


def test_where_a_decision_stands_the_record_offers_to_replace_it(
    app: Flask, client: FlaskClient
) -> None:
    story = Story()
    path = f"/records/{story.employee.id}/{PERIOD}"
    enter(client, story.supervisor)
    assert "Buat keputusan" in client.get(path).text
    story.decide()
    page = client.get(path).text
    assert "Ganti keputusan" in page
    assert "Buat keputusan" not in page


def test_a_supervisor_is_told_why_not_on_their_own_record(app: Flask, client: FlaskClient) -> None:
    story = Story()
    boss = make_account("supervisor", story.office)
    story.clerk.employee_id = None
    db.session.commit()
    boss.employee_id = story.employee.id
    db.session.commit()
    enter(client, boss)
    answer = client.get(f"/records/{story.employee.id}/{PERIOD}/decide", follow_redirects=True)
    assert "Atasan Anda yang memutuskan" in answer.text
    assert "Buat keputusan" not in answer.text


def test_reply_objection_and_ruling_on_the_pages(app: Flask, client: FlaskClient) -> None:
    story = Story()
    decision = story.decide()
    enter(client, story.clerk)
    send(client, f"/records/{story.employee.id}/{PERIOD}/reply", text="Antrean panjang")
    send(client, f"/decisions/{decision.id}/reply", text="Baik")
    send(client, f"/decisions/{decision.id}/contest", reason="Belum didengar")
    assert "Antrean panjang" in page_of(client, story)
    enter(client, story.officer)
    listed = client.get("/contests").text
    path = listed.split('href="/contests/')[1].split('"')[0]
    assert send(client, f"/contests/{path}", outcome="revoked", reason="").status_code == 422
    send(client, f"/contests/{path}", outcome="revoked", reason="Belum didengar")
    enter(client, story.clerk)
    assert "Keputusan dibatalkan" in client.get(f"/decisions/{decision.id}").text


def test_the_list_is_by_name_and_filters(app: Flask, client: FlaskClient) -> None:
    story = Story()
    make_employee(story.office, "Agus Prasetyo")
    make_employee(story.office, "Tono Hartono", kind="non_asn")
    enter(client, story.supervisor)
    page = client.get("/records").text
    assert page.index("Agus Prasetyo") < page.index("Sari Wulandari")
    assert "Tono" not in page
    only = client.get(f"/records?advice=insufficient&period={PERIOD}").text
    assert "Sari Wulandari" in only
    assert "Agus" not in only
    assert client.get("/records?office=7").status_code == 404


def test_the_policy_page_names_each_threshold(app: Flask, client: FlaskClient) -> None:
    account = make_account("hr")
    enter(client, account)
    assert "bawaan portal" in client.get("/policy").text
    save(
        Policy(
            agency_id=account.agency_id,
            version=1,
            thresholds={"least_new_ratings": 7, "award_standard": 97.5},
            created_at=NOW,
        )
    )
    page = client.get("/policy").text
    assert "Versi 1" in page
    assert ">97,5<" in page


def test_the_agency_may_ask_for_more_than_five(app: Flask) -> None:
    counter, employee = make_counter(), make_employee()
    save(
        Policy(
            agency_id=counter.agency_id,
            version=1,
            thresholds={"least_new_ratings": 7},
            created_at=NOW,
        )
    )
    rate(counter, employee, 4, 4, 4, 4, 4, 4)
    assert release(counter).moved == 0


@pytest.mark.parametrize("people", [3, 12])
def test_pages_cost_the_same_number_of_queries_however_many_people_there_are(
    app: Flask, client: FlaskClient, people: int
) -> None:
    story = Story()
    for number in range(people):
        employee = make_employee(story.office, f"Pegawai {number}")
        rate(make_counter(story.office, f"L{number}"), employee, 4, 4, 3, 4, 4, 4)
    release(story.counter, NOW + DAY)
    story.decide()
    most = {
        "/records": 18,  # the first time a day, when it is noted
        f"/records/{story.employee.id}/{PERIOD}": 27,
        f"/records/{story.employee.id}/{PERIOD}/decide": 16,
        "/contests": 9,  # of which offices, before anything is looked up
    }
    readers = {"/contests": story.officer.id}
    supervisor_id = story.supervisor.id
    for path, limit in most.items():
        enter(client, db.session.get_one(Account, readers.get(path, supervisor_id)))
        with statements() as sent:
            assert client.get(path).status_code == 200
        assert len(sent) <= limit, f"{path}: {len(sent)}"
        # The list of all ratings that a run set aside is a megabyte in a city.
        assert not any("scoring_run.set_aside" in one for one in sent), path


def test_that_a_record_is_read_stands_in_the_log_before_anything_of_it_is_looked_up(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    path, name = f"/records/{story.employee.id}/{PERIOD}", story.employee.name
    enter(client, story.supervisor)
    noted = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "record_read")
    found: list[int | None] = []

    def looked_up(*_asked: object) -> None:
        with db.engine.connect() as elsewhere:
            found.append(elsewhere.scalar(noted))

    monkeypatch.setattr(queries, "shown_score", looked_up)
    assert client.get(path).status_code == 200
    assert found == [1]

    def not_noted(*_asked: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr("portal.people.actions.note_act", not_noted)
    answer = client.get(path)
    assert answer.status_code >= 500
    assert name not in answer.text
    assert found == [1]


def test_a_score_of_a_period_before_shows_in_the_trend(app: Flask, client: FlaskClient) -> None:
    story = Story()
    _rate_last_quarter(story)
    enter(client, story.supervisor)
    page = page_of(client, story)
    assert "Juli–September 2026" in page
    assert score_of(story.employee) is not None


def _rate_last_quarter(story: Story) -> None:
    for day in range(6):
        at = datetime(2026, 7, 6 + day, 2, tzinfo=UTC)
        rate(
            story.counter, story.employee, 3, period="2026-Q3", issued_at=at, received_at=at
        )  # fmt: skip
    release_period(story.counter.agency_id, "2026-Q3", NOW)
