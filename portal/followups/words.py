"""Words of the pages of cases, and the words in a comment that open one."""

import re
from typing import Any

from portal.i18n import lazy_gettext as _l
from portal.transparency.words import CAUSE_WORDS

WHY_WORDS: dict[str, Any] = {
    "low": _l("Penilaian rendah"),
    "comment": _l("Komentar yang perlu perhatian"),
}
CAUSES: dict[str, Any] = {"": _l("Sebab tidak disebut"), **CAUSE_WORDS}
STATE_WORDS: dict[str, Any] = {
    "open": _l("Belum dipegang"),
    "assigned": _l("Sedang ditangani"),
    "resolved": _l("Selesai"),
}
STATE_KINDS = {"open": "warn", "assigned": "", "resolved": "good"}
OUTCOME_WORDS: dict[str, Any] = {
    "fixed": _l("Sudah diperbaiki"),
    "logged": _l("Dicatat, akan dikerjakan"),
    "explained": _l("Tidak diubah, dengan penjelasan"),
}
EVENT_WORDS: dict[str, Any] = {
    "assigned": _l("Diserahkan kepada"),
    "noted": _l("Catatan"),
    "resolved": _l("Diselesaikan"),
    "escalated": _l("Lewat waktu, diteruskan ke atasan"),
}

# Stems that say that somebody was treated badly or sent away, by what went wrong. A list that
# everybody can read, and no machine's opinion.
_WORRYING = re.compile(
    r"\b(?:di|mem)?(?:bentak|maki|hina)|\bmarah|\bkasar\b|\bjudes\b|\bketus\b|\bdiusir\b"
    r"|\bdipersulit|\bdipingpong|\bdiabaikan\b|\btidak dilayani\b|\bditolak\b"
    r"|\bbolak.?balik\b|\bdisuruh (?:kembali|pulang)\b|\bberjam.?jam\b|\bseharian\b"
    r"|\bsalah (?:cetak|ketik|nama|tulis)\b|\b(?:berkas|dokumen)\w* hilang\b"
    r"|\bkursi roda\b|\bdifabel\b|\bdisabilitas\b|\blansia\b",
    re.IGNORECASE,
)


def is_worrying(text: str) -> bool:
    """Whether a comment holds words that the office should look into."""
    return _WORRYING.search(text) is not None
