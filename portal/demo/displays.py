"""Screens and kiosks at two counters of the demo. Their addresses sign in whoever opens them: a
demo's way."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from portal.counters.codes import new_code
from portal.counters.device_actions import await_pairing, pairing_word
from portal.counters.models import DEVICE_KINDS, Counter, Device
from portal.db import begin_write, db
from portal.demo.chance import Chance, ids
from portal.demo.draft import Draft
from portal.people.models import Office

NEVER = datetime(2100, 1, 1, tzinfo=UTC)


def fill_displays(draft: Draft, agency_id: int, signing_key: str, chance: Chance) -> None:
    """A screen and a kiosk at the first counter of each of the first two offices that have one."""
    offices = [office for office in draft.plan.offices if office.counters][:2]
    begin_write()
    for kind in DEVICE_KINDS:
        letters = chance.letters(f"{kind}s {draft.plan.code}")
        keys = ids(chance.stream(f"{kind}s {draft.plan.code}"), len(offices))
        for office, key in zip(offices, keys, strict=True):
            device = Device(
                agency_id=agency_id,
                id=key,
                kind=kind,
                counter_id=draft.counters[office.code, office.counters[0].label],
                code=new_code(source=letters),
                label="Tablet",
                created_at=draft.window.midnight(draft.window.first),
                expires_at=NEVER,
            )
            await_pairing(device, signing_key, NEVER)
            db.session.add(device)
    db.session.commit()


def device_entries(kind: str, signing_key: str) -> list[dict[str, Any]]:
    """For demo.json: where each display or kiosk is opened, and where it stands."""
    rows = db.session.execute(
        select(Device, Counter.label, Office.name)
        .join(Counter, (Counter.agency_id == Device.agency_id) & (Counter.id == Device.counter_id))
        .join(Office, (Office.agency_id == Counter.agency_id) & (Office.id == Counter.office_id))
        .where(Device.kind == kind)
        .order_by(Office.name, Counter.label)
    )
    return [
        {
            "path": f"/display/{pairing_word(signing_key, device)}",
            "counter": label,
            "counter_id": device.counter_id,
            "office": office,
        }
        for device, label, office in rows
    ]
