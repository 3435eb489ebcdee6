"""Words for what an inspector does about a comment."""

from typing import Any

from portal.i18n import lazy_gettext as _l

FINDING_WORDS: dict[str, Any] = {
    "examined": _l("Diperiksa"),
    "dismissed": _l("Tidak diperiksa"),
    "handed": _l("Diserahkan ke moderator: bukan dugaan pelanggaran"),
}
FINDING_KINDS = {"examined": "good", "dismissed": "quiet"}
