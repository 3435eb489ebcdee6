"""Where the database is written, where the time comes from, and how long pieces are."""

import ast
import re
from pathlib import Path

import pytest

PORTAL = Path(__file__).parents[2] / "portal"
SOURCES = sorted(PORTAL.rglob("*.py"))
LONGEST_FUNCTION = 60  # the aim is 40

# Each action is one transaction; these files hold actions, or due work in short transactions.
MAY_COMMIT = re.compile(
    r"(^|/)(\w*actions\w*|mail|invitations|tick|partitions|releases?|closing|retention)\.py$"
    r"|^(imports|demo)/"
)
MAY_ASK_THE_TIME = {"clock.py"}


def name_of(path: Path) -> str:
    return path.relative_to(PORTAL).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_actions_commit(path: Path) -> None:
    if not MAY_COMMIT.search(name_of(path)):
        assert "commit(" not in path.read_text()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_the_time_is_asked_of_the_clock_alone(path: Path) -> None:
    if name_of(path) not in MAY_ASK_THE_TIME:
        assert not re.search(r"datetime\.(now|utcnow|today)\(|date\.today\(", path.read_text())


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_modules_are_named_for_their_subject(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "common", "manager", "misc", "service"}


def test_pages_hold_no_inline_style_or_script() -> None:
    """The policy of the staff pages forbids them; citizens' pages inline their style by hash."""
    for path in PORTAL.rglob("templates/**/*.html"):
        page = path.read_text()
        assert not re.search(r"\son[a-z]+=|javascript:", page), path
        assert not re.search(r"<[^>]*\sstyle=", page), path
        if "ratings" not in path.parts:
            assert "<style" not in page, path
            assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
