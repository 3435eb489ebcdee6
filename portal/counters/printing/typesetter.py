"""One document, in a process of its own: JSON on stdin, the finished file on stdout.

The typesetter keeps what it computed, about a megabyte a page, until its process ends. So a web
process never loads it, and a long run starts a new one for each part. Imports nothing of ours.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

import typst

HERE = Path(__file__).parent


def main() -> None:
    asked = json.load(sys.stdin)
    made_at = asked["made_at"] and datetime.fromisoformat(asked["made_at"])
    pdf = asked["output"] == "pdf"
    template = HERE / asked["template"]  # one of another package comes with its whole path
    made = typst.compile(
        template,
        root=template.parent,
        font_paths=[HERE / "fonts"],
        ignore_system_fonts=True,
        # As data, never as source: a name with markup in it is printed, not obeyed.
        sys_inputs={"data": asked["data"]},
        format=asked["output"],
        ppi=asked["ppi"],
        timestamp=made_at,
        pdf_standards=["a-2a"] if pdf else [],
    )
    first = made[0] if isinstance(made, list) else made  # of a picture the first page
    sys.stdout.buffer.write(first or b"")


if __name__ == "__main__":
    main()
