"""Bring every catalogue up to date with the texts of code and templates: `make translations`.

What is new comes in empty, what nobody says any more leaves; the header holds nothing that
changes from run to run, so a difference in version control is a difference in texts.
"""

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
# Babel knows no plural forms of Indonesian, Javanese and Sundanese: a noun has one.
ONE_FORM = "nplurals=1; plural=0;"
PLURAL_FORMS = {"en": "nplurals=2; plural=(n != 1);"}
HEADER = """\
# Suara Loket in the language {language}. The source texts are Indonesian; messages of libraries,
# listed in translations/library_messages.py, are English.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def texts() -> Catalog:
    """Every text of code and templates, as pyproject.toml says where they are."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "messages.pot"
        keywords = ("-k", "_l", "-k", "lazy_gettext", "-k", "_lp:1c,2", "-k", "_n:1,2")
        subprocess.run(  # noqa: S603  no word of it comes from outside
            [
                *(sys.executable, "-m", "babel.messages.frontend", "-q", "extract"),
                *("-F", "pyproject.toml", *keywords, "--sort-output", "-o", str(path), "."),
            ],
            cwd=HERE.parent,
            check=True,
        )
        with path.open("rb") as file:
            return read_po(file)


def renew(path: Path, template: Catalog) -> Catalog:
    """A catalogue with exactly the texts there are now, and the translations it had."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    # A new message would be one object in all catalogues, with the translation of one of them.
    catalogue.update(deepcopy(template), no_fuzzy_matching=True)
    for message in catalogue:
        if message.id and not isinstance(message.id, str):
            forms = (*message.string, *([""] * catalogue.num_plurals))
            message.string = forms[: catalogue.num_plurals]
    return catalogue


def save(path: Path, catalogue: Catalog) -> None:
    language = path.parts[-3]
    header = HEADER.format(language=language, plural_forms=PLURAL_FORMS.get(language, ONE_FORM))
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(
            file,
            catalogue,
            width=100,
            omit_header=True,
            include_lineno=False,
            ignore_obsolete=True,
        )


def main() -> None:
    template = texts()
    for path in sorted(HERE.glob("*/LC_MESSAGES/messages.po")):
        save(path, renew(path, template))


if __name__ == "__main__":
    main()
