"""`portal settings`: what is set now, or what can be set."""

import os

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from portal.config import Settings


@click.command("settings")
@click.option("--doc", is_flag=True, help="Every setting with its default, as a Markdown table.")
def settings(doc: bool) -> None:
    """Show the settings as the portal reads them (secrets hidden), or document them."""
    if doc:
        click.echo(document())
        return
    current = Settings()
    for name in Settings.model_fields:
        given = " (set)" if f"PORTAL_{name.upper()}" in os.environ else ""
        click.echo(f"PORTAL_{name.upper()}={_shown(name, current)}{given}")


def document() -> str:
    """The table of all settings that stands in the operator's guide."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    lines += [
        f"| `PORTAL_{name.upper()}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(lines)


def _shown(name: str, current: Settings) -> str:
    if name == "database_url":
        return current.sqlalchemy_url.render_as_string(hide_password=True)
    value = getattr(current, name)
    if isinstance(value, list):
        return ",".join(map(str, value))
    if name == "redis_url" and isinstance(value, SecretStr):
        return "**********"
    return "" if value is None else str(value)


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if isinstance(value, list):
        value = ",".join(map(str, value))
    return "none" if value in {None, ""} else f"`{value}`"
