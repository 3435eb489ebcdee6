"""Documents say what the program does: every command and every setting."""

import re
from pathlib import Path

import pytest
from click import Context

import portal.operations.due_work  # noqa: F401  with it every table is known
from portal.cli import COMMANDS, main
from portal.config import Settings
from portal.db import Base
from portal.operations.settings_command import document

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def all_text() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_documented(name: str) -> None:
    assert f"portal {name}" in all_text()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_loads_and_explains_itself(name: str) -> None:
    context = Context(main, info_name="portal")
    command = main.get_command(context, name)
    assert command is not None
    assert command.help, "say what it does"
    for option in command.params:
        if option.param_type_name == "option" and not getattr(option, "hidden", False):
            described = getattr(option, "help", None)
            assert described or option.name in {"port", "out", "timezone", "role"}, option.name


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert f"PORTAL_{name.upper()}" in all_text()


def test_the_table_of_settings_is_the_one_the_program_prints() -> None:
    assert document() in (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")


def test_no_document_names_a_setting_that_is_not_there() -> None:
    known = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
    for_tests = {f"PORTAL_TEST_{name}" for name in ("PG_URL", "REQUIRE_ALL", "PICTURES")}
    named = set(re.findall(r"PORTAL_[A-Z_]+[A-Z]", all_text()))
    assert named <= known | for_tests | {"PORTAL_FUZZ_BODIES"}


@pytest.mark.parametrize("name", ["README.md", "README.id.md", "docs/architecture.md"])
def test_every_package_stands_in_the_tree_and_in_the_diagram(name: str) -> None:
    blocks = re.findall(r"^```text\n(.*?)^```", text_of(name), re.MULTILINE | re.DOTALL)
    packages = {path.parent.name for path in (ROOT / "portal").glob("*/__init__.py")}
    assert {one for one in packages if not re.search(rf"\b{one}\b", "".join(blocks))} == set()


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_every_table_stands_among_the_tables(table: str) -> None:
    assert f"`{table}`" in text_of("docs/architecture.md").split("## Tables")[1]


def test_every_benchmark_is_run_by_make_or_named_as_run_by_hand() -> None:
    runnable = {
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if "__main__" in path.read_text("utf-8")
    }
    (made,) = re.findall(r"^BENCHMARKS = (.*)$", text_of("Makefile"), re.MULTILINE)
    (told,) = re.findall(
        r"`make bench` runs them, but for (.*?): these", text_of("benchmarks/README.md")
    )
    by_hand = set(re.findall(r"`(\w+)`", told))
    assert set(made.split()) | by_hand == runnable
    assert not set(made.split()) & by_hand


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
