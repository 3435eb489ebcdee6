"""What people decided in the demo, and what came of it, by the portal's own deeds.

The other records wait for whoever tries the demo.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.db import db
from portal.demo.accounts import AccountPlan
from portal.demo.draft import Draft
from portal.people.models import Account
from portal.records import decision_actions, proposal_actions
from portal.records.decision_actions import Proposal, against_advice
from portal.records.dialogue_actions import write_note
from portal.records.models import Contest, Decision
from portal.records.plan_steps import planned
from portal.records.policy_actions import propose_policy
from portal.records.proposal_models import ProposedDecision
from portal.records.proposals import PlannedStep
from portal.records.queries import shown_score
from portal.records.set_aside import batches
from portal.records.set_aside_actions import Finding, ask_review, review
from portal.records.step_actions import note_step
from portal.records.training_actions import note_training

HOUR = timedelta(hours=1)
# What a second officer wants of the rules: it waits for the first one's word.
WANTED = {"certainty": 0.97, "min_ratings": 20}
WHY = (
    "Rapat tim penilaian: penghargaan sebaiknya hanya bila buktinya lebih kuat, dan kesan dari "
    "sedikit penilaian jangan menjadi saran."
)


@dataclass(frozen=True)
class Step:
    """Something said after a decision, so many days later."""

    days: float
    text: str


@dataclass(frozen=True)
class Case:
    """A decision about one of the story's people and what followed."""

    role: str
    kind: str
    days: float  # after the closing; before today where negative
    reason: str
    second_reason: str = ""
    reply: Step | None = None
    contest: Step | None = None
    ruling: Step | None = None
    award: str = ""
    steps: tuple[Step, ...] = ()  # of a plan, each so many days after the decision


CASES = (
    Case(
        "strong_on_hard_service",
        "award",
        3,
        "Pembetulan data adalah layanan tersulit di dinas ini. Nilai beliau tetap termasuk yang "
        "tertinggi setelah kesulitan layanan diperhitungkan. Diusulkan sebagai pegawai teladan "
        "triwulan ini.",
        award="employee_of_quarter",
        reply=Step(1.1, "Terima kasih. Rekan di loket 7 sangat membantu menyiapkan berkas."),
    ),
    Case(
        "weak_on_easy_service",
        "guidance",
        4,
        "Di loket pengambilan dokumen hampir semua rekan dinilai sangat baik, sedangkan nilai "
        "beliau jauh di bawahnya pada lebih dari seratus penilaian. Disepakati pendampingan dua "
        "bulan: menyapa, menjelaskan langkah berikutnya, dan tidak memakai ponsel saat melayani.",
        steps=(
            Step(14, "Pelatihan pelayanan prima, satu hari di aula dinas"),
            Step(30, "Pendampingan oleh koordinator loket, dua pagi setiap minggu"),
            Step(60, "Latihan menyapa dan menjelaskan langkah berikutnya, lalu dibicarakan lagi"),
        ),
        reply=Step(2, "Saya sering sendirian pada jam ramai sehingga melayani terburu-buru."),
        contest=Step(
            5,
            "Pada bulan terakhir alat cetak sering macet. Warga menunggu lama dan saya yang "
            "dinilai buruk. Mohon ditinjau kembali.",
        ),
        ruling=Step(
            12,
            "Penilaian dengan penyebab sistem dan sarana tidak ikut dihitung dalam nilai ini. "
            "Selisihnya tetap besar tanpa hari-hari gangguan. Pendampingan dilanjutkan, dan "
            "dinas diminta menambah satu petugas pada jam ramai.",
        ),
    ),
    Case(
        "attacked",
        "none",
        5,
        "Puluhan penilaian terburuk masuk dalam setengah jam dan sudah disisihkan. Nilai tanpa "
        "serangan itu baik; tidak ada yang perlu ditindaklanjuti.",
    ),
    Case(
        "weak",
        "guidance",
        -4,
        "Nilai di bawah standar selama satu triwulan penuh. Dijadwalkan pelatihan pelayanan dan "
        "pendampingan oleh koordinator loket.",
        steps=(Step(21, "Pelatihan pelayanan dan aplikasi loket, dua hari"),),
        contest=Step(
            2,
            "Saya baru dipindahkan ke loket ini dan belum dilatih memakai aplikasi yang baru. "
            "Mohon pembinaan diganti dengan pelatihan saja.",
        ),
    ),
)

# The stuffer: what he asks some days after the closing, and what an appeals officer answers.
DOUBT = Step(
    3,
    "Penilaian itu dari warga yang puas. Mereka memakai ponsel yang sama karena menunggu bersama "
    "di kursi dekat loket saya. Mohon diperiksa dan dihitung kembali.",
)
ANSWER = Step(
    9,
    "Sudah diperiksa bersama koordinator loket. Hari demi hari, menjelang tutup, dua ponsel yang "
    "sama mengirim dua sampai empat penilaian. Pada jam itu tidak ada warga yang antre. Sebab "
    "yang wajar tidak ditemukan. Penilaian itu tetap disisihkan; penilaian lain tetap dihitung.",
)

# What the supervisor says of a step that was done.
DONE = "Sudah dijalankan sesuai rencana; dibicarakan lagi pada dialog berikutnya."

# What waits for HR as the second person, and for the employee's signature.
OPEN = Case(
    "average_on_hard_service",
    "award",
    -1,
    "Menangani izin yang persyaratannya sering berubah, dan melatih dua rekan baru di loketnya.",
    "Angka saja tidak menyarankan penghargaan. Perannya melatih rekan tidak terlihat dalam "
    "penilaian warga, tetapi antrean di loket itu turun sepertiga.",
    award="training",
)
TALK = (
    "Kami membaca hasil triwulan bersama. Layanan izin dinilai lebih sulit daripada yang lain, dan "
    "itu sudah diperhitungkan. Disepakati: ikut pelatihan perizinan tingkat lanjut."
)


class Office:
    """Who decides and who answers, with the clock of the agency."""

    def __init__(self, draft: Draft, accounts: list[AccountPlan], now: datetime) -> None:
        self._draft = draft
        self._accounts = accounts
        self._now = now

    def employee(self, role: str) -> int:
        return next(person.id for person in self._draft.people if person.role == role)

    def account(self, role: str) -> Account:
        """The first account of a role of the portal."""
        email = next(plan.email for plan in self._accounts if plan.role == role)
        return db.session.scalars(select(Account).where(Account.email == email)).one()

    def last_account(self, role: str) -> Account:
        """The last account of a role: where there are two, the second person."""
        email = [plan.email for plan in self._accounts if plan.role == role][-1]
        return db.session.scalars(select(Account).where(Account.email == email)).one()

    def own_account(self, employee_id: int) -> Account:
        email = next(plan.email for plan in self._accounts if plan.employee_id == employee_id)
        return db.session.scalars(select(Account).where(Account.email == email)).one()

    def moment(self, case: Case, closed_at: datetime) -> datetime:
        """In the morning of the day; a case of the last days counts from today."""
        today = self._draft.window.midnight(self._draft.window.today)
        start = today if case.days < 0 else closed_at
        return max(start + timedelta(days=case.days) + 8 * HOUR, closed_at + HOUR)

    def past(self, moment: datetime) -> bool:
        return moment <= self._now


def decide_cases(office: Office, period: str, closed_at: datetime) -> None:
    """All cases of a closed period, as far as they lie in the past and the advice allows."""
    for case in CASES:
        employee_id, at = office.employee(case.role), office.moment(case, closed_at)
        if not office.past(at):
            continue
        decision = _decide(office, case, employee_id, period, at)
        if decision is not None:
            _follow(office, case, decision, at)


def doubt_set_aside(office: Office, period: str, closed_at: datetime) -> None:
    """The stuffer asks that what was set aside be counted; it is looked at, day by day, in vain."""
    stuffer, officer = office.employee("stuffer"), office.account("appeals_officer")
    own = office.own_account(stuffer)
    shown = shown_score(own.agency_id, stuffer, period)
    asked, answered = (closed_at + timedelta(days=step.days) + 8 * HOUR for step in (DOUBT, ANSWER))
    if shown is None or not shown.score.set_aside or not office.past(asked):
        return
    ask_review(own, stuffer, period, DOUBT.text, asked, tell_to=[officer])
    if office.past(answered):
        days = [batch.key for batch in batches(shown.run, stuffer, answered)]
        review(officer, stuffer, period, Finding(days, "confirm", ANSWER.text), answered)


def propose_one(office: Office, period: str, now: datetime) -> None:
    """An award that the figures alone do not advise, talked over and now with the second person."""
    employee_id, supervisor = office.employee(OPEN.role), office.account("supervisor")
    shown = shown_score(supervisor.agency_id, employee_id, period)
    if shown is None or shown.score.advice not in {"none", "guidance_candidate"}:
        return
    at = now + timedelta(days=OPEN.days)
    write_note(supervisor, employee_id, period, TALK, at)
    proposal = Proposal(OPEN.kind, OPEN.reason, OPEN.second_reason, shown.run.id, None, OPEN.award)
    decision_actions.decide(supervisor, employee_id, period, proposal, at + HOUR)


def propose_rules(office: Office, now: datetime) -> None:
    """A change of the rules that waits for its second person since two days."""
    propose_policy(office.last_account("hr"), WANTED, 0, WHY, now - timedelta(days=2))


def _decide(
    office: Office, case: Case, employee_id: int, period: str, at: datetime
) -> Decision | None:
    supervisor = office.account("supervisor")
    shown = shown_score(supervisor.agency_id, employee_id, period)
    if shown is None or shown.score.advice == "insufficient":
        return None
    if against_advice(case.kind, shown.score.advice) and not case.second_reason:
        return None
    steps = tuple(
        PlannedStep(step.text, (at + timedelta(days=step.days)).date(), "Pelatihan" in step.text)
        for step in case.steps
    )
    proposal = Proposal(
        case.kind, case.reason, case.second_reason, shown.run.id, None, case.award, steps
    )
    made = decision_actions.decide(supervisor, employee_id, period, proposal, at)
    if isinstance(made, ProposedDecision):
        second = office.account("hr")
        made = proposal_actions.approve(second, made.id, "Sudah dibaca; setuju.", at + HOUR)
    return made


def _follow(office: Office, case: Case, decision: Decision, at: datetime) -> None:
    """Reply, objection and ruling, each on its day."""
    decision_id, employee_id, period = decision.id, decision.employee_id, decision.period
    own = office.own_account(employee_id)

    def day(step: Step) -> datetime:
        return at + timedelta(days=step.days)

    if case.reply and office.past(day(case.reply)):
        text, when = case.reply.text, day(case.reply)
        decision_actions.reply(own, employee_id, period, text, when, decision_id=decision_id)
    for step in planned(own.agency_id, [decision_id]):
        done = step.until - timedelta(days=1)
        noted = at.replace(year=done.year, month=done.month, day=done.day)
        if not office.past(noted):
            continue
        if step.training:
            note_training(own, decision_id, step.step, done, noted)
        else:
            by = office.account("supervisor")
            note_step(by, decision_id, step.step, done, noted, note=DONE)
    if not case.contest or not office.past(day(case.contest)):
        return
    contest = decision_actions.contest(own, decision_id, case.contest.text, day(case.contest))
    if case.ruling and office.past(day(case.ruling)):
        _rule(office, contest, case.ruling.text, day(case.ruling))


def _rule(office: Office, contest: Contest, reason: str, at: datetime) -> None:
    decision_actions.rule(office.account("appeals_officer"), contest.id, "upheld", reason, at)
