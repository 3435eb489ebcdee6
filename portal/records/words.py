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
# The words under the faces, as the citizen read them.
FACE_WORDS = (_l("Tidak baik"), _l("Kurang baik"), _l("Baik"), _l("Sangat baik"))

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
    "comment_years": (
        _l("Tahun penyimpanan komentar"),
        _l("Setelah itu komentar dihapus."),
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
        _l("Kepastian bahwa standar benar-benar terlewati"),
        _l("Saran hanya muncul bila peluangnya setinggi ini."),
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
