"""Where a person takes away the released ratings of a quarter, as far as their offices go."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import BoundedSemaphore

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.queries import scope_of
from portal.ratings.models import Release
from portal.records import evidence
from portal.records.blueprint import blueprint, known_period
from portal.records.queries import last_releases
from portal.records.rating_file_actions import note_export
from portal.records.rating_files import RatingFile, moment_of, rating_file
from portal.records.rating_writers import (
    CELLS,
    csv_text,
    parquet_installed,
    write_parquet,
    write_xlsx,
)

TAKERS = ("hr", "administrator")
MOST_ON_A_SHEET = 200_000  # more takes too long while somebody waits
PIECE = 1 << 16
# Each holds 60 bytes a rating: what is asked for meanwhile waits for its turn.
_ONE_AT_A_TIME = BoundedSemaphore(1)
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
    """Line by line; the database is let go of before the first leaves."""
    release = _released(period)
    found = _read(release, "csv")
    _note(release, "csv", found)
    return _file(csv_text(found.rows), period, "csv")


@blueprint.get("/rating-files/<period>.xlsx")
@role(*TAKERS)
def ratings_xlsx(period: str) -> ResponseReturnValue:
    """A workbook, of as many ratings as can be waited for."""
    release = _released(period)
    found = _read(release, "xlsx")
    if found.lines > MOST_ON_A_SHEET:
        flash(_("Terlalu banyak penilaian untuk XLSX di sini. Ambil CSV."), "warning")
        return redirect(url_for("records.rating_files"))
    _note(release, "xlsx", found)
    return _made(period, "xlsx", lambda path: write_xlsx(path, found.rows, found.lines))


@blueprint.get("/rating-files/<period>.parquet")
@role(*TAKERS)
def ratings_parquet(period: str) -> ResponseReturnValue:
    """For programs that analyse; there is no such page where what writes it is not installed."""
    if not parquet_installed():
        abort(404)
    release = _released(period)
    found = _read(release, "parquet")
    _note(release, "parquet", found)
    return _made(period, "parquet", lambda path: write_parquet(path, found.rows))


def _released(period: str) -> Release:
    release = evidence.last_release(current_user.agency_id, known_period(period))
    if release is None:
        abort(404)
    return release


def _read(release: Release, kind: str) -> RatingFile:
    """The ratings of the reader's offices."""
    scope = scope_of(current_user, *TAKERS)
    with _ONE_AT_A_TIME:
        return rating_file(scope, moment_of(release), cell=CELLS[kind])


def _note(release: Release, kind: str, found: RatingFile) -> None:
    """That they leave stands in the audit log before they do."""
    note_export(
        current_user,
        current_user.agency_id,
        release,
        kind=kind,
        ratings=found.lines,
        now=clock.now(),
    )


def _made(period: str, kind: str, write: Callable[[Path], None]) -> Response:
    """A file that is whole before it leaves, and gone afterwards."""
    folder = tempfile.TemporaryDirectory(prefix="portal-ratings-")
    path = Path(folder.name) / f"ratings.{kind}"
    with _ONE_AT_A_TIME:
        write(path)
    response = _file(_pieces_of(path, folder), period, kind)
    response.call_on_close(folder.cleanup)  # also if nobody waits for it any more
    return response


def _pieces_of(path: Path, folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _file(pieces: Iterable[str] | Iterable[bytes], period: str, kind: str) -> Response:
    name = f"attachment; filename=ratings-{period}.{kind}"
    return Response(pieces, mimetype=TYPES[kind], headers={"Content-Disposition": name})
