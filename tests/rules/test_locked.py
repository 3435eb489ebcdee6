"""Without uv, pip installs the versions of uv.lock too: python -m tests.rules.test_locked"""

import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
HEAD = """\
# The versions of uv.lock, for pip. After a change of uv.lock: python -m tests.rules.test_locked
"""


def locked() -> str:
    """A line for each package of uv.lock; of several versions, with what each is for."""
    packages = [
        one
        for one in tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
        if "registry" in one["source"]
    ]
    versions = Counter(one["name"] for one in packages)
    lines = []
    for one in packages:
        markers = " or ".join(f"({marker})" for marker in one.get("resolution-markers", ()))
        several = f" ; {markers}" if versions[one["name"]] > 1 else ""
        lines.append(f"{one['name']}=={one['version']}{several}\n")
    return HEAD + "".join(lines)


def test_pip_is_held_to_the_versions_of_uv() -> None:
    assert CONSTRAINTS.read_text("utf-8") == locked(), "python -m tests.rules.test_locked"
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert makefile.count("$(PIP) --constraint constraints.txt") == 3


if __name__ == "__main__":
    CONSTRAINTS.write_text(locked(), "utf-8")
