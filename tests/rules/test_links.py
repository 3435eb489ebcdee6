"""What documents point to is there: files, headings, pictures, make targets, tests; both READMEs
alike."""

import ast
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
SCREENSHOTS = sorted((ROOT / "docs" / "screenshots").iterdir())
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Paths in running text, such as `portal/ratings/models.py`.
NAMED = re.compile(
    r"`((?:portal|tests|migrations|translations|docs|deploy|benchmarks)/[\w./-]*[\w/])`"
)
# The example of a new language is not there until somebody adds it.
EXAMPLES = ("translations/ms/",)


def documents() -> list[Path]:
    hidden = {".venv", "instance", "node_modules"}
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return sorted(
        path
        for path in found
        if not any(part in hidden or part.startswith(".") for part in path.parts)
    )


@cache
def text(path: Path) -> str:
    """A document without its blocks of commands."""
    whole = (ROOT / path).read_text(encoding="utf-8")
    return re.sub(r"^ *```.*?^ *```", "", whole, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(path: Path) -> set[str]:
    """The headings of a document, as they are linked to."""
    headings = re.findall(r"^#+ (.+)$", text(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_documents() -> None:
    assert {Path("README.md"), Path("README.id.md"), Path("docs/architecture.md")} <= set(
        documents()
    )


@pytest.mark.parametrize("path", documents(), ids=str)
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(text(path)):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        target, _, heading = unquote(link).partition("#")
        found = ((ROOT / path).parent / target).resolve() if target else ROOT / path
        assert found.exists(), link
        assert found.is_relative_to(ROOT), f"{link} leaves the repository"
        if heading:
            assert heading in anchors(found.relative_to(ROOT)), link


@pytest.mark.parametrize("path", documents(), ids=str)
def test_every_file_named_in_a_document_is_there(path: Path) -> None:
    named = [name for name in NAMED.findall(text(path)) if not name.startswith(EXAMPLES)]
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", documents(), ids=str)
def test_every_make_target_named_in_a_document_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    whole = (ROOT / path).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^ *|`)make ([a-z-]+)", whole, re.MULTILINE))
    assert named <= targets


def test_every_screenshot_is_shown_and_light() -> None:
    shown = {Path(link).name for path in documents() for link in LINK.findall(text(path))}
    assert {picture.name for picture in SCREENSHOTS} <= shown
    assert len(SCREENSHOTS) <= 12
    assert all(picture.stat().st_size <= 150_000 for picture in SCREENSHOTS)


def test_every_picture_of_the_story_is_shown_and_all_are_light() -> None:
    pictures = list((ROOT / "docs" / "story").iterdir())
    shown = {Path(link).name for link in LINK.findall(text(Path("docs/story.md")))}
    assert {picture.name for picture in pictures} <= shown
    assert sum(picture.stat().st_size for picture in pictures) <= 2_500_000


def test_both_readmes_have_the_same_sections_with_the_same_commands_links_and_lists() -> None:
    """Section by section, so that a part changed in one language only is seen."""
    english, indonesian = shape("README.md"), shape("README.id.md")
    assert len(english) == len(indonesian)
    for number, (one, other) in enumerate(zip(english, indonesian, strict=True)):
        assert one == other, f"section {number}"


# Documents that exist once a language.
TWINS = {
    "README.id.md": "README.md",
    "docs/scoring.id.md": "docs/scoring.md",
    "docs/kisah.md": "docs/story.md",  # shorter, for the READMEs alike
}


def shape(name: str) -> list[tuple[object, ...]]:
    """Of each section: its commands, what it links to, the files it names, its rows of tables, its
    numbered steps and its paragraphs."""
    whole = (ROOT / name).read_text(encoding="utf-8")
    sections = re.split(r"^## ", whole, flags=re.MULTILINE)
    return [
        (
            re.findall(r"^ *```sh\n(.*?)^ *```", section, re.MULTILINE | re.DOTALL),
            sorted(TWINS.get(link, link) for link in LINK.findall(section)),
            sorted(TWINS.get(path, path) for path in NAMED.findall(section)),
            len(re.findall(r"^\|", section, re.MULTILINE)),
            len(re.findall(r"^\d+\. ", section, re.MULTILINE)),
            len(re.findall(r"\n\n+(?=\S)", section)),
        )
        for section in sections
    ]


# A test by its file, or by "…" for the file that was named last.
TEST = re.compile(r"`(tests/[\w/]+\.py|…)::(test_\w+)`")


def named_tests(path: Path) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for file, name in TEST.findall(text(path)):
        found.append((found[-1][0] if file == "…" else file, name))
    return found


@cache
def defined_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("path", documents(), ids=str)
def test_every_test_named_in_a_document_is_there(path: Path) -> None:
    gone = [f"{file}::{name}" for file, name in named_tests(path) if name not in defined_in(file)]
    assert gone == []


def test_every_line_of_the_threat_model_names_its_test() -> None:
    rows = [line for line in text(Path("docs/privacy.md")).splitlines() if line.startswith("|")]
    headed = [at for at, line in enumerate(rows) if set(line) <= set("|-")]
    lines = [line for at, line in enumerate(rows) if not {at, at + 1} & set(headed)]
    assert len(lines) > 40
    assert [line for line in lines if not TEST.search(line)] == []
