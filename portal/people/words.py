"""Words of the code as the reader sees them."""

from typing import Any

from portal.i18n import lazy_gettext as _l
from portal.people import numbers

# In the order in which people are likely to need them.
ROLE_WORDS: dict[str, Any] = {
    "employee": _l("Pegawai"),
    "coordinator": _l("Koordinator loket"),
    "supervisor": _l("Atasan"),
    "appeals_officer": _l("Pejabat keberatan"),
    "clerk": _l("Petugas bantuan"),
    "moderator": _l("Moderator komentar"),
    "inspector": _l("Inspektorat"),
    "hr": _l("Kepegawaian"),
    "auditor": _l("Auditor"),
    "data_protection_officer": _l("Petugas pelindungan data"),
    "administrator": _l("Administrator"),
}
ROLE_TASKS: dict[str, Any] = {
    "employee": _l("Membaca catatan kinerja sendiri, check-in di loket, menanggapi."),
    "coordinator": _l("Menyusun dan memastikan penugasan loket."),
    "supervisor": _l("Membaca catatan kinerja dan mengambil keputusan."),
    "appeals_officer": _l("Memutus keberatan pegawai."),
    "clerk": _l(
        "Memasukkan penilaian untuk warga yang dibantu. Halamannya belum ada dalam versi ini."
    ),
    "moderator": _l("Memeriksa komentar warga: kata kasar, dan kata yang menunjuk orang."),
    "inspector": _l("Membaca dan menjawab laporan integritas, dan tanda dugaan pungutan liar."),
    "hr": _l("Membaca data pegawai dan keputusan, menetapkan ambang, memeriksa keadilan."),
    "auditor": _l("Membaca jejak audit."),
    "data_protection_officer": _l(
        "Mengawasi pelindungan data pribadi. Halamannya belum ada dalam versi ini."
    ),
    "administrator": _l("Mengatur instansi, unit kerja, pegawai, dan akun."),
}
OFFICE_KIND_WORDS: dict[str, Any] = {
    "badan": _l("Badan"),
    "dinas": _l("Dinas"),
    "kecamatan": _l("Kecamatan"),
    "kelurahan": _l("Kelurahan"),
    "upt": _l("Unit pelaksana teknis (UPT)"),
    "mpp": _l("Mal Pelayanan Publik"),
    "bagian": _l("Bagian"),
    "other": _l("Lainnya"),
}
KIND_WORDS: dict[str, Any] = {"pns": _l("PNS"), "pppk": _l("PPPK"), "non_asn": _l("Non-ASN")}
ZONE_WORDS: dict[str, Any] = {
    "Asia/Jakarta": _l("WIB (Jakarta)"),
    "Asia/Makassar": _l("WITA (Makassar)"),
    "Asia/Jayapura": _l("WIT (Jayapura)"),
}
WEEKDAYS: dict[str, Any] = {
    "1": _l("Senin"),
    "2": _l("Selasa"),
    "3": _l("Rabu"),
    "4": _l("Kamis"),
    "5": _l("Jumat"),
    "6": _l("Sabtu"),
    "7": _l("Minggu"),
}
NUMBER_TROUBLES: dict[type[numbers.BadNumber], Any] = {
    numbers.NotDigits: _l("Nomor ini hanya boleh berisi angka dan spasi."),
    numbers.OldNumber: _l("Ini NIP lama dengan 9 angka. Tulis NIP baru dengan 18 angka."),
    numbers.WrongLength: _l("Nomor ini harus tepat 18 angka."),
    numbers.ImpossibleBirthDate: _l("Delapan angka pertama bukan tanggal lahir yang mungkin."),
    numbers.ImpossibleMonth: _l(
        "Angka ke-13 dan ke-14 bukan bulan (01 sampai 12). Jika ini NI PPPK, pilih status PPPK."
    ),
    numbers.ImpossibleAppointment: _l(
        "Angka ke-9 sampai ke-12 bukan tahun pengangkatan yang mungkin."
    ),
    numbers.NoContract: _l("Angka ke-13 dan ke-14 NI PPPK dimulai dari 01."),
    numbers.ImpossibleSex: _l("Angka ke-15 harus 1 (laki-laki) atau 2 (perempuan)."),
}
# Acts of all features; one that is missing here is shown by its name in the code.
ACT_WORDS: dict[str, Any] = {
    "sign_in": _l("Masuk"),
    "sign_in_failed": _l("Gagal masuk"),
    "recovery_asked": _l("Meminta tautan kata sandi"),
    "new_password": _l("Mengganti kata sandi"),
    "create_agency": _l("Membuat instansi"),
    "edit_agency": _l("Mengubah instansi"),
    "add_holiday": _l("Menambah hari libur"),
    "remove_holiday": _l("Menghapus hari libur"),
    "add_office": _l("Menambah unit kerja"),
    "edit_office": _l("Mengubah unit kerja"),
    "add_employee": _l("Menambah pegawai"),
    "edit_employee": _l("Mengubah data pegawai"),
    "move_employee": _l("Memindahkan pegawai"),
    "end_employment": _l("Mengakhiri tugas pegawai"),
    "create_account": _l("Membuat akun"),
    "edit_account": _l("Mengubah akun"),
    "invite_account": _l("Mengirim undangan lagi"),
    "close_account": _l("Menutup akun"),
    "open_account": _l("Membuka akun kembali"),
    "grant_role": _l("Memberi peran"),
    "end_role": _l("Mengakhiri peran"),
    "import": _l("Mengimpor data"),
    "account_created": _l("Membuat akun dari baris perintah"),
    "ratings_exported": _l("Mengekspor penilaian"),
    "fill_demo": _l("Mengisi data contoh"),
    "add_service": _l("Menambah layanan"),
    "edit_service": _l("Mengubah layanan"),
    "set_standard": _l("Menetapkan standar layanan"),
    "drop_standard": _l("Menghapus standar layanan"),
    "add_counter": _l("Menambah loket"),
    "edit_counter": _l("Mengubah loket"),
    "issue_code": _l("Menerbitkan kode loket"),
    "replace_code": _l("Mengganti kode loket"),
    "revoke_code": _l("Mencabut kode loket"),
    "print_codes": _l("Mencetak kode loket"),
    "set_paper_look": _l("Mengubah lambang dan bahasa cetakan"),
    "keep_printer": _l("Menyimpan pergeseran pencetak"),
    "drop_printer": _l("Menghapus pencetak"),
    "add_label_sheet": _l("Menambah lembar label"),
    "drop_label_sheet": _l("Menghapus lembar label"),
    "plan_duty": _l("Menyusun penugasan"),
    "confirm_duty": _l("Memastikan penugasan"),
    "cancel_duty": _l("Membatalkan penugasan"),
    "correct_duty": _l("Memperbaiki penugasan"),
    "move_duty": _l("Memindahkan penugasan"),
    "copy_week": _l("Menyalin jadwal seminggu"),
    "add_pattern": _l("Menambah pola jam"),
    "close_pattern": _l("Menghapus pola jam"),
    "add_leave": _l("Mencatat cuti"),
    "cancel_leave": _l("Menghapus cuti"),
    "confirm_swap": _l("Memastikan tukar tugas"),
    "refuse_swap": _l("Menolak tukar tugas"),
    "export_duties": _l("Mengunduh jadwal"),
    "close_period": _l("Menutup periode"),
    "record_read": _l("Membaca catatan kinerja"),
    "moderate": _l("Memeriksa komentar warga"),
    "integrity_read": _l("Membaca tanda dugaan pungutan"),
    "integrity_key_made": _l("Membuat kunci inspektorat"),
    "integrity_key_replaced": _l("Mengganti kunci inspektorat"),
    "integrity_key_found": _l("Membuka laporan berkunci lama"),
    "integrity_opened": _l("Membuka kunci inspektorat"),
    "integrity_open_failed": _l("Gagal membuka kunci inspektorat"),
    "integrity_report_read": _l("Membaca laporan integritas"),
    "integrity_acknowledge": _l("Mengonfirmasi laporan integritas"),
    "integrity_answer": _l("Menjawab laporan integritas"),
    "integrity_close": _l("Menutup laporan integritas"),
    "decide": _l("Mengambil keputusan"),
    "reply": _l("Menanggapi"),
    "contest": _l("Mengajukan keberatan"),
    "rule": _l("Memutus keberatan"),
    "fairness_read": _l("Membaca audit keadilan"),
    "fairness_exported": _l("Mengunduh audit keadilan"),
    "ask_review": _l("Meminta pemeriksaan penilaian yang disisihkan"),
    "review": _l("Memeriksa penilaian yang disisihkan"),
    "set_policy": _l("Mengubah ambang dan aturan"),
}
# What a page of the menu is for, by its address; all features stand here together.
PAGE_HINTS: dict[str, Any] = {
    "/agency": _l("Nama, jam kerja, hari libur, saluran pengaduan."),
    "/offices": _l("Susunan dinas, kecamatan, kelurahan, dan UPT."),
    "/employees": _l("Data pegawai dan riwayat tugasnya."),
    "/accounts": _l("Siapa yang dapat masuk, dan dengan peran apa."),
    "/audit": _l("Siapa melakukan apa, dan kapan."),
    "/services": _l("Jenis layanan dan standarnya di setiap unit kerja."),
    "/counters": _l("Loket, layanannya, dan kode QR-nya."),
    "/roster": _l("Loket dan hari dalam satu tabel: menempatkan, memindahkan, menyalin."),
    "/coverage": _l("Jam yang dijadwalkan, dilayani, dan kosong di setiap loket."),
    "/my-roster": _l("Penugasan Anda, dan tukar tugas dengan rekan."),
    "/posters": _l("Poster, kartu, stiker, dan label dengan kode QR loket."),
    "/duties": _l("Siapa bertugas di loket mana, hari demi hari."),
    "/check-in": _l("Catat mulai dan selesai tugas Anda di loket."),
    "/records": _l("Catatan kinerja pegawai di unit kerja Anda."),
    "/records/mine": _l("Nilai, komentar, dan keputusan tentang Anda."),
    "/comments": _l("Komentar yang menunggu diperiksa."),
    "/inspectorate": _l("Laporan warga kepada inspektorat, terkunci."),
    "/contests": _l("Keberatan yang menunggu putusan."),
    "/fairness": _l("Apakah kelompok pegawai dinilai berbeda; dengan rentangnya."),
    "/policy": _l("Batas, tenggat, dan aturan penilaian yang berlaku."),
}
