"""What citizens read is plain: short sentences, everyday words, nothing of offices or computers.

The sentences are short in every language; the lists of words are Indonesian.
"""

import re

import pytest

from tests.rules.test_translations import CITIZENS, forms, key, messages, said

# These speak to the employee who is judged.
NOT_CITIZENS = ("portal/records/", "portal/templates/macros/")
LONGEST = 20  # words of a sentence; readers new to reading lose the thread of longer ones
OFFICIALESE = (
    "apabila|dikarenakan|dimohon|diharapkan|tersebut|sebagaimana|dalam rangka|guna|bersangkutan|"
    "adapun|dimaksud|sehubungan|selanjutnya|merupakan|senantiasa|agar supaya|terlampir|melakukan|"
    "integritas|responden|indikator|persepsi|partisipasi|implementasi|optimal|verifikasi|autentikasi"
)
COMPUTERESE = (
    "submit|error|token|server|link|browser|peramban|input|database|basis data|parameter|"
    "notifikasi|cache|cookie|kuki|script|javascript|offline|online|valid|invalid"
)
KEYS = said(*(place for place in CITIZENS if not place.startswith(NOT_CITIZENS)))
TEXTS = sorted({form for one in KEYS for form in one})


def texts(language: str) -> list[str]:
    """What citizens read in a language; Indonesian is the source itself."""
    if language == "id":
        return TEXTS
    translated = (forms(one.string) for one in messages(language) if key(one) in KEYS)
    return sorted({form for told in translated for form in told})


def sentences(text: str) -> list[str]:
    plain = re.sub(r"%\(\w+\)\w|\{\w+\}|<[^>]+>", "x", text)
    return re.split(r"(?<=[.!?:;])\s+", plain)


def test_there_are_texts_to_read() -> None:
    assert len(TEXTS) > 150


@pytest.mark.parametrize("words", [OFFICIALESE, COMPUTERESE], ids=["office", "computer"])
def test_no_text_speaks_like_an_office_or_a_computer(words: str) -> None:
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    assert [text for text in TEXTS if pattern.search(text)] == []


@pytest.mark.parametrize("language", ["id", "en", "jv", "su"])
def test_every_sentence_is_short(language: str) -> None:
    long = [
        sentence
        for text in texts(language)
        for sentence in sentences(text)
        if len(re.findall(r"\w+", sentence)) > LONGEST
    ]
    assert long == []
