"""Words around a decision: kinds of award, and reasons to begin with."""

from datetime import date
from typing import Any

from portal.i18n import day
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.records.plan_steps import Step
from portal.records.proposal_models import DecisionPlan
from portal.records.proposals import PlannedStep, steps_of

AWARD_WORDS: dict[str, Any] = {
    "": _l("Belum ditentukan"),
    "letter": _l("Surat penghargaan"),
    "employee_of_quarter": _l("Pegawai teladan triwulan ini"),
    "training": _l("Kesempatan pelatihan"),
    "other": _l("Lainnya, disebut dalam alasan"),
}
# Beginnings of a reason, each to be completed: {name: (what the list says, what is put in)}.
REASONS: dict[str, tuple[Any, Any]] = {
    "award": (
        _l("Penghargaan atas layanan yang sulit"),
        _l(
            "Nilai warga tetap tinggi setelah kesulitan layanan dan saluran diperhitungkan. "
            "Yang menonjol: … Penghargaan ini diberikan karena …"
        ),
    ),
    "guidance": (
        _l("Pembinaan dengan pendampingan"),
        _l(
            "Nilai warga berada di bawah standar, dan rentangnya tidak mencakup standar itu. "
            "Sudah dibicarakan dengan pegawai pada …; menurut pegawai … Yang disepakati: …"
        ),
    ),
    "circumstances": (
        _l("Tanpa tindakan karena keadaan"),
        _l(
            "Nilai triwulan ini dipengaruhi keadaan di luar kendali pegawai: … "
            "Yang diperbaiki kantor: … Nilai triwulan berikutnya akan dibaca bersama."
        ),
    ),
    "wait": (
        _l("Menunggu bukti yang cukup"),
        _l("Buktinya belum cukup kuat ke arah mana pun. Dibaca lagi pada triwulan berikutnya."),
    ),
}
PROPOSAL_WORDS: dict[str, Any] = {
    "open": _l("menunggu persetujuan"),
    "approved": _l("disetujui"),
    "returned": _l("dikembalikan"),
    "withdrawn": _l("ditarik"),
}
PROPOSAL_KINDS = {"open": "warn", "approved": "good", "returned": "bad", "withdrawn": "quiet"}


def plan_in_words(plan: DecisionPlan | None) -> list[str]:
    """The kind of award, or each step with its last day; of no plan nothing."""
    if plan is None:
        return []
    award = [str(AWARD_WORDS[plan.award])] if plan.award else []
    return award + [_step(step) for step in steps_of(plan.steps)]


def _step(step: PlannedStep) -> str:
    return str(_("%(what)s, sampai %(day)s", what=step_name(step), day=day(step.until)))


def step_name(step: PlannedStep | Step) -> str:
    """What is to be done; that it is a training is said before a name that does not say it."""
    if not step.training:
        return step.what
    first = step.what.partition(" ")[0].strip(":").casefold()
    said = str(_("Pelatihan: %(what)s", what="")).strip(": ").casefold()
    return step.what if first == said else str(_("Pelatihan: %(what)s", what=step.what))


def step_state(step: Step, today: date | None) -> tuple[str, str]:
    """What became of a step, and the kind of tag that says it.

    today: none where the decision does not stand any more, so that nothing of it is late.
    """
    if step.done_on is not None:
        on = day(step.done_on)
        became = _("diikuti %(day)s", day=on) if step.training else _("selesai %(day)s", day=on)
        return str(became), "good"
    if today is not None and step.until < today:
        return str(_("lewat tenggat %(day)s", day=day(step.until))), "bad"
    return str(_("sampai %(day)s", day=day(step.until))), ""
