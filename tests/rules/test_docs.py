"""Documents say what the program does: every command and setting, both READMEs alike."""

import re
from pathlib import Path

import pytest
from click import Context

from portal.cli import COMMANDS, main
from portal.config import Settings
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
    for_tests = {"PORTAL_TEST_PG_URL", "PORTAL_TEST_REQUIRE_ALL", "PORTAL_FUZZ_BODIES"}
    assert set(re.findall(r"PORTAL_[A-Z_]+[A-Z]", all_text())) <= known | for_tests


def test_both_readmes_have_the_same_parts_and_the_same_commands() -> None:
    english, indonesian = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.id.md")
    )
    blocks = re.compile(r"^```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
    headings = re.compile(r"^(#+) ", re.MULTILINE)
    assert headings.findall(outside_blocks(english)) == headings.findall(outside_blocks(indonesian))
    assert [commands(block) for block in blocks.findall(english)] == [
        commands(block) for block in blocks.findall(indonesian)
    ]


def outside_blocks(page: str) -> str:
    return re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    """The lines of a block without their comments, which are in the reader's language."""
    lines = [re.sub(r"\s*#.*", "", line) for line in block.splitlines()]
    return [line for line in lines if line]


def test_links_between_documents_lead_somewhere() -> None:
    for path in [*DOCUMENTS, ROOT / "README.id.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
