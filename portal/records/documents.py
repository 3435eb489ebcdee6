"""Documents for the files as PDF/A: a title and sections of words, facts and tables."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from portal.counters.printing.glyphs import STAND_IN
from portal.counters.printing.typesetting import typeset
from portal.i18n import gettext as _

_TEMPLATE = Path(__file__).with_name("document.typ")


@dataclass(frozen=True)
class Point:
    """A place along a chart, named in two lines `below` it: a figure with its ends in numbers and
    `told` in words, or none."""

    below: tuple[str, str]
    told: str = ""
    figure: tuple[float, float, float] | None = None  # its value, lower and upper end


@dataclass(frozen=True)
class Chart:
    """Figures over time between the levels at its foot and its head; `alt`: all of it in words."""

    alt: str
    levels: list[tuple[float, str]]
    points: list[Point]


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it: paragraphs, then terms with values, a chart, a table."""

    heading: str
    paragraphs: list[str] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    chart: Chart | None = None
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """All of it, in the language `lang`; `agency` stands above the title, `footer` below pages."""

    title: str
    agency: str
    lead: str
    lang: str
    footer: str
    sections: list[Section]


def as_pdf(document: Document, made_at: datetime) -> bytes:
    """A tagged PDF/A-2a, the same byte for byte of the same words and time. A character that no
    font here has, as an emoji, is replaced, which the last line then says. Raises NotTypeset."""
    told = _("Tanda %(mark)s menggantikan huruf atau gambar yang tidak dapat dicetak. Aslinya ada "
             "di portal.", mark=STAND_IN)  # fmt: skip
    data = asdict(document) | {"replaced_words": told}
    return typeset(str(_TEMPLATE), data, made_at=made_at)
