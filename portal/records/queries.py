"""Reads for the pages of records: stored figures of finished releases, never raw sums."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select

from portal.db import db
from portal.ratings.models import Release
from portal.records.models import Score, ScoringRun


def visible_scores(*columns: Any) -> Select[Any]:
    """Scores of runs whose release is finished; what an unfinished one wrote nobody sees."""
    return (
        select(*columns)
        .select_from(Score)
        .join(
            ScoringRun,
            and_(ScoringRun.agency_id == Score.agency_id, ScoringRun.id == Score.run_id),
        )
        .join(
            Release,
            and_(
                Release.agency_id == ScoringRun.agency_id,
                Release.period == ScoringRun.period,
                Release.number == ScoringRun.release,
                Release.done_at.is_not(None),
            ),
        )
    )


@dataclass(frozen=True)
class Shown:
    """A score with the run it is from."""

    score: Score
    run: ScoringRun


def shown_score(agency_id: int, employee_id: int, period: str) -> Shown | None:
    """The latest score of an employee in a period that is visible."""
    row = db.session.execute(
        visible_scores(Score, ScoringRun)
        .where(
            Score.agency_id == agency_id,
            Score.employee_id == employee_id,
            Score.period == period,
        )
        .order_by(ScoringRun.release.desc())
        .limit(1)
    ).first()
    return Shown(row[0], row[1]) if row else None
