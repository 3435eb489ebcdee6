"""`portal languages`: the languages of citizens' pages, and the start of a new one."""

from copy import deepcopy
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from flask import current_app
from flask.cli import with_appcontext

from portal.i18n import LANGUAGES, TRANSLATIONS
from portal.language_packs import (
    CODE,
    NEAREST,
    done,
    first,
    read_packs,
    strings,
    translated,
)

# What this language has is what citizens read; staff pages are Indonesian and English.
FULL = "jv"
# These are in all languages for the employee who is judged, and packs are for citizens.
NOT_CITIZENS = ("portal/records/", "portal/desk/", "portal/templates/macros/")
SHOWN_BESIDE = {"en": "English", "jv": "Jawa"}


@click.command("languages")
@click.option("--new", "code", metavar="CODE", help="Begin a pack, such as bbc for Batak Toba.")
@click.option("--name", help="What the language is called on the button, with --new.")
@click.option("--nearest", type=click.Choice(NEAREST), default="id", show_default=True,
              help="Whose dates and numbers it takes, with --new.")  # fmt: skip
@click.option("--in", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="The folder of packs; else the one of PORTAL_LANGUAGE_PACKS.")  # fmt: skip
@with_appcontext
def languages(code: str | None, name: str | None, nearest: str, folder: Path | None) -> None:
    """List the languages of citizens' pages with how much of each is translated; or begin one."""
    folder = folder or current_app.config["SETTINGS"].language_packs
    if code is None:
        _list(folder)
        return
    if folder is None:
        raise click.UsageError("name the folder of packs with --in or PORTAL_LANGUAGE_PACKS")
    if not name or not CODE.fullmatch(code) or code in LANGUAGES:
        raise click.UsageError("--new wants a code such as bbc that is not shipped, and --name")
    path = _begin(folder / code, name, nearest)
    click.echo(f"Translate {path}, then set PORTAL_LANGUAGE_PACKS={folder} and start again.")


def _list(folder: Path | None) -> None:
    texts = _texts()
    for shipped, name in LANGUAGES.items():
        click.echo(f"{shipped}  {name}  {len(texts)} of {len(texts)}")
    for pack in read_packs(folder).values():
        ready = len(translated(pack) & {first(message) for message in texts})
        click.echo(f"{pack.code}  {pack.name}  {ready} of {len(texts)}")


def _begin(folder: Path, name: str, nearest: str) -> Path:
    """A pack with every text of citizens' pages, each beside what it is in languages we know."""
    path = folder / "messages.po"
    if path.exists():
        raise click.ClickException(f"{path} is there already")
    beside = {code: _catalogue(code) for code in SHOWN_BESIDE}
    started = Catalog(locale=None, charset="utf-8", fuzzy=False)
    for message in _texts():
        told = [
            f"{label}: {strings(known)[0]}"
            for language, label in SHOWN_BESIDE.items()
            if (known := beside[language].get(message.id, message.context)) and done(known)
        ]
        started.add(message.id, context=message.context, auto_comments=told)
    folder.mkdir(parents=True)
    about = f'name = "{name}"\nnearest = "{nearest}"\n'
    (folder / "pack.toml").write_text(about, encoding="utf-8")
    with path.open("wb") as file:
        write_po(file, started, width=100, omit_header=True)
    return path


def _texts() -> list[Message]:
    """What citizens read, in the order of the pages it stands on."""
    return [
        deepcopy(message)
        for message in _catalogue(FULL)
        if message.id and done(message) and any(_citizens(place) for place, _ in message.locations)
    ]


def _citizens(place: str) -> bool:
    return not place.startswith(NOT_CITIZENS)


def _catalogue(code: str) -> Catalog:
    with (TRANSLATIONS / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)
