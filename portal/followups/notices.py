"""Who is told by mail that cases were opened or are late; never which."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.i18n import lazy_gettext as _l
from portal.people.models import Account, RoleGrant
from portal.people.notices import tell
from portal.people.queries import scope_of

PATH = "/follow-ups"
HANDLERS = ("supervisor", "coordinator")
_OPENED = (
    _l("Ada tindak lanjut baru"),
    _l("Ada penilaian warga yang perlu ditindaklanjuti unit kerja Anda."),
)
_LATE = (
    _l("Ada tindak lanjut yang lewat waktu"),
    _l("Ada tindak lanjut di unit kerja Anda yang belum selesai pada waktunya."),
)
_TEXTS = {"follow_up_opened": _OPENED, "follow_up_late": _LATE}
_YOURS = (
    _l("Anda diminta menangani sebuah tindak lanjut"),
    _l("Sebuah tindak lanjut diserahkan kepada Anda."),
)


def accounts_with(agency_id: int, *roles: str) -> list[Account]:
    """Active accounts that hold one of the roles anywhere in the agency, by name."""
    holders = select(RoleGrant.account_id).where(
        RoleGrant.agency_id == agency_id, RoleGrant.role.in_(roles), RoleGrant.ended_at.is_(None)
    )
    return list(
        db.session.scalars(
            select(Account)
            .where(Account.agency_id == agency_id, Account.active, Account.id.in_(holders))
            .order_by(Account.name, Account.id)
        )
    )


def tell_handlers(agency_id: int, offices: Collection[int], now: datetime) -> None:
    """One mail to each who handles cases of these offices."""
    _tell(agency_id, offices, HANDLERS, "follow_up_opened", now)


def tell_supervisors(agency_id: int, offices: Collection[int], now: datetime) -> None:
    """One mail to each supervisor of these offices or of one above them."""
    _tell(agency_id, offices, ("supervisor",), "follow_up_late", now)


def tell_assigned(account: Account, case_id: int, now: datetime) -> None:
    tell(account, _YOURS, f"{PATH}/{case_id}", now, kind="follow_up_assigned")


def _tell(
    agency_id: int,
    offices: Collection[int],
    roles: tuple[str, ...],
    kind: str,
    now: datetime,
) -> None:
    for account in accounts_with(agency_id, *roles):
        mine = scope_of(account, *roles)
        if any(office in mine for office in offices):
            tell(account, _TEXTS[kind], PATH, now, kind=kind)
