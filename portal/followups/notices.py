"""Who is told by mail that cases were opened or are late; never which."""

from collections.abc import Collection
from datetime import datetime

from portal.i18n import lazy_gettext as _l
from portal.people.account_queries import accounts_with
from portal.people.models import Account
from portal.people.notices import tell
from portal.people.queries import scope_of
from portal.records.policies import AgencyPolicy

PATH = "/follow-ups"
RESULTS = "/follow-ups/results"  # for HR, who opens no case
HANDLERS = ("supervisor", "coordinator")
_TOLD = (HANDLERS, ("supervisor",), ("coordinator",))  # by an agency's rule
_OPENED = (
    _l("Ada tindak lanjut baru"),
    _l("Ada penilaian warga yang perlu ditindaklanjuti unit kerja Anda."),
)
_LATE = (
    _l("Ada tindak lanjut yang lewat waktu"),
    _l("Ada tindak lanjut di unit kerja Anda yang belum selesai pada waktunya."),
)
_YOURS = (
    _l("Anda diminta menangani sebuah tindak lanjut"),
    _l("Sebuah tindak lanjut diserahkan kepada Anda."),
)


def told_roles(policy: AgencyPolicy) -> tuple[str, ...]:
    """To whom new cases go; whoever else handles cases may open them all the same."""
    return _TOLD[policy.case_to]


def tell_handlers(
    agency_id: int, offices: Collection[int], policy: AgencyPolicy, now: datetime
) -> None:
    """One mail to each to whom cases of these offices go."""
    roles = told_roles(policy)
    for account in accounts_with(agency_id, *roles):
        mine = scope_of(account, *roles)
        if any(office in mine for office in offices):
            tell(account, _OPENED, PATH, now, kind="follow_up_opened")


def tell_late(account: Account, now: datetime) -> None:
    """That a case is late; where to see it, as far as the account may."""
    path = PATH if account.role_names & set(HANDLERS) else RESULTS
    tell(account, _LATE, path, now, kind="follow_up_late")


def tell_assigned(account: Account, case_id: int, now: datetime) -> None:
    tell(account, _YOURS, f"{PATH}/{case_id}", now, kind="follow_up_assigned")
