"""Words of the page of thresholds."""

from typing import Any

from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import number
from portal.people.audit_words import TOLD_BY
from portal.records.control_words import CONTROL_WORDS

# Name, unit and reason of the thresholds that decide about people; the rest stand by name.
THRESHOLD_WORDS: dict[str, tuple[Any, Any]] = {
    "least_new_ratings": (
        _l("Penilaian baru sebelum nilai seseorang bergerak"),
        _l("Dengan kurang dari ini, satu warga dapat dikenali."),
    ),
    "closing_days": (
        _l("Hari tunggu sebelum triwulan ditutup"),
        _l("Telepon tanpa jaringan dapat mengirim terlambat."),
    ),
    "contest_days": (
        _l("Hari untuk mengajukan keberatan"),
        _l("PP 30/2019 Pasal 59: keberatan diajukan dalam 14 hari."),
    ),
    "ruling_days": (
        _l("Hari untuk memutus keberatan"),
        _l("Pegawai tidak boleh lama menunggu kepastian."),
    ),
    "second_person": (
        _l("Keputusan yang perlu persetujuan orang kedua"),
        _l("Yang berbeda dari saran selalu memerlukannya."),
    ),
    "comment_years": (
        _l("Tahun penyimpanan komentar"),
        _l("Setelah itu komentar dihapus."),
    ),
    "case_face": (
        _l("Wajah yang membuka tindak lanjut"),
        _l("Setiap tindak lanjut punya tenggat dan petugas."),
    ),
    "case_words": (
        _l("Komentar yang perlu perhatian membuka tindak lanjut"),
        _l("Daftar katanya terbuka."),
    ),
    "case_to": (
        _l("Siapa yang diberi tahu tentang tindak lanjut baru"),
        _l("Yang lain tetap dapat membukanya."),
    ),
    "case_days": (
        _l("Hari kerja untuk menyelesaikan tindak lanjut"),
        _l("Warga tidak boleh lama menunggu jawaban."),
    ),
    "award_standard": (
        _l("Standar penghargaan (25–100)"),
        _l("Rata-rata yang diharapkan atas campuran layanan yang sama bagi semua."),
    ),
    "guidance_standard": (
        _l("Standar pembinaan (25–100)"),
        _l("Batas bawah mutu “baik” pada skala kepuasan masyarakat."),
    ),
    "certainty": (
        _l("Kepastian bahwa standar penghargaan benar-benar terlewati"),
        _l("Penghargaan disarankan hanya bila peluangnya setinggi ini."),
    ),
    "lone_certainty": (
        _l("Kepastian penghargaan bila buktinya baru satu triwulan"),
        _l(
            "Tanpa triwulan yang sudah ditutup di belakangnya, penghargaan lebih sering keliru. "
            "Tidak pernah kurang dari kepastian biasa."
        ),
    ),
    "guidance_certainty": (
        _l("Kepastian bahwa standar pembinaan benar-benar tidak tercapai"),
        _l("Calon pembinaan didengar lebih dahulu; bagian nama keliru tetap dibatasi."),
    ),
    "false_discovery": (
        _l("Bagian nama keliru yang ditoleransi pada setiap daftar"),
        _l("Bukan kuota dan bukan peringkat: daftar boleh kosong."),
    ),
    "min_ratings": (
        _l("Penilaian paling sedikit untuk saran"),
        _l("Di bawah ini penilaian hanyalah kesan."),
    ),
    "min_reliability": (
        _l("Keandalan paling rendah untuk saran"),
        _l("Di bawah 0,70 terlalu banyak orang keliru digolongkan (Adams 2010)."),
    ),
    "device_limit": (
        _l("Penilaian satu telepon atas satu pegawai dalam satu triwulan"),
        _l("Selebihnya disisihkan."),
    ),
    "quarantine_above": (
        _l("Batas pola pengiriman yang tidak wajar"),
        _l("Di atas ini penilaian disisihkan; dapat diperiksa ulang dan dikembalikan."),
    ),
}

# Of thresholds that are a choice: what each number stands for.
CHOICE_WORDS: dict[str, tuple[Any, ...]] = {
    "second_person": (
        _l("bila berbeda dari saran"),
        _l("juga pembinaan"),
        _l("juga penghargaan"),
    ),
    "case_face": (_l("tidak ada"), _l("hanya yang terburuk"), _l("juga yang kurang baik")),
    "case_words": (_l("tidak"), _l("ya")),
    "case_to": (_l("atasan dan koordinator"), _l("atasan saja"), _l("koordinator saja")),
}

# Whom a rule is tried on.
PERSON_WORDS: dict[str, Any] = {
    "average": _l("Pegawai rata-rata"),
    "weak": _l("Pegawai yang sungguh lemah"),
    "strong": _l("Pegawai yang sungguh kuat"),
}

POLICY_STATE_WORDS: dict[str, Any] = {
    "open": _l("menunggu persetujuan"),
    "approved": _l("disetujui"),
    "returned": _l("dikembalikan"),
    "withdrawn": _l("ditarik"),
    "overtaken": _l("didahului versi lain"),
}
POLICY_STATE_KINDS = {
    "open": "warn",
    "approved": "good",
    "returned": "bad",
    "withdrawn": "quiet",
    "overtaken": "quiet",
}


def change_lines(changes: dict[str, tuple[Any, Any]]) -> list[tuple[str, str, str]]:
    """Changed thresholds as they are read: name, value in force, new value."""
    return [
        (_name(name), in_words(name, old), in_words(name, new))
        for name, (old, new) in changes.items()
    ]


def _told(changes: dict[str, tuple[Any, Any]]) -> str:
    """The same in a line of the audit log."""
    return ", ".join(f"{name} {old} → {new}" for name, old, new in change_lines(changes))


TOLD_BY["changes"] = _told


def _control(name: str) -> str:
    return name.removeprefix("monitor_") if name.startswith("monitor_") else ""


def _name(name: str) -> str:
    control = _control(name)
    if control:
        return str(_("Kendali: %(name)s", name=CONTROL_WORDS[control][0]))
    return str(THRESHOLD_WORDS[name][0]) if name in THRESHOLD_WORDS else name


def in_words(name: str, value: float) -> str:
    """What a threshold is set to, as it is read."""
    if _control(name):
        return str(_("hanya dipantau") if value else _("bekerja"))
    if name in CHOICE_WORDS:
        return str(CHOICE_WORDS[name][int(value)])
    return number(value, decimals(value))


def decimals(value: float) -> int:
    """As many as the value needs, at most three."""
    return next(digits for digits in range(4) if digits == 3 or round(value, digits) == value)
