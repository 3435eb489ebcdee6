"""What citizens come for: each service with its standard, and how hard it is to please in it."""

from dataclasses import dataclass

FREE = "Gratis"


@dataclass(frozen=True)
class ServicePlan:
    """A service. `ease` is in logits: below zero even good staff hear complaints."""

    code: str
    name: str
    ease: float
    requirements: str
    duration: str
    cost: str
    product: str


SERVICES = {
    plan.code: plan
    for plan in (
        # Civil registration is free of charge by law.
        ServicePlan(
            "ktp",
            "KTP-el",
            0.0,
            "Fotokopi KK; KTP-el lama bila rusak; surat kehilangan bila hilang",
            "1 hari kerja, paling lama 14 hari kerja",
            FREE,
            "KTP-el",
        ),
        ServicePlan(
            "kk",
            "Kartu Keluarga",
            -0.2,
            "KK lama; buku nikah atau akta; formulir F-1.02",
            "2 hari kerja",
            FREE,
            "Kartu Keluarga",
        ),
        ServicePlan(
            "akta-lahir",
            "Akta kelahiran",
            0.1,
            "Surat keterangan lahir; KK; buku nikah orang tua; formulir F-2.01",
            "3 hari kerja",
            FREE,
            "Kutipan akta kelahiran",
        ),
        ServicePlan(
            "akta-mati",
            "Akta kematian",
            0.2,
            "Surat keterangan kematian; KK; KTP-el almarhum",
            "3 hari kerja",
            FREE,
            "Kutipan akta kematian",
        ),
        ServicePlan(
            "kia",
            "Kartu Identitas Anak",
            0.5,
            "Akta kelahiran; KK; pasfoto untuk anak 5 tahun ke atas",
            "1 hari kerja",
            FREE,
            "KIA",
        ),
        ServicePlan(
            "pindah",
            "Surat pindah dan datang",
            -0.5,
            "KK; KTP-el; formulir F-1.03",
            "1 hari kerja",
            FREE,
            "SKPWNI",
        ),
        ServicePlan(
            "koreksi",
            "Pembetulan data dan akta",
            -3.5,
            "Akta asli; dokumen pembanding; penetapan pengadilan bila diperlukan",
            "14 hari kerja",
            FREE,
            "Akta dengan catatan pinggir",
        ),
        ServicePlan(
            "ambil",
            "Pengambilan dokumen jadi",
            2.7,
            "Bukti pendaftaran; KTP-el atau surat kuasa",
            "10 menit",
            FREE,
            "Dokumen kependudukan",
        ),
        # Letters of kelurahan and kecamatan.
        ServicePlan(
            "skck",
            "Surat pengantar SKCK",
            0.5,
            "Pengantar RT/RW; fotokopi KTP-el dan KK",
            "10 menit",
            FREE,
            "Surat pengantar",
        ),
        ServicePlan(
            "sktm",
            "Surat keterangan tidak mampu",
            -0.3,
            "Pengantar RT/RW; fotokopi KTP-el dan KK; pernyataan",
            "15 menit",
            FREE,
            "Surat keterangan",
        ),
        ServicePlan(
            "domisili",
            "Surat keterangan domisili",
            0.4,
            "Pengantar RT/RW; fotokopi KTP-el",
            "10 menit",
            FREE,
            "Surat keterangan",
        ),
        ServicePlan(
            "usaha",
            "Surat keterangan usaha",
            0.2,
            "Pengantar RT/RW; fotokopi KTP-el; foto tempat usaha",
            "15 menit",
            FREE,
            "Surat keterangan",
        ),
        ServicePlan(
            "nikah",
            "Surat pengantar nikah (N1)",
            0.3,
            "Pengantar RT/RW; KTP-el, KK dan akta kelahiran kedua calon",
            "30 menit",
            FREE,
            "Formulir N1",
        ),
        ServicePlan(
            "waris",
            "Surat keterangan ahli waris",
            -1.0,
            "Akta kematian; KTP-el dan KK semua ahli waris; dua saksi",
            "3 hari kerja",
            FREE,
            "Surat keterangan",
        ),
        ServicePlan(
            "tanah",
            "Surat keterangan riwayat tanah",
            -1.2,
            "Alas hak; SPPT PBB; KTP-el pemilik; berita acara pengukuran",
            "7 hari kerja",
            FREE,
            "Surat keterangan",
        ),
        ServicePlan(
            "rekom",
            "Surat rekomendasi kecamatan",
            0.1,
            "Surat pengantar kelurahan; fotokopi KTP-el dan KK",
            "30 menit",
            FREE,
            "Surat rekomendasi",
        ),
        # Permits.
        ServicePlan(
            "nib",
            "Nomor Induk Berusaha",
            0.1,
            "KTP-el; NPWP; alamat surel; data usaha",
            "1 hari kerja",
            FREE,
            "NIB",
        ),
        ServicePlan(
            "pbg",
            "Persetujuan Bangunan Gedung",
            -1.7,
            "Sertifikat tanah; gambar rencana; data penyedia jasa",
            "28 hari kerja",
            "Retribusi menurut peraturan daerah",
            "PBG",
        ),
        ServicePlan(
            "reklame",
            "Izin reklame",
            -0.6,
            "Gambar dan ukuran reklame; izin pemilik lahan; KTP-el",
            "5 hari kerja",
            "Pajak reklame menurut peraturan daerah",
            "Izin reklame",
        ),
        ServicePlan(
            "praktik",
            "Surat izin praktik tenaga kesehatan",
            0.2,
            "STR; rekomendasi organisasi profesi; surat keterangan fasilitas",
            "5 hari kerja",
            FREE,
            "SIP",
        ),
        # Taxes, social affairs, work.
        ServicePlan(
            "pbb",
            "PBB: salinan dan pembetulan SPPT",
            -0.2,
            "SPPT atau NOP; KTP-el; bukti bayar tahun lalu",
            "30 menit",
            FREE,
            "SPPT",
        ),
        ServicePlan(
            "bphtb",
            "BPHTB: validasi setoran",
            -0.9,
            "SSPD; akta jual beli; sertifikat; bukti bayar",
            "3 hari kerja",
            "Pajak menurut peraturan daerah",
            "SSPD tervalidasi",
        ),
        ServicePlan(
            "bansos",
            "Usulan bantuan sosial",
            -1.1,
            "KTP-el; KK; surat keterangan kelurahan",
            "5 hari kerja",
            FREE,
            "Bukti usulan",
        ),
        ServicePlan(
            "pbi",
            "Rekomendasi PBI Jaminan Kesehatan",
            -0.5,
            "KTP-el; KK; surat keterangan tidak mampu",
            "1 hari kerja",
            FREE,
            "Surat rekomendasi",
        ),
        ServicePlan(
            "ak1",
            "Kartu pencari kerja (AK-1)",
            0.6,
            "KTP-el; ijazah; pasfoto",
            "20 menit",
            FREE,
            "Kartu AK-1",
        ),
        ServicePlan(
            "aduan",
            "Pengaduan dan konsultasi",
            -0.4,
            "Uraian keluhan; dokumen pendukung bila ada",
            "5 hari kerja",
            FREE,
            "Jawaban tertulis",
        ),
    )
}
