"""What queue systems send and get, and its description as OpenAPI 3.1."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

_CALLED = (
    "when the number was called: not in the future, at most a day before the ticket; the ticket "
    "names who served at the counter then"
)


class NewTicket(BaseModel):
    """A visit for which a ticket is wanted."""

    model_config = ConfigDict(extra="forbid")
    counter: str = Field(description="the printed code of the counter, such as 7K3M9QXA")
    reference: str = Field(
        min_length=1,
        max_length=80,
        description="your own key of this visit; sent again, it gives the same ticket. Only a "
        "hash of it is kept. No name, no NIK",
    )
    service: str | None = Field(None, max_length=40, description="code of the service")
    number: str | None = Field(
        None, max_length=12, description="queue number, shown on the counter's screen only"
    )
    called_at: AwareDatetime | None = Field(None, description=_CALLED)
    finished_at: AwareDatetime | None = Field(None, description="when the visit was over")


class Times(BaseModel):
    """When a visit was called and over."""

    model_config = ConfigDict(extra="forbid")
    called_at: AwareDatetime | None = Field(None, description=_CALLED)
    finished_at: AwareDatetime | None = None


class Ticket(BaseModel):
    """A ticket, to be printed or shown. Whether it was used is never told."""

    code: str = Field(description="ten letters and digits")
    shown: str = Field(description="the same with a hyphen, for people")
    address: str = Field(description="what the QR code holds, in upper case")
    typed: str = Field(description="the address as a person types it")
    expires_at: AwareDatetime
    counter: str | None = Field(
        description="the printed code of the counter now; another one than was sent after its "
        "paper was replaced: store it. None while the counter has none"
    )


class Problem(BaseModel):
    """Why it was not done."""

    error: str
    fields: list[str] = []


_REF = "#/components/schemas/{model}"
_CODE = {"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}
_REFUSED = {
    "401": "the key is unknown, expired or revoked",
    "404": "no such counter, service or ticket within this key's office",
    "410": "the counter's code was revoked, or the counter is closed; error says which",
    "422": "a field is missing or wrong",
    "429": "too many requests: wait a minute",
}


def openapi(version: str) -> dict[str, Any]:
    """The document that describes the interface."""
    _keys, schemas = models_json_schema(
        [
            (NewTicket, "validation"),
            (Times, "validation"),
            (Ticket, "serialization"),
            (Problem, "serialization"),
        ],
        ref_template=_REF,
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Suara Loket", "version": version},
        "paths": {
            "/api/v1/tickets": {
                "post": _operation("Issue a ticket", "201", "Ticket", takes="NewTicket"),
            },
            "/api/v1/tickets/{code}": {
                "parameters": [_CODE],
                "patch": _operation("Say when a visit was called and over", "204", takes="Times"),
                "delete": _operation("Revoke a ticket", "204"),
            },
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _operation(summary: str, done: str, gives: str = "", takes: str = "") -> dict[str, Any]:
    answers: dict[str, Any] = {done: {"description": "done"} | (_content(gives) if gives else {})}
    answers |= {
        status: {"description": why} | _content("Problem") for status, why in _REFUSED.items()
    }
    found: dict[str, Any] = {"summary": summary, "responses": answers}
    if takes:
        found["requestBody"] = {"required": True} | _content(takes)
    return found


def _content(model: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}}
