"""Words of the code as the reader sees them."""

from typing import Any

from portal.i18n import lazy_gettext as _l

# Each with the colour of its step in a history.
CODE_STEPS: dict[str, tuple[Any, str]] = {
    "issued": (_l("Kode dibuat"), "good"),
    "printed": (_l("Poster dicetak"), ""),
    "replaced": (_l("Kode diganti"), "warn"),
    "revoked": (_l("Kode dicabut"), "bad"),
}
DUTY_STEPS: dict[str, tuple[Any, str]] = {
    "planned": (_l("Dijadwalkan"), ""),
    "confirmed": (_l("Dipastikan"), "good"),
    "checked_in": (_l("Mulai bertugas"), ""),
    "checked_out": (_l("Selesai bertugas"), ""),
    "corrected": (_l("Dikoreksi"), "warn"),
    "cancelled": (_l("Dibatalkan"), "bad"),
}
SOURCES: dict[str, Any] = {
    "roster": _l("jadwal"),
    "check_in": _l("check-in"),
    "correction": _l("koreksi"),
}
REFUSALS: dict[str, Any] = {
    "stale_display": _l("Kode layar yang sudah berganti, misalnya dari foto"),
    "ended_display": _l("Kode layar yang sudah dicabut"),
    "used_ticket": _l("Karcis yang sudah dipakai"),
    "expired_ticket": _l("Karcis yang sudah lewat waktunya"),
    "revoked_ticket": _l("Karcis yang dicabut"),
    "replaced": _l("Kode poster yang sudah diganti"),
    "revoked": _l("Kode poster yang dicabut"),
    "closed_counter": _l("Kode saat loket ditutup"),
}
