"""Groups of telephones that rate the same few people: found, set aside, put back, contested."""

import re
from datetime import timedelta
from math import log, sqrt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from portal.db import db
from portal.people.models import AuditEvent, Employee, OutboxMessage
from portal.people.queries import Scope
from portal.ratings.models import Rating, Release, Verdict
from portal.records import blocks
from portal.records.queries import shown_score
from portal.records.release_actions import release_period
from portal.records.retention_actions import forget_exact_times
from portal.records.set_aside import batches
from portal.records.set_aside_actions import Finding, review
from tests.conftest import NOW, set_clock
from tests.counters.staff import send, statements
from tests.factories import make_account, make_counter, make_employee, make_office, make_rating
from tests.records.cast import DAY, FIRST, PERIOD, enter, rate, release, score_of

PAGE = "/phone-groups"
HOUR = timedelta(hours=1)


class Ring:
    """Ten telephones that each rate the same two people on two days, among honest citizens."""

    def __init__(self) -> None:
        self.office = make_office()
        self.counter = make_counter(self.office)
        self.people = [make_employee(self.office, name) for name in ("Sari W", "Budi S")]
        self.clerk = make_account("employee", self.office, self.people[0])
        self.inspector = make_account("inspector")
        for at, person in enumerate(self.people):
            rate(self.counter, person, *[4, 3, 4, 2, 4, 3] * 3)
            for phone in range(10):
                for visit in range(2):
                    make_rating(
                        self.counter,
                        person,
                        4,
                        FIRST + DAY * (7 * (1 + phone % 5) + visit) + HOUR * (at + phone // 2),
                        device=f"ring-telephone-{phone}".encode(),
                    )
        release(self.counter)

    def found(self) -> list[blocks.SuspiciousBlock]:
        return blocks.suspicious_blocks(Scope(self.office.agency_id, None), PERIOD, NOW)


@pytest.fixture
def ring(app: Flask) -> Ring:
    return Ring()


def word(client: FlaskClient, ring: Ring, outcome: str, reason: str = "Satu kelompok") -> object:
    [key] = re.findall(r'name="key" value="(\w+)"', client.get(PAGE).text) or ["gone"]
    return send(client, PAGE, key=key, outcome=outcome, reason=reason)


def test_the_inspector_sees_the_group_without_any_telephone_and_sets_it_aside(
    ring: Ring, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    [block] = ring.found()
    # Weighed by all 38 ratings of each person, though the other telephones' are not read.
    assert block.density == pytest.approx(40 / log(38 + 5) / 12)
    assert (block.names, block.devices, len(block.ratings)) == (("Budi S", "Sari W"), 10, 40)
    enter(client, ring.inspector)
    page = client.get(PAGE).text
    assert "Budi S, Sari W" in page
    assert "rata-rata 4,0 kali" in page
    assert "ring-telephone" not in page
    refused = word(client, ring, "aside", "  ")
    assert refused.status_code == 422
    assert "Tuliskan alasannya." in refused.text
    before = score_of(ring.people[0]).counted
    word(client, ring, "aside")
    letter = db.session.scalars(select(OutboxMessage)).one()  # one of the two has an account
    assert letter.recipient == ring.clerk.email
    assert "judge_block" in db.session.scalars(select(AuditEvent.action)).all()
    release(ring.counter, NOW + DAY)
    score = score_of(ring.people[0])
    assert (score.counted, score.set_aside) == (before - 20, 20)
    set_clock(monkeypatch, NOW + DAY)
    word(client, ring, "back")
    release(ring.counter, NOW + 2 * DAY)
    assert score_of(ring.people[0]).counted == before
    assert "Sisihkan kelompok ini" not in client.get(PAGE).text  # what was put back stays


def test_the_page_only_reads_what_the_release_has_found(ring: Ring, client: FlaskClient) -> None:
    everywhere = Scope(ring.office.agency_id, None)
    for minute in range(8):  # and one who only praises
        make_rating(ring.counter, ring.people[0], 4, FIRST + timedelta(minutes=minute),
                    device=b"of-the-praiser-1")  # fmt: skip
    release(ring.counter, NOW + HOUR)
    enter(client, ring.inspector)
    client.get(PAGE)
    with statements() as sent:
        assert "Budi S, Sari W" in client.get(PAGE).text
    [asked] = [one for one in sent if "FROM rating" in one]
    assert "rating.id IN (" in asked  # those of the groups
    assert len(sent) <= 18

    found = blocks.suspected_people(everywhere, PERIOD)
    latest = {one.rating_id: one for one in db.session.scalars(
        select(Verdict).order_by(Verdict.release))}  # fmt: skip
    sari = [one.id for one in db.session.scalars(select(Rating).join(
        Employee, Employee.id == Rating.employee_id).where(Employee.name == "Sari W"))]  # fmt: skip
    loud = sum(score for one in sari if (score := latest[one].fraud_score) > 1.5)
    assert [(one.name, one.figure, one.ratings) for one in found] == [
        ("Sari W", pytest.approx(loud / sqrt(len(sari) + 5)), len(sari))
    ]
    assert found[0].set_aside

    # As after a release that was killed when all this was written: not twice.
    groups = len(blocks.suspicious_blocks(everywhere, PERIOD, NOW))
    for table in (Release, Verdict):
        db.session.execute(delete(table))
    db.session.commit()
    release_period(everywhere.agency_id, PERIOD, NOW + HOUR)
    assert len(blocks.suspicious_blocks(everywhere, PERIOD, NOW + HOUR)) == groups > 0
    assert blocks.suspected_people(everywhere, PERIOD) == found

    release_period(everywhere.agency_id, PERIOD, NOW + DAY, closes=True)
    assert blocks.suspicious_blocks(everywhere, PERIOD, NOW + DAY)
    forget_exact_times(NOW + 12 * DAY)  # it would tell which ratings one telephone has sent
    assert not blocks.suspicious_blocks(everywhere, PERIOD, NOW + 12 * DAY)


def test_an_officer_restores_what_the_inspector_has_set_aside(
    ring: Ring, client: FlaskClient
) -> None:
    enter(client, ring.inspector)
    word(client, ring, "aside")
    release(ring.counter, NOW + DAY)
    person, officer = ring.people[0], make_account("appeals_officer")
    run = shown_score(person.agency_id, person.id, PERIOD).run
    found = batches(run, person.id, NOW + DAY)
    assert any("block" in batch.signals for batch in found)
    restored = Finding([batch.key for batch in found], "restore", "Satu kantor, satu wifi")
    review(officer, person.id, PERIOD, restored, NOW + DAY)
    [block] = blocks.suspicious_blocks(Scope(ring.office.agency_id, None), PERIOD, NOW + 2 * DAY)
    assert (len(block.counting), len(block.aside)) == (0, 20)  # only the other one's


def test_small_groups_and_other_offices_are_not_told_and_nobody_judges_a_group_of_their_own(
    ring: Ring, client: FlaskClient
) -> None:
    elsewhere = make_office(code="lain")
    for visit in range(3):  # one telephone, one person: too few to be told
        make_rating(make_counter(elsewhere, f"Loket {visit}"), make_employee(elsewhere, "Rina K"),
                    4, FIRST + DAY * visit, device=b"one-telephone-16")  # fmt: skip
    release(ring.counter, NOW + DAY)
    assert len(ring.found()) == 1
    enter(client, make_account("inspector", elsewhere))
    assert "Tidak ada kelompok yang mencolok" in client.get(PAGE).text
    enter(client, make_account("inspector", None, ring.people[1]))
    word(client, ring, "aside")
    assert not ring.found()[0].aside
    enter(client, make_account("supervisor"))
    assert client.get(PAGE).status_code == 403
    release(ring.counter, NOW + 2 * DAY, closes=True)
    enter(client, ring.inspector)
    assert "Sisihkan kelompok ini" not in client.get(PAGE).text
