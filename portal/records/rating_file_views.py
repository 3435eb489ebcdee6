"""Where a person takes away the released ratings of a quarter, as far as their offices go."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import BoundedSemaphore

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.queries import scope_of
from portal.records import evidence
from portal.records.blueprint import blueprint, known_period
from portal.records.queries import last_releases
from portal.records.rating_file_actions import note_export
from portal.records.rating_files import RatingFile, moment_of, rating_file
from portal.records.rating_writers import (
    CELLS,
    parquet_installed,
    write_csv,
    write_parquet,
    write_xlsx,
)

TAKERS = ("hr", "administrator")
MOST_ON_A_SHEET = 200_000  # more takes too long while somebody waits
PIECE = 1 << 16
# Each takes 60 bytes a rating until its file is written: what is asked for meanwhile waits for
# its turn. Then it lies on disk, however slowly it is fetched.
_ONE_AT_A_TIME = BoundedSemaphore(1)
WRITERS: dict[str, Callable[[Path, RatingFile], None]] = {
    "csv": lambda path, found: write_csv(path, found.rows),
    "xlsx": lambda path, found: write_xlsx(path, found.rows, found.lines),
    "parquet": lambda path, found: write_parquet(path, found.rows),
}
TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@blueprint.get("/rating-files")
@role(*TAKERS)
def rating_files() -> ResponseReturnValue:
    """The quarters of which something is released, newest first."""
    return render_template(
        "records/rating_files.html",
        releases=last_releases(current_user.agency_id),
        whole=scope_of(current_user, *TAKERS).offices is None,
        parquet=parquet_installed(),
        most=MOST_ON_A_SHEET,
        zone=current_user.agency.timezone,
    )


@blueprint.get("/rating-files/<period>.csv")
@role(*TAKERS)
def ratings_csv(period: str) -> ResponseReturnValue:
    """As many lines as there are."""
    return _file(period, "csv")


@blueprint.get("/rating-files/<period>.xlsx")
@role(*TAKERS)
def ratings_xlsx(period: str) -> ResponseReturnValue:
    """A workbook, of as many ratings as can be waited for."""
    return _file(period, "xlsx", most=MOST_ON_A_SHEET)


@blueprint.get("/rating-files/<period>.parquet")
@role(*TAKERS)
def ratings_parquet(period: str) -> ResponseReturnValue:
    """For programs that analyse; there is no such page where what writes it is not installed."""
    if not parquet_installed():
        abort(404)
    return _file(period, "parquet")


def _file(period: str, kind: str, most: int | None = None) -> ResponseReturnValue:
    """The ratings of the reader's offices: whole on disk before they leave, gone afterwards.

    That they leave stands in the audit log before they do.
    """
    release = evidence.last_release(current_user.agency_id, known_period(period))
    if release is None:
        abort(404)
    with _ONE_AT_A_TIME:
        found = rating_file(scope_of(current_user, *TAKERS), moment_of(release), cell=CELLS[kind])
        if most is not None and found.lines > most:
            flash(_("Terlalu banyak penilaian untuk XLSX di sini. Ambil CSV."), "warning")
            return redirect(url_for("records.rating_files"))
        note_export(
            current_user,
            current_user.agency_id,
            release,
            kind=kind,
            ratings=found.lines,
            now=clock.now(),
        )
        folder = tempfile.TemporaryDirectory(prefix="portal-ratings-")
        path = Path(folder.name) / f"ratings.{kind}"
        WRITERS[kind](path, found)
    name = f"attachment; filename=ratings-{period}.{kind}"
    headers = {"Content-Disposition": name, "Content-Length": str(path.stat().st_size)}
    response = Response(_pieces_of(path, folder), mimetype=TYPES[kind], headers=headers)
    response.call_on_close(folder.cleanup)  # also if nobody waits for it any more
    return response


def _pieces_of(path: Path, folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
