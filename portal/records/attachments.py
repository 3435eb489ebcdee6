"""Files that come with a reply: checked by what is in them, never by their names."""

import shlex
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO

import structlog
from sqlalchemy import select

from portal.config import Settings
from portal.db import db
from portal.records.attachment_models import Attachment
from portal.records.models import Contest, Reply, ReviewRequest
from portal.records.pictures import NoPicture, without_metadata

MIB = 1024 * 1024
# For all files of a form: the proxy gives up after 60, when the form may yet be stored.
SCAN_SECONDS = 45
# What a file begins with, and what stands near its end.
SIGNS = {
    "pdf": (b"%PDF-", b"%%EOF"),
    "png": (b"\x89PNG\r\n\x1a\n", b"IEND"),
    "jpeg": (b"\xff\xd8\xff", b"\xff\xd9"),
}
END = 1024  # bytes in which the end is looked for
TYPES = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}

log = structlog.get_logger()


class TooManyFiles(Exception):
    """More files than one reply takes."""


class TooLarge(Exception):
    """A file is larger than the agency's limit."""


class WrongKind(Exception):
    """A file is neither a PDF nor a PNG nor a JPEG, whatever its name says."""


class Infected(Exception):
    """The scanner refuses the file."""


class NotScanned(Exception):
    """The scanner could not be run: nothing is taken unscanned."""


@dataclass(frozen=True)
class Checked:
    """A file that may be kept."""

    kind: str
    content: bytes


def kind_of(content: bytes) -> str:
    """pdf, png or jpeg, by the bytes it begins and ends with; raises WrongKind."""
    for kind, (start, end) in SIGNS.items():
        if content.startswith(start) and end in content[-END:]:
            return kind
    raise WrongKind


def check_files(files: Sequence[IO[bytes]], settings: Settings) -> list[Checked]:
    """All files of a form, or the first refusal: TooManyFiles, TooLarge, WrongKind, Infected,
    NotScanned. At most one byte more than the limit is read of each; pictures lose what is
    written beside them."""
    if len(files) > settings.attachment_count:
        raise TooManyFiles
    limit = settings.attachment_megabytes * MIB
    given = []
    for file in files:
        content = file.read(limit + 1)
        if len(content) > limit:
            raise TooLarge
        given.append(Checked(kind_of(content), content))
    if settings.scan_command:
        until = time.monotonic() + SCAN_SECONDS
        for one in given:
            _scan(one.content, settings.scan_command, until - time.monotonic())
    return [_kept(one) for one in given]


def _kept(given: Checked) -> Checked:
    """What is kept of a file: pictures without where, when and with what they were taken."""
    try:
        return Checked(given.kind, without_metadata(given.kind, given.content))
    except NoPicture:
        raise WrongKind from None


def _scan(content: bytes, command: str, seconds: float) -> None:
    """The command gets the file on its standard input; only exit status 0 lets it pass."""
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command, without a shell
            shlex.split(command),
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=max(seconds, 0),
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        log.error("scan_failed", error=type(error).__name__)
        raise NotScanned from None
    if done.returncode:
        log.warning("attachment_refused", status=done.returncode)
        raise Infected


def attach(
    made: Reply | Contest | ReviewRequest,
    employee_id: int,
    files: Sequence[Checked],
    now: datetime,
) -> None:
    """Keep the files with what was said, within the transaction that says it."""
    if not files:
        return
    db.session.flush()
    parents = {Reply: "reply_id", Contest: "contest_id", ReviewRequest: "request_id"}
    db.session.add_all(
        Attachment(
            agency_id=made.agency_id,
            employee_id=employee_id,
            **{parents[type(made)]: made.id},
            kind=one.kind,
            size=len(one.content),
            digest=sha256(one.content).hexdigest(),
            at=now,
            content=one.content,
        )
        for one in files
    )


def file_name(one: Attachment) -> str:
    """What it is called when it is downloaded; the name it came with is not kept."""
    return f"lampiran-{one.id}.{one.kind}"


def attachments_about(agency_id: int, employee_id: int) -> dict[int, list[Attachment]]:
    """An employee's files without their content, by the id of what they belong to."""
    found: dict[int, list[Attachment]] = {}
    rows = db.session.scalars(
        select(Attachment)
        .where(Attachment.agency_id == agency_id, Attachment.employee_id == employee_id)
        .order_by(Attachment.at, Attachment.id)
    )
    for row in rows:
        parent = row.reply_id or row.contest_id or row.request_id or 0
        found.setdefault(parent, []).append(row)
    return found
