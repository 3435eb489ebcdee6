"""The poster walk: what a coordinator found at a counter."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select

from portal.counters.codes import is_code, normalise_code
from portal.counters.models import CodeEvent, PosterCheck
from portal.counters.queries import resolve_code
from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account

LONGEST_FOUND = 200


def judge(agency_id: int, counter_id: int, desk: str, found: str, public_url: str) -> str:
    """What a code or address read off the paper at this counter, or at this desk of it, is: one
    of POSTER_OUTCOMES."""
    code = _code_in(found, public_url)
    place = resolve_code(code) if code else None
    if place is None or place.agency_id != agency_id:
        return "foreign"
    if (place.counter_id, place.desk) != (counter_id, desk):
        return "misplaced"
    return "good" if place.state == "current" else "stale"


def note_check(
    by: Account, counter_id: int, outcome: str, found: str, now: datetime, *, desk: str = ""
) -> None:
    """Keep what hung there. Noting it twice in a day is two notes; the latest one holds."""
    begin_write()
    db.session.add(
        PosterCheck(
            agency_id=by.agency_id,
            counter_id=counter_id,
            desk=desk,
            outcome=outcome,
            found=found[:LONGEST_FOUND],
            at=now,
            account_id=by.id,
        )
    )
    note_act(by, "check_poster", now, subject=f"counter:{counter_id}", detail={"found": outcome})
    db.session.commit()


def _code_in(found: str, public_url: str) -> str | None:
    """The code in an address of ours, under this or an earlier public address, or typed alone."""
    text = found.strip()
    if is_code(normalise_code(text)):
        return normalise_code(text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:  # no address at all
        return None
    head, _slash, code = parts.path.strip("/").partition("/")
    normal = normalise_code(code)
    if head.lower() != "n" or not is_code(normal):
        return None
    return normal if _ours(parts.netloc.lower(), normal, public_url) else None


def _ours(host: str, code: str, public_url: str) -> bool:
    """Papers printed before the portal moved carry its earlier host."""
    printed = db.session.scalars(
        select(CodeEvent.public_url).where(CodeEvent.code == code, CodeEvent.kind == "printed")
    )
    hosts = {urlsplit(url).netloc.lower() for url in (public_url, *printed) if url}
    return host in hosts
