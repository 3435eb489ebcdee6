"""Pages out of a template and its data, made by a process of their own."""

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Literal

from portal.counters.printing.glyphs import drawable

Output = Literal["pdf", "png", "svg"]

_TYPESETTER = Path(__file__).with_name("typesetter.py")
_LONGEST = 120  # seconds; the largest part takes about two
# Each needs a core and up to 150 MB: what is asked for meanwhile waits for its turn.
AT_ONCE = 2
_TURN = BoundedSemaphore(AT_ONCE)
# What PDF/A refuses: text without a picture, and what stands for no character of the standard.
_UNDRAWABLE = re.compile(r"could not be displayed|contains the codepoint")


class NotTypeset(RuntimeError):
    """The typesetter failed; its words are the reason."""


def typeset(
    template: str,
    data: dict[str, Any],
    *,
    output: Output = "pdf",
    ppi: int = 150,
    made_at: datetime | None = None,
) -> bytes:
    """A tagged PDF/A-2a with its fonts inside, or the first page as PNG or SVG.

    template: a file's name in this folder, or its whole path elsewhere.

    PDF/A wants the time of making in the file; given, it makes the file the same byte for byte.
    Where a character cannot be drawn, as an emoji, all that the fonts lack become U+FFFD, and the
    template finds `replaced` in its data. Raises NotTypeset.
    """
    asked = {
        "template": template,
        "data": json.dumps(data),
        "output": output,
        "ppi": ppi,
        "made_at": made_at and made_at.replace(microsecond=0).isoformat(),
    }
    done = _run(asked)
    if done.returncode != 0 and _UNDRAWABLE.search(_words(done)):
        done = _run(asked | {"data": json.dumps(drawable(data) | {"replaced": True})})
    if done.returncode != 0 or not done.stdout:
        raise NotTypeset(_words(done))
    return done.stdout


def _run(asked: dict[str, Any]) -> subprocess.CompletedProcess[bytes]:
    with _TURN:
        return subprocess.run(  # noqa: S603  our own program; what comes from outside is on stdin
            [sys.executable, "-I", str(_TYPESETTER)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=_LONGEST,
            check=False,
        )


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stderr.decode(errors="replace")[-2000:]
