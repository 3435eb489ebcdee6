"""Every page says who may open it, and the pages open to everybody are a closed list."""

from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule, UUIDConverter

from portal.access import PUBLIC, ROLES, SIGNED_IN, access_of

# Adding to this list opens a page to the world: think twice.
OPEN_TO_ALL = {
    "healthz",
    "readyz",
    "metrics",  # by address or token, see portal.observe
    "static",
    "security.login",
    "security.forgot_password",
    "security.reset_password",
    "api.change",  # for queue systems, by their own key; so too the next three
    "api.description",  # but this one holds no secret
    "api.issue",
    "api.revoke",
    "display.codes",  # for signed-in screens, by their own key; so too the next two
    "display.screen",
    "display.state",
    "display.sign_in",
    "display.worker",
    "kiosk.forms",  # for signed-in kiosks, by their own key; so too the next two
    "kiosk.screen",
    "kiosk.submit",
    "kiosk.worker",
    "ratings.contact",
    "ratings.counters",
    "ratings.find",
    "ratings.front",
    "ratings.manifest",
    "ratings.privacy",
    "ratings.rate",
    "ratings.rate_display",
    "ratings.rate_display_upper",
    "ratings.rate_listed",
    "ratings.rate_upper",
    "ratings.receipt",
    "ratings.reminder",
    "ratings.camera",
    "ratings.script",
    "ratings.submit",
    "ratings.submit_listed",
    "ratings.submit_upper",
    "ratings.take_back",
    "ratings.worker",
    "transparency.agencies",
    "transparency.figures",
    "transparency.office",
    "transparency.offices",
    "report.form",
    "report.front",
    "report.mailbox",  # by its code
    "report.no_mailbox",
    "report.send",
}
# Pages of libraries for which nobody asked: answered 403, being marked with nothing.
CLOSED = {"security.verify", "security.static"}


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_page_says_who_may_open_it(wired: Flask) -> None:
    forgotten = {name for name in endpoints(wired) if access_of(wired, name) is None}
    assert forgotten <= CLOSED


def test_the_pages_open_to_all_are_a_closed_list(wired: Flask) -> None:
    assert {name for name in endpoints(wired) if access_of(wired, name) == PUBLIC} == OPEN_TO_ALL


def test_all_other_pages_name_known_roles(wired: Flask) -> None:
    for name in endpoints(wired) - OPEN_TO_ALL - CLOSED:
        access = access_of(wired, name)
        assert access == SIGNED_IN or set(access or ()) <= set(ROLES), name


def test_a_stranger_is_sent_to_sign_in(wired: Flask) -> None:
    client = wired.test_client()
    for rule in wired.url_map.iter_rules():
        if rule.endpoint in OPEN_TO_ALL or "GET" not in (rule.methods or ()):
            continue
        values = {name: _sample(rule, name) for name in rule.arguments}
        with wired.test_request_context():
            address = wired.url_for(rule.endpoint, **values)
        answer = client.get(address)
        assert answer.status_code == 302, f"{address} answers {answer.status_code}"
        assert answer.location.startswith("/sign-in"), address


def _sample(rule: Rule, name: str) -> Any:
    """Something that the address takes there: a key, a number, or a period."""
    converter = rule._converters[name]
    if isinstance(converter, UUIDConverter):
        return UUID(int=7)
    return 7 if isinstance(converter.to_python("7"), int) else "2026-Q4"
