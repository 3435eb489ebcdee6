"""What each control of submissions looks for, in words."""

from typing import Any

from portal.i18n import lazy_gettext as _l

# Name, and what it looks for.
CONTROL_WORDS: dict[str, tuple[Any, Any]] = {
    "repeat": (
        _l("Telepon yang berulang"),
        _l("Satu telepon berkali-kali menilai pegawai yang sama."),
    ),
    "lone_device": (
        _l("Telepon untuk satu orang"),
        _l("Telepon yang berulang itu tidak pernah menilai orang lain; lebih berat bila banyak."),
    ),
    "pace": (_l("Terlalu rapat"), _l("Banyak penilaian untuk satu orang dalam lima menit.")),
    "burst": (
        _l("Lonjakan"),
        _l(
            "Sehari sampai dua minggu penuh nilai tertinggi atau nilai rendah, "
            "jauh dari kebiasaan orang itu."
        ),
    ),
    "off_hours": (_l("Di luar jam buka"), _l("Dinilai saat loket tutup.")),
    "duplicate": (
        _l("Batas satu telepon"),
        _l("Lebih dari satu penilaian sehari, atau lebih dari batas setriwulan, tanpa karcis."),
    ),
    "haste": (
        _l("Terlalu cepat"),
        _l("Terkirim kurang dari dua detik sesudah formulir dibuka."),
    ),
}
# What a kiosk slows down by itself, whatever the policy says.
PACE_WORDS = (
    _l("Kios terlalu cepat"),
    _l(
        "Kios yang ditekan lebih dari 20 kali semenit. Penilaiannya tersimpan, dan dihitung "
        "untuk kantor saja."
    ),
)
