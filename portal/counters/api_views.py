"""The interface for queue systems, /api/v1: tickets with their times. A key for each system."""

from importlib.metadata import version
from typing import TypeVar

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from portal import clock
from portal.access import public
from portal.config import Settings
from portal.counters import ticket_actions as deeds
from portal.counters.api_models import NewTicket, Problem, Ticket, Times, openapi
from portal.counters.codes import (
    TICKET_LENGTH,
    is_code,
    normalise_code,
    scan_address,
    show_code,
    typed_address,
)
from portal.counters.integration_actions import UnknownKey, integration_of
from portal.counters.models import Integration, Service, VisitTicket
from portal.counters.page_queries import current_code
from portal.counters.queries import resolve_code
from portal.db import db
from portal.limits import limiter
from portal.people.queries import with_descendants

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

FOR_ONE_KEY = "600 per minute"
Model = TypeVar("Model", bound=BaseModel)


class Refused(Exception):
    """Not done: with which status, and why."""

    def __init__(self, status: int, error: str, fields: list[str] | None = None) -> None:
        self.status = status
        self.problem = Problem(error=error, fields=fields or [])


@blueprint.errorhandler(Refused)
def refused(error: Refused) -> tuple[Response, int]:
    return jsonify(error.problem.model_dump()), error.status


@blueprint.errorhandler(429)
def too_many(error: object) -> tuple[Response, int]:
    return jsonify(Problem(error="too many requests: wait a minute").model_dump()), 429


def _sender() -> str:
    """What the limit counts by: the key's public half, or nobody."""
    return ".".join(request.headers.get("Authorization", "").split(".")[:2])


@blueprint.get("/openapi.json")
@public
def description() -> Response:
    return jsonify(openapi(version("suara-loket")))


@blueprint.post("/tickets")
@limiter.limit(FOR_ONE_KEY, key_func=_sender)
@public
def issue() -> tuple[Response, int]:
    """A ticket for a visit; sent again with the same reference, the same ticket."""
    system = _system()
    wanted = _read(NewTicket)
    try:
        code = deeds.issue_queue_ticket(
            system.agency_id,
            system.id,
            _counter(system, wanted.counter),
            reference=wanted.reference,
            service_id=_service(system.agency_id, wanted.service),
            called_at=wanted.called_at,
            finished_at=wanted.finished_at,
            number=" ".join((wanted.number or "").split()),
            now=clock.now(),
        )
    except deeds.ImpossibleTime:
        raise _impossible() from None
    return jsonify(_ticket(system.agency_id, code).model_dump(mode="json")), 201


@blueprint.patch("/tickets/<code>")
@limiter.limit(FOR_ONE_KEY, key_func=_sender)
@public
def change(code: str) -> tuple[str, int]:
    """When the visit was called and over."""
    system = _system()
    times = _read(Times)
    try:
        deeds.note_times(
            system.agency_id,
            system.id,
            _ticket_code(code),
            called_at=times.called_at,
            finished_at=times.finished_at,
            now=clock.now(),
        )
    except deeds.UnknownTicket:
        raise Refused(404, "no such ticket of this key") from None
    except deeds.ImpossibleTime:
        raise _impossible() from None
    return "", 204


@blueprint.delete("/tickets/<code>")
@limiter.limit(FOR_ONE_KEY, key_func=_sender)
@public
def revoke(code: str) -> tuple[str, int]:
    """The ticket is worth nothing any more."""
    system = _system()
    try:
        deeds.revoke_queue_ticket(system.agency_id, system.id, _ticket_code(code), clock.now())
    except deeds.UnknownTicket:
        raise Refused(404, "no such ticket of this key") from None
    return "", 204


def _impossible() -> Refused:
    why = "called_at lies in the future, or more than a day before the ticket"
    return Refused(422, why, ["called_at"])


def _system() -> Integration:
    """The queue system that asks, by its key."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(401, "send the key as Authorization: Bearer …")
    try:
        return integration_of(key.strip(), clock.now())
    except UnknownKey:
        raise Refused(401, "the key is unknown, expired or revoked") from None


def _read(model: type[Model]) -> Model:
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        fields = sorted({".".join(map(str, one["loc"])) or "body" for one in error.errors()})
        raise Refused(422, "missing or wrong: " + ", ".join(fields), fields) from None


def _counter(system: Integration, typed: str) -> int:
    """The counter with this printed code, within the office that the key is for.

    A code whose paper was replaced stands for its counter still: the system learns the new one
    from the answer.
    """
    code = normalise_code(typed)
    place = resolve_code(code) if is_code(code) else None
    offices = with_descendants(system.agency_id, {system.office_id})
    if place is None or place.agency_id != system.agency_id or place.office_id not in offices:
        raise Refused(404, "no counter with this code in the office of this key", ["counter"])
    if place.state == "revoked":
        raise Refused(
            410, "this code was revoked: ask the office for the counter's code", ["counter"]
        )
    if not place.counter_active:
        raise Refused(410, "the counter is closed", ["counter"])
    return place.counter_id


def _service(agency_id: int, code: str | None) -> int | None:
    if code is None:
        return None
    found = db.session.scalar(
        select(Service.id).where(Service.agency_id == agency_id, Service.code == code)
    )
    if found is None:
        raise Refused(404, "no service with this code", ["service"])
    return found


def _ticket(agency_id: int, code: str) -> Ticket:
    settings: Settings = current_app.config["SETTINGS"]
    ticket = db.session.get_one(VisitTicket, (agency_id, code))
    return Ticket(
        code=code,
        shown=show_code(code),
        address=scan_address(settings.public_url, code),
        typed=typed_address(settings.public_url, code),
        expires_at=ticket.expires_at,
        counter=current_code(agency_id, ticket.counter_id),
    )


def _ticket_code(typed: str) -> str:
    code = normalise_code(typed)
    if not is_code(code, TICKET_LENGTH):
        raise deeds.UnknownTicket
    return code
