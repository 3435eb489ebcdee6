"""What the audit log holds, in words: the subjects of acts and their details."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portal.i18n import day
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.people.words import ROLE_WORDS

SUBJECT_WORDS: dict[str, Any] = {
    "account": _l("akun"),
    "agency": _l("instansi"),
    "code": _l("kode"),
    "contest": _l("keberatan"),
    "counter": _l("loket"),
    "decision": _l("keputusan"),
    "device": _l("perangkat"),
    "duty": _l("penugasan"),
    "employee": _l("pegawai"),
    "follow_up": _l("tindak lanjut"),
    "holiday": _l("hari libur"),
    "import": _l("impor"),
    "integration": _l("sistem antrean"),
    "integrity_report": _l("laporan integritas"),
    "office": _l("unit kerja"),
    "pattern": _l("pola jam"),
    "policy": _l("aturan, versi"),
    "service": _l("layanan"),
    "sheet": _l("lembar"),
}
DETAIL_WORDS: dict[str, Any] = {
    "ballots": _l("lembar suara"),
    "by": _l("lewat"),
    "cases": _l("tindak lanjut"),
    "changed": _l("yang berubah"),
    "changes": _l("perubahan"),
    "codes": _l("kode"),
    "created": _l("baru"),
    "duties": _l("penugasan"),
    "employees": _l("pegawai"),
    "format": _l("format"),
    "found": _l("ditemukan"),
    "kind": _l("jenis"),
    "last_day": _l("hari terakhir"),
    "lost": _l("kunci hilang"),
    "masked": _l("disamarkan"),
    "measure": _l("ukuran"),
    "office": _l("unit kerja"),
    "on": _l("mulai"),
    "outcome": _l("hasil"),
    "people": _l("orang"),
    "period": _l("triwulan"),
    "ratings": _l("penilaian"),
    "read": _l("dibaca"),
    "reason": _l("alasan"),
    "release": _l("rilis"),
    "removed": _l("dihapus"),
    "role": _l("peran"),
    "rude_words": _l("kata kasar"),
    "sealed_anew": _l("disegel ulang"),
    "slips": _l("karcis"),
    "theme": _l("tema"),
    "updated": _l("diperbarui"),
    "week": _l("minggu"),
}
# What was imported, as `portal import` calls it.
IMPORT_WORDS: dict[str, Any] = {
    "offices": _l("unit kerja"),
    "services": _l("layanan"),
    "counters": _l("loket"),
    "employees": _l("pegawai"),
    "accounts": _l("akun"),
    "duties": _l("penugasan"),
    "holidays": _l("hari libur"),
    "measures": _l("ukuran objektif"),
}


def _day(value: str) -> str:
    return day(date.fromisoformat(value))


# Particulars that are told in words of their own, by their key; features above add theirs. A
# subject without a kind is a quarter.
TOLD_BY: dict[str, Callable[[Any], str]] = dict.fromkeys(("last_day", "on", "week"), _day)
VALUE_WORDS: dict[str, Any] = {
    **ROLE_WORDS,
    "name": _l("nama"),
    "email": _l("alamat e-mail"),
    "language": _l("bahasa"),
    "award": _l("penghargaan"),
    "guidance": _l("pembinaan"),
    "none": _l("tanpa tindakan"),
    "upheld": _l("dikuatkan"),
    "revoked": _l("dibatalkan"),
    "aside": _l("disisihkan"),
    "back": _l("dikembalikan"),
    "restore": _l("dipulihkan"),
    "confirm": _l("tetap disisihkan"),
    "fixed": _l("diperbaiki"),
    "logged": _l("dicatat"),
    "explained": _l("dijelaskan"),
    "command line": _l("baris perintah"),
    "system": _l("sistem atau antrean"),
    "procedure": _l("prosedur atau persyaratan"),
    "facilities": _l("sarana atau tempat"),
}


def subject_in_words(subject: str | None, names: Mapping[int, str]) -> str:
    """What an act was about, if anything; an employee by name, where it is known."""
    kind, _colon, rest = (subject or "").partition(":")
    if kind not in SUBJECT_WORDS:
        return TOLD_BY["period"](subject) if subject else ""
    if kind == "employee" and rest.isdecimal():
        rest = names.get(int(rest), rest)
    if kind == "import":
        rest = str(IMPORT_WORDS.get(rest, rest))
    return f"{SUBJECT_WORDS[kind]} {rest}"


def detail_in_words(detail: Mapping[str, Any]) -> str:
    """The particulars of an act, one after the other; none: no words."""
    return "; ".join(
        f"{DETAIL_WORDS.get(key, key)}: {TOLD_BY.get(key, _value)(value)}"
        for key, value in detail.items()
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("ya") if value else _("tidak"))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    return "–" if value in {None, ""} else str(VALUE_WORDS.get(value, value))
