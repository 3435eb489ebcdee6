"""Words of the fairness audit."""

from typing import Any

from portal.i18n import lazy_gettext as _l

DIMENSION_WORDS: dict[str, Any] = {
    "kind": _l("Status kepegawaian"),
    "office_kind": _l("Jenis unit kerja"),
    "service": _l("Layanan utama"),
    "volume": _l("Banyaknya penilaian"),
    "sex": _l("Jenis kelamin"),
    "age": _l("Kelompok umur"),
}
GROUP_WORDS: dict[str, dict[str, Any]] = {
    "volume": {
        "below_30": _l("kurang dari 30"),
        "30_to_79": _l("30 sampai 79"),
        "from_80": _l("80 atau lebih"),
    },
    "sex": {"man": _l("laki-laki"), "woman": _l("perempuan")},
    "age": {
        "below_35": _l("di bawah 35 tahun"),
        "35_to_44": _l("35 sampai 44 tahun"),
        "45_to_54": _l("45 sampai 54 tahun"),
        "from_55": _l("55 tahun ke atas"),
    },
}
FLAG_WORDS: dict[str, Any] = {
    "gap": _l("selisih nyata"),
    "award_below_four_fifths": _l("penghargaan di bawah 4/5"),
    "guidance_above_five_fourths": _l("pembinaan di atas 5/4"),
}
