"""Mails about records: which events are told, and in which words."""

from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.i18n import lazy_gettext as _l
from portal.people import notices
from portal.people.models import Account

_TEXTS = {
    "decided": (
        _l("Ada keputusan baru tentang catatan kinerja Anda"),
        _l("Atasan Anda telah mencatat keputusan tentang catatan kinerja Anda."),
    ),
    "proposed": (
        _l("Ada usulan keputusan yang menunggu persetujuan"),
        _l("Usulan keputusan dari rekan Anda menunggu persetujuan orang kedua."),
    ),
    "approved": (
        _l("Usulan keputusan Anda disetujui"),
        _l("Usulan keputusan Anda disetujui orang kedua dan sekarang berlaku."),
    ),
    "returned": (
        _l("Usulan keputusan Anda dikembalikan"),
        _l("Usulan keputusan Anda dikembalikan. Alasannya dapat Anda baca."),
    ),
    "withdrawn": (
        _l("Sebuah usulan keputusan ditarik"),
        _l("Usulan keputusan yang menunggu persetujuan Anda ditarik oleh pengusulnya."),
    ),
    "policy_proposed": (
        _l("Ada usulan aturan yang menunggu persetujuan"),
        _l("Usulan ambang dan aturan dari rekan Anda menunggu persetujuan orang kedua."),
    ),
    "policy_approved": (
        _l("Usulan aturan Anda disetujui"),
        _l("Usulan aturan Anda disetujui orang kedua dan berlaku mulai rilis berikutnya."),
    ),
    "policy_returned": (
        _l("Usulan aturan Anda dikembalikan"),
        _l("Usulan aturan Anda dikembalikan. Alasannya dapat Anda baca."),
    ),
    "dialogue": (
        _l("Ada catatan dialog untuk Anda"),
        _l("Atasan Anda mencatat pembicaraan dengan Anda dan meminta tanda tangan Anda."),
    ),
    "dialogue_signed": (
        _l("Catatan dialog ditandatangani"),
        _l("Seorang pegawai menandatangani catatan dialog Anda."),
    ),
    "training": (
        _l("Sebuah pelatihan dicatat"),
        _l("Pelatihan dalam rencana pembinaan dicatat sudah diikuti."),
    ),
    "step": (
        _l("Sebuah langkah pembinaan dicatat selesai"),
        _l("Atasan Anda mencatat bahwa sebuah langkah dalam rencana pembinaan Anda selesai."),
    ),
    "replied": (
        _l("Ada tanggapan pegawai"),
        _l("Seorang pegawai telah menanggapi keputusan Anda."),
    ),
    "review_asked": (
        _l("Ada permintaan memeriksa penilaian yang disisihkan"),
        _l("Seorang pegawai meminta penilaian yang disisihkan diperiksa ulang."),
    ),
    "reviewed": (
        _l("Penilaian yang disisihkan telah diperiksa"),
        _l("Penilaian tentang Anda yang disisihkan telah diperiksa petugas."),
    ),
    "block_aside": (
        _l("Beberapa penilaian tentang Anda disisihkan"),
        _l(
            "Inspektur menyisihkan penilaian tentang Anda dari telepon yang berulang kali dipakai. "
            "Anda dapat meminta pejabat keberatan memeriksanya."
        ),
    ),
    "corrected": (
        _l("Catatan kinerja triwulan yang sudah ditutup dikoreksi"),
        _l("Hasil pemeriksaan penilaian mengubah angka Anda. Catatan yang lama tetap tersimpan."),
    ),
    "contested": (
        _l("Ada keberatan atas sebuah keputusan"),
        _l("Seorang pegawai mengajukan keberatan atas sebuah keputusan."),
    ),
    "ruled": (
        _l("Keberatan telah diputus"),
        _l("Pejabat keberatan telah memutus keberatan atas sebuah keputusan."),
    ),
}


def tell(account: Account | None, event: str, path: str, now: datetime) -> None:
    """Queue a mail about one of these events, within the transaction that gives cause to it."""
    notices.tell(account, _TEXTS[event], path, now, kind=event)


def account_of(agency_id: int, employee_id: int) -> Account | None:
    """The account with which an employee signs in."""
    return db.session.scalar(
        select(Account).where(Account.agency_id == agency_id, Account.employee_id == employee_id)
    )
