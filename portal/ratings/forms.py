"""The shape of a submitted rating. Plain parsing: this runs for every citizen, on a busy server."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.ratings.masking import LONGEST
from portal.ratings.models import CAUSES, ELEMENTS

# A field that people do not see and machines fill in.
HONEYPOT = "website"
ANSWERS = {"1": 1, "2": 2, "3": 3, "4": 4}


class NoAnswer(Exception):
    """The one required question was left open."""


class Trapped(NoAnswer):
    """A machine filled in what people do not see: there is no answer of a person."""


@dataclass(frozen=True)
class Submission:
    """What the citizen sent, checked for shape; what cannot be read counts as not answered."""

    overall: int
    ramah: int | None
    cakap: int | None
    cekatan: int | None
    cause: str | None
    service_id: int | None
    who: str
    day: str
    comment: str
    waited: int = 0  # seconds it lay on the phone before it was sent


def read_submission(form: Mapping[str, str], services: tuple[int, ...] = ()) -> Submission:
    """The submission in a form's fields; raises NoAnswer or Trapped."""
    if form.get(HONEYPOT):
        raise Trapped
    overall = ANSWERS.get(form.get("overall", ""))
    if overall is None:
        raise NoAnswer
    cause = form.get("cause", "")
    return Submission(
        overall=overall,
        **{element: ANSWERS.get(form.get(element, "")) for element in ELEMENTS},
        cause=cause if cause in CAUSES else None,
        service_id=_service(form.get("service", ""), services),
        who=form.get("who", "")[:4],
        day=form.get("day", "")[:10],
        comment=_plain(form.get("comment", ""))[:LONGEST],
        waited=_seconds(form.get("waited", "")),
    )


def _seconds(text: str) -> int:
    return int(text) if len(text) <= 7 and text.isascii() and text.isdecimal() else 0


def _service(text: str, services: tuple[int, ...]) -> int | None:
    if len(services) == 1:
        return services[0]
    return next((service for service in services if str(service) == text), None)


def _plain(text: str) -> str:
    """Without characters that no database keeps or no page shows (NUL, lone surrogates)."""
    printable = (letter for letter in text if letter == "\n" or letter.isprintable())
    return "".join(printable).strip()
