"""`portal demo`: a city to try everything in, and the server in front of it."""

import os
import secrets
import socket
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from portal.config import Settings
from portal.counters import qr
from portal.counters.codes import scan_address, show_code
from portal.demo import building, guide
from portal.demo.accounts import PASSWORD
from portal.demo.actions import NotEmpty
from portal.operations.serving import run_server

HOST = "127.0.0.1"
SHOWN = 4  # scan addresses that are printed; demo.json has them all


@click.command("demo")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("instance/demo"),
    show_default=True,
    help="Folder of the demo: database, demo.json, mail.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-serve", is_flag=True, help="Only make the demo.")
@click.option(
    "--days",
    default=120,
    show_default=True,
    type=click.IntRange(14, 400),
    help="How many days of ratings lie behind today.",
)
@click.option("--seed", default=1, show_default=True, help="Another seed, another city.")
def demo(data: Path, port: int, no_serve: bool, days: int, seed: int) -> None:
    """Make a demonstration city and serve it.

    A finished demo in the folder is kept and served again. With PORTAL_DATABASE_URL the demo
    goes into that database, which must be empty. All accounts share one password, which is
    printed: never let the demo be reached from a public network.
    """
    if not no_serve:
        _refuse_busy_port(port)
    data.mkdir(parents=True, exist_ok=True)
    _prepare_environment(data.resolve(), port)
    settings = Settings()
    out = _console()
    if building.finished(data, settings):
        out.print(f"The demo in {data} is kept as it is.")
    else:
        _build(data, settings, days, seed, out)
    found = building.write_addresses(data, f"http://{HOST}:{port}", settings.public_url)
    _show(found, settings, data, out)
    if not no_serve:
        _serve(port)


def _console() -> Console:
    """Wide enough for the table where there is no terminal to ask."""
    out = Console(highlight=False, soft_wrap=True)
    return out if out.is_terminal else Console(highlight=False, soft_wrap=True, width=120)


def _refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = f"port {port} cannot be used ({error.strerror}); choose another with --port"
            raise click.ClickException(message) from None


def _prepare_environment(data: Path, port: int) -> None:
    """The settings of a demo, for this process and those it starts; what is set by hand stays."""
    os.environ["PORTAL_ENVIRONMENT"] = "development"
    os.environ["PORTAL_MAIL_BACKEND"] = "file"
    defaults = {
        "PORTAL_DATABASE_URL": f"sqlite:///{building.database_path(data)}",
        "PORTAL_MAIL_DIRECTORY": str(data / "mail"),
        "PORTAL_PUBLIC_URL": f"http://{HOST}:{port}",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    if "PORTAL_SECRET_KEYS" not in os.environ:
        os.environ["PORTAL_SECRET_KEYS"] = _secret_key(data / "secret.key")


def _secret_key(path: Path) -> str:
    """Made once and kept: sign-ins and rating forms outlive a restart of the demo."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii")


def _build(data: Path, settings: Settings, days: int, seed: int, out: Console) -> None:
    try:
        with out.status("Starting") as status:

            def say(text: str) -> None:
                status.update(text)
                if not out.is_terminal:
                    out.print(f"{text} …")

            building.build(data, settings, days=days, seed=seed, say=say)
    except NotEmpty:
        message = (
            "the database already has agencies; a demo goes into an empty one. Choose another "
            "folder with --data, or another PORTAL_DATABASE_URL"
        )
        raise click.ClickException(message) from None


def _show(found: dict[str, Any], settings: Settings, data: Path, out: Console) -> None:
    """What one needs to begin: address, accounts, a code to scan."""
    table = Table(title="Accounts")
    table.add_column("role", no_wrap=True)
    table.add_column("e-mail", no_wrap=True)
    table.add_column("sees")
    for account in found["accounts"]:
        offices = ", ".join(account["offices"]) or f"all of {account['agency']}"
        table.add_row(account["role"], account["email"], offices)
    first = found["scan"][0]
    out.print(f"\n{guide.summary(found)}. Everything about them stands in {data / 'demo.json'}.")
    out.print(table)
    out.print(f"Password of all accounts: [bold]{PASSWORD}[/bold]")
    out.print(f"Sign in: {found['base_url']}/sign-in\n")
    out.print("Rate somebody:")
    for entry in found["scan"][:SHOWN]:
        out.print(f"  {entry['url']}  {entry['office']}, {entry['counter']}")
    for entry in found["displays"]:
        out.print(f"  {entry['url']}  screen at {entry['office']}, {entry['counter']}")
    for entry in found["kiosks"][:1]:
        out.print(f"  {entry['url']}  kiosk at {entry['office']}, {entry['counter']}")
    for entry in found["tickets"][:1]:
        out.print(f"  {entry['url']}  one of {len(found['tickets'])} visit tickets")
    click.echo(qr.terminal(scan_address(settings.public_url, first["code"])))
    out.print(f"{first['office']}, {first['counter']}: {show_code(first['code'])}\n")
    out.print(f"[bold]Suara Loket: {found['base_url']}[/bold]   (stop with Ctrl+C)")


def _serve(port: int) -> None:
    """A fresh process in place of this one, which has grown with what building needed."""
    sys.stdout.flush()
    if sys.platform == "win32":
        run_server(HOST, port, with_tick=True)
    else:
        serve = ["-m", "portal.cli", "serve", "--host", HOST, "--port", str(port), "--with-tick"]
        os.execv(sys.executable, [sys.executable, *serve])  # noqa: S606
