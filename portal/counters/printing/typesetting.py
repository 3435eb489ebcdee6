"""Pages out of a template and its data, made by a process of their own."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Literal

Output = Literal["pdf", "png", "svg"]

_TYPESETTER = Path(__file__).with_name("typesetter.py")
_LONGEST = 120  # seconds; the largest part takes about two
# Each needs a core and up to 150 MB: what is asked for meanwhile waits for its turn.
AT_ONCE = 2
_TURN = BoundedSemaphore(AT_ONCE)


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
    Raises NotTypeset.
    """
    asked = {
        "template": template,
        "data": json.dumps(data),
        "output": output,
        "ppi": ppi,
        "made_at": made_at and made_at.replace(microsecond=0).isoformat(),
    }
    with _TURN:
        done = subprocess.run(  # noqa: S603  our own program; what comes from outside is on stdin
            [sys.executable, "-I", str(_TYPESETTER)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=_LONGEST,
            check=False,
        )
    if done.returncode != 0 or not done.stdout:
        raise NotTypeset(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout
