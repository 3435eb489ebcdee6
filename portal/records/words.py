"""Words of the code as the reader sees them: advice, decisions, reasons, causes, thresholds."""

from typing import Any

from portal.i18n import lazy_gettext as _l

ADVICE_WORDS: dict[str, Any] = {
    "award_candidate": _l("Calon penghargaan"),
    "guidance_candidate": _l("Calon pembinaan"),
    "none": _l("Tidak ada saran"),
    "insufficient": _l("Bukti belum cukup"),
}
ADVICE_KINDS = {
    "award_candidate": "good",
    "guidance_candidate": "warn",
    "none": "quiet",
    "insufficient": "quiet",
}
ADVICE_MEANINGS: dict[str, Any] = {
    "award_candidate": _l(
        "Penilaian warga cukup banyak dan cukup pasti berada di atas standar penghargaan. "
        "Keputusan tetap di tangan atasan."
    ),
    "guidance_candidate": _l(
        "Penilaian warga cukup banyak dan cukup pasti berada di bawah standar pembinaan. "
        "Dengarkan pegawai lebih dahulu; keputusan tetap di tangan atasan."
    ),
    "none": _l("Buktinya tidak cukup kuat ke arah mana pun. Itu hasil yang wajar."),
    "insufficient": _l(
        "Penilaian yang dihitung belum cukup banyak atau belum cukup pasti. "
        "Penghargaan dan pembinaan belum dapat diputuskan."
    ),
}
DECISION_WORDS: dict[str, Any] = {
    "award": _l("Penghargaan"),
    "guidance": _l("Pembinaan"),
    "none": _l("Tanpa tindakan"),
}
DECISION_KINDS = {"award": "good", "guidance": "warn", "none": ""}
EVIDENCE_WORDS: dict[str, Any] = {
    "as_decided": _l("tidak berubah"),
    "moved": _l("ada angka baru"),
}
STATE_WORDS: dict[str, Any] = {
    "standing": _l("berlaku"),
    "superseded": _l("digantikan"),
    "contested": _l("keberatan menunggu putusan"),
    "upheld": _l("dikuatkan"),
    "revoked": _l("dibatalkan"),
}
STATE_KINDS = {"contested": "warn", "revoked": "bad", "superseded": "quiet", "upheld": "good"}
OUTCOME_WORDS: dict[str, Any] = {
    "upheld": _l("Keputusan dikuatkan"),
    "revoked": _l("Keputusan dibatalkan"),
}
REASON_WORDS: dict[str, Any] = {
    "duplicate": _l("berulang dari telepon yang sama"),
    "quarantine": _l("dikirim dengan pola yang tidak wajar"),
    "review": _l("disisihkan setelah diperiksa petugas"),
    "incomplete": _l("tidak lengkap"),
    "haste": _l("terkirim sebelum sempat dibaca"),
}
# What the engine noticed about a rating that it set aside.
SIGNAL_WORDS: dict[str, Any] = {
    "repeat": _l("telepon yang sama berkali-kali"),
    "lone_device": _l("telepon yang hanya menilai orang ini"),
    "pace": _l("banyak penilaian dalam beberapa menit"),
    "burst": _l("lonjakan di luar kebiasaan"),
    "off_hours": _l("saat loket tutup"),
    "duplicate": _l("berulang dari telepon yang sama"),
    "incomplete": _l("tidak lengkap"),
    "haste": _l("terkirim sebelum sempat dibaca"),
    "block": _l("kelompok telepon, disisihkan inspektur"),
}
REVIEW_WORDS: dict[str, Any] = {
    "restore": _l("Kembalikan: ikut dihitung"),
    "confirm": _l("Tetap disisihkan"),
}
REVIEWED_WORDS: dict[str, Any] = {
    "restore": _l("dikembalikan"),
    "confirm": _l("tetap disisihkan"),
}
CAUSE_WORDS: dict[str, Any] = {
    "procedure": _l("prosedur atau persyaratan"),
    "facility": _l("sarana atau tempat"),
    "system": _l("sistem atau antrean"),
}
FUNNEL_WORDS: dict[str, Any] = {
    "inside": _l(
        "Di dalam batas 95 %: selisih sebesar ini dari rata-rata wajar terjadi karena kebetulan."
    ),
    "between_above": _l(
        "Di atas batas 95 %, tetapi di dalam batas 99,8 %: patut dilihat, belum tentu berarti."
    ),
    "between_below": _l(
        "Di bawah batas 95 %, tetapi di dalam batas 99,8 %: patut dilihat, belum tentu berarti."
    ),
    "outside_above": _l(
        "Di atas batas 99,8 %: terlalu tinggi untuk kebetulan saja. Ini ajakan untuk melihat, "
        "bukan keputusan."
    ),
    "outside_below": _l(
        "Di bawah batas 99,8 %: terlalu rendah untuk kebetulan saja. Ini ajakan untuk melihat, "
        "bukan keputusan."
    ),
}
ELEMENT_WORDS = {"ramah": _l("Ramah"), "cakap": _l("Cakap"), "cekatan": _l("Cekatan")}
# The words under the faces, as the citizen read them.
FACE_WORDS = (_l("Tidak baik"), _l("Kurang baik"), _l("Baik"), _l("Sangat baik"))
