"""Where a person takes away the released ratings of a quarter, as far as their offices go."""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import BoundedSemaphore
from uuid import UUID

import structlog
from flask import (
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.access import role
from portal.i18n import gettext as _
from portal.people.queries import scope_of
from portal.ratings.models import Release
from portal.records import evidence, prepared_files
from portal.records.blueprint import blueprint, known_period
from portal.records.queries import last_releases
from portal.records.rating_file_actions import note_export
from portal.records.rating_files import (
    RatingFile,
    Reading,
    UnknownLine,
    moment_of,
    more_than,
    rating_file,
    ratings_in,
)
from portal.records.rating_writers import (
    CELLS,
    NotConverted,
    parquet_installed,
    write_csv,
    write_parquet,
    write_xlsx,
)

TAKERS = ("hr", "administrator")
AT_ONCE = 100_000  # ratings of which a file is made within seconds; of more with progress
STEP = 20_000  # ratings between two lines that tell how far it is
NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)
HERE = "<!-- here the page grows -->"
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

log = structlog.get_logger()


@blueprint.get("/rating-files")
@role(*TAKERS)
def rating_files() -> ResponseReturnValue:
    """The quarters of which something is released, newest first."""
    prepared_files.forget_old()
    return render_template(
        "records/rating_files.html",
        releases=last_releases(current_user.agency_id),
        whole=scope_of(current_user, *TAKERS).offices is None,
        parquet=parquet_installed(),
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
    """A workbook, of as many sheets as there must be."""
    return _file(period, "xlsx")


@blueprint.get("/rating-files/<period>.parquet")
@role(*TAKERS)
def ratings_parquet(period: str) -> ResponseReturnValue:
    """For programs that analyse; there is no such page where what writes it is not installed."""
    return _file(period, "parquet")


def _release_of(period: str, kind: str) -> Release:
    """That of `?release=`, so that the rest of a file can still be had when there is a newer one;
    else the last."""
    number = request.args.get("release")
    if number is not None and not NUMBER.fullmatch(number):
        abort(404)
    known = int(number) if number else None
    release = evidence.release_of(current_user.agency_id, known_period(period), known)
    if release is None or kind not in CELLS or (kind == "parquet" and not parquet_installed()):
        abort(404)
    return release


def _after() -> UUID | None:
    """The line that `?after=` names: the file begins with the next one."""
    named = request.args.get("after")
    try:
        return UUID(named) if named else None
    except ValueError:
        abort(404)


def _file(period: str, kind: str) -> ResponseReturnValue:
    """The ratings of the reader's offices: whole on disk before they leave, gone afterwards; many
    of them by way of the page that tells how far it is."""
    release, mine, after = _release_of(period, kind), scope_of(current_user, *TAKERS), _after()
    if more_than(AT_ONCE, mine, period):
        page = url_for(
            "records.make_rating_file",
            period=period,
            kind=kind,
            release=release.number,
            after=after,
        )
        return redirect(page)
    with _ONE_AT_A_TIME:
        try:
            found = rating_file(mine, moment_of(release), after, CELLS[kind])
        except UnknownLine:
            flash(
                _(
                    "Baris itu tidak ada dalam rilis %(release)s: setiap rilis memberi rating_id "
                    "sendiri. Pakai alamat berkas yang dulu, atau ambil berkas utuh.",
                    release=release.number,
                ),
                "warn",
            )
            return redirect(url_for("records.rating_files"))
        _note(release, kind, found)
        folder = tempfile.TemporaryDirectory(prefix="portal-ratings-")
        path = Path(folder.name) / f"ratings.{kind}"
        WRITERS[kind](path, found)
    name = f"attachment; filename=ratings-{period}.{kind}"
    headers = {"Content-Disposition": name, "Content-Length": str(path.stat().st_size)}
    response = Response(_pieces_of(path, folder), mimetype=TYPES[kind], headers=headers)
    response.call_on_close(folder.cleanup)  # also if nobody waits for it any more
    return response


def _note(release: Release, kind: str, found: RatingFile) -> None:
    """That ratings leave stands in the audit log before they do."""
    note_export(
        current_user,
        current_user.agency_id,
        release,
        kind=kind,
        ratings=found.lines,
        now=clock.now(),
    )


def _pieces_of(path: Path, folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


@blueprint.get("/rating-files/<period>/<kind>")
@role(*TAKERS)
def make_rating_file(period: str, kind: str) -> ResponseReturnValue:
    """The page grows while a large file is made: how far it is, then where it is fetched."""
    release, after = _release_of(period, kind), _after()
    page = render_template("records/rating_file.html", period=period, kind=kind, here=HERE)
    head, _here, tail = page.partition(HERE)

    def grown() -> Iterator[str]:
        yield head
        try:
            yield from _steps(release, kind, after)
        except UnknownLine:
            yield _step(kind, release.period, "unknown", release=release.number)
        except (SQLAlchemyError, OSError, NotConverted) as error:
            log.error("rating_file_not_made", error=type(error).__name__)
            yield _step(kind, release.period, "failed")
        yield tail

    # Servers in front shall hand on each line as it comes.
    return Response(stream_with_context(grown()), headers={"X-Accel-Buffering": "no"})


def _step(kind: str, period: str, state: str, **told: object) -> str:
    return render_template(
        "records/rating_file_step.html", kind=kind, period=period, state=state, **told
    )


def _steps(release: Release, kind: str, after: UUID | None) -> Iterator[str]:
    """Lines of the page, of which it shows the last one."""
    mine, period = scope_of(current_user, *TAKERS), release.period
    total, told = ratings_in(mine, period), 0
    yield _step(kind, period, "waiting")
    with _ONE_AT_A_TIME:
        reading = Reading(mine, moment_of(release), after, CELLS[kind])
        for read in reading:
            if read - told >= STEP:
                told = read
                yield _step(kind, period, "reading", read=read, total=max(total, read))
        yield _step(kind, period, "writing", total=total)
        found = reading.found
        _note(release, kind, found)
        path = prepared_files.new_place(f"ratings-{period}.{kind}")
        WRITERS[kind](path, found)
    token = prepared_files.token_of(current_user, path)
    size = path.stat().st_size
    yield _step(kind, period, "ready", lines=found.lines, size=size / 1e6, token=token)


@blueprint.get("/rating-files/ready/<token>")
@role(*TAKERS)
def ready_rating_file(token: str) -> ResponseReturnValue:
    """A file that was made on the page before, as often as it takes, or the rest of one."""
    path = prepared_files.place_of(current_user, token)
    if path is None:
        flash(_("Berkas hanya disimpan satu jam. Buat sekali lagi."), "warn")
        return redirect(url_for("records.rating_files"))
    kind = path.suffix.lstrip(".")
    return send_file(path, mimetype=TYPES[kind], as_attachment=True, download_name=path.name)
