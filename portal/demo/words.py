"""What citizens of the demo write: mostly Indonesian, a little Javanese, Sundanese, English."""

PRAISE = {
    "id": (
        "Terima kasih, petugas ramah dan jelas menjelaskan.",
        "Cepat sekali, tidak sampai sepuluh menit sudah selesai.",
        "Dilayani dengan sabar walau berkas saya sempat kurang.",
        "Petugasnya sopan. Semoga dipertahankan.",
        "Saya bawa orang tua, langsung didahulukan. Terima kasih banyak.",
        "Penjelasannya mudah dipahami, tidak berbelit-belit.",
        "Mantap, sekali datang langsung beres.",
        "Pelayanan bagus. Nomor saya 0812-3456-7890 bila perlu testimoni.",
        "Ibu petugas teliti, salah ketik di KK langsung dibetulkan.",
        "Ruang tunggu bersih dan petugas murah senyum.",
    ),
    "jv": (
        "Matur nuwun, pelayanane cepet lan sumeh.",
        "Petugase grapyak, dijelaske nganti cetha.",
        "Apik tenan, ora suwe wis rampung.",
    ),
    "su": (
        "Hatur nuhun, pelayananna gancang sareng ramah.",
        "Petugasna soméah, dijelaskeun dugi ka ngartos.",
        "Saé pisan, teu kedah ngantosan lami.",
    ),
    "en": (
        "Very helpful, explained everything in English.",
        "Quick and friendly service, thank you.",
    ),
}

NEUTRAL = {
    "id": (
        "Cukup baik, hanya antreannya agak lama.",
        "Sudah baik. Mohon ditambah kursi tunggu.",
        "Pelayanan baik tetapi harus bolak-balik fotokopi.",
        "Lumayan, semoga bisa lebih cepat lagi.",
    ),
    "jv": ("Wis apik, mung antrine rada suwe.",),
    "su": ("Tos saé, mung antrianna rada panjang.",),
    "en": ("Fine, but the waiting time was long.",),
}

COMPLAINT = {
    "person": (
        "Petugas menjawab sambil bermain ponsel.",
        "Nada bicaranya ketus, saya jadi sungkan bertanya.",
        "Tidak disapa dan tidak dijelaskan apa yang kurang.",
        "Petugas tidak tahu syaratnya, saya disuruh tanya ke loket lain.",
        "Loket kosong hampir setengah jam pada jam layanan.",
    ),
    "procedure": (
        "Syaratnya berubah lagi, di laman tertulis lain.",
        "Harus kembali ke RT dan kelurahan hanya untuk satu tanda tangan.",
        "Diminta salinan dokumen yang sebenarnya sudah ada di sistem.",
        "Prosesnya terlalu panjang, sudah tiga kali datang.",
    ),
    "facility": (
        "Ruang tunggu panas dan kursi kurang.",
        "Tidak ada jalur untuk kursi roda.",
        "Toilet rusak, tempat parkir penuh, motor saya AB 1234 XY tergores.",
    ),
    "system": (
        "Jaringan putus, disuruh kembali besok.",
        "Sistem antrean salah panggil, nomor saya terlewat.",
        "Data tidak muncul di aplikasi, menunggu dua jam.",
    ),
    "": (
        "Lama sekali, padahal yang antre hanya beberapa orang.",
        "Kecewa, dokumen belum jadi sesuai janji.",
        "Kurang memuaskan.",
        "Mohon diperbaiki pelayanannya.",
    ),
}

# These allege a levy: the product shows them to the inspector only.
ALLEGATION = (
    "Saya diminta uang rokok supaya cepat selesai.",
    "Ada yang menawarkan lewat calo di depan loket.",
)

# What those who gang up on somebody write: each kind in several wordings, the second kind rude.
ATTACK = (
    (
        "Pelayanan sangat buruk!!",
        "Buruk sekali, tidak ada bagusnya.",
        "Paling parah sekota!",
        "Satu kata: payah.",
    ),
    (
        "Ganti petugas goblok itu!",
        "Dasar bego, kerja begitu saja tidak becus",
        "Petugas TOLOL, pecat saja!!",
        "g0bl0k, buang waktu saya",
        "Petugasnya kayak monyet, tidak bisa apa-apa",
        "Bodoh sekali, bikin malu kota ini",
        "Brengsek, jangan mau ke loket ini",
    ),
    (
        "Jangan mau dilayani di sini",
        "Cari loket lain saja",
        "Jangan ke loket ini, rugi.",
        "Kapok. Jangan ke sini!",
    ),
)


def words_for(face: int, cause: str | None, language: str) -> tuple[str, ...]:
    """What somebody who gave this answer may write, in the language of their page."""
    if face == 4:
        return PRAISE[language]
    if face == 3:
        return NEUTRAL[language]
    return COMPLAINT[cause or ""]
