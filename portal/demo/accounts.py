"""Who signs in to the demo: one account for every role, some more, one password for all."""

from dataclasses import dataclass

from portal.demo.city import CITY, NEIGHBOUR
from portal.demo.staff import Person
from portal.demo.story import COLLEAGUE, HEAD

PASSWORD = "loket-contoh-2026"  # noqa: S105  printed for whoever tries the demo


@dataclass(frozen=True)
class AccountPlan:
    """An account with one role; no offices means the whole agency."""

    agency: str
    role: str
    mailbox: str
    name: str
    offices: tuple[str, ...] = ()
    employee_id: int | None = None

    @property
    def email(self) -> str:
        return f"{self.mailbox}@{self.agency}.example"


# Over the offices in which the story happens.
STORY_OFFICES = ("dukcapil", "dpmptsp")

_OFFICIALS = (
    AccountPlan(CITY.code, "coordinator", "coordinator", "Yuni Astuti", STORY_OFFICES),
    AccountPlan(CITY.code, "supervisor", "supervisor", "Bagas Wicaksono", STORY_OFFICES),
    AccountPlan(CITY.code, "appeals_officer", "appeals-officer", "Sinta Maharani"),
    AccountPlan(CITY.code, "clerk", "clerk", "Rudi Hartanto", ("mpp",)),
    AccountPlan(CITY.code, "moderator", "moderator", "Melati Kusumawardani"),
    AccountPlan(CITY.code, "inspector", "inspector", "Parlindungan Sihombing"),
    AccountPlan(CITY.code, "hr", "hr", "Wiwik Handayani"),
    AccountPlan(CITY.code, "auditor", "auditor", "Teguh Prakoso"),
    AccountPlan(
        CITY.code, "data_protection_officer", "data-protection-officer", "Amalia Rahmawati"
    ),
    AccountPlan(CITY.code, "administrator", "administrator", "Ilham Nugraha"),
)
_OTHERS = (
    AccountPlan(CITY.code, "supervisor", "supervisor.utara", "Laksmi Hendarto", ("kec-utara",)),
    AccountPlan(CITY.code, "supervisor", "supervisor.tengah", "Basuki Rahardjo", ("kec-tengah",)),
    AccountPlan(CITY.code, "supervisor", "supervisor.selatan", "Tiur Manurung", ("kec-selatan",)),
    AccountPlan(
        CITY.code,
        "supervisor",
        "supervisor.dinas",
        "Hasan Basri",
        ("dinsos", "bapenda", "disnaker"),
    ),
    AccountPlan(CITY.code, "hr", "hr.kedua", "Ratna Kusumaningrum"),
    AccountPlan(NEIGHBOUR.code, "supervisor", "supervisor", "I Gede Arnawa"),
)


def account_plans(people: list[Person]) -> list[AccountPlan]:
    """The accounts of the demo: first one for each role, then the others."""
    own = [_own(person) for person in people if person.role not in {COLLEAGUE, HEAD}]
    return [own[0], *_OFFICIALS, *own[1:], *_OTHERS]


def _own(person: Person) -> AccountPlan:
    """An employee's own account, by first name; the story's people are all of the city."""
    mailbox = ".".join(person.name.lower().split()[:2])
    return AccountPlan(CITY.code, "employee", mailbox, person.name, (person.office,), person.id)
