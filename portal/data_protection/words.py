"""Each kind of personal data in words: what it is, why it is kept, until when."""

from dataclasses import dataclass
from typing import Any

from portal.i18n import lazy_gettext as _l


@dataclass(frozen=True)
class Kind:
    name: Any  # lazily translated texts
    why: Any
    until: Any


DECIDED = (
    "ratings",
    "notes",
    "proposals",
    "attachments",
    "dialogue",
)  # what a person decides on when it has become old

KINDS: dict[str, Kind] = {
    "times": Kind(
        _l("Waktu persis dan tanda HP"),
        _l("Menemukan penilaian palsu. Tanda HP hanya hash dengan kunci acak per triwulan."),
        _l("10 hari sesudah triwulan ditutup"),
    ),
    "tickets": Kind(
        _l("Karcis kunjungan"),
        _l("Satu penilaian untuk satu kunjungan. Tanpa nama, tanpa nomor antrean."),
        _l("10 hari sesudah triwulan ditutup"),
    ),
    "receipts": Kind(
        _l("Kode tanda terima"),
        _l("Warga melihat nasib penilaiannya. Kode tidak menunjukkan jawaban."),
        _l("13 bulan sesudah triwulan berakhir"),
    ),
    "notes": Kind(
        _l("Catatan petugas dalam tindak lanjut"),
        _l("Jejak penanganan penilaian rendah. Tanpa nama warga atau pegawai."),
        _l("5 tahun, bersama penilaiannya; penghapusannya diputuskan instansi"),
    ),
    "drafts": Kind(
        _l("Draf keputusan"),
        _l("Atasan melanjutkan tulisannya. Hanya penulisnya yang melihatnya."),
        _l("sampai diputuskan atau dihapus, paling lama 90 hari sesudah disimpan"),
    ),
    "proposals": Kind(
        _l("Usulan keputusan"),
        _l("Jejak siapa mengusulkan, menyetujui, mengembalikan, atau menarik, dengan alasannya."),
        _l("5 tahun; penghapusannya diputuskan instansi"),
    ),
    "attachments": Kind(
        _l("Lampiran tanggapan dan keberatan pegawai"),
        _l("Bukti dari pegawai. Nama berkasnya tidak disimpan."),
        _l("5 tahun; penghapusannya diputuskan instansi"),
    ),
    "dialogue": Kind(
        _l("Catatan dialog atasan dan pegawai"),
        _l("Bukti bahwa pegawai didengar; ditandatangani keduanya."),
        _l("5 tahun; penghapusannya diputuskan instansi"),
    ),
    "comments": Kind(
        _l("Komentar warga, sudah disamarkan"),
        _l("Memperbaiki pelayanan."),
        _l("sampai umur yang ditetapkan dalam ambang penilaian"),
    ),
    "contacts": Kind(
        _l("Alamat surel atau nomor WhatsApp warga yang minta dikabari"),
        _l("Satu pesan saat kantor menjawab. Tersimpan tersegel."),
        _l("sampai pesan terkirim, paling lama 120 hari"),
    ),
    "ballots": Kind(
        _l("Bacaan lembar suara kertas"),
        _l("Dibaca dua orang sebelum dihitung."),
        _l("30 hari sesudah disimpan"),
    ),
    "mail": Kind(
        _l("E-mail kepada pegawai yang sudah terkirim"),
        _l("Memeriksa apakah pemberitahuan sampai."),
        _l("30 hari"),
    ),
    "reports": Kind(
        _l("Laporan integritas yang sudah selesai"),
        _l("Bukti pemeriksaan. Tersegel; hanya inspektorat yang dapat membukanya."),
        _l("5 tahun sesudah selesai"),
    ),
    "measures": Kind(
        _l("Ukuran objektif pekerjaan pegawai"),
        _l("Menguji keadilan penilaian, dalam kelompok sepuluh orang atau lebih."),
        _l("5 tahun sesudah triwulan berakhir"),
    ),
    "ratings": Kind(
        _l("Jawaban penilaian"),
        _l("Dasar catatan kinerja. Tanpa nama warga."),
        _l("5 tahun; penghapusannya diputuskan instansi"),
    ),
}
