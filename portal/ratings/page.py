"""The rating form as a page: what it offers, and its rendering, kept per counter and language."""

import hashlib
import secrets
import struct
import uuid
import zlib
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Response, render_template, request

from portal.counters.periods import period_of
from portal.counters.queries import ResolvedCode, TicketScan, duties_at
from portal.i18n import clock, day, language, language_links, languages
from portal.ratings.attribution import (
    CLOSED,
    LOOK_BACK,
    NAMES_NOBODY,
    NAMES_ONE,
    Offer,
    offer,
    offer_of_ticket,
)
from portal.ratings.hours import ALWAYS, GRACE, is_open, open_times
from portal.ratings.phone import page_script
from portal.ratings.queries import on_duty, public_names
from portal.ratings.tokens import Form

CSS = (Path(__file__).parent / "templates/ratings/citizen.css").read_text(encoding="utf-8")
KNOWN_ARGUMENTS = {"lang", "new", "first"}
KEPT_PAGES = 500  # of 12 kB each
GZIP_HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
A_DAY = timedelta(hours=24)


@dataclass(frozen=True)
class RatePage:
    """What the form shows, apart from its token."""

    code: ResolvedCode
    kind: str
    named: tuple[str, ...]
    others: tuple[str, ...]
    shifts: tuple[str, ...]
    by_list: bool
    action: str  # where the form is sent to
    # Somebody signed in scans it: an employee perhaps to begin serving here, a coordinator
    # perhaps on the poster walk.
    check_in: str = ""  # the code by which the employee does
    keeper: bool = False


@dataclass(frozen=True)
class Filled:
    """What the citizen had filled in before a form has to be shown again."""

    overall: str = ""
    ramah: str = ""
    cakap: str = ""
    cekatan: str = ""
    cause: str = ""
    service: str = ""
    who: str = ""
    day: str = ""
    comment: str = ""

    @property
    def more(self) -> bool:
        rest = (self.ramah, self.cakap, self.cekatan, self.cause, self.service, self.comment)
        return any(rest)


class KeptPage:
    """A rendered page up to its first mark, compressed once, and the rest as it was rendered.

    Each answer compresses only the rest: the two parts stand side by side in one gzip member
    (RFC 1952), since a full flush ends the first part on a byte and forgets what came before.
    """

    def __init__(self, html: str, marks: Iterable[str]) -> None:
        first = min((html.index(mark) for mark in marks if mark in html), default=len(html))
        self.start = html[:first].encode()
        self.rest = html[first:].encode()
        packer = zlib.compressobj(9, wbits=-15)
        self.packed = packer.compress(self.start) + packer.flush(zlib.Z_FULL_FLUSH)
        self.checksum = zlib.crc32(self.start)

    def fill(self, marks: dict[str, str], *, packed: bool) -> bytes:
        rest = self.rest
        for mark, text in marks.items():
            rest = rest.replace(mark.encode(), text.encode())
        if not packed:
            return self.start + rest
        packer = zlib.compressobj(6, wbits=-13, memLevel=6)  # little to clear for a few kB
        end = packer.compress(rest) + packer.flush()
        checksum = zlib.crc32(rest, self.checksum)
        trailer = struct.pack("<LL", checksum, len(self.start) + len(rest))
        return GZIP_HEADER + self.packed + end + trailer


@dataclass
class Pages:
    """Pages rendered once for all who see the same; the oldest goes when there are too many.

    What differs between them (a token, a receipt) stands in the kept page as a mark.
    """

    kept: OrderedDict[tuple[object, ...], KeptPage] = field(default_factory=OrderedDict)

    def answer(
        self,
        key: tuple[object, ...],
        render: Callable[[], str],
        marks: dict[str, str],
        colour: str,
        *,
        keeps: bool = False,
    ) -> Response:
        """The page for this key and language, with each mark replaced by its text."""
        key = (*key, language(), request.query_string)
        page = self.kept.get(key)
        if page is None:
            page = KeptPage(render(), marks)
            # An address with words of somebody's own choosing is not worth a place.
            if set(request.args) <= KNOWN_ARGUMENTS:
                self.kept[key] = page
            if len(self.kept) > KEPT_PAGES:
                self.kept.popitem(last=False)
        packed = _takes_gzip()
        body = page.fill(marks, packed=packed)
        return _response(body, colour, 200, packed=packed, keeps=keeps)


def render_rate(
    page: RatePage,
    token: str,
    filled: Filled | None = None,
    problem: str = "",
    *,
    trap: bool = True,
) -> str:
    """The form; without the `trap` for machines where it has caught one: it may have been a
    person whose browser fills in whatever it finds."""
    return citizen_page(
        "ratings/rate.html",
        colour=page.code.colour,
        page=page,
        token=token,
        filled=filled or Filled(),
        problem=problem,
        trap=trap,
    )


def citizen_page(template: str, colour: str = "", **values: object) -> str:
    """A page for citizens: styles inlined, so that one request brings all of it."""
    return render_template(
        template,
        css=styles(colour),
        script=page_script(language()).path,
        language=language(),
        languages=language_links(tuple(languages())),
        **values,
    )


@cache
def styles(colour: str) -> str:
    """The style sheet with the agency's colour, where white letters are readable on it."""
    css = "".join(line for line in CSS.splitlines())
    if _readable(colour):
        css += f"@media (prefers-color-scheme:light){{:root{{--p:{colour}}}}}"
    return css


@cache
def content_policy(colour: str) -> str:
    """The policy of a citizen's page: its one style sheet by its hash, its script from a file."""
    digest = b64encode(hashlib.sha256(styles(colour).encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; script-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _readable(colour: str) -> bool:
    """White on this colour reaches the contrast of 4.5 that WCAG 2.2 asks for (1.4.3)."""
    if len(colour) != 7 or not colour.startswith("#"):
        return False
    try:
        channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    except ValueError:
        return False
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05) >= 4.5


def answer(html: str, colour: str, status: int = 200, *, keeps: bool = False) -> Response:
    """A page that is rendered for this answer alone; `keeps`: by the phone itself."""
    packed = _takes_gzip()
    body = KeptPage(html, ()).fill({}, packed=packed)
    return _response(body, colour, status, packed=packed, keeps=keeps)


def _takes_gzip() -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "")


def _response(
    body: bytes, colour: str, status: int, *, packed: bool, keeps: bool = False
) -> Response:
    """Never stored by others: each form has its own token, each receipt its own state.

    The phone itself may keep a form, so that going back leads to the same one with the same token.
    """
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        # Not by Cookie: sending sets one, and the form is to be the same when one goes back to it.
        ("Vary", "Accept-Encoding, Accept-Language"),
        ("Cache-Control", "private, no-cache" if keeps else "no-store"),
        ("Content-Security-Policy", content_policy(colour)),
    ]
    if packed:
        headers.append(("Content-Encoding", "gzip"))
    return Response(body, status, headers)


def issue(code: ResolvedCode, channel: str, now: datetime) -> tuple[RatePage, Form]:
    """A new form for this counter: whom it names is fixed here, by who is on duty then."""
    zone = ZoneInfo(code.timezone)
    local = now.astimezone(zone)
    rows = duties_at(code.agency_id, code.counter_id, now, LOOK_BACK) if channel != "list" else []
    times = ALWAYS if channel == "list" else open_times(code, local, rows)
    offered = CLOSED
    if is_open(times, local, GRACE):
        offered = offer(channel, on_duty(code.agency_id, channel, rows), now, code.desk_of)
    closed = offered.kind in NAMES_NOBODY and not is_open(times, local)
    shifts = _shifts(code, now, zone) if closed else []
    names = {row.employee_id: row.public_name for row in rows}
    page = RatePage(
        code=code,
        kind=offered.kind,
        named=tuple(names[candidate.employee_id] for candidate in offered.named),
        others=tuple(names[candidate.employee_id] for candidate in offered.others),
        shifts=tuple(label for _day, label in shifts),
        by_list=channel == "list",
        action=_action(code, channel),
    )
    return page, Form(
        id=uuid.uuid4(),
        code="" if channel == "list" else code.code,
        agency_id=code.agency_id,
        counter_id=code.counter_id,
        code_version=code.version,
        channel=channel,
        period=period_of(local.date()),
        zone=code.timezone,
        issued_at=now.replace(microsecond=0),
        offer=offered,
        days=tuple(iso for iso, _label in shifts),
        services=tuple(service for service, _name in code.services),
    )


def issue_by_ticket(ticket: TicketScan, now: datetime) -> tuple[RatePage, Form]:
    """A form for a visit ticket: its rating's id and period are those of the ticket."""
    code = ticket.place
    offered = offer_of_ticket(
        ticket.issuer,
        ticket.employee_id,
        civil_servant=ticket.civil_servant,
        confirmed=ticket.confirmed,
    )
    page = RatePage(
        code=code,
        kind="one" if offered.named else "nobody",
        named=(ticket.public_name,) if offered.named else (),
        others=(),
        shifts=(),
        by_list=False,
        action=_action(code, "ticket"),
    )
    return page, Form(
        id=ticket.rating_id,
        code=code.code,
        agency_id=code.agency_id,
        counter_id=code.counter_id,
        code_version=None,
        channel="ticket",
        period=ticket.period,
        zone=code.timezone,
        issued_at=now.replace(microsecond=0),
        offer=offered,
        services=tuple(service for service, _name in code.services),
        nonce=secrets.token_urlsafe(9),
    )


def same_page(code: ResolvedCode, form: Form) -> RatePage:
    """The page of a form that was issued before, for showing it again with what was filled in."""
    offered = (*form.offer.named, *form.offer.others)
    names = public_names(form.agency_id, [candidate.employee_id for candidate in offered])
    return RatePage(
        code=code,
        kind="one" if form.offer.kind in NAMES_ONE else form.offer.kind,
        named=_named(form.offer, names)[0],
        others=_named(form.offer, names)[1],
        shifts=tuple(day(datetime.fromisoformat(iso).date()) for iso in form.days),
        by_list=form.channel == "list",
        action=_action(code, form.channel),
    )


def _action(code: ResolvedCode, channel: str) -> str:
    if channel == "list":
        return f"/find/{code.agency_id}/{code.office_id}/{code.counter_id}"
    return f"/n/{code.code}"


def _named(offered: Offer, names: dict[int, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    named = tuple(names.get(candidate.employee_id, "–") for candidate in offered.named)
    others = tuple(names.get(candidate.employee_id, "–") for candidate in offered.others)
    return named, others


def _shifts(code: ResolvedCode, now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """The shifts of the last 24 hours at this counter: day, and what the citizen reads."""
    found = {}
    for row in duties_at(code.agency_id, code.counter_id, now, A_DAY):
        start = row.starts_at.astimezone(zone)
        end = row.ends_at.astimezone(zone).time() if row.ends_at else time(23, 59)
        label = f"{day(start.date())}, {clock(start.time())}–{clock(end)}"
        found[label] = start.date().isoformat()
    return [(iso, label) for label, iso in found.items()]
