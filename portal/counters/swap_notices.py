"""Mails about swapping duties: to whoever has the next word, and to whoever waits for it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.counters.models import Counter, Duty, SwapRequest
from portal.db import db
from portal.i18n import lazy_gettext as _l
from portal.people.models import Account, Office, RoleGrant
from portal.people.notices import tell

MINE, TO_DECIDE = "/my-roster", "/roster/swaps"

_TEXTS = {
    "asked": (
        _l("Seorang rekan ingin menukar tugas dengan Anda"),
        _l(
            "Seorang rekan meminta Anda menggantikannya di loket atau menukar tugas. Ia "
            "menunggu jawaban Anda."
        ),
    ),
    "declined": (
        _l("Permintaan tukar tugas ditolak rekan"),
        _l("Rekan yang Anda minta menolak menukar tugas. Jadwal Anda tetap seperti semula."),
    ),
    "withdrawn": (
        _l("Permintaan tukar tugas ditarik kembali"),
        _l(
            "Rekan yang meminta tukar tugas menarik permintaannya. Jadwal Anda tetap seperti "
            "semula."
        ),
    ),
    "agreed": (
        _l("Ada tukar tugas yang menunggu keputusan Anda"),
        _l(
            "Dua pegawai sepakat menukar tugas loket. Jadwal baru berubah bila koordinator "
            "memastikannya."
        ),
    ),
    "confirmed": (
        _l("Tukar tugas dipastikan"),
        _l("Koordinator memastikan tukar tugas Anda. Jadwal Anda berubah."),
    ),
    "refused": (
        _l("Tukar tugas tidak disetujui"),
        _l("Koordinator tidak menyetujui tukar tugas Anda. Jadwal Anda tetap seperti semula."),
    ),
}  # fmt: skip


def tell_about(request: SwapRequest, now: datetime) -> None:
    """What has become of a request, within the transaction that made it so."""
    asker, colleague = request.employee_id, request.colleague_id
    if request.state == "agreed":
        for account in coordinators_of(request):
            tell(account, _TEXTS["agreed"], TO_DECIDE, now, kind="swap_agreed")
        return
    to = {"asked": [colleague], "withdrawn": [colleague], "declined": [asker]}
    for account in _accounts_of(request.agency_id, to.get(request.state, [asker, colleague])):
        tell(account, _TEXTS[request.state], MINE, now, kind=f"swap_{request.state}")


def coordinators_of(request: SwapRequest) -> list[Account]:
    """Those nearest to the counter: of its office, else of the next office above that has any.

    Neither of the two who swap decides, so neither is asked to.
    """
    place: int | None = db.session.scalar(
        select(Counter.office_id)
        .join(Duty, (Duty.agency_id == Counter.agency_id) & (Duty.counter_id == Counter.id))
        .where(Duty.agency_id == request.agency_id, Duty.id == request.duty_id)
    )
    by_office: dict[int | None, list[Account]] = {}
    rows = db.session.execute(
        select(RoleGrant.office_id, Account)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.agency_id == request.agency_id,
            RoleGrant.role == "coordinator",
            RoleGrant.ended_at.is_(None),
            Account.active,
        )
        .order_by(Account.id)
    )
    for office_id, account in rows:
        if account.employee_id not in {request.employee_id, request.colleague_id}:
            by_office.setdefault(office_id, []).append(account)
    while place is not None and place not in by_office:
        place = db.session.get_one(Office, (request.agency_id, place)).parent_id
    return by_office.get(place, [])


def _accounts_of(agency_id: int, employee_ids: Iterable[int]) -> list[Account]:
    return list(
        db.session.scalars(
            select(Account)
            .where(Account.agency_id == agency_id, Account.employee_id.in_(list(employee_ids)))
            .order_by(Account.id)
        )
    )
