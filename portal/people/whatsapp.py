"""Word to a telephone: the agency's own gateway sends it, the portal only hands it over."""

import json
import re
from http.client import HTTPException
from urllib.request import Request

from portal.config import Settings
from portal.people.outward import ask

TIMEOUT = 20  # seconds that the gateway gets for an answer
# Mobile numbers of Indonesia: 8 and eight to eleven digits more, after 0, 62 or +62.
_NUMBER = re.compile(r"(?:\+?62|0)(8\d{8,11})")


def as_number(text: str) -> str | None:
    """A mobile number as typed, in the form +62812…; None where the text is none."""
    found = _NUMBER.fullmatch(re.sub(r"[\s.\-()]", "", text))
    return f"+62{found[1]}" if found else None


def is_number(recipient: str) -> bool:
    """Whether a recipient is a number that `as_number` made."""
    return recipient.startswith("+")


def hand_over(number: str, text: str, reference: str, settings: Settings) -> None:
    """Give one message to the gateway: JSON with `to`, `text` and `reference`, which is the same
    when a message is given again.

    Raises OSError where the gateway does not take it: also every answer but 2xx, and what is no
    answer at all.
    """
    if settings.whatsapp_gateway is None:
        raise ConnectionError("PORTAL_WHATSAPP_GATEWAY is not set")
    body = json.dumps({"to": number, "text": text, "reference": reference}, ensure_ascii=False)
    headers = {"Content-Type": "application/json"}
    if settings.whatsapp_token:
        headers["Authorization"] = f"Bearer {settings.whatsapp_token.get_secret_value()}"
    request = Request(settings.whatsapp_gateway, body.encode(), headers)  # noqa: S310  see config
    try:
        ask(request, TIMEOUT)
    except HTTPException:
        raise ConnectionError("the gateway speaks no HTTP") from None
