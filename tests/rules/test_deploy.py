"""What stands in deploy/ fits the program: settings, commands, options; extras in the guide."""

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

from click import Context

from portal.cli import main
from portal.config import Settings
from tests.conftest import missing

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
PROGRAM = "/opt/portal/bin/portal"


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_line_of_the_settings_file_is_a_setting_with_a_value_it_takes() -> None:
    found = re.findall(r"^(?:# )?PORTAL_([A-Z_]+)=(.*)$", text(DEPLOY / "portal.env"), re.MULTILINE)
    values = {name.lower(): "".join(shlex.split(value)) for name, value in found}
    assert values.keys() <= set(Settings.model_fields)
    made = values | {"secret_keys": "0" * 64, "contact_keys": ""}
    assert Settings(**made).production  # type: ignore[arg-type]


def test_every_unit_runs_a_command_of_the_portal_and_every_timer_has_its_service() -> None:
    for unit in UNITS:
        if unit.suffix == ".timer":
            assert unit.with_suffix(".service") in UNITS
            continue
        (line,) = re.findall(r"^ExecStart=(.*)$", text(unit), re.MULTILINE)
        program, name, *arguments = shlex.split(line)
        command = main.get_command(Context(main), name)
        assert program == PROGRAM
        assert command is not None
        command.make_context(name, arguments)  # an option that is not there is refused


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        missing("no systemd-analyze")
    for unit in UNITS:  # the program need not be where the recipe puts it
        (tmp_path / unit.name).write_text(text(unit).replace(PROGRAM, "/bin/echo"))
    files = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_understands_its_file(tmp_path: Path) -> None:
    if not shutil.which("nginx"):
        missing("no nginx")
    site = text(DEPLOY / "nginx" / "portal.conf").replace("/var/log/nginx", str(tmp_path))
    # Without its certificate, and on ports that anybody may open.
    site = re.sub(r"^ +ssl_certificate.*$|(?<=443) ssl", "", site, flags=re.MULTILINE)
    site = re.sub(r"(listen (?:\[::\]:)?)(\d+)", r"\g<1>18\2", site)
    kept = "".join(f"{one}_temp_path {tmp_path}/{one};" for one in TEMPORARY)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ {kept} {site} }}"
    )
    subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", "nginx.conf"], check=True, capture_output=True
    )


def test_the_guide_has_a_backup_made_before_the_doctor_asks_for_one_and_needs_no_sudo() -> None:
    guide = text(ROOT / "docs/operators.md")
    started = guide.index("systemctl start portal-backup.service")
    assert started < guide.index("portal doctor --public --backups")
    assert "sudo" not in guide


def test_the_guide_installs_extras_that_there_are() -> None:
    extras = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    found = re.findall(
        r"pip install '/opt/portal-source\[([\w,]+)\]'", text(ROOT / "docs/operators.md")
    )
    assert len(found) >= 2
    assert {name for names in found for name in names.split(",")} <= extras.keys()
    assert len(set(found)) == 1, "an upgrade installs what the first installation did"
