"""What stands on paper, in every language that the catalogues hold."""

from portal.i18n import text_in

N_ = str  # marks a text for the catalogues

_TEXTS = {
    "headline": N_("Nilai pelayanan yang baru Anda terima"),
    "short": N_("Nilai pelayanan kami"),
    "scan": N_("Pindai kode ini dengan kamera HP"),
    "tap": N_("Pilih satu wajah"),
    "send": N_("Kirim. Selesai!"),
    "no_app": N_("Tanpa aplikasi"),
    "no_name": N_("Tanpa nama"),
    "quick": N_("10 detik"),
    "type": N_("Tidak bisa memindai? Ketik alamat ini di HP Anda:"),
    "type_short": N_("atau ketik"),
    "then": N_("Apa yang terjadi dengan penilaian Anda?"),
    "private": N_("Petugas tidak tahu siapa yang menilai."),
    "used": N_("Pimpinan memakainya sebagai bahan penghargaan dan pembinaan."),
    "receipt": N_("Tanda terima menunjukkan apa yang dilakukan dengan penilaian Anda."),
    "free": N_("Layanan di loket ini gratis. Diminta uang?"),
    "tariff": N_("Layanan ini sesuai tarif resmi. Diminta uang lebih?"),
    "report": N_("Laporkan pungutan di sini:"),
    # The same where room is short; the channel follows.
    "free_short": N_("Gratis. Diminta uang? Lapor"),
    "tariff_short": N_("Tarif resmi. Diminta lebih? Lapor"),
    "then_short": N_("Tanpa nama. Pimpinan memakainya untuk memuji dan membina."),
    "printed_code": N_("Kode loket"),
    "version": N_("cetakan"),
    "qr_alt": N_("Kode QR menuju halaman penilaian, alamatnya"),
    "fold": N_("Lipat di sini"),
    "once": N_("Berlaku untuk satu penilaian"),
    "until": N_("sampai"),
}


def words_in(language: str) -> dict[str, str]:
    """The texts of one language by key; `lang` names it, for readers' voices and hyphens."""
    return {"lang": language} | {key: text_in(language, text) for key, text in _TEXTS.items()}
