"""An application whose wiring is looked at; its database is never opened."""

from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from tests.conftest import settings_for


@pytest.fixture(scope="session")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    path: Path = tmp_path_factory.mktemp("wired") / "portal.db"
    return create_app(settings_for(f"sqlite:///{path}"))
