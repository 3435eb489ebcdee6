"""Who opens which page, as one table: each role, in its own office, another office, another agency.

A page that a role may never open answers 403; somebody else's object does not exist: 404. A list
opens everywhere, and shows nothing that belongs to another office or to another agency.
"""

import re
from subprocess import CompletedProcess
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import errors
from portal.access import PUBLIC, ROLES, SIGNED_IN, access_of
from portal.counters.models import OfficeService, Service
from portal.counters.printing import typesetting
from portal.db import db
from portal.followups.models import FollowUp
from portal.followups.opening_actions import open_cases
from portal.overview.models import OfficeReport
from portal.people.models import Account
from portal.records import rule_trial
from portal.records.decision_actions import Proposal, contest, decide
from portal.records.proposal_models import ProposedDecision
from tests.conftest import NOW
from tests.factories import (
    make_account,
    make_agency,
    make_attachment,
    make_code,
    make_counter,
    make_display,
    make_duty,
    make_employee,
    make_office,
    make_service,
    save,
)
from tests.moderation.test_moderation import comment
from tests.records.cast import DAY, PERIOD, enter, rate, release, score_of
from tests.records.test_decisions import Story

# In the names of all that belongs to the own office, and of what its whole agency shares.
OF_OFFICE, OF_AGENCY = "Melati", "Kenanga"
# Lists, forms and files that open in every office; and what must stand there in the own office for
# the test to see something: of the office, of its agency, or nothing of either.
LISTS = {
    "/accounts": OF_OFFICE,
    "/accounts/new": OF_OFFICE,
    "/agency": OF_AGENCY,
    "/answers": OF_OFFICE,
    "/assisted": OF_OFFICE,
    "/audit": OF_OFFICE,
    "/audit.csv": OF_OFFICE,
    "/audit/seals": "",
    "/check-in": OF_OFFICE,
    "/comments": OF_OFFICE,
    "/contests": OF_OFFICE,
    "/controls": "",
    "/counters": OF_OFFICE,
    "/counters/new": OF_OFFICE,
    "/coverage": OF_OFFICE,
    "/data-protection": "",
    "/decisions": OF_OFFICE,
    "/displays": OF_OFFICE,
    "/duties": OF_OFFICE,
    "/employees": OF_OFFICE,
    "/employees/new": OF_OFFICE,
    "/fairness": "",
    "/fairness/measures": "",
    "/follow-ups": OF_OFFICE,
    "/follow-ups/results": OF_OFFICE,
    "/home": OF_OFFICE,
    "/inspectorate": "",
    "/integrations": OF_OFFICE,
    "/integrity": OF_OFFICE,
    "/my": "",
    "/my-roster": "",
    "/my-roster/calendar.ics": "",
    "/my/data.json": OF_OFFICE,
    "/my/data.pdf": OF_OFFICE,
    "/notifications": "",
    "/offices": OF_OFFICE,
    "/offices/new": OF_OFFICE,
    "/overview": OF_OFFICE,
    "/password": "",
    "/periods": "",
    "/phone-groups": "",
    "/policy": "",
    "/posters": OF_OFFICE,
    "/printers": OF_OFFICE,
    "/printers/calibration.pdf": "",
    "/printers/calibration.png": "",
    "/proposals": OF_OFFICE,
    "/rating-files": "",
    "/records": OF_OFFICE,
    "/roster": OF_OFFICE,
    "/roster/swaps": "",
    "/saved-views": "",
    "/search": "",
    "/search?q=elat": OF_OFFICE,
    "/services": OF_AGENCY,
    "/tickets": "",
    "/tickets/shifts": "",
    "/today": OF_OFFICE,
    "/walk": OF_OFFICE,
}
# These lead on to a page of the table.
LEAD_ON = ("/check-in/at", "/records/mine", "/start")
# What an office's counters are printed on; where there is none, there is no such file.
PRINTED = {"/posters.pdf": 302, "/posters/list.pdf": 404, "/posters/preview.png": 404}
# What all offices of an agency share is changed by roles in the whole agency alone.
FOR_ALL_OFFICES = {
    "/inspectorate/key": 404,
    "/policy/edit": 403,
    "/posters/look": 403,
    "/services/new": 403,
}
# Pages about one thing of an office: open to the roles named by the page, in that office only.
OF_AN_OFFICE = (
    "/accounts/{account_id}",
    "/assisted/counters/{counter_id}/ballots",
    "/attachments/{attachment_id}",
    "/codes/{code}/poster.pdf",
    "/codes/{code}/qr.png",
    "/codes/{code}/qr.svg",
    "/comments/{period}/{key}",
    "/contests/{contest_id}",
    "/counters/{counter_id}",
    "/counters/{counter_id}/edit",
    "/counters/{counter_id}/tickets",
    "/decisions/{decision_id}",
    "/decisions/{decision_id}/contest",
    "/decisions/{decision_id}/reply",
    "/decisions/{decision_id}/sheet.pdf",
    "/displays/{device_id}",
    "/duties/{duty_id}",
    "/duties/{duty_id}/correct",
    "/employees/{employee_id}",
    "/follow-ups/{case_id}",
    "/offices/{office_id}",
    "/offices/{office_id}/services",
    "/offices/{office_id}/services/{service_id}",
    "/offices/{office_id}/services/new",
    "/overview/{office_id}/reports/{month}.pdf",
    "/proposals/{proposal_id}",
    "/records/{employee_id}",
    "/records/{employee_id}/{period}",
    "/records/{employee_id}/{period}/decide",
    "/records/{employee_id}/{period}/dialogue",
    "/records/{employee_id}/{period}/reply",
    "/records/{employee_id}/{period}/set-aside",
    "/records/{employee_id}/{period}/set-aside/ask",
    "/roster/{duty_id}",
)
# Pages of one office that the address names: as if they were about that office.
OF_THE_NAMED_OFFICE = (
    "/answers/new?office={office_id}&period={period}",
    "/assisted/rate?counter={counter_id}",
    "/coverage?office={office_id}",
    "/decisions?office={office_id}",
    "/duties?office={office_id}",
    "/duties/new?office={office_id}",
    "/follow-ups?office={office_id}",
    "/overview?office={office_id}",
    "/records?office={office_id}",
    "/roster/import?office={office_id}",
    "/roster/leaves?office={office_id}",
    "/roster/patterns?office={office_id}",
    "/roster/week.csv?office={office_id}",
    "/roster/week.ics?office={office_id}",
)
# About one thing that all offices of an agency share: for roles in the whole agency.
OF_AN_AGENCY = ("/services/{service_id}",)
# A quarter as far as the reader's offices go: no line of another's stands in it.
OF_A_QUARTER = {
    "/decisions/{period}.csv": OF_OFFICE,
    "/decisions/{period}/skp.csv": OF_OFFICE,
    "/decisions/{period}/skp.xlsx": "",
    "/fairness/{period}.csv": "",
    "/rating-files/{period}.csv": OF_OFFICE,
}
# Slow to make or hard to come by; who opens these is tested where they are.
ELSEWHERE = {
    "/agencies/new": "rules/test_scope.py",  # the last test here
    "/assisted/batches/{batch_id}": "assisted/test_assisted.py",
    "/check-in/at/{code}": "counters/test_walk.py",
    "/decisions/{decision_id}/steps/{step}": "records/test_steps.py",
    "/displays/{device_id}/pairing.svg": "counters/test_displays.py",
    "/integrity/{period}/{key}": "integrity/test_inspector.py",
    "/inspectorate/{report_id}": "integrity/test_inspector.py",
    "/my-roster/swap": "counters/test_swaps.py",
    "/policy/proposals/{proposal_id}": "records/test_policy.py",
    "/posters/crest.png": "counters/test_own_paper.py",
    "/posters/runs/{run_id}": "counters/test_print_runs.py",
    "/posters/runs/{run_id}/all.zip": "counters/test_print_runs.py",
    "/posters/runs/{run_id}/{number}.pdf": "counters/test_print_runs.py",
    "/rating-files/{period}.parquet": "records/test_rating_files.py",
    "/rating-files/{period}.xlsx": "records/test_rating_files.py",
    "/rating-files/{period}/{kind}": "records/test_rating_files.py",
    "/rating-files/ready/{token}": "records/test_rating_files.py",
    "/sheets/{sheet_id}": "counters/test_tickets.py",
    "/sheets/{sheet_id}/preview.png": "counters/test_tickets.py",
    "/sheets/{sheet_id}/slips.pdf": "counters/test_tickets.py",
    "/tickets/{code}": "counters/test_tickets.py",
    "/tickets/{code}/{width}.bin": "counters/test_tickets.py",
    "/tickets/{code}/{width}.pdf": "counters/test_tickets.py",
    "/walk/at/{code}": "counters/test_walk.py",  # a code of another office is noted as such
}
TABLE = (
    *(*LISTS, *LEAD_ON, *PRINTED, *FOR_ALL_OFFICES, *OF_AN_OFFICE, *OF_THE_NAMED_OFFICE),
    *(*OF_AN_AGENCY, *OF_A_QUARTER),
)
# An employee opens these about themselves, whatever the office.
ABOUT_ONESELF = {"employee"}
ANYBODY = {"employee", "supervisor"}  # stand for all who are signed in
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def pages(app: Flask) -> dict[str, tuple[str, ...]]:
    """The addresses of all pages that are not open to the public, and the roles that open them."""
    found = {}
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if "GET" in (rule.methods or ()) and access not in {PUBLIC, None}:
            roles = ROLES if access == SIGNED_IN else tuple(access or ())
            found[re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)] = roles
    return found


@pytest.fixture
def words_for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be typeset stands in the file as it is: it is soon there, and can be read."""

    def run(asked: dict[str, Any]) -> CompletedProcess[bytes]:
        return CompletedProcess([], 0, asked["data"].encode(), b"")

    monkeypatch.setattr(typesetting, "_run", run)


class World:
    """One of everything in an office, a person in each role there and elsewhere."""

    def __init__(self) -> None:
        story = Story()
        office, self.clerk = story.office, story.clerk
        decision = story.decide("none", reason="Melati")
        made = contest(story.clerk, decision.id, "Tidak adil", NOW)
        duty = make_duty(story.employee, story.counter, NOW + DAY, NOW + DAY + DAY / 4)
        make_duty(story.employee, story.counter, NOW - DAY / 24, NOW + DAY / 24)
        ratings = rate(story.counter, None, 1, 4, 4, 4, 4, since=3)
        rude = comment(ratings[0], "Goblok")
        comment(ratings[1], "Diminta uang", for_inspector=True)
        release(story.counter, NOW + DAY)
        open_cases(NOW + DAY)
        case = db.session.scalars(select(FollowUp)).first()
        assert case
        service = make_service()
        save(OfficeService(agency_id=office.agency_id, office_id=office.id, service_id=service.id))
        self.names: dict[str, Any] = {
            "account_id": make_account("clerk", office).id,
            "attachment_id": make_attachment(story.employee).id,
            "case_id": case.id,
            "code": make_code(story.counter),
            "contest_id": made.id,
            "counter_id": story.counter.id,
            "decision_id": decision.id,
            "device_id": make_display(story.counter).id,
            "duty_id": duty.id,
            "employee_id": story.employee.id,
            "key": rude.key,
            "month": report_of(office).month,
            "office_id": office.id,
            "period": PERIOD,
            "proposal_id": proposed(story).id,
            "service_id": service.id,
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
        self.name(story, service)
        for number in range(2):
            make_code(make_counter(office, f"Loket Melati {number}"), f"AAAA000{number + 2}")

    def name(self, story: Story, service: Service) -> None:
        """Whatever stands on a page of the office can be told from all else."""
        story.office.name = "Dinas Melati"
        story.office.code = "Melati"
        story.employee.name = "Sari Melati"
        story.counter.label = "Loket Melati"
        make_agency().name, service.name = "Kota Kenanga", "Layanan Kenanga"
        for (where, role), account in self.accounts.items():
            if where == "own office":
                account.name = f"Melati {role}"
        db.session.commit()


def report_of(office: Any) -> OfficeReport:
    zero = dict.fromkeys(("opened", "in_time", "overdue", "waiting", "late"), 0)
    told = dict.fromkeys(("mean", "lo", "hi", "set_aside", "served", "answered"))
    figures = told | {"counted": 0, "services": [], "themes": {}, "words": 1, "cases": zero}
    figures |= {"decisions": 0, "dialogues": 0}
    own = {"agency_id": office.agency_id, "office_id": office.id, "period": PERIOD}
    return save(OfficeReport(**own, month="2026-11", made_on=NOW.date(), figures=figures))


def proposed(story: Story) -> ProposedDecision:
    """About a colleague, against the advice: a second person is asked."""
    colleague = make_employee(story.office, "Budi Melati")
    counter = make_counter(story.office, "Loket Melati 9")
    rate(counter, colleague, *[4, 4, 4, 3] * 12)
    release(counter, NOW + DAY)
    score = score_of(colleague)
    assert score
    kind = "none" if score.advice == "award_candidate" else "award"
    wanted = Proposal(kind, "Melati", "Melati", score.run_id, None)
    made = decide(story.supervisor, colleague.id, PERIOD, wanted, NOW + DAY)
    assert isinstance(made, ProposedDecision)
    return made


def status_of(page: str, where: str, role: str) -> int:
    """What a role is answered that opens such pages."""
    own = where == "own office"
    if page in LISTS or page in OF_A_QUARTER:
        nothing = page.startswith("/rating-files/") and where == "another agency"
        return 404 if nothing else 200
    if page in LEAD_ON:
        return 302
    if page in PRINTED:
        return 200 if own else PRINTED[page]
    if page in FOR_ALL_OFFICES:
        return 200 if where == "another agency" else FOR_ALL_OFFICES[page]
    if page in OF_AN_AGENCY:
        return 404 if where == "another agency" else 403
    return 200 if own and role not in ABOUT_ONESELF else 404


def said_by(answer: TestResponse) -> str:
    """The words of a page below its menu, or of a file."""
    text: str = answer.data.decode(errors="replace")
    return text.rpartition("<main")[2]


def test_every_page_that_is_not_public_stands_in_the_table(wired: Flask) -> None:
    assert set(pages(wired)) == {page.partition("?")[0] for page in (*TABLE, *ELSEWHERE)}


@pytest.mark.usefixtures("words_for_pages")
def test_what_belongs_to_an_office_opens_to_its_roles_there_and_to_nobody_elsewhere(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_trial, "DRAWS", 5)  # of the page that tries rules
    world, roles, table = World(), pages(app), TABLE
    if db.engine.dialect.name != "sqlite":  # once more what asks the database for offices
        table = (*OF_AN_OFFICE, *(page for page, mark in LISTS.items() if mark == OF_OFFICE))
    found: dict[tuple[str, str, str], Any] = {}
    hoped: dict[tuple[str, str, str], Any] = {}
    seen: set[tuple[str, str]] = set()
    for (where, role), account in world.accounts.items():
        enter(client, account)
        for page in table:
            opens = roles[page.partition("?")[0]]
            if role not in (ANYBODY if opens == ROLES else opens):
                continue  # the next test
            answer = client.get(page.format(**world.names))
            hoped[page, where, role] = status_of(page, where, role), set()
            said = said_by(answer)
            marks = {mark for mark in (OF_OFFICE, OF_AGENCY) if mark in said}
            # On to the latest record; what was decided already is not asked once more.
            leads_on = page == "/records/{employee_id}" or page.endswith("/decide")
            moved_on = where == "own office" and leads_on and answer.location
            foreign = marks - ({OF_AGENCY} if where == "another office" else set())
            status = 200 if moved_on else answer.status_code
            found[page, where, role] = status, set() if where == "own office" else foreign
            if where == "own office":
                seen |= {(page, mark) for mark in marks}
    assert {key: one for key, one in found.items() if one != hoped[key]} == {}
    shown = LISTS | OF_A_QUARTER | dict.fromkeys(PRINTED, OF_OFFICE)
    assert {(page, shown[page]) for page in table if shown.get(page)} <= seen
    enter(client, world.clerk)
    own = [page for page in OF_AN_OFFICE if "employee" in roles[page]]
    assert {client.get(page.format(**world.names)).status_code for page in own} == {200}


@on_sqlite
def test_each_role_is_refused_every_page_that_is_not_its_own(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        errors, "render_template", lambda *_names, **_values: ""
    )  # a thousand times
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
