"""Who opens which page, as one table: each role, in its own office, another office, another agency.

A page that a role may never open answers 403; somebody else's object does not exist: 404.
"""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import PUBLIC, ROLES, SIGNED_IN, access_of
from portal.db import db
from portal.followups.models import FollowUp
from portal.followups.opening_actions import open_cases
from portal.people.models import Account
from portal.records.decision_actions import contest
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_code,
    make_display,
    make_duty,
    make_employee,
    make_office,
    make_service,
)
from tests.records.cast import DAY, PERIOD, enter, rate, release
from tests.records.test_decisions import Story

# Lists open in every office, with what belongs to it or a word that there is nothing.
LISTS = (
    "/accounts",
    "/audit",
    "/audit.csv",
    "/audit/seals",
    "/comments",
    "/contests",
    "/counters",
    "/decisions",
    "/employees",
    "/follow-ups",
    "/follow-ups/results",
    "/overview",
    "/periods",
    "/policy",
    "/proposals",
    "/rating-files",
    "/records",
    "/search",
)
# Pages about one thing of an office: open to the roles named by the page, in that office only.
OF_AN_OFFICE = (
    "/accounts/{account_id}",
    "/assisted/counters/{counter_id}/ballots",
    "/codes/{code}/qr.png",
    "/codes/{code}/qr.svg",
    "/contests/{contest_id}",
    "/counters/{counter_id}",
    "/counters/{counter_id}/edit",
    "/counters/{counter_id}/tickets",
    "/decisions/{decision_id}",
    "/displays/{device_id}",
    "/duties/{duty_id}",
    "/duties/{duty_id}/correct",
    "/employees/{employee_id}",
    "/follow-ups/{case_id}",
    "/offices/{office_id}",
    "/offices/{office_id}/services",
    "/offices/{office_id}/services/new",
    "/records/{employee_id}/{period}",
    "/records/{employee_id}/{period}/decide",
    "/records/{employee_id}/{period}/dialogue",
    "/records/{employee_id}/{period}/set-aside",
    "/roster/{duty_id}",
)
# Lists of one office that the address names: as if it were a page about that office.
OF_THE_NAMED_OFFICE = (
    "/coverage?office={office_id}",
    "/decisions?office={office_id}",
    "/duties?office={office_id}",
    "/follow-ups?office={office_id}",
    "/overview?office={office_id}",
    "/records?office={office_id}",
    "/roster/leaves?office={office_id}",
    "/roster/week.csv?office={office_id}",
)
# About one thing that all offices of an agency share: for roles in the whole agency.
OF_AN_AGENCY = ("/services/{service_id}",)
# A quarter as far as the reader's offices go: tests of each look at what is in it.
OF_A_QUARTER = (
    "/decisions/{period}.csv",
    "/decisions/{period}/skp.csv",
    "/fairness/{period}.csv",
    "/rating-files/{period}.csv",
)
# Slow to make or hard to come by; who opens these is tested where they are.
ELSEWHERE = {
    "/assisted/batches/{batch_id}": "assisted/test_assisted.py",
    "/attachments/{attachment_id}": "records/test_attachments.py",
    "/check-in/at/{code}": "counters/test_walk.py",
    "/codes/{code}/poster.pdf": "counters/test_print_pages.py",
    "/comments/{period}/{key}": "moderation/test_moderation.py",
    "/decisions/{decision_id}/contest": "records/test_scope.py",
    "/decisions/{decision_id}/reply": "records/test_scope.py",
    "/decisions/{decision_id}/sheet.pdf": "records/test_decision_sheet.py",
    "/displays/{device_id}/pairing.svg": "counters/test_displays.py",
    "/inspectorate/{report_id}": "integrity/test_inspector.py",
    "/offices/{office_id}/services/{service_id}": "counters/test_counter_pages.py",
    "/overview/{office_id}/reports/{month}.pdf": "overview/test_reports.py",
    "/policy/proposals/{proposal_id}": "records/test_policy.py",
    "/posters/runs/{run_id}": "counters/test_print_pages.py",
    "/posters/runs/{run_id}/all.zip": "counters/test_print_pages.py",
    "/posters/runs/{run_id}/{number}.pdf": "counters/test_print_pages.py",
    "/proposals/{proposal_id}": "records/test_proposals.py",
    "/rating-files/{period}.parquet": "records/test_rating_files.py",
    "/rating-files/{period}.xlsx": "records/test_rating_files.py",
    "/rating-files/{period}/{kind}": "records/test_rating_files.py",
    "/rating-files/ready/{token}": "records/test_rating_files.py",
    "/records/{employee_id}/{period}/reply": "records/test_scope.py",
    "/records/{employee_id}/{period}/set-aside/ask": "records/test_set_aside.py",
    "/sheets/{sheet_id}": "counters/test_tickets.py",
    "/sheets/{sheet_id}/preview.png": "counters/test_tickets.py",
    "/sheets/{sheet_id}/slips.pdf": "counters/test_tickets.py",
    "/tickets/{code}": "counters/test_tickets.py",
    "/tickets/{code}/{width}.bin": "counters/test_tickets.py",
    "/tickets/{code}/{width}.pdf": "counters/test_tickets.py",
    "/walk/at/{code}": "counters/test_walk.py",  # a code of another office is noted as such
}
# An employee opens these about themselves, whatever the office.
ABOUT_ONESELF = {"employee"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pages(app: Flask) -> dict[str, tuple[str, ...]]:
    """The addresses of all pages that ask for a role, and the roles."""
    found = {}
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if "GET" in (rule.methods or ()) and access not in {PUBLIC, SIGNED_IN, None}:
            found[re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)] = tuple(access or ())
    return found


class World:
    """One of everything in an office, a person in each role there and elsewhere."""

    def __init__(self) -> None:
        story = Story()
        office = story.office
        decision = story.decide("none")
        made = contest(story.clerk, decision.id, "Tidak adil", NOW)
        duty = make_duty(story.employee, story.counter, NOW + DAY, NOW + DAY + DAY / 4)
        rate(story.counter, None, 1, 4, 4, 4, 4, since=3)
        release(story.counter, NOW + DAY)
        open_cases(NOW + DAY)
        case = db.session.scalars(select(FollowUp)).first()
        assert case
        self.names: dict[str, Any] = {
            "account_id": make_account("clerk", office).id,
            "case_id": case.id,
            "code": make_code(story.counter),
            "contest_id": made.id,
            "counter_id": story.counter.id,
            "decision_id": decision.id,
            "device_id": make_display(story.counter).id,
            "duty_id": duty.id,
            "employee_id": story.employee.id,
            "office_id": office.id,
            "period": PERIOD,
            "service_id": make_service().id,
        }
        foreign = make_office(make_agency("lain"))
        there = {
            "own office": office,
            "another office": make_office(code="kecamatan"),
            "another agency": foreign,  # all of it
        }
        self.accounts: dict[tuple[str, str], Account] = {
            (where, role): make_account(
                role,
                None if place is foreign else place,
                make_employee(place, "Orang Lain") if role == "employee" else None,
                make_agency("lain") if place is foreign else None,
            )
            for where, place in there.items()
            for role in ROLES
        }
        # Appeals are ruled on from above.
        self.accounts["own office", "appeals_officer"] = story.officer


def answers(
    client: FlaskClient, world: World, wanted: Callable[[str, str, str], int | None]
) -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, str, str], int]]:
    """What every account is answered where something is wanted, and what is wanted."""
    found, hoped = {}, {}
    for (where, role), account in world.accounts.items():
        enter(client, account)
        for page in (
            *LISTS, *OF_AN_OFFICE, *OF_THE_NAMED_OFFICE, *OF_AN_AGENCY, *OF_A_QUARTER
        ):  # fmt: skip
            status = wanted(page, where, role)
            if status is not None:
                hoped[page, where, role] = status
                status = client.get(page.format(**world.names)).status_code
                # What was decided already is not asked once more.
                moved_on = page.endswith("/decide") and where == "own office" and status == 302
                found[page, where, role] = 200 if moved_on else status
    return found, hoped


def test_every_page_about_something_stands_in_the_table(wired: Flask) -> None:
    about = {page for page in pages(wired) if "{" in page}
    assert about == {*OF_AN_OFFICE, *OF_AN_AGENCY, *OF_A_QUARTER, *ELSEWHERE}


def test_what_belongs_to_an_office_opens_to_its_roles_there_and_to_nobody_elsewhere(
    app: Flask, client: FlaskClient
) -> None:
    world, roles = World(), pages(app)

    def wanted(page: str, where: str, role: str) -> int | None:
        if role not in roles[page.partition("?")[0]]:
            return None  # the next test
        if page in LISTS:
            return 200
        if page in OF_A_QUARTER:
            nothing = page.startswith("/rating-files") and where == "another agency"
            return 404 if nothing else 200
        if page in OF_AN_AGENCY:
            return 404 if where == "another agency" else 403
        return 200 if where == "own office" and role not in ABOUT_ONESELF else 404

    found, hoped = answers(client, world, wanted)
    assert found == hoped


@on_sqlite
def test_each_role_is_refused_every_page_that_is_not_its_own(
    app: Flask, client: FlaskClient
) -> None:
    answered = set()
    for role in ROLES:
        enter(client, make_account(role, make_office()))
        for page, roles in pages(app).items():
            if role not in roles:
                address = re.sub(r"\{\w+\}", "7", page.replace("{key}", str(UUID(int=7))))
                answered.add((client.get(address).status_code, page, role))
    assert {one for one in answered if one[0] != 403} == set()
    assert len(answered) > 1000


def test_only_the_agency_that_runs_the_portal_adds_another(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    office = make_office()
    for account, status in (
        (make_account("administrator"), 200),
        (make_account("administrator", office), 403),
        (make_account("administrator", agency=make_agency("lain")), 403),
    ):
        enter(client, account)
        assert client.get("/agencies/new").status_code == status
        sent = client.post("/agencies/new", data={}).status_code
        assert sent == (422 if status == 200 else 403)
        assert ("/agencies/new" in client.get("/agency").text) is (status == 200)
