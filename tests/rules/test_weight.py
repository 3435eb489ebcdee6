"""What a web process loads at its start: heavy libraries wait until they are needed."""

import subprocess
import sys
from pathlib import Path

HEAVY = ("scipy", "numpy", "typst", "qrcode", "PIL", "phonenumbers", "xlsxwriter", "duckdb")


def test_heavy_libraries_are_not_loaded_before_they_are_needed(tmp_path: Path) -> None:
    program = (
        "import sys; from portal import create_app; from portal.config import Settings; "
        f"create_app(Settings(database_url='sqlite:///{tmp_path}/portal.db')); "
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []
