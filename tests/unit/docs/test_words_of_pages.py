"""Pages say things as a paper of the field does."""

import re

import pytest

from docs.generators import commands, configuration, gallery, messages, notebooks, observables
from tests.support.pages import PAGES, ROOT

AVOIDED = {
    r"for ever\b(?!y)|goes on for|go on without end": "semi-infinite, repeated periodically",
    r"\bgo(es)? on\b|\bgone on\b": "continues, is resumed from",
    r"\banswers?\b": "responds, response; what computes it",
    r"\btold\b|\btells?\b": "named, distinguished, states, shows",
    r"\bturns? of\b": "iteration, phase factor, transposed, sign",
    r"\bjoined ends\b": "periodic directions",
    r"\bif (it|they) likes?\b": "may be",
    r"worth the name|to speak of": "no resolvable",
    r"\b(is|are) but\b|\ball but\b(?! (the|these|those))": "is a pure; nearly",
    r"\beights\b|\beightfold\b|\bbundles\b": "batches of eight fronts in vector lanes",
    r"\b(recieve|occured|seperat|dependan|accomodat|wich|teh)\w*": "the right spelling",
}
"""What stumbles, and what to write."""


def stumbling(text):
    """The words of a page that are avoided, and what to write."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    return {
        match[0]: instead
        for avoided, instead in AVOIDED.items()
        for match in re.finditer(avoided, prose, re.IGNORECASE)
    }


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_no_word_makes_a_reader_stumble(page):
    assert stumbling(page.read_text(encoding="utf-8")) == {}


GENERATED = (commands, configuration, gallery, messages, notebooks, observables)


@pytest.mark.parametrize("source", GENERATED, ids=lambda source: source.__name__.rpartition(".")[2])
def test_no_word_of_a_generated_page_does(source):
    """Headers of examples, descriptions of keys, help of commands: what to write, where it stands."""
    assert {path: words for path, text in source.pages().items() if (words := stumbling(text))} == {}


def test_what_is_avoided_is_found():
    for avoided in ("for ever", "goes on", "it answers", "as told", "no gap to speak of", "occured"):
        assert any(re.search(pattern, avoided, re.IGNORECASE) for pattern in AVOIDED)
    for fine in ("for every", "continues", "responds", "all but the last"):
        assert not any(re.search(pattern, fine, re.IGNORECASE) for pattern in AVOIDED)
