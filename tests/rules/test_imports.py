"""Who may import whom: the arrows of the architecture, by reading the source."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

PORTAL = Path(__file__).parents[2] / "portal"
SOURCES = sorted(PORTAL.rglob("*.py"))
FEATURES = {path.parent.name for path in PORTAL.glob("*/__init__.py")}

# Package: the other packages of features it may import. A new package draws its arrows here.
ARROWS = {
    "people": set(),
    "counters": {"people"},
    "ratings": {"counters", "people"},
    "scoring": set(),
    "records": {"ratings", "counters", "people", "scoring"},
    "integrity": {"records", "ratings", "counters", "people"},
    "transparency": {"records", "ratings", "counters", "people"},
    "followups": {"transparency", "records", "ratings", "counters", "people"},
    "overview": {
        *("followups", "transparency", "records", "ratings", "counters", "people"),
    },
    "desk": {
        *("overview", "followups", "moderation", "transparency", "integrity"),
        *("records", "ratings", "counters", "people"),
    },
    "moderation": {"ratings", "counters", "people"},
    "assisted": {"ratings", "counters", "people"},
    "data_protection": {
        *("assisted", "followups", "integrity", "records", "ratings", "counters", "people"),
    },
    "survey": set(),
    "imports": {"records", "ratings", "counters", "people"},
    "operations": {
        *("ratings", "counters", "people", "records", "scoring", "integrity"),
        *("transparency", "assisted", "followups", "overview"),
    },
    "demo": {
        *("ratings", "counters", "people", "records", "scoring", "operations", "imports"),
        *("integrity", "transparency", "followups"),
    },
}
# These put the parts together.
COMPOSITION = {"__init__.py", "cli.py"}
# Inside a package: what a file must not import.
NOT_INSIDE = {
    "models": ("queries", "actions", "forms", "views"),
    "queries": ("actions", "forms", "views"),
    "actions": ("views",),
    "forms": ("actions", "views"),
}
# Scoring brings numpy and scipy, which a web process loads only when it must.
MAY_BE_LATE = {"portal.scoring"}
# What scoring may use; no clock, and no chance without a seed.
PURE = set(sys.stdlib_module_names) - {"time", "random", "secrets", "uuid"} | {
    *("numpy", "portal.scoring"),
    *("scipy.special", "scipy.sparse", "scipy.optimize"),
}
CLOCKS = {"now", "utcnow", "today"}
SEEDED = {"default_rng", "Generator"}  # of numpy.random; all else there shares one hidden state


def name_of(path: Path) -> str:
    return path.relative_to(PORTAL).as_posix()


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of what is imported: portal.people.models.Account."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(tree: ast.AST) -> set[str]:
    return {name.split(".")[1] for name in imported(tree) if name.startswith("portal.")} & FEATURES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_features_import_only_those_below_them(path: Path) -> None:
    used = own(ast.parse(path.read_text()))
    parts = path.relative_to(PORTAL).parts
    if len(parts) == 1:
        assert not used or path.name in COMPOSITION, f"the frame imports {used}"
        return
    assert parts[0] in ARROWS, f"draw the arrows of {parts[0]}"
    assert used - ARROWS[parts[0]] <= {parts[0]}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_of_ours_is_imported_inside_a_function(path: Path) -> None:
    late = [
        name
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for name in imported(function)
        if name.split(".")[0] == "portal"
    ]
    assert set(late) <= MAY_BE_LATE


def test_the_contract_of_the_frame_names_all_of_it_and_every_feature() -> None:
    settings = tomllib.loads((PORTAL.parent / "pyproject.toml").read_text("utf-8"))
    (contract,) = [
        one
        for one in settings["tool"]["importlinter"]["contracts"]
        if one["name"] == "the frame imports no feature"
    ]
    frame = {path.stem for path in PORTAL.glob("*.py") if path.name not in COMPOSITION}
    assert set(contract["source_modules"]) == {f"portal.{name}" for name in frame}
    assert set(contract["forbidden_modules"]) == {f"portal.{name}" for name in FEATURES}


def impure(source: str) -> list[str]:
    """What a source of the engine imports or calls that makes it other than pure."""
    tree = ast.parse(source)
    found = [name for name in imported(tree) if not PURE.intersection(_parents(name))]
    found += [name for name in (*imported(tree), *_dotted(tree)) if _unseeded(name)]
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func).split(".")[-1]
        nothing = not call.args or ast.unparse(call.args[0]) == "None"
        if name in CLOCKS or (name == "default_rng" and nothing):
            found.append(f"{name}()")
    return found


def _dotted(tree: ast.AST) -> Iterator[str]:
    return (ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def _unseeded(name: str) -> bool:
    """Whether something of numpy.random is meant that draws without a seed of its own."""
    for module in ("np.random.", "numpy.random."):
        if name.startswith(module):
            return name.removeprefix(module).split(".")[0] not in SEEDED
    return False


def _parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


@pytest.mark.parametrize("path", sorted((PORTAL / "scoring").rglob("*.py")), ids=name_of)
def test_scoring_is_pure(path: Path) -> None:
    assert impure(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        *("import random", "from time import time", "import pandas", "from portal.db import db"),
        *("from scipy import stats", "from scipy.stats import norm", "import scipy"),
        *("from scipy.linalg import solve_triangular", "from scipy import linalg"),
        *("from numpy.random import default_rng\ndefault_rng()", "datetime.now(UTC)"),
        *(
            "import numpy as np\nnp.random.default_rng(None)",
            "import numpy as np\nnp.random.rand(3)",
        ),
        *("from numpy.random import normal", "import numpy as np\nnp.random.seed(1)"),
    ],
)
def test_what_is_not_pure_is_seen(source: str) -> None:
    assert impure(source)


def test_inside_a_package_views_come_last_and_models_first() -> None:
    for path in SOURCES:
        package = path.parent.name
        for name in imported(ast.parse(path.read_text())):
            for module in NOT_INSIDE.get(path.stem, ()):
                assert not name.startswith(f"portal.{package}.{module}."), f"{path}: {name}"


def test_actions_know_nothing_of_requests() -> None:
    forbidden = {
        f"flask.{name}" for name in ("request", "g", "session", "flash", "render_template")
    }
    for path in PORTAL.rglob("actions*.py"):
        assert not forbidden & set(imported(ast.parse(path.read_text()))), path


def test_flask_babel_is_imported_in_one_place() -> None:
    users = {
        name_of(path)
        for path in SOURCES
        if any(name.startswith("flask_babel") for name in imported(ast.parse(path.read_text())))
    }
    assert users == {"i18n.py"}
