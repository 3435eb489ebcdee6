"""Draft the next migration from what changed in the models.

    .venv/bin/python migrations/revise.py "what changes"

Compares the models with a fresh database of the latest migration. The draft is read, completed
(triggers, data, the way back) and tried by tests/rules/test_migrations.py.
"""

import sys
import tempfile
from pathlib import Path

import flask_migrate

from portal import create_app
from portal.config import Settings
from portal.db import db

HEAD = Path(__file__).parent / "HEAD"


def main(what: str) -> None:
    number = f"{int(HEAD.read_text(encoding='utf-8')) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(database_url=f"sqlite:///{folder}/portal.db"))
        with app.app_context():
            flask_migrate.upgrade()
            flask_migrate.revision(message=what, autogenerate=True, rev_id=number)
            db.engine.dispose()
    HEAD.write_text(f"{number}\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('say what changes: migrations/revise.py "a table of visits"')
    main(sys.argv[1])
