"""That ratings left the portal as a file stands in the audit log."""

from datetime import datetime

from portal.db import begin_write, db
from portal.people.actions import note_act
from portal.people.models import Account
from portal.ratings.models import Release


def note_export(
    by: Account | None,
    agency_id: int,
    release: Release,
    *,
    kind: str,
    ratings: int,
    now: datetime,
) -> None:
    """So many ratings of a release were taken away; by nobody means the command line."""
    detail: dict[str, object] = {"ratings": ratings, "release": release.number, "format": kind}
    if by is None:
        detail["by"] = "command line"
    subject = release.period
    begin_write()
    note_act(by, "ratings_exported", now, agency_id=agency_id, subject=subject, detail=detail)
    db.session.commit()
