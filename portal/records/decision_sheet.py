"""A decision for the personnel file: the decision, what followed, and its evidence as an annex."""

from dataclasses import dataclass
from datetime import date

from portal.counters.words import quarter
from portal.i18n import day, language, moment, number
from portal.i18n import gettext as _
from portal.people.models import Agency, Employee
from portal.records.attachment_models import Attachment
from portal.records.attachments import file_name
from portal.records.decision_words import AWARD_WORDS, step_name, step_state
from portal.records.disclosure import Disclosed
from portal.records.documents import Document, Section
from portal.records.judgements import Judged
from portal.records.models import Decision, Score
from portal.records.plan_steps import Step
from portal.records.proposal_models import DecisionPlan
from portal.records.words import (
    ADVICE_MEANINGS,
    ADVICE_WORDS,
    DECISION_WORDS,
    FACE_WORDS,
    OUTCOME_WORDS,
    REASON_WORDS,
    STATE_WORDS,
)

FEW = "< 5"


@dataclass(frozen=True)
class Made:
    """A decision with all that its sheet says."""

    agency: Agency
    employee: Employee
    judged: Judged
    score: Score
    told: Disclosed
    services: dict[int, str]
    plan: DecisionPlan | None
    steps: list[Step]  # of the plan, in its order
    second: str | None  # who approved it
    files: dict[int, list[Attachment]]  # by what they came with


def skp_line(agency: Agency, decision: Decision, score: Score, told: Disclosed) -> str:
    """The dated line for the SKP column "umpan balik berkelanjutan berdasarkan bukti dukung":
    what citizens said and what was decided, and neither score nor predicate (PermenPANRB 6/2022).
    """
    faces = score.detail["faces"]
    on = decision.decided_at.astimezone(agency.zone).date()
    values = {
        "day": day(on),
        "months": quarter(decision.period),
        "kind": DECISION_WORDS[decision.kind],
        "id": decision.id,
    }
    if not told.shows_score:
        return str(
            _("%(day)s: penilaian warga %(months)s belum cukup. Keputusan atasan: %(kind)s. "
              "Bukti: keputusan nomor %(id)s.", **values)
        )  # fmt: skip
    good = 100 * sum(faces[2:]) / max(sum(faces), 1)
    return str(
        _("%(day)s: dari %(count)s penilaian warga atas layanan %(months)s, %(share)s %% menjawab "
          "“baik” atau “sangat baik”. Keputusan atasan: %(kind)s. Bukti: keputusan nomor %(id)s.",
          count=number(score.counted, 0), share=number(good, 0), **values)
    )  # fmt: skip


def sheet(made: Made, printed_on: date) -> Document:
    """The decision in the reader's language; figures of few ratings are left out as on screen."""
    decision, zone = made.judged.decision, made.agency.timezone
    return Document(
        title=_("Keputusan: %(kind)s", kind=DECISION_WORDS[decision.kind]),
        agency=made.agency.name,
        lead=f"{made.employee.name} · {quarter(decision.period)}",
        lang=language(),
        footer=_(
            "Suara Loket, keputusan nomor %(id)s, dicetak %(day)s. Berisi data pribadi.",
            id=decision.id,
            day=day(printed_on),
        ),
        sections=[
            _decision(made, zone),
            *_plan(made, printed_on),
            Section(
                _("Untuk kolom SKP “umpan balik berkelanjutan berdasarkan bukti dukung”"),
                [skp_line(made.agency, made.judged.decision, made.score, made.told)],
            ),
            *_followed(made.judged, zone),
            _evidence(made),
            *_services(made),
            *_files(made),
            _proof(made),
        ],
    )


def _decision(made: Made, zone: str) -> Section:
    decision = made.judged.decision
    facts = [
        (_("Pegawai"), made.employee.name),
        (_("Jabatan"), made.employee.job or "–"),
        (_("Keadaan"), str(STATE_WORDS[made.judged.state])),
        (_("Diputuskan oleh"), f"{made.judged.decider.name}, {moment(decision.decided_at, zone)}"),
    ]
    if made.second:
        facts.append((_("Disetujui orang kedua"), made.second))
    facts.append((_("Alasan"), decision.reason))
    if decision.against_advice:
        facts.append((_("Alasan menyimpang dari saran"), decision.second_reason))
    return Section(_("Keputusan"), facts=facts)


def _plan(made: Made, printed_on: date) -> list[Section]:
    plan = made.plan
    if plan is None:
        return []
    today = printed_on if made.judged.stands else None
    facts = [(_("Bentuk penghargaan"), str(AWARD_WORDS[plan.award]))] if plan.award else []
    rows = [
        [step_name(step), day(step.until), "\n".join(filter(None, (became, step.note)))]
        for step in made.steps
        for became, _kind in [step_state(step, today)]
    ]
    columns = [_("Langkah"), _("Sampai"), _("Keadaan")]
    return [Section(_("Rencana"), facts=facts, columns=columns, rows=rows)]


def _followed(judged: Judged, zone: str) -> list[Section]:
    facts = [
        (f"{_('Tanggapan pegawai')}, {day(reply.at, zone)}", reply.text) for reply in judged.replies
    ]
    if judged.contest:
        facts.append(
            (f"{_('Keberatan pegawai')}, {day(judged.contest.at, zone)}", judged.contest.reason)
        )
    if judged.ruling:
        word = f"{OUTCOME_WORDS[judged.ruling.outcome]}, {day(judged.ruling.at, zone)}"
        facts.append((word, judged.ruling.reason))
    return [Section(_("Tanggapan dan keberatan"), facts=facts)] if facts else []


def _evidence(made: Made) -> Section:
    score, told = made.score, made.told
    heading = _("Lampiran: bukti saat diputuskan")
    if not told.shows_score:
        return Section(heading, [str(ADVICE_MEANINGS[score.advice])])
    facts = [
        (_("Nilai"), f"{number(score.score)} ({number(score.lo)} – {number(score.hi)})"),
        (_("Saran"), str(ADVICE_WORDS[score.advice])),
        (_("Dihitung"), number(score.counted, 0)),
        (_("Disisihkan"), number(score.set_aside, 0) if told.shows_set_aside else FEW),
        *((str(REASON_WORDS.get(name, name)), _few(count)) for name, count in told.reasons),
        *(
            (str(FACE_WORDS[at]), number(score.detail["faces"][at], 0))
            for at in reversed(range(len(FACE_WORDS)))
        ),
    ]
    note = _("Ini bukan predikat kinerja. Nilai warga adalah salah satu bukti; yang memutuskan "
             "tetap manusia.")  # fmt: skip
    return Section(heading, [str(ADVICE_MEANINGS[score.advice]), note], facts)


def _few(count: object) -> str:
    return number(count, 0) if isinstance(count, int) else FEW


def _services(made: Made) -> list[Section]:
    lines = [line for line in made.told.services if isinstance(line.n, int)]
    if not lines or not made.told.shows_score:
        return []
    return [
        Section(
            _("Per layanan"),
            columns=[_("Layanan"), _("Dihitung"), _("Rata-rata"), _("Rata-rata instansi")],
            rows=[
                [
                    made.services.get(line.service, _("Layanan tidak disebut")),
                    _few(line.n),
                    number(line.mean),
                    number(line.all),
                ]
                for line in lines
            ],
        )
    ]


def _files(made: Made) -> list[Section]:
    """What came with replies and the objection: nobody puts another file in its place unseen."""
    judged = made.judged
    said = [(reply.id, _("untuk tanggapan")) for reply in judged.replies]
    if judged.contest:
        said.append((judged.contest.id, _("untuk keberatan")))
    zone = made.agency.timezone
    facts = [
        (file_name(one), f"{_size(one)}, {what}, {day(one.at, zone)}. {_digest(one.digest)}")
        for parent, what in said
        for one in made.files.get(parent, [])
    ]
    if not facts:
        return []
    return [Section(_("Berkas dari pegawai"), [_("Isinya dapat diunduh di portal.")], facts)]


def _size(one: Attachment) -> str:
    return str(_("%(kind)s %(size)s bita", kind=one.kind.upper(), size=number(one.size, 0)))


def _digest(digest: str) -> str:
    """In two parts, so that it finds room."""
    return f"SHA-256 {digest[:32]} {digest[32:]}"


def _proof(made: Made) -> Section:
    decision = made.judged.decision
    return Section(
        _("Sidik bukti"),
        [
            _("Bukti dibekukan bersama keputusan. Siapa pun yang berwenang dapat menghitungnya "
              "ulang dengan portal replay-decision %(id)s.", id=decision.id),
        ],
        facts=[("SHA-256", decision.evidence_digest[:32] + " " + decision.evidence_digest[32:])],
    )  # fmt: skip
