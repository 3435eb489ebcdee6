"""The worked examples of docs/scoring.md and docs/scoring.id.md, from the demo city.

    python -m benchmarks.examples [--write]

Makes the demo as it was on 23 November 2026 and prints its examples, or puts them between the
marks of both documents. A test holds that the documents say what the demo says.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click

from portal import create_app
from portal.config import Settings
from portal.db import db
from portal.demo import building
from portal.i18n import rounded
from portal.people.models import Employee
from portal.records import queries
from portal.records.funnel import funnel
from portal.records.queries import Shown, shown_score

AS_OF = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PERIOD, BEFORE = "2026-Q4", "2026-Q3"
ROLES = {"strong_on_hard_service": PERIOD, "weak_on_easy_service": BEFORE, "attacked": PERIOD}
DOCUMENTS = {
    "en": Path(__file__).parent.parent / "docs" / "scoring.md",
    "id": Path(__file__).parent.parent / "docs" / "scoring.id.md",
}
START, END = "<!-- examples: python -m benchmarks.examples --write -->", "<!-- end of examples -->"
WORDS = {
    "en": {
        "step": "step", "quarter": "quarter",
        "start": "mean of all ratings", "excluded": "1. without those set aside",
        "circumstances": "2. service, channel, period, form", "caution": "3. caution",
        "past": "4. the quarter before",
        "score": "score", "range": "95 % interval", "to": "to", "counted": "counted; set aside",
        "reliability": "reliability", "above": "chance of being above 93",
        "below": "chance of being below 76.61", "advice": "advice",
        "what_if": "ten more best answers", "needed": "ratings still needed",
        "funnel": "in the funnel", "none": "no number would do", "little": "under 1 %",
        "much": "over 99 %",
        "award_candidate": "award candidate", "guidance_candidate": "guidance candidate",
        "no_advice": "none", "insufficient": "insufficient",
        "inside": "within 95 %", "between": "between 95 and 99.8 %", "outside": "outside 99.8 %",
    },
    "id": {
        "step": "langkah", "quarter": "triwulan", "start": "rata-rata semua penilaian",
        "excluded": "1. tanpa yang disisihkan",
        "circumstances": "2. layanan, saluran, triwulan, formulir", "caution": "3. kehati-hatian",
        "past": "4. triwulan sebelumnya",
        "score": "nilai", "range": "rentang 95 %", "to": "sampai",
        "counted": "dihitung; disisihkan", "reliability": "keandalan",
        "above": "peluang di atas 93", "below": "peluang di bawah 76,61", "advice": "saran",
        "what_if": "sepuluh penilaian terbaik lagi", "needed": "penilaian yang masih diperlukan",
        "funnel": "dalam corong", "none": "tidak ada jumlah yang cukup",
        "little": "kurang dari 1 %", "much": "lebih dari 99 %",
        "award_candidate": "calon penghargaan", "guidance_candidate": "calon pembinaan",
        "no_advice": "tidak ada", "insufficient": "belum cukup",
        "inside": "di dalam 95 %", "between": "antara 95 dan 99,8 %", "outside": "di luar 99,8 %",
    },
}  # fmt: skip


def examples(guide: dict[str, Any], language: str) -> str:
    """The table of one document; needs the demo's application context. `guide`: demo.json."""
    people = [
        next(one["id"] for one in guide["employees"] if one["role_in_story"] == role)
        for role in ROLES
    ]
    quarters = [*ROLES.values(), PERIOD]
    columns = [
        _column(person, quarter, language)
        for person, quarter in zip([*people, _rarely_rated(people[0])], quarters, strict=True)
    ]
    words = WORDS[language]
    lines = [
        f"| {words['step']} | " + " | ".join(column.pop("name") for column in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for name in columns[0]:
        cells = [column[name] for column in columns]
        bold = "**" if name == "score" else ""
        lines.append(
            f"| {bold}{words[name]}{bold} | "
            + " | ".join(f"{bold}{cell}{bold}" for cell in cells)
            + " |"
        )
    return "\n".join(lines)


def _rarely_rated(colleague: int) -> int:
    """Whoever of the same agency has the fewest ratings that make a score."""
    agency_id = db.session.scalars(
        db.select(Employee.agency_id).where(Employee.id == colleague)
    ).one()
    everybody = db.session.scalars(
        db.select(Employee.id).where(Employee.agency_id == agency_id).order_by(Employee.id)
    ).all()
    scores = queries.shown_scores(agency_id, PERIOD, everybody)
    return min((score.counted, employee) for employee, score in scores.items())[1]


def _column(employee_id: int, quarter: str, language: str) -> dict[str, str]:
    employee = db.session.scalars(db.select(Employee).where(Employee.id == employee_id)).one()
    shown = shown_score(employee.agency_id, employee_id, quarter)
    if shown is None:
        raise LookupError(f"the demo has no score of {employee.name}")
    return {"name": employee.name, "quarter": quarter, **_figures(shown, language)}


def _figures(shown: Shown, language: str) -> dict[str, str]:
    """The figures as the record page shows them: changes are differences of shown levels."""
    words, score, detail = WORDS[language], shown.score, shown.score.detail
    plot = funnel(shown, 5)
    levels = [sum(detail["steps"][: at + 1]) for at in range(4)] + [score.score]
    levels = [rounded(level) for level in levels]
    changes = [after - before for before, after in pairwise(levels)]
    what_if, needed = detail["what_if"], detail["needed"]

    def say(value: float | Decimal, digits: int = 1) -> str:
        text = str(rounded(value, digits))
        return text.replace(".", ",") if language == "id" else text

    def chance(value: float) -> str:
        if not 0.01 <= value <= 0.99:
            return words["little"] if value < 0.5 else words["much"]
        return f"{say(100 * value, 0)} %"

    def change(value: Decimal) -> str:
        return f"{'+' if value > 0 else '−' if value < 0 else '±'}{say(abs(value))}"

    advice = "no_advice" if score.advice == "none" else score.advice
    return {
        "start": say(levels[0]),
        "excluded": change(changes[0]),
        "circumstances": change(changes[1]),
        "caution": change(changes[2]),
        "past": change(changes[3]),
        "score": say(score.score),
        "range": f"{say(score.lo)} {words['to']} {say(score.hi)}",
        "counted": f"{score.counted}; {score.set_aside}",
        "reliability": say(score.reliability, 2),
        "above": chance(score.p_above),
        "below": chance(score.p_below),
        "advice": words[advice],
        "what_if": f"{say(what_if['score'])} ({say(what_if['lo'])} {words['to']} "
        f"{say(what_if['hi'])})",
        "needed": words["none"] if needed is None else str(needed),
        "funnel": words[plot.place.split("_")[0]] if plot else "–",
    }


def written(document: str, table: str) -> str:
    """A document with the table between its marks."""
    inside = re.compile(f"({re.escape(START)}\n).*?(\n{re.escape(END)})", re.DOTALL)
    return inside.sub(lambda found: f"{found[1]}\n{table}\n{found[2]}", document)


@contextmanager
def _demo() -> Iterator[dict[str, Any]]:
    """The demo city of that day, within its application context."""
    with tempfile.TemporaryDirectory() as folder, patch("portal.clock.now", lambda: AS_OF):
        data = Path(folder)
        settings = Settings(
            database_url=f"sqlite:///{building.database_path(data)}",
            log_level="ERROR",
            environment="development",
            public_url="http://127.0.0.1:8000",
        )
        building.build(data, settings, days=120, seed=1, say=lambda text: None)
        app = create_app(settings)
        with app.app_context():
            yield building.write_addresses(data, settings.public_url, settings.public_url)
            db.engine.dispose()


@click.command(help=__doc__)
@click.option("--write", is_flag=True, help="Put them into the documents.")
def main(write: bool) -> None:
    with _demo() as guide:
        for language, path in DOCUMENTS.items():
            table = examples(guide, language)
            if write:
                path.write_text(written(path.read_text("utf-8"), table), encoding="utf-8")
            else:
                click.echo(f"{table}\n")


if __name__ == "__main__":
    main()
