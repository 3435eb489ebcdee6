"""Files that were long in the making lie ready for an hour, for whom they were made, so that a
broken download goes on where it ended."""

import shutil
import tempfile
import time
from pathlib import Path

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from portal.people.models import Account

LIFE = 3600  # seconds
PREFIX = "portal-prepared-"


def new_place(name: str) -> Path:
    """Where a file of this name can be written: in a folder of its own, closed to others."""
    forget_old()
    return Path(tempfile.mkdtemp(prefix=PREFIX)) / name


def token_of(account: Account, path: Path) -> str:
    """What leads this account, and nobody else, to its file."""
    return str(_serializer().dumps([account.id, path.parent.name, path.name]))


def place_of(account: Account, token: str) -> Path | None:
    """The file of a token; none of another's, nor of one that has been removed."""
    try:
        owner, folder, name = _serializer().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    path = Path(tempfile.gettempdir()) / folder / name
    return path if owner == account.id and path.exists() else None


def forget_old() -> None:
    """Remove what has lain ready for an hour, or was left unfinished as long ago."""
    end = time.time() - LIFE
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if folder.lstat().st_mtime < end:
            shutil.rmtree(folder, ignore_errors=True)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SETTINGS"].signing_keys, salt="prepared file")
