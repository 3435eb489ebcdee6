"""The forms of a kiosk: one for whoever stands there now, and some for when the network is gone."""

import uuid
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.counters.models import KIOSK, Device
from portal.counters.periods import period_of
from portal.counters.queries import ResolvedCode, duties_at
from portal.limits import too_many
from portal.ratings.attribution import CLOSED, LOOK_BACK, Offer, offer
from portal.ratings.hours import GRACE, is_open, open_times
from portal.ratings.queries import on_duty, public_names
from portal.ratings.tokens import Form

# A person takes five seconds, and the page starts anew each minute. What is tapped faster is
# kept, and counts for the office only.
PACE = "20 per minute"
SPARE = Offer("spare")


def form_now(device: Device, place: ResolvedCode, now: datetime) -> tuple[Form, list[str]]:
    """The form for this moment, and the names it shows: one, where one is on duty."""
    if too_many(PACE, of=f"kiosk {device.agency_id} {device.id}"):
        return _form(device, place, Offer("hurried"), now), []
    rows = duties_at(device.agency_id, device.counter_id, now, LOOK_BACK)
    local = now.astimezone(ZoneInfo(place.timezone))
    offered = CLOSED
    if is_open(open_times(place, local, rows), local, GRACE):
        offered = offer(KIOSK, on_duty(device.agency_id, KIOSK, rows), now)
    named = [candidate.employee_id for candidate in offered.named]
    names = public_names(device.agency_id, named) if named else {}
    return _form(device, place, offered, now), [names[one] for one in named if one in names]


def spare_forms(device: Device, place: ResolvedCode, count: int, now: datetime) -> list[Form]:
    """Forms that a kiosk holds for when there is no network: about nobody, each good once."""
    first = _form(device, place, SPARE, now)
    return [replace(first, id=uuid.uuid4()) for _number in range(count)]


def _form(device: Device, place: ResolvedCode, offered: Offer, now: datetime) -> Form:
    """Bound to the device by its code, and to its counter."""
    local = now.astimezone(ZoneInfo(place.timezone))
    return Form(
        id=uuid.uuid4(),
        code=device.code,
        agency_id=device.agency_id,
        counter_id=device.counter_id,
        code_version=None,
        channel=KIOSK,
        period=period_of(local.date()),
        zone=place.timezone,
        issued_at=now.replace(microsecond=0),
        offer=offered,
        services=tuple(service for service, _name in place.services),
    )
