"""The worked examples of the documents are the demo's own figures."""

import pytest

from benchmarks.examples import AS_OF, BEFORE, DOCUMENTS, END, PERIOD, START, examples
from portal.i18n import rounded
from portal.records.queries import shown_score
from tests.conftest import NOW
from tests.demo.conftest import Demo


@pytest.mark.parametrize("language", DOCUMENTS)
def test_documents_say_what_the_demo_says(demo: Demo, reading: None, language: str) -> None:
    """Red? `python -m benchmarks.examples --write`, and read whether the text still fits."""
    assert AS_OF == NOW
    document = DOCUMENTS[language].read_text(encoding="utf-8")
    told = document.split(START)[1].split(END)[0]
    assert told.strip() == examples(demo.guide, language)


STORY = {"en": "story.md", "id": "kisah.md"}
TOLD = (
    ("attacked", PERIOD),
    ("weak_on_easy_service", BEFORE),
    ("weak_on_easy_service", PERIOD),
    ("strong_on_hard_service", BEFORE),
)


@pytest.mark.parametrize("language", STORY)
def test_the_story_tells_the_demos_scores(demo: Demo, reading: None, language: str) -> None:
    """Red? Put the figures into the story, and take its pictures again: python -m tests.film."""
    story = (DOCUMENTS[language].parent / STORY[language]).read_text(encoding="utf-8")
    for role, period in TOLD:
        shown = shown_score(1, demo.person(role)["id"], period)
        assert shown
        score = str(rounded(shown.score.score))
        assert (score if language == "en" else score.replace(".", ",")) in story
