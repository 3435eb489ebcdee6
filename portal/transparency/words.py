"""Words of the public pages: the same as those of the rating form."""

from portal.i18n import lazy_gettext as _l

# From the worst to the best.
FACE_WORDS = (_l("Tidak baik"), _l("Kurang baik"), _l("Baik"), _l("Sangat baik"))
FACE_KINDS = ("bad", "warn", "", "good")
CAUSE_WORDS = {
    "person": _l("Petugasnya"),
    "procedure": _l("Aturan atau syaratnya"),
    "facility": _l("Tempat atau alatnya"),
    "system": _l("Sistem atau jaringannya"),
}
# What comments speak of.
COMMENT_THEMES = {
    "ramah": _l("Sikap dan sapaan"),
    "cakap": _l("Penjelasan dan ketelitian"),
    "cekatan": _l("Cepat, lambat, dan antrean"),
    "procedure": _l("Syarat dan alur"),
    "facility": _l("Ruang dan perlengkapan"),
    "system": _l("Sistem dan jaringan"),
}
