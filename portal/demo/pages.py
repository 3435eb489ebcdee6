"""Which pages each role can open in the demo: real addresses, within what its account may see."""

from flask import Flask
from sqlalchemy import select

from portal.access import ROLES, SIGNED_IN, access_of
from portal.db import db
from portal.demo.accounts import STORY_OFFICES, AccountPlan
from portal.demo.draft import Draft
from portal.demo.staff import Person
from portal.demo.story import COLLEAGUE, HEAD
from portal.people.models import Agency
from portal.records.models import Contest, ContestRuling, Decision

RecordPaths = dict[int, dict[str, str]]  # by employee and period


def pages_by_role(
    app: Flask, draft: Draft, accounts: list[AccountPlan], records: RecordPaths
) -> dict[str, list[str]]:
    """For each role what its first account can open."""
    adapter = app.url_map.bind("localhost")
    judged = _Judged(draft)

    def may_open(role: str, path: str) -> bool:
        endpoint, _values = adapter.match(path.partition("?")[0])
        access = access_of(app, endpoint)
        return access == SIGNED_IN or (isinstance(access, tuple) and role in access)

    pages: dict[str, list[str]] = {}
    for role in ROLES:
        account = next(plan for plan in accounts if plan.role == role)
        candidates = [
            *_lists(draft),
            *_things(draft, account),
            *_people(draft, account, records, judged),
        ]
        pages[role] = [path for path in candidates if may_open(role, path)]
    return pages


class _Judged:
    """The decisions of the demo, by employee, and the objections that wait."""

    def __init__(self, draft: Draft) -> None:
        agency_id = db.session.scalars(
            select(Agency.id).where(Agency.code == draft.plan.code)
        ).one()
        rows = db.session.execute(
            select(Decision.id, Decision.employee_id, Decision.period, Contest.id)
            .outerjoin(
                Contest,
                (Contest.agency_id == Decision.agency_id) & (Contest.decision_id == Decision.id),
            )
            .where(Decision.agency_id == agency_id)
            .order_by(Decision.decided_at)
        ).all()
        self.decided = {(employee_id, period) for _id, employee_id, period, _contest in rows}
        self.decisions: dict[int, list[str]] = {}
        for decision_id, employee_id, _period, _contest in rows:
            self.decisions.setdefault(employee_id, []).append(f"/decisions/{decision_id}")
        ruled = set(
            db.session.scalars(
                select(ContestRuling.contest_id).where(ContestRuling.agency_id == agency_id)
            )
        )
        contests = [contest for *_decision, contest in rows if contest is not None]
        self.waiting = [f"/contests/{one}" for one in contests if one not in ruled]


def _lists(draft: Draft) -> list[str]:
    office = draft.offices[STORY_OFFICES[0]]
    return [
        "/home",
        "/today",
        "/my",
        "/offices",
        "/offices/new",
        "/employees",
        "/employees/new",
        "/accounts",
        "/accounts/new",
        "/agency",
        "/services",
        "/services/new",
        "/counters",
        "/counters/new",
        "/roster",
        f"/roster?office={office}",
        f"/roster/patterns?office={office}",
        f"/roster/leaves?office={office}",
        "/roster/swaps",
        f"/coverage?office={office}",
        "/my-roster",
        "/duties",
        f"/duties?office={office}",
        f"/duties/new?office={office}",
        "/displays",
        "/tickets",
        "/tickets/shifts",
        "/walk",
        "/integrations",
        f"/posters?office={office}",
        "/printers",
        "/check-in",
        "/records",
        "/proposals",
        f"/answers?office={office}",
        f"/answers/new?office={office}",
        "/overview",
        f"/overview?office={office}",
        "/follow-ups",
        "/follow-ups?show=resolved",
        "/follow-ups/results",
        "/contests",
        "/integrity",
        "/comments",
        "/comments?show=others",
        "/assisted",
        "/inspectorate",
        "/inspectorate/key",
        "/audit",
        "/fairness",
        "/fairness/measures",
        "/periods",
        "/search?q=dukcapil",
        "/policy",
        "/policy/edit",
        "/password",
    ]


def _things(draft: Draft, account: AccountPlan) -> list[str]:
    """An office in the account's scope, a counter of it, a service, a poster."""
    code = account.offices[0] if account.offices else STORY_OFFICES[0]
    office = draft.offices[code]
    place = next(place for place in draft.counters if place[0] == code)
    counter = draft.counters[place]
    service = draft.services[_services(draft, code)[0]]
    return [
        f"/offices/{office}",
        f"/offices/{office}/services",
        f"/offices/{office}/services/{service}",
        f"/services/{service}",
        f"/counters/{counter}",
        f"/counters/{counter}/edit",
        f"/counters/{counter}/tickets",
        f"/codes/{draft.codes[place][-1]}/poster.pdf",
    ]


def _services(draft: Draft, code: str) -> list[str]:
    counters = next(office.counters for office in draft.plan.offices if office.code == code)
    return [service for counter in counters for service in counter.services]


def _people(draft: Draft, account: AccountPlan, records: RecordPaths, judged: _Judged) -> list[str]:
    """The story's people in the account's first office, their records and decisions."""
    code = account.offices[0] if account.offices else STORY_OFFICES[0]
    people = [person for person in draft.people if person.role not in {COLLEAGUE, HEAD}]
    if account.employee_id is not None:
        people = [person for person in people if person.id == account.employee_id]
    pages: list[str] = []
    for person in people:
        if person.office == code:
            pages.extend(_of_person(person, records.get(person.id, {}), judged))
    return pages + judged.waiting


def _of_person(person: Person, records: dict[str, str], judged: _Judged) -> list[str]:
    pages = [f"/employees/{person.id}"]
    for period, path in records.items():
        pages.append(path)
        if (person.id, period) not in judged.decided:
            pages.append(f"{path}/decide")
    return pages + judged.decisions.get(person.id, [])
