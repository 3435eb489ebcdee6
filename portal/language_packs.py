"""Languages that a region adds without code: a folder each, with its name and its texts.

    packs/bbc/pack.toml      name = "Batak Toba"   nearest = "id"
    packs/bbc/messages.po    the texts of citizens' pages, made by `portal languages --new`

What a pack leaves untranslated is read in Indonesian; dates and numbers are those of the
nearest language that the portal ships.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po

CODE = re.compile(r"[a-z]{2,3}")  # ISO 639
NEAREST = ("id", "en", "jv", "su")
LONGEST_NAME = 40
_PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w+\}|</?\w+>")


class BadPack(ValueError):
    """The pack cannot be used; the message says what is wrong, and in which file."""


@dataclass(frozen=True)
class Pack:
    """One language: its code and name, whose dates it takes, and where its texts are."""

    code: str
    name: str
    nearest: str
    catalogue: Path


def read_packs(folder: Path | None) -> dict[str, Pack]:
    """The packs in a folder by code, in the order of their codes; raises BadPack."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise BadPack(f"{folder}: there is no such folder")
    return {
        path.name: _pack(path)
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith(".")
    }


def translated(pack: Pack) -> set[str]:
    """The texts that a pack has."""
    return {first(message) for message in _messages(pack.catalogue) if done(message)}


def _pack(folder: Path) -> Pack:
    code = folder.name
    if not CODE.fullmatch(code) or code in NEAREST:
        raise BadPack(f"{folder}: not the ISO 639 code of a language that the portal lacks")
    about = _about(folder / "pack.toml")
    name, nearest = about.get("name"), about.get("nearest", "id")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        raise BadPack(f"{folder}/pack.toml: name is missing, or longer than {LONGEST_NAME}")
    if nearest not in NEAREST:
        raise BadPack(f"{folder}/pack.toml: nearest is one of {', '.join(NEAREST)}")
    catalogue = folder / "messages.po"
    for message in _messages(catalogue):
        _check(message, catalogue)
    return Pack(code, name.strip(), nearest, catalogue)


def _about(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadPack(f"{path}: {error}") from error


def _messages(path: Path) -> list[Message]:
    try:
        with path.open("rb") as file:
            return [message for message in read_po(file, abort_invalid=True) if message.id]
    except (OSError, ValueError, PoFileError) as error:
        raise BadPack(f"{path}: {error}") from error


def _check(message: Message, path: Path) -> None:
    """A translation has the placeholders of its text, or a page would fail."""
    wanted = set(_PLACEHOLDER.findall(first(message)))
    for text in strings(message):
        if text and set(_PLACEHOLDER.findall(text)) != wanted:
            raise BadPack(f"{path}: {text!r} wants {', '.join(sorted(wanted)) or 'no placeholder'}")


def first(message: Message) -> str:
    """A text, or the first form of one that counts."""
    return str(message.id if isinstance(message.id, str) else message.id[0])


def strings(message: Message) -> tuple[str, ...]:
    """The translation, or its forms; empty ones where there is none."""
    found = message.string
    return (found,) if isinstance(found, str) else tuple(found or ("",))


def done(message: Message) -> bool:
    """Whether it is translated in all its forms."""
    return all(strings(message)) and not message.fuzzy
