"""Reads for the pages of records: stored figures of finished releases, never raw sums."""

from typing import Any

from sqlalchemy import Select, and_, select

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
