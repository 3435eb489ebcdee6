"""Words of the code as the reader sees them."""

from typing import Any

from portal.i18n import lazy_gettext as _l

# In place of what a comment no longer shows.
MASK_WORDS: dict[str, Any] = {
    "nik": _l("NIK disamarkan"),
    "nip": _l("NIP disamarkan"),
    "phone": _l("nomor HP disamarkan"),
    "email": _l("surel disamarkan"),
    "handle": _l("akun disamarkan"),
    "plate": _l("pelat nomor disamarkan"),
    "account": _l("nomor rekening disamarkan"),
    "number": _l("nomor disamarkan"),
    "hand": _l("disamarkan moderator"),
    "rude": _l("kata kasar ditutup"),
}
# What citizens can speak of and offices answer to.
THEME_WORDS: dict[str, Any] = {
    "": _l("Tentang semua penilaian"),
    "person": _l("Tentang petugas"),
    "procedure": _l("Tentang aturan atau syarat"),
    "facility": _l("Tentang tempat atau alat"),
    "system": _l("Tentang sistem atau jaringan"),
}
