"""Words of the page of an office."""

from typing import Any

from portal.i18n import lazy_gettext as _l

CHANNEL_WORDS: dict[str, Any] = {
    "poster": _l("Poster di loket"),
    "display": _l("Layar loket"),
    "ticket": _l("Karcis kunjungan"),
    "kiosk": _l("Tablet di kantor"),
    "assisted": _l("Dibantu petugas"),
    "list": _l("Mencari sendiri di daftar"),
}
# What a theme belongs to: an element of the rating, or a cause that is not the person.
THEME_BELONGS: dict[str, Any] = {
    "ramah": _l("unsur ramah"),
    "cakap": _l("unsur cakap"),
    "cekatan": _l("unsur cekatan"),
    "procedure": _l("sebab: aturan"),
    "facility": _l("sebab: tempat atau alat"),
    "system": _l("sebab: sistem"),
}
BESIDE_WORDS: dict[str, Any] = {
    "overlaps": _l("Rentangnya bertumpang tindih: bedanya belum pasti."),
    "above": _l("Rentangnya seluruhnya lebih tinggi."),
    "below": _l("Rentangnya seluruhnya lebih rendah."),
}
WEEKDAYS_SHORT: dict[int, Any] = {
    1: _l("Sen"),
    2: _l("Sel"),
    3: _l("Rab"),
    4: _l("Kam"),
    5: _l("Jum"),
    6: _l("Sab"),
    7: _l("Min"),
}
