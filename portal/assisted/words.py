"""Words of ratings entered for others."""

from typing import Any

from portal.i18n import lazy_gettext as _l

FACES: dict[str, Any] = {
    "1": _l("Tidak baik"),
    "2": _l("Kurang baik"),
    "3": _l("Baik"),
    "4": _l("Sangat baik"),
}
CAUSE_WORDS: dict[str, Any] = {
    "person": _l("Petugasnya"),
    "procedure": _l("Aturan atau syaratnya"),
    "facility": _l("Tempat atau alatnya"),
    "system": _l("Sistem atau jaringannya"),
}
# What a batch waits for, and how its tag looks.
STATES: dict[str, tuple[Any, str]] = {
    "open": (_l("belum dimasukkan"), "warn"),
    "once": (_l("menunggu orang kedua"), "warn"),
    "differs": (_l("kedua isian berbeda"), "bad"),
    "agreed": (_l("sama, belum tersimpan"), "warn"),
    "stored": (_l("tersimpan"), "good"),
}
