"""The acts of staff about which the portal writes mails, each as it is really done."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from portal.counters import swap_actions
from portal.counters.duty_actions import cancel_duty, plan_duty
from portal.db import db
from portal.followups.actions import assign
from portal.followups.models import FollowUp
from portal.followups.opening_actions import escalate_late, open_cases
from portal.integrity.report_actions import tell_inspectors
from portal.overview.report_actions import make_reports
from portal.people.models import Account
from portal.records.correction_actions import correct_due
from portal.records.decision_actions import contest, reply, rule
from portal.records.dialogue_actions import sign_note, write_note
from portal.records.dialogue_models import DialogueNote
from portal.records.policy_actions import approve_policy, propose_policy, return_policy
from portal.records.proposal_actions import approve, give_back, withdraw
from portal.records.proposals import PlannedStep
from portal.records.set_aside_actions import Finding, review
from portal.records.step_actions import note_step
from portal.records.training_actions import note_training
from tests.conftest import NOW
from tests.counters.staff import send
from tests.factories import make_account, make_counter, make_employee, make_office
from tests.integrity.reports import file as file_report
from tests.integrity.reports import office_with_key
from tests.integrity.test_blocks import Ring, word
from tests.overview.test_office import Office
from tests.records.cast import DAY, PERIOD, enter, rate, release
from tests.records.test_decisions import Story
from tests.records.test_proposals import Proposed
from tests.records.test_set_aside import keys, path_of, suspicious

HOUR = timedelta(hours=1)

Act = Callable[[FlaskClient], object]
ACTS: list[tuple[Act, tuple[str, ...]]] = []


def sends(*subjects: str) -> Callable[[Act], Act]:
    """The mails that an act sends, by their Indonesian subjects."""

    def keep(act: Act) -> Act:
        ACTS.append((act, subjects))
        return act

    return keep


@sends(
    "Ada keputusan baru tentang catatan kinerja Anda",
    "Ada tanggapan pegawai",
    "Ada keberatan atas sebuah keputusan",
    "Keberatan telah diputus",
)
def from_decision_to_ruling(_client: FlaskClient) -> None:
    story = Story()
    made = story.decide()
    reply(story.clerk, story.employee.id, PERIOD, "Terima kasih", NOW, decision_id=made.id)
    objection = contest(story.clerk, made.id, "Belum didengar", NOW)
    rule(story.officer, objection.id, "upheld", "Sudah didengar", NOW)


@sends(
    "Ada usulan keputusan yang menunggu persetujuan",
    "Usulan keputusan Anda disetujui",
    "Ada keputusan baru tentang catatan kinerja Anda",
)
def a_second_person_agrees(_client: FlaskClient) -> None:
    story = Proposed()
    approve(story.hr, story.made.id, "", NOW)


@sends("Ada usulan keputusan yang menunggu persetujuan", "Usulan keputusan Anda dikembalikan")
def a_second_person_does_not(_client: FlaskClient) -> None:
    story = Proposed()
    give_back(story.hr, story.made.id, "Buktinya sedikit", NOW)


@sends("Ada usulan keputusan yang menunggu persetujuan", "Sebuah usulan keputusan ditarik")
def a_proposer_takes_it_back(_client: FlaskClient) -> None:
    story = Proposed()
    withdraw(story.supervisor, story.made.id, "Keliru", NOW)


def _rules(answer: Callable[[Account, int, str, datetime], object]) -> None:
    office = make_office()
    first, second = (make_account("hr", agency=make_account("hr", office).agency) for _two in "12")
    made = propose_policy(first, {"certainty": 0.99}, 0, "Lebih pasti", NOW)
    assert made
    answer(second, made.id, "Sudah dibaca", NOW)


@sends("Ada usulan aturan yang menunggu persetujuan", "Usulan aturan Anda disetujui")
def rules_are_approved(_client: FlaskClient) -> None:
    _rules(approve_policy)


@sends("Ada usulan aturan yang menunggu persetujuan", "Usulan aturan Anda dikembalikan")
def rules_are_returned(_client: FlaskClient) -> None:
    _rules(return_policy)


@sends("Ada catatan dialog untuk Anda", "Catatan dialog ditandatangani")
def a_talk_is_noted_and_signed(_client: FlaskClient) -> None:
    story = Story()
    write_note(story.supervisor, story.employee.id, PERIOD, "Latihan menyapa", NOW)
    note = db.session.scalars(select(DialogueNote)).one()
    sign_note(story.clerk, note.id, "Setuju", NOW)


@sends("Ada keputusan baru tentang catatan kinerja Anda", "Sebuah pelatihan dicatat")
def a_training_is_taken(_client: FlaskClient) -> None:
    story = Story()
    story.advise("guidance_candidate")
    today = NOW.astimezone(story.clerk.agency.zone).date()
    steps = (PlannedStep("Pelatihan menyapa", today + 3 * DAY, training=True),)
    made = story.decide("guidance", steps=steps)
    note_training(story.clerk, made.id, 1, today, NOW)


@sends(
    "Ada keputusan baru tentang catatan kinerja Anda", "Sebuah langkah pembinaan dicatat selesai"
)
def a_step_is_done(_client: FlaskClient) -> None:
    story = Story()
    story.advise("guidance_candidate")
    today = NOW.astimezone(story.clerk.agency.zone).date()
    made = story.decide("guidance", steps=(PlannedStep("Pendampingan", today + 3 * DAY),))
    note_step(story.supervisor, made.id, 1, today, NOW)


@sends(
    "Ada permintaan memeriksa penilaian yang disisihkan",
    "Penilaian yang disisihkan telah diperiksa",
    "Catatan kinerja triwulan yang sudah ditutup dikoreksi",
)
def what_was_set_aside_is_restored(client: FlaskClient) -> None:
    story = Story(4, 4, 3, 4, 4, 2)
    suspicious(story)
    release(story.counter, NOW + 60 * DAY, closes=True)
    enter(client, story.clerk)
    send(client, path_of(story, "/ask"), reason="Hari itu ada layanan malam")
    enter(client, story.officer)
    finding = Finding(keys(client, story), "restore", "Layanan malam")
    review(story.officer, story.employee.id, PERIOD, finding, NOW + 61 * DAY)
    correct_due(NOW + 61 * DAY + timedelta(minutes=1))


@sends("Beberapa penilaian tentang Anda disisihkan")
def a_group_of_telephones_is_set_aside(client: FlaskClient) -> None:
    ring = Ring()
    enter(client, ring.inspector)
    word(client, ring, "aside")


class Colleagues:
    """Two who serve at two counters tomorrow, and who looks after the roster."""

    def __init__(self) -> None:
        office = make_office()
        self.people = [make_employee(office), make_employee(office, "Budi Santoso")]
        self.phones = [make_account("employee", office, person) for person in self.people]
        self.coordinator = make_account("coordinator", office)
        self.duties = [
            plan_duty(
                self.coordinator,
                counter_id=make_counter(office, label).id,
                employee_id=person.id,
                starts_at=NOW + days * DAY,
                ends_at=NOW + days * DAY + 4 * HOUR,
                now=NOW - DAY,
            )
            for days, (label, person) in enumerate(zip("12", self.people, strict=True), 1)
        ]

    def ask(self) -> int:
        return swap_actions.ask_swap(self.phones[0], self.duties[0], self.people[1].id, NOW)

    def agree(self) -> int:
        swap_id = self.ask()
        swap_actions.answer_swap(self.phones[1], swap_id, NOW, agrees=True)
        return swap_id


ASKED = "Seorang rekan ingin menukar tugas dengan Anda"
AGREED = "Ada tukar tugas yang menunggu keputusan Anda"


@sends(ASKED, AGREED, "Tukar tugas dipastikan")
def a_swap_is_confirmed(_client: FlaskClient) -> None:
    two = Colleagues()
    swap_actions.confirm_swap(two.coordinator, two.agree(), NOW)


@sends(ASKED, AGREED, "Tukar tugas tidak disetujui")
def a_swap_is_refused(_client: FlaskClient) -> None:
    two = Colleagues()
    swap_actions.refuse_swap(two.coordinator, two.agree(), "Loket kosong", NOW)


@sends(ASKED, "Permintaan tukar tugas ditolak rekan")
def a_colleague_declines(_client: FlaskClient) -> None:
    two = Colleagues()
    swap_actions.answer_swap(two.phones[1], two.ask(), NOW, agrees=False)


@sends(ASKED, "Permintaan tukar tugas ditarik kembali")
def who_asked_takes_it_back(_client: FlaskClient) -> None:
    two = Colleagues()
    swap_actions.withdraw_swap(two.phones[0], two.ask(), NOW)


@sends("Jadwal tugas Anda berubah")
def a_duty_is_cancelled(_client: FlaskClient) -> None:
    two = Colleagues()
    cancel_duty(two.coordinator, two.duties[0], "Loket tutup", NOW)


@sends(
    "Ada tindak lanjut baru",
    "Anda diminta menangani sebuah tindak lanjut",
    "Ada tindak lanjut yang lewat waktu",
)
def a_low_rating_is_followed_up(_client: FlaskClient) -> None:
    story = Story()
    keeper = make_account("coordinator", story.office)
    rate(make_counter(story.office, "L9"), None, 1, 4, 4, 4, 4)
    release(story.counter, NOW + DAY)
    open_cases(NOW + DAY)
    assign(story.supervisor, db.session.scalars(select(FollowUp.id)).one(), keeper, NOW + DAY)
    escalate_late(NOW + 30 * DAY)


@sends("Ada laporan integritas", "Laporan integritas melewati tenggat")
def a_report_waits_and_is_late(client: FlaskClient) -> None:
    office = office_with_key()
    make_account("inspector", office)
    file_report(client, office)
    for days in (1, 30):
        tell_inspectors(NOW + days * DAY)


@sends("Laporan bulanan unit kerja sudah ada")
def the_report_of_a_month_is_made(_client: FlaskClient) -> None:
    office = Office()
    release(office.counter)
    make_account("supervisor", make_office())
    make_reports(datetime(2026, 12, 1, 1, tzinfo=UTC))
