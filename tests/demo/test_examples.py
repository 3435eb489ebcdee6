"""The worked examples of the documents are the demo's own figures."""

import pytest

from benchmarks.examples import AS_OF, DOCUMENTS, END, START, examples
from tests.conftest import NOW
from tests.demo.conftest import Demo


@pytest.mark.parametrize("language", DOCUMENTS)
def test_documents_say_what_the_demo_says(demo: Demo, reading: None, language: str) -> None:
    """Red? `python -m benchmarks.examples --write`, and read whether the text still fits."""
    assert AS_OF == NOW
    document = DOCUMENTS[language].read_text(encoding="utf-8")
    told = document.split(START)[1].split(END)[0]
    assert told.strip() == examples(demo.guide, language)
