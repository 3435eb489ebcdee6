"""Words of integrity reports, for citizens and inspectors."""

from typing import Any

from portal.i18n import lazy_gettext as _l

KINDS: dict[str, Any] = {
    "levy": _l("Diminta uang atau barang"),
    "harassment": _l("Pelecehan"),
    "discrimination": _l("Dibeda-bedakan"),
    "other": _l("Lainnya"),
}
STATE_WORDS: dict[str, Any] = {
    "new": _l("menunggu konfirmasi"),
    "written": _l("ada pesan warga"),
    "answered": _l("sudah dijawab"),
    "closed": _l("ditutup"),
}
STATE_KINDS = {"new": "warn", "written": "warn", "answered": "good", "closed": "quiet"}
